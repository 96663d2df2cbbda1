"""Places from bundled data, offline: airports with their cities and time zones. No database, no terminal."""
