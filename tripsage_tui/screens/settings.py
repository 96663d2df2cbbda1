"""Settings (F2): the assistant's key, server and model, and where keys are kept, each with what there is to know."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from pydantic import SecretStr
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from tripsage_tui.assistant.context import DEFAULT_WINDOW
from tripsage_tui.assistant.prices import Prices
from tripsage_tui.commands import Command, bindings
from tripsage_tui.model_choices import ModelChoices, origin
from tripsage_tui.models.when import count_of
from tripsage_tui.screens.settings_facts import lines
from tripsage_tui.screens.settings_model import ModelSettings
from tripsage_tui.stored_keys import Removed
from tripsage_tui.widgets.safe_text import clean

if TYPE_CHECKING:
    from tripsage_tui.identity.keeping import Place
    from tripsage_tui.planner import Planner


class SettingsScreen(ModelSettings):
    """A line for each setting; below them what there is to know about the chosen one."""

    HEADING = "The assistant"
    TRAIL = "Settings"
    LABEL = 16
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("settings.change", "enter,e", "change", "Change", "Set, replace or choose what the cursor is on."),
            Command("settings.test", "T", "test", "Test", "Ask the server which models it has."),
            Command("settings.remove", "d", "remove", "Remove", "Remove the key, or take the standard; u undoes it."),
            Command("settings.down", "j", "move(1)", "Down", footer=False, palette=False),
            Command("settings.up", "k", "move(-1)", "Up", footer=False, palette=False),
            Command("settings.back", "escape,backspace", "back", "Back", "Back to where you were."),
        )
    )

    def __init__(self, planner: Planner) -> None:
        super().__init__(planner)
        self._kept = ""
        self._prices = Prices()

    def compose_body(self) -> ComposeResult:
        yield from super().compose_body()
        yield Static("", id="settings-result", markup=False)

    async def load(self) -> None:
        self.show()
        await self.keys.reload()
        self._prices = await asyncio.to_thread(Prices.load)
        self._kept = await self.keys.described()
        self.show()

    def show(self) -> None:
        """Draw the lines again, with the cursor where it was."""
        clock = self.planner.clock()
        self.draw(lines(self.keys, clock, kept=self._kept, window=self._window, prices=self._prices))

    @property
    def _window(self) -> str:
        chosen, access = self.keys.choices.window, self.keys.current()
        if chosen:
            return f"{chosen:,} tokens"
        said = self.planner.windows.known(access.base_url, access.chat_model) if access else None
        return f"{said:,} tokens, says the server" if said else f"not known: {DEFAULT_WINDOW:,} tokens are assumed"

    def explain(self) -> None:
        super().explain()
        self.query_one("#settings-result", Static).update(Content(clean(self._result)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "remove":
            name = self.line.name if self.ready and self.line else ""
            chosen = self.keys.choices if self.ready else ModelChoices()
            return {
                "key": self.ready and (self.keys.set_at is not None or self.keys.source.value == "session"),
                "address": bool(chosen.base_url),
                "model": bool(chosen.model),
                "window": bool(chosen.window),
                "wire": bool(chosen.wire),
            }.get(name, False)
        return super().check_action(action, parameters)

    # ---- changing

    def action_change(self) -> None:
        match self.line.name if self.line else "":
            case "key":
                self._ask_key()
            case "address":
                self._ask_line("address", self.keys.choices.base_url)
            case "model" if self._names:
                self._ask_model()
            case "model":
                self._ask_line("model", self.keys.choices.model)
            case "window":
                self._ask_line("window", str(self.keys.choices.window or ""))
            case "wire":
                self._ask_wire()
            case "price":
                self._ask_price()
            case "kept" if self.keys.vault:
                self.say(f"Keys of {self.keys.vault} rest in its Vault: there is nothing to choose.")
            case "kept":
                self._ask_place("")

    def _ask_key(self) -> None:
        from tripsage_tui.screens.settings_dialogs import KeyDialog

        if self.keys.source.value == "environment":
            self.say(
                "OPENAI_API_KEY or OPENAI_BASE_URL is set and comes first: unset it to use a stored key.", "warning"
            )
        elif self.may_write():
            self.app.push_screen(KeyDialog(origin(self.keys.base_url)), self._take_key)

    def _take_key(self, key: SecretStr | None) -> None:
        if key is not None and self.may_write():
            self.run_task(self._set_key(key), group="write")

    async def _set_key(self, key: SecretStr) -> None:
        from tripsage_tui.identity.keeping import CannotKeep, MustChoose

        try:
            before = await self.keys.set(key)
        except MustChoose as why:
            self._ask_place(str(why), key)
            return
        except CannotKeep as error:
            self.say(str(error), "error")
            return
        self._undoable("setting the key", before)
        await self._test()

    def _undoable(self, label: str, before: Removed) -> None:
        self.planner.undo.push(label, lambda: self.keys.put_back(before))
        self.refresh_data()

    def _ask_place(self, why: str, key: SecretStr | None = None) -> None:
        from tripsage_tui.screens.settings_dialogs import PlaceDialog

        def answered(place: Place | None) -> None:
            if place is not None:
                self.run_task(self._keep_in(place, key), group="write")

        self.app.push_screen(PlaceDialog(why, str(self.keys.keeping.file)), answered)

    async def _keep_in(self, place: Place, key: SecretStr | None) -> None:
        from tripsage_tui.identity.keeping import CannotKeep

        try:
            await self.keys.keeping.choose(place)
        except CannotKeep as error:
            self.say(f"{error} Nothing was changed.", "error")
            return
        if key is not None:
            await self._set_key(key)
        elif self.keys.set_at is not None:
            self.say("What was stored before was sealed elsewhere: set the key again.", "warning")
        self.refresh_data()

    def action_remove(self) -> None:
        name = self.line.name if self.line else ""
        if name == "key":
            if self.may_write():
                self.run_task(self._remove_key(), group="write")
        elif name in {"address", "model", "window", "wire"}:
            self._choose(name, "")

    async def _remove_key(self) -> None:
        before = await self.keys.remove()
        self._result = ""
        if before is not None:
            self._undoable("removing the key", before)
            self.say("The key was removed. u brings it back.")

    async def _undo(self) -> None:
        await super()._undo()
        self.refresh_data()

    # ---- testing

    def action_test(self) -> None:
        self.run_task(self._test(), group="test", exclusive=False)

    async def _test(self) -> None:
        from tripsage_tui.assistant.endpoint import endpoint_of
        from tripsage_tui.assistant.failures import AnswerFailed
        from tripsage_tui.assistant.model import Model

        access = self.keys.current()
        if access is None:
            self.say("There is no key to test yet: enter on the first line sets one.", "warning")
            return
        self._result = "Asking the server …"
        self.explain()
        model = Model(endpoint_of(access), first_token=20.0)
        try:
            self._names = await model.names()
        except AnswerFailed as error:
            self._names, self._result = [], f"✗ {error}"
        else:
            self.planner.windows.listed(access.base_url, model.windows)
            known = access.chat_model in self._names
            says = "" if known else f" {access.chat_model} is not among them: choose another on the line Model."
            self._result = f"✓ The server answers and has {count_of(len(self._names), 'model')}.{says}"
        finally:
            await model.close()
        self.show()
