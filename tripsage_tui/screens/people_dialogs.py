"""Inviting somebody, and changing what somebody may do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.people import LEVELS
from tripsage_tui.models.trips import Access
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.screens.people_rows import LEVEL_WORDS
from tripsage_tui.widgets.form_choice import ChoiceField
from tripsage_tui.widgets.form_field import FormField
from tripsage_tui.widgets.form_text import TextField
from tripsage_tui.widgets.safe_text import clean, one_line

_OPTIONS = tuple((level.value, LEVEL_WORDS[level]) for level in LEVELS)
Invite = Callable[[str, Access], Awaitable[None]]


class InviteDialog(FormDialog[None]):
    """Asks for an address and a level and sends the invitation itself: what was typed stays until that has worked."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("invite.send", "ctrl+s", "send", "Invite", priority=True),
            Command("invite.cancel", "escape", "cancel", "Cancel"),
        )
    )

    def __init__(self, trip: str, invite: Invite) -> None:
        super().__init__(
            f"Invite to {one_line(trip)}",
            "Type an e-mail address, or the name of a profile of this computer. The invitation waits in that person's "
            "list of trips for 14 days.",
            "enter next, at the end invite · ctrl+s invite · esc cancel",
        )
        self._invite = invite

    def compose_content(self) -> ComposeResult:
        yield TextField("email", "Whom", hint="e.g. ben@example.com", required=True)
        yield ChoiceField("level", "May", _OPTIONS, Access.EDIT.value)
        yield Static("", id="invite-problem", markup=False)

    def on_mount(self) -> None:
        self.query_one(TextField).target.focus()

    def on_form_field_changed(self, event: FormField.Changed) -> None:
        event.stop()
        event.field.error = ""

    def on_form_field_leave(self, event: FormField.Leave) -> None:
        event.stop()
        if isinstance(event.field, ChoiceField):
            if event.by > 0:
                self.action_send()
            else:
                self.query_one(TextField).target.focus()
        elif event.by > 0:
            self.query_one(ChoiceField).target.focus()

    def action_send(self) -> None:
        whom, level = self.query_one(TextField).value, Access(self.query_one(ChoiceField).value)
        self.run_worker(self._send(whom, level), group="send", exclusive=True, exit_on_error=False)

    async def _send(self, whom: str, level: Access) -> None:
        from tripsage_tui.data.errors import DataError, InvalidValue

        self._say("")
        try:
            await self._invite(whom, level)
        except InvalidValue as error:
            field = self.query_one(TextField)
            field.error = error.sentence
            field.target.focus()
        except DataError as error:
            self._say(f"! {error}")
        else:
            self.dismiss(None)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR:
            self._say("! This did not work. The log has the details.")
            self.log.error(event.worker.error)

    def _say(self, sentence: str) -> None:
        self.query_one("#invite-problem", Static).update(Content(clean(sentence)))


class LevelDialog(FormDialog[Access | None]):
    """Returns the level that was chosen, None to leave it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("level.save", "ctrl+s", "save", "Save", priority=True),
            Command("level.cancel", "escape", "cancel", "Cancel"),
        )
    )

    def __init__(self, name: str, level: Access) -> None:
        super().__init__(
            f"What may {one_line(name)} do?",
            "Who may edit changes everything in the trip; who may also invite manages its people. "
            "Deleting the trip stays with the owner.",
            "← → choose · enter save · esc cancel",
        )
        self._level = level

    def compose_content(self) -> ComposeResult:
        yield ChoiceField("level", "May", _OPTIONS, self._level.value)

    def on_mount(self) -> None:
        self.query_one(ChoiceField).target.focus()

    def on_form_field_changed(self, event: FormField.Changed) -> None:
        event.stop()

    def on_form_field_leave(self, event: FormField.Leave) -> None:
        event.stop()
        if event.by > 0:
            self.action_save()

    def action_save(self) -> None:
        level = Access(self.query_one(ChoiceField).value)
        self.dismiss(None if level is self._level else level)
