"""A new authenticator app: its secret, shown once, and the first code that proves it was taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from tripsage_tui.commands import Command, bindings
from tripsage_tui.screens.sign_in_steps import CodeInput
from tripsage_tui.widgets.safe_text import clean

if TYPE_CHECKING:
    from tripsage_tui.identity.hosted.outcomes import Enrolment
    from tripsage_tui.identity.hosted_user import HostedUser


class EnrolStep(CodeInput[bool]):
    """Returns True once the app has shown a code; None leaves everything as it was."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (Command("factor.copy", "ctrl+y", "copy_uri", "Copy", "Copy the otpauth address.", display="^y"),)
    )

    def __init__(self, user: HostedUser, enrolment: Enrolment) -> None:
        super().__init__(
            "Add an authenticator app",
            "Type the key into the app, or hand it the address; then type the code that it shows. "
            "Neither is shown again.",
            "enter turns it on · ^y copies the address · esc leaves it off",
        )
        self._user = user
        self._enrolment = enrolment

    def compose_fields(self) -> ComposeResult:
        key = self._enrolment.secret.get_secret_value()
        grouped = " ".join(key[start : start + 4] for start in range(0, len(key), 4))
        yield Static(Content(clean(f"Key      {grouped}")), classes="step-shown", markup=False)
        yield Static(Content(clean(self._enrolment.uri.get_secret_value())), classes="step-shown", markup=False)
        yield from super().compose_fields()

    async def send(self) -> bool | None:
        await self._user.ways.confirm(self._enrolment, self.code)
        return True

    def action_copy_uri(self) -> None:
        self.app.copy_to_clipboard(self._enrolment.uri.get_secret_value())
        self.tell("Copied.")
