"""`tripsage-tui add TRIP LINE`: what quick add understands, written at once."""

from __future__ import annotations

import argparse
import asyncio
import json
from uuid import uuid4

from tripsage_tui.command_line.errors import CommandError, Exit
from tripsage_tui.command_line.running import signed_in
from tripsage_tui.command_line.trips import trip_id_of
from tripsage_tui.models.booking_drafts import BookingDraft
from tripsage_tui.models.booking_reading import FormContext
from tripsage_tui.models.bookings import Booking, BookingFields
from tripsage_tui.models.costs import known_rates
from tripsage_tui.models.form_reading import Draft
from tripsage_tui.models.quick_add import LABELS, QuickAdd, read_line, review
from tripsage_tui.models.showing import one_line
from tripsage_tui.models.text import shown
from tripsage_tui.planner import Planner


def run(arguments: argparse.Namespace) -> int:
    """Write the booking of a line and print it. A part that is not understood, or a day that is missing, is refused."""
    line = " ".join(arguments.line)

    async def add() -> tuple[QuickAdd, BookingDraft, BookingFields]:
        async with signed_in(arguments) as planner:
            plan = await planner.trips.plan(await trip_id_of(planner, arguments.trip))
            if not plan.trip.access.may_edit:
                raise CommandError(f"{plan.trip.name} was shared with you to look at, not to change.", Exit.REFUSED)
            await planner.airports.load()
            context = FormContext(
                today=planner.today,
                trip=plan.trip,
                stops=plan.stops,
                zone_of=planner.airports.zone_of,
                distance_km=planner.airports.distance_km,
                rates=known_rates(plan, (await planner.expenses.ledger(plan.trip.id)).expenses),
            )
            quick = read_line(line, context)
            draft = review(quick, context)
            fields = _fields_of(quick, draft)
            if not arguments.dry_run:
                fields = await _write(planner, plan.trip.id, fields, draft)
            return quick, draft, fields

    quick, draft, fields = asyncio.run(add())
    if arguments.json:
        print(json.dumps({"kind": quick.word, **fields.model_dump(mode="json")}, indent=2, ensure_ascii=False))
        return Exit.OK
    number = f" (id {fields.id})" if isinstance(fields, Booking) else ", not written"
    print(f"{quick.word}{number}")
    for name, value in _in_order(quick).items():
        note = draft.notes.get(name, "")
        print(f"  {LABELS.get(name, name):<14} {one_line(value)}{f'  ({one_line(note)})' if note else ''}")
    return Exit.OK


def _fields_of(quick: QuickAdd, draft: Draft[BookingFields] | BookingDraft) -> BookingFields:
    """What can be written. Raises CommandError, which names what is not understood or the field that is wrong."""
    if not quick.word:
        raise CommandError('Say what to add, for example "dinner sat 19:30 Gion".', Exit.USAGE)
    if quick.unknown:
        parts = (f"{shown(quick.text_of(part))}{f' ({part.why})' if part.why else ''}" for part in quick.unknown)
        raise CommandError(f"Nothing was written. Not understood: {', '.join(parts)}", Exit.USAGE)
    if draft.fields is None:
        wrong = (f"{LABELS.get(name, name)}: {said}" for name, said in draft.errors.items())
        raise CommandError(f"Nothing was written. {' '.join(wrong)}", Exit.USAGE)
    return draft.fields


def _in_order(quick: QuickAdd) -> dict[str, str]:
    return {name: quick.values[name] for name in LABELS if name in quick.values}


async def _write(planner: Planner, trip_id: int, fields: BookingFields, draft: BookingDraft) -> Booking:
    from tripsage_tui.changes.bookings import BookingChanges

    legs = getattr(draft, "legs", ())
    return await BookingChanges(planner).add(trip_id, fields, legs, uuid4())
