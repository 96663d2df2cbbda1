"""What `db status` tells about the embedded server."""

from __future__ import annotations

import asyncio
import os
import time
from datetime import timedelta
from pathlib import Path

from tripsage_tui.data import leases, postmaster
from tripsage_tui.data.cluster import version_of
from tripsage_tui.data.errors import DataError
from tripsage_tui.data.schema_setup import schema_version
from tripsage_tui.data.server_files import ServerAddress, ServerFiles, is_locked


async def server_status(files: ServerFiles) -> dict[str, object]:
    """Facts by name; those that only a running server has are absent without one."""
    server = postmaster.running(files.cluster)
    try:
        version = version_of(files.cluster)
    except ValueError:
        version = None
    facts: dict[str, object] = {
        "running": server is not None,
        "version": version,
        "data_dir": str(files.data_dir),
        "size_bytes": await asyncio.to_thread(size_of, files.cluster),
        "programs": len(leases.living(files.leases)),
    }
    if server is None:
        return facts
    state = files.read_state()
    facts |= {
        "pid": server.pid,
        "uptime": str(timedelta(seconds=max(0, int(time.time()) - server.started))),
        "socket": ServerAddress(server.socket_dir).socket_path,
        "keeper": keeper_pid(files),
        "kept": bool(state and state.keep),
    }
    try:
        facts["schema"] = await schema_version(ServerAddress(server.socket_dir))
    except DataError:
        facts["schema"] = None
    return facts


def keeper_pid(files: ServerFiles) -> int | None:
    """Process id of the keeper, None when there is none."""
    if not is_locked(files.keeper_lock):
        return None
    try:
        return int(files.keeper_lock.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder; what vanishes while it is read counts nothing."""
    total = 0
    for directory, _, names in os.walk(folder):
        for name in names:
            try:
                total += Path(directory, name).lstat().st_size
            except OSError:
                continue
    return total
