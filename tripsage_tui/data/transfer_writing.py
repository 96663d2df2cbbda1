"""Writing what was moved here: ids first, rows in transactions that note what they have written, nothing twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from tripsage_tui.data.database import Database
from tripsage_tui.data.errors import DataError
from tripsage_tui.data.exact_json import dumps
from tripsage_tui.data.transactions import Transaction
from tripsage_tui.data.transfer_reading import Link
from tripsage_tui.data.transfer_tables import CONVERSATIONS, FAMILIES, TABLES, Table, stages_of

_ME = "(select private.current_user_id())"
_AT_ONCE = 2000

_ALLOT = """
with issued as (select private.issue_ids($2::text[]) as ids)
insert into public.transferred_rows (user_id, source_user, kind, source_id, target_id)
select private.current_user_id(), $1, w.kind, w.source_id, i.ids[w.n]
from issued i cross join unnest($2::text[], $3::text[]) with ordinality as w (kind, source_id, n)
order by w.n
on conflict (user_id, source_user, kind, source_id) do nothing
returning source_user, kind, source_id, target_id, state
"""
_ALLOT_ANEW = f"""
with issued as (select private.issue_ids($2::text[]) as ids)
update public.transferred_rows l set target_id = i.ids[w.n], state = 'allotted', source_digest = null,
       target_digest = null, written_at = null
from issued i cross join unnest($2::text[], $3::text[], $4::text[]) with ordinality as w (kind, source_id, target_id, n)
where l.user_id = {_ME} and l.source_user = $1 and l.kind = w.kind and l.source_id = w.source_id
  and l.target_id = w.target_id
returning l.source_user, l.kind, l.source_id, l.target_id, l.state
"""
_MATCHED = f"""
insert into public.transferred_rows (user_id, source_user, kind, source_id, target_id, state, written_at)
select private.current_user_id(), $1, 'memories', w.source_id, w.target_id, 'matched', statement_timestamp()
from unnest($2::text[], $3::text[]) as w (source_id, target_id)
on conflict (user_id, source_user, kind, source_id) do update set
  target_id = excluded.target_id, state = 'matched', written_at = excluded.written_at
where transferred_rows.state = 'allotted' and transferred_rows.user_id = {_ME}
"""
_SAME_MEMORIES = f"""
select m.content_hash, m.id::text from public.memories m
where m.user_id = {_ME} and m.content_hash = any ($1::text[]) and m.deleted_at is null and m.superseded_by is null
"""
_MARK = f"""
update public.transferred_rows l set state = 'written', written_at = statement_timestamp(),
       source_digest = w.source_digest, target_digest = w.target_digest
from jsonb_to_recordset($1::text::jsonb) as w (kind text, source_id text, target_id text, source_digest text,
                                              target_digest text)
where l.user_id = {_ME} and l.source_user = $2 and l.kind = w.kind and l.source_id = w.source_id
  and l.target_id = w.target_id and l.state = 'allotted'
returning l.id
"""
# Where a row had come from before it came from there.
_ELDERS = """
insert into public.transferred_rows (user_id, source_user, kind, source_id, target_id, state, written_at)
select private.current_user_id(), w.source_user, w.kind, w.source_id, w.target_id, 'written', statement_timestamp()
from jsonb_to_recordset($1::text::jsonb) as w (source_user uuid, kind text, source_id text, target_id text)
on conflict (user_id, source_user, kind, source_id) do nothing
returning id
"""
_STATES = f"""
select count(*) from public.transferred_rows l
join jsonb_to_recordset($1::text::jsonb) as w (kind text, source_id text, target_id text)
  on l.kind = w.kind and l.source_id = w.source_id and l.target_id = w.target_id
where l.user_id = {_ME} and l.source_user = $2 and l.state = 'written'
"""
_LATER = "set constraints public.chat_sessions_active_message_fkey deferred"


class Overtaken(DataError):
    """Another transfer has written some of these rows in the meantime; nothing of this one was kept."""

    sentence = "Another transfer into the same place is running. Wait for it and start this one again."


class Occupied(DataError):
    """Ids that were allotted are taken by rows of somebody else; nothing was kept, and others can be allotted."""

    def __init__(self, taken: Mapping[str, Sequence[str]]) -> None:
        super().__init__("Ids were taken by somebody else. Start the transfer again: it takes others.")
        self.taken = taken


class TransferWriting:
    """Into the database of the signed-in user; errors are those of `data.errors`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def allot(self, source_user: UUID, rows: Sequence[tuple[str, str]]) -> list[Link]:
        """An id for each row (table, id over there), in this order. Those that have one already are not returned."""
        found: list[Link] = []
        for start in range(0, len(rows), _AT_ONCE):
            part = rows[start : start + _AT_ONCE]
            given = await self._database.fetch(
                _ALLOT, source_user, [kind for kind, _ in part], [id_ for _, id_ in part],
                name="transfer.allot", write=True, idempotent=True,
            )  # fmt: skip
            found += [Link(*row) for row in given]
        return found

    async def allot_anew(self, links: Sequence[Link]) -> list[Link]:
        """Other ids for rows whose ids cannot be used (any more)."""
        found: list[Link] = []
        by_user: dict[UUID, list[Link]] = {}
        for link in links:
            by_user.setdefault(link.source_user, []).append(link)
        for user, group in by_user.items():
            for start in range(0, len(group), _AT_ONCE):
                part = group[start : start + _AT_ONCE]
                given = await self._database.fetch(
                    _ALLOT_ANEW, user, [each.kind for each in part], [each.source_id for each in part],
                    [each.target_id for each in part], name="transfer.allot_anew", write=True, idempotent=True,
                )  # fmt: skip
                found += [Link(*row) for row in given]
        return found

    async def same_memories(self, hashes: Iterable[str]) -> dict[str, str]:
        """Memories here that say the same, by the hash of what they say."""
        rows = await self._database.fetch(_SAME_MEMORIES, list(hashes), name="transfer.same_memories")
        return {row[0]: row[1] for row in rows}

    async def match(self, source_user: UUID, pairs: Sequence[tuple[str, str]]) -> None:
        """Note that memories (over there, here) are the same, so that nothing is written for them."""
        if pairs:
            await self._database.execute(
                _MATCHED, source_user, [each[0] for each in pairs], [each[1] for each in pairs],
                name="transfer.match", idempotent=True,
            )  # fmt: skip

    async def write(
        self,
        family: str,
        rows: Mapping[str, Sequence[Mapping[str, object]]],
        marks: Sequence[Mapping[str, str]],
        elders: Sequence[Mapping[str, str]],
        source_user: UUID,
    ) -> None:
        """Insert rows (as JSON takes them, by table, with their ids) and note that they are written.

        `marks`: kind, source_id, target_id and both digests of each row; `elders`: where rows had come from before.
        Raises Overtaken, Occupied, and what the database says about a row that it does not accept.
        """
        noted = dumps(list(marks))

        async def work(transaction: Transaction) -> None:
            marked = await transaction.fetch(_MARK, noted, source_user)
            if len(marked) != len(marks):
                # A lost answer to a commit looks like this, too.
                if await transaction.fetchval(_STATES, noted, source_user) == len(marks):
                    return
                raise Overtaken
            if family == CONVERSATIONS:
                await transaction.execute(_LATER)
            for stage, (sql, tables) in enumerate(_INSERT[family]):
                if any(rows.get(table.name) for table in tables):
                    await _insert(transaction, sql, tables, rows)
                if elders and not stage:
                    await transaction.fetch(_ELDERS, dumps(list(elders)))

        await self._database.transact(work, name="transfer.write", idempotent=True)


async def _insert(
    transaction: Transaction,
    sql: str,
    tables: Sequence[Table],
    rows: Mapping[str, Sequence[Mapping[str, object]]],
) -> None:
    payload = [dumps(rows.get(table.name, [])) for table in tables]
    done = {row[0]: set(row[1]) for row in await transaction.fetch(sql, *payload)}
    taken = {
        table.name: missing
        for table in tables
        if (missing := [str(row["id"]) for row in rows.get(table.name, ()) if str(row["id"]) not in done[table.name]])
    }
    if taken:
        raise Occupied(taken)


def _insert_into(table: Table, number: int) -> str:
    names = ", ".join(table.names)
    values = ", ".join(f"r.{name}" for name in table.names)
    user, me = ("user_id, ", "private.current_user_id(), ") if table.has_user else ("", "")
    return f"""{table.name}_done as (
  insert into public.{table.name} ({user}{names}) overriding system value
  select {me}{values} from jsonb_populate_recordset(null::public.{table.name}, ${number}::text::jsonb) r order by r.id
  on conflict (id) do nothing
  returning id
)"""


def _statement(tables: Sequence[Table]) -> str:
    inserts = ",\n".join(_insert_into(table, number) for number, table in enumerate(tables, start=1))
    counts = "\nunion all ".join(
        f"select '{table.name}', coalesce(array_agg(id::text), '{{}}') from {table.name}_done" for table in tables
    )
    return f"with {inserts}\n{counts}"


_INSERT: Mapping[str, Sequence[tuple[str, Sequence[Table]]]] = {
    family: [(_statement(stage), stage) for stage in stages_of(family)] for family in FAMILIES
}
TABLE_NAMES = tuple(TABLES)
