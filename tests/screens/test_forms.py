"""Forms on a real database: what is typed is read, shown, kept and stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from tests.database import Database, User
from tests.hostile import HOSTILE, steers
from tests.proxy import Proxy
from tests.screens.planning import JAPAN, Host, a_trip, calls, planner_of, settled, shown, type_into
from tripsage_tui.data.target import ConnectionTarget, Tls
from tripsage_tui.drafts import DraftStore
from tripsage_tui.models.bookings import Accommodation, Flight, ItineraryItem, Transportation
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.planner import Planner
from tripsage_tui.screens.forms.flight_form import FlightForm
from tripsage_tui.screens.forms.form import FormScreen
from tripsage_tui.screens.forms.item_form import ItemForm
from tripsage_tui.screens.forms.leave import LeaveDialog
from tripsage_tui.screens.forms.opening import form_of
from tripsage_tui.screens.forms.resume import ResumeDialog, ago
from tripsage_tui.screens.forms.stay_form import StayForm
from tripsage_tui.screens.forms.transport_form import TransportForm
from tripsage_tui.screens.forms.trip_form import TripForm
from tripsage_tui.widgets.form_choice import ChoiceField

BOOKING_FORMS = (FlightForm, StayForm, TransportForm, ItemForm)
SIZES = [(80, 24), (120, 40)]


def form_on(app: Host) -> FormScreen[Any]:
    screen = app.screen_stack[-1]
    assert isinstance(screen, FormScreen), screen
    return screen


def banner(app: Host) -> str:
    return str(form_on(app).query_one("#form-banner", Static).content)


async def fill(pilot: Pilot[Any], **values: str) -> None:
    """Put values into fields as typing would, without the single keys."""
    assert isinstance(pilot.app, Host)
    form = form_on(pilot.app)
    for key, value in values.items():
        form.fields[key].value = value
    await settled(pilot)


async def save(pilot: Pilot[Any]) -> None:
    await pilot.press("ctrl+s")
    await settled(pilot)


# ---- each form stores what was typed


async def test_a_return_flight_typed_key_by_key(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: FlightForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await type_into(pilot, "fra")
        await settled(pilot)
        await pilot.press("enter")
        await type_into(pilot, "haneda")
        await settled(pilot)
        await pilot.press("enter")
        for typed in ("2 oct", "1215", "8:55", "Lufthansa", "LH716", "", "15 oct", "12:30", "19:05", "LH717"):
            await type_into(pilot, typed)
            await pilot.press("enter")
        await settled(pilot)
        screen = shown(app)
        assert "Frankfurt am Main, UTC+2" in screen
        assert "Tokyo Haneda, UTC+9" in screen
        assert "arrives a day later, Sun 3 Oct; 13 h 40" in screen
        await save(pilot)
    (flight,) = app.results
    assert isinstance(flight, Flight)
    assert (flight.origin, flight.destination, flight.airline) == ("FRA", "HND", "Lufthansa")
    assert [(leg.departure_time, leg.arrival_time, leg.number) for leg in flight.legs] == [
        (datetime(2027, 10, 2, 10, 15, tzinfo=UTC), datetime(2027, 10, 2, 23, 55, tzinfo=UTC), "LH716"),
        (datetime(2027, 10, 15, 3, 30, tzinfo=UTC), datetime(2027, 10, 15, 17, 5, tzinfo=UTC), "LH717"),
    ]
    assert (await planner.flights.get(flight.id)) == flight


async def test_a_stay_says_what_it_costs_while_it_is_typed(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: StayForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await fill(pilot, name="Park Hotel", check_in_date="3 oct", check_out_date="4 nights", price_per_night="180")
        assert "4 nights × €180 = €720" in form_on(app).fields["total_price"].message
        assert form_on(app).fields["check_out_date"].message.endswith("4 nights")
        await save(pilot)
    (stay,) = app.results
    assert isinstance(stay, Accommodation)
    assert (stay.check_out_date, stay.total_price, stay.currency) == (date(2027, 10, 7), Decimal(720), "EUR")


async def test_a_train_and_something_to_do(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: TransportForm(planner, plan.trip, plan.stops, day=date(2027, 10, 7)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await fill(pilot, origin="Tokyo", destination="Kyoto", departure_time="9:03", arrival_time="11:15")
        await save(pilot)
    (train,) = app.results
    assert isinstance(train, Transportation)
    assert (train.departure_time, train.departure_zone) == (datetime(2027, 10, 7, 0, 3, tzinfo=UTC), "Asia/Tokyo")
    app = Host(lambda: ItemForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await type_into(pilot, "Ghibli museum")
        await save(pilot)
    (idea,) = app.results
    assert isinstance(idea, ItineraryItem)
    assert (idea.day, idea.start_time) == (None, None)


async def test_a_new_trip_with_its_stops_and_undo(planner: Planner) -> None:
    app = Host(lambda: TripForm(planner))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        for typed in ("Japan in autumn", "Japan", "Tokyo, Kyoto, Osaka", "2 oct", "14 days", "", "2", "6000 EUR"):
            await type_into(pilot, typed)
            await pilot.press("enter")
        await settled(pilot)
        assert "Asia/Tokyo, from Tokyo" in shown(app)
        assert "€3,000.00 per traveller" in shown(app)
        await save(pilot)
    (trip,) = app.results
    plan = await planner.trips.plan(trip.id)
    assert (plan.trip.end_date, plan.trip.budget, plan.trip.currency) == (date(2027, 10, 15), Decimal(6000), "EUR")
    assert plan.trip.time_zone == "Asia/Tokyo"
    assert [stop.place for stop in plan.stops] == ["Tokyo", "Kyoto", "Osaka"]
    assert await planner.undo.undo() == "adding the trip Japan in autumn"
    assert await planner.trips.list() == []


async def test_a_fast_typist_gets_the_zone_too(planner: Planner) -> None:
    app = Host(lambda: TripForm(planner))
    reading_the_airports = planner.airports._loading
    with reading_the_airports:
        async with app.run_test(size=(80, 24)) as pilot:
            form = form_on(app)
            values = {
                "name": "Japan",
                "destination": "Japan",
                "stops": "Tokyo",
                "start_date": "2 oct",
                "budget": "9 EUR",
            }
            for key, value in {**values, "end_date": "14 days"}.items():
                form.fields[key].value = value
            await pilot.press("ctrl+s")
            await pilot.pause()
            assert not app.results
            reading_the_airports.release()
            try:
                await settled(pilot)
            finally:
                reading_the_airports.acquire()
    (trip,) = app.results
    assert trip.time_zone == "Asia/Tokyo"


async def test_editing_a_trip_writes_what_changed_and_can_be_undone(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: TripForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await fill(pilot, budget="7000", stops="Tokyo, Osaka")
        await save(pilot)
    after = await planner.trips.plan(plan.trip.id)
    assert after.trip.budget == 7000
    assert [stop.place for stop in after.stops] == ["Tokyo", "Osaka"]
    assert after.stops[0].arrive_date == plan.stops[0].arrive_date
    await planner.undo.undo()
    undone = await planner.trips.plan(plan.trip.id)
    assert undone.trip.budget == plan.trip.budget
    assert [stop.place for stop in undone.stops] == ["Tokyo", "Kyoto", "Osaka"]


async def test_saving_an_untouched_form_writes_nothing(planner: Planner, plan: TripPlan) -> None:
    before = calls(planner)
    app = Host(lambda: TripForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await save(pilot)
    assert app.results == [plan.trip]
    assert calls(planner) == before
    assert len(planner.undo) == 0


async def test_another_one_like_it_is_not_booked_yet(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: StayForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await fill(pilot, name="Park", check_in_date="3 oct", check_out_date="4 oct", confirmation_code="SECRET")
        await save(pilot)
    (stay,) = app.results
    again = Host(lambda: StayForm(planner, plan.trip, plan.stops, like=stay))
    async with again.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert form_on(again).values["confirmation_code"] == ""
        await save(pilot)
    (copy,) = again.results
    assert (copy.name, copy.check_in_date, copy.confirmation_code) == ("Park", date(2027, 10, 3), None)
    assert copy.id != stay.id


async def test_zones_follow_the_airport_and_are_kept_where_they_say_more(planner: Planner, plan: TripPlan) -> None:
    typed = {"origin": "FRA", "destination": "HND", "departure_date": "2 oct", "departure_time": "12:15"}
    app = Host(lambda: FlightForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await fill(pilot, **typed, arrival_time="8:55", departure_zone="Africa/Cairo")
        await save(pilot)
    (flight,) = app.results
    edit = Host(lambda: FlightForm(planner, plan.trip, plan.stops, flight))
    async with edit.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert form_on(edit).values["departure_zone"] == "Africa/Cairo"
        assert form_on(edit).values["arrival_zone"] == ""
        await fill(pilot, destination="JFK", arrival_time="15:00")
        await save(pilot)
    (edited,) = edit.results
    assert (edited.legs[0].departure_zone, edited.legs[0].arrival_zone) == ("Africa/Cairo", "America/New_York")


# ---- errors


async def test_errors_appear_when_a_field_is_left_and_saving_goes_to_the_first(
    planner: Planner, plan: TripPlan
) -> None:
    app = Host(lambda: FlightForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert not any(field.error for field in form_on(app).fields.values())
        await pilot.press("tab")
        await settled(pilot)
        assert form_on(app).fields["origin"].error
        assert not form_on(app).fields["departure_date"].error
        await fill(pilot, destination="HND", departure_date="31 feb", departure_time="25:00")
        await save(pilot)
        assert app.results == []
        assert app.focused is form_on(app).fields["origin"].target
        assert "3 fields need a look" in banner(app)
        assert "! 31 Feb does not exist." in shown(app)
        await fill(pilot, origin="FRA", departure_date="2 oct")
        assert not form_on(app).fields["departure_date"].error
        await save(pilot)
        assert "One field needs a look" in banner(app)
        await fill(pilot, departure_time="12:15")
        await save(pilot)
    assert len(app.results) == 1


async def test_a_value_that_the_database_refuses_is_said_beside_its_field(planner: Planner, plan: TripPlan) -> None:
    from tripsage_tui.data.errors import InvalidValue

    app = Host(lambda: ItemForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        form = form_on(app)
        for error, place in ((InvalidValue("price", "Too dear."), "price"), (InvalidValue(None, "No."), None)):
            form.refuse(error.field, error.sentence)
            await settled(pilot)
            if place:
                assert form.fields[place].error == "Too dear."
                assert app.focused is form.fields[place].target
                await fill(pilot, price="1")
                assert not form.fields[place].error
            else:
                assert "No." in banner(app)


@pytest.mark.parametrize("make", BOOKING_FORMS)
@pytest.mark.parametrize("size", SIZES)
async def test_the_focused_field_can_always_be_seen(
    planner: Planner, plan: TripPlan, make: Callable[..., FormScreen[Any]], size: tuple[int, int]
) -> None:
    app = Host(lambda: make(planner, plan.trip, plan.stops))
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        form = form_on(app)
        body = form.query_one("#form-body").region
        for field in form.fields.values():
            assert app.focused is field.target
            assert body.contains_region(field.target.region), field.key
            assert "▸" in "\n".join(shown(app).splitlines()[field.region.y : field.region.bottom])
            await pilot.press("tab")
            await pilot.pause()
        assert getattr(app.focused, "id", None) == "form-save"


async def test_letters_on_a_choice_and_on_a_button_stay_in_the_form(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: FlightForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        reached: list[str] = []
        app.action_undo = lambda: reached.append("undo")  # type: ignore[attr-defined]
        choice = next(field for field in form_on(app).fields.values() if isinstance(field, ChoiceField))
        for widget in (choice.target, form_on(app).query_one("#form-save")):
            widget.focus()
            await pilot.pause()
            await pilot.press("q", "u", "1", "t")
            assert app.is_running
            assert isinstance(app.screen, FlightForm)
        assert reached == []


# ---- hostile text

APART = ("controls", "surrogate", "long wide", "blank")
"""What is refused, or changes the layout."""


@pytest.mark.parametrize("make", [*BOOKING_FORMS, TripForm])
async def test_hostile_text_is_refused_with_a_reason_or_kept_and_shown_harmless(
    planner: Planner, plan: TripPlan, make: Callable[..., FormScreen[Any]]
) -> None:
    app = Host(lambda: make(planner, plan.trip, plan.stops))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        form = form_on(app)
        # Together where that says as much: each text costs a layout of the whole form.
        together = " ".join(text for name, text in HOSTILE.items() if len(text) < 100 and name not in APART)
        for text in (together, *(HOSTILE[name] for name in APART)):
            for field in form.fields.values():
                if not isinstance(field, ChoiceField):
                    field.value = text
            await settled(pilot)
            assert not steers(shown(app))
            await save(pilot)
            if app.results:
                break
            assert not steers(shown(app))
            assert form is app.screen
    assert app.return_code in {None, 0}


async def test_hostile_names_come_back_as_they_were_typed(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: ItemForm(planner, plan.trip, plan.stops))
    kept = 0
    async with app.run_test(size=(80, 24)) as pilot:
        for text in (text for text in HOSTILE.values() if len(text) < 1000):
            await settled(pilot)
            await fill(pilot, title=text, notes=text)
            await save(pilot)
            if not app.results:
                form = form_on(app)
                assert form.fields["title"].error or form.fields["notes"].error
                assert form.values["title"] == text
                continue
            item = app.results.pop()
            kept += 1
            assert item.title == text.strip(" \t\r\n")
            app.push_screen(ItemForm(planner, plan.trip, plan.stops, item), app.results.append)
            await settled(pilot)
            assert not steers(shown(app))
            await fill(pilot, location="Tokyo")
            await save(pilot)
            edited = app.results.pop()
            assert (edited.title, edited.notes, edited.location) == (item.title, item.notes, "Tokyo")
            app.push_screen(ItemForm(planner, plan.trip, plan.stops), app.results.append)
    assert kept >= 10


# ---- drafts


async def test_leaving_an_untouched_form_asks_nothing(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: FlightForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert app.results == [None]


@pytest.mark.parametrize(("key", "kept"), [("enter", True), ("x", False), ("escape", None)])
async def test_leaving_a_form_with_something_typed(
    planner: Planner, plan: TripPlan, key: str, kept: bool | None
) -> None:
    app = Host(lambda: ItemForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await type_into(pilot, "Tea")
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(app.screen, LeaveDialog)
        await pilot.press(key)
        await settled(pilot)
        if kept is None:
            assert form_on(app).values["title"] == "Tea"
            return
        assert app.results == [None]
    draft = planner.drafts.load(f"item.trip-{plan.trip.id}.new")
    assert (draft is not None) == kept
    if draft:
        assert draft.title == "adding an item to Japan in autumn"
        assert draft.values["title"] == "Tea"


async def test_a_kept_draft_is_offered_and_resumed_under_the_same_key(planner: Planner, plan: TripPlan) -> None:
    first = Host(lambda: ItemForm(planner, plan.trip, plan.stops))
    async with first.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await type_into(pilot, "Tea")
        key = form_on(first).key
        await pilot.press("escape", "enter")
        await settled(pilot)
    second = Host(lambda: ItemForm(planner, plan.trip, plan.stops))
    async with second.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert isinstance(second.screen, ResumeDialog)
        assert "You were adding an item to Japan in autumn" in " ".join(shown(second).split())
        await pilot.press("r")
        await settled(pilot)
        assert form_on(second).values["title"] == "Tea"
        assert form_on(second).key == key
        await save(pilot)
    assert second.results[0].title == "Tea"
    assert planner.drafts.load(f"item.trip-{plan.trip.id}.new") is None


async def test_a_draft_is_written_without_leaving_the_form(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: StayForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await type_into(pilot, "Park Hotel")
        await pilot.pause(0.5)
        draft = planner.drafts.load(f"stay.trip-{plan.trip.id}.new")
        assert draft is not None
        assert draft.values["name"] == "Park Hotel"


async def test_a_draft_is_written_when_the_program_ends_in_the_middle(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: StayForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("P")
        app.exit()
    draft = planner.drafts.load(f"stay.trip-{plan.trip.id}.new")
    assert draft is not None
    assert draft.values["name"] == "P"


async def test_the_next_start_opens_the_form_of_each_draft(planner: Planner, plan: TripPlan, tmp_path: Path) -> None:
    store = DraftStore(tmp_path / "drafts")
    app = Host(lambda: ItemForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await type_into(pilot, "Tea")
        await save(pilot)
    (item,) = app.results
    trip_id = plan.trip.id
    for key, typed, kind in (
        ("trip.new", {"name": "Half a trip"}, TripForm),
        (f"trip.{trip_id}", {"budget": "9000"}, TripForm),
        (f"flight.trip-{trip_id}.new", {"origin": "FRA"}, FlightForm),
        (f"item.trip-{trip_id}.{item.id}", {"location": "Uji"}, ItemForm),
    ):
        store.save(key, "doing something", typed)
        draft = store.load(key)
        assert draft is not None
        form = await form_of(planner, draft)
        assert isinstance(form, kind)
        host = Host(lambda form=form: form)  # type: ignore[misc]
        async with host.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
        store.discard(key)
    for key in ("nonsense", "flight.trip-999999.new", f"item.trip-{trip_id}.999999"):
        store.save(key, "doing something", {})
        draft = store.load(key)
        assert draft is not None
        with pytest.raises(Exception, match=r"no longer|does not have"):
            await form_of(planner, draft)


async def test_a_draft_of_an_edit_goes_onto_the_record_as_it_is_now(planner: Planner, plan: TripPlan) -> None:
    first = Host(lambda: TripForm(planner, plan.trip, plan.stops))
    async with first.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await fill(pilot, budget="9000")
        await pilot.press("escape", "enter")
        await settled(pilot)
    now = await planner.trips.update(plan.trip.id, {"name": "Renamed"}, based_on=plan.trip.updated_at)
    draft = planner.drafts.load(f"trip.{plan.trip.id}")
    assert draft is not None
    form = await form_of(planner, draft)
    second = Host(lambda: form)
    async with second.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert (form.values["name"], form.values["budget"]) == ("Renamed", "9000")
        await save(pilot)
    (saved,) = second.results
    assert (saved.name, saved.budget) == ("Renamed", Decimal(9000))
    assert saved.updated_at > now.updated_at


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        *((-5, "just now"), (0, "just now"), (59, "just now"), (60, "1 minute ago"), (300, "5 minutes ago")),
        *((3600, "1 hour ago"), (7300, "2 hours ago"), (86400 * 3, "3 days ago")),
    ],
)
def test_how_long_ago(seconds: int, words: str) -> None:
    then = datetime.fromtimestamp(1_000_000, UTC)
    assert ago(then, datetime.fromtimestamp(1_000_000 + seconds, UTC)) == words


# ---- a lost connection


async def test_a_lost_connection_keeps_the_form_and_the_next_try_is_the_same(
    database: Database, ann: User, tmp_path: Path
) -> None:
    async with Proxy(database.host, database.port) as proxy:
        target = ConnectionTarget(host="127.0.0.1", port=proxy.port, database=database.name, ssl=Tls.DISABLE)
        async with planner_of(database, ann, tmp_path / "drafts", target=target) as planner:
            trip = await a_trip(planner)
            app = Host(lambda: ItemForm(planner, trip))
            async with app.run_test(size=(80, 24)) as pilot:
                await settled(pilot)
                await type_into(pilot, "Tea ceremony")
                key = form_on(app).key
                proxy.refusing = True
                proxy.cut()
                await save(pilot)
                assert app.results == []
                assert "What you typed is kept" in banner(app)
                assert form_on(app).values["title"] == "Tea ceremony"
                assert planner.drafts.load(f"item.trip-{trip.id}.new") is not None
                proxy.refusing = False
                assert form_on(app).key == key
                for _ in range(40):
                    await save(pilot)
                    if app.results:
                        break
                    await pilot.pause(0.2)
            assert [item.title for item in await planner.items.by_trip(trip.id)] == ["Tea ceremony"]


def test_the_sample_of_the_tests_is_what_they_say() -> None:
    assert JAPAN.days == 14
