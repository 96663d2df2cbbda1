"""Writing what is new: ids for all of it first, then batch by batch, each in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from tripsage_tui.data.errors import Forbidden, InvalidValue, NotFound
from tripsage_tui.data.transfer_reading import Link, Root, Row
from tripsage_tui.data.transfer_tables import FAMILIES, TABLES, Table, tables_of
from tripsage_tui.data.transfer_writing import Occupied
from tripsage_tui.transfer.batches import together
from tripsage_tui.transfer.comparing import Batch, Comparison
from tripsage_tui.transfer.digests import content_digest, digest
from tripsage_tui.transfer.references import Missing, remapped
from tripsage_tui.transfer.resolving import ALLOTTED, MATCHED, WRITTEN, Key, Resolution
from tripsage_tui.transfer.titles import WORDS
from tripsage_tui.transfer.worlds import DatabaseWorld, Source

_ATTEMPTS = 3


@dataclass(frozen=True)
class Failure:
    """Something that the target does not accept, and why."""

    family: str
    title: str
    reason: str


@dataclass
class Copied:
    """What this run has written: digests by table and id over there, as they must be read again."""

    digests: dict[Key, str] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)


class Copying:
    """`say` hears how far it is: what, how many rows of it, of how many."""

    def __init__(
        self,
        source: Source,
        target: DatabaseWorld,
        resolution: Resolution,
        say: Callable[[str, int, int], None],
    ) -> None:
        self._source = source
        self._target = target
        self._resolution = resolution
        self._say = say
        self._places: dict[Key, int] = {}
        self._failed: set[Key] = set()

    async def copy(self, comparison: Comparison) -> Copied:
        """Everything that is new. Raises DataError where going on makes no sense; what was written stays."""
        copied = Copied()
        self._places = comparison.places
        user = self._source.who.user_id
        await self._target.writing.match(user, comparison.known)
        self._resolution.learn(Link(user, "memories", here, there, MATCHED) for here, there in comparison.known)
        self._resolution.learn(await self._target.writing.allot_anew(comparison.gone_links))
        await self._allot(comparison.batches)
        for family in FAMILIES:
            batches = [batch for batch in comparison.batches if batch.family == family and batch.new]
            total, done = sum(len(batch.new) for batch in batches), 0
            for batch in batches:
                await self._write(batch, copied)
                done += len(batch.new)
                self._say(WORDS[tables_of(family)[0].name][1], done, total)
        return copied

    async def _allot(self, batches: Iterable[Batch]) -> None:
        """Ids in the order of the old ones: a message comes after the one that it answers."""
        places = {name: place for place, name in enumerate(TABLES)}
        keys = sorted(
            (key for batch in batches for key in batch.new), key=lambda key: (places[key[0]], len(key[1]), key[1])
        )
        keys = [key for key in keys if self._resolution.direct(key) is None]
        user = self._source.who.user_id
        given = await self._target.writing.allot(user, keys)
        if len(given) < len(keys):  # the answer got lost, or another transfer was faster
            given = await self._target.reading.links([user])
        self._resolution.learn(given)

    async def _write(self, batch: Batch, copied: Copied) -> None:
        """One batch; where the target does not accept it, its halves, so that one odd row stops nobody else."""
        try:
            await self._attempt(batch, copied)
        except (InvalidValue, NotFound, Forbidden) as error:
            groups = list(together(batch.roots))
            if len(groups) == 1:
                copied.failures.append(Failure(batch.family, _title_of(batch.roots), str(error)))
                self._failed.update(await self._keys_of(batch))
                return
            middle = len(groups) // 2
            for half in (groups[:middle], groups[middle:]):
                await self._write(Batch(batch.family, [root for group in half for root in group], batch.new), copied)

    async def _attempt(self, batch: Batch, copied: Copied) -> None:
        read = await self._source.rows(batch.family, [root.id for root in batch.roots], vectors=True)
        wanted = set(batch.new)
        rows = [
            (key, row)
            for kind, group in read.items()
            for row in group
            if (key := (kind, str(row["id"]))) in wanted and self._still_to_write(key)
        ]
        if any(self._hangs_on_failed(kind, row) for (kind, _), row in rows):
            raise NotFound("It belongs to something that could not be moved.")
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                await self._send(batch.family, rows, copied)
            except Occupied as error:
                if attempt == _ATTEMPTS:
                    raise
                await self._take_others(error.taken, rows)
            except NotFound:
                # What others refer to in the same statement may have been taken, too.
                if attempt == _ATTEMPTS or len(list(together(batch.roots))) > 1:
                    raise
                await self._take_others({kind for (kind, _), _ in rows}, rows)
            else:
                return

    async def _keys_of(self, batch: Batch) -> set[Key]:
        read = await self._source.rows(batch.family, [root.id for root in batch.roots], vectors=False)
        return {(kind, str(row["id"])) for kind, group in read.items() for row in group} & set(batch.new)

    def _hangs_on_failed(self, kind: str, row: Row) -> bool:
        return any((column.table or "", str(row[column.name])) in self._failed for column in TABLES[kind].references)

    def _still_to_write(self, key: Key) -> bool:
        link = self._resolution.direct(key)
        return link is not None and link.state == ALLOTTED

    async def _send(self, family: str, rows: Sequence[tuple[Key, Row]], copied: Copied) -> None:
        me = str(self._target.who.user_id)
        payload: dict[str, list[dict[str, object]]] = {}
        marks: list[dict[str, str]] = []
        elders: list[dict[str, str]] = []
        digests: dict[Key, str] = {}
        for key, row in rows:
            table = TABLES[key[0]]
            try:
                moved = remapped(key[0], row, self._resolution.find, self._resolution.soft)
            except Missing:  # it hangs on a row that came after the comparison; the next run brings both
                continue
            if key in self._places:
                moved["position"] = self._places[key]
            there = str(moved["id"])
            digests[key[0], there] = digest(table, moved)
            marks.append(
                {
                    "kind": key[0],
                    "source_id": key[1],
                    "target_id": there,
                    "source_digest": content_digest(table, row),
                    "target_digest": content_digest(table, moved),
                }
            )
            elders += [
                {"source_user": str(user), "kind": key[0], "source_id": earlier, "target_id": there}
                for user, earlier in self._resolution.earlier(key)
            ]
            payload.setdefault(key[0], []).append(_as_owned(table, moved, me))
        if not marks:
            return
        user = self._source.who.user_id
        await self._target.writing.write(family, payload, marks, elders, user)
        self._resolution.learn(
            Link(user, each["kind"], each["source_id"], each["target_id"], WRITTEN) for each in marks
        )
        copied.digests.update(digests)

    async def _take_others(self, kinds: Collection[str], rows: Sequence[tuple[Key, Row]]) -> None:
        """New ids for all rows of a table where one is taken, so that their order stays."""
        links = [link for key, _ in rows if key[0] in kinds and (link := self._resolution.direct(key))]
        given = await self._target.writing.allot_anew(links)
        if len(given) < len(links):
            given = await self._target.reading.links([self._source.who.user_id])
        self._resolution.learn(given)


def _title_of(roots: Sequence[Root]) -> str:
    more = len(roots) - 1
    return (roots[0].title or "untitled") + (f" and {more} more" if more else "")


def _as_owned(table: Table, row: Row, me: str) -> dict[str, object]:
    """The row with its user's id where it says that it is the user's, and below the user's own folder."""
    owned: dict[str, object] = dict(row)
    for column in table.columns:
        if column.kind == "owner" and row[column.name]:
            owned[column.name] = me
        elif column.kind == "path":
            folder = me if row["chat_message_id"] is None else f"chat/{me}"
            owned[column.name] = f"{folder}/{row['id']}{row[column.name]}"
    return owned
