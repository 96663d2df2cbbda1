"""A form that inserts a record or edits a stored one, and meets the versions of others."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from tripsage_tui.data.errors import DataError, InvalidValue, NotFound, StaleRow
from tripsage_tui.models.conflicts import differences
from tripsage_tui.models.in_words import in_words
from tripsage_tui.models.trips import Record, Trip
from tripsage_tui.screens.forms.conflict import ConflictDialog
from tripsage_tui.screens.forms.deleted import DeletedDialog
from tripsage_tui.screens.forms.form import FormScreen, NotNow
from tripsage_tui.screens.forms.still_shared import TABLES, what_became

if TYPE_CHECKING:
    from tripsage_tui.data.live import Change
    from tripsage_tui.planner import Planner

R = TypeVar("R", bound=Record)

MORE_LABELS = {"legs": "Times", "stops": "Stops", "check_in_at": "Check in", "check_out_at": "Check out"}
"""Names of what a record has and no single field of a form holds."""


class RecordForm(FormScreen[R | None], Generic[R]):
    """`record` is what is edited, None for a new one. The result is the saved record, or None when left."""

    def __init__(self, planner: Planner, record: R | None, *, draft_key: str, title: str, resume: bool = False) -> None:
        super().__init__(planner, draft_key=draft_key, title=title, resume=resume)
        self.record = record

    @abstractmethod
    async def insert(self) -> R:
        """Add what was typed as a new record, under `key`."""

    @abstractmethod
    def changes(self) -> dict[str, object]:
        """What was typed differently from `record`, by the record's fields."""

    @abstractmethod
    async def update(self, record: R, changes: Mapping[str, object]) -> R:
        """Write `changes` over `record` as it is known here."""

    @abstractmethod
    def content(self, record: R) -> dict[str, object]:
        """The fields of a record that people set, parts included."""

    @property
    @abstractmethod
    def what(self) -> str:
        """The record in words: `the flight FRA → HND`."""

    @property
    @abstractmethod
    def table(self) -> str:
        """The table of the record, as news of changes name it."""

    @property
    @abstractmethod
    def record_id(self) -> int | None:
        """The id of the record, None for a new one."""

    def on_changes(self, changes: Sequence[Change]) -> None:
        """Someone else saved the record: say so now rather than when saving, and leave the fields alone."""
        if self.is_saving:
            return
        trip = self.within
        if trip and any(change.table in TABLES and change.trip_id == trip.id for change in changes):
            self.run_task(self._is_still_shared(), group="shared")
        if self.record_id is None:
            return
        for change in changes:
            if (change.table, change.id) == (self.table, str(self.record_id)):
                gone = change.op == "DELETE"
                what = f"{self.what[:1].upper()}{self.what[1:]}"
                then = "saving offers it as a new one" if gone else "saving shows both versions"
                self.banner(f"{what} was just {'deleted' if gone else 'changed'} by someone else: {then}.", bad=True)

    @property
    def draft_values(self) -> dict[str, str]:
        # An edit keeps only what was typed: the rest comes from the record as it is by then.
        return self.values if self.record is None and self.typed else self.typed

    async def write(self) -> R:
        if self.record is None:
            return await self.insert()
        changes = self.changes()
        return await self.update(self.record, changes) if changes else self.record

    @property
    def within(self) -> Trip | None:
        """The trip in which the form writes, where it is known."""
        trip = getattr(self, "trip", self.record)
        return trip if isinstance(trip, Trip) else None

    async def _is_still_shared(self) -> bool:
        """Whether the form can still be saved; says why not."""
        why = await what_became(self.planner, self.within) if self.within else ""
        if why:
            self.banner(f"{why} What you typed is kept as a draft.", bad=True)
        return not why

    async def missing(self, error: NotFound) -> None:
        if not await self._is_still_shared():
            return
        if self.record is None:
            await super().missing(error)
        else:
            await self.resolve(StaleRow(None))

    async def resolve(self, error: StaleRow) -> None:
        """Show both versions until one is saved, or the user goes on editing."""
        stale: StaleRow | None = error
        while stale is not None:
            current, stale = stale.current, None
            try:
                if current is None:
                    await self._offer_again()
                elif isinstance(current, Record):
                    await self._offer_merge(current)
            except NotNow:
                self.banner("Not saved yet.")
            except InvalidValue as refused:
                self.refuse(refused.field, refused.sentence)
            except StaleRow as again:
                stale = again
            except NotFound:
                stale = StaleRow(None)
            except DataError as failed:
                self.not_saved(failed)

    async def _offer_merge(self, current: Record) -> None:
        if self.record is None:
            return
        theirs = self.content(current)  # type: ignore[arg-type]  # the repository returns the kind it was asked for
        base = self.content(self.record)
        mine = base | self.changes()
        found = differences(base, mine, theirs)
        if not found:
            # An earlier try was saved although its answer was lost.
            self.finish(current)  # type: ignore[arg-type]
            return
        labels = {key: field.label for key, field in self.fields.items()} | MORE_LABELS
        chosen = await self.app.push_screen_wait(
            ConflictDialog(self.what, found, labels=labels, show_value=self.show_value)
        )
        if chosen is None:
            self.banner(f"Not saved: someone else has changed {self.what}. ctrl+s shows both versions again.", bad=True)
        elif chosen:
            self.finish(await self.update(current, chosen))  # type: ignore[arg-type]
        else:
            self.finish(current)  # type: ignore[arg-type]

    async def _offer_again(self) -> None:
        again = await self.app.push_screen_wait(DeletedDialog(self.what))
        if again is None:
            self.banner(f"Not saved: someone else has deleted {self.what}.", bad=True)
        elif again:
            self.finish(await self.insert())
        else:
            self.finish(None)

    def show_value(self, field: str, value: object) -> str:
        """A field's value in the conflict dialog."""
        return in_words(value, today=self.planner.today)
