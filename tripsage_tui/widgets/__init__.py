"""Reusable Textual widgets. They are given values and post messages; they know nothing of the database."""
