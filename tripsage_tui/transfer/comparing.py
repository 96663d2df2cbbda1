"""What the target has of the source already, what is new, what differs, and what was deleted over there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tripsage_tui.data.transfer_reading import Link, Root, Row, Rows
from tripsage_tui.data.transfer_tables import FAMILIES, MEMORIES, TABLES, tables_of
from tripsage_tui.transfer.batches import MOST_ROWS, batches_of
from tripsage_tui.transfer.digests import content_digest, differing, digest
from tripsage_tui.transfer.references import Missing, remapped
from tripsage_tui.transfer.resolving import ALLOTTED, MATCHED, ORIGIN, Key, Resolution
from tripsage_tui.transfer.titles import title_of
from tripsage_tui.transfer.worlds import DatabaseWorld, Source


@dataclass
class Counts:
    """Rows of one table."""

    source: int = 0
    there: int = 0
    new: int = 0
    known: int = 0
    """Memories that the target knew by itself."""
    differ: int = 0
    gone: int = 0


@dataclass(frozen=True)
class Difference:
    """A row that says something else on the two sides. `changed` says where since the transfer, if that is known."""

    kind: str
    title: str
    source_id: str
    target_id: str
    columns: tuple[str, ...]
    changed: str


@dataclass(frozen=True)
class Gone:
    """A row that was transferred and deleted over there since."""

    kind: str
    title: str
    source_id: str


@dataclass
class Batch:
    """Roots that are written together, with those of their rows that are new."""

    family: str
    roots: list[Root]
    new: list[Key] = field(default_factory=list)


@dataclass
class Comparison:
    """Both sides at one moment. `places` are other positions for stops whose place is taken over there."""

    counts: dict[str, Counts] = field(default_factory=lambda: {name: Counts() for name in TABLES})
    batches: list[Batch] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    gone_links: list[Link] = field(default_factory=list)
    known: list[tuple[str, str]] = field(default_factory=list)
    """Memories that the target knows by itself: the ids there and here."""
    places: dict[Key, int] = field(default_factory=dict)
    digests: dict[Key, str] = field(default_factory=dict)
    """Of rows of the target that are `watched`, by table and id over there."""

    @property
    def new(self) -> int:
        return sum(each.new for each in self.counts.values())

    @property
    def rows(self) -> int:
        return sum(each.source for each in self.counts.values())


class Comparing:
    """Reads both sides batch by batch. `again` counts what was deleted over there as new."""

    def __init__(
        self,
        source: Source,
        target: DatabaseWorld,
        resolution: Resolution,
        *,
        again: bool = False,
        most_rows: int = MOST_ROWS,
        watched: Iterable[Key] = (),
        families: Sequence[str] = FAMILIES,
    ) -> None:
        self._source = source
        self._target = target
        self._resolution = resolution
        self._again = again
        self._most_rows = most_rows
        self._watched = frozenset(watched)
        self._families = families
        self._expected: set[Key] = set()

    async def compare(self) -> Comparison:
        """All families, in the order in which they are written."""
        result = Comparison()
        for family in self._families:
            for roots in batches_of(await self._source.outline(family), self._most_rows):
                await self._batch(family, roots, result)
        return result

    async def _batch(self, family: str, roots: list[Root], result: Comparison) -> None:
        rows = await self._source.rows(family, [root.id for root in roots], vectors=False)
        self._resolution.known.update((kind, str(row["id"])) for kind, row in _all(rows))
        there = await self._there(family, rows)
        _forget_lost_bookings(there)
        coming, standing = self._sort(rows, there)
        known = await self._known_memories(rows, coming) if family == MEMORIES else {}
        self._expected.update(known)
        missing = self._without_parents(rows, coming)
        self._expected |= coming
        batch = Batch(family, roots)
        for kind, row in _all(rows):
            key = (kind, str(row["id"]))
            counts = result.counts[kind]
            counts.source += 1
            if (pair := known.get(key)) is not None:
                counts.known += 1
                result.known.append((key[1], pair))
            elif key in coming:
                counts.new += 1
                batch.new.append(key)
            elif (found := standing.get(key)) is not None:
                counts.there += 1
                self._weigh(kind, row, found, result)
            else:
                counts.gone += 1
                if key not in missing:
                    result.gone.append(Gone(kind, title_of(kind, row), key[1]))
        if self._again:
            result.gone_links += [
                link
                for key in batch.new
                if (link := self._resolution.direct(key)) is not None and link.state != ALLOTTED
            ]
        result.places.update(_places(rows, there, coming, self._resolution))
        result.batches.append(batch)
        for kind, row in _all(there):
            if (target_key := (kind, str(row["id"]))) in self._watched:
                result.digests[target_key] = digest(TABLES[kind], row)

    async def _there(self, family: str, rows: Rows) -> Rows:
        """What the target has of these rows; a booking may be in another trip by now."""
        root = tables_of(family)[0].name
        links = {
            (kind, str(row["id"])): link
            for kind, row in _all(rows)
            if (link := self._resolution.link((kind, str(row["id"])))) is not None and link.state != ALLOTTED
        }
        there = await self._target.rows(
            family, [link.target_id for (kind, _), link in links.items() if kind == root], vectors=False
        )
        seen = {(kind, str(row["id"])) for kind, row in _all(there)}
        elsewhere: dict[str, list[str]] = {}
        for (kind, _), link in links.items():
            if (kind, link.target_id) not in seen:
                elsewhere.setdefault(kind, []).append(link.target_id)
        for kind, found in (await self._target.reading.rows_by_id(elsewhere)).items():
            there[kind] = there.get(kind, []) + found
        return there

    def _sort(self, rows: Rows, there: Rows) -> tuple[set[Key], dict[Key, Row]]:
        """Which rows are to be written, and which are there."""
        standing_there = {(kind, str(row["id"])): row for kind, row in _all(there)}
        coming: set[Key] = set()
        standing: dict[Key, Row] = {}
        for kind, row in _all(rows):
            key = (kind, str(row["id"]))
            link = self._resolution.link(key)
            if link is None or link.state == ALLOTTED:
                coming.add(key)
            elif (found := standing_there.get((kind, link.target_id))) is not None:
                standing[key] = found
            elif self._again:
                coming.add(key)
            else:
                self._resolution.gone.add(key)
        return coming, standing

    def _without_parents(self, rows: Rows, coming: set[Key]) -> set[Key]:
        """Take rows out of `coming` that hang on something that was deleted over there."""
        missing: set[Key] = set()
        while True:
            orphans = {
                key
                for kind, row in _all(rows)
                if (key := (kind, str(row["id"]))) in coming and not self._has_parents(kind, row, coming)
            }
            if not orphans:
                return missing
            missing |= orphans
            coming -= orphans
            self._resolution.gone |= orphans

    def _has_parents(self, kind: str, row: Row, coming: set[Key]) -> bool:
        table = TABLES[kind]
        for column in table.references:
            value = row[column.name]
            if value is None or column.name not in table.required:
                continue
            parent = (column.table or "", str(value))
            if parent not in coming and parent not in self._expected and self._resolution.find(*parent) is None:
                return False
        return True

    async def _known_memories(self, rows: Rows, coming: set[Key]) -> dict[Key, str]:
        """New memories that say what the target remembers already; taken out of `coming`."""
        hashes = {
            row["content_hash"]: ("memories", str(row["id"]))
            for row in rows["memories"]
            if ("memories", str(row["id"])) in coming
            and row["content_hash"] is not None
            and row["deleted_at"] is None
            and row["superseded_by"] is None
        }
        if not hashes:
            return {}
        found = await self._target.writing.same_memories(hashes)
        known = {hashes[hash_]: id_ for hash_, id_ in found.items() if hash_ in hashes}
        coming -= set(known)
        return known

    def _weigh(self, kind: str, row: Row, found: Row, result: Comparison) -> None:
        """Note a difference between a row and what became of it."""
        table, key = TABLES[kind], (kind, str(row["id"]))
        link = self._resolution.link(key)
        if link is None or link.state == MATCHED:
            return
        try:
            expected = remapped(kind, row, self._resolution.find, self._resolution.soft)
        except Missing:
            expected = {**row, "id": found["id"]}
        expected["id"] = found["id"]
        columns = differing(table, expected, found)
        if columns:
            changed = _changed(link, content_digest(table, row), content_digest(table, found))
            result.counts[kind].differ += 1
            result.differences.append(Difference(kind, title_of(kind, row), key[1], str(found["id"]), columns, changed))


def _all(rows: Rows) -> Iterator[tuple[str, Row]]:
    return ((kind, row) for kind, group in rows.items() for row in group)


def _forget_lost_bookings(rows: Rows) -> None:
    """An expense that names a booking which is gone names none."""
    names = {"flight": "flights", "stay": "accommodations", "transport": "transportation", "item": "itinerary_items"}
    known = {(kind, row["id"]) for kind, row in _all(rows)}
    for expense in rows.get("expenses", ()):
        if expense["booking_id"] and (names[expense["booking_kind"]], expense["booking_id"]) not in known:
            expense["booking_kind"] = expense["booking_id"] = None


def _changed(link: Link, source_digest: str, target_digest: str) -> str:
    if link.state == ORIGIN or link.source_digest is None:
        return "on one of the sides"
    here, there = source_digest != link.source_digest, target_digest != link.target_digest
    return "on both sides" if here and there else "at the source" if here else "at the target"


def _places(rows: Rows, there: Rows, coming: set[Key], resolution: Resolution) -> dict[Key, int]:
    """New stops of trips that exist already go to the end when their position is taken."""
    taken: dict[str | None, set[int]] = {}
    for stop in there.get("trip_stops", ()):
        taken.setdefault(str(stop["trip_id"]), set()).add(stop["position"])
    places: dict[Key, int] = {}
    for stop in rows.get("trip_stops", ()):
        key = ("trip_stops", str(stop["id"]))
        positions = taken.get(resolution.find("trips", str(stop["trip_id"])))
        if key not in coming or positions is None:
            continue
        if stop["position"] in positions:
            places[key] = max(positions) + 1
        positions.add(places.get(key, int(stop["position"])))
    return places
