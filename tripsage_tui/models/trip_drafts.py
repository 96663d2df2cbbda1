"""The trip form: from its strings to `TripFields` and stops, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tripsage_tui.models.form_reading import Draft, FormReader, changes, read_amounts
from tripsage_tui.models.money import format_amount, plain_amount
from tripsage_tui.models.text import LINE_LIMIT, TEXT_LIMIT, InputError, clean_input
from tripsage_tui.models.trips import StopFields, TripFields, TripStatus, TripType
from tripsage_tui.models.when import count_of, distance_in_days, format_range, parse_end, parse_range

TRIP_FIELDS = (
    *("name", "destination", "stops", "start_date", "end_date", "travelers", "budget", "currency"),
    *("trip_type", "status", "time_zone", "tags", "notes"),
)
MAX_TRIP_DAYS = 1100
MAX_STOPS = 50
ZoneOfPlace = Callable[[str], str | None]


@dataclass(frozen=True)
class TripDraft(Draft[TripFields]):
    """A trip as typed, with its stops in order."""

    stops: tuple[StopFields, ...] = ()


@dataclass(frozen=True)
class TripEdit:
    """What saving an edited trip form has to write; `stops` is None where they did not change."""

    draft: TripDraft
    changes: dict[str, object]
    stops: tuple[StopFields, ...] | None


def read_trip(
    values: Mapping[str, str],
    today: date,
    *,
    currency: str = "USD",
    stops: Sequence[StopFields] = (),
    zone_of_place: ZoneOfPlace | None = None,
) -> TripDraft:
    """The trip that a form describes. Keys: TRIP_FIELDS; missing ones are blank.

    `currency` is the default; `stops` are the trip's present ones, which keep what the form does not show as long as
    their place is still named; `zone_of_place` gives the zone of a city for trips without a typed zone.
    """
    form = FormReader(values, today)
    name = form.text("name", required="Give the trip a name.")
    destination = form.text("destination", required="Where does it go?")
    places = read_places(form, stops)
    start, end = read_dates(form)
    travelers = form.integer("travelers", 1, 1, 999)
    amounts, currency = read_amounts(form, ["budget"], currency)
    budget = amounts["budget"]
    if not form.raw("budget"):
        form.fail("budget", "What may it cost? Type an amount.")
    elif budget and budget.amount <= 0:
        form.fail("budget", "The budget must be more than 0.")
    elif budget and travelers > 1:
        form.note("budget", f"{format_amount(budget.amount / travelers, currency)} per traveller")
    status = form.choice("status", TripStatus, TripStatus.PLANNING)
    trip_type = form.choice("trip_type", TripType, TripType.LEISURE)
    zone = form.zone("time_zone")
    if not form.raw("time_zone") and zone_of_place:
        zone = _zone_of_first(form, [stop.place for stop in places] or [destination or ""], zone_of_place)
        places = tuple(_with_zone(stop, zone_of_place) for stop in places)
    tags = tuple(tag.lstrip("#") or tag for tag in form.words("tags", limit=40, most=30))
    notes = form.read("notes", _read_notes) or ()
    if form.errors or name is None or destination is None or not (start and end and budget):
        return TripDraft(None, form.errors, form.notes, places)
    fields = TripFields(
        name=name,
        destination=destination,
        start_date=start,
        end_date=end,
        budget=budget.amount,
        currency=currency,
        travelers=travelers,
        status=status,
        trip_type=trip_type,
        time_zone=zone,
        notes=notes,
        tags=tags,
    )
    return TripDraft(fields, form.errors, form.notes, places)


def trip_values(trip: TripFields, stops: Sequence[StopFields] = ()) -> dict[str, str]:
    """The strings of the form for an existing trip; `read_trip` of them gives the trip again."""
    return {
        "name": trip.name,
        "destination": trip.destination,
        "stops": write_places([stop.place for stop in stops]),
        "start_date": trip.start_date.isoformat(),
        "end_date": trip.end_date.isoformat(),
        "travelers": str(trip.travelers),
        "budget": plain_amount(trip.budget, trip.currency),
        "currency": trip.currency,
        "trip_type": trip.trip_type.value,
        "status": trip.status.value,
        "time_zone": trip.time_zone or "",
        "tags": ", ".join(trip.tags),
        "notes": "\n".join(trip.notes),
    }


def edit_trip(
    trip: TripFields,
    stops: Sequence[StopFields],
    values: Mapping[str, str],
    today: date,
) -> TripEdit:
    """What changed between a stored trip and its edited form; fields that `values` leaves out stay as they are.

    What the form cannot express (an amount finer than its currency, a note of several lines) is compared as the form
    shows it, so that saving an untouched field never alters it.
    """
    shown = trip_values(trip, stops)
    before = read_trip(shown, today, stops=stops)
    after = read_trip({**shown, **values}, today, stops=stops)
    fields = after.fields
    if fields is None:
        return TripEdit(after, {}, None)
    if fields.currency != trip.currency:
        after = replace(after, notes={**after.notes, **_other_currency(trip, fields, after.notes)})
    return TripEdit(
        after,
        changes(before.fields or trip, fields),
        None if before.stops == after.stops else after.stops,
    )


def _other_currency(before: TripFields, after: TripFields, notes: Mapping[str, str]) -> dict[str, str]:
    """What a change of the trip's currency means: nothing is converted, and old rates do not count any more."""
    said = {"currency": f"amounts need a rate to {after.currency} now: the budget asks for it"}
    if after.budget == before.budget:
        said["budget"] = f"it was {format_amount(before.budget, before.currency)}"
    return {field: f"{notes[field]}; {text}" if field in notes else text for field, text in said.items()}


def read_places(form: FormReader, existing: Sequence[StopFields]) -> tuple[StopFields, ...]:
    """Stops from `Tokyo, Kyoto, Osaka`; where there is a semicolon only that separates (`Paris, Texas; Austin`)."""
    known = {stop.place.casefold(): stop for stop in reversed(existing)}

    def parse(typed: str) -> tuple[StopFields, ...]:
        separator = ";" if ";" in typed else ","
        places = [place for part in typed.replace("→", separator).split(separator) if (place := part.strip(" \t\r\n"))]
        if len(places) > MAX_STOPS:
            raise InputError(f"These are {len(places)} stops; at most {MAX_STOPS} fit here.")
        return tuple(
            known.get(place.casefold(), StopFields(place=clean_input(place, LINE_LIMIT))).model_copy(
                update={"place": place}
            )
            for place in places
        )

    return tuple(
        StopFields(**stop.model_dump(include=set(StopFields.model_fields))) for stop in form.read("stops", parse) or ()
    )


def write_places(places: Sequence[str]) -> str:
    """Stops as `read_places` reads them."""
    if not any("," in place for place in places):
        return ", ".join(places)
    return "; ".join(places) + (";" if len(places) == 1 else "")


def read_dates(form: FormReader, near: date | None = None) -> tuple[date | None, date | None]:
    """First and last day. The first field may hold both (`2-16 oct`), the last one may hold a length (`14 days`).

    `near` is where a first day without a year is looked for, and where `+7` counts from.
    """
    whole_range = form.raw("start_date") and not form.raw("end_date")
    first = form.read(
        "start_date",
        lambda typed: parse_range(typed, form.today) if whole_range else None,
        required="Type the first day, for example 2 oct.",
    )
    if first and first[0] != first[1]:
        start, end = first
        form.note("start_date", format_range(start, end, form.today))
    else:
        given = first[0] if first else form.day("start_date", after=near, near=near)
        if given is None:
            return None, None
        start = given
        last = form.read(
            "end_date",
            lambda typed: parse_end(typed, form.today, start),
            required="Type the last day, for example 16 oct, or a length such as 14 days.",
        )
        if last is None:
            return None, None
        end = last
        form.note_date("end_date", end)
    _check_dates(form, start, end)
    return start, end


def _check_dates(form: FormReader, start: date, end: date) -> None:
    days = (end - start).days + 1
    if end < start:
        form.fail("end_date", "The last day is before the first one.")
    elif days > MAX_TRIP_DAYS:
        form.fail("end_date", f"That is {days:,} days; a trip has at most {MAX_TRIP_DAYS:,}.")
    else:
        form.note("end_date", count_of(days, "day"))
        if end < form.today:
            form.note("end_date", "in the past")
        elif start < form.today:
            form.note("start_date", "already under way")
        else:
            form.note("start_date", distance_in_days(start, form.today))


def _read_notes(typed: str) -> tuple[str, ...]:
    """One note per line."""
    return tuple(line for part in clean_input(typed, TEXT_LIMIT).split("\n") if (line := part.strip(" \t\r")))


def _zone_of_first(form: FormReader, places: Sequence[str], zone_of_place: ZoneOfPlace) -> str | None:
    for place in places:
        if zone := zone_of_place(place):
            form.note("time_zone", f"{zone}, from {place}")
            return zone
    return None


def _with_zone(stop: StopFields, zone_of_place: ZoneOfPlace) -> StopFields:
    return stop if stop.time_zone else stop.model_copy(update={"time_zone": zone_of_place(stop.place)})
