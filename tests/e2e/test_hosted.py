"""A hosted project in a real terminal: connect, sign in, plan, be signed out elsewhere, sign in again and go on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.tmux import Tmux

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("e2e"),
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed (.ci/run installs it)"),
]
EMAIL, PASSWORD = "ada@example.org", "correct-horse"
PROGRAM = [sys.executable, "-m", "tripsage_tui"]


class Standing:
    """A stand-in project in a process of its own; each line that it is told is answered."""

    def __init__(self, file: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.hosted.serve", str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == "ready"

    def tell(self, line: str) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self._answer()

    def stop(self) -> None:
        self._process.communicate(timeout=20)

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Standing]:
    project = Standing(tmp_path / "team.toml")
    yield project
    project.stop()


def test_signed_out_elsewhere_in_the_middle_of_a_form(project: Standing, tmp_path: Path) -> None:
    assert project.tell(f"user {EMAIL} {PASSWORD} Ada") == "done"
    # No keyring of whoever runs the tests.
    own = {
        **{f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CONFIG", "DATA")},
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "TEXTUAL_ANIMATIONS": "none",
    }

    def shell(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PROGRAM, *words], env={**os.environ, **own}, capture_output=True, text=True, timeout=60, check=False
        )

    assert "team" in shell("connect", str(tmp_path / "team.toml")).stdout
    refused = shell("trips", "list")
    assert refused.returncode != 0
    assert "Nobody is signed in to team" in refused.stderr
    with Tmux(tmp_path, columns=80, rows=24) as terminal:
        terminal.start(PROGRAM, own)
        terminal.wait_for("Sign in to team", "E-mail", timeout=30)
        terminal.type(EMAIL)
        terminal.press("Enter")
        terminal.type(PASSWORD)
        terminal.press("Enter")
        terminal.wait_for("Where should your sign-in be kept?")
        terminal.press("Down", "Down", "Enter")
        terminal.wait_for("No trips yet", f"{EMAIL} · team", "● live", timeout=30)
        terminal.press("s")
        terminal.wait_for("Japan in autumn")
        terminal.press("Enter")
        terminal.wait_for("Hotel Gracery", timeout=30)
        terminal.press("a")
        terminal.wait_for("Add to the trip")
        terminal.press("i")
        terminal.wait_for("new item", "What *")
        terminal.type("Dinner in Gion")
        terminal.wait_for("Dinner in Gion")
        assert project.tell(f"revoke {EMAIL}") == "done"
        terminal.press("C-s")
        terminal.wait_for("Sign in to team", "Your sign-in has ended", timeout=30)
        terminal.type(PASSWORD)
        terminal.press("Enter")
        terminal.wait_for("Dinner in Gion", "new item", gone=("Sign in to team",), timeout=30)
        terminal.press("C-s")
        terminal.wait_for("Added the activity Dinner in Gion", timeout=30)
        terminal.press("Escape")
        terminal.wait_for("1 trip")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
    # Kept for the next program, where the user said.
    assert "Dinner in Gion" in shell("search", "Gion").stdout
    status = shell("auth", "status").stdout
    assert EMAIL in status
    assert "secrets.key" in status
