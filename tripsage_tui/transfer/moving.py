"""A transfer from beginning to end: look, show, write, look again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tripsage_tui.data.transfer_reading import LeftBehind
from tripsage_tui.data.transfer_tables import ATTACHMENTS, FAMILIES
from tripsage_tui.transfer.batches import MOST_ROWS
from tripsage_tui.transfer.comparing import Comparing, Comparison
from tripsage_tui.transfer.contents import StoredFiles, send_contents
from tripsage_tui.transfer.copying import Copied, Copying, Failure
from tripsage_tui.transfer.resolving import Resolution
from tripsage_tui.transfer.worlds import DatabaseWorld, Files, Source, Traveller

Say = Callable[[str, int, int], None]


def _quiet(_: str, __: int, ___: int) -> None:
    """Progress that nobody wants to see."""


def _nowhere(_: str, __: str) -> str | None:
    return None


@dataclass(frozen=True)
class Preview:
    """What a transfer would do."""

    source: Traveller
    target: Traveller
    comparison: Comparison
    left_behind: LeftBehind


@dataclass
class Outcome:
    """What a transfer did. `wrong` are rows that this run has written and that read otherwise afterwards."""

    preview: Preview
    after: Comparison
    written: int = 0
    verified: int = 0
    wrong: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    seconds: float = 0.0
    find: Callable[[str, str], str | None] = _nowhere
    """The id over there of a row (table, id here)."""

    @property
    def complete(self) -> bool:
        """Whether the target has everything that the source has."""
        return not (self.wrong or self.failures or self.after.new)


class Moving:
    """One transfer between a source and a database. `again` brings back what was deleted over there.

    `contents` are where attachments lie, on both sides; without them attachments stay where they are.
    """

    def __init__(
        self,
        source: Source,
        target: DatabaseWorld,
        *,
        contents: tuple[Files, StoredFiles] | None = None,
        again: bool = False,
        most_rows: int = MOST_ROWS,
        say: Say = _quiet,
    ) -> None:
        self._source = source
        self._target = target
        self._contents = contents
        self._again = again
        self._most_rows = most_rows
        self._say = say
        self._families = FAMILIES if contents else tuple(each for each in FAMILIES if each != ATTACHMENTS)
        self._seen: tuple[Preview, Resolution] | None = None

    async def look(self) -> Preview:
        """Read both sides; writes nothing."""
        return (await self._look())[0]

    async def _look(self) -> tuple[Preview, Resolution]:
        resolution = await self._resolution()
        comparison = await self._comparing(resolution).compare()
        left_behind = await self._source.left_behind()
        preview = Preview(self._source.who, self._target.who, comparison, left_behind)
        self._seen = (preview, resolution)
        return self._seen

    async def move(self) -> Outcome:
        """Write what is new and see that it has arrived. Raises DataError; started again it goes on."""
        started = time.monotonic()
        preview, resolution = self._seen or await self._look()
        self._seen = None
        copied = await Copying(self._source, self._target, resolution, self._say).copy(preview.comparison)
        if self._contents is not None:
            copied.failures += await self._send_contents(resolution, *self._contents)
        after, resolution = await self._verified(copied)
        outcome = Outcome(preview, after, written=len(copied.digests), failures=copied.failures)
        for key, expected in copied.digests.items():
            if after.digests.get(key) != expected:
                outcome.wrong.append(f"{key[0]} {key[1]}")
        outcome.verified = after.rows - after.new
        outcome.find = resolution.find
        outcome.seconds = time.monotonic() - started
        return outcome

    async def _send_contents(self, resolution: Resolution, source: Files, target: StoredFiles) -> list[Failure]:
        roots = await self._source.outline(ATTACHMENTS)
        pairs = {there: root.id for root in roots if (there := resolution.find("file_attachments", root.id))}
        return await send_contents(pairs, source, self._target, target, self._say)

    async def _verified(self, copied: Copied) -> tuple[Comparison, Resolution]:
        self._say("checking", 0, 0)
        resolution = await self._resolution()
        return await self._comparing(resolution, watched=copied.digests).compare(), resolution

    def _comparing(self, resolution: Resolution, watched: Iterable[tuple[str, str]] = ()) -> Comparing:
        return Comparing(
            self._source,
            self._target,
            resolution,
            again=self._again and not watched,
            most_rows=self._most_rows,
            watched=watched,
            families=self._families,
        )

    async def _resolution(self) -> Resolution:
        elders = await self._source.links()
        users = {self._source.who.user_id, *(elder.source_user for elder in elders)}
        links = await self._target.reading.links(sorted(users))
        return Resolution(self._source.who.user_id, self._target.who.user_id, links, elders)
