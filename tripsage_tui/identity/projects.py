"""The hosted projects that this user knows: one connection file each, which nobody else may read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tripsage_tui.identity.project_files import (
    LONGEST_FILE,
    Project,
    ProjectError,
    as_toml,
    read_name,
    read_project,
)

__all__ = ["Project", "ProjectError", "Projects", "as_toml", "read_project"]


class Projects:
    """The folder `projects` beside the configuration file. Methods raise ProjectError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """What --project takes, readable or not."""
        try:
            return sorted(path.stem for path in self.folder.glob("*.toml"))
        except OSError as error:
            raise ProjectError(f"The folder {self.folder} cannot be read: {error.strerror}.") from error

    def list(self) -> list[Project]:
        """All projects by name; those whose file cannot be used are left out (`get` says why)."""
        found = []
        for name in self.names():
            try:
                found.append(self.get(name))
            except ProjectError:
                continue
        return found

    def get(self, name: str) -> Project:
        """The project of that name."""
        path = self._path(name)
        try:
            project = read_project(_read_own(path))
        except FileNotFoundError:
            known = ", ".join(self.names()) or "none yet"
            raise ProjectError(
                f"There is no project {name}. Projects: {known}. `tripsage-tui connect FILE` adds one."
            ) from None
        except OSError as error:
            raise ProjectError(f"{path} cannot be read: {error.strerror}.") from error
        except ProjectError as error:
            raise ProjectError(f"{path}: {error}") from None
        if project.name != name:
            raise ProjectError(f"{path} is the file of the project {project.name}: `tripsage-tui connect` it again.")
        return project

    def add(self, text: str, *, name: str | None = None, folder: Path | None = None) -> Project:
        """Keep a connection file's text under its name or the given one; one of the same project is replaced.

        `folder` is where a relative path in it begins.
        """
        from dataclasses import replace

        project = read_project(text, folder=folder)
        if name is not None:
            project = replace(project, name=read_name(name))
        path = self._path(project.name)
        if path.exists() and (other := self._url_of(project.name)) not in {None, project.url}:
            raise ProjectError(f"The name {project.name} is taken by {other}: give this one another with --name.")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.folder.chmod(0o700)
            write_privately(path, as_toml(project))
        except OSError as error:
            raise ProjectError(f"{path} cannot be written: {error.strerror}.") from error
        return project

    def remove(self, name: str) -> None:
        """Forget it."""
        try:
            self._path(name).unlink()
        except FileNotFoundError:
            raise ProjectError(f"There is no project {name}.") from None
        except OSError as error:
            raise ProjectError(f"{self._path(name)} cannot be removed: {error.strerror}.") from error

    def _path(self, name: str) -> Path:
        return self.folder / f"{read_name(name)}.toml"

    def _url_of(self, name: str) -> str | None:
        try:
            return self.get(name).url
        except ProjectError:
            return None  # what cannot be used may be replaced


def write_privately(path: Path, text: str) -> None:
    """Write a file of mode 0600, whole or not at all. Raises OSError."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.unlink(missing_ok=True)
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(text)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _read_own(path: Path) -> str:
    """The text of a file that only its owner may read. Raises OSError, ProjectError."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        facts = os.fstat(file.fileno())
        if facts.st_uid != os.geteuid() or stat.S_IMODE(facts.st_mode) & 0o077 or not stat.S_ISREG(facts.st_mode):
            raise ProjectError("others can read it, and it holds a password: chmod 600 it.")
        return decoded(file.read(LONGEST_FILE + 1))


def decoded(content: bytes) -> str:
    """A connection file's bytes as text. Raises ProjectError."""
    if len(content) > LONGEST_FILE:
        raise ProjectError("The file is too large to be a connection file.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ProjectError(f"The file is not UTF-8 text: see line {line}.") from None
