"""Benchmarks: each module prints a table and compares within one run. `make bench` runs all of them."""
