"""The form of one stop: from its strings to `StopFields`, and back; and stops in another order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from tripsage_tui.models.currencies import parse_currency
from tripsage_tui.models.form_reading import Draft, FormReader
from tripsage_tui.models.grounds import Ground
from tripsage_tui.models.trips import StopFields, TripFields

STOP_FIELDS = ("place", "arrive_date", "depart_date", "country", "time_zone", "currency")


def read_stop(
    values: Mapping[str, str],
    trip: TripFields,
    today: date,
    *,
    ground: Ground | None = None,
    zone: str | None = None,
    country_code: Callable[[str], str | None] = lambda _: None,
) -> Draft[StopFields]:
    """The stop that a form describes. Keys: STOP_FIELDS; missing ones are blank.

    What is blank is taken from what is known of the place (`ground`, `zone`), and said. `country_code` gives the ISO
    code of a country's name.
    """
    form = FormReader(values, today)
    place = form.text("place", required="Which place is it?")
    arrive = form.day("arrive_date", after=trip.start_date, near=trip.start_date)
    depart = form.day("depart_date", after=arrive or trip.start_date, near=arrive or trip.start_date)
    if arrive and depart and depart < arrive:
        form.fail("depart_date", "That is before the day of arrival.")
    for name, day in (("arrive_date", arrive), ("depart_date", depart)):
        if day and not trip.start_date <= day <= trip.end_date:
            form.note(name, "outside the trip")
    typed = form.text("country")
    country = country_code(typed) if typed else None
    if typed and country is None:
        form.note("country", "not a country that is known here; kept as typed")
    elif not typed and ground and ground.country:
        country = ground.country
        form.note("country", ground.country_name)
    own_zone = form.zone("time_zone")
    if not form.raw("time_zone") and zone:
        own_zone = zone
        form.note("time_zone", zone)
    currency = form.read("currency", lambda text: parse_currency(text, trip.currency))
    if not form.raw("currency") and ground and ground.currency:
        currency = ground.currency
        form.note("currency", ground.currency)
    if form.errors or place is None:
        return Draft(None, form.errors, form.notes)
    fields = StopFields(
        place=place,
        country=country or typed,
        arrive_date=arrive,
        depart_date=depart,
        time_zone=own_zone,
        currency=currency,
    )
    return Draft(fields, form.errors, form.notes)


def stop_values(stop: StopFields) -> dict[str, str]:
    """The strings of the form for an existing stop."""
    shown = {name: getattr(stop, name) for name in STOP_FIELDS}
    return {name: value.isoformat() if isinstance(value, date) else value or "" for name, value in shown.items()}


def next_dates(stops: Sequence[StopFields], trip: TripFields) -> tuple[date | None, date | None]:
    """Where a new stop at the end begins: when the last one is left, else with the trip."""
    last = stops[-1] if stops else None
    begin = (last.depart_date or last.arrive_date) if last else trip.start_date
    return begin, trip.end_date if begin and begin <= trip.end_date else None


def moved(stops: Sequence[StopFields], at: int, by: int) -> tuple[StopFields, ...]:
    """The stops with the one at `at` moved; at the ends it stays."""
    order = list(stops)
    to = at + by
    if 0 <= at < len(order) and 0 <= to < len(order):
        order.insert(to, order.pop(at))
    return tuple(order)
