"""The trip form."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.models.stored import JAPAN, TODAY, stored_trip
from tests.models.test_text import HOSTILE
from tripsage_tui.models.money import CODES, quantize
from tripsage_tui.models.trip_drafts import MAX_TRIP_DAYS, TRIP_FIELDS, edit_trip, read_trip, trip_values
from tripsage_tui.models.trips import StopFields, TripFields, TripStatus, TripType

TYPED = {
    "name": "Japan in autumn",
    "destination": "Japan",
    "stops": "Tokyo, Kyoto, Osaka",
    "start_date": "2 oct",
    "end_date": "14 days",
    "travelers": "2",
    "budget": "6.000",
    "currency": "eur",
    "time_zone": "tokyo",
}


def test_a_trip_as_people_type_it() -> None:
    draft = read_trip(TYPED, TODAY)
    assert not draft.errors
    assert draft.fields == JAPAN
    assert [stop.place for stop in draft.stops] == ["Tokyo", "Kyoto", "Osaka"]
    assert draft.notes == {
        "start_date": "Sat 2 Oct 2027; in 314 days",
        "end_date": "Fri 15 Oct 2027; 14 days",
        "budget": "€3,000.00 per traveller",
    }


def test_all_errors_at_once() -> None:
    typed = {
        "start_date": "2/10",
        "end_date": "soon",
        "travelers": "0",
        "budget": "-1",
        "currency": "XX",
        "status": "gone",
    }
    assert read_trip(typed, TODAY).errors == {
        "name": "Give the trip a name.",
        "destination": "Where does it go?",
        "start_date": "“2/10” can be 2 Oct or 10 Feb: write the month as a word.",
        "travelers": "Type a whole number from 1 to 999.",
        "budget": "An amount cannot be negative.",
        "currency": "“XX” is not a currency; use its three letters, for example EUR, USD or JPY.",
        "status": "“gone” is not one of: planning, booked, completed, cancelled.",
    }


def test_an_empty_form_says_what_it_needs() -> None:
    assert list(read_trip({}, TODAY).errors) == ["name", "destination", "start_date", "budget"]


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"budget": "0"}, "budget", "The budget must be more than 0."),
        ({"end_date": "1 oct 2027"}, "end_date", "The last day is before the first one."),
        ({"end_date": "2 oct 2047"}, "end_date", f"That is 7,306 days; a trip has at most {MAX_TRIP_DAYS:,}."),
        ({"end_date": ""}, "end_date", "Type the last day, for example 16 oct, or a length such as 14 days."),
        ({"name": "x" * 10_000}, "name", "This text is 10,000 characters long; at most 200 fit here."),
        ({"notes": "a\0b"}, "notes", "This text contains a NUL character, which cannot be stored."),
        (
            {"stops": ", ".join("abc"[n % 3] * (n + 1) for n in range(51))},
            "stops",
            "These are 51 stops; at most 50 fit here.",
        ),
        ({"tags": "x" * 41}, "tags", "This text is 41 characters long; at most 40 fit here."),
    ],
)
def test_errors(changes: dict[str, str], field: str, sentence: str) -> None:
    draft = read_trip(TYPED | changes, TODAY)
    assert draft.fields is None
    assert draft.errors == {field: sentence}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_stored_as_typed(text: str) -> None:
    draft = read_trip(TYPED | {"name": text, "destination": text, "notes": text}, TODAY)
    assert draft.fields is not None
    assert (draft.fields.name, draft.fields.destination, draft.fields.notes) == (text, text, (text,))


def test_both_days_may_stand_in_the_first_field() -> None:
    draft = read_trip(TYPED | {"start_date": "2-15 oct", "end_date": ""}, TODAY)
    assert draft.fields == JAPAN
    assert draft.notes["start_date"] == "2–15 Oct 2027; in 314 days"


def test_a_currency_typed_with_the_budget_counts_and_is_said() -> None:
    draft = read_trip(TYPED | {"budget": "¥900,000"}, TODAY)
    assert draft.fields is not None
    assert (draft.fields.budget, draft.fields.currency) == (Decimal(900000), "JPY")
    assert draft.notes["currency"] == "JPY, as typed with the amount"


def test_a_trip_in_the_past_is_only_noted() -> None:
    past = read_trip(TYPED | {"start_date": "2 oct 2025", "end_date": "15 oct 2025"}, TODAY)
    assert past.notes["end_date"].endswith("14 days; in the past")
    assert past.fields
    assert read_trip(TYPED | {"start_date": "yesterday"}, TODAY).notes["start_date"].endswith("already under way")


def test_the_zone_comes_from_the_first_stop_that_has_one() -> None:
    zones = {"Kyoto": "Asia/Tokyo"}.get
    draft = read_trip(TYPED | {"time_zone": ""}, TODAY, zone_of_place=zones)
    assert draft.fields == JAPAN
    assert draft.notes["time_zone"] == "Asia/Tokyo, from Kyoto"
    assert [stop.time_zone for stop in draft.stops] == [None, "Asia/Tokyo", None]


def test_places_with_commas_are_separated_by_semicolons() -> None:
    draft = read_trip(TYPED | {"stops": "Paris, Texas; Austin"}, TODAY)
    assert [stop.place for stop in draft.stops] == ["Paris, Texas", "Austin"]


def test_tags_are_listed_once() -> None:
    draft = read_trip(TYPED | {"tags": "food, #autumn, Food, ,trains"}, TODAY)
    assert draft.fields is not None
    assert draft.fields.tags == ("food", "autumn", "trains")


def test_an_untouched_form_changes_nothing() -> None:
    odd = JAPAN.model_copy(update={"budget": Decimal("6000.005"), "notes": ("two\nlines",), "tags": ("a,b",)})
    trip, stops = stored_trip(odd), (StopFields(place="Tokyo", country="JP", arrive_date=date(2027, 10, 3)),)
    edit = edit_trip(trip, stops, trip_values(trip, stops), TODAY)
    assert not edit.draft.errors
    assert (edit.changes, edit.stops) == ({}, None)


def test_only_what_was_edited_changes() -> None:
    stops = (StopFields(place="Tokyo", country="JP"), StopFields(place="Osaka"))
    edit = edit_trip(JAPAN, stops, {"name": "Japan", "stops": "Osaka, tokyo, Nara"}, TODAY)
    assert edit.changes == {"name": "Japan"}
    assert edit.stops == (StopFields(place="Osaka"), StopFields(place="tokyo", country="JP"), StopFields(place="Nara"))


def test_an_edit_with_errors_writes_nothing() -> None:
    edit = edit_trip(JAPAN, (), {"name": "", "budget": "7000"}, TODAY)
    assert (edit.changes, edit.stops) == ({}, None)
    assert edit.draft.errors == {"name": "Give the trip a name."}


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60)
lines = texts.map(lambda text: " ".join(text.split())).filter(bool)
words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20)


@st.composite
def trips(draw: st.DrawFn) -> TripFields:
    start = draw(st.dates(date(1950, 1, 1), date(2190, 1, 1)))
    currency = draw(st.sampled_from(sorted(CODES)))
    return TripFields(
        name=draw(lines),
        destination=draw(lines),
        start_date=start,
        end_date=start.fromordinal(start.toordinal() + draw(st.integers(0, MAX_TRIP_DAYS - 1))),
        budget=quantize(draw(st.decimals(1, 10**9, places=3)), currency),
        currency=currency,
        travelers=draw(st.integers(1, 999)),
        status=draw(st.sampled_from(TripStatus)),
        trip_type=draw(st.sampled_from(TripType)),
        time_zone=draw(st.sampled_from([None, "Asia/Tokyo", "Asia/Calcutta", "America/Argentina/ComodRivadavia"])),
        notes=tuple(draw(st.lists(lines, max_size=3))),
        tags=tuple(draw(st.lists(words, max_size=3, unique_by=str.casefold))),
    )


@given(trips(), st.lists(words, max_size=4, unique_by=str.casefold))
def test_what_the_form_shows_reads_back_as_the_same_trip(trip: TripFields, places: list[str]) -> None:
    stops = tuple(StopFields(place=place) for place in places)
    draft = read_trip(trip_values(trip, stops), TODAY, stops=stops)
    assert draft.errors == {}
    assert draft.fields == trip
    assert draft.stops == stops


@given(st.dictionaries(st.sampled_from(TRIP_FIELDS), st.text(max_size=40) | st.from_regex(r"[0-9a-z., +€-]{1,12}")))
def test_nonsense_gives_fields_or_sentences(values: dict[str, str]) -> None:
    draft = read_trip(values, TODAY)
    assert (draft.fields is None) == bool(draft.errors)
    assert set(draft.errors) | set(draft.notes) <= set(TRIP_FIELDS)


def test_another_currency_says_that_nothing_is_converted() -> None:
    trip = stored_trip()
    draft = edit_trip(trip, (), {"currency": "USD"}, TODAY).draft
    assert "amounts need a rate to USD now" in draft.notes["currency"]
    assert draft.notes["budget"].endswith("it was €6,000.00")
    assert "currency" not in edit_trip(trip, (), {"name": "Japan"}, TODAY).draft.notes
