"""How the list of all bookings shows one of them, and one deadline: the columns, and what stands in them."""

from __future__ import annotations

from datetime import date, datetime
from functools import reduce

from tripsage_tui.models.booking_list import BookingRow, Due, Kind, next_deadline
from tripsage_tui.models.booking_words import deadline_text, due_text, remaining_text, when_text
from tripsage_tui.models.bookings import PaymentStatus
from tripsage_tui.models.deadlines import DeadlineKind
from tripsage_tui.models.money import format_amount
from tripsage_tui.models.typed_dates import month_abbreviation
from tripsage_tui.models.when import format_date, local
from tripsage_tui.screens.trip_lines import STATE_SIGNS, state_text
from tripsage_tui.widgets.columns import Cell, Column, Look

COLUMNS = (
    Column("When", 15, 26, rank=9),
    Column("Kind", 1, 12, rank=6),
    Column("What", 14, 44, rank=9, good=26),
    Column("Trip", 10, 30, rank=5, good=16),
    Column("State", 1, 11, rank=8),
    Column("Paid", 4, 7, rank=4),
    Column("Deadline", 10, 36, rank=7),
    Column("Price", 8, 14, rank=3, right=True),
    Column("Code", 6, 14, rank=2),
)
DUE_COLUMNS = (
    Column("Until", 15, 28, rank=8),
    Column("Countdown", 13, 20, rank=9),
    Column("What to do", 8, 23, rank=9),
    Column("Booking", 16, 48, rank=9, good=28),
    Column("Trip", 10, 30, rank=5, good=16),
    Column("State", 1, 11, rank=6),
    Column("Price", 8, 14, rank=4, right=True),
)

KIND_SIGNS = {Kind.FLIGHT: "↗", Kind.STAY: "⌂", Kind.TRANSPORT: "⇄", Kind.ITEM: "•"}
_SHORTER = (("overdue by ", "late "), ("open since", "open"), (" days", " d"), (" day", " d"), (" min", "min"))
MASKED = "••••••"
STATE_LOOKS: dict[str, Look] = {"booked": "good", "completed": "good", "reserved": "warn", "cancelled": "bad"}
_PAID: dict[PaymentStatus, tuple[str, str, Look]] = {
    PaymentStatus.UNPAID: ("unpaid", "no", "warn"),
    PaymentStatus.DEPOSIT: ("deposit", "part", "warn"),
    PaymentStatus.PAID: ("paid", "yes", "good"),
}
_SHORT = {DeadlineKind.PAY: "pay", DeadlineKind.CANCEL: "cancel", DeadlineKind.CHECK_IN: "check in"}
_BRIEF = {DeadlineKind.PAY: "pay", DeadlineKind.CANCEL: "free", DeadlineKind.CHECK_IN: "opens"}
_TASKS = {
    DeadlineKind.PAY: "pay",
    DeadlineKind.CANCEL: "cancel for free until",
    DeadlineKind.CHECK_IN: "check-in opens",
}


def cells(row: BookingRow, now: datetime, *, reveal: bool = False) -> tuple[Cell, ...]:
    """What the list shows of a booking, in the order of `COLUMNS`."""
    quiet: Look = "muted" if row.cancelled or row.past(now) else ""
    paid, short, look = _PAID[row.payment_status]
    state = row.booking_status
    return (
        _when(row, now, quiet),
        Cell(f"{KIND_SIGNS[row.kind]} {row.word}", quiet, KIND_SIGNS[row.kind]),
        Cell(row.title, quiet or "strong"),
        Cell(row.trip_name, quiet),
        Cell(state_text(state), quiet or STATE_LOOKS.get(state, ""), STATE_SIGNS.get(state, "?")),
        Cell(paid, quiet or look, short) if row.price or row.payment_status is not PaymentStatus.UNPAID else Cell(""),
        _deadline(row, now),
        Cell(price_text(row), quiet, f"{row.price:,.0f}" if row.price else ""),
        Cell(reference_text(row, reveal=reveal), quiet),
    )


def due_cells(each: Due, now: datetime) -> tuple[Cell, ...]:
    """What the list of deadlines shows, in the order of `DUE_COLUMNS`."""
    row, look = each.row, _look(each, now)
    state = row.booking_status
    text = due_text(each, now)
    short = _short_moment(local(each.at, row.zone), now) if each.timed else _day(each.day, now)
    if look == "bad":
        text, short = f"! {text}", f"! {short}"
    return (
        Cell(text, look, short),
        Cell(remaining_text(each, now), look, _brief(remaining_text(each, now))),
        Cell(_TASKS[each.kind], look, _SHORT[each.kind]),
        Cell(f"{KIND_SIGNS[row.kind]} {row.title}", "strong"),
        Cell(row.trip_name),
        Cell(state_text(state), STATE_LOOKS.get(state, ""), STATE_SIGNS.get(state, "?")),
        Cell(price_text(row), "", f"{row.price:,.0f}" if row.price else ""),
    )


def reference_text(row: BookingRow, *, reveal: bool = False) -> str:
    """The confirmation code, masked unless asked for; a dash where one is missing."""
    if row.reference:
        return row.reference if reveal else MASKED
    return "-" if row.lacks_reference else ""


def price_text(row: BookingRow) -> str:
    return format_amount(row.price, row.currency, compact=True) if row.price else ""


def _when(row: BookingRow, now: datetime, look: Look) -> Cell:
    if row.starts_at is not None:
        return Cell(when_text(row, now), look, _short_moment(local(row.starts_at, row.zone), now))
    if row.day is None:
        return Cell("no day yet", look)
    return Cell(f"{format_date(row.day, now.date())}, no time", look, _day(row.day, now))


def _short_moment(clock: datetime, now: datetime) -> str:
    return f"{_day(clock.date(), now)} {clock:%H:%M}"


def _day(day: date, now: datetime) -> str:
    year = "" if day.year == now.year else f" {day:%y}"
    return f"{day.day} {month_abbreviation(day.month)}{year}"


def _deadline(row: BookingRow, now: datetime) -> Cell:
    each = next_deadline(row, now)
    if each is None:
        return Cell("")
    left = _brief(remaining_text(each, now))
    if each.passed(now):
        late = each.overdue(now)
        return Cell(
            f"{'! ' if late else ''}{deadline_text(each, now)}", _look(each, now), f"! {left}" if late else left
        )
    return Cell(deadline_text(each, now), _look(each, now), f"{_BRIEF[each.kind]} {left}")


def _brief(text: str) -> str:
    """The countdown in as few cells as it can be understood."""
    return reduce(lambda shorter, pair: shorter.replace(*pair), _SHORTER, text.removeprefix("in "))


def _look(each: Due, now: datetime) -> Look:
    if each.overdue(now):
        return "bad"
    return "good" if each.passed(now) else "warn" if (each.at - now).days < 3 else ""
