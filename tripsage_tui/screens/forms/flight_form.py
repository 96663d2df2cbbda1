"""The flight form: there and back on one screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar

from textual.widget import Widget

from tripsage_tui.models.booking_drafts import read_flight
from tripsage_tui.models.bookings import Booking, BookingFields, Flight, FlightClass, FlightFields
from tripsage_tui.models.form_reading import Draft
from tripsage_tui.screens.forms.booking_form import section
from tripsage_tui.screens.forms.connecting import ConnectingForm


class FlightForm(ConnectingForm):
    """One ticket; the return may stay empty, and F2 adds a connection."""

    KIND: ClassVar[type[Booking]] = Flight
    FIELDS: ClassVar[type[BookingFields]] = FlightFields
    TABLE: ClassVar[str] = "flights"
    WORD: ClassVar[str] = "flight"
    ONE: ClassVar[str] = "a flight"
    PREFIXES: ClassVar[tuple[str, ...]] = ("", "return_")
    FLIES: ClassVar[bool] = True

    def values_on(self, day: date) -> dict[str, str]:
        return {"departure_date": day.isoformat()}

    def read(self, values: Mapping[str, str]) -> Draft[Any]:
        return read_flight(values, self.context)

    def compose_columns(self) -> Iterable[Iterable[Widget]]:
        return (
            (
                self.airport("origin", "From", day="departure_date"),
                self.airport("destination", "To", day="departure_date"),
                section("Outbound"),
                *self.journey(
                    "",
                    [
                        self.date_field("departure_date", "Date", required=True),
                        self.time_field("departure_time", "Departs"),
                    ],
                    [self.time_field("arrival_time", "Arrives", hint="e.g. 08:55+1")],
                    [
                        self.text("airline", "Airline"),
                        self.short("flight_number", "Flight number", hint="e.g. LH716"),
                        self.short("seat", "Seat", hint="e.g. 23A"),
                    ],
                ),
                section("Return (leave empty for one way)"),
                *self.journey(
                    "return_",
                    [
                        self.date_field("return_date", "Date", after="departure_date"),
                        self.time_field("return_departure_time", "Departs"),
                    ],
                    [self.time_field("return_arrival_time", "Arrives", hint="e.g. 18:40")],
                    [
                        self.short("return_flight_number", "Flight number", hint="e.g. LH717"),
                        self.short("return_seat", "Seat"),
                    ],
                ),
            ),
            (
                section("Ticket"),
                *self.money(),
                self.choice("flight_class", "Class", FlightClass),
                *self.paying(),
                section("Time zones (only where the airport does not tell)"),
                self.text("departure_zone", "Departure zone", hint="e.g. Europe/Berlin"),
                self.text("arrival_zone", "Arrival zone", hint="e.g. Asia/Tokyo"),
                self.notes("notes", "Notes"),
            ),
        )
