"""The form of a train, bus, hired car, taxi."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from textual.widget import Widget

from tripsage_tui.models.booking_drafts import read_transport
from tripsage_tui.models.bookings import Booking, BookingFields, Transportation, TransportationFields, TransportType
from tripsage_tui.models.form_reading import Draft
from tripsage_tui.screens.forms.booking_form import section
from tripsage_tui.screens.forms.connecting import ConnectingForm
from tripsage_tui.widgets.form_field import FormField


class TransportForm(ConnectingForm):
    """One way from a place to another; F2 adds a connection."""

    KIND: ClassVar[type[Booking]] = Transportation
    FIELDS: ClassVar[type[BookingFields]] = TransportationFields
    TABLE: ClassVar[str] = "transportation"
    WORD: ClassVar[str] = "transport"
    ONE: ClassVar[str] = "a transport"

    def values_on(self, day: date) -> dict[str, str]:
        return {"departure_date": day.isoformat()}

    def read(self, values: Mapping[str, str]) -> Draft[Any]:
        return read_transport(values, self.context)

    def compose_columns(self) -> Iterable[Iterable[Widget]]:
        kinds = [kind for kind in TransportType if kind is not TransportType.FLIGHT or self._is_flight]
        return (
            (
                self.text("origin", "From", required=True),
                self.text("destination", "To", required=True),
                section("When"),
                *self.journey(
                    "",
                    [
                        self.date_field("departure_date", "Date", required=True),
                        self.time_field("departure_time", "Departs"),
                    ],
                    [
                        self.time_field("arrival_time", "Arrives", hint="e.g. 15:40"),
                        self.date_field("arrival_date", "Arrival date", after="departure_date"),
                    ],
                ),
                section("How"),
                self.choice("transport_type", "Kind", sorted(kinds, key=lambda kind: kind is TransportType.FLIGHT)),
                self.text("seat", "Seat", hint="e.g. car 7, 12E"),
                self.text("departure_zone", "Departure zone", hint="that of the trip"),
                self.text("arrival_zone", "Arrival zone", hint="that of the trip"),
            ),
            (
                section("Ticket"),
                *self.money(),
                *self.paying(),
                self.notes("notes", "Notes"),
            ),
        )

    def first_leg(self) -> Sequence[FormField]:
        return [
            self.text("first_carrier", "Company", hint="e.g. JR Central"),
            self.short("first_number", "Number", hint="e.g. Nozomi 12"),
        ]

    @property
    def _is_flight(self) -> bool:
        """The database knows flights among transports; ours have a form of their own."""
        return isinstance(self.record, Transportation) and self.record.transport_type is TransportType.FLIGHT
