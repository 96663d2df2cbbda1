"""What the terminal's environment is turned into before Textual is imported."""

from __future__ import annotations

import pytest

from tripsage_tui.crash_report import scrub
from tripsage_tui.terminal import ask_the_terminal, set_colors, spare_the_line


@pytest.mark.parametrize(
    ("color", "given", "made"),
    [
        ("auto", {"TERM": "xterm-256color"}, {}),
        ("auto", {"TERM": "xterm-kitty"}, {"COLORTERM": "truecolor"}),
        ("auto", {"TERM": "foot-extra"}, {"COLORTERM": "truecolor"}),
        ("auto", {"TERM": "xterm-direct"}, {"COLORTERM": "truecolor"}),
        ("auto", {"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, {"COLORTERM": "truecolor"}),
        ("auto", {"TERM": "xterm-kitty", "COLORTERM": ""}, {}),
        ("16", {"TERM": "xterm-256color"}, {"TEXTUAL_COLOR_SYSTEM": "standard"}),
        ("256", {"TERM": "linux"}, {"TEXTUAL_COLOR_SYSTEM": "256"}),
        ("truecolor", {"TERM": "xterm"}, {"TEXTUAL_COLOR_SYSTEM": "truecolor"}),
        ("none", {"TERM": "xterm"}, {"NO_COLOR": "1"}),
        ("auto", {"TERM": "xterm", "NO_COLOR": "1"}, {}),
    ],
)
def test_colours(color: str, given: dict[str, str], made: dict[str, str]) -> None:
    environ = dict(given)
    set_colors(color, environ)
    assert environ == given | made


def test_an_empty_no_color_does_not_count() -> None:
    environ = {"TERM": "xterm", "NO_COLOR": ""}
    set_colors("auto", environ)
    assert "NO_COLOR" not in environ


def test_nothing_moves_over_ssh() -> None:
    near: dict[str, str] = {}
    far = {"SSH_CONNECTION": "10.0.0.1 22 10.0.0.2 22"}
    chosen = far | {"TEXTUAL_ANIMATIONS": "full"}
    for environ in (near, far, chosen):
        spare_the_line(environ)
    assert near == {}
    assert far["TEXTUAL_ANIMATIONS"] == "none"
    assert chosen["TEXTUAL_ANIMATIONS"] == "full"


def test_the_terminal_knows_its_size_better_than_the_environment() -> None:
    environ = {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
    ask_the_terminal(environ)
    assert environ == {"TERM": "xterm"}


@pytest.mark.parametrize(
    "secret",
    [
        "postgresql://postgres:hunter2@db.example.org/postgres",
        "password='hunter2'",
        "api_key = hunter2",
        "Authorization: Bearer hunter2",
        "ticket: hunter2",
        "OPENAI sk-hunter2hunter2",
        "eyJhunter2hunter2.hunter2.hunter2",
    ],
)
def test_reports_lose_what_looks_like_a_secret(secret: str) -> None:
    assert "hunter2" not in scrub(f"Error in line 3: {secret} end")


def test_reports_lose_tickets_and_keep_the_rest() -> None:
    assert scrub("x " + "a1" * 32 + " y") == "x *** y"
    assert scrub("KeyError: 'trip 12'") == "KeyError: 'trip 12'"
