"""What the forms of the four kinds of booking share: their trip, the common fields, reading and saving."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from textual.widget import Widget
from textual.widgets import Static

from tripsage_tui.changes.bookings import BookingChanges
from tripsage_tui.models.booking_drafts import FormContext, blank_values, edit_booking, values_of
from tripsage_tui.models.booking_names import describe, legs_of, name_of
from tripsage_tui.models.bookings import Booking, BookingFields, BookingStatus, LegFields, PaymentStatus
from tripsage_tui.models.form_reading import Draft
from tripsage_tui.models.in_words import in_words
from tripsage_tui.models.journeys import plain_leg
from tripsage_tui.models.leg_chains import connection_of
from tripsage_tui.models.trips import Record, StopFields, Trip
from tripsage_tui.screens.forms.record_form import RecordForm
from tripsage_tui.widgets.form_airport import AirportField
from tripsage_tui.widgets.form_choice import ChoiceField
from tripsage_tui.widgets.form_date import DateField
from tripsage_tui.widgets.form_field import FormField
from tripsage_tui.widgets.form_notes import NotesField
from tripsage_tui.widgets.form_text import TextField, Width
from tripsage_tui.widgets.form_time import TimeField

if TYPE_CHECKING:
    from tripsage_tui.planner import Planner


def options(kind: Iterable[Any]) -> list[tuple[str, str]]:
    """Value and words of each member of an enumeration."""
    return [(member.value, member.value.replace("_", " ")) for member in kind]


_ZONES = ("departure_zone", "arrival_zone", "time_zone")
_NOT_COPIED = ("confirmation_code", "seat", "pay_by", "cancel_free_until")
"""Ends of the names of what belongs to one booking alone and not to another one like it."""


class BookingForm(RecordForm[Booking]):
    """Subclasses name their kind and lay out their fields."""

    KIND: ClassVar[type[Booking]]
    """The stored model."""
    FIELDS: ClassVar[type[BookingFields]]
    """The fields of it that people set."""
    TABLE: ClassVar[str] = ""
    WORD: ClassVar[str] = "booking"
    """In drafts' keys and in sentences."""
    ONE: ClassVar[str] = "a booking"
    STATES: ClassVar[Iterable[Any]] = BookingStatus

    _adding_rate = False
    _asked_for_rates = False

    def __init__(
        self,
        planner: Planner,
        trip: Trip,
        stops: Sequence[StopFields] = (),
        booking: Booking | None = None,
        *,
        day: date | None = None,
        like: Booking | None = None,
        given: Mapping[str, str] | None = None,
        said: str = "",
        resume: bool = False,
    ) -> None:
        """`booking` is what is edited, None for a new one, which may begin on `day`, or as one `like` another.

        `given` was typed elsewhere (in one line): it stands in the fields as something typed and not saved yet, and
        `said` above them.
        """
        self.given = given
        self._said = said
        if booking is None:
            draft = "new" if given is None else "new-line"
            key, title = f"{self.WORD}.trip-{trip.id}.{draft}", f"adding {self.ONE} to {trip.name}"
        else:
            key, title = f"{self.WORD}.trip-{trip.id}.{booking.id}", f"editing the {describe(booking)} of {trip.name}"
        super().__init__(planner, booking, draft_key=key, title=title, resume=resume)
        self.trip = trip
        self.stops = tuple(stops)
        self.day = day
        self.context = self.reading_context()
        self.shown = self._begin(booking, like)

    def _begin(self, booking: Booking | None, like: Booking | None) -> dict[str, str]:
        """What stands in the fields at first."""
        if booking is not None:
            return values_of(booking, self.context)
        blank = blank_values(self.KIND, self.context)
        if like is not None:
            copied = values_of(like, self.context)
            return {name: value for name, value in copied.items() if not name.endswith(_NOT_COPIED)} | {
                "booking_status": blank["booking_status"],
                "payment_status": blank["payment_status"],
            }
        return blank if self.day is None else {**blank, **self.values_on(self.day)}

    def values_on(self, day: date) -> dict[str, str]:
        """What a new form begins with on a day."""
        return {}

    def offer_draft(self) -> None:
        if self.given is None or self._resume:
            super().offer_draft()
        else:
            self._keeper.discard()  # an earlier line's, which can be typed again
            self.fill(self.given, self._said)

    def fill(self, values: Mapping[str, str], sentence: str) -> None:
        super().fill(values, sentence)
        if self.given is not None:
            self._begin_where_it_lacks()

    def _begin_where_it_lacks(self) -> None:
        """A filled form begins at the first error, else at a field that opens no list over the others."""
        errors = self.review(self.values).errors
        fields = [field for field in self.fields.values() if field.key in errors]
        fields += [field for field in self.fields.values() if not isinstance(field, AirportField)]
        if fields:
            fields[0].target.focus(scroll_visible=False)

    @property
    def trail(self) -> tuple[str, ...]:
        return self.trip.name, f"new {self.WORD}" if self.record is None else name_of(self.record)

    @property
    def table(self) -> str:
        return self.TABLE

    @property
    def record_id(self) -> int | None:
        return self.record.id if self.record else None

    @property
    def what(self) -> str:
        return f"the {describe(self.record)}" if self.record else f"the {self.WORD}"

    def reading_context(self) -> FormContext:
        airports = self.planner.airports
        if not airports.loaded:
            return FormContext(today=self.planner.today, trip=self.trip, stops=self.stops)
        return FormContext(
            today=self.planner.today,
            trip=self.trip,
            stops=self.stops,
            zone_of=airports.zone_of,
            distance_km=airports.distance_km,
        )

    async def prepare(self) -> None:
        await self.planner.airports.load()
        self.context = replace(self.reading_context(), rates=self.context.rates)
        self._leave_out_implied_zones()

    def _leave_out_implied_zones(self) -> None:
        """Empty the zones that airports, stops or the trip imply: they follow when the place or the day is changed."""
        for key in [*_ZONES, *(key for key in self.values if connection_of(key) and key.endswith("_zone"))]:
            shown = self.values.get(key, "")
            if shown and not self.is_typed(key):
                as_is, without = self.review(self.values), self.review({**self.values, key: ""})
                same = as_is.fields == without.fields and getattr(as_is, "legs", ()) == getattr(without, "legs", ())
                if without.fields is not None and same:
                    self.begin_with(key, "")

    def review(self, values: Mapping[str, str]) -> Draft[Any]:
        if self.record is not None:
            return edit_booking(self.record, values, self.context).draft
        return self.read(values)

    def read(self, values: Mapping[str, str]) -> Draft[Any]:
        """The models' reading of a new form."""
        raise NotImplementedError

    async def insert(self) -> Booking:
        draft = self.read(self.values)
        if draft.fields is None:
            raise RuntimeError("a form with errors was saved")
        legs: tuple[LegFields, ...] = getattr(draft, "legs", ())
        return await BookingChanges(self.planner).add(self.trip.id, draft.fields, legs, self.key)

    def changes(self) -> dict[str, object]:
        if self.record is None:
            return {}
        edit = edit_booking(self.record, self.values, self.context)
        return edit.changes if edit.legs is None else {**edit.changes, "legs": edit.legs}

    async def update(self, record: Booking, changes: Mapping[str, object]) -> Booking:
        legs = changes.get("legs")
        fields = {name: value for name, value in changes.items() if name != "legs"}
        return await BookingChanges(self.planner).edit(record, fields, legs if isinstance(legs, tuple) else None)

    def content(self, record: Record) -> dict[str, object]:
        fields: dict[str, object] = {name: getattr(record, name) for name in self.FIELDS.model_fields}
        if isinstance(record, self.KIND) and hasattr(record, "legs"):
            fields["legs"] = tuple(plain_leg(leg) for leg in legs_of(record))
        return fields

    def show_value(self, field: str, value: object) -> str:
        return in_words(value, today=self.planner.today, zone=self.trip.time_zone)

    def text(self, key: str, label: str, *, hint: str = "", required: bool = False, width: Width = "") -> TextField:
        return TextField(key, label, self.shown.get(key, ""), hint=hint, required=required, width=width)

    def short(self, key: str, label: str, *, hint: str = "") -> TextField:
        return self.text(key, label, hint=hint, width="short")

    def date_field(
        self, key: str, label: str, *, after: str = "", required: bool = False, hint: str = "e.g. 2 oct, fri, +7"
    ) -> DateField:
        """A date; an empty one begins at the date in the field `after`, else where the trip begins."""

        def start() -> date | None:
            earlier = self.fields.get(after)
            return (earlier.day() if isinstance(earlier, DateField) else None) or self.day or self.trip.start_date

        return DateField(
            key,
            label,
            self.shown.get(key, ""),
            today=lambda: self.planner.today,
            start=start,
            required=required,
            hint=hint,
        )

    def time_field(self, key: str, label: str, *, hint: str = "e.g. 13:25") -> TimeField:
        return TimeField(key, label, self.shown.get(key, ""), hint=hint)

    def airport(self, key: str, label: str, *, day: str, required: bool = True) -> AirportField:
        def on_day() -> date:
            field = self.fields.get(day)
            return (field.day() if isinstance(field, DateField) else None) or self.trip.start_date

        return AirportField(
            key,
            label,
            self.shown.get(key, ""),
            search=self._find_airports,
            get=self._airport,
            on_day=on_day,
            required=required,
        )

    def _airport(self, code: str) -> Any:
        airports = self.planner.airports
        return airports.get(code) if airports.loaded else None

    async def _find_airports(self, text: str) -> Sequence[Any]:
        found: Sequence[Any] = await self.planner.airports.search(text)
        return found

    def choice(self, key: str, label: str, kind: Iterable[Any]) -> ChoiceField:
        return ChoiceField(key, label, options(kind), self.shown.get(key, ""))

    def notes(self, key: str, label: str, *, hint: str = "") -> NotesField:
        return NotesField(key, label, self.shown.get(key, ""), hint=hint)

    def money(self) -> list[FormField]:
        price = self.short("price", "Price", hint="e.g. 1480")
        return [price, self.short("currency", "Currency", hint="e.g. EUR"), *self.rate()]

    def rate(self) -> list[FormField]:
        """What the booking's currency is worth, where it is not the trip's."""
        same = self.shown.get("currency", self.trip.currency) == self.trip.currency
        return [] if same else [self._rate_field()]

    def _rate_field(self) -> FormField:
        return self.short("exchange_rate", f"Rate to {self.trip.currency}", hint="1/161, =55.80")

    def show_review(self) -> Draft[Any]:
        read = super().show_review()
        typed = self.values.get("currency", "").strip().upper()
        currency = read.fields.currency if read.fields is not None else typed or self.trip.currency
        differs = currency != self.trip.currency and len(currency) == 3
        if differs and self.record is None and not self._asked_for_rates:
            self._asked_for_rates = True
            self.run_task(self._know_rates(), group="rates")
        if "exchange_rate" in self.fields:
            self.fields["exchange_rate"].display = differs
        elif differs and not self._adding_rate:
            self._adding_rate = True
            self.call_later(self._add_rate)
        return read

    async def _know_rates(self) -> None:
        """The rates of other rows of the trip are suggested for a new one."""
        from tripsage_tui.models.costs import known_rates

        plan = await self.planner.trips.plan(self.trip.id)
        ledger = await self.planner.expenses.ledger(self.trip.id)
        self.context = replace(self.context, rates=known_rates(plan, ledger.expenses))
        self.show_review()

    async def _add_rate(self) -> None:
        before = self.fields["currency"]
        if isinstance(before.parent, Widget):
            await before.parent.mount(self._rate_field(), after=before)
        self._fields = {}
        self._adding_rate = False
        self.show_review()

    def paying(self) -> list[FormField]:
        """State, payment and deadlines, as every kind has them."""
        return [
            self.choice("booking_status", "State", self.STATES),
            self.text("confirmation_code", "Confirmation", hint="e.g. X7K2PQ"),
            self.text("provider", "Booked with"),
            self.choice("payment_status", "Payment", PaymentStatus),
            self.date_field("pay_by", "Pay by"),
            self.text("cancel_free_until", "Cancel until", hint="free, e.g. 28 sep 18:00"),
        ]


def section(title: str) -> Widget:
    """A heading between fields; our own words."""
    return Static(title, classes="form-section", markup=False)
