"""The form of a traveller."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual.widget import Widget

from tripsage_tui.changes.people import PeopleChanges
from tripsage_tui.models.form_reading import Draft
from tripsage_tui.models.people import Traveller
from tripsage_tui.models.people_drafts import TRAVELLER_FIELDS, edit_traveller, read_traveller, traveller_values
from tripsage_tui.models.trips import Trip
from tripsage_tui.screens.forms.record_form import RecordForm
from tripsage_tui.widgets.form_date import DateField
from tripsage_tui.widgets.form_text import TextField

if TYPE_CHECKING:
    from tripsage_tui.planner import Planner


class TravellerForm(RecordForm[Traveller]):
    """Returns the saved traveller, None when left."""

    WORD: ClassVar[str] = "traveller"

    def __init__(
        self, planner: Planner, trip: Trip, traveller: Traveller | None = None, *, resume: bool = False
    ) -> None:
        which = "new" if traveller is None else traveller.id
        title = (
            f"adding a traveller to {trip.name}" if traveller is None else f"editing {traveller.name} of {trip.name}"
        )
        super().__init__(
            planner, traveller, draft_key=f"{self.WORD}.trip-{trip.id}.{which}", title=title, resume=resume
        )
        self.trip = trip
        self._shown = {} if traveller is None else traveller_values(traveller)

    @property
    def trail(self) -> tuple[str, ...]:
        return self.trip.name, "new traveller" if self.record is None else self.record.name

    @property
    def table(self) -> str:
        return "travellers"

    @property
    def record_id(self) -> int | None:
        return self.record.id if self.record else None

    @property
    def what(self) -> str:
        return f"the traveller {self.record.name}" if self.record else "the traveller"

    def compose_columns(self) -> Iterable[Iterable[Widget]]:
        def until(key: str, label: str) -> DateField:
            return DateField(
                key, label, self._shown.get(key, ""), today=lambda: self.planner.today, hint="e.g. 14 may 2031"
            )

        name = TextField("name", "Name", self._shown.get("name", ""), hint="e.g. Kim", required=True)
        return ((name, until("passport_expires", "Passport until"), until("visa_expires", "Visa until")),)

    def review(self, values: Mapping[str, str]) -> Draft[Any]:
        today, end = self.planner.today, self.trip.end_date
        if self.record is not None:
            return edit_traveller(self.record, values, today, end).draft
        return read_traveller(values, today, end)

    async def insert(self) -> Traveller:
        draft = read_traveller(self.values, self.planner.today, self.trip.end_date)
        if draft.fields is None:
            raise RuntimeError("a form with errors was saved")
        return await PeopleChanges(self.planner, self.trip).add_traveller(draft.fields, self.key)

    def changes(self) -> dict[str, object]:
        if self.record is None:
            return {}
        return edit_traveller(self.record, self.values, self.planner.today, self.trip.end_date).changes

    async def update(self, record: Traveller, changes: Mapping[str, object]) -> Traveller:
        return await PeopleChanges(self.planner, self.trip).edit_traveller(record, changes)

    def content(self, record: Traveller) -> dict[str, object]:
        return {name: getattr(record, name) for name in TRAVELLER_FIELDS}
