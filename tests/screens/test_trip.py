"""The trip screen on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from textual.pilot import Pilot

from tests.database import Database, User
from tests.hostile import HOSTILE, steers
from tests.proxy import Proxy
from tests.screens.planning import JAPAN, NOW, Host, a_trip, calls, planner_of, said, settled, shown, type_into
from tripsage_tui.data.target import ConnectionTarget, Tls
from tripsage_tui.models.bookings import BookingStatus, ItemStatus, ItineraryItem, ItineraryItemFields
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.planner import Planner
from tripsage_tui.sample_trips import create_sample
from tripsage_tui.screens.booking_dialog import BookingDialog
from tripsage_tui.screens.forms.item_form import ItemForm
from tripsage_tui.screens.trip import TripScreen
from tripsage_tui.widgets.agenda_list import AgendaList
from tripsage_tui.widgets.detail_pane import DetailPane


@pytest.fixture
async def sample(planner: Planner) -> TripPlan:
    """The sample trip to Japan, with everything in it."""
    trip = await create_sample(planner)
    return await planner.trips.plan(trip.id)


def screen_of(app: Host) -> TripScreen:
    screen = app.screen_stack[1]
    assert isinstance(screen, TripScreen)
    return screen


def cursor(app: Host) -> str:
    """The title under the cursor."""
    line = screen_of(app).agenda.line
    return line.title if line else ""


async def go_to(pilot: Pilot[Any], title: str) -> None:
    assert isinstance(pilot.app, Host)
    agenda = screen_of(pilot.app).agenda
    key = next(line.key for line in agenda.lines_shown if line.title == title and line.key is not None)
    assert agenda.go_to(key)
    await settled(pilot)


async def an_item(planner: Planner, trip_id: int, title: str, day: date | None = None, **values: Any) -> ItineraryItem:
    return await planner.items.add(trip_id, ItineraryItemFields(title=title, day=day, **values), key=uuid4())


# ---- showing


async def test_it_opens_with_one_call_and_then_adds_up(planner: Planner, sample: TripPlan) -> None:
    before = calls(planner)
    app = Host(lambda: TripScreen(planner, sample.trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        after = calls(planner)
        assert {name: count - before.get(name, 0) for name, count in after.items() if count != before.get(name)} == {
            "trips.plan": 1,
            # After the days are shown: what was spent, for the head.
            "expenses.ledger": 1,
        }


async def test_the_head_says_where_when_who_how_much_and_what_is_next(planner: Planner, sample: TripPlan) -> None:
    app = Host(lambda: TripScreen(planner, sample.trip.id))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        head = "\n".join(shown(app).splitlines()[:6])
        for words in ("Japan in autumn", "Tokyo → Kyoto → Osaka", "14 days", "2 travellers", "planning", "Next"):
            assert words in head
        assert "booked of" in head
        assert "budget €6,000" in head


async def test_days_entries_phases_and_ideas(planner: Planner, sample: TripPlan) -> None:
    app = Host(lambda: TripScreen(planner, sample.trip.id))
    async with app.run_test(size=(120, 60)) as pilot:
        await settled(pilot)
        lines = screen_of(app).agenda.lines_shown
        days = [line for line in lines if line.look == "day" and line.title != "Ideas"]
        assert len(days) == sample.trip.days
        screen = shown(app)
        assert "check-in  Hotel Gracery Asakusa" in screen
        assert "check-out Hotel Gracery Asakusa" in screen
        assert "⌂ Hotel Gracery Asakusa" in screen
        flights = [line for line in lines if line.kind in {"flight", "arrival"}]
        assert [line.time for line in flights][:2] == ["12:15–08:55+1", "08:55"]
        assert {line.section for line in lines[-3:]} == {"ideas"}


async def test_the_head_counts_the_days_only_once(database: Database, ann: User, tmp_path: Path) -> None:
    """In Tokyo, the zone of the first entry, it is tomorrow already."""
    late = NOW.replace(hour=23)
    async with planner_of(database, ann, tmp_path / "drafts", clock=lambda: late) as planner:
        trip = await a_trip(planner)
        await an_item(planner, trip.id, "First day", JAPAN.start_date)
        app = Host(lambda: TripScreen(planner, trip.id))
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            assert shown(app).count("in 12 days") == 2


async def test_today_is_marked_and_a_trip_under_way_opens_there(database: Database, ann: User, tmp_path: Path) -> None:
    async with planner_of(database, ann, tmp_path / "drafts", clock=lambda: NOW + timedelta(days=15)) as planner:
        trip = await a_trip(planner)
        await an_item(planner, trip.id, "First day", JAPAN.start_date)
        await an_item(planner, trip.id, "Today's plan", date(2027, 10, 5))
        app = Host(lambda: TripScreen(planner, trip.id))
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            assert "● Tue 5 Oct today" in shown(app)
            assert cursor(app) == "Today's plan"
            assert "day 4 of 14" in shown(app)


async def test_the_cursor_goes_over_entries_and_days(planner: Planner, plan: TripPlan) -> None:
    for title, day in (("A", 2), ("B", 2), ("C", 5)):
        await an_item(planner, plan.trip.id, title, date(2027, 10, day))
    await an_item(planner, plan.trip.id, "Z")
    app = Host(lambda: TripScreen(planner, plan.trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        steps = [("g", "A"), ("j", "B"), ("down", "Sun 3 Oct"), ("k", "B"), ("up", "A"), ("up", "A")]
        steps += [("right_curly_bracket", "Sun 3 Oct"), ("right_curly_bracket", "Mon 4 Oct")]
        steps += [("right_curly_bracket", "C"), ("left_curly_bracket", "Mon 4 Oct"), ("G", "Z"), ("end", "Z")]
        steps += [("home", "A"), ("pagedown", None), ("pageup", "A")]  # type: ignore[list-item]
        for key, title in steps:
            await pilot.press(key)
            assert title is None or cursor(app) == title, key


async def test_by_kind_and_back_stays_on_the_booking(planner: Planner, sample: TripPlan) -> None:
    app = Host(lambda: TripScreen(planner, sample.trip.id))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await go_to(pilot, "teamLab Planets")
        await pilot.press("tab")
        assert cursor(app) == "teamLab Planets"
        titles = [line.title for line in screen_of(app).agenda.lines_shown if line.key is None]
        assert titles == ["Flights", "Stays", "Transport", "Activities and ideas"]
        await pilot.press("tab")
        assert cursor(app) == "teamLab Planets"


async def test_a_trip_of_300_entries_draws_what_is_on_the_screen(
    planner: Planner, plan: TripPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(300):
        await an_item(planner, plan.trip.id, f"Entry {number}", date(2027, 10, 2) + timedelta(days=number % 14))
    drawn: list[str] = []
    draw = AgendaList._draw

    def counting(self: AgendaList, line: Any, on_cursor: bool, width: int) -> Any:
        drawn.append(line.title)
        return draw(self, line, on_cursor, width)

    monkeypatch.setattr(AgendaList, "_draw", counting)
    app = Host(lambda: TripScreen(planner, plan.trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert len(drawn) < 80
        drawn.clear()
        await pilot.press("j")
        await settled(pilot)
        assert len(drawn) <= 4
        await pilot.press("G")
        await settled(pilot)
        assert cursor(app).startswith("Entry")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_hostile_text_is_shown_harmless_everywhere(
    planner: Planner, plan: TripPlan, size: tuple[int, int]
) -> None:
    for name, text in HOSTILE.items():
        storable = text.replace("\x00", "").replace("\ud83d", "") or "x"
        values = {"location": storable, "description": storable, "notes": storable, "provider": storable}
        await an_item(planner, plan.trip.id, storable, date(2027, 10, 3) if len(name) % 2 else None, **values)
    fields = JAPAN.model_copy(update={"name": HOSTILE["clipboard"], "destination": HOSTILE["direction"]})
    await planner.trips.update(
        plan.trip.id, {"name": fields.name, "destination": fields.destination}, based_on=plan.trip.updated_at
    )
    app = Host(lambda: TripScreen(planner, plan.trip.id))
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        seen = [shown(app)]
        for number in range(len(HOSTILE)):
            await pilot.press("j")
            await settled(pilot)
            seen.append(shown(app))
            if number % 5 == 0:
                await pilot.press("enter")
                await settled(pilot)
                seen.append(shown(app))
                await pilot.press("escape")
        await pilot.press("tab")
        await settled(pilot)
        seen.append(shown(app))
        assert not steers("".join(seen))
        assert any("[@click=app.quit]x[/]" in screen for screen in seen)


# ---- changing


async def test_delete_and_undo_bring_back_the_same_row(planner: Planner, sample: TripPlan) -> None:
    app = Host(lambda: TripScreen(planner, sample.trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await go_to(pilot, "Hotel Gracery Asakusa")
        stay = screen_of(app).booking
        assert stay is not None
        await pilot.press("d")
        await settled(pilot)
        assert "Hotel Gracery" not in "".join(line.title for line in screen_of(app).agenda.lines_shown)
        assert "Deleted the stay Hotel Gracery" in said(app)
        await pilot.press("u")
        await settled(pilot)
        assert cursor(app) == "Hotel Gracery Asakusa"
    back = await planner.accommodations.get(stay.id)
    assert back.model_dump(exclude={"updated_at"}) == stay.model_dump(exclude={"updated_at"})


async def test_space_goes_through_the_states_however_fast_and_back(planner: Planner, plan: TripPlan) -> None:
    item = await an_item(planner, plan.trip.id, "Tea", date(2027, 10, 2))
    app = Host(lambda: TripScreen(planner, plan.trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("space", "space")
        await settled(pilot)
        assert (await planner.items.get(item.id)).booking_status is ItemStatus.BOOKED
        assert "● booked" in shown(app)
        await pilot.press("space")
        await settled(pilot)
        assert (await planner.items.get(item.id)).booking_status is ItemStatus.PLANNED
        for expected in (ItemStatus.BOOKED, ItemStatus.RESERVED, ItemStatus.PLANNED):
            await pilot.press("u")
            await settled(pilot)
            assert (await planner.items.get(item.id)).booking_status is expected


async def test_a_cancelled_booking_becomes_available_again(planner: Planner, sample: TripPlan) -> None:
    flight = sample.flights[0]
    await planner.flights.update(flight.id, {"booking_status": BookingStatus.CANCELLED}, based_on=flight.updated_at)
    app = Host(lambda: TripScreen(planner, sample.trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await go_to(pilot, "FRA → HND")
        assert "✕ cancelled" in shown(app)
        await pilot.press("space")
        await settled(pilot)
    assert (await planner.flights.get(flight.id)).booking_status is BookingStatus.AVAILABLE


async def test_items_without_a_time_change_places_and_back(planner: Planner, plan: TripPlan) -> None:
    for title in "ABC":
        await an_item(planner, plan.trip.id, title, date(2027, 10, 2))
    app = Host(lambda: TripScreen(planner, plan.trip.id))

    async def order() -> str:
        from tripsage_tui.models.agenda import agenda

        days = agenda(await planner.trips.plan(plan.trip.id))
        return "".join(entry.title for entry in days[0].entries)

    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await go_to(pilot, "A")
        await pilot.press("J")
        await settled(pilot)
        assert await order() == "BAC"
        assert cursor(app) == "A"
        await pilot.press("J")
        await settled(pilot)
        await pilot.press("J")
        await settled(pilot)
        assert await order() == "BC"  # it has gone over to the next day
        assert cursor(app) == "A"
        await pilot.press("K")
        await settled(pilot)
        assert await order() == "BCA"
        for expected in ("BC", "BCA", "BAC", "ABC"):
            await pilot.press("u")
            await settled(pilot)
            assert await order() == expected


async def test_an_idea_gets_a_day_and_becomes_an_idea_again(planner: Planner, plan: TripPlan) -> None:
    item = await an_item(planner, plan.trip.id, "Ghibli museum")
    app = Host(lambda: TripScreen(planner, plan.trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await go_to(pilot, "Ghibli museum")
        await pilot.press("m")
        await settled(pilot)
        await type_into(pilot, "5 oct")
        assert "Tue 5 Oct" in shown(app)
        await pilot.press("enter")
        await settled(pilot)
        assert cursor(app) == "Ghibli museum"
        assert (await planner.items.get(item.id)).day == date(2027, 10, 5)
        await pilot.press("m")
        await settled(pilot)
        await pilot.press("ctrl+u", "enter")
        await settled(pilot)
        assert (await planner.items.get(item.id)).day is None
        await pilot.press("u")
        await settled(pilot)
    assert (await planner.items.get(item.id)).day == date(2027, 10, 5)


async def test_adding_from_an_empty_day_begins_on_that_day(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: TripScreen(planner, plan.trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("j", "j", "a")
        await settled(pilot)
        assert "On Mon 4 Oct 2027" in shown(app)
        await pilot.press("i")
        await settled(pilot)
        await type_into(pilot, "Tsukiji")
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert cursor(app) == "Tsukiji"
        assert "Added the activity Tsukiji" in said(app)
        await pilot.press("e")
        await settled(pilot)
        assert isinstance(app.screen, ItemForm)
        await pilot.press("tab")
        app.screen.fields["location"].value = "Tokyo"
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "Changed the activity Tsukiji" in said(app)
    (item,) = await planner.items.by_trip(plan.trip.id)
    assert (item.day, item.location) == (date(2027, 10, 4), "Tokyo")


# ---- details and codes


async def test_the_code_is_masked_until_asked_for_and_copied(planner: Planner, plan: TripPlan) -> None:
    await an_item(planner, plan.trip.id, "Tea", date(2027, 10, 2), confirmation_code="SECRET7", price=Decimal(4))
    await an_item(planner, plan.trip.id, "Walk", date(2027, 10, 2))
    app = Host(lambda: TripScreen(planner, plan.trip.id))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        pane = screen_of(app).query_one(DetailPane)
        await go_to(pilot, "Tea")
        assert "SECRET7" not in shown(app)
        assert "••••••" in pane.text
        await pilot.press("x")
        assert "SECRET7" in pane.text
        await pilot.press("x")
        assert "SECRET7" not in pane.text
        await pilot.press("x", "j", "k")
        assert "SECRET7" not in pane.text
        await pilot.press("y")
        await settled(pilot)
        assert app.clipboard == "SECRET7"
        await go_to(pilot, "Walk")
        await pilot.press("y")
        assert "no confirmation code" in said(app)


async def test_the_details_offer_what_can_be_done(planner: Planner, plan: TripPlan) -> None:
    item = await an_item(planner, plan.trip.id, "Tea", date(2027, 10, 2), confirmation_code="SECRET7")
    app = Host(lambda: TripScreen(planner, plan.trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("x")
        await settled(pilot)
        assert isinstance(app.screen, BookingDialog)
        assert "SECRET7" in shown(app)
        await pilot.press("escape", "enter")
        await settled(pilot)
        assert "SECRET7" not in shown(app)
        await pilot.press("x")
        assert "SECRET7" in shown(app)
        await pilot.press("space")
        await settled(pilot)
        assert (await planner.items.get(item.id)).booking_status is ItemStatus.RESERVED
        await pilot.press("enter", "e")
        await settled(pilot)
        assert isinstance(app.screen, ItemForm)
        await pilot.press("escape")
        await settled(pilot)
        await pilot.press("enter", "d")
        await settled(pilot)
    assert await planner.items.by_trip(plan.trip.id) == []


# ---- others


@pytest.fixture
async def bob(database: Database, plan: TripPlan, tmp_path: Path) -> AsyncIterator[Planner]:
    """Someone with whom the trip is shared, to look at."""
    user = await database.create_user("Bob")
    await (await database.owner()).execute(
        "insert into public.trip_collaborators (trip_id, user_id, permission_level, added_by)"
        " values ($1, $2, 'view', $3)",
        plan.trip.id,
        user.id,
        plan.trip.user_id,
    )
    async with planner_of(database, user, tmp_path / "bob") as planner:
        yield planner


async def test_who_may_only_look_sees_no_keys_for_changes_and_is_told_so(
    planner: Planner, plan: TripPlan, bob: Planner
) -> None:
    item = await an_item(planner, plan.trip.id, "Tea", date(2027, 10, 2))
    app = Host(lambda: TripScreen(bob, plan.trip.id))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        keys = shown(app).splitlines()[-1]
        assert "Details" in keys
        assert not any(word in keys for word in ("Add", "Edit", "Delete", "State"))
        assert "shared to look at" in shown(app)
        for key in ("a", "e", "d", "space", "E", "p", "m", "J", "K"):
            await pilot.press(key)
            await settled(pilot)
            assert "to look at, not to change" in said(app), key
            assert app.screen is screen_of(app)
            app.clear_notifications()
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, BookingDialog)
        await pilot.press("d")
        await settled(pilot)
        assert isinstance(app.screen, BookingDialog)
    assert (await planner.items.get(item.id)) == item


async def test_changes_of_others_arrive_and_the_cursor_stays(
    database: Database, ann: User, planner: Planner, plan: TripPlan, tmp_path: Path
) -> None:
    for title in ("A", "B"):
        await an_item(planner, plan.trip.id, title, date(2027, 10, 3))
    async with planner_of(database, ann, tmp_path / "here", live=True) as here:
        app = Host(lambda: TripScreen(here, plan.trip.id))
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            await go_to(pilot, "B")
            await an_item(planner, plan.trip.id, "Before", date(2027, 10, 2))
            await _until(pilot, lambda: "Before" in shown(app))
            assert cursor(app) == "B"
            await pilot.press("a", "i")
            await settled(pilot)
            focused = app.focused
            await type_into(pilot, "Half")
            await an_item(planner, plan.trip.id, "Meanwhile", date(2027, 10, 2))
            await _until(pilot, lambda: any(e.title == "Meanwhile" for e in screen_of(app).agenda.lines_shown))
            assert app.focused is focused
            assert isinstance(app.screen, ItemForm)
            assert app.screen.values["title"] == "Half"


async def test_a_trip_deleted_elsewhere_says_so(
    database: Database, ann: User, planner: Planner, plan: TripPlan, tmp_path: Path
) -> None:
    async with planner_of(database, ann, tmp_path / "here", live=True) as here:
        app = Host(lambda: TripScreen(here, plan.trip.id))
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            await planner.trips.delete(plan.trip.id, plan.trip.updated_at)
            await _until(pilot, lambda: "no longer there" in shown(app))
            await pilot.press("d", "e", "a", "space", "enter", "tab")
            await settled(pilot)
            await pilot.press("escape")
            await settled(pilot)
            assert app.results == [None]


async def test_a_database_that_is_away_is_said_and_tried_again(database: Database, ann: User, tmp_path: Path) -> None:
    async with Proxy(database.host, database.port) as proxy:
        target = ConnectionTarget(host="127.0.0.1", port=proxy.port, database=database.name, ssl=Tls.DISABLE)
        async with planner_of(database, ann, tmp_path / "drafts", target=target) as planner:
            trip = await a_trip(planner)
            proxy.refusing = True
            proxy.cut()
            app = Host(lambda: TripScreen(planner, trip.id))
            async with app.run_test(size=(80, 24)) as pilot:
                await _until(pilot, lambda: "could not be opened" in shown(app))
                proxy.refusing = False
                await _until(pilot, lambda: bool(calls(planner)) and "Sat 2 Oct" in shown(app))


async def test_a_day_that_passes_is_shown(database: Database, ann: User, tmp_path: Path) -> None:
    now = [NOW + timedelta(days=11)]
    async with planner_of(database, ann, tmp_path / "drafts", clock=lambda: now[0]) as planner:
        trip = await a_trip(planner)
        app = Host(lambda: TripScreen(planner, trip.id))
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            assert "tomorrow" in shown(app)
            now[0] += timedelta(days=1)
            screen_of(app)._look_at_the_calendar()
            await settled(pilot)
            assert "● Sat 2 Oct today" in shown(app)


async def test_deleting_what_someone_changed_meanwhile_is_refused_and_shown(planner: Planner, plan: TripPlan) -> None:
    item = await an_item(planner, plan.trip.id, "Tea", date(2027, 10, 2))
    app = Host(lambda: TripScreen(planner, plan.trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await planner.items.update(item.id, {"title": "Tea with Keiko"}, based_on=item.updated_at)
        await pilot.press("d")
        await settled(pilot)
        assert "Someone else changed this" in said(app)
        assert cursor(app) == "Tea with Keiko"
    assert len(await planner.items.by_trip(plan.trip.id)) == 1


async def _until(pilot: Pilot[Any], happened: Any) -> None:
    for _ in range(600):
        await settled(pilot)
        if happened():
            return
        await pilot.pause(0.02)
    raise AssertionError("it did not happen")


# ---- several at once


async def test_marked_rows_change_together_and_come_back_together(planner: Planner, plan: TripPlan) -> None:
    for title, day in (("A", 2), ("B", 2), ("C", 3)):
        await an_item(planner, plan.trip.id, title, date(2027, 10, day))
    app = Host(lambda: TripScreen(planner, plan.trip.id))

    async def days() -> dict[str, int | None]:
        items = (await planner.trips.plan(plan.trip.id)).items
        return {item.title: item.day.day if item.day else None for item in items}

    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await go_to(pilot, "A")
        await pilot.press("V", "V")
        await settled(pilot)
        assert "2 marked" in shown(app)
        assert [line.title for line in screen_of(app).agenda.lines_shown if line.marked] == ["A", "B"]
        assert sum("◆" in line or "◈" in line for line in shown(app).splitlines()) == 2
        await pilot.press("space")
        await settled(pilot)
        assert {item.booking_status for item in (await planner.trips.plan(plan.trip.id)).items[:2]} == {
            ItemStatus.RESERVED
        }
        await pilot.press("J")
        await settled(pilot)
        assert await days() == {"A": 3, "B": 3, "C": 3}
        await pilot.press("u")
        await settled(pilot)
        assert await days() == {"A": 2, "B": 2, "C": 3}
        await pilot.press("m")
        await settled(pilot)
        await type_into(pilot, "9 oct")
        await pilot.press("enter")
        await settled(pilot)
        assert await days() == {"A": 9, "B": 9, "C": 3}
        assert "marked" not in shown(app)
        await pilot.press("u")
        await settled(pilot)
        await go_to(pilot, "A")
        await pilot.press("V", "V", "d")
        await settled(pilot)
        assert await days() == {"C": 3}
        await pilot.press("u")
        await settled(pilot)
        assert await days() == {"A": 2, "B": 2, "C": 3}
        await pilot.press("V", "escape")
        await settled(pilot)
        assert "marked" not in shown(app)
        assert screen_of(app).plan is not None


async def test_a_whole_day_goes_to_another_one(planner: Planner, plan: TripPlan) -> None:
    for title, day in (("A", 2), ("B", 2), ("C", 3)):
        await an_item(planner, plan.trip.id, title, date(2027, 10, day))
    app = Host(lambda: TripScreen(planner, plan.trip.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await go_to(pilot, "B")
        await pilot.press("M")
        await settled(pilot)
        await type_into(pilot, "3 oct")
        await pilot.press("enter", "e", "enter")
        await settled(pilot)
        items = (await planner.trips.plan(plan.trip.id)).items
        assert {item.title: item.day.day for item in items if item.day} == {"A": 3, "B": 3, "C": 2}
        assert cursor(app) in {"A", "B"}
        await pilot.press("u")
        await settled(pilot)
    items = (await planner.trips.plan(plan.trip.id)).items
    assert {item.title: item.day.day for item in items if item.day} == {"A": 2, "B": 2, "C": 3}


# ---- clocks, holidays, now


async def test_times_at_home_and_in_utc_are_said_in_the_head(planner: Planner, sample: TripPlan) -> None:
    app = Host(lambda: TripScreen(planner, sample.trip.id))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        for heading, landing in (
            ("times at home (Europe/Berlin)", "01:55"),
            ("times in UTC", "23:55-1"),
            ("", "08:55"),
        ):
            await pilot.press("z")
            await settled(pilot)
            head = "\n".join(shown(app).splitlines()[:5])
            assert heading in head
            assert ("times" in head) is bool(heading)
            arrival = next(line for line in screen_of(app).agenda.lines_shown if line.kind == "arrival")
            assert arrival.time == landing


async def test_holidays_sun_and_borders_until_they_are_switched_off(planner: Planner, sample: TripPlan) -> None:
    app = Host(lambda: TripScreen(planner, sample.trip.id))
    async with app.run_test(size=(120, 60)) as pilot:
        await settled(pilot)
        assert "day 2 · Tokyo · sun 05:3" in shown(app)
        assert "Sports Day" in shown(app)
        assert "· Japan · JST, clocks 7 h ahead · JPY" in shown(app)
        at = cursor(app)
        await pilot.press("H")
        await settled(pilot)
        assert "· sun " not in shown(app)
        assert "· JST, clocks 7 h ahead" in shown(app)
        assert cursor(app) == at
    again = Host(lambda: TripScreen(planner, sample.trip.id))
    async with again.run_test(size=(120, 60)) as pilot:
        await settled(pilot)
        assert "Sports Day" not in shown(again)
        await pilot.press("H")
        await settled(pilot)
        assert "Sports Day" in shown(again)


async def test_a_rule_marks_now_on_a_day_of_the_trip(database: Database, ann: User, tmp_path: Path) -> None:
    noon_in_tokyo = NOW.replace(month=10, day=5, hour=5, minute=7)
    async with planner_of(database, ann, tmp_path / "drafts", clock=lambda: noon_in_tokyo) as planner:
        trip = await a_trip(planner)
        for title, hour in (("Breakfast", 0), ("Dinner", 10)):
            at = noon_in_tokyo.replace(hour=hour, minute=0)
            await an_item(planner, trip.id, title, start_time=at, start_zone="Asia/Tokyo")
        app = Host(lambda: TripScreen(planner, trip.id))
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            lines = shown(app).splitlines()
            now = next(number for number, line in enumerate(lines) if "── now 12:07 ─" in line)
            assert "Breakfast" in lines[now - 1]
            assert "Dinner" in lines[now + 1]
