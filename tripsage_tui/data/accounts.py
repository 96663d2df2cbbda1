"""Which OS user the embedded server runs as, and what that user is allowed to reach.

PostgreSQL refuses to run as root. When the program is root, the server runs as the user who owns the cluster already,
else as the system account `tripsage-db`, which is made for it (no password, no shell, no home), else, where accounts
cannot be made, as an unprivileged account that exists. That account is given the right to pass through the folders
above its files and nothing more: an access control entry for it alone where the file system has those, otherwise
`o+x`; never the right to list or read them. Everybody else's server runs as themselves and nothing is granted.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

NAME = "tripsage-db"
_INSTEAD = ("pgserver", "postgres", "daemon", "nobody")


class Account(NamedTuple):
    """An OS user that the server runs as instead of root."""

    name: str
    uid: int
    gid: int


def server_account(cluster: Path) -> Account | None:
    """The account to run the server as, or None: as ourselves. Raises `LookupError` when root finds none to use."""
    if os.geteuid() != 0:
        return None
    if cluster.exists() and (owner := cluster.stat().st_uid) != 0:
        return _by_uid(owner)
    return _named(NAME) or _create() or _first_of(_INSTEAD)


def run_as(account: Account | None) -> dict[str, Any]:
    """Arguments for `subprocess` that make the child run as this account, without any of root's groups."""
    return {} if account is None else {"user": account.uid, "group": account.gid, "extra_groups": []}


def hand_over(path: Path, account: Account | None) -> None:
    """Make the account the owner of a file or folder (not of what a link points to)."""
    if account is not None:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def open_the_way(path: Path, account: Account | None) -> None:
    """Let the account pass through every folder above `path`."""
    if account is not None:
        for folder in reversed(path.resolve().parents):
            _allow_passing(folder, account)


def open_package(folder: Path, account: Account | None) -> None:
    """Let the account read an installed package of public files (a strict umask at installation closes it)."""
    if account is None:
        return
    for directory, _, files in os.walk(folder):
        _add_mode(Path(directory), stat.S_IROTH | stat.S_IXOTH)
        for name in files:
            path = Path(directory, name)
            executable = stat.S_IXOTH if path.lstat().st_mode & stat.S_IXUSR else 0
            _add_mode(path, stat.S_IROTH | executable)


def _by_uid(uid: int) -> Account:
    entry = pwd.getpwuid(uid)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _named(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid) if entry.pw_uid != 0 else None


def _create() -> Account | None:
    """Make the system account; None where the system has no tool for it or does not let us."""
    shell = shutil.which("nologin", path="/usr/sbin:/sbin:/usr/bin:/bin") or "/bin/false"
    if tool := shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin"):
        options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", shell]
    elif tool := shutil.which("adduser", path="/usr/sbin:/sbin:/usr/bin:/bin"):  # BusyBox
        options = ["-S", "-D", "-H", "-h", "/nonexistent", "-s", shell]
    else:
        return None
    for _ in range(3):  # another program may be making it at the same time
        subprocess.run([tool, *options, NAME], capture_output=True, check=False, timeout=30)  # noqa: S603 - fixed words
        if account := _named(NAME):
            return account
    return None


def _first_of(names: tuple[str, ...]) -> Account:
    for name in names:
        if account := _named(name):
            return account
    raise LookupError("no unprivileged OS user")


def _add_mode(path: Path, bits: int) -> None:
    about = path.lstat()
    if not stat.S_ISLNK(about.st_mode) and about.st_mode & bits != bits:
        path.chmod(stat.S_IMODE(about.st_mode) | bits)


def _allow_passing(folder: Path, account: Account) -> None:
    about = folder.stat()
    if about.st_uid == account.uid:
        needed = stat.S_IXUSR
    elif about.st_gid == account.gid:
        needed = stat.S_IXGRP
    else:
        needed = stat.S_IXOTH
    if about.st_mode & needed or _grant_passing(folder, account, about.st_mode):
        return
    folder.chmod(stat.S_IMODE(about.st_mode) | needed)


# Access control lists as Linux keeps them (linux/posix_acl_xattr.h): a version, then (tag, permissions, id) entries.
_ACL = "system.posix_acl_access"
_VERSION = struct.pack("<I", 2)
_ENTRY = struct.Struct("<HHI")
_OWNER, _USER, _GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NOBODY = 0xFFFFFFFF
_PASS = 1


def _grant_passing(folder: Path, account: Account, mode: int) -> bool:
    """Add an entry for this account alone; False where the file system or the system has no such lists."""
    if sys.platform != "linux":
        return False
    try:
        raw = os.getxattr(folder, _ACL)
        entries = list(_ENTRY.iter_unpack(raw[len(_VERSION) :]))
    except OSError:
        entries = [(_OWNER, mode >> 6 & 7, _NOBODY), (_GROUP, mode >> 3 & 7, _NOBODY), (_OTHER, mode & 7, _NOBODY)]
    group = next(bits for tag, bits, _ in entries if tag == _GROUP)
    mask = next((bits for tag, bits, _ in entries if tag == _MASK), group) | _PASS
    others = [entry for entry in entries if entry[0] != _MASK and entry[::2] != (_USER, account.uid)]
    before = next((bits for tag, bits, who in entries if (tag, who) == (_USER, account.uid)), 0)
    ours = [(_USER, before | _PASS, account.uid), (_MASK, mask, _NOBODY)]
    wanted = sorted([*others, *ours], key=lambda entry: entry[::2])
    if wanted == sorted(entries, key=lambda entry: entry[::2]):
        return True
    try:
        os.setxattr(folder, _ACL, _VERSION + b"".join(_ENTRY.pack(*entry) for entry in wanted))
    except OSError:
        return False
    return True
