"""The form of something to do: with a time, with a day only, or neither (an idea)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from tripsage_tui.models.booking_reading import (
    COMMON_FIELDS,
    FormContext,
    common_values,
    note_day,
    read_common,
    read_price,
    read_rate,
)
from tripsage_tui.models.bookings import ItemStatus, ItemType, ItineraryItem, ItineraryItemFields
from tripsage_tui.models.closing_days import Closed, read_closed, write_closed
from tripsage_tui.models.form_reading import Draft, FormReader
from tripsage_tui.models.journeys import journey_values
from tripsage_tui.models.money import plain_amount
from tripsage_tui.models.text import ADDRESS_LIMIT, TEXT_LIMIT, shown
from tripsage_tui.models.typed_times import TypedTime
from tripsage_tui.models.when import duration_text, format_date
from tripsage_tui.models.zones import local

ITEM_FIELDS = (
    *(
        "title",
        "item_type",
        "day",
        "start_time",
        "end_time",
        "time_zone",
        "location",
        "closed",
        "description",
        *COMMON_FIELDS,
    ),
)
_LONG_NIGHT = timedelta(hours=12)
"""What ends on the next day without saying so is shorter: a concert, a night train, not a typing error."""
ItineraryItemDraft = Draft[ItineraryItemFields]


def read_item(values: Mapping[str, str], context: FormContext) -> ItineraryItemDraft:
    """The item that a form describes. Keys: ITEM_FIELDS; missing ones are blank. No day and no time is an idea."""
    form = FormReader(values, context.today)
    title = form.text("title", required="What is it?")
    item_type = form.choice("item_type", ItemType, ItemType.ACTIVITY)
    day = form.day("day", after=context.after, near=context.start)
    here = context.zone_at(form.raw("location")) or context.zone_on(day)
    zone = form.zone("time_zone") if form.raw("time_zone") else here
    start, end = _times(form, day, zone)
    if day:
        note_day(form, "day", day, context)
    status = form.choice("booking_status", ItemStatus, ItemStatus.PLANNED)
    price, currency = read_price(form, context, expected=status is ItemStatus.BOOKED)
    rate = read_rate(form, context, price, currency)
    closed = form.read("closed", read_closed) or Closed()
    location, description = form.text("location", ADDRESS_LIMIT), form.text("description", TEXT_LIMIT)
    common = read_common(form, context, zone)
    if form.errors or title is None:
        return ItineraryItemDraft(None, form.errors, form.notes)
    fields = ItineraryItemFields(
        title=title,
        description=description,
        item_type=item_type,
        day=local(start, zone).date() if start else day,
        start_time=start,
        start_zone=zone if start or (form.raw("time_zone") and not end) else None,
        end_time=end,
        end_zone=zone if end else None,
        location=location,
        closed_weekdays=closed.weekdays,
        closed_on_holidays=closed.holidays,
        price=price,
        currency=currency,
        exchange_rate=rate,
        booking_status=status,
        **common,
    )
    return ItineraryItemDraft(fields, form.errors, form.notes)


def item_values(item: ItineraryItem, context: FormContext) -> dict[str, str]:
    """The strings of the form for a stored item; `read_item` of them gives the item again."""
    timed = item.start_time or item.end_time
    stored = item.start_zone or item.end_zone
    zone = stored or context.zone_at(item.location) or context.zone_on(item.day) or ("UTC" if timed else None)
    day = local(item.start_time, zone).date() if item.start_time else item.day
    if day is None and item.end_time:
        day = local(item.end_time, zone).date()
    times = journey_values(item.start_time, item.end_time, (zone, zone), day)
    return {
        "title": item.title,
        "item_type": item.item_type.value,
        "day": day.isoformat() if day else "",
        "start_time": times[0],
        "end_time": times[1],
        "time_zone": stored or (zone if zone == "UTC" else "") or "",
        "location": item.location or "",
        "closed": write_closed(Closed(item.closed_weekdays, item.closed_on_holidays)),
        "description": item.description or "",
        "price": plain_amount(item.price, item.currency),
        "booking_status": item.booking_status.value,
        **common_values(item, zone),
    }


def _times(form: FormReader, day: date | None, zone: str | None) -> tuple[datetime | None, datetime | None]:
    """Start and end; an end that is not after the start on the clock is after midnight."""
    first, last = form.clock("start_time"), form.clock("end_time")
    if not first and not last:
        return None, None
    if day is None:
        form.fail("day", "Which day? A time alone has no place in the trip.")
        return None, None
    if zone is None:
        if not form.raw("time_zone"):
            form.fail("time_zone", "In which time zone is it? For example Asia/Tokyo.")
        return None, None
    if first and first.plus_days:
        day += timedelta(days=first.plus_days)
    start = form.instant("start_time", day, first, zone) if first else None
    if not last:
        return start, None
    end_day = day + timedelta(days=_days_later(first, last))
    end = form.instant("end_time", end_day, last, zone)
    if start and end <= start:
        form.fail("end_time", f"{shown(form.raw('end_time'))} is not after the start.")
    elif start and last.plus_days is None and end_day != day and end - start > _LONG_NIGHT:
        typed = form.raw("end_time")
        form.fail("end_time", f"{shown(typed)} is before the start. Write {last.clock:%H:%M}+1 if it ends a day later.")
    elif start:
        if end_day != day:
            form.note("end_time", f"until {format_date(end_day, form.today)}")
        form.note("end_time", duration_text(end - start))
    return start, end


def _days_later(first: TypedTime | None, last: TypedTime) -> int:
    if last.plus_days is not None or first is None:
        return last.plus_days or 0
    return int((last.clock, last.clock.fold) <= (first.clock, first.clock.fold))
