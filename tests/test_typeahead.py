"""Keys typed ahead land where they were meant, although fields and screens change on the way."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Input

from tripsage_tui.typeahead import OrderedKeys


class Form(Screen[list[str]]):
    BINDINGS = [  # noqa: RUF012
        ("tab", "next", "Next"),
        ("ctrl+s", "save", "Save"),
        Binding("ctrl+t", "save", "Save at once", priority=True),
        ("f2", "hang", "Hang"),
    ]

    def compose(self) -> ComposeResult:
        for number in range(4):
            yield Input(id=f"field-{number}")

    async def action_next(self) -> None:
        await asyncio.sleep(0.01)
        self.focus_next()

    async def action_hang(self) -> None:
        await asyncio.sleep(1)

    def action_save(self) -> None:
        self.dismiss([field.value for field in self.query(Input)])


class Program(OrderedKeys):
    BINDINGS = [("n", "new", "New"), ("d", "delete", "Delete")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.saved: asyncio.Future[list[str] | None] = asyncio.get_running_loop().create_future()
        self.deleted = 0

    def action_new(self) -> None:
        self.push_screen(Form(), self.saved.set_result)

    def action_delete(self) -> None:
        self.deleted += 1


def burst(app: App[None], *keys: str) -> None:
    """Post keys at once, as a terminal delivers what was typed over a slow line."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))


async def test_a_burst_of_keys_fills_the_form_that_it_opens() -> None:
    app = Program()
    async with app.run_test():
        burst(app, "n", *"dubai", "tab", *"dd", "tab", *"xyz", "tab", "q", "ctrl+s")
        assert await asyncio.wait_for(app.saved, 10) == ["dubai", "dd", "xyz", "q"]
        assert app.deleted == 0


async def test_a_key_with_priority_does_not_overtake_the_text_before_it() -> None:
    """Forms save with such a key: the last letters of what was typed would be missing in what is saved."""
    app = Program()
    async with app.run_test() as pilot:
        await pilot.press("n")
        burst(app, *"dubai 2027", "ctrl+t")
        assert await asyncio.wait_for(app.saved, 10) == ["dubai 2027", "", "", ""]


async def test_a_key_with_priority_waits_in_a_longer_burst_too() -> None:
    app = Program()
    async with app.run_test():
        burst(app, "n", *"dubai", "tab", *"6000 EUR", "ctrl+t")
        assert await asyncio.wait_for(app.saved, 10) == ["dubai", "6000 EUR", "", ""]


async def test_a_paste_lands_in_its_field_and_is_saved() -> None:
    app = Program()
    async with app.run_test():
        burst(app, "n", *"dubai", "tab")
        app.post_message(events.Paste("Burj Khalifa"))
        burst(app, "ctrl+t")
        assert await asyncio.wait_for(app.saved, 10) == ["dubai", "Burj Khalifa", "", ""]


async def test_a_handler_that_hangs_does_not_kill_the_keyboard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tripsage_tui.typeahead.PATIENCE", 0.05)
    app = Program()
    async with app.run_test() as pilot:
        await pilot.press("n")
        form = app.screen
        burst(app, "a", "f2", "b")
        async with asyncio.timeout(0.9):
            while form.query_one("#field-0", Input).value != "ab":  # noqa: ASYNC110 - an Input has no event of its own
                await asyncio.sleep(0.01)
