"""Turns what the system or PostgreSQL says about a failed start into one sentence with the remedy."""

from __future__ import annotations

import errno
import re
from pathlib import Path

_ELSEWHERE = "choose another folder with --data-dir or TRIPSAGE_DATA_DIR"
_FULL = {errno.ENOSPC, errno.EDQUOT}
_CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS}


def about_system_error(error: OSError, data_dir: Path) -> str:
    """One sentence about an error of the file system below the data folder."""
    if error.errno in _FULL:
        return _full(data_dir)
    if error.errno in _CLOSED:
        return f"The folder {data_dir} cannot be written ({error.strerror}): {_ELSEWHERE}."
    if isinstance(error, FileExistsError | NotADirectoryError):
        return f"{error.filename or data_dir} is not a folder: move it away or {_ELSEWHERE}."
    return f"The folder {data_dir} cannot be used ({error.strerror or error}): {_ELSEWHERE}."


def about_server_output(said: str, data_dir: Path, log: Path) -> str:
    """One sentence about what one of PostgreSQL's programs printed before it failed."""
    if is_about_space(said):
        return _full(data_dir)
    if "Read-only file system" in said or "Permission denied" in said:
        return f"PostgreSQL cannot write below {data_dir}: {_ELSEWHERE}."
    if "wrong ownership" in said:
        return f"The database in {data_dir} belongs to another user: start as that user, or {_ELSEWHERE}."
    if "allocate memory" in said or "shared memory segment" in said:
        return "There is not enough memory for the database: close other programs and start again."
    if "incompatible with server" in said:
        return f"The database in {data_dir} was made by another version of PostgreSQL: {_ELSEWHERE}."
    reason = re.findall(r"(?:FATAL|PANIC|error|ERROR):\s*(.+)", said)
    what = f" ({reason[-1].strip().rstrip('.')})" if reason else ""
    return f"PostgreSQL did not start{what}: {log} and {data_dir / 'postgres' / 'log'} say more."


def is_about_space(said: str) -> bool:
    """Whether a program failed because the disk is full."""
    return "No space left on device" in said or "Disk quota exceeded" in said


def _full(data_dir: Path) -> str:
    return f"The disk that holds {data_dir} is full: free some space and start again."
