"""Search over everything on the screen: found while typing, gone to with enter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from textual.pilot import Pilot

from tests.database import Database
from tests.hostile import HOSTILE, steers
from tests.screens.planning import Host, a_trip, calls, planner_of, settled, shown, type_into
from tests.screens.program import running
from tripsage_tui.models.bookings import ItineraryItemFields
from tripsage_tui.models.found import Found, FoundKind
from tripsage_tui.models.memories import MemoryType
from tripsage_tui.models.trips import Trip
from tripsage_tui.planner import Planner
from tripsage_tui.screens import search
from tripsage_tui.screens.chat import ChatScreen
from tripsage_tui.screens.forms.trip_form import TripForm
from tripsage_tui.screens.memory import MemoryScreen
from tripsage_tui.screens.search import SearchDialog
from tripsage_tui.screens.trip import TripScreen
from tripsage_tui.widgets.form_text import TextLine


@pytest.fixture
async def planner(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Planner]:
    monkeypatch.setattr(search, "REST", 0.01)
    ann = await database.create_user("Ann")
    async with planner_of(database, ann, tmp_path / "drafts") as planner:
        yield planner


@pytest.fixture
async def trip(planner: Planner) -> Trip:
    trip = await a_trip(planner)
    for title in ("Dinner in Gion", "Dinner cruise"):
        item = ItineraryItemFields(
            title=title, item_type="meal", location="Kyoto", price=Decimal(5), day=trip.start_date
        )
        await planner.items.add(trip.id, item, key=uuid4())
    await planner.memory.remember("Likes an early dinner", MemoryType.PREFERENCE)
    return trip


async def rested(pilot: Pilot[Any]) -> None:
    dialog = pilot.app.screen
    assert isinstance(dialog, SearchDialog)
    await pilot.pause()
    while dialog.waiting:
        await pilot.pause(search.REST)
    await settled(pilot)


async def look_for(pilot: Pilot[Any], text: str) -> None:
    dialog = pilot.app.screen
    assert isinstance(dialog, SearchDialog)
    dialog.query_one(TextLine).value = text
    await rested(pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_is_typed_is_found_and_chosen(planner: Planner, trip: Trip, size: tuple[int, int]) -> None:
    app = Host(lambda: SearchDialog(planner))
    async with app.run_test(size=size) as pilot:
        await type_into(pilot, "dinner")
        await rested(pilot)
        text = shown(app)
        assert text.index("Things to do") < text.index("Dinner cruise") < text.index("Memories")
        assert "Japan in autumn" in text
        await pilot.press("down", "down", "enter")
        await settled(pilot)
        (found,) = app.results
        assert isinstance(found, Found)
        assert found.kind is FoundKind.MEMORY
        assert calls(planner)["search"] <= 6


async def test_nothing_found_says_so_and_escape_leaves(planner: Planner, trip: Trip) -> None:
    app = Host(lambda: SearchDialog(planner))
    async with app.run_test(size=(80, 24)) as pilot:
        await look_for(pilot, "zanzibar")
        assert "Nothing found for “zanzibar”." in shown(app)
        await pilot.press("down", "pagedown", "pageup", "enter")
        assert not app.results
        await pilot.press("escape")
        await settled(pilot)
        assert app.results == [None]


async def test_hostile_titles_steer_nothing(planner: Planner, trip: Trip) -> None:
    for text in HOSTILE:
        item = ItineraryItemFields(title=f"needle {text}"[:190].replace("\0", ""), item_type="activity")
        await planner.items.add(trip.id, item, key=uuid4())
    app = Host(lambda: SearchDialog(planner))
    async with app.run_test(size=(120, 40)) as pilot:
        await look_for(pilot, "needle")
        assert "needle" in shown(app)
        assert not steers(shown(app))


async def test_from_anywhere_to_where_it_is(planner: Planner, trip: Trip, tmp_path: Path) -> None:
    session = await planner.chats.create(trip_id=trip.id, title="Temples of Nara")
    async with running(planner, tmp_path) as (pilot, _):
        await pilot.press("n")
        await settled(pilot)
        assert isinstance(pilot.app.screen, TripForm), "a field has the keyboard"
        await pilot.press("ctrl+f", "ctrl+f")
        await look_for(pilot, "gion")
        await pilot.press("enter")
        await settled(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, TripScreen)
        assert screen.booking is not None
        assert screen.booking.title == "Dinner in Gion"
        await pilot.press("ctrl+f")
        await look_for(pilot, "cruise")
        await pilot.press("enter")
        await settled(pilot)
        assert pilot.app.screen is screen, "the trip is open already"
        assert screen.booking.title == "Dinner cruise"
        await pilot.press("ctrl+f")
        await look_for(pilot, "osaka")
        await pilot.press("enter")
        await settled(pilot)
        assert screen.day == date(2027, 10, 12), "the day of the stop"
        await pilot.press("ctrl+f")
        await look_for(pilot, "temples")
        await pilot.press("enter")
        await settled(pilot)
        chat = pilot.app.screen
        assert isinstance(chat, ChatScreen)
        assert chat.talk.conversation is not None
        assert chat.talk.conversation.session.id == session.id
        await pilot.press("ctrl+f")
        await look_for(pilot, "early")
        await pilot.press("enter")
        await settled(pilot)
        memory = pilot.app.screen
        assert isinstance(memory, MemoryScreen)
        assert memory.memory is not None
        assert memory.memory.content == "Likes an early dinner"


async def test_a_place_begins_a_trip(planner: Planner, tmp_path: Path) -> None:
    async with running(planner, tmp_path) as (pilot, _):
        await pilot.press("ctrl+f")
        await look_for(pilot, "reykj")
        text = shown(pilot.app)
        assert "Nothing found" in text
        assert "Iceland" in text
        await pilot.press("enter")
        await settled(pilot)
        form = pilot.app.screen
        assert isinstance(form, TripForm)
        values = form.values
        assert values["destination"].startswith("Reykjav")
        assert (values["time_zone"], values["currency"]) == ("Atlantic/Reykjavik", "ISK")
