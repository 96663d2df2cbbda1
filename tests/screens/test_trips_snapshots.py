"""How Trips mode and its dialogs look, with a frozen clock. `--snapshot-update` accepts a new look."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from textual.pilot import Pilot

from tests.database import Database, User, clone, drop
from tests.postgres import Server
from tests.screens.planning import JAPAN, NOW, STOPS, planner_of, settled, shown
from tests.screens.program import AtHand, at_rest
from tripsage_tui.app import TripSageApp
from tripsage_tui.data.health import Reachability
from tripsage_tui.identity.profiles import Profile
from tripsage_tui.models.bookings import (
    AccommodationFields,
    BookingStatus,
    FlightFields,
    ItemStatus,
    ItineraryItemFields,
)
from tripsage_tui.models.trips import TripFields, TripStatus, TripType
from tripsage_tui.planner import Planner
from tripsage_tui.settings import Settings
from tripsage_tui.widgets.status_bar import StatusBar

Snap = Callable[..., bool]
NARROW, WIDE = (80, 24), (120, 40)


def trip(name: str, destination: str, days: int, length: int, **values: Any) -> TripFields:
    start = NOW.date() + timedelta(days=days)
    base = TripFields(
        name=name,
        destination=destination,
        start_date=start,
        end_date=start + timedelta(days=length - 1),
        budget=Decimal(1500),
        currency="EUR",
    )
    return base.model_copy(update=values)


TRIPS = (
    trip("Long weekend in Lisbon", "Lisbon, Portugal", -1, 4, status=TripStatus.BOOKED, travelers=2, tags=("city",)),
    trip("日本の秋 と 東京 京都 大阪", "東京都", 90, 10),
    trip("[@click=app.quit]x[/] [bold", "\x1b]52;c;eA==\x07\x1b[31mred", 40, 5),
    trip("A name that is a good deal longer than any column", "Llanfairpwllgwyngyllgogerychwyrndrobwll", 200, 30),
    trip("Family 👨‍👩‍👧‍👦 reunion", "Nairobi", 150, 10, travelers=12, trip_type=TripType.FAMILY),
    trip("Skiing", "St. Anton", 30, 7, status=TripStatus.CANCELLED),
    trip("Lake Garda by train", "Riva del Garda", -120, 7, status=TripStatus.COMPLETED, currency="CHF"),
)


async def fill(database: Database, user: User, folder: Path) -> None:
    async with planner_of(database, user, folder) as planner:
        notes = ("Buy the rail tickets a month ahead.", "Cash for the small temples.")
        fields = JAPAN.model_copy(update={"notes": notes, "tags": ("autumn", "food")})
        japan = await planner.trips.create(fields, stops=STOPS, key=uuid4())
        for each in TRIPS:
            await planner.trips.create(each, key=uuid4())
        first, last = JAPAN.start_date, JAPAN.end_date
        flight = FlightFields(
            origin="FRA", destination="HND", departure_date=first, return_date=last, price=Decimal(1840)
        )
        booked = {"currency": "EUR", "booking_status": BookingStatus.BOOKED}
        await planner.flights.add(japan.id, flight.model_copy(update=booked), key=uuid4())
        stay = AccommodationFields(
            name="Ryokan Shiraume",
            check_in_date=first + timedelta(days=1),
            check_out_date=last,
            price_per_night=Decimal(43_000),
            total_price=Decimal(516_000),
            currency="JPY",
        )
        await planner.accommodations.add(japan.id, stay, key=uuid4())
        dinner = ItineraryItemFields(
            title="Dinner", price=Decimal(120), currency="EUR", booking_status=ItemStatus.RESERVED
        )
        await planner.items.add(japan.id, dinner, key=uuid4())


@pytest.fixture(scope="module")
def stocked(
    server: Server, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, User, User]]:
    """A database with Ann's trips, and Bob who has none."""

    async def make() -> tuple[Database, User, User]:
        database = await clone(server, template, "snapshots")
        ann, bob = await database.create_user("Ann"), await database.create_user("Bob")
        await fill(database, ann, tmp_path_factory.mktemp("drafts"))
        await database.close()
        return database, ann, bob

    database, ann, bob = asyncio.run(make())
    yield Database(server, database.name), ann, bob
    asyncio.run(drop(Database(server, database.name)))


class Opening(AtHand):
    """Opens the planner on the app's own event loop."""

    def __init__(self, stack: AsyncExitStack, planner: Planner, profiles: list[Profile] | None) -> None:
        super().__init__(planner, profiles=profiles)
        self._stack = stack

    async def close(self) -> None:
        await self._stack.aclose()


@pytest.fixture
def snap(
    snap_compare: Snap,
    stocked: tuple[Database, User, User],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., bool]:
    """`snap(*keys, size=..., theme=..., who="Ann", profiles=..., then=...)` compares the screen after those keys."""
    database, ann, bob = stocked
    monkeypatch.setenv("TRIPSAGE_CONFIG", str(tmp_path / "config.toml"))
    for widget in ("Input._toggle_cursor", "TextArea._toggle_cursor_blink_visible"):
        monkeypatch.setattr(f"textual.widgets.{widget}", lambda _: None)

    def compare(
        *keys: str,
        size: tuple[int, int] = WIDE,
        theme: str = "dark",
        who: str = "Ann",
        profiles: list[Profile] | None = None,
        then: Callable[[Pilot[Any], TripSageApp], Awaitable[None]] | None = None,
    ) -> bool:
        async def open_workspace(_: Callable[[str], None]) -> Opening:
            stack = AsyncExitStack()
            user = ann if who == "Ann" else bob
            planner = await stack.enter_async_context(
                planner_of(Database(database.server, database.name), user, tmp_path)
            )
            return Opening(stack, planner, profiles)

        app = TripSageApp(open_workspace, Settings(data_dir=tmp_path, theme=theme))
        app.animation_level = "none"

        async def prepare(pilot: Pilot[Any]) -> None:
            await pilot.pause()
            while profiles is None and (not app.home.ready or "● live" not in shown(app)):
                await pilot.pause(0.02)
            await settled(pilot) if profiles is None else await pilot.pause(0.3)
            for key in keys:
                await pilot.press(key)
                await pilot.pause()
            await at_rest(pilot) if profiles is None else await pilot.pause(0.1)
            if then is not None:
                await then(pilot, app)
            # How fast the test's database answers is not part of the look.
            for screen in app.screen_stack:
                for bar in screen.query(StatusBar):
                    bar.show(replace(bar.status, latency_ms=0.4 if bar.status.profile else None))
            await pilot.pause()

        return snap_compare(app, terminal_size=size, run_before=prepare)

    return compare


@pytest.mark.parametrize("theme", ["dark", "light", "ansi-dark"])
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
def test_trips(snap: Snap, size: tuple[int, int], theme: str) -> None:
    assert snap("j", "j", size=size, theme=theme)


def test_trips_on_a_very_wide_terminal(snap: Snap) -> None:
    assert snap("G", size=(180, 30))


def test_details_below(snap: Snap) -> None:
    assert snap("j", "v", size=NARROW)


def test_filter(snap: Snap) -> None:
    assert snap("slash", "l", "i", "s", size=NARROW)


def test_filter_without_a_match(snap: Snap) -> None:
    assert snap("slash", "left_square_bracket", "x", size=NARROW, theme="light")


def test_no_trips_yet(snap: Snap) -> None:
    assert snap(size=NARROW, who="Bob")


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
def test_help(snap: Snap, size: tuple[int, int]) -> None:
    assert snap("question_mark", size=size)


def test_palette(snap: Snap) -> None:
    assert snap("ctrl+p", "d", "e", "l", size=NARROW)


def test_duplicate(snap: Snap) -> None:
    assert snap("j", "y", "enter", "2", "space", "a", "p", "r", size=NARROW)


def test_first_start(snap: Snap) -> None:
    assert snap(size=NARROW, profiles=[])


def test_several_profiles(snap: Snap, stocked: tuple[Database, User, User]) -> None:
    _, ann, bob = stocked
    assert snap("down", size=NARROW, profiles=[Profile(user.id, user.name) for user in (ann, bob)])


def test_database_down(snap: Snap) -> None:
    async def go_down(pilot: Pilot[Any], app: TripSageApp) -> None:
        while not app.home._plans:  # what stands beside the list comes a moment after it
            await pilot.pause(0.02)
        health = app.home.planner.database.health
        health.down("The database server is not running.")
        assert health.state is Reachability.DOWN
        await pilot.pause()

    assert snap(size=WIDE, then=go_down, theme="light")


def test_a_message_in_the_corner(snap: Snap) -> None:
    async def say(pilot: Pilot[Any], app: TripSageApp) -> None:
        app.home.say("Deleted [@click=app.quit]x[/]. Press u to bring it back.")
        await pilot.pause(0.1)

    assert snap(size=NARROW, then=say)
