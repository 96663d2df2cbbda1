"""Sharing a trip on the screen, and two people in one trip at the same time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from textual.pilot import Pilot

from tests.database import Database
from tests.hostile import HOSTILE, steers
from tests.screens.planning import Host, planner_of, said, settled, shown, type_into
from tests.screens.program import running, toasts
from tripsage_tui.data.errors import Forbidden, NotFound
from tripsage_tui.models.bookings import ItineraryItemFields
from tripsage_tui.models.people import Collaborator, TravellerFields
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.trips import Access
from tripsage_tui.planner import Planner
from tripsage_tui.screens.forms.conflict import ConflictDialog
from tripsage_tui.screens.forms.item_form import ItemForm
from tripsage_tui.screens.forms.traveller_form import TravellerForm
from tripsage_tui.screens.people import PeopleScreen
from tripsage_tui.screens.people_dialogs import InviteDialog
from tripsage_tui.screens.trip import TripScreen
from tripsage_tui.widgets.rows import Rows


async def until(pilot: Pilot[Any], met: Callable[[], bool]) -> None:
    """News of others take a moment; a form that saves waits for the answer of its dialog."""
    for _ in range(300):
        await pilot.pause(0.01)
        if met():
            await pilot.pause()
            return
    raise AssertionError(shown(pilot.app))


@asynccontextmanager
async def guest(
    database: Database, host: Planner, plan: TripPlan, level: Access, folder: Path, *, live: bool = False
) -> AsyncIterator[Planner]:
    """Ben, who shares the trip with that level."""
    async with planner_of(database, await database.create_user("Ben"), folder / "ben", live=live) as ben:
        asked = await host.people.invite(plan.trip.id, "Ben", level)
        await ben.people.accept(asked.id)
        yield ben


async def ben_of(planner: Planner, plan: TripPlan) -> Collaborator:
    (ben,) = (await planner.people.of_trip(plan.trip.id)).collaborators
    return ben


def at(app: Host, name: str) -> None:
    """Put the cursor on somebody."""
    screen = app.screen
    assert isinstance(screen, PeopleScreen)
    rows = screen.query_one(Rows)
    key = next(
        key for key, person in screen._shown.items()
        if name in {getattr(person, "name", None), getattr(person, "invitee", None)}
    )  # fmt: skip
    rows.cursor = rows._index[key]


# ---- the screen


async def test_inviting_changing_and_taking_back(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: PeopleScreen(planner, plan.trip))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "Ann" in shown(app)
        assert "you" in shown(app)
        await pilot.press("i")
        await type_into(pilot, "no address@")
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert isinstance(app.screen, InviteDialog)
        assert "not an e-mail address" in shown(app)
        await pilot.press("ctrl+u")
        await type_into(pilot, "Kim@example.com")
        await pilot.press("enter", "right", "enter")
        await settled(pilot)
        assert "kim@example.com is invited" in said(app)
        (asked,) = (await planner.people.of_trip(plan.trip.id)).invitations
        assert (asked.email, asked.permission_level) == ("kim@example.com", Access.ADMIN)
        at(app, "kim@example.com")
        await pilot.press("d")
        await settled(pilot)
        assert "kim" not in shown(app)
        await pilot.press("u")
        await settled(pilot)
        assert "kim@example.com" in shown(app)


async def test_members_are_changed_and_removed_and_come_back(
    planner: Planner, plan: TripPlan, database: Database, tmp_path: Path
) -> None:
    async with guest(database, planner, plan, Access.VIEW, tmp_path) as ben:
        app = Host(lambda: PeopleScreen(planner, plan.trip))
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            at(app, "Ben")
            await pilot.press("e", "right", "enter")
            await settled(pilot)
            assert (await ben_of(planner, plan)).permission_level is Access.EDIT
            await pilot.press("u")
            await settled(pilot)
            assert (await ben_of(planner, plan)).permission_level is Access.VIEW
            at(app, "Ben")
            await pilot.press("d")
            await settled(pilot)
            await pilot.press("escape")
            await settled(pilot)
            assert (await ben.trips.get(plan.trip.id)).access is Access.VIEW
            await pilot.press("d", "enter")
            await settled(pilot)
            with pytest.raises(NotFound):
                await ben.trips.get(plan.trip.id)
            await pilot.press("u")
            await settled(pilot)
            assert (await ben.trips.get(plan.trip.id)).access is Access.VIEW


async def test_travellers_are_added_edited_and_deleted(planner: Planner, plan: TripPlan) -> None:
    app = Host(lambda: PeopleScreen(planner, plan.trip))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("a")
        await settled(pilot)
        await type_into(pilot, "Kim")
        await pilot.press("tab")
        await type_into(pilot, "2027-10-01")
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "Kim" in shown(app)
        assert "! passport until" in shown(app)
        at(app, "Kim")
        await pilot.press("d")
        await settled(pilot)
        assert (await planner.travellers.by_trip(plan.trip.id)) == []
        await pilot.press("u", "A")
        await settled(pilot)
        assert [each.name for each in await planner.travellers.by_trip(plan.trip.id)] == ["Ann", "Kim"]


async def test_two_who_edit_one_traveller_see_both_versions(planner: Planner, plan: TripPlan) -> None:
    kim = await planner.travellers.add(plan.trip.id, TravellerFields(name="Kim"), key=uuid4())
    app = Host(lambda: TravellerForm(planner, plan.trip, kim))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await planner.travellers.update(kim.id, {"visa_expires": date(2028, 1, 1)}, based_on=kim.updated_at)
        await type_into(pilot, "Kimberly")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, ConflictDialog))
        await pilot.press("enter")
        await settled(pilot)
    saved = await planner.travellers.get(kim.id)
    assert (saved.name, saved.visa_expires) == ("Kimberly", date(2028, 1, 1))


@pytest.mark.parametrize("level", [Access.VIEW, Access.EDIT])
async def test_guests_see_no_keys_for_what_they_may_not(
    planner: Planner, plan: TripPlan, database: Database, tmp_path: Path, level: Access
) -> None:
    """And the database refuses it anyway."""
    async with guest(database, planner, plan, level, tmp_path) as ben:
        theirs = await ben.trips.plan(plan.trip.id)
        app = Host(lambda: PeopleScreen(ben, theirs.trip))
        async with app.run_test(size=(120, 24)) as pilot:
            await settled(pilot)
            keys = shown(app).splitlines()[-1]
            assert "Invite" not in keys
            assert ("Add traveller" in keys) == (level is Access.EDIT)
            assert "Leave trip" in keys
            await pilot.press("i", "e", "d", "enter")
            await settled(pilot)
            assert isinstance(app.screen, PeopleScreen)
            assert ("to look at" if level is Access.VIEW else "may edit and invite") in said(app)
            await pilot.press("L")
            await settled(pilot)
            await pilot.press("enter")
            await settled(pilot)
            assert app.results == ["left"]
        with pytest.raises(Forbidden):
            await ben.people.invite(plan.trip.id, "x@example.com", Access.VIEW)


async def test_a_viewer_sees_no_edit_keys_in_the_trip_and_is_refused_by_the_database(
    planner: Planner, plan: TripPlan, database: Database, tmp_path: Path
) -> None:
    item = await planner.items.add(plan.trip.id, ItineraryItemFields(title="Tea", day=date(2027, 10, 3)), key=uuid4())
    async with guest(database, planner, plan, Access.VIEW, tmp_path) as ben:
        app = Host(lambda: TripScreen(ben, plan.trip.id))
        async with app.run_test(size=(160, 40)) as pilot:
            await settled(pilot)
            keys = shown(app).splitlines()[-1]
            for word in ("Add", "Edit", "State", "Delete", " Trip"):
                assert word not in keys
            assert "shared to look at" in shown(app)
            await pilot.press("d", "space", "a", "e")
            await settled(pilot)
            assert isinstance(app.screen, TripScreen)
        with pytest.raises(Forbidden):
            await ben.items.delete(item.id, based_on=item.updated_at)
        with pytest.raises(Forbidden):
            await ben.items.update(item.id, {"title": "x"}, based_on=item.updated_at)
        with pytest.raises(Forbidden):
            await ben.items.add(plan.trip.id, ItineraryItemFields(title="x"), key=uuid4())
    assert (await planner.trips.plan(plan.trip.id)).items == (item,)


async def test_names_of_others_steer_nothing(planner: Planner, plan: TripPlan, database: Database) -> None:
    owner = await database.owner()
    for name in ("colour sequence", "direction", "markup action"):
        await planner.travellers.add(plan.trip.id, TravellerFields(name=HOSTILE[name]), key=uuid4())
    await owner.execute(
        "update auth.users set raw_user_meta_data = jsonb_build_object('name', $1::text)", HOSTILE["clipboard"]
    )
    app = Host(lambda: PeopleScreen(planner, plan.trip))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert not steers(shown(app).replace("\n", ""))


# ---- two programs, two users


async def test_an_invitation_is_seen_and_accepted_in_the_list(
    planner: Planner, plan: TripPlan, database: Database, tmp_path: Path
) -> None:
    async with planner_of(database, await database.create_user("Ben"), tmp_path / "ben", live=True) as ben:
        async with running(ben, tmp_path / "folder", size=(80, 24)) as (pilot, _):
            assert "invites you" not in shown(pilot.app)
            await planner.people.invite(plan.trip.id, "Ben", Access.EDIT)
            await until(pilot, lambda: "Ann invites you to Japan in autumn (edit)" in shown(pilot.app))
            await pilot.press("i")
            await settled(pilot)
            assert "You are invited" in shown(pilot.app)
            await pilot.press("enter")
            await until(pilot, lambda: "Upcoming (1)" in shown(pilot.app))
            assert "invites you" not in shown(pilot.app)
            assert "enter opens it" in "".join(toasts(pilot))
        assert (await ben.trips.get(plan.trip.id)).access is Access.EDIT


async def test_an_editor_and_the_owner_in_one_trip_at_once(
    planner: Planner, plan: TripPlan, database: Database, tmp_path: Path
) -> None:
    """Changes arrive live, one row edited by both asks, and who is removed is told."""
    item = await planner.items.add(plan.trip.id, ItineraryItemFields(title="Tea", day=date(2027, 10, 3)), key=uuid4())
    async with AsyncExitStack() as stack:
        ben = await stack.enter_async_context(guest(database, planner, plan, Access.EDIT, tmp_path, live=True))
        app = Host(lambda: TripScreen(ben, plan.trip.id))
        pilot = await stack.enter_async_context(app.run_test(size=(120, 40)))
        await settled(pilot)
        await planner.items.add(plan.trip.id, ItineraryItemFields(title="Hers", day=date(2027, 10, 4)), key=uuid4())
        await until(pilot, lambda: "Hers" in shown(app))

        theirs = await ben.trips.plan(plan.trip.id)
        app.push_screen(ItemForm(ben, theirs.trip, theirs.stops, item))
        await settled(pilot)
        hers = await planner.items.update(item.id, {"title": "Tea with Keiko"}, based_on=item.updated_at)
        await until(pilot, lambda: "was just changed by someone else" in " ".join(shown(app).split()))
        await type_into(pilot, " ceremony")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, ConflictDialog))
        assert await planner.items.get(item.id) == hers
        await pilot.press("t", "enter")
        await settled(pilot)
        assert await planner.items.get(item.id) == hers

        member = await ben_of(planner, plan)
        await planner.people.remove(member, based_on=member.updated_at)
        await until(pilot, lambda: "Japan in autumn is no longer shared with you" in shown(app))
        await planner.trips.update(plan.trip.id, {"name": "Nippon"}, based_on=plan.trip.updated_at)
        app.screen.refresh_data()  # type: ignore[attr-defined]
        await pilot.press("d", "a", "space", "b", "S", "tab")
        await settled(pilot)
        assert "Hers" not in shown(app)
        assert "no longer shared with you" in shown(app)
        await pilot.press("escape")
        await settled(pilot)
        assert app.results == [None]


async def test_a_form_of_somebody_who_was_removed_says_so_and_saves_nothing(
    planner: Planner, plan: TripPlan, database: Database, tmp_path: Path
) -> None:
    item = await planner.items.add(plan.trip.id, ItineraryItemFields(title="Tea", day=date(2027, 10, 3)), key=uuid4())
    async with guest(database, planner, plan, Access.EDIT, tmp_path, live=True) as ben:
        theirs = await ben.trips.plan(plan.trip.id)
        app = Host(lambda: ItemForm(ben, theirs.trip, theirs.stops, item))
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            await type_into(pilot, "Half typed")
            member = await ben_of(planner, plan)
            await planner.people.change_level(member, Access.VIEW, based_on=member.updated_at)
            await until(pilot, lambda: "to look at only" in shown(app))
            member = await ben_of(planner, plan)
            await planner.people.remove(member, based_on=member.updated_at)
            await until(pilot, lambda: "no longer shared with you" in shown(app))
            await pilot.press("ctrl+s")
            await settled(pilot)
            assert isinstance(app.screen, ItemForm)
            assert "no longer shared with you" in shown(app)
            assert app.screen.values["title"] == "Half typed"
        kept = ben.drafts.load(f"item.trip-{plan.trip.id}.{item.id}")
        assert kept is not None
        assert kept.values["title"] == "Half typed"
    assert (await planner.trips.plan(plan.trip.id)).items == (item,)


async def test_being_made_a_viewer_takes_the_keys_away(
    planner: Planner, plan: TripPlan, database: Database, tmp_path: Path
) -> None:
    async with guest(database, planner, plan, Access.EDIT, tmp_path, live=True) as ben:
        app = Host(lambda: TripScreen(ben, plan.trip.id))
        async with app.run_test(size=(120, 40)) as pilot:
            await settled(pilot)
            assert "a Add" in shown(app).splitlines()[-1]
            member = await ben_of(planner, plan)
            await planner.people.change_level(member, Access.VIEW, based_on=member.updated_at)
            await until(pilot, lambda: "shared to look at" in shown(app))
            assert "a Add" not in shown(app).splitlines()[-1]
