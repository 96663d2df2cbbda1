"""Settings of the model: address, name, window, wire, price; each choice can be undone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from tripsage_tui.assistant.prices import users_file
from tripsage_tui.memory.models_at_hand import ModelAccess
from tripsage_tui.model_choices import ModelChoices, Unusable, read_address, read_model, read_window, read_wire
from tripsage_tui.screens.line_list import LineList
from tripsage_tui.screens.settings_facts import Line
from tripsage_tui.stored_keys import StoredKeys
from tripsage_tui.widgets.safe_text import one_line

if TYPE_CHECKING:
    from tripsage_tui.planner import Planner


class ModelSettings(LineList[Line]):
    """Asks for one setting at a time."""

    def __init__(self, planner: Planner) -> None:
        super().__init__(planner)
        self._names: list[str] = []
        """Models that the server has, once it was asked."""
        self._result = ""
        """What the server said when it was tested."""

    def show(self) -> None:
        """Bring the lines up to date."""
        raise NotImplementedError

    @property
    def keys(self) -> StoredKeys:
        return self.planner.stored_keys

    def _ask_line(self, name: str, value: str) -> None:
        from tripsage_tui.screens.settings_dialogs import LineDialog

        title, text, hint, check = {
            "address": ("Address of the server", "Its base URL; empty for openai.com. A key is for one server only.",
                        "http://localhost:11434/v1", read_address),
            "model": ("Model", "Its name as the server knows it; empty: the standard.", "gpt-5-mini", read_model),
            "window": ("Context window", "Tokens that the model reads; empty for what the server says.", "32k",
                       read_window),
        }[name]  # fmt: skip

        def answered(typed: str | None) -> None:
            if typed is not None:
                self._choose(name, typed)

        self.app.push_screen(LineDialog(title, text, title.split()[0], value, check, hint=hint), answered)

    def _ask_model(self) -> None:
        from tripsage_tui.screens.chat_dialogs import ModelDialog

        access = self.keys.current()

        def answered(name: str | None) -> None:
            if name is not None:
                self._choose("model", name)

        self.app.push_screen(ModelDialog(self._names, access.chat_model if access else ""), answered)

    def _ask_wire(self) -> None:
        from tripsage_tui.screens.settings_dialogs import WireDialog

        if self.keys.configured_wire:
            self.say(
                "The configuration or TRIPSAGE_WIRE says which wire: a choice here would change nothing.", "warning"
            )
            return

        def answered(wire: str | None) -> None:
            if wire is not None:
                self._choose("wire", wire)

        self.app.push_screen(WireDialog(self.keys.choices.wire), answered)

    def _ask_price(self) -> None:
        from tripsage_tui.assistant.own_prices import HINT, read_price
        from tripsage_tui.screens.settings_dialogs import LineDialog

        model = self._model
        text = (
            f"What a million tokens of {one_line(model)} cost: input, cached input (may be left out), output, "
            "currency. Empty forgets it."
        )

        def answered(typed: str | None) -> None:
            if typed is not None:
                self.run_task(self._set_price(model, typed), group="write")

        self.app.push_screen(LineDialog("Price of the model", text, "Price", "", read_price, hint=HINT), answered)

    @property
    def _model(self) -> str:
        access = self.keys.current()
        return access.chat_model if access else self.keys.choices.model or ModelAccess.chat_model

    async def _set_price(self, model: str, typed: str) -> None:
        from tripsage_tui.assistant.own_prices import read_price, set_price

        path = users_file()
        before = await asyncio.to_thread(lambda: path.read_bytes() if path.exists() else None)
        try:
            await asyncio.to_thread(set_price, path, model, read_price(typed), self.planner.today)
        except Unusable as error:
            self.say(str(error), "error")
            return
        except OSError as error:
            self.say(f"{path} could not be written: {error.strerror}.", "error")
            return

        async def undo() -> None:
            if before is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(before)

        self.planner.undo.push(f"setting the price of {one_line(model)}", undo)
        self.refresh_data()

    def _choose(self, name: str, typed: str) -> None:
        before = self.keys.choices
        match name:
            case "address":
                # A wire was chosen for a server, as a key was.
                chosen = replace(before, base_url=read_address(typed), wire="")
            case "model":
                chosen = replace(before, model=read_model(typed))
            case "wire":
                chosen = replace(before, wire=read_wire(typed))
            case _:
                chosen = replace(before, window=read_window(typed))
        if chosen == before:
            return
        if name == "address":
            self._names, self._result = [], ""
        self._take(chosen)

        async def undo() -> None:
            self._take(before)

        self.planner.undo.push(f"choosing the {name}", undo)

    def _take(self, choices: ModelChoices) -> None:
        try:
            self.keys.choose(choices)
        except OSError as error:
            self.say(f"This lasts until the program ends, it could not be written: {error.strerror}.", "warning")
        if self.is_mounted:
            self.show()
