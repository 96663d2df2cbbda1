"""A keymap of the user's is checked before Textual gets it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.binding import Binding

from tripsage_tui.clipboard import copy_sequence
from tripsage_tui.key_places import places
from tripsage_tui.keymap import Place, check_keymap, key_name, place
from tripsage_tui.screens.forms.connecting import ConnectingForm

README = Path(__file__).parents[1] / "README.md"
PLACES = [
    Place("the list", (Binding("n", "new", "New", id="list.new"), Binding("d", "delete", "Delete", id="list.delete"))),
    Place("a trip", (Binding("n", "note", "Note", id="trip.note"), Binding("escape", "back", "Back"))),
]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("n", "n"),
        ("N", "N"),
        ("?", "question_mark"),
        ("/", "slash"),
        ("+", "plus"),
        ("ctrl+n", "ctrl+n"),
        ("ctrl+?", "ctrl+question_mark"),
        ("f5", "f5"),
        ("pagedown", "pagedown"),
        ("space", "space"),
        ("ö", "ö"),
        ("question_mark", "question_mark"),
        ("", None),
        ("ctrl+", None),
        ("hyper+nonsense", None),
        ("strg+n", None),
        ("nn", None),
    ],
)
def test_keys_as_people_write_them(written: str, name: str | None) -> None:
    assert key_name(written) == name


def test_what_can_be_used_is_used() -> None:
    assert check_keymap({"list.new": "a,ctrl+n", "trip.note": "?"}, PLACES) == (
        {"list.new": "a,ctrl+n", "trip.note": "question_mark"},
        [],
    )


def test_two_commands_may_change_places() -> None:
    assert check_keymap({"list.new": "d", "list.delete": "n"}, PLACES) == ({"list.new": "d", "list.delete": "n"}, [])


@pytest.mark.parametrize(
    ("keymap", "problem"),
    [
        ({"list.fly": "f"}, "There is no command 'list.fly'."),
        ({"list.new": "nonsense"}, "'nonsense' for 'list.new' is not a key."),
        ({"list.new": "ctrl+m"}, "'ctrl+m' for 'list.new' reaches the program as 'enter'."),
        ({"list.new": "d"}, "'d' for 'list.new' is taken by 'list.delete' in the list."),
        ({"trip.note": "escape"}, "'escape' for 'trip.note' is taken by 'Back' in a trip."),
    ],
)
def test_what_cannot_be_used_is_said(keymap: dict[str, str], problem: str) -> None:
    assert check_keymap(keymap, PLACES) == ({}, [problem])


def test_two_of_one_key_lose_one_of_them() -> None:
    usable, problems = check_keymap({"list.new": "x", "list.delete": "x"}, PLACES)
    assert usable == {"list.delete": "x"}
    assert len(problems) == 1


def test_the_programs_own_keys_do_not_clash() -> None:
    for each in places():
        seen: dict[str, str | None] = {}
        for binding in each.bindings:
            if binding.id is not None:
                assert seen.setdefault(binding.key, binding.action) == binding.action, (each.name, binding)


def test_every_key_of_the_program_can_be_given_to_its_command() -> None:
    found = places()
    wanted: dict[str, str] = {}
    for binding in (binding for each in found for binding in each.bindings):
        if binding.id is not None:
            wanted[binding.id] = ",".join(dict.fromkeys([*wanted.get(binding.id, "").split(","), binding.key])).strip(
                ","
            )
    usable, problems = check_keymap(wanted, found)
    assert not problems
    assert usable == wanted


def test_copying_takes_any_text_and_refuses_too_much() -> None:
    assert copy_sequence("half \ud83d", tmux=False).startswith("\x1b]52;c;")
    assert copy_sequence("日本", tmux=True).count("\x1b]52;c;") == 2
    with pytest.raises(ValueError, match="too long"):
        copy_sequence("x" * 60_000, tmux=False)


WHERE = {
    "lists": ("the list of trips", "the list of bookings"),
    "trips": ("the list of trips",),
    "bookings": ("the list of bookings",),
    "a trip": ("a trip",),
    "options": ("options",),
    "budget": ("a budget",),
    "the trash": ("the trash",),
    "people of a trip": ("the people of a trip",),
    "memory": ("the memory",),
    "codes": ("a trip",),
    "forms": ("a form with connections",),
}
PARTS = {"chat": ("a conversation", "a question")}
"""Rows whose keys are of several places, each of one of them."""
TYPED = {"/", "@"}
"""What begins a word in a question."""
NAMES = {"esc": "escape", "↑": "up", "↓": "down", "←": "left", "→": "right"}


def test_the_keys_that_the_readme_names_are_there() -> None:
    known = {each.name: {binding.key for binding in each.bindings} for each in places()}
    rows = re.findall(
        r"^\| ([^|]+?)(?: \([^|]*\))? \| ([^|]*`.+) \|$", README.read_text(encoding="utf-8"), re.MULTILINE
    )
    named = {where: re.findall(r"`([^`]+)`", keys) for where, keys in rows}
    # Its F2 comes before the one that is valid everywhere, so the two are no place in which keys may clash.
    known["a form with connections"] = known["a form"] | {
        each.key for each in place("", ConnectingForm.BINDINGS).bindings
    }
    known |= {where: set.union(*(known[part] for part in parts)) for where, parts in PARTS.items()}
    for where, keys in named.items():
        # A word of several words is something to type in a shell.
        pressed = [key for key in keys if " " not in key and key[0] != "$" and not (where in PARTS and key in TYPED)]
        written = {NAMES.get(key, key_name(key if len(key) == 1 else key.lower())) for key in pressed}
        for name in known if where == "everywhere" else (*WHERE.get(where, ()), *({where} & PARTS.keys())):
            assert written <= known[name], (where, name)
    assert named.keys() >= {"everywhere", *WHERE, *PARTS}
