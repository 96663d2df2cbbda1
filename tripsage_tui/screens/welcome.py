"""The first question: who is travelling. Nothing else is asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import OptionList

from tripsage_tui.commands import Command, bindings
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.screens.palette import Choices
from tripsage_tui.widgets.form_field import FormField
from tripsage_tui.widgets.form_text import TextField
from tripsage_tui.widgets.safe_text import line

if TYPE_CHECKING:
    from tripsage_tui.identity.profiles import Profile


class WelcomeScreen(FormDialog["Profile"]):
    """Returns one of the profiles, or a new one of the name that was typed."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (Command("welcome.quit", "ctrl+q,escape", "app.quit", "Quit", priority=True),)
    )

    def __init__(self, profiles: Sequence[Profile], create: Callable[[str], Awaitable[Profile]]) -> None:
        super().__init__(
            "Welcome to TripSage",
            "Whose trips are these? Choose with the arrows, or type a new name."
            if profiles
            else "What is your name? It stays on this computer and names your trips' owner.",
            "enter continues · esc quits",
        )
        self._profiles = tuple(profiles)
        self._create = create
        self._creating = False

    def compose_content(self) -> ComposeResult:
        if self._profiles:
            yield Choices(*(line(profile.name) for profile in self._profiles), markup=False, compact=True)
        yield TextField("name", "New name" if self._profiles else "Name", required=True)

    def on_mount(self) -> None:
        if self._profiles:
            self.query_one(OptionList).focus()
        else:
            self.query_one(TextField).target.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._profiles[event.option_index])

    def on_form_field_changed(self, event: FormField.Changed) -> None:
        event.stop()
        event.field.error = ""

    def on_form_field_leave(self, event: FormField.Leave) -> None:
        event.stop()
        if event.by > 0:
            self._enter()
        elif self._profiles:
            self.query_one(OptionList).focus()

    def _enter(self) -> None:
        if not self._creating:
            self._creating = True
            self.run_worker(self._create_profile(), exit_on_error=False)

    async def _create_profile(self) -> None:
        from tripsage_tui.data.errors import DataError
        from tripsage_tui.models.text import clean_input

        field = self.query_one(TextField)
        try:
            profile = await self._create(clean_input(field.value.strip()))
        except (DataError, ValueError) as error:
            field.error = str(error)
        else:
            self.dismiss(profile)
        finally:
            self._creating = False
