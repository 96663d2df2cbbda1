"""Trips mode on a real database, by keyboard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from tests.database import Database, User
from tests.hostile import HOSTILE, steers
from tests.screens.planning import NOW, a_trip, calls, planner_of, settled, shown, type_into
from tests.screens.program import at_rest, running, toasts
from tripsage_tui.models.text import InvalidText, clean_input
from tripsage_tui.models.trips import Trip, TripFields, TripStatus
from tripsage_tui.planner import Planner
from tripsage_tui.sample_trips import create_sample
from tripsage_tui.screens.duplicate import DuplicateDialog
from tripsage_tui.screens.forms.resume import ResumeDialog
from tripsage_tui.screens.forms.trip_form import TripForm
from tripsage_tui.screens.help import HelpScreen
from tripsage_tui.screens.trip import TripScreen
from tripsage_tui.widgets.detail_pane import DetailPane
from tripsage_tui.widgets.next_line import NextLine

TODAY = NOW.date()


def fields(name: str, days: int, length: int = 5, **values: object) -> TripFields:
    """A trip that begins so many days from today."""
    start = TODAY + timedelta(days=days)
    what = {"name": name, "destination": "Lisbon", "start_date": start, "end_date": start + timedelta(days=length - 1)}
    return TripFields.model_validate({**what, "budget": Decimal(1000), "currency": "EUR", **values})


async def create(planner: Planner, *trips: TripFields) -> list[Trip]:
    return [await planner.trips.create(trip, key=uuid4()) for trip in trips]


@pytest.fixture
async def several(planner: Planner) -> list[Trip]:
    """One trip now, two to come, two past (one of them cancelled)."""
    return await create(
        planner,
        fields("Now in Porto", -2, destination="Porto", tags=("wine",)),
        fields("Soon", 12, travelers=3, status=TripStatus.BOOKED),
        fields("Later", 300, destination="Kyoto", budget=Decimal(9000)),
        fields("Last year", -300, status=TripStatus.COMPLETED),
        fields("Cancelled", 20, status=TripStatus.CANCELLED),
    )


# ---- what is shown


async def test_trips_stand_in_groups_with_counts(planner: Planner, several: list[Trip], tmp_path: Path) -> None:
    async with running(planner, tmp_path, size=(150, 40)) as (pilot, screen):
        assert [(phase.value, [trip.name for trip in trips]) for phase, trips in screen._groups.items()] == [
            ("now", ["Now in Porto"]),
            ("upcoming", ["Soon", "Later"]),
            ("past", ["Cancelled", "Last year"]),
        ]
        text = shown(pilot.app)
        for title in ("Now (1)", "Upcoming (2)", "Past (2)"):
            assert title in text
        soon = next(line for line in text.splitlines() if " Soon" in line)
        assert soon.split("│")[0].split() == [
            *("Soon", "Lisbon", "2–6", "Oct", "in", "12", "days", "3", "●", "-"),
        ]
        assert "day 3 of 5" in text
        assert "5 trips · by date" in text
        assert "Ann · embedded" in text


async def test_opening_takes_one_query_and_two_behind_it(planner: Planner, several: list[Trip], tmp_path: Path) -> None:
    before = calls(planner)
    async with running(planner, tmp_path, size=(80, 24)):
        made = {name for name, count in calls(planner).items() if count != before.get(name, 0)}
        # Once more where listening began late, lest a change in between be missed.
        # Invitations and what comes next are asked for when the rows are there.
        assert made == {"trips.list", "people.invitations", "coming_up"}


async def test_what_comes_next_stands_over_the_list(planner: Planner, tmp_path: Path) -> None:
    trip = await create_sample(planner)
    async with running(planner, tmp_path, size=(120, 40)) as (pilot, screen):
        line = screen.query_one(NextLine)
        assert line.said[0].startswith("Next in ")
        assert trip.name in line.said[0]
        assert "Next in " in shown(pilot.app)
        await planner.trips.delete(trip.id, based_on=trip.updated_at)
        await pilot.press("r")
        await settled(pilot)
        assert not line.said
        assert not line.display


async def test_booked_of_planned_cost_is_shown(planner: Planner, tmp_path: Path) -> None:
    trip = await create_sample(planner)
    async with running(planner, tmp_path) as (pilot, screen):
        summary = screen._trips[trip.id]
        assert summary.planned
        text = shown(pilot.app)
        assert "4k of 4.7k" in text
        assert "€4,713.87" in text


async def test_an_empty_list_says_what_to_do(planner: Planner, tmp_path: Path) -> None:
    async with running(planner, tmp_path, size=(80, 24)) as (pilot, screen):
        text = shown(pilot.app)
        assert "s   creates a sample trip" in text
        assert "n   plans a new one" in text
        assert "s Sample trip" in text
        await pilot.press("s")
        await settled(pilot)
        assert screen.trip is not None
        assert screen.trip.name in shown(pilot.app)
        assert "Sample trip" not in shown(pilot.app)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (40, 12)])
async def test_it_fits_every_terminal(
    planner: Planner, several: list[Trip], tmp_path: Path, size: tuple[int, int]
) -> None:
    async with running(planner, tmp_path, size=size) as (pilot, _):
        lines = shown(pilot.app).splitlines()
        assert len(lines) == size[1]
        assert any("Now in" in line for line in lines)
        assert "? Help" in lines[-1]


async def test_a_new_day_regroups(database: Database, ann: User, tmp_path: Path) -> None:
    now = [NOW.replace(hour=23, minute=59, second=59, microsecond=700_000)]
    async with planner_of(database, ann, tmp_path / "drafts", clock=lambda: now[0]) as planner:
        await create(planner, fields("Tomorrow", 1))
        async with running(planner, tmp_path) as (pilot, _):
            assert "Upcoming (1)" in shown(pilot.app)
            now[0] += timedelta(seconds=2)
            for _ in range(40):
                await pilot.pause(0.1)
                if "Now (1)" in shown(pilot.app):
                    break
            await at_rest(pilot)
            assert "today · 1 traveller" in shown(pilot.app)


# ---- moving, filtering, sorting


async def test_the_details_follow_the_cursor_when_it_rests(
    planner: Planner, several: list[Trip], tmp_path: Path
) -> None:
    async with running(planner, tmp_path) as (pilot, screen):
        pane = screen.query_one(DetailPane)
        assert pane.text.startswith("Now in Porto")
        plans = calls(planner).get("trips.plan", 0)
        await pilot.press("j", "j", "j", "j")
        assert pane.text.startswith("Now in Porto")
        await at_rest(pilot)
        assert pane.text.startswith("Last year")
        assert calls(planner)["trips.plan"] == plans + 1


async def test_details_can_be_hidden_and_shown_below(planner: Planner, several: list[Trip], tmp_path: Path) -> None:
    async with running(planner, tmp_path, size=(80, 24)) as (pilot, screen):
        pane = screen.query_one(DetailPane)
        assert not pane.display
        await pilot.press("v")
        await at_rest(pilot)
        assert pane.region.y > screen.rows.region.y
        assert "Nothing yet. Enter opens the trip." in pane.text
        await pilot.press("J", "J")
        assert pane.scroll_offset.y > 0
        await pilot.press("v")
        await pilot.pause()
        assert not pane.display
    async with running(planner, tmp_path, size=(120, 40)) as (pilot, screen):
        assert screen.query_one(DetailPane).region.x > 60
        await pilot.press("v")
        await pilot.pause()
        assert not screen.query_one(DetailPane).display


async def test_the_filter_follows_the_typing(planner: Planner, several: list[Trip], tmp_path: Path) -> None:
    async with running(planner, tmp_path) as (pilot, screen):
        await pilot.press("slash")
        await type_into(pilot, "LIS")
        await pilot.pause()
        assert sorted(screen._trips[key].name for key in screen.rows.keys) == ["Cancelled", "Last year", "Soon"]
        assert "3 of 5 trips" in shown(pilot.app)
        await type_into(pilot, " booked")
        assert [screen._trips[key].name for key in screen.rows.keys] == ["Soon"]
        await pilot.press("enter")
        assert screen.rows.has_focus
        assert "/ LIS booked" in shown(pilot.app)
        await pilot.press("escape")
        await pilot.pause()
        assert len(screen.rows.keys) == 5


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("wine", ["Now in Porto"]),
        ("kyoto", ["Later"]),
        ("completed", ["Last year"]),
        ("2028", ["Later"]),
        ("cancel", ["Cancelled"]),
        ("[bold", []),
    ],
)
async def test_the_filter_searches_what_people_remember(
    planner: Planner, several: list[Trip], tmp_path: Path, typed: str, names: list[str]
) -> None:
    async with running(planner, tmp_path, size=(80, 24)) as (pilot, screen):
        await pilot.press("slash")
        await type_into(pilot, typed)
        await pilot.pause()
        assert [screen._trips[key].name for key in screen.rows.keys] == names
        if not names:
            assert f"No trip contains “{typed}”" in shown(pilot.app)
        await pilot.press("escape")
        await pilot.pause()
        assert len(screen.rows.keys) == 5
        assert screen.rows.has_focus


async def test_the_order_goes_round_and_is_shown(planner: Planner, several: list[Trip], tmp_path: Path) -> None:
    async with running(planner, tmp_path) as (pilot, screen):
        seen = []
        for _ in range(5):
            await pilot.press("o")
            await pilot.pause()
            seen.append(shown(pilot.app).splitlines()[0].split("·")[-1].strip())
            if seen[-1] == "by name":
                assert [screen._trips[key].name for key in screen.rows.keys] == [
                    *("Now in Porto", "Later", "Soon", "Cancelled", "Last year"),
                ]
        assert seen == ["by name", "by destination", "by cost", "by last change", "by date"]


# ---- doing


async def test_enter_opens_the_trip_and_escape_comes_back(
    planner: Planner, several: list[Trip], tmp_path: Path
) -> None:
    async with running(planner, tmp_path) as (pilot, screen):
        await pilot.press("j", "enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, TripScreen)
        assert "Soon" in shown(pilot.app)
        await pilot.press("escape")
        await settled(pilot)
        assert pilot.app.screen is screen
        assert screen.trip is not None
        assert screen.trip.name == "Soon"
        assert screen.rows.has_focus


async def test_a_new_trip_opens_and_gets_the_cursor(planner: Planner, several: list[Trip], tmp_path: Path) -> None:
    async with running(planner, tmp_path) as (pilot, screen):
        await pilot.press("n")
        await settled(pilot)
        assert isinstance(pilot.app.screen, TripForm)
        await type_into(pilot, "Azores")
        await pilot.press("enter")
        await type_into(pilot, "Ponta Delgada")
        await pilot.press("enter", "enter")
        await type_into(pilot, "2027-12-01")
        await pilot.press("enter")
        await type_into(pilot, "7 days")
        for field in ("travelers", "budget"):
            pilot.app.screen.query_one(f"#field-{field}").query("Input").focus()
            await type_into(pilot, "2" if field == "travelers" else "900 EUR")
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert isinstance(pilot.app.screen, TripScreen)
        assert "day 7" in shown(pilot.app)
        assert toasts(pilot)[-1] == "Created Azores. a adds to it, esc goes back to your trips."
        await pilot.press("escape")
        await settled(pilot)
        assert pilot.app.screen is screen
        assert screen.trip is not None
        assert screen.trip.name == "Azores"


async def test_editing_opens_the_form_of_the_trip(planner: Planner, tmp_path: Path) -> None:
    await a_trip(planner)
    async with running(planner, tmp_path) as (pilot, screen):
        await pilot.press("e")
        await settled(pilot)
        form = pilot.app.screen
        assert isinstance(form, TripForm)
        assert form.values["stops"] == "Tokyo, Kyoto, Osaka"
        await pilot.press("end", "exclamation_mark", "ctrl+s")
        await settled(pilot)
        assert screen.trip is not None
        assert screen.trip.name == "Japan in autumn!"


async def test_a_deleted_trip_comes_back_with_u(planner: Planner, several: list[Trip], tmp_path: Path) -> None:
    async with running(planner, tmp_path) as (pilot, screen):
        await pilot.press("j", "d")
        await settled(pilot)
        assert "Soon" not in [trip.name for trip in await planner.trips.list()]
        assert toasts(pilot)[-1] == "Deleted Soon. Press u to bring it back."
        assert screen.trip is not None
        assert screen.trip.name == "Later"
        await pilot.press("u")
        await settled(pilot)
        assert several[1].id in [trip.id for trip in await planner.trips.list()]
        assert several[1].id in screen.rows.keys
        await pilot.press("u")
        await settled(pilot)
        assert toasts(pilot)[-1] == "There is nothing to undo."


async def test_a_copy_gets_its_own_name_and_days(planner: Planner, tmp_path: Path) -> None:
    original = await a_trip(planner)
    async with running(planner, tmp_path) as (pilot, screen):
        await pilot.press("y")
        await pilot.pause()
        assert isinstance(pilot.app.screen, DuplicateDialog)
        await type_into(pilot, "Japan again")
        await pilot.press("enter", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, DuplicateDialog)
        await type_into(pilot, "2 apr 2028")
        await pilot.pause()
        assert "2–15 Apr 2028" in shown(pilot.app)
        await pilot.press("ctrl+s")
        await settled(pilot)
        copy = screen.trip
        assert copy is not None
        assert (copy.name, copy.start_date, copy.days) == ("Japan again", date(2028, 4, 2), original.days)
        await pilot.press("u")
        await settled(pilot)
        assert [trip.id for trip in await planner.trips.list()] == [original.id]


async def test_escape_leaves_the_copy_alone(planner: Planner, several: list[Trip], tmp_path: Path) -> None:
    async with running(planner, tmp_path) as (pilot, screen):
        await pilot.press("y", "escape")
        await settled(pilot)
        assert pilot.app.screen is screen
        assert len(await planner.trips.list()) == 5


async def test_help_lists_the_keys_that_are_valid(planner: Planner, several: list[Trip], tmp_path: Path) -> None:
    async with running(planner, tmp_path) as (pilot, screen):
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(pilot.app.screen, HelpScreen)
        text = shown(pilot.app)
        assert "Delete the trip; u brings it back." in text
        assert "trips.delete" in text
        assert "sample bookings" not in text
        await pilot.press("escape", "slash", "question_mark")
        await pilot.pause()
        assert pilot.app.screen is screen
        assert screen._filter == "?"
        assert "⏎ To the list" in shown(pilot.app).splitlines()[-1]


async def test_the_palette_runs_commands(planner: Planner, several: list[Trip], tmp_path: Path) -> None:
    async with running(planner, tmp_path) as (pilot, _):
        await pilot.press("ctrl+p")
        await type_into(pilot, "duplicate")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, DuplicateDialog)


async def test_an_unsaved_form_is_offered_again(database: Database, ann: User, tmp_path: Path) -> None:
    drafts = tmp_path / "drafts"
    async with planner_of(database, ann, drafts) as killed:
        killed.drafts.save("trip.new", "adding a trip", {"name": "Azores"})
    async with planner_of(database, ann, drafts) as planner, running(planner, tmp_path) as (pilot, _):
        assert isinstance(pilot.app.screen, ResumeDialog)
        await pilot.press("r")
        await settled(pilot)
        form = pilot.app.screen
        assert isinstance(form, TripForm)
        assert form.values["name"] == "Azores"


async def test_what_was_resumed_and_saved_is_shown_in_its_trip(database: Database, ann: User, tmp_path: Path) -> None:
    drafts = tmp_path / "drafts"
    async with planner_of(database, ann, drafts) as killed:
        trip = await a_trip(killed)
        killed.drafts.save(f"item.trip-{trip.id}.new", "adding an item", {"title": "Senso-ji", "day": "4 oct"})
    async with planner_of(database, ann, drafts) as planner, running(planner, tmp_path) as (pilot, _):
        await pilot.press("r")
        await settled(pilot)
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert isinstance(pilot.app.screen, TripScreen)
        assert "Senso-ji" in shown(pilot.app)


# ---- others


@pytest.fixture
async def elsewhere(database: Database, ann: User, tmp_path: Path) -> AsyncIterator[Planner]:
    """Ann in another program."""
    async with planner_of(database, ann, tmp_path / "elsewhere") as planner:
        yield planner


async def test_changes_of_others_appear_and_take_nothing_away(
    planner: Planner, elsewhere: Planner, several: list[Trip], tmp_path: Path
) -> None:
    async with running(planner, tmp_path) as (pilot, screen):
        await pilot.press("j", "j", "slash")
        await type_into(pilot, "t")
        await pilot.press("backspace")
        here = screen.trip
        assert here is not None
        assert here.name == "Later"
        added = (await create(elsewhere, fields("From elsewhere", 5)))[0]
        await _appears(pilot, "From elsewhere")
        assert screen.trip is not None
        assert screen.trip.id == here.id
        assert not screen.rows.has_focus
        assert "/" in shown(pilot.app).splitlines()[1]
        await elsewhere.trips.update(added.id, {"name": "Renamed elsewhere"}, based_on=added.updated_at)
        await _appears(pilot, "Renamed elsewhere")
        latest = await elsewhere.trips.get(here.id)
        await elsewhere.trips.delete(here.id, based_on=latest.updated_at)
        await _appears(pilot, "Upcoming (2)")
        assert here.id not in screen.rows.keys


async def _appears(pilot: object, text: str, seconds: float = 1.0) -> None:
    """Within a second."""
    deadline = datetime.now().astimezone() + timedelta(seconds=seconds)
    while text not in shown(pilot.app):  # type: ignore[attr-defined]
        assert datetime.now().astimezone() < deadline, shown(pilot.app)  # type: ignore[attr-defined]
        await pilot.pause(0.03)  # type: ignore[attr-defined]


async def test_a_trip_that_changed_elsewhere_is_not_deleted_unseen(
    planner: Planner, elsewhere: Planner, several: list[Trip], tmp_path: Path
) -> None:
    async with running(planner, tmp_path) as (pilot, screen):
        for forget in planner.live._listeners[:]:
            planner.live._listeners.remove(forget)
        await elsewhere.trips.update(several[0].id, {"name": "Porto, longer"}, based_on=several[0].updated_at)
        await pilot.press("d")
        await settled(pilot)
        assert len(await planner.trips.list()) == 5
        assert "Someone else" in toasts(pilot)[-1]
        assert screen.trip is not None
        assert screen.trip.name == "Porto, longer"


async def test_a_guest_may_look_and_not_change(
    database: Database, planner: Planner, several: list[Trip], tmp_path: Path
) -> None:
    guest = await database.create_user("Bob")
    owner = await database.owner()
    await owner.execute(
        "insert into public.trip_collaborators (trip_id, user_id, permission_level, added_by) values ($1, $2, $3, $4)",
        several[0].id,
        guest.id,
        "view",
        planner.profile.id,
    )
    async with planner_of(database, guest, tmp_path / "bob") as theirs, running(theirs, tmp_path) as (pilot, screen):
        assert [trip.name for trip in screen._trips.values()] == ["Now in Porto"]
        assert "shared with you (view)" in shown(pilot.app)
        keys = shown(pilot.app).splitlines()[-1]
        assert "Duplicate" in keys
        assert "Edit" not in keys
        assert "Delete" not in keys
        await pilot.press("e")
        await settled(pilot)
        assert pilot.app.screen is screen
        assert "to look at, not to change" in toasts(pilot)[-1]
        await pilot.press("d")
        await settled(pilot)
        assert "Only the owner" in toasts(pilot)[-1]
        assert len(await planner.trips.list()) == 5


# ---- bad luck and bad input


async def test_hostile_names_are_shown_literally(planner: Planner, tmp_path: Path) -> None:
    stored = []
    for text in HOSTILE.values():
        try:
            stored.append(clean_input(text))
        except InvalidText:
            continue
    await create(
        planner,
        *(
            fields(
                text if text.strip() else "x", 10 + number, destination=text or "x", tags=(text or "x",), notes=(text,)
            )
            for number, text in enumerate(stored)
        ),
    )
    async with running(planner, tmp_path) as (pilot, screen):
        for _ in screen.rows.keys:
            await at_rest(pilot)
            assert not steers(shown(pilot.app).replace("\n", ""))
            await pilot.click(screen.rows, offset=(5, 3))
            await pilot.press("j")
        await pilot.press("d")
        await settled(pilot)
        await pilot.press("y")
        await pilot.pause()
        assert not steers(shown(pilot.app).replace("\n", ""))
        assert pilot.app.is_running
        assert "[@click=app.quit]x[/]" in [trip.name for trip in await planner.trips.list()]


async def test_ten_thousand_trips(database: Database, planner: Planner, ann: User, tmp_path: Path) -> None:
    owner = await database.owner()
    await owner.execute(
        "insert into public.trips (user_id, name, destination, start_date, end_date, budget, travelers) "
        "select $1, 'Trip ' || n, 'Lisbon', $2::date + n % 3000 - 1500, $2::date + n % 3000 - 1495, 100, 1 "
        "from generate_series(1, 10000) n",
        ann.id,
        TODAY,
    )
    await owner.execute("analyze public.trips")
    async with running(planner, tmp_path) as (pilot, screen):
        assert len(screen.rows.keys) == 10_000
        await pilot.press("G")
        await pilot.press("slash")
        await type_into(pilot, "9999")
        await pilot.pause()
        assert len(screen.rows.keys) == 1
