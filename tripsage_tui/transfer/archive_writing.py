"""Writing everything a user owns into one file: complete or not at all, readable by its owner alone."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from tripsage_tui import __version__
from tripsage_tui.data.exact_json import dumps
from tripsage_tui.data.transfer_reading import Row
from tripsage_tui.data.transfer_tables import ATTACHMENTS, FAMILIES, TABLES, Table, tables_of
from tripsage_tui.transfer.archive_format import FORMAT, LINEAGE, MANIFEST, README, VERSION, ArchiveError, member_of
from tripsage_tui.transfer.batches import batches_of
from tripsage_tui.transfer.titles import WORDS
from tripsage_tui.transfer.worlds import Files, Source

Say = Callable[[str, int, int], None]
_SPOOL = 4 * 2**20
_CHUNK = 2**20


async def write_archive(
    source: Source, path: Path, *, files: Files | None = None, replace: bool = False, say: Say = lambda *_: None
) -> dict[str, int]:
    """Write `path`; how many rows of each table. Raises ArchiveError, and what reading raises.

    Without `files` the records of attachments are left out with their bytes.
    """
    with (
        _partial(path, replace=replace) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive,
    ):
        return await _Writing(source, archive, files, say).write()


class _Writing:
    def __init__(self, source: Source, archive: zipfile.ZipFile, files: Files | None, say: Say) -> None:
        self._source = source
        self._archive = archive
        self._files = files
        self._say = say
        self._members: dict[str, dict[str, object]] = {}
        self._rows = dict.fromkeys(TABLES, 0)
        self._ids: dict[str, set[str]] = {name: set() for name in TABLES}

    async def write(self) -> dict[str, int]:
        titles: list[str] = []
        for family in FAMILIES:
            if family == ATTACHMENTS and self._files is None:
                continue
            titles += await self._family(family)
        lineage = [
            dumps({"kind": each.kind, "id": each.target_id, "user": str(each.source_user), "earlier": each.source_id})
            for each in await self._source.links()
        ]
        self._put(LINEAGE, "".join(f"{line}\n" for line in lineage).encode())
        left = await self._source.left_behind()
        who = self._source.who
        self._put(README, _readme(who.name, titles, self._rows).encode())
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "program": __version__,
            "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "who": {"user_id": str(who.user_id), "name": who.name, "place": who.place},
            "rows": self._rows,
            "left_behind": {
                "services": list(left.services),
                "searches": left.searches,
                "files": left.files,
                "shared_trips": list(left.shared_trips),
                "members": [dict(each) for each in left.members],
                "invitations": [dict(each) for each in left.invitations],
            },
            "members": self._members,
        }
        self._archive.writestr(MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False, default=str))
        return self._rows

    async def _family(self, family: str) -> list[str]:
        roots = await self._source.outline(family)
        total, done = len(roots), 0
        with ExitStack() as stack:
            spools: dict[str, IO[bytes]] = {
                table.name: stack.enter_context(tempfile.SpooledTemporaryFile(max_size=_SPOOL))
                for table in tables_of(family)
            }
            for batch in batches_of(roots):
                rows = await self._source.rows(family, [root.id for root in batch], vectors=True)
                for kind, group in rows.items():
                    self._ids[kind].update(str(row["id"]) for row in group)
                for kind, group in rows.items():
                    kept = [row for row in group if self._stands_alone(TABLES[kind], row)]
                    if family == ATTACHMENTS:
                        kept = [row for row in kept if await self._bytes(row)]
                    spools[kind].writelines(_line(TABLES[kind], row) for row in kept)
                    self._rows[kind] += len(kept)
                done += len(batch)
                self._say(WORDS[tables_of(family)[0].name][1], done, total)
            for kind, spool in spools.items():
                spool.seek(0)
                self._stream(member_of(kind), spool)
        return [root.title for root in roots] if family == FAMILIES[0] else []

    def _stands_alone(self, table: Table, row: Row) -> bool:
        """Leave out links to what is not in the file (somebody else's trip); False for a row that cannot be without."""
        for column in table.references:
            value = row[column.name]
            if value is not None and str(value) not in self._ids[column.table or ""]:
                if column.name in table.required:
                    return False
                row[column.name] = None
        return True

    async def _bytes(self, row: Row) -> bool:
        """The content of an attachment; False for one that cannot be had, which then stays out."""
        copy = None if self._files is None else await self._files.copy_of(str(row["id"]))
        if copy is None:
            return False
        with copy.open("rb") as file:
            self._stream(f"attachments/{row['id']}/{copy.name[:200]}", file)
        return True

    def _put(self, name: str, content: bytes) -> None:
        self._archive.writestr(name, content)
        self._members[name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}

    def _stream(self, name: str, file: IO[bytes]) -> None:
        digest, size = hashlib.sha256(), 0
        with self._archive.open(zipfile.ZipInfo(name, _now()), "w", force_zip64=True) as member:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                member.write(chunk)
        self._members[name] = {"bytes": size, "sha256": digest.hexdigest()}


def _line(table: Table, row: Row) -> bytes:
    """One row as one line, its columns in the order of the table."""
    return ("{" + ", ".join(f'"{name}": {dumps(row[name])}' for name in table.names) + "}\n").encode()


def _now() -> tuple[int, int, int, int, int, int]:
    now = datetime.now(UTC)
    return (now.year, now.month, now.day, now.hour, now.minute, now.second)


@contextmanager
def _partial(path: Path, *, replace: bool) -> Iterator[IO[bytes]]:
    """A file beside `path` that takes its place when all of it is on disk. Raises ArchiveError."""
    if path.is_dir():
        raise ArchiveError(f"{path} is a folder: name a file in it, such as {path / 'tripsage.zip'}.")
    if path.exists() and not replace:
        raise ArchiveError(f"{path} exists already: choose another name, or say --replace.")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        _tidy(path)
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(handle, "w+b") as file:
            os.fchmod(handle, 0o600)
            yield file
            file.flush()
            os.fsync(handle)
        part.replace(path)
        folder = os.open(path.absolute().parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def _tidy(path: Path) -> None:
    """Remove what programs that were killed while they wrote this file have left beside it."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        pid = left.name.split(".")[-2]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists() and Path("/proc/self").exists():
            left.unlink(missing_ok=True)


def _readme(name: str, titles: list[str], rows: dict[str, Any]) -> str:
    counts = "\n".join(f"  {member_of(kind):<32} {number:>8}" for kind, number in rows.items() if number)
    trips = "\n".join(f"  {' '.join(title.split())}" for title in titles)
    return f"""Everything that {name} has in tripsage-tui, written by version {__version__}.

Each file below data/ holds the rows of one table: one JSON object a line, times in UTC, amounts exact.
attachments/ holds the files themselves, one folder each, named by the row of data/file_attachments.jsonl.
manifest.json has sizes and checksums of all of it. Keys of outside services are not in here.

Bring it back with: tripsage-tui transfer --from THIS-FILE --to local

{counts}

Trips:
{trips}
"""
