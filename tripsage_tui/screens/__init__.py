"""Textual screens, one module per mode or dialog. They call repositories; no SQL and no business rule lives here."""
