"""What all steps of signing in share: a few lines are asked for and sent, and what was wrong is said in a sentence."""

from __future__ import annotations

import logging
import math
import time
from abc import abstractmethod
from collections.abc import Coroutine
from typing import Any, ClassVar, Generic

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import ScreenResultType
from textual.timer import Timer
from textual.widgets import Static

from tripsage_tui.commands import Command, bindings, offers
from tripsage_tui.data.errors import DataError
from tripsage_tui.identity.hosted.errors import RateLimited, SignInError, Unreachable
from tripsage_tui.identity.keeping import CannotKeep
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.screens.settings_dialogs import MaskedField
from tripsage_tui.widgets.form_field import FormField
from tripsage_tui.widgets.safe_text import clean

logger = logging.getLogger(__name__)

SEND = Command("signin.send", "ctrl+s", "send", "Go on", "Send what was typed.", display="^s", priority=True)
LEAVE = Command("signin.leave", "escape", "leave", "Back", "One step back; what was typed there is still there.")
KEYS = Command("signin.help", "f1,question_mark", "help", "Keys", "Show the keys that are valid right now.")


class Step(FormDialog[ScreenResultType], Generic[ScreenResultType]):
    """Subclasses compose their fields and say in `send` what is done with them; its result closes the step."""

    BINDING_GROUP_TITLE = "Signing in"
    BINDINGS: ClassVar[list[BindingType]] = bindings((SEND, LEAVE, KEYS))

    def __init__(self, title: str, text: str, keys: str) -> None:
        super().__init__(title, text, keys, large=True)
        self._busy = False
        self._free_at = 0.0
        self._counting: Timer | None = None

    @abstractmethod
    def compose_fields(self) -> ComposeResult:
        """The fields."""

    @abstractmethod
    async def send(self) -> ScreenResultType | None:
        """Send what was typed; None keeps the step open. Raises SignInError, DataError, CannotKeep."""

    def compose_content(self) -> ComposeResult:
        yield from self.compose_fields()
        yield Static("", id="step-said", markup=False)

    @property
    def fields(self) -> dict[str, FormField]:
        return {field.key: field for field in self.query(FormField)}

    def on_mount(self) -> None:
        first = next((field for field in self.fields.values() if not field.value), None)
        if first is not None:
            first.target.focus()

    def on_unmount(self) -> None:
        for field in self.query(MaskedField):
            field.value = ""

    def tell(self, text: str, *, bad: bool = False) -> None:
        """One sentence below the fields; empty takes it away."""
        if not self.is_mounted:
            return
        said = self.query_one("#step-said", Static)
        said.set_class(bad, "-bad")
        said.update(Content(clean(f"! {text}" if bad and text else text)))

    def complaints(self) -> dict[str, str]:
        """What is wrong with the fields before anything is sent, by key."""
        return {
            key: f"Type your {field.label[:1].lower()}{field.label[1:]}."
            for key, field in self.fields.items()
            if field.required and not field.value.strip()
        }

    # ---- keys

    def on_form_field_changed(self, event: FormField.Changed) -> None:
        event.stop()
        event.field.error = ""
        if not (self._busy or self._counting):
            self.tell("")

    def on_form_field_leave(self, event: FormField.Leave) -> None:
        event.stop()
        fields = list(self.fields.values())
        place = fields.index(event.field) + event.by
        if 0 <= place < len(fields):
            fields[place].target.focus()
        elif event.by > 0:
            self.after_last_field()

    def after_last_field(self) -> None:
        """Enter, or down, on the last field."""
        self.action_send()

    def action_help(self) -> None:
        from tripsage_tui.screens.help import NAMES_FROM, HelpScreen

        self.app.push_screen(HelpScreen(offers(self), named=self.app.size.width >= NAMES_FROM))

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_send(self) -> None:
        if self._busy or self._free_at > time.monotonic():
            return
        complaints = self.complaints()
        for key, field in self.fields.items():
            field.error = complaints.get(key, "")
        if complaints:
            self.fields[next(iter(complaints))].target.focus()
            return
        self.attempt(self._send())

    async def _send(self) -> None:
        result = await self.send()
        if result is not None:
            self.dismiss(result)

    # ---- asking the project

    def attempt(self, work: Coroutine[Any, Any, None], doing: str = "One moment …") -> None:
        """Run what talks to the project; whatever goes wrong is said here and nothing typed is lost."""
        if self._busy:
            work.close()
            return
        self._busy = True
        self.tell(doing)
        self.run_worker(self._attempt(work), exit_on_error=False)

    async def _attempt(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (SignInError, DataError, CannotKeep) as error:
            self._busy = False
            self.refused(error)
        except Exception as error:  # noqa: BLE001 - a failed sign-in is said, and never ends the program
            # What a library says may hold what it was given.
            logger.error(  # noqa: TRY400
                "signing in failed: %s", type(error).__name__
            )
            self.tell(f"This did not work ({type(error).__name__}). Try again.", bad=True)
        finally:
            self._busy = False

    def refused(self, error: Exception) -> None:
        """Say what was wrong; where it is too early, count the seconds down."""
        if isinstance(error, RateLimited):
            self._count_down(error.seconds)
        elif isinstance(error, Unreachable):
            self.tell(f"{error} ctrl+s tries again.", bad=True)
        else:
            self.tell(str(error), bad=True)

    def _count_down(self, seconds: float) -> None:
        self._free_at = time.monotonic() + seconds
        if self._counting is None:
            self._counting = self.set_interval(1.0, self._tick)
        self._tick()

    def _tick(self) -> None:
        left = math.ceil(self._free_at - time.monotonic())
        if left > 0:
            self.tell(
                f"Too many attempts. The next one is possible in {left} second{'' if left == 1 else 's'}.", bad=True
            )
            return
        if self._counting is not None:
            self._counting.stop()
            self._counting = None
        self.tell("You can try again now.")
