"""The Japan trip gets two faults on purpose: the checker shows both and nothing else, the keyboard remedies them."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from tests.e2e.test_first_trip import Traveller, traveller  # noqa: F401  the fixture
from tripsage_tui.models.booking_drafts import FormContext, read_flight
from tripsage_tui.sample_trips import create_sample
from tripsage_tui.settings import Settings
from tripsage_tui.workspace import Workspace

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("e2e"),
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed (.ci/run installs it)"),
]


async def japan_with_two_faults(data_dir: Path) -> None:
    """The last night in Osaka has no bed, and the flight home leaves Haneda 35 minutes after one lands there."""
    async with Workspace(Settings(data_dir=data_dir, profile="Anna")) as workspace:
        await workspace.start()
        profile = await workspace.choose()
        assert profile is not None
        planner = await workspace.enter(profile)
        await planner.airports.load()
        trip = await create_sample(planner)
        plan = await planner.trips.plan(trip.id)
        hotel = next(stay for stay in plan.accommodations if "Osaka" in stay.name)
        earlier = hotel.check_out_date - timedelta(days=1)
        await planner.accommodations.update(hotel.id, {"check_out_date": earlier}, based_on=hotel.updated_at)
        train = next(ride for ride in plan.transportation if ride.origin == "Shin-Osaka")
        await planner.transportation.delete(train.id, based_on=train.updated_at)
        typed = {
            "origin": "ITM",
            "destination": "HND",
            "departure_date": trip.end_date.isoformat(),
            "departure_time": "10:45",
            "arrival_time": "11:55",
            "flight_number": "JL112",
            "booking_status": "booked",
            "confirmation_code": "JL7788",
        }
        draft = read_flight(typed, FormContext(planner.today, trip, zone_of=planner.airports.zone_of))
        assert draft.fields is not None, draft.errors
        await planner.flights.add(trip.id, draft.fields, legs=draft.legs, key=uuid4())


def test_both_faults_are_shown_and_remedied_by_keyboard(traveller: Traveller) -> None:  # noqa: F811
    asyncio.run(japan_with_two_faults(traveller.data_dir))
    listed = check(traveller, 1)
    assert [(finding["code"], finding["severity"]) for finding in listed] == [
        ("night-without-bed", "error"),
        ("tight-connection", "error"),
    ]

    terminal = traveller.terminal
    traveller.open("--profile", "Anna")
    terminal.wait_for("Japan in autumn", timeout=30)
    terminal.press("Enter")
    terminal.wait_for("!! 2 errors")
    terminal.press("c")
    # The heading counts all of them.
    terminal.wait_for("─2 errors ·", "No bed in Osaka for 1 night", "35 min to change in HND (Tokyo)")

    terminal.press("f")
    terminal.wait_for("new stay", "Nothing is saved yet", "1 night")
    traveller.fill_labelled({"Name": "Capsule Inn", "Confirmation": "C4P"})
    traveller.save("!! 1 error")
    terminal.press("]")
    terminal.wait_for("35 min to change")
    terminal.press("f")
    terminal.wait_for("Nothing is saved yet", "ITM → HND", "▸ Departs")
    terminal.type("08:00")
    terminal.press("Tab")
    terminal.type("09:10")
    traveller.save("✓ nothing missing")
    terminal.press("q")
    assert terminal.wait_for_exit() == 0
    assert check(traveller, 0) == []


def check(traveller: Traveller, code: int) -> list[dict[str, object]]:  # noqa: F811
    """What the shell command finds."""
    program = [sys.executable, "-m", "tripsage_tui", "--data-dir", str(traveller.data_dir), "check", "Japan in autumn"]
    done = subprocess.run([*program, "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found
