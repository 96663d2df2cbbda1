"""The form of something to do: with a time, on a day, or as an idea."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar

from textual.widget import Widget

from tripsage_tui.models.booking_drafts import read_item
from tripsage_tui.models.bookings import (
    Booking,
    BookingFields,
    ItemStatus,
    ItemType,
    ItineraryItem,
    ItineraryItemFields,
)
from tripsage_tui.models.form_reading import Draft
from tripsage_tui.screens.forms.booking_form import BookingForm, section


class ItemForm(BookingForm):
    """A temple, a dinner, a concert."""

    KIND: ClassVar[type[Booking]] = ItineraryItem
    FIELDS: ClassVar[type[BookingFields]] = ItineraryItemFields
    TABLE: ClassVar[str] = "itinerary_items"
    WORD: ClassVar[str] = "item"
    ONE: ClassVar[str] = "an item"
    STATES: ClassVar[Iterable[Any]] = ItemStatus

    def values_on(self, day: date) -> dict[str, str]:
        return {"day": day.isoformat()}

    def read(self, values: Mapping[str, str]) -> Draft[Any]:
        return read_item(values, self.context)

    def compose_columns(self) -> Iterable[Iterable[Widget]]:
        return (
            (
                self.text("title", "What", required=True, width="full"),
                section("When (no day: an idea for later)"),
                self.date_field("day", "Day"),
                self.time_field("start_time", "From", hint="e.g. 19:30"),
                self.time_field("end_time", "Until", hint="e.g. 22:00"),
                self.text("time_zone", "Time zone", hint="that of the trip"),
                section("What and where"),
                self.choice("item_type", "Kind", ItemType),
                self.text("location", "Place", width="full"),
                self.text("closed", "Closed on", hint="e.g. mon, holidays"),
                self.notes("description", "Description"),
            ),
            (
                section("Booking"),
                *self.money(),
                *self.paying(),
                self.notes("notes", "Notes"),
            ),
        )
