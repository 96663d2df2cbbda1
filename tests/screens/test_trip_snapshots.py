"""How the trip screen and the forms look, at two sizes. `pytest --snapshot-update` accepts another look."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from textual.filter import NoColor
from textual.pilot import Pilot
from textual.screen import Screen

from tests.database import clone, drop
from tests.postgres import Server
from tests.screens.planning import Host, a_trip, planner_of, settled, type_into
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.planner import Planner
from tripsage_tui.sample_trips import create_sample
from tripsage_tui.screens.forms.conflict import ConflictDialog
from tripsage_tui.screens.forms.flight_form import FlightForm
from tripsage_tui.screens.forms.item_form import ItemForm
from tripsage_tui.screens.forms.stay_form import StayForm
from tripsage_tui.screens.forms.transport_form import TransportForm
from tripsage_tui.screens.forms.trip_form import TripForm
from tripsage_tui.screens.stops import StopsScreen
from tripsage_tui.screens.trip import TripScreen
from tripsage_tui.themes import DARK, LIGHT
from tripsage_tui.widgets.status_bar import Status, StatusBar

SIZES = [pytest.param((80, 24), id="80x24"), pytest.param((120, 40), id="120x40")]
Make = Callable[[Planner, TripPlan], Screen[Any]]


class Pictured(Host):
    """Opens a database of its own in the event loop of the screenshot, then shows the screen."""

    def __init__(self, server: Server, template: str, folder: Path, make: Make, *, sample: bool = True) -> None:
        super().__init__(Screen)
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name
        self._where = (server, template, folder)
        self._screen_of = make
        self._sample = sample
        self._open = AsyncExitStack()
        self.opened = asyncio.Event()
        self.planner: Planner | None = None

    async def open(self) -> None:
        server, template, folder = self._where
        database = await clone(server, template, f"picture_{os.getpid()}_{folder.name}")
        self._open.push_async_callback(drop, database)
        ann = await database.create_user("Ann")
        self.planner = await self._open.enter_async_context(planner_of(database, ann, folder / "drafts"))
        trip = await (create_sample(self.planner) if self._sample else a_trip(self.planner))
        plan = await self.planner.trips.plan(trip.id)
        await self.push_screen(self._screen_of(self.planner, plan))
        self.opened.set()

    async def on_unmount(self) -> None:
        await self._open.aclose()


async def compose_picture(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys, then put what differs from run to run out of the picture."""
    await settled(pilot)
    for key in keys:
        await pilot.press(key)
        await settled(pilot)
    pilot.app.clear_notifications()
    for screen in pilot.app.screen_stack:
        for bar in screen.query(StatusBar):
            bar.show(Status(state="up", profile="Ann", database="embedded", latency_ms=0.5, live=True))
    await settled(pilot)


Picture = Callable[..., bool]


@pytest.fixture
def picture(snap_compare: Any, server: Server, template: str, tmp_path: Path) -> Picture:
    """`picture(make, size, *keys)` compares the screen that `make` gives after those keys."""

    def compare(
        make: Make,
        size: tuple[int, int],
        *keys: str,
        sample: bool = True,
        before: Callable[[Pilot[Any]], Awaitable[None]] | None = None,
        theme: str = DARK.name,
    ) -> bool:
        app = Pictured(server, template, tmp_path, make, sample=sample)
        app.theme = theme

        async def run_before(pilot: Pilot[Any]) -> None:
            await app.opened.wait()
            await settled(pilot)
            if before is not None:
                await before(pilot)
            await compose_picture(pilot, *keys)

        return bool(snap_compare(app, terminal_size=size, run_before=run_before))

    return compare


def trip_screen(planner: Planner, plan: TripPlan) -> TripScreen:
    return TripScreen(planner, plan.trip.id)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "keys",
    [
        pytest.param(["j", "j"], id="days"),
        pytest.param(["tab", "j"], id="kinds"),
        pytest.param(["enter"], id="details"),
    ],
)
def test_trip(picture: Picture, size: tuple[int, int], keys: list[str]) -> None:
    assert picture(trip_screen, size, *keys)


def test_trip_on_a_large_screen(picture: Picture) -> None:
    """Marked rows, times at home, and all that the calendar and the sky say."""
    assert picture(trip_screen, (200, 60), "j", "V", "V", "j", "z", theme=LIGHT.name)


def test_trip_without_colour(picture: Picture) -> None:
    async def grey(pilot: Pilot[Any]) -> None:
        pilot.app._filters.insert(0, NoColor())
        pilot.app.refresh_css(animate=False)

    assert picture(trip_screen, (80, 24), "j", "V", before=grey)


@pytest.mark.parametrize("size", SIZES)
def test_stops(picture: Picture, size: tuple[int, int]) -> None:
    keys = ("j", "e") if size[0] == 80 else ("j",)
    assert picture(StopsScreen, size, *keys)


@pytest.mark.parametrize("keys", [pytest.param(["a"], id="add"), pytest.param(["G", "m"], id="move")])
def test_dialogs(picture: Picture, keys: list[str]) -> None:
    assert picture(trip_screen, (80, 24), *keys)


@pytest.mark.parametrize("size", SIZES)
def test_quick_add(picture: Picture, size: tuple[int, int]) -> None:
    line = "train Tokyo 9:03 > Kyoto 11:15 7 oct 13320 JPY terminal 3"
    assert picture(trip_screen, size, "A", *({" ": "space"}.get(character, character) for character in line))


@pytest.mark.parametrize("size", SIZES[:1])
def test_empty_trip(picture: Picture, size: tuple[int, int]) -> None:
    assert picture(trip_screen, size, "j", sample=False)


@pytest.mark.parametrize("theme", [LIGHT.name, "ansi-dark"])
def test_trip_in_other_themes(picture: Picture, theme: str) -> None:
    assert picture(trip_screen, (80, 24), "j", theme=theme)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("form", [FlightForm, StayForm, TransportForm, ItemForm])
def test_new_booking(picture: Picture, size: tuple[int, int], form: Any) -> None:
    assert picture(lambda planner, plan: form(planner, plan.trip, plan.stops), size, sample=False)


@pytest.mark.parametrize("size", SIZES)
def test_a_flight_being_typed(picture: Picture, size: tuple[int, int]) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        fields = pilot.app.screen.fields  # type: ignore[attr-defined]
        for key, value in {"origin": "FRA", "departure_date": "31 feb", "departure_time": "1215"}.items():
            fields[key].value = value
        await pilot.press("tab")
        await type_into(pilot, "tok")
        await settled(pilot)
        fields["departure_date"].error = "31 Feb does not exist."

    assert picture(lambda planner, plan: FlightForm(planner, plan.trip, plan.stops), size, before=before, sample=False)


@pytest.mark.parametrize("size", SIZES)
def test_a_flight_being_edited(picture: Picture, size: tuple[int, int]) -> None:
    assert picture(lambda planner, plan: FlightForm(planner, plan.trip, plan.stops, plan.flights[0]), size, "tab")


@pytest.mark.parametrize("theme", [LIGHT.name, "ansi-light"])
def test_a_form_in_other_themes(picture: Picture, theme: str) -> None:
    assert picture(
        lambda planner, plan: StayForm(planner, plan.trip, plan.stops, plan.accommodations[0]), (80, 24), theme=theme
    )


@pytest.mark.parametrize("size", SIZES)
def test_trip_form(picture: Picture, size: tuple[int, int]) -> None:
    assert picture(lambda planner, plan: TripForm(planner, plan.trip, plan.stops), size)


@pytest.mark.parametrize("size", SIZES[:1])
def test_leaving_a_form(picture: Picture, size: tuple[int, int]) -> None:
    assert picture(lambda planner, plan: TripForm(planner), size, "J", "escape")


@pytest.mark.parametrize("size", SIZES)
def test_both_versions(picture: Picture, size: tuple[int, int]) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        assert isinstance(pilot.app, Pictured)
        assert pilot.app.planner is not None
        stay = pilot.app.screen.record  # type: ignore[attr-defined]
        await pilot.app.planner.accommodations.update(
            stay.id,
            {"name": "Hotel Gracery Shinjuku", "total_price": Decimal(600), "price_per_night": Decimal(150)},
            based_on=stay.updated_at,
        )
        fields = pilot.app.screen.fields  # type: ignore[attr-defined]
        fields["name"].value = "Gracery"
        fields["notes"].value = "Ask for a high floor"
        await pilot.press("ctrl+s")
        while not isinstance(pilot.app.screen, ConflictDialog):
            await pilot.pause(0.01)
        pilot.app.screen_stack[-2].workers.cancel_all()

    assert picture(
        lambda planner, plan: StayForm(planner, plan.trip, plan.stops, plan.accommodations[0]), size, before=before
    )


async def without_trains(pilot: Pilot[Any]) -> None:
    """Who is in Tokyo cannot be in Kyoto then."""
    assert isinstance(pilot.app, Pictured)
    planner = pilot.app.planner
    assert planner is not None
    screen = pilot.app.screen
    assert isinstance(screen, TripScreen)
    assert screen.plan is not None
    for ride in screen.plan.transportation:
        await planner.transportation.delete(ride.id, based_on=ride.updated_at)
    screen.refresh_data()
    await settled(pilot)


@pytest.mark.parametrize("size", SIZES)
def test_what_the_checker_found(picture: Picture, size: tuple[int, int]) -> None:
    assert picture(trip_screen, size, "c", "j", before=without_trains)
