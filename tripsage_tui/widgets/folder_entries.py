"""What stands in a folder of this computer and begins like a path that is being typed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

MOST = 200
"""Entries that are offered."""
_LOOKED_AT = 5_000
"""Entries of a folder that are read at most, so that a huge one does not hold up the keys."""


@dataclass(frozen=True)
class FolderEntry:
    """What stands in a folder; `size` is bytes, 0 for folders."""

    name: str
    is_folder: bool
    size: int = 0


def entries(typed: str, *, folders_only: bool = False, anywhere: bool = False) -> list[FolderEntry]:
    """What begins like the last part of a typed path, folders first; hidden entries only when a dot was typed.

    `anywhere` takes names that have that part in their middle as well. What cannot be read has no entries.
    """
    folder, begun = split(typed)
    try:
        with os.scandir(Path(folder or ".").expanduser()) as there:
            fitting = (entry for entry in islice(there, _LOOKED_AT) if _fits(entry.name, begun, anywhere=anywhere))
            found = [kind for entry in fitting if (kind := _kind(entry, folders_only=folders_only))]
    except (OSError, RuntimeError):  # RuntimeError: ~ of a user who does not exist
        return []
    found.sort(key=lambda entry: (not entry.is_folder, entry.name.casefold()))
    return found[:MOST]


def split(typed: str) -> tuple[str, str]:
    """The folder of a typed path, with its slash, and what was begun in it."""
    folder, slash, begun = typed.rpartition("/")
    return folder + slash, begun


def _fits(name: str, begun: str, *, anywhere: bool) -> bool:
    # A name with control characters cannot be typed or shown as it is.
    if not name.isprintable() or name.startswith(".") > begun.startswith("."):
        return False
    return begun.casefold() in name.casefold() if anywhere else name.casefold().startswith(begun.casefold())


def _kind(entry: os.DirEntry[str], *, folders_only: bool) -> FolderEntry | None:
    try:
        if entry.is_dir():
            return FolderEntry(entry.name, True)
        if folders_only or not entry.is_file():
            return None
        return FolderEntry(entry.name, False, entry.stat().st_size)
    except OSError:
        return None
