"""Reading everything a user owns, in pieces: for moving it elsewhere, and for seeing that it has arrived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tripsage_tui.data.database import Database
from tripsage_tui.data.rows import decode
from tripsage_tui.data.transfer_tables import (
    ATTACHMENTS,
    CONVERSATIONS,
    FAMILIES,
    MEMORIES,
    TABLES,
    TRIPS,
    Column,
    Table,
    tables_of,
)

Row = dict[str, Any]
Rows = dict[str, list[Row]]
"""Rows by table, each by column: JSON's types, numbers exact, times as ISO 8601 in UTC."""

_ME = "(select private.current_user_id())"
_PAGE = 20_000

# A file that nobody can vouch for does not move, nor does one in the trash.
_SOUND = """t.deleted_at is null and t.upload_status = 'completed' and t.checksum is not null
  and t.virus_scan_status is distinct from 'infected'"""
_OWN_FILE = f"""case when t.trip_id is null then t.user_id = {_ME}
  else t.trip_id in (select x.id from public.trips x where x.user_id = {_ME}) end"""

_OUTLINE = {
    TRIPS: f"""
select t.id::text, t.name, 1 + coalesce(p.rows, 0) as rows, null::text as below
from public.trips t
left join (
  select x.trip_id, count(*) as rows
  from ({" union all ".join(f"select trip_id from public.{each.name}" for each in tables_of(TRIPS) if each.stage)}) x
  group by x.trip_id
) p on p.trip_id = t.id
where t.user_id = {_ME} order by t.id
""",
    CONVERSATIONS: f"""
select t.id::text, coalesce(t.title, ''), 1 + 2 * (
  select count(*) from public.chat_messages m where m.session_id = t.id
) as rows, null::text as below
from public.chat_sessions t where t.user_id = {_ME} order by t.created_at, t.id
""",
    # A vector is as much to send as a dozen rows.
    MEMORIES: f"""
select t.id::text, left(t.content, 60), case when t.embedding is null then 1 else 6 end as rows,
       t.superseded_by::text as below
from public.memories t where t.user_id = {_ME} order by t.id
""",
    ATTACHMENTS: f"""
select t.id::text, t.filename, 1::bigint as rows, null::text as below
from public.file_attachments t
where {_SOUND} and {_OWN_FILE}
order by t.created_at, t.id
""",
}

_UNSENT = """
select t.id::text from public.file_attachments t
where t.id = any ($1::text[]::uuid[]) and t.upload_status <> 'completed' and t.deleted_at is null
"""

_LINKS = f"""
select l.id, l.source_user, l.kind, l.source_id, l.target_id, l.state, l.source_digest, l.target_digest
from public.transferred_rows l
where l.user_id = {_ME} and ($1::uuid[] is null or l.source_user = any ($1)) and l.id > $2
order by l.id limit {_PAGE}
"""

_ADDRESSES = f"""
select (select array_agg(k.service order by k.service) from public.api_keys k where k.user_id = {_ME}) as services,
  (select count(*) from public.search_destinations where user_id = {_ME})
  + (select count(*) from public.search_activities where user_id = {_ME})
  + (select count(*) from public.search_flights where user_id = {_ME})
  + (select count(*) from public.search_hotels where user_id = {_ME}) as searches,
  (select count(*) from public.file_attachments t
   where {_OWN_FILE} and t.deleted_at is null and not ({_SOUND})) as files,
  (select array_agg(t.name order by t.id) from public.trips t where t.user_id <> {_ME}) as shared,
  (select json_agg(json_build_object('trip', t.name, 'name', p.name, 'level', p.permission_level) order by t.id, p.id)
   from public.trips t cross join lateral public.trip_people(t.id) p
   where t.user_id = {_ME} and p.id is not null
     and exists (select from public.trip_collaborators c where c.trip_id = t.id))::text as members,
  (select json_agg(json_build_object('trip_id', t.id, 'trip', t.name, 'email', i.email, 'level', i.permission_level)
                   order by t.id, i.id)
   from public.trip_invitations i join public.trips t on t.id = i.trip_id
   where t.user_id = {_ME} and i.expires_at > statement_timestamp())::text as invitations
"""


@dataclass(frozen=True, slots=True)
class Root:
    """A trip, a conversation or a memory, with how many rows hang on it; `below` is the memory that replaced it."""

    id: str
    title: str
    rows: int
    below: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A row that came from elsewhere: which it is here. State `allotted`: it is still to be written."""

    source_user: UUID
    kind: str
    source_id: str
    target_id: str
    state: str
    source_digest: str | None = None
    target_digest: str | None = None


@dataclass(frozen=True)
class LeftBehind:
    """What does not move: services with a key, answers of searches, files that are not complete, trips of others, and
    people of own trips.
    """

    services: tuple[str, ...] = ()
    searches: int = 0
    files: int = 0
    shared_trips: tuple[str, ...] = ()
    members: tuple[Mapping[str, Any], ...] = ()
    invitations: tuple[Mapping[str, Any], ...] = ()


class TransferReading:
    """Everything of the signed-in user; errors are those of `data.errors`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def outline(self, family: str) -> list[Root]:
        """The roots of a family, in the order in which they were made."""
        rows = await self._database.fetch(_OUTLINE[family], name="transfer.outline")
        return [Root(*row) for row in rows]

    async def rows(self, family: str, roots: Sequence[str], *, vectors: bool) -> Rows:
        """The rows of these roots, by table and id. Without `vectors` a vector is only told by its digest."""
        if not roots:
            return {table.name: [] for table in tables_of(family)}
        found = await self._database.fetch(_READ[family, vectors], list(roots), name="transfer.read")
        return {row[0]: [_plain(TABLES[row[0]], each) for each in decode(row[1])] for row in found}

    async def rows_by_id(self, ids: Mapping[str, Sequence[str]]) -> Rows:
        """Rows of any table by their ids."""
        found: Rows = {}
        for name, wanted in ids.items():
            if wanted:
                text = await self._database.fetchval(_BY_ID[name], list(wanted), name="transfer.read")
                found[name] = [_plain(TABLES[name], each) for each in decode(text)]
        return found

    async def links(self, users: Sequence[UUID] | None = None) -> list[Link]:
        """What came from other databases; only from these users of theirs, where given."""
        found: list[Link] = []
        last = 0
        while True:
            page = await self._database.fetch(
                _LINKS, None if users is None else list(users), last, name="transfer.links"
            )
            found += [Link(*row[1:]) for row in page]
            if len(page) < _PAGE:
                return found
            last = page[-1][0]

    async def unsent(self, ids: Sequence[str]) -> set[str]:
        """Which of these attachments have not arrived completely."""
        rows = await self._database.fetch(_UNSENT, list(ids), name="transfer.unsent")
        return {row[0] for row in rows}

    async def left_behind(self) -> LeftBehind:
        """What does not move."""
        row = await self._database.fetchrow(_ADDRESSES, name="transfer.left_behind")
        if row is None:  # pragma: no cover  (a select without from has a row)
            return LeftBehind()
        return LeftBehind(
            tuple(row["services"] or ()),
            row["searches"],
            row["files"],
            tuple(row["shared"] or ()),
            tuple(decode(row["members"] or "[]")),
            tuple(decode(row["invitations"] or "[]")),
        )


def _selected(column: Column, *, vectors: bool) -> str:
    match column.kind:
        case "stamp":
            return f"t.{column.name} at time zone 'UTC' as {column.name}"
        case "owner":
            return f"case when t.{column.name} = {_ME} then 'owner' end as {column.name}"
        case "path":
            return f"coalesce(substring(t.{column.name} from '\\.[A-Za-z0-9]{{1,8}}$'), '') as {column.name}"
        case "vector" if vectors:
            return f"t.{column.name}::text as {column.name}"
        case "vector":
            text = f"convert_to(t.{column.name}::text, 'UTF8')"
            return f"'sha256:' || encode(sha256({text}), 'hex') as {column.name}"
    return f"t.{column.name}"


def _select(table: Table, where: str, *, vectors: bool) -> str:
    columns = ", ".join(_selected(column, vectors=vectors) for column in table.columns)
    mine = f"t.user_id = {_ME} and " if table.has_user and not table.of_others else ""
    return (
        f"coalesce((select json_agg(x order by x.id) from "
        f"(select {columns} from public.{table.name} t where {mine}{where}) x), '[]')::text"
    )


def _by_id(table: Table) -> str:
    return f"t.id = any ($1::text[]::{'bigint' if table.numbered else 'uuid'}[])"


def _read(family: str, *, vectors: bool) -> str:
    return " union all ".join(
        f"select '{table.name}', {_select(table, table.under or _by_id(table), vectors=vectors)}"
        for table in tables_of(family)
    )


_READ = {(family, vectors): _read(family, vectors=vectors) for family in FAMILIES for vectors in (False, True)}
_BY_ID = {table.name: f"select {_select(table, _by_id(table), vectors=False)}" for table in TABLES.values()}


def _plain(table: Table, row: Row) -> Row:
    for column in table.columns:
        if column.kind == "stamp" and (text := row[column.name]) is not None:
            row[column.name] = _in_utc(text)
    return row


def _in_utc(text: str) -> str:
    if "infinity" in text:
        return text
    return f"{text[:-3]}+00:00 BC" if text.endswith(" BC") else f"{text}+00:00"
