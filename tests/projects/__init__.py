"""The operator's side of hosted projects: setting one up, and saying what is wrong with a connection."""
