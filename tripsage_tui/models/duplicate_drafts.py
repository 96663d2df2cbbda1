"""The form that plans a trip again: the name and the first day of the copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from tripsage_tui.models.form_reading import Draft, FormReader
from tripsage_tui.models.trips import TripFields
from tripsage_tui.models.typed_dates import MAX_YEAR
from tripsage_tui.models.when import count_of, format_range

DUPLICATE_FIELDS = ("name", "start_date")


@dataclass(frozen=True)
class DuplicateDraft(Draft[TripFields]):
    """The copy as typed: `fields` is the trip with the new name and dates."""


def read_duplicate(values: Mapping[str, str], trip: TripFields, today: date) -> DuplicateDraft:
    """The copy of `trip` that a form describes. Keys: DUPLICATE_FIELDS. The length of the trip stays."""
    form = FormReader(values, today)
    name = form.text("name", required="Give the copy a name.")
    start = form.day("start_date", required="When does it start? For example 2 oct.")
    if start is None or name is None:
        return DuplicateDraft(None, form.errors, form.notes)
    end = start + timedelta(days=trip.days - 1)
    if end.year > MAX_YEAR:
        form.fail("start_date", f"It would end after {MAX_YEAR}.")
        return DuplicateDraft(None, form.errors, form.notes)
    form.note("start_date", f"{format_range(start, end, today)}, {count_of(trip.days, 'day')}")
    if end < today:
        form.note("start_date", "in the past")
    if start == trip.start_date:
        form.note("start_date", "the same days as the original")
    return DuplicateDraft(
        trip.model_copy(update={"name": name, "start_date": start, "end_date": end}), form.errors, form.notes
    )


def duplicate_values(trip: TripFields, today: date) -> dict[str, str]:
    """What the form begins with: the same weekday a year later, or as many years later as it takes to be ahead."""
    start = trip.start_date
    while start <= max(today, trip.start_date):
        start += timedelta(weeks=52)
    return {"name": f"{trip.name} (copy)", "start_date": start.isoformat()}
