"""Rules that hold for the forms of all four kinds."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models.stored import JAPAN, TODAY, japan_context, stored, stored_draft
from tests.models.test_text import HOSTILE
from tripsage_tui import models
from tripsage_tui.models.booking_drafts import (
    FLIGHT_FIELDS,
    ITEM_FIELDS,
    STAY_FIELDS,
    TRANSPORT_FIELDS,
    blank_values,
    edit_booking,
    read_flight,
    read_item,
    read_stay,
    read_transport,
    values_of,
)
from tripsage_tui.models.bookings import (
    Accommodation,
    BookingStatus,
    Flight,
    FlightClass,
    ItineraryItem,
    ItineraryItemFields,
    LegFields,
    PaymentStatus,
    Transportation,
    TransportationFields,
    TransportType,
)
from tripsage_tui.models.flight_drafts import FlightDraft
from tripsage_tui.models.money import CODES, quantize
from tripsage_tui.models.zones import combine

CONTEXT = japan_context()
KINDS: dict[str, tuple[Any, tuple[str, ...], dict[str, str]]] = {
    "flight": (read_flight, FLIGHT_FIELDS, {"origin": "FRA", "destination": "HND", "departure_date": "2 oct"}),
    "stay": (read_stay, STAY_FIELDS, {"name": "Inn", "check_in_date": "2 oct", "nights": "2"}),
    "transport": (read_transport, TRANSPORT_FIELDS, {"origin": "A", "destination": "B", "departure_date": "2 oct"}),
    "item": (read_item, ITEM_FIELDS, {"title": "Walk"}),
}
TEXT_FIELDS = {
    "flight": ["airline", "flight_number", "seat", "confirmation_code", "provider", "notes"],
    "stay": ["name", "address", "room_type", "confirmation_code", "provider", "notes"],
    "transport": ["origin", "destination", "seat", "confirmation_code", "provider", "notes"],
    "item": ["title", "location", "description", "confirmation_code", "provider", "notes"],
}
zones = st.sampled_from(sorted(available_timezones()))
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
trip_days = st.dates(date(2027, 9, 1), date(2027, 11, 30))
codes = st.sampled_from(sorted(CODES))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_stored_as_typed(kind: str, text: str) -> None:
    read, _, base = KINDS[kind]
    draft = read(base | dict.fromkeys(TEXT_FIELDS[kind], text), CONTEXT)
    assert draft.errors == {}
    for field in TEXT_FIELDS[kind]:
        assert getattr(draft.fields, field) == text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 30_000])
def test_what_cannot_be_stored_is_refused_beside_each_field(kind: str, text: str) -> None:
    read, _, base = KINDS[kind]
    draft = read(base | dict.fromkeys(TEXT_FIELDS[kind], text), CONTEXT)
    assert draft.fields is None
    assert set(draft.errors) == set(TEXT_FIELDS[kind])


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_nonsense_gives_fields_or_sentences(kind: str, data: st.DataObject) -> None:
    read, fields, base = KINDS[kind]
    typed = data.draw(
        st.dictionaries(
            st.sampled_from(fields), st.text(max_size=30) | st.from_regex(r"[0-9a-z., :+€-]{1,10}"), max_size=6
        )
    )
    draft = read(base | typed, CONTEXT)
    assert (draft.fields is None) == bool(draft.errors)
    assert set(draft.errors) | set(draft.notes) <= {*fields, "price"}


@pytest.mark.parametrize("kind", [Flight, Accommodation, Transportation, ItineraryItem])
def test_a_new_form_begins_in_the_trips_currency(kind: Any) -> None:
    values = blank_values(kind, CONTEXT)
    assert values["currency"] == "EUR"
    assert values["booking_status"] == ("planned" if kind is ItineraryItem else "booked")


@settings(max_examples=150)
@given(data=st.data())
def test_any_flight_reads_back(data: st.DataObject) -> None:
    currency = data.draw(codes)
    ends = data.draw(zones), data.draw(zones)
    day = data.draw(trip_days)
    leaves = combine(day, data.draw(clocks), ends[0]).instant
    lands = leaves + timedelta(minutes=data.draw(st.integers(1, 30 * 60)))
    leg = LegFields(
        origin="Here",
        destination="There",
        departure_time=leaves,
        departure_zone=ends[0],
        arrival_time=lands,
        arrival_zone=ends[1],
        carrier="Air",
        number="A 1",
    )
    typed = {
        "origin": "Here",
        "destination": "There",
        "departure_date": day.isoformat(),
        "airline": "Air",
        "currency": currency,
        "price": f"{quantize(data.draw(st.decimals(0, 10**6, places=3)), currency)}",
        "flight_class": data.draw(st.sampled_from(FlightClass)),
        "booking_status": data.draw(st.sampled_from(BookingStatus)),
    }
    plain = read_flight(typed, CONTEXT)
    assert plain.fields is not None, plain.errors
    ticket = stored(plain.fields.model_copy(update={"flight_number": "A 1"}), legs=(leg,))
    again = read_flight(values_of(ticket, CONTEXT), CONTEXT)
    assert again.errors == {}
    assert again.legs == (leg,)
    assert edit_booking(ticket, values_of(ticket, CONTEXT), CONTEXT).changes == {}


@settings(max_examples=150)
@given(data=st.data())
def test_any_journey_reads_back(data: st.DataObject) -> None:
    ends = data.draw(zones), data.draw(zones)
    day = data.draw(trip_days)
    leaves = combine(day, data.draw(clocks), ends[0]).instant
    lands = leaves + timedelta(minutes=data.draw(st.integers(1, 20 * 24 * 60)))
    currency = data.draw(codes)
    fields = TransportationFields(
        transport_type=data.draw(st.sampled_from(TransportType)),
        origin="Here",
        destination="There",
        departure_time=leaves,
        departure_zone=ends[0],
        arrival_time=lands,
        arrival_zone=ends[1],
        price=quantize(data.draw(st.decimals(0, 10**6, places=3)), currency),
        currency=currency,
        payment_status=data.draw(st.sampled_from(PaymentStatus)),
        pay_by=data.draw(st.none() | trip_days),
        cancel_free_until=data.draw(st.none() | st.just(leaves)),
    )
    # A time that the clocks skip is stored as the one they go on to, which may be on the next day.
    local_day = date.fromisoformat(values_of(stored(fields), CONTEXT)["departure_date"])
    journey = stored(fields.model_copy(update={"day": local_day}))
    again = read_transport(values_of(journey, CONTEXT), CONTEXT)
    assert again.errors == {}
    assert again.fields is not None
    assert stored_draft(again) == journey


@settings(max_examples=150)
@given(data=st.data())
def test_any_item_reads_back(data: st.DataObject) -> None:
    zone, day = data.draw(zones), data.draw(trip_days)
    start = combine(day, data.draw(clocks), zone).instant
    length = data.draw(st.none() | st.integers(1, 5 * 24 * 60))
    end = start + timedelta(minutes=length) if length else None
    fields = ItineraryItemFields(
        title="Walk",
        start_time=start,
        start_zone=zone,
        end_time=end,
        end_zone=zone if end else None,
        price=Decimal("0.00"),
    )
    local_day = date.fromisoformat(values_of(stored(fields), CONTEXT)["day"])
    item = stored(fields.model_copy(update={"day": local_day, "currency": "EUR"}))
    again = read_item(values_of(item, CONTEXT), CONTEXT)
    assert again.errors == {}
    assert stored_draft(again) == item


def test_models_import_nothing_heavy() -> None:
    names = [module.name for module in pkgutil.iter_modules(models.__path__)]
    imports = "; ".join(f"import tripsage_tui.models.{name}" for name in names)
    heavy = "babel airportsdata textual asyncpg holidays icalendar numpy asyncio"
    code = f"import sys; {imports}; print([name for name in {heavy.split()} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_booking_is_read_in_its_own_zone_whatever_the_trips_zone_becomes() -> None:
    item = stored_draft(read_item({"title": "Walk", "day": "3 oct", "start_time": "9:00"}, CONTEXT))
    moved = japan_context(trip=JAPAN.model_copy(update={"time_zone": "Europe/Berlin"}), today=TODAY)
    assert values_of(item, moved)["start_time"] == "09:00"
    assert edit_booking(item, {}, moved).changes == {}


def test_fold_is_kept_through_a_flight_form() -> None:
    leaves = combine(date(2027, 10, 31), time(2, 30, fold=1), "Europe/Berlin").instant
    leg = LegFields(origin="FRA", destination="HND", departure_time=leaves, departure_zone="Europe/Berlin")
    base = read_flight({"origin": "FRA", "destination": "HND", "departure_date": "31 oct 2027"}, CONTEXT)
    assert base.fields is not None
    ticket = stored(base.fields, legs=(leg,))
    again = read_flight(values_of(ticket, CONTEXT), CONTEXT)
    assert isinstance(again, FlightDraft)
    assert again.legs[0].departure_time == leaves
    assert isinstance(leaves, datetime)
