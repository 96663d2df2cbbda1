"""The fields of a form: what they take, what they show, what they keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot

from tests.hostile import HOSTILE, steers
from tests.widgets.stage import Stage, shown
from tripsage_tui.widgets.form_airport import AirportField, short_name
from tripsage_tui.widgets.form_choice import ChoiceField
from tripsage_tui.widgets.form_date import DateField
from tripsage_tui.widgets.form_field import FormField
from tripsage_tui.widgets.form_notes import NotesField
from tripsage_tui.widgets.form_text import TextField, visible
from tripsage_tui.widgets.form_time import TimeField

TODAY = date(2027, 9, 20)
COLOURS = [("r", "red"), ("g", "green"), ("b", "blue"), ("gr", "grey")]


@dataclass(frozen=True)
class Port:
    iata: str
    name: str
    city: str
    country: str
    zone: str


PORTS = [
    Port("HND", "Tokyo International Airport (Haneda)", "Tokyo", "JP", "Asia/Tokyo"),
    Port("NRT", "Narita International Airport", "Tokyo", "JP", "Asia/Tokyo"),
    Port("FRA", "Frankfurt am Main Airport", "Frankfurt", "DE", "Europe/Berlin"),
]


async def find(text: str) -> Sequence[Port]:
    return [port for port in PORTS if text.casefold() in f"{port.iata} {port.city} {port.name}".casefold()]


def get(code: str) -> Port | None:
    return next((port for port in PORTS if port.iata == code.upper()), None)


def airport(key: str = "origin") -> AirportField:
    return AirportField(key, "From", search=find, get=get, on_day=lambda: TODAY)


class Form(Stage):
    """Fields one below the other, with what they said. They are made where screens make them: in `compose`."""

    def __init__(self, *makes: Callable[[], FormField]) -> None:
        super().__init__()
        self._makes = makes
        self.fields: list[FormField] = []
        self.said: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        self.fields = [make() for make in self._makes]
        yield from self.fields

    def on_form_field_changed(self, event: FormField.Changed) -> None:
        self.said.append((type(event).__name__, event.field.key))

    def on_form_field_left(self, event: FormField.Left) -> None:
        self.said.append(("Left", event.field.key))

    def on_form_field_leave(self, event: FormField.Leave) -> None:
        self.screen.focus_next() if event.by > 0 else self.screen.focus_previous()


async def settle(pilot: Pilot[Any]) -> None:
    await pilot.pause()
    while running := [worker for worker in pilot.app.workers if worker.is_running]:
        await pilot.app.workers.wait_for_complete(running)
        await pilot.pause()


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_stored_text_is_shown_harmless_and_kept_as_it_is(name: str) -> None:
    text = HOSTILE[name]
    app = Form(lambda: TextField("one", "One", text), lambda: NotesField("many", "Many", text))
    async with app.run_test(size=(60, 12)):
        one, many = app.fields
        assert not steers("".join(shown(app)))
        assert one.value == text
        assert many.value == text


def test_visible_keeps_the_number_of_characters() -> None:
    for text in HOSTILE.values():
        assert len(visible(text)) == len(text)
        assert not steers(visible(text))


@pytest.mark.parametrize("name", HOSTILE)
async def test_notes_and_errors_of_others_are_harmless(name: str) -> None:
    app = Form(lambda: TextField("one", "One"))
    async with app.run_test(size=(80, 24)) as pilot:
        (field,) = app.fields
        field.note = HOSTILE[name]
        await pilot.pause()
        assert not steers("".join(shown(app)))
        field.error = HOSTILE[name]
        await pilot.pause()
        assert not steers("".join(shown(app)))


async def test_enter_and_the_arrows_go_from_field_to_field() -> None:
    app = Form(
        lambda: TextField("a", "A"),
        lambda: ChoiceField("b", "B", COLOURS),
        lambda: DateField("c", "C", today=lambda: TODAY),
    )
    async with app.run_test() as pilot:
        fields = app.fields
        fields[0].target.focus()
        await pilot.pause()
        for key, expected in (("enter", 1), ("enter", 2), ("up", 1), ("up", 0), ("down", 1), ("tab", 2)):
            await pilot.press(key)
            assert app.focused is fields[expected].target, key
        assert ("Left", "a") in app.said


async def test_an_error_wins_over_a_note_and_both_have_their_sign() -> None:
    app = Form(lambda: TextField("a", "A"))
    async with app.run_test() as pilot:
        (field,) = app.fields
        field.note = "means this"
        await pilot.pause()
        assert "means this" in shown(app)[0]
        field.error = "is wrong"
        await pilot.pause()
        assert "! is wrong" in shown(app)[0]
        assert "means this" not in shown(app)[0]


async def test_a_long_message_wraps_beside_and_stands_below_where_there_is_no_room() -> None:
    app = Form(lambda: TextField("a", "A", width="short"), lambda: TextField("b", "B", width="full"))
    async with app.run_test(size=(80, 24)) as pilot:
        beside, below = app.fields
        beside.error = below.error = "This sentence is rather long, so that it does not fit on a single line of it."
        await pilot.pause()
        lines = shown(app)
        assert "This sentence" in lines[0]
        assert lines[1].startswith(" " * 35)
        b = next(number for number, line in enumerate(lines) if line.startswith("  B"))
        assert "This sentence" not in lines[b]
        assert lines[b + 1].startswith(" " * 18 + "! This sentence")


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["right"], "g"),
        (["left"], "gr"),
        (["space", "space"], "b"),
        (["b"], "b"),
        (["g"], "g"),
        (["g", "g"], "gr"),
        (["G", "g", "g"], "g"),
        (["end"], "gr"),
        (["end", "home"], "r"),
        (["z"], "r"),
    ],
)
async def test_a_choice_is_made_by_arrows_space_and_first_letter(keys: list[str], expected: str) -> None:
    app = Form(lambda: ChoiceField("colour", "Colour", COLOURS, "r"))
    async with app.run_test() as pilot:
        (field,) = app.fields
        field.target.focus()
        await pilot.pause()
        await pilot.press(*keys)
        assert field.value == expected


async def test_the_choice_stands_in_brackets_and_alone_where_room_is_short() -> None:
    app = Form(lambda: ChoiceField("colour", "Colour", COLOURS, "g"))
    async with app.run_test(size=(60, 5)) as pilot:
        assert "red [green] blue" in shown(app)[0]
        await pilot.resize_terminal(30, 5)
        await pilot.pause()
        assert "◂ green ▸" in shown(app)[0]


async def test_a_click_chooses() -> None:
    app = Form(lambda: ChoiceField("colour", "Colour", COLOURS, "r"))
    async with app.run_test(size=(60, 5)) as pilot:
        (field,) = app.fields
        x = shown(app)[0].index("blue")
        await pilot.click(offset=(x, 0))
        assert field.value == "b"


@pytest.mark.parametrize(
    ("typed", "key", "expected"),
    [
        ("2 oct", "shift+up", "2027-10-03"),
        ("2027-10-02", "shift+down", "2027-10-01"),
        ("2027-10-02", "ctrl+up", "2027-10-09"),
        ("", "shift+up", "2027-10-01"),
        ("nonsense", "shift+up", "2027-10-01"),
    ],
)
async def test_a_date_moves_by_days_and_weeks(typed: str, key: str, expected: str) -> None:
    app = Form(lambda: DateField("day", "Day", typed, today=lambda: TODAY, start=lambda: date(2027, 10, 1)))
    async with app.run_test() as pilot:
        (field,) = app.fields
        field.target.focus()
        await pilot.pause()
        await pilot.press(key)
        assert field.value == expected


@pytest.mark.parametrize(
    ("typed", "key", "expected"),
    [
        ("13:25", "shift+up", "13:40"),
        ("1325", "shift+down", "13:10"),
        ("23:50", "shift+up", "00:05+1"),
        ("0:05", "shift+down", "0:05"),
        ("", "shift+up", "12:00"),
    ],
)
async def test_a_time_moves_by_quarters_of_an_hour(typed: str, key: str, expected: str) -> None:
    app = Form(lambda: TimeField("at", "At", typed))
    async with app.run_test() as pilot:
        (field,) = app.fields
        field.target.focus()
        await pilot.pause()
        await pilot.press(key)
        assert field.value == expected


async def test_an_airport_is_found_by_city_chosen_and_named() -> None:
    app = Form(airport, lambda: TextField("after", "After"))
    async with app.run_test(size=(80, 12)) as pilot:
        field, after = app.fields
        assert isinstance(field, AirportField)
        field.target.focus()
        await pilot.pause()
        await pilot.press(*"tok")
        await settle(pilot)
        screen = "\n".join(shown(app))
        assert "HND  Tokyo             Haneda                  JP  UTC+9" in screen
        assert "NRT  Tokyo             Narita                  JP  UTC+9" in screen
        await pilot.press("down", "enter")
        assert field.value == "NRT"
        assert app.focused is after.target
        assert field.meaning == "Tokyo Narita, UTC+9"
        assert app.said.count(("Changed", "origin")) >= 4


async def test_escape_closes_the_list_and_keeps_what_was_typed() -> None:
    app = Form(airport)
    async with app.run_test(size=(80, 12)) as pilot:
        (field,) = app.fields
        assert isinstance(field, AirportField)
        field.target.focus()
        await pilot.pause()
        await pilot.press(*"tok")
        await settle(pilot)
        assert field.is_choosing
        await pilot.press("escape")
        assert not field.is_choosing
        assert field.value == "tok"


async def test_a_code_typed_in_small_letters_becomes_one_when_left() -> None:
    app = Form(airport, lambda: TextField("after", "After"))
    async with app.run_test(size=(80, 12)) as pilot:
        field, after = app.fields
        assert isinstance(field, AirportField)
        field.target.focus()
        await pilot.pause()
        await pilot.press(*"zzz", "tab")
        await settle(pilot)
        assert field.value == "ZZZ"
        assert app.focused is after.target


async def test_hostile_airports_are_shown_harmless() -> None:
    async def hostile(_: str) -> Sequence[Port]:
        return [Port("XXX", text, text, "XX", "Nowhere/At_All") for text in HOSTILE.values()]

    app = Form(lambda: AirportField("origin", "From", search=hostile, get=lambda _: None, on_day=lambda: TODAY))
    async with app.run_test(size=(80, 24)) as pilot:
        (field,) = app.fields
        field.target.focus()
        await pilot.pause()
        await pilot.press("x")
        await settle(pilot)
        assert "XXX" in "\n".join(shown(app))
        assert not steers("".join(shown(app)))


@pytest.mark.parametrize(
    ("port", "expected"),
    [
        (PORTS[0], "Haneda"),
        (PORTS[1], "Narita"),
        (PORTS[2], "Frankfurt am Main"),
        (Port("GVA", "Geneva International Airport", "Geneva", "CH", "Europe/Zurich"), ""),
    ],
)
def test_the_name_of_an_airport_without_what_its_city_says(port: Port, expected: str) -> None:
    assert short_name(port) == expected


async def test_notes_that_are_edited_are_what_the_area_shows() -> None:
    app = Form(lambda: NotesField("many", "Many", "one\u2028two"))
    async with app.run_test() as pilot:
        (field,) = app.fields
        await pilot.press("x")
        assert field.value == "xone\ntwo"
        field.value = "a\r\nb"
        assert field.value == "a\r\nb"


@pytest.mark.parametrize("make", [lambda: TextField("a", "A"), lambda: NotesField("a", "A")])
async def test_an_idle_field_does_not_blink(make: Callable[[], FormField]) -> None:
    app = Form(make)
    async with app.run_test() as pilot:
        (field,) = app.fields
        field.target.focus()
        await pilot.pause()
        assert field.target.has_focus
        assert field.target.cursor_blink is False
