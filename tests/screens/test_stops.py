"""The stops of a trip: added, changed, put in another order, and all of it taken back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.database import Database
from tests.screens.planning import STOPS, Host, planner_of, said, settled, shown, type_into
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.planner import Planner
from tripsage_tui.screens.stop_dialog import StopDialog
from tripsage_tui.screens.stops import StopsScreen


async def places(planner: Planner, plan: TripPlan) -> list[str]:
    return [stop.place for stop in (await planner.trips.plan(plan.trip.id)).stops]


async def test_a_stop_is_added_with_what_follows_from_its_place(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: StopsScreen(planner, plan))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "Tokyo" in shown(app)
        assert "4 nights · Asia/Tokyo" in shown(app)
        await pilot.press("G", "a")
        await settled(pilot)
        await type_into(pilot, "Seoul")
        assert "South Korea" in shown(app)
        await pilot.press("tab")
        await type_into(pilot, "x")
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert isinstance(app.screen, StopDialog)
        await pilot.press("ctrl+u")
        await type_into(pilot, "13 oct")
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert await places(planner, plan) == ["Tokyo", "Kyoto", "Osaka", "Seoul"]
    seoul = (await planner.trips.plan(plan.trip.id)).stops[3]
    assert (seoul.country, seoul.time_zone, seoul.currency) == ("KR", "Asia/Seoul", "KRW")
    assert (seoul.arrive_date, seoul.depart_date) == (date(2027, 10, 13), date(2027, 10, 15))


async def test_another_order_however_fast_removal_and_undo(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: StopsScreen(planner, plan))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("J", "J", "J")
        await settled(pilot)
        assert await places(planner, plan) == ["Kyoto", "Osaka", "Tokyo"]
        await pilot.press("d")
        await settled(pilot)
        assert await places(planner, plan) == ["Kyoto", "Osaka"]
        for expected in (["Kyoto", "Osaka", "Tokyo"], ["Kyoto", "Tokyo", "Osaka"], ["Tokyo", "Kyoto", "Osaka"]):
            await pilot.press("u")
            await settled(pilot)
            assert await places(planner, plan) == expected
        stored = (await planner.trips.plan(plan.trip.id)).stops
        assert [stop.arrive_date for stop in stored] == [stop.arrive_date for stop in STOPS]


async def test_an_edit_of_stops_that_someone_else_changed_is_refused(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: StopsScreen(planner, plan))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("e")
        await settled(pilot)
        await pilot.press("end")
        await type_into(pilot, "!")
        await planner.trips.set_stops(plan.trip.id, STOPS[:1])
        assert isinstance(app.screen_stack[1], StopsScreen)
        app.screen_stack[1].refresh_data()
        await settled(pilot)
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "Someone else changed the stops" in said(app)
        assert await places(planner, plan) == ["Tokyo"]


async def test_a_viewer_sees_the_stops_and_no_keys_that_change_them(
    database: Database, planner: Planner, plan: TripPlan, tmp_path: Path
) -> None:
    bob = await database.create_user("Bob")
    await (await database.owner()).execute(
        "insert into public.trip_collaborators (trip_id, user_id, permission_level, added_by) "
        "values ($1, $2, 'view', $3)",
        plan.trip.id, bob.id, plan.trip.user_id,
    )  # fmt: skip
    async with planner_of(database, bob, tmp_path / "bob") as his:
        theirs = await his.trips.plan(plan.trip.id)
        app = Host(lambda: StopsScreen(his, theirs))
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            assert "Kyoto" in shown(app)
            assert "a Add" not in shown(app)
            await pilot.press("d", "J", "a", "enter")
            await settled(pilot)
            assert isinstance(app.screen, StopsScreen)
    assert await places(planner, plan) == ["Tokyo", "Kyoto", "Osaka"]
