"""What the shell commands do: one module per command, imported only when it is called. Owns no rule and no SQL."""
