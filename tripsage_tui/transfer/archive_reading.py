"""Reading a transfer file: all of it is looked at before anything is believed, and nothing is unpacked by its name."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from tripsage_tui.data.rows import decode
from tripsage_tui.data.transfer_reading import LeftBehind, Link, Root, Row, Rows
from tripsage_tui.data.transfer_tables import ATTACHMENTS, FAMILIES, MEMORIES, TABLES, Table, tables_of
from tripsage_tui.models.attachments import SIZE_LIMIT
from tripsage_tui.models.file_names import safe_name
from tripsage_tui.transfer.archive_format import (
    FORMAT,
    LARGEST_MANIFEST,
    LINEAGE,
    LONGEST_LINE,
    MANIFEST,
    MEMBER,
    MOST_DATA,
    MOST_INFLATION,
    MOST_MEMBERS,
    README,
    SMALL,
    VERSION,
    ArchiveError,
    member_of,
)
from tripsage_tui.transfer.checking import read_object, read_row
from tripsage_tui.transfer.worlds import Traveller

_CHUNK = 2**20
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


@dataclass
class _Index:
    """Where the rows of a table lie in the spool, and which hang on which root."""

    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    below: dict[str, list[str]] = field(default_factory=dict)
    roots: dict[str, str] = field(default_factory=dict)


class ArchiveSource:
    """A source that is a file; close it when done, or use it as a context manager."""

    def __init__(self, path: Path) -> None:
        """Opens and checks all of it. Raises ArchiveError."""
        self._path = path
        self._spool = tempfile.TemporaryFile(prefix="tripsage-transfer-")  # noqa: SIM115  closed by close
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._index = {name: _Index() for name in TABLES}
        self._outline: dict[str, list[Root]] = {family: [] for family in FAMILIES}
        self._links: list[Link] = []
        self._contents: dict[str, str] = {}
        try:
            self._read()
        except ArchiveError:
            self.close()
            raise
        except _UNREADABLE as error:
            self.close()
            raise ArchiveError(f"{path.name} cannot be read: {_reason(error)}.") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove what was laid out for reading."""
        self._spool.close()
        if self._folder is not None:
            self._folder.cleanup()

    @property
    def who(self) -> Traveller:
        return self._who

    async def outline(self, family: str) -> list[Root]:
        return self._outline[family]

    async def rows(self, family: str, roots: Sequence[str], *, vectors: bool) -> Rows:
        found: Rows = {}
        for number, table in enumerate(tables_of(family)):
            index = self._index[table.name]
            ids = roots if not number else [each for root in roots for each in index.below.get(root, ())]
            rows = [self._row(index, each) for each in ids if each in index.places]
            found[table.name] = sorted(rows, key=lambda row: row["id"])
        return found

    async def links(self) -> list[Link]:
        return self._links

    async def left_behind(self) -> LeftBehind:
        return self._left_behind

    async def copy_of(self, attachment_id: str) -> Path | None:
        """The content of an attachment, laid out under a safe name. Raises ArchiveError when it is damaged."""
        member = self._contents.get(attachment_id)
        if member is None:
            return None
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="tripsage-transfer-")
        place = Path(self._folder.name) / attachment_id
        place.mkdir(exist_ok=True, mode=0o700)
        copy = place / safe_name(member.rpartition("/")[2])
        with zipfile.ZipFile(self._path) as archive, copy.open("wb") as file:
            file.writelines(self._chunks(archive, member))
        return copy

    def _row(self, index: _Index, id_: str) -> Row:
        place, size = index.places[id_]
        self._spool.seek(place)
        row: Row = decode(self._spool.read(size).decode())
        return row

    def _read(self) -> None:
        with zipfile.ZipFile(self._path) as archive:
            self._manifest(archive)
            for table in TABLES.values():
                if member_of(table.name) in self._members:
                    self._table(archive, table)
            for number, line in enumerate(self._lines(archive, LINEAGE), start=1):
                self._links.append(_link(read_object(line, f"lineage.jsonl, line {number},")))
        self._check_references()
        for family in FAMILIES:
            self._outline[family] = [self._root(family, each) for each in self._index[_root_of(family)].places]

    def _manifest(self, archive: zipfile.ZipFile) -> None:
        infos = {info.filename: info for info in archive.infolist()}
        if len(infos) != len(archive.infolist()) or len(infos) > MOST_MEMBERS:
            raise ArchiveError(f"{self._path.name} is damaged: it holds a file twice, or too many.")
        told = infos.pop(MANIFEST, None)
        if told is None or told.file_size > LARGEST_MANIFEST:
            raise ArchiveError(f"{self._path.name} is not a transfer file of tripsage-tui.")
        manifest = read_object(archive.read(told), "The manifest")
        if manifest.get("format") != FORMAT or not isinstance(manifest.get("version"), int):
            raise ArchiveError(f"{self._path.name} is not a transfer file of tripsage-tui.")
        if manifest["version"] > VERSION:
            raise ArchiveError(f"{self._path.name} was written by a newer version of the program: update this one.")
        try:
            who, left = manifest["who"], manifest["left_behind"]
            self._who = Traveller(UUID(who["user_id"]), str(who["name"]), self._path.name)
            self._left_behind = LeftBehind(
                tuple(map(str, left["services"])),
                int(left["searches"]),
                int(left["files"]),
                tuple(map(str, left["shared_trips"])),
                tuple(dict(each) for each in left["members"]),
                tuple(dict(each) for each in left["invitations"]),
            )
            self._members: Mapping[str, tuple[int, str]] = {
                str(name): (int(each["bytes"]), str(each["sha256"])) for name, each in manifest["members"].items()
            }
        except (KeyError, TypeError, ValueError, AttributeError):
            raise ArchiveError(f"{self._path.name} is damaged: its manifest is incomplete.") from None
        self._check_members(infos)

    def _check_members(self, infos: Mapping[str, zipfile.ZipInfo]) -> None:
        name = self._path.name
        if infos.keys() != self._members.keys() or LINEAGE not in infos:
            raise ArchiveError(f"{name} is damaged: it does not hold what its manifest says.")
        data = 0
        for member, info in infos.items():
            size = self._members[member][0]
            found = MEMBER.fullmatch(member)
            if member not in {README, LINEAGE} and (found is None or (found["table"] or "trips") not in TABLES):
                raise ArchiveError(f"{name} holds a file that does not belong there: {safe_name(member)}.")
            if info.file_size != size or info.flag_bits & 1:
                raise ArchiveError(f"{name} is damaged: {safe_name(member)} is not as its manifest says.")
            if size > SMALL and size > MOST_INFLATION * max(info.compress_size, 1):
                raise ArchiveError(f"{name} is not what it seems: {safe_name(member)} would grow beyond measure.")
            if found is not None and found["id"]:
                if size > SIZE_LIMIT:
                    raise ArchiveError(f"{name} holds an attachment that is too large: {safe_name(member)}.")
                self._contents[found["id"]] = member
            else:
                data += size
        if data > MOST_DATA:
            raise ArchiveError(f"{name} holds more than this program reads at once.")

    def _chunks(self, archive: zipfile.ZipFile, member: str) -> Iterator[bytes]:
        """The content of a member, never more than was said, and as it was said. Raises ArchiveError."""
        size, expected = self._members[member]
        damaged = ArchiveError(f"{self._path.name} is damaged: {safe_name(member)} is not as its manifest says.")
        digest, come = hashlib.sha256(), 0
        try:
            with archive.open(member) as file:
                while chunk := file.read(_CHUNK):
                    come += len(chunk)
                    if come > size:
                        raise damaged
                    digest.update(chunk)
                    yield chunk
        except _UNREADABLE as error:
            raise damaged from error
        if come != size or digest.hexdigest() != expected:
            raise damaged

    def _lines(self, archive: zipfile.ZipFile, member: str) -> Iterator[bytes]:
        rest = b""
        for chunk in self._chunks(archive, member):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > LONGEST_LINE:
                raise ArchiveError(f"{self._path.name} is damaged: {safe_name(member)} has a line without an end.")
            yield from lines
        if rest:
            yield rest

    def _table(self, archive: zipfile.ZipFile, table: Table) -> None:
        index = self._index[table.name]
        for number, line in enumerate(self._lines(archive, member_of(table.name)), start=1):
            where = f"{table.name}.jsonl, line {number},"
            row = read_row(table, line, where)
            id_ = str(row["id"])
            if id_ in index.places:
                raise ArchiveError(f"{where} is damaged: this id was there before.")
            index.places[id_] = (self._spool.tell(), len(line))
            self._spool.write(line)
            if table.stage:
                root = self._root_of_row(table, row)
                if root is None:
                    raise ArchiveError(f"{where} belongs to something that is not in the file.")
                index.roots[id_] = root
                index.below.setdefault(root, []).append(id_)

    def _root_of_row(self, table: Table, row: Row) -> str | None:
        """The trip or conversation that a row hangs on, if the file has it."""
        if "message_id" in row and table.name == "chat_tool_calls":
            return self._index["chat_messages"].roots.get(str(row["message_id"]))
        column = "trip_id" if "trip_id" in row else "session_id"
        root = str(row[column])
        return root if root in self._index[_root_of(table.family)].places else None

    def _check_references(self) -> None:
        for table in TABLES.values():
            index = self._index[table.name]
            for id_ in index.places:
                row = self._row(index, id_)
                for column in table.references:
                    value = row[column.name]
                    if value is None or str(value) in self._index[column.table or ""].places:
                        continue
                    # What a conversation is about may be somebody else's trip; such a link is not in the file.
                    raise ArchiveError(
                        f"{table.name}.jsonl refers to a row that is not in the file ({column.name} of {id_})."
                    )

    def _root(self, family: str, id_: str) -> Root:
        row = self._row(self._index[_root_of(family)], id_)
        title = next((str(row[name]) for name in ("name", "title", "filename", "content") if row.get(name)), "")
        rows = 1 + sum(len(self._index[table.name].below.get(id_, ())) for table in tables_of(family)[1:])
        below = str(row["superseded_by"]) if family == MEMORIES and row["superseded_by"] is not None else None
        return Root(id_, title[:60], rows if family != ATTACHMENTS else 1, below)


def _root_of(family: str) -> str:
    return tables_of(family)[0].name


def _link(row: Mapping[str, Any]) -> Link:
    with contextlib.suppress(KeyError, ValueError, TypeError):
        kind, id_, earlier = str(row["kind"]), str(row["id"]), str(row["earlier"])
        if kind in TABLES and len(id_) <= 64 and len(earlier) <= 64:
            return Link(UUID(row["user"]), kind, earlier, id_, "written")
    raise ArchiveError("lineage.jsonl is damaged: it does not say where rows came from.")


def _reason(error: BaseException) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "it is damaged, or not a transfer file"
