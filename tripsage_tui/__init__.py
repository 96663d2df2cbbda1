"""tripsage_tui: a keyboard-driven trip planner for the terminal, on PostgreSQL behind row level security."""

__version__ = "0.1.0"
