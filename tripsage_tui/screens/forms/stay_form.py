"""The form of a stay: when in and out, and what it costs by night or in all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar

from textual.widget import Widget

from tripsage_tui.models.booking_drafts import read_stay
from tripsage_tui.models.bookings import Accommodation, AccommodationFields, Booking, BookingFields
from tripsage_tui.models.form_reading import Draft
from tripsage_tui.screens.forms.booking_form import BookingForm, section


class StayForm(BookingForm):
    """A hotel, a flat, a friend's sofa."""

    KIND: ClassVar[type[Booking]] = Accommodation
    FIELDS: ClassVar[type[BookingFields]] = AccommodationFields
    TABLE: ClassVar[str] = "accommodations"
    WORD: ClassVar[str] = "stay"
    ONE: ClassVar[str] = "a stay"

    def values_on(self, day: date) -> dict[str, str]:
        return {"check_in_date": day.isoformat()}

    def read(self, values: Mapping[str, str]) -> Draft[Any]:
        return read_stay(values, self.context)

    def compose_columns(self) -> Iterable[Iterable[Widget]]:
        return (
            (
                self.text("name", "Name", required=True, width="full"),
                self.text("address", "Address", width="full"),
                section("When"),
                self.date_field("check_in_date", "Check in", required=True),
                self.date_field("check_out_date", "Check out", after="check_in_date", hint="e.g. 7 oct, 4 nights"),
                self.time_field("check_in_time", "Check-in from", hint="e.g. 15:00"),
                self.time_field("check_in_until", "Check-in until", hint="e.g. 22:00"),
                self.time_field("check_out_time", "Check-out until", hint="e.g. 10:00"),
                self.text("time_zone", "Time zone", hint="that of the trip"),
                section("Room"),
                self.text("room_type", "Room", hint="e.g. double, quiet side"),
                self.short("rating", "Rating", hint="e.g. 4.5"),
                self.text("amenities", "Amenities", hint="e.g. onsen, breakfast", width="full"),
            ),
            (
                section("Price (one of both is enough)"),
                self.short("price_per_night", "Per night", hint="e.g. 180"),
                self.short("total_price", "Total", hint="e.g. 720"),
                self.short("currency", "Currency", hint="e.g. EUR"),
                *self.rate(),
                *self.paying(),
                self.notes("notes", "Notes"),
            ),
        )
