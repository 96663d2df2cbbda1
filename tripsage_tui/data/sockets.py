"""The folder of the server's socket: private to the OS user, and short enough for the name of a socket."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path

from tripsage_tui.data.accounts import Account, hand_over, open_the_way
from tripsage_tui.data.server_files import ServerFiles, write_private

LONGEST = 103
"""Bytes that the path of a socket may have (macOS 103, Linux 107)."""
_LONGEST_NAME = len("/.s.PGSQL.50432")


def socket_folder(files: ServerFiles, account: Account | None) -> Path:
    """A folder for the socket, made if needed: below the data folder, or where that path is too long for a socket in
    the user's runtime folder, or in a fresh folder with a random name that a note remembers.

    Raises `OSError`, or `ValueError` when no path is short enough.
    """
    usual = files.folder / "socket"
    if _short_enough(usual):
        usual.mkdir(mode=0o700, exist_ok=True)
        usual.chmod(0o700)
        hand_over(usual, account)
        return usual
    if folder := _runtime_folder(files, account) or _remembered(files, account):
        return folder
    for base in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - only for a folder with a random name, mode 0700
        if _short_enough(Path(base, "tripsage-12345678")):
            folder = Path(tempfile.mkdtemp(prefix="tripsage-", dir=base))
            hand_over(folder, account)
            open_the_way(folder, account)
            write_private(files.socket_note, str(folder))
            return folder
    raise ValueError("no folder with a short enough name for a socket")


def _short_enough(folder: Path) -> bool:
    return len(os.fsencode(folder)) + _LONGEST_NAME <= LONGEST


def _runtime_folder(files: ServerFiles, account: Account | None) -> Path | None:
    """`$XDG_RUNTIME_DIR/tripsage-<hash>`, if that is a private folder of this user."""
    base = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    if account is not None or not base.is_absolute() or not _is_private(base, os.geteuid()):
        return None
    digest = hashlib.sha256(os.fsencode(files.cluster)).hexdigest()[:16]
    folder = base / f"tripsage-{digest}"
    if not _short_enough(folder):
        return None
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    return folder if _is_private(folder, os.geteuid()) else None


def _remembered(files: ServerFiles, account: Account | None) -> Path | None:
    try:
        folder = Path(files.socket_note.read_text(encoding="utf-8"))
        return folder if _is_private(folder, account.uid if account else os.geteuid()) else None
    except (OSError, ValueError):
        return None


def _is_private(folder: Path, uid: int) -> bool:
    """A real folder (no link) of this user that nobody else can enter."""
    try:
        about = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(about.st_mode) and about.st_uid == uid and not about.st_mode & 0o077
