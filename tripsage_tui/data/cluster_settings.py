"""The settings of the embedded server: modest, nothing acknowledged lost, nothing secret logged."""

from __future__ import annotations

from tripsage_tui.data.server_files import PORT

_SETTINGS = f"""\
# Written by tripsage-tui whenever it starts the server; changes here are lost. Put yours into local.conf beside it.
listen_addresses = ''
port = {PORT}
unix_socket_permissions = 0700
max_connections = 100
cluster_name = 'tripsage'
timezone = 'UTC'

# Little memory, few processes, a small log; every commit still reaches the disk.
shared_buffers = 64MB
huge_pages = off
effective_cache_size = 1GB
random_page_cost = 1.1
jit = off
wal_level = minimal
max_wal_senders = 0
max_logical_replication_workers = 0
min_wal_size = 16MB
max_wal_size = 256MB
checkpoint_timeout = 15min
# A program that was suspended or lost its terminal must not hold its locks for ever.
idle_in_transaction_session_timeout = 5min

# The server's own events only. Errors of statements can quote values, and values can be tickets or keys.
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_rotation_age = 1d
log_rotation_size = 0
log_truncate_on_rotation = on
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_statement = none
log_min_duration_statement = -1
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_checkpoints = off
"""
LOCAL_SETTINGS = "local.conf"
"""The user's own settings; ours to keep, not to change."""
_SINCE_18 = "io_method = sync\n"

ACCESS = """\
# Written by tripsage-tui. Who can enter the socket's folder is the owner; nobody else can reach the server.
local all all trust
"""
"""pg_hba.conf."""


def settings_for(version: int) -> str:
    """The configuration file for a major version of PostgreSQL."""
    return _SETTINGS + (_SINCE_18 if version >= 18 else "") + f"include_if_exists = '{LOCAL_SETTINGS}'\n"
