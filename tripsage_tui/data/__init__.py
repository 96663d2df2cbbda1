"""The asyncpg data layer: the only package that contains SQL or opens a database connection.

It owns connections, identity tickets as they reach the server, retries, metrics and the repositories that return
models. It must not know Textual, screens or settings files.
"""
