"""`tripsage-tui bookings`: the bookings of all trips, or their deadlines, as a table or as JSON."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from datetime import datetime

from tripsage_tui.command_line.errors import Exit
from tripsage_tui.command_line.running import signed_in
from tripsage_tui.command_line.trips import print_json, print_table, trip_id_of
from tripsage_tui.models.booking_filter import BookingFilter
from tripsage_tui.models.booking_list import BookingRow, Due, Kind, all_due, due, grouped
from tripsage_tui.models.booking_words import due_text, remaining_text, when_text
from tripsage_tui.models.money import format_amount

MASK = "(hidden)"


def run(arguments: argparse.Namespace) -> int:
    """Print what the options let through; confirmation codes only with `--codes`."""

    async def read() -> tuple[list[BookingRow], datetime]:
        async with signed_in(arguments) as planner:
            trip_id = await trip_id_of(planner, arguments.trip) if arguments.trip else None
            rows = await planner.bookings_everywhere.list(archived=trip_id is not None, trip_id=trip_id)
            return rows, planner.clock()

    rows, now = asyncio.run(read())
    only = BookingFilter(
        kinds=frozenset(Kind(kind) for kind in arguments.kind),
        states=frozenset(arguments.state),
        unpaid=arguments.unpaid,
    )
    found = [row for group in grouped(rows, now).values() for row in group if only.lets_through(row, now)]
    if arguments.deadlines:
        _print_deadlines(all_due(found, now), now, as_json=arguments.json)
    elif arguments.json:
        print_json([_object(row, now, codes=arguments.codes) for row in found])
    elif found:
        head = ("id", "when", "kind", "what", "trip", "state", "payment", "price", "code")
        print_table([head, *(_line(row, now, codes=arguments.codes) for row in found)])
    else:
        print("No bookings.")
    return Exit.OK


def _print_deadlines(found: Sequence[Due], now: datetime, *, as_json: bool) -> None:
    if as_json:
        print_json([{**_deadline(each, now), "booking": _object(each.row, now, codes=False)} for each in found])
    elif found:
        head = ("until", "countdown", "what to do", "booking", "trip", "state", "price")
        print_table([head, *(_due_line(each, now) for each in found)])
    else:
        print("No deadlines.")


def _due_line(each: Due, now: datetime) -> tuple[str, ...]:
    row = each.row
    what = f"{row.word} {row.title}"
    return (
        due_text(each, now), remaining_text(each, now), each.kind.value, what, row.trip_name, row.booking_status,
        _price(row),
    )  # fmt: skip


def _line(row: BookingRow, now: datetime, *, codes: bool) -> tuple[str, ...]:
    paid = row.payment_status.value if row.price else ""
    code = (row.reference if codes else MASK) if row.reference else ""
    number = f"{row.kind}-{row.id}"
    what = (row.word, row.title, row.trip_name, row.booking_status)
    return (number, when_text(row, now), *what, paid, _price(row), code or "")


def _price(row: BookingRow) -> str:
    return format_amount(row.price, row.currency) if row.price else ""


def _object(row: BookingRow, now: datetime, *, codes: bool) -> dict[str, object]:
    fields = row.model_dump(mode="json", exclude=set() if codes else {"reference"})
    return {
        **fields,
        "has_reference": bool(row.reference),
        "deadlines": [_deadline(each, now) for each in due(row, now)],
    }


def _deadline(each: Due, now: datetime) -> dict[str, object]:
    return {
        "what": each.kind.value,
        "day": each.day,
        "at": each.at.isoformat() if each.timed else None,
        "overdue": each.overdue(now),
        "countdown": remaining_text(each, now),
    }
