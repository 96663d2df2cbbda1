"""Signing in to a hosted project: the real program, the real services, the stand-in of a project."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from tests.database import Database
from tests.hosted.factors import totp
from tests.hosted.faults import Fault
from tests.hosted.project import HostedProject
from tests.hosted.serve import described
from tests.screens.planning import NOW, settled, shown, type_into
from tripsage_tui.app import TripSageApp
from tripsage_tui.hosted_workspace import HostedWorkspace
from tripsage_tui.identity.keeping import Keeping, Place
from tripsage_tui.screens.account import AccountScreen
from tripsage_tui.screens.account_factor import EnrolStep
from tripsage_tui.screens.forms.trip_form import TripForm
from tripsage_tui.screens.sign_in import SignInScreen
from tripsage_tui.screens.sign_in_browser import BrowserStep
from tripsage_tui.settings import Settings

ADA, PASSWORD = "ada@example.org", "correct horse"


@pytest.fixture
async def project(database: Database) -> AsyncIterator[HostedProject]:
    async with HostedProject(database) as project:
        await project.create_user(ADA, PASSWORD, name="Ada")
        await project.create_user("ben@example.org", "battery staple", name="Ben")
        yield project


@asynccontextmanager
async def program(
    project: HostedProject, folder: Path, *, size: tuple[int, int] = (80, 24), decided: bool = True
) -> AsyncIterator[Pilot[None]]:
    """The program on the project. `decided`: it is known that nothing is kept beyond it."""
    settings = Settings(data_dir=folder)
    if decided:
        await Keeping(settings.state_dir).choose(Place.SESSION)

    async def open_workspace(progress: Callable[[str], None]) -> HostedWorkspace:
        workspace = HostedWorkspace(settings, described(project), clock=lambda: NOW)
        await workspace.start(progress)
        return workspace

    app = TripSageApp(open_workspace, settings)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, SignInScreen))
        yield pilot


async def until(pilot: Pilot[Any], condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for what the program does by itself."""
    async with asyncio.timeout(seconds):
        while not condition():
            await pilot.pause(0.02)
    await pilot.pause()


def says(pilot: Pilot[Any], text: str) -> Callable[[], bool]:
    return lambda: text in " ".join(shown(pilot.app).replace("│", " ").split())


async def sign_in(pilot: Pilot[Any], email: str = ADA, password: str = PASSWORD) -> None:
    await type_into(pilot, email)
    await pilot.press("enter")
    await type_into(pilot, password)
    await pilot.press("enter")
    await until(pilot, says(pilot, f"{email} · team"))


async def test_signing_out_leaves_nothing_behind(project: HostedProject, tmp_path: Path) -> None:
    async with program(project, tmp_path) as pilot:
        await sign_in(pilot)
        await pilot.press("s")
        await until(pilot, says(pilot, "1 trip"))
        await pilot.press("f6")
        await until(pilot, lambda: isinstance(pilot.app.screen, AccountScreen))
        await settled(pilot)
        await pilot.press("end", "up", "up", "enter")
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SignInScreen))
        await sign_in(pilot, "ben@example.org", "battery staple")
        await until(pilot, says(pilot, "No trips yet."))


async def test_what_is_refused_is_said_and_what_was_typed_stays(project: HostedProject, tmp_path: Path) -> None:
    async with program(project, tmp_path) as pilot:
        await pilot.press("enter", "ctrl+s")
        assert says(pilot, "Type your e-mail address.")()
        await type_into(pilot, ADA)
        await pilot.press("enter")
        await type_into(pilot, "wrong")
        await pilot.press("enter")
        await until(pilot, says(pilot, "The e-mail address or the password is wrong."))
        assert says(pilot, ADA)()
        assert says(pilot, "•••••")()
        assert not says(pilot, "wrong password")()
        project.faults.add(
            "POST",
            "/auth/v1/token",
            Fault(status=429, body={"code": "over_request_rate_limit", "msg": "slow"}, headers={"Retry-After": "30"}),
        )
        await pilot.press("enter")
        await until(pilot, says(pilot, "The next one is possible in"))
        await pilot.press("enter")
        assert says(pilot, "The next one is possible in")()
    async with program(project, tmp_path / "other") as pilot:
        project.faults.add("*", "/auth/v1", Fault(reset=True, times=None))
        await type_into(pilot, ADA)
        await pilot.press("enter")
        await type_into(pilot, PASSWORD)
        await pilot.press("enter")
        await until(pilot, says(pilot, "ctrl+s tries again"))
        project.faults.clear()
        await pilot.press("ctrl+s")
        await until(pilot, says(pilot, f"{ADA} · team"))


async def test_a_code_from_a_mail_signs_in(project: HostedProject, tmp_path: Path) -> None:
    async with program(project, tmp_path) as pilot:
        await type_into(pilot, ADA)
        await pilot.press("ctrl+o", "enter")
        await until(pilot, says(pilot, "Look into your mail"))
        await type_into(pilot, "12")
        await pilot.press("enter")
        assert says(pilot, "A code has 6 digits.")()
        await pilot.press("ctrl+u")
        code = project.last_code(ADA)
        await type_into(pilot, f"{code[:3]} {code[3:]}")
        await pilot.press("enter")
        await until(pilot, says(pilot, f"{ADA} · team"))


async def test_a_form_outlives_the_sign_in_that_has_ended(project: HostedProject, tmp_path: Path) -> None:
    async with program(project, tmp_path) as pilot:
        await sign_in(pilot)
        await until(pilot, says(pilot, "No trips yet."))
        await pilot.press("n")
        await settled(pilot)
        await type_into(pilot, "Japan")
        await pilot.press("tab")
        await type_into(pilot, "Tokyo")
        form = pilot.app.screen
        assert isinstance(form, TripForm)
        for key, value in (("start_date", "2027-10-02"), ("end_date", "2027-10-05"), ("budget", "6000 EUR")):
            form.fields[key].value = value
        account = project.people.by_email(ADA)
        assert account is not None
        await project.people.end_all(account)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, SignInScreen))
        await pilot.pause(0.3)
        assert sum(isinstance(screen, SignInScreen) for screen in pilot.app.screen_stack) == 1
        # Whoever leaves it can look at what is shown, and can do nothing else.
        await pilot.press("escape")
        await until(pilot, says(pilot, "You are signed out; F6 signs in."))
        await pilot.press("f6")
        await until(pilot, lambda: isinstance(pilot.app.screen, SignInScreen))
        await type_into(pilot, PASSWORD)
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is form)
        assert form.values["name"] == "Japan"
        assert form.values["destination"] == "Tokyo"
        await pilot.press("ctrl+s")
        await until(pilot, says(pilot, "Sat 2 Oct day 1"))


async def test_a_second_factor_is_added_and_asked_for(project: HostedProject, tmp_path: Path) -> None:
    async with program(project, tmp_path) as pilot:
        await sign_in(pilot)
        await pilot.press("f6")
        await until(pilot, says(pilot, "Second factor none"))
        await pilot.press("home", "down", "down", "down", "enter")
        await until(pilot, says(pilot, "Add an authenticator app"))
        step = pilot.app.screen
        assert isinstance(step, EnrolStep)
        secret = step._enrolment.secret.get_secret_value()
        await type_into(pilot, totp(secret))
        await pilot.press("enter")
        await until(pilot, says(pilot, "Another account"))
        await settled(pilot)
        await pilot.press("end", "enter")
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SignInScreen))
        await type_into(pilot, ADA)
        await pilot.press("enter")
        await type_into(pilot, PASSWORD)
        await pilot.press("enter")
        await until(pilot, says(pilot, "Type the code that your authenticator app shows"))
        assert not says(pilot, secret)()
        await type_into(pilot, totp(secret))
        await pilot.press("enter")
        await until(pilot, says(pilot, f"{ADA} · team"))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
async def test_look(project: HostedProject, tmp_path: Path, size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    async with program(project, tmp_path, size=size) as pilot:
        await pilot.press("enter", "ctrl+s")
        await pilot.pause()
        assert shown(pilot.app).replace(project.url, "http://127.0.0.1:54321") == snapshot


async def test_with_the_browser_on_another_machine(project: HostedProject, tmp_path: Path) -> None:
    project.providers["github"] = ADA
    async with program(project, tmp_path) as pilot:
        await pilot.press("ctrl+o", "down", "enter")
        await until(pilot, says(pilot, "With whom do you sign in?"))
        await until(pilot, lambda: not says(pilot, "Google")())
        await pilot.press("enter")
        await until(pilot, says(pilot, "Open this address in any browser."))
        step = pilot.app.screen
        assert isinstance(step, BrowserStep)
        assert step._oauth is not None
        async with httpx.AsyncClient() as browser:
            answer = await browser.get(step._oauth.url)
        await pilot.press("enter")
        assert says(pilot, "Paste what the browser shows")()
        await type_into(pilot, answer.headers["Location"])
        await pilot.press("enter")
        await until(pilot, says(pilot, f"{ADA} · team"))


async def test_a_new_account_is_confirmed_by_mail(project: HostedProject, tmp_path: Path) -> None:
    project.confirm_emails = True
    async with program(project, tmp_path) as pilot:
        await type_into(pilot, "cem@example.org")
        await pilot.press("ctrl+o", "end", "enter")
        await until(pilot, says(pilot, "Create an account"))
        for text in ("Cem", "", "long enough", "long enouhg"):
            await type_into(pilot, text)
            await pilot.press("enter")
        assert says(pilot, "This is not the same password.")()
        await pilot.press("ctrl+u")
        await type_into(pilot, "long enough")
        await pilot.press("enter")
        await until(pilot, says(pilot, "A mail was sent to cem@example.org"))
        await type_into(pilot, project.last_code("cem@example.org"))
        await pilot.press("enter")
        await until(pilot, says(pilot, "cem@example.org · team"))


async def test_another_account_is_added_and_gone_back_from(project: HostedProject, tmp_path: Path) -> None:
    async with program(project, tmp_path) as pilot:
        await sign_in(pilot)
        await pilot.press("s")
        await until(pilot, says(pilot, "1 trip"))
        await pilot.press("f6")
        await until(pilot, says(pilot, "Second factor none"))
        await pilot.press("home", "down", "down", "down", "down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SignInScreen))
        await sign_in(pilot, "ben@example.org", "battery staple")
        await until(pilot, says(pilot, "No trips yet."))
        await pilot.press("f6")
        await until(pilot, says(pilot, ADA))
        await settled(pilot)
        rows = [line for line in shown(pilot.app).splitlines() if "  " in line]
        place = next(number for number, line in enumerate(rows) if ADA in line)
        first = next(number for number, line in enumerate(rows) if "Signed in as" in line)
        await pilot.press("home", *["down"] * (place - first), "enter")
        await until(pilot, says(pilot, f"{ADA} · team"))
        await until(pilot, says(pilot, "Japan in autumn"))
