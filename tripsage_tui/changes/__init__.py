"""Writes that can be taken back: each goes through a repository and puts its inverse on the undo stack.

Nothing here knows a widget or a terminal: screens, forms, the assistant and shell commands call it, and errors of the
data layer pass through.
"""
