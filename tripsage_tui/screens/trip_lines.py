"""A trip as lines of an agenda: its days with what happens on them, and its bookings by kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from tripsage_tui.models.agenda import Day, Entry, Moment
from tripsage_tui.models.booking_names import kind_of, name_of
from tripsage_tui.models.bookings import (
    Accommodation,
    Booking,
    Flight,
    ItineraryItem,
    Transportation,
    price_of,
)
from tripsage_tui.models.borders import BEFORE
from tripsage_tui.models.money import format_amount, format_totals, totals
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.when import count_of, format_date, local
from tripsage_tui.screens.agenda_extras import Extras
from tripsage_tui.widgets.agenda_list import AgendaLine

STATE_SIGNS = {
    "available": "○",
    "planned": "○",
    "reserved": "◐",
    "booked": "●",
    "completed": "✓",
    "cancelled": "✕",
}
"""A sign for each state of a booking, so that the colour is never alone."""

_KIND_SIGNS: dict[type[Booking], str] = {
    Flight: "↗",
    Accommodation: "⌂",
    Transportation: "⇄",
    ItineraryItem: "•",
}
_KINDS: tuple[tuple[str, type[Booking]], ...] = (
    ("Flights", Flight),
    ("Stays", Accommodation),
    ("Transport", Transportation),
    ("Activities and ideas", ItineraryItem),
)

DayKey = tuple[str, date]
EntryKey = tuple[str, str, int, str, date | None]


def sign_of(booking: Booking) -> str:
    """The sign of a kind of booking; it always stands beside a word or a name."""
    return _KIND_SIGNS[type(booking)]


def state_text(status: str) -> str:
    """`● booked`."""
    return f"{STATE_SIGNS.get(status, '?')} {status}"


@lru_cache(maxsize=4096)
def price_text(amount: Decimal | None, currency: str) -> str:
    """A price as the lists show it; nothing for nothing."""
    return format_amount(amount, currency, compact=True) if amount else ""


def day_key(day: date) -> DayKey:
    """What the cursor stands on at a day without entries."""
    return ("day", day)


def entry_key(booking: Booking, moment: str, day: date | None) -> EntryKey:
    """What the cursor stands on at one moment of a booking."""
    return ("entry", type(booking).__name__, booking.id, moment, day)


def agenda_lines(
    days: Sequence[Day], ideas: Sequence[ItineraryItem], today: date, extras: Extras | None = None
) -> list[AgendaLine]:
    """Each day with a heading; a day without entries is its heading. Ideas come last."""
    extras = extras or Extras()
    lines: list[AgendaLine] = []
    for day in days:
        happening = [entry for entry in day.entries if entry.happens]
        lines.extend(extras.above(day))
        lines.append(_heading(day, today, extras.facts(day), empty=not happening))
        lines.extend(extras.below(day, BEFORE))
        for number, entry in enumerate(happening):
            lines.append(_entry(entry, day.date))
            lines.extend(extras.below(day, number))
    if ideas:
        lines.append(AgendaLine("day", "Ideas", detail=f"{len(ideas)} without a day", section="ideas"))
        lines.extend(_idea(item) for item in ideas)
    return lines


def booking_lines(plan: TripPlan) -> list[AgendaLine]:
    """All bookings by kind, in order of time, each once."""
    lines: list[AgendaLine] = []
    for title, kind in _KINDS:
        found = [booking for booking in plan.bookings if isinstance(booking, kind)]
        if found:
            sums = totals((price_of(booking), booking.currency) for booking in found)
            total = format_totals(sums, plan.trip.currency, compact=True) if any(sums.values()) else ""
            lines.append(AgendaLine("day", title, section=title, detail=str(len(found)), state=total))
            lines.extend(_booking(booking, title, plan.trip.time_zone) for booking in found)
    return lines


def _heading(day: Day, today: date, more: Sequence[str], *, empty: bool) -> AgendaLine:
    facts = [f"day {day.number}"] if day.number else ["outside the trip"]
    if day.place:
        facts.append(day.place)
    facts += more
    spans = [entry for entry in day.entries if not entry.happens and not entry.cancelled]
    notes = [f"{sign_of(entry.booking)} {_span(entry)}" for entry in spans]
    is_today = day.date == today
    title = format_date(day.date, day.date)
    return AgendaLine(
        "today" if is_today else "day",
        f"● {title} today" if is_today else title,
        key=day_key(day.date) if empty else None,
        section=day.date,
        detail=" · ".join(facts),
        state=" · ".join(notes),
    )


def _span(entry: Entry) -> str:
    return entry.title if entry.moment is Moment.STAYING else f"{entry.moment.value} {entry.title}"


def _entry(entry: Entry, day: date) -> AgendaLine:
    word = kind_of(entry.booking) if entry.moment in {Moment.DEPARTURE, Moment.ITEM} else entry.moment.value
    clocks = entry.zone_label
    if entry.until_label != entry.zone_label:
        clocks = f"{entry.zone_label}→{entry.until_label}"
    return AgendaLine(
        "muted" if entry.cancelled else "entry",
        entry.title,
        key=entry_key(entry.booking, _moment(entry), day),
        section=day,
        time=_times(entry),
        sign=sign_of(entry.booking),
        kind=word,
        detail=" · ".join(part for part in (clocks, entry.detail) if part),
        state=state_text(entry.status),
        price=price_text(entry.price, entry.currency),
    )


def _moment(entry: Entry) -> str:
    """Tells the legs of one booking apart that leave on the same day."""
    return f"{entry.moment.value} {entry.title}" if entry.leg else entry.moment.value


def _times(entry: Entry) -> str:
    if entry.time and entry.until_text:
        return f"{entry.time}–{entry.until_text}"
    return entry.time or (f"–{entry.until_text}" if entry.until_text else "")


def _idea(item: ItineraryItem) -> AgendaLine:
    return AgendaLine(
        "muted" if item.booking_status == "cancelled" else "entry",
        item.title,
        key=entry_key(item, "idea", None),
        section="ideas",
        sign=sign_of(item),
        kind=kind_of(item),
        detail=item.location or "",
        state=state_text(item.booking_status.value),
        price=price_text(item.price, item.currency),
    )


def _booking(booking: Booking, section: str, trip_zone: str | None) -> AgendaLine:
    return AgendaLine(
        "muted" if booking.booking_status == "cancelled" else "entry",
        name_of(booking),
        key=entry_key(booking, "booking", None),
        section=section,
        time=_begins(booking, trip_zone),
        sign=sign_of(booking),
        kind=kind_of(booking),
        detail=" · ".join(_about(booking)),
        state=state_text(booking.booking_status.value),
        price=price_text(price_of(booking), booking.currency),
    )


def _begins(booking: Booking, trip_zone: str | None) -> str:
    match booking:
        case Flight():
            day: date | None = booking.departure_date
        case Accommodation():
            day = booking.check_in_date
        case Transportation():
            leaves = booking.departure_time
            day = booking.day or (local(leaves, booking.departure_zone or trip_zone).date() if leaves else None)
        case ItineraryItem():
            starts = booking.start_time
            day = booking.day or (local(starts, booking.start_zone or trip_zone).date() if starts else None)
    return format_date(day, day) if day else ""


def _about(booking: Booking) -> Iterator[str]:
    match booking:
        case Flight():
            if booking.return_date:
                yield f"return {format_date(booking.return_date, booking.departure_date)}"
            yield from (part for part in (booking.airline, booking.flight_number) if part)
        case Accommodation():
            yield count_of(booking.nights, "night")
        case Transportation():
            if booking.provider:
                yield booking.provider
        case ItineraryItem():
            if booking.location:
                yield booking.location
