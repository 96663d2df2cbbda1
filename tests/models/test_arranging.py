"""Putting items elsewhere: what is written, read back as the agenda shows it."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.models.stored import JAPAN, japan_context, plan, stored, stored_draft
from tripsage_tui.models.agenda import agenda, ideas
from tripsage_tui.models.arranging import Edit, WholeDay, one_step, onto, whole_day
from tripsage_tui.models.booking_drafts import read_item, read_stay
from tripsage_tui.models.bookings import Booking, ItineraryItem, ItineraryItemFields
from tripsage_tui.models.plans import TripPlan

FIRST = JAPAN.start_date
CONTEXT = japan_context()


def untimed(title: str, number: int, day: int | None = 0, position: int = 0) -> ItineraryItem:
    on = None if day is None else FIRST + timedelta(days=day)
    booking = stored(ItineraryItemFields(title=title, day=on, position=position), number)
    assert isinstance(booking, ItineraryItem)
    return booking


def timed(title: str, number: int, start: str, day: str = "2 oct") -> Booking:
    return stored_draft(read_item({"title": title, "day": day, "start_time": start}, CONTEXT), number)


def after(before: TripPlan, edits: tuple[Edit, ...]) -> TripPlan:
    new = {edit.booking.id: edit.booking.model_copy(update=dict(edit.changes)) for edit in edits}
    return before.model_copy(update={"items": tuple(new.get(item.id, item) for item in before.items)})


def rows(trip: TripPlan, day: int = 0) -> str:
    return " ".join(entry.title for entry in agenda(trip)[day].entries if entry.happens)


def step(trip: TripPlan, title: str, by: int) -> TripPlan:
    chosen = [item for item in trip.items if item.title in title]
    return after(trip, one_step(trip, agenda(trip), chosen, by))


def test_an_item_goes_between_what_has_a_time() -> None:
    trip = plan(timed("ten", 1, "10:00"), timed("three", 2, "15:00"), untimed("X", 3))
    assert rows(trip) == "ten three X"
    trip = step(trip, "X", -1)
    assert rows(trip) == "ten X three"
    trip = step(trip, "X", -1)
    assert rows(trip) == "X ten three"
    assert rows(step(step(trip, "X", 1), "X", 1)) == "ten three X"


def test_it_stays_there_when_others_get_another_time() -> None:
    trip = step(plan(timed("ten", 1, "10:00"), timed("three", 2, "15:00"), untimed("X", 3)), "X", -1)
    moved = timed("three", 2, "11:00")
    trip = trip.model_copy(update={"items": (trip.items[0], moved, trip.items[2])})
    assert rows(trip) == "ten X three"


def test_over_the_day_s_end_to_the_next_day_and_back() -> None:
    trip = plan(untimed("A", 1), untimed("B", 2, position=1), timed("ten", 3, "10:00", "3 oct"), untimed("C", 4, 1))
    trip = step(trip, "B", 1)
    assert (rows(trip, 0), rows(trip, 1)) == ("A", "B ten C")
    trip = step(trip, "B", -1)
    assert (rows(trip, 0), rows(trip, 1)) == ("A B", "ten C")


def test_several_keep_their_order_and_cross_together() -> None:
    trip = plan(*(untimed(title, number, position=number) for number, title in enumerate("ABCD")), untimed("E", 9, 1))
    trip = step(trip, "BC", 1)
    assert rows(trip) == "A D B C"
    trip = step(trip, "BC", 1)
    assert (rows(trip, 0), rows(trip, 1)) == ("A D", "B C E")
    assert rows(step(trip, "BC", 1), 1) == "E B C"


def test_the_trip_s_ends_and_the_ideas_are_where_it_stops() -> None:
    trip = plan(untimed("A", 1), untimed("Z", 2, 13), untimed("I", 3, None), untimed("J", 4, None, 1))
    assert one_step(trip, agenda(trip), [trip.items[0]], -1) == ()
    assert one_step(trip, agenda(trip), [trip.items[1]], 1) == ()
    assert one_step(trip, agenda(trip), [trip.items[2]], -1) == ()
    assert [item.title for item in ideas(step(trip, "I", 1))] == ["J", "I"]


def test_no_place_before_a_check_out_without_a_time() -> None:
    stay = stored_draft(read_stay({"name": "Inn", "check_in_date": "2 oct", "nights": "1"}, CONTEXT), 1)
    trip = plan(stay, untimed("X", 2, 1))
    assert rows(trip, 1) == "Inn X"
    trip = step(trip, "X", -1)
    assert rows(trip, 0) == "Inn X"


@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["", "09:00", "09:00", "14:30"])), min_size=1, max_size=8),
    st.data(),
)
def test_one_step_moves_one_place_and_back(kinds: list[tuple[int, str]], data: st.DataObject) -> None:
    bookings = [
        timed(f"t{number}", number, start, f"{2 + day} oct") if start else untimed(f"u{number}", number, day, number)
        for number, (day, start) in enumerate(kinds)
    ]
    trip = plan(*bookings)
    free = [item.title for item in trip.items if item.start_time is None]
    if not free:
        return
    title = data.draw(st.sampled_from(free))
    moved = step(trip, title, 1)
    assert sorted(item.id for item in moved.items) == sorted(item.id for item in trip.items)
    others = [word for word in " ".join(rows(trip, day) for day in range(4)).split() if word != title]
    assert [word for word in " ".join(rows(moved, day) for day in range(4)).split() if word != title] == others
    assert [rows(step(moved, title, -1), day) for day in range(4)] == [rows(trip, day) for day in range(4)]
    assert moved != trip


def test_onto_a_day_keeps_the_hour_and_the_order() -> None:
    trip = plan(timed("ten", 1, "10:00"), untimed("A", 2), untimed("B", 3, position=1), untimed("C", 4, 3))
    trip = after(trip, onto(trip, agenda(trip), trip.items[:3], FIRST + timedelta(days=3)))
    assert rows(trip, 3) == "ten C A B"
    assert agenda(trip)[3].entries[0].time == "10:00"
    trip = after(trip, onto(trip, agenda(trip), trip.items[:2], None))
    assert {item.title for item in ideas(trip)} == {"ten", "A"}


def test_whole_days() -> None:
    trip = plan(timed("ten", 1, "10:00"), untimed("A", 2), untimed("B", 3, 1), untimed("C", 4, 2))
    second = FIRST + timedelta(days=1)
    moved = after(trip, whole_day(trip, agenda(trip), FIRST, second, WholeDay.MOVE))
    assert [rows(moved, day) for day in range(3)] == ["", "ten B A", "C"]
    swapped = after(trip, whole_day(trip, agenda(trip), FIRST, second, WholeDay.SWAP))
    assert [rows(swapped, day) for day in range(3)] == ["B", "ten A", "C"]
    gap = after(trip, whole_day(trip, agenda(trip), second, second + timedelta(days=1), WholeDay.LATER))
    assert [rows(gap, day) for day in range(4)] == ["ten A", "", "B", "C"]
    closed = whole_day(gap, agenda(gap), second, FIRST, WholeDay.LATER)
    assert [rows(after(gap, closed), day) for day in range(3)] == ["ten A", "B", "C"]
    assert whole_day(trip, agenda(trip), FIRST, FIRST, WholeDay.MOVE) == ()
    assert date(2027, 10, 2) == FIRST
