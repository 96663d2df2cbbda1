"""The form of a stay: when in and out, what a night or the whole costs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal

from tripsage_tui.models.booking_reading import (
    COMMON_FIELDS,
    FormContext,
    common_values,
    note_day,
    read_common,
    read_rate,
)
from tripsage_tui.models.bookings import Accommodation, AccommodationFields, BookingStatus
from tripsage_tui.models.form_reading import Draft, FormReader, read_amounts
from tripsage_tui.models.money import Money, format_amount, plain_amount, quantize
from tripsage_tui.models.text import ADDRESS_LIMIT, InputError
from tripsage_tui.models.typed_times import TypedTime, write_time
from tripsage_tui.models.when import count_of, parse_end
from tripsage_tui.models.zones import local

STAY_FIELDS = (
    *("name", "address", "check_in_date", "check_in_time", "check_in_until", "check_out_date", "check_out_time"),
    *("nights", "time_zone"),
    *("room_type", "price_per_night", "total_price", "rating", "amenities"),
    *(name for name in COMMON_FIELDS if name != "price"),
)
MAX_NIGHTS = 1100
_SMALL_HOURS = time(6)
AccommodationDraft = Draft[AccommodationFields]


def read_stay(values: Mapping[str, str], context: FormContext) -> AccommodationDraft:
    """The stay that a form describes. Keys: STAY_FIELDS; missing ones are blank.

    The way out is a date, a length (`4 nights`) in its place, or the field `nights`. One of price per night and total
    is enough; both must agree within what rounding the price of a night allows.
    """
    form = FormReader(values, context.today)
    name = form.text("name", required="What is the place called?")
    check_in = form.day("check_in_date", after=context.after, near=context.start, required="Which day do you check in?")
    check_out = _check_out(form, check_in)
    if check_in:
        note_day(form, "check_in_date", check_in, context)
    if check_out:
        note_day(form, "check_out_date", check_out, context)
    here = context.zone_at(form.raw("name"), form.raw("address")) or context.zone_on(check_in)
    zone = form.zone("time_zone") if form.raw("time_zone") else here
    times = form.clock("check_in_time"), form.clock("check_out_time")
    if any(times) and not zone:
        form.fail("time_zone", "In which time zone is it? For example Asia/Tokyo.")
    until = _closes(form, times[0])
    per_night, total, currency = _prices(form, context, (check_out - check_in).days if check_in and check_out else None)
    rate = read_rate(form, context, total, currency)
    status = form.choice("booking_status", BookingStatus, BookingStatus.AVAILABLE)
    rating = form.read("rating", _read_rating)
    amenities = form.words("amenities", limit=60, most=50)
    room_type, address = form.text("room_type"), form.text("address", ADDRESS_LIMIT)
    common = read_common(form, context, zone)
    instants = [
        form.instant(field, day, typed, zone) if day and typed and zone else None
        for field, day, typed in (("check_in_time", check_in, times[0]), ("check_out_time", check_out, times[1]))
    ]
    if form.errors or name is None or check_in is None or check_out is None:
        return AccommodationDraft(None, form.errors, form.notes)
    fields = AccommodationFields(
        name=name,
        address=address,
        check_in_date=check_in,
        check_out_date=check_out,
        check_in_at=instants[0],
        check_in_zone=zone,
        check_in_until=until,
        check_out_at=instants[1],
        check_out_zone=zone,
        room_type=room_type,
        price_per_night=per_night,
        total_price=total,
        currency=currency,
        exchange_rate=rate,
        rating=rating,
        amenities=amenities,
        booking_status=status,
        **common,
    )
    return AccommodationDraft(fields, form.errors, form.notes)


def stay_values(stay: Accommodation, context: FormContext) -> dict[str, str]:
    """The strings of the form for an existing stay; `read_stay` of them gives the stay again.

    Only one of the two prices is filled in, so that a change of nights recomputes the other.
    """
    stored = stay.check_in_zone or stay.check_out_zone
    timed = stay.check_in_at or stay.check_out_at
    here = context.zone_at(stay.name, stay.address) or context.zone_on(stay.check_in_date)
    zone = stored or here or ("UTC" if timed else None)
    nights = max(stay.nights, 1)
    whole_nights = stay.total_price == quantize(stay.price_per_night * nights, stay.currency)
    return {
        "name": stay.name,
        "address": stay.address or "",
        "check_in_date": stay.check_in_date.isoformat(),
        "check_in_time": write_time(local(stay.check_in_at, zone).time()) if stay.check_in_at else "",
        "check_in_until": write_time(stay.check_in_until) if stay.check_in_until else "",
        "check_out_date": stay.check_out_date.isoformat(),
        "check_out_time": write_time(local(stay.check_out_at, zone).time()) if stay.check_out_at else "",
        "nights": "",
        "time_zone": stored or (zone if zone == "UTC" else "") or "",
        "room_type": stay.room_type or "",
        "price_per_night": plain_amount(stay.price_per_night, stay.currency) if whole_nights else "",
        "total_price": "" if whole_nights else plain_amount(stay.total_price, stay.currency),
        "rating": f"{stay.rating.normalize():f}" if stay.rating is not None else "",
        "amenities": ", ".join(stay.amenities),
        "booking_status": stay.booking_status.value,
        **common_values(stay, zone),
    }


def _closes(form: FormReader, opens: TypedTime | None) -> time | None:
    """When the reception closes: a time of day, in the small hours that of the next one."""
    typed = form.clock("check_in_until")
    if typed is None:
        return None
    if opens and _SMALL_HOURS < typed.clock <= opens.clock:
        form.fail("check_in_until", f"That is before one can check in ({opens.clock:%H:%M}).")
    return typed.clock.replace(second=0, fold=0)


def _check_out(form: FormReader, check_in: date | None) -> date | None:
    nights = form.integer("nights", 0, 1, MAX_NIGHTS)
    by_nights = check_in + timedelta(days=nights) if check_in and nights else None
    if not form.raw("check_out_date"):
        if not form.raw("nights"):
            form.fail("check_out_date", "Which day do you leave, or how many nights? For example 4 nights.")
        return by_nights
    if check_in is None:
        return None
    check_out = form.read("check_out_date", lambda typed: _parse_check_out(typed, form.today, check_in))
    if check_out is None:
        return None
    form.note_date("check_out_date", check_out)
    stay = (check_out - check_in).days
    if stay < 1:
        form.fail("check_out_date", "The check-out has to be after the check-in.")
    elif stay > MAX_NIGHTS:
        form.fail("check_out_date", f"That is {stay:,} nights; a stay has at most {MAX_NIGHTS:,}.")
    elif by_nights and by_nights != check_out:
        form.fail("nights", f"The dates make {count_of(stay, 'night')}, not {nights}.")
    else:
        form.note("check_out_date", count_of(stay, "night"))
    return check_out


def _parse_check_out(typed: str, today: date, check_in: date) -> date:
    """A date or a length; `fri` on a Friday is the next one, because nobody stays for no night."""
    check_out = parse_end(typed, today, check_in)
    if check_out == check_in and typed.isalpha():
        return parse_end(typed, today, check_in + timedelta(days=1))
    return check_out


def _prices(form: FormReader, context: FormContext, nights: int | None) -> tuple[Decimal, Decimal, str]:
    """Price per night, total and currency, each computed from what was typed."""
    amounts, currency = read_amounts(form, ["price_per_night", "total_price"], context.currency)
    per_night, total = amounts["price_per_night"], amounts["total_price"]
    if not per_night and not total:
        form.note("price_per_night", "no price yet")
        return Decimal(0), Decimal(0), currency
    if not nights or nights < 1:
        return Decimal(0), Decimal(0), currency
    if total is None and per_night is not None:
        total = Money(quantize(per_night.amount * nights, currency), currency)
        form.note("total_price", _sum_text(nights, per_night.amount, total.amount, currency))
    elif total is not None:
        share = quantize(total.amount / nights, currency)
        if per_night and per_night.amount != share and per_night.amount * nights != total.amount:
            product = _sum_text(nights, per_night.amount, per_night.amount * nights, currency)
            form.fail("total_price", f"{product}, not {format_amount(total.amount, currency, compact=True)}.")
        per_night = per_night or Money(share, currency)
        form.note("price_per_night", f"{format_amount(per_night.amount, currency)} a night")
    return (per_night.amount if per_night else Decimal(0)), (total.amount if total else Decimal(0)), currency


def _sum_text(nights: int, per_night: Decimal, total: Decimal, currency: str) -> str:
    return (
        f"{count_of(nights, 'night')} × {format_amount(per_night, currency, compact=True)}"
        f" = {format_amount(total, currency, compact=True)}"
    )


def _read_rating(typed: str) -> Decimal:
    if not re.fullmatch(r"[0-5](?:[.,][0-9]{1,6})?", typed):
        raise InputError("Type a rating from 0 to 5, for example 4.5.")
    rating = Decimal(typed.replace(",", "."))
    if rating > 5:
        raise InputError("A rating is at most 5.")
    return rating
