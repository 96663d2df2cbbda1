"""What the forms of all four kinds of booking share: their surroundings, money, payment, deadlines."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import TypedDict

from tripsage_tui.models.bookings import BookingFields, PaymentStatus
from tripsage_tui.models.form_reading import FormReader, read_amounts
from tripsage_tui.models.money import format_amount
from tripsage_tui.models.rates import UNKNOWN, KnownRate, converted, parse_rate, plain_rate, rate_text, suggested
from tripsage_tui.models.text import CODE_LIMIT, TEXT_LIMIT, InputError, clean_input
from tripsage_tui.models.trips import StopFields, TripFields
from tripsage_tui.models.typed_dates import parse_date
from tripsage_tui.models.typed_times import TypedTime, read_time, write_time
from tripsage_tui.models.when import count_of, format_date
from tripsage_tui.models.zones import local

COMMON_FIELDS = (
    *("price", "currency", "exchange_rate", "booking_status", "confirmation_code", "provider"),
    *("payment_status", "pay_by", "cancel_free_until", "notes"),
)
END_OF_DAY = time(23, 59)


def _no_zone(_code: str) -> str | None:
    return None


def _no_distance(_origin: str, _destination: str) -> float | None:
    return None


@dataclass(frozen=True)
class FormContext:
    """What a booking form is read against.

    `zone_of` gives the zone of an IATA code; `distance_km` the great-circle distance between two of them. `rates` are
    those that rows of the trip have, of which a new booking takes one where none is typed.
    """

    today: date
    trip: TripFields | None = None
    stops: tuple[StopFields, ...] = ()
    zone_of: Callable[[str], str | None] = field(default=_no_zone)
    distance_km: Callable[[str, str], float | None] = field(default=_no_distance)
    rates: tuple[KnownRate, ...] = ()

    @property
    def knows_airports(self) -> bool:
        """Whether `zone_of` can tell an airport from anything else."""
        return self.zone_of is not _no_zone

    @property
    def currency(self) -> str:
        return self.trip.currency if self.trip else "USD"

    @property
    def start(self) -> date | None:
        return self.trip.start_date if self.trip else None

    @property
    def after(self) -> date | None:
        """Where `fri` and `+3` count from: the trip's first day, or today while it is going on."""
        if self.trip and self.trip.start_date <= self.today <= self.trip.end_date:
            return self.today
        return self.start

    def zone_at(self, *places: str | None) -> str | None:
        """The zone of the stop that one of these texts names (`Gare du Nord, Paris`); None for none, or for several."""
        texts = [_words(place) for place in places if place]
        zones = {
            stop.time_zone
            for stop in self.stops
            if stop.time_zone and _words(stop.place) and any(_words(stop.place) in text for text in texts)
        }
        return zones.pop() if len(zones) == 1 else None

    def zone_on(self, day: date | None) -> str | None:
        """The zone of where the trip is on a day: of the stop of that day (the one that begins, if two meet)."""
        here = [
            stop.time_zone
            for stop in self.stops
            if stop.time_zone and day and stop.arrive_date and stop.arrive_date <= day
            if day <= (stop.depart_date or day)
        ]
        if here:
            return here[-1]
        if self.trip and self.trip.time_zone:
            return self.trip.time_zone
        everywhere = {stop.time_zone for stop in self.stops if stop.time_zone}
        return everywhere.pop() if len(everywhere) == 1 else None


def _words(text: str) -> str:
    """The words of a text, each between two blanks, to find one text in another."""
    words = " ".join(re.findall(r"[^\W_]+", text.casefold()))
    return f" {words} " if words else ""


class Common(TypedDict):
    """The arguments that every booking model takes."""

    confirmation_code: str | None
    provider: str | None
    payment_status: PaymentStatus
    pay_by: date | None
    cancel_free_until: datetime | None
    notes: str | None


def read_common(form: FormReader, context: FormContext, zone: str | None) -> Common:
    """Code, provider, payment, deadlines and notes; `zone` is where the free-cancellation deadline ticks."""
    pay_by = form.day("pay_by")
    payment = form.choice("payment_status", PaymentStatus, PaymentStatus.UNPAID)
    if pay_by and pay_by < context.today and payment is not PaymentStatus.PAID:
        form.note("pay_by", "this deadline has passed")
    return Common(
        confirmation_code=form.text("confirmation_code", CODE_LIMIT),
        provider=form.text("provider"),
        payment_status=payment,
        pay_by=pay_by,
        cancel_free_until=_read_deadline(form, zone),
        notes=form.text("notes", TEXT_LIMIT),
    )


def common_values(booking: BookingFields, zone: str | None) -> dict[str, str]:
    """The strings for what `read_common` reads."""
    deadline = local(booking.cancel_free_until, zone) if booking.cancel_free_until else None
    return {
        "currency": booking.currency,
        "exchange_rate": plain_rate(booking.exchange_rate) if booking.exchange_rate else "",
        "confirmation_code": booking.confirmation_code or "",
        "provider": booking.provider or "",
        "payment_status": booking.payment_status.value,
        "pay_by": booking.pay_by.isoformat() if booking.pay_by else "",
        "cancel_free_until": f"{deadline.date()} {write_time(deadline.time())}" if deadline else "",
        "notes": booking.notes or "",
    }


def read_price(form: FormReader, context: FormContext, *, expected: bool = True) -> tuple[Decimal, str]:
    """The price and its currency. A blank price is nothing; where one is `expected`, a note says so."""
    amounts, currency = read_amounts(form, ["price"], context.currency)
    if expected and not form.raw("price"):
        form.note("price", "no price yet")
    money = amounts["price"]
    return (money.amount if money else Decimal(0)), currency


def read_rate(form: FormReader, context: FormContext, amount: Decimal, currency: str) -> Decimal | None:
    """Units of the trip's currency for one of the booking's, where these differ: typed, else of another row."""
    target = context.currency
    if currency == target:
        return None
    typed, source = form.raw("exchange_rate"), ""
    known = None if typed else suggested(context.rates, currency, None)
    if known:
        rate: Decimal | None = known.rate
        source = f", as{f' on {format_date(known.day, context.today)}' if known.day else ' before'}; ? for none"
    elif typed == UNKNOWN:
        rate = None
    else:
        rate = form.read("exchange_rate", lambda text: parse_rate(text, currency, target, amount))
    if rate is None:
        form.note("exchange_rate", f"how many {target} is 1 {currency}? Without it the price is counted apart")
    else:
        there = converted(amount, currency, rate, target) if amount else None
        came_to = f"{format_amount(there, target)} at " if there is not None else ""
        form.note("exchange_rate", f"{came_to}{rate_text(rate, currency, target)}{source}")
    return rate


def note_day(form: FormReader, name: str, day: date, context: FormContext) -> None:
    """Say where a day is outside the trip or in the past."""
    trip = context.trip
    if trip and day < trip.start_date:
        _note_outside(form, name, (trip.start_date - day).days, "before the trip starts")
    elif trip and day > trip.end_date:
        _note_outside(form, name, (day - trip.end_date).days, "after the trip ends")
    elif day < context.today:
        form.note(name, "in the past")


def _note_outside(form: FormReader, name: str, days: int, where: str) -> None:
    """One day more is a night flight; what is farther off is probably the wrong month or year."""
    say = form.warn if days > 1 else form.note
    say(name, f"{count_of(days, 'day')} {where}")


def _read_deadline(form: FormReader, zone: str | None) -> datetime | None:
    """A day, or a day and a time (`28 sep 18:00`); a day alone lasts until its end."""
    name = "cancel_free_until"

    def parse(typed: str) -> tuple[date, TypedTime]:
        clean_input(typed)
        words = typed.split()
        try:
            return parse_date(typed, form.today), TypedTime(END_OF_DAY)
        except InputError as error:
            not_a_date = error
        for count in (1, 2):
            try:
                return parse_date(" ".join(words[:-count]), form.today), read_time(" ".join(words[-count:]))
            except InputError:
                continue
        raise not_a_date

    found = form.read(name, parse)
    if not found:
        return None
    day, typed = found
    return form.instant(name, day, typed, zone or "UTC")
