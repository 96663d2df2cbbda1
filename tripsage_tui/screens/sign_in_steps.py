"""The steps behind the sign-in screen: a code from a mail, a second factor, a new account, a forgotten password."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic

from pydantic import SecretStr
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ScreenResultType

from tripsage_tui.commands import Command, bindings
from tripsage_tui.identity.hosted.errors import WrongCode
from tripsage_tui.identity.hosted.outcomes import Account, ConfirmByEmail, Factor, NeedsFactor, SignedIn
from tripsage_tui.models.text import InputError, clean_input
from tripsage_tui.screens.settings_dialogs import MaskedField
from tripsage_tui.screens.sign_in_step import Step
from tripsage_tui.widgets.form_text import TextField

if TYPE_CHECKING:
    from tripsage_tui.identity.hosted.sign_in import SignIn

AGAIN = Command(
    "signin.again", "ctrl+r", "again", "Send again", "Send another code; only the newest one is good.", display="^r"
)
DIGITS = 6


def read_code(typed: str) -> str:
    """The digits of a code, however they were grouped; empty where they are not six."""
    digits = "".join(typed.split()).replace("-", "")
    return digits if digits.isdecimal() and digits.isascii() and len(digits) == DIGITS else ""


class CodeField(TextField):
    """Six digits."""

    def __init__(self, label: str = "Code") -> None:
        super().__init__("code", label, hint="6 digits", required=True, width="short")


class CodeInput(Step[ScreenResultType], Generic[ScreenResultType]):
    """A step that asks for a code."""

    def compose_fields(self) -> ComposeResult:
        yield CodeField()

    def complaints(self) -> dict[str, str]:
        return {} if read_code(self.fields["code"].value) else {"code": f"A code has {DIGITS} digits."}

    @property
    def code(self) -> str:
        return read_code(self.fields["code"].value)


class CodeStep(CodeInput[Any]):
    """Returns the outcome of the code that was sent."""

    BINDINGS: ClassVar[list[BindingType]] = bindings((AGAIN,))

    def __init__(self, ways: SignIn, email: str, *, text: str = "") -> None:
        super().__init__(
            "Look into your mail",
            text or f"A code was sent to {email}. It is good for a short time, and once.",
            "enter signs in · ^r sends another · esc back",
        )
        self._ways = ways
        self._email = email

    async def send(self) -> Any:
        return await self._ways.verify_code(self._email, self.code)

    def action_again(self) -> None:
        self.attempt(self._again())

    async def _again(self) -> None:
        await self._ways.send_code(self._email)
        self.tell("Another code is on its way. The earlier one is not good any more.")


class FactorStep(CodeInput[Account]):
    """Returns the account, once the second factor was shown."""

    def __init__(self, ways: SignIn, factors: Sequence[Factor]) -> None:
        self._ways = ways
        self._factors = factors
        names = ", ".join(factor.name for factor in factors if factor.name)
        super().__init__(
            "The second factor",
            f"Type the code that your authenticator app shows now{f' for {names}' if names else ''}.",
            "enter signs in · esc back",
        )

    async def send(self) -> Account | None:
        refused: WrongCode | None = None
        for factor in self._factors:
            try:
                outcome = await self._ways.verify_factor(factor, self.code)
            except WrongCode as error:
                refused = error
                continue
            return outcome.account if isinstance(outcome, SignedIn) else None
        if refused is not None:
            raise refused
        return None


class NewAccountStep(Step[Any]):
    """Returns the outcome of signing up, after the address was confirmed where the project wants that."""

    def __init__(self, ways: SignIn, email: str) -> None:
        super().__init__(
            "Create an account",
            "Your name is shown to those you share trips with.",
            "enter goes on · ^s creates it · esc back",
        )
        self._ways = ways
        self._email = email

    def compose_fields(self) -> ComposeResult:
        yield TextField("name", "Name", required=True)
        yield TextField("email", "E-mail", self._email, required=True, width="full")
        yield MaskedField("password", "Password")
        yield MaskedField("again", "Password again")

    def complaints(self) -> dict[str, str]:
        from tripsage_tui.screens.sign_in import read_email

        found = super().complaints()
        try:
            read_email(self.fields["email"].value)
        except InputError as error:
            found["email"] = str(error)
        return found | _two_passwords(self)

    async def send(self) -> Any:
        from tripsage_tui.screens.sign_in import read_email

        email = read_email(self.fields["email"].value)
        name = clean_input(self.fields["name"].value.strip())
        outcome = await self._ways.sign_up(email, SecretStr(self.fields["password"].value), name)
        if not isinstance(outcome, ConfirmByEmail):
            return outcome
        self.tell("")
        text = f"A mail was sent to {email}: type its code here, or follow its link and sign in afterwards."
        return await self.app.push_screen_wait(CodeStep(self._ways, email, text=text))


class ResetStep(CodeInput[Any]):
    """Returns the outcome after a new password was set."""

    def __init__(self, ways: SignIn, email: str) -> None:
        super().__init__(
            "A new password",
            f"If {email} has an account, a code was sent there.",
            "enter goes on · ^s sets it · esc back",
        )
        self._ways = ways
        self._email = email
        self._outcome: Any = None

    def compose_fields(self) -> ComposeResult:
        yield from super().compose_fields()
        yield MaskedField("password", "New password")
        yield MaskedField("again", "New one again")

    def complaints(self) -> dict[str, str]:
        # A code is good once: after it was taken, only the password may have to be another one.
        return ({} if self._outcome is not None else super().complaints()) | _two_passwords(self)

    async def send(self) -> Any:
        if self._outcome is None:
            outcome = await self._ways.verify_code(self._email, self.code)
            if isinstance(outcome, NeedsFactor):
                account = await self.app.push_screen_wait(FactorStep(self._ways, outcome.factors))
                if account is None:
                    return None
                outcome = SignedIn(account)
            self._outcome = outcome
        await self._ways.new_password(SecretStr(self.fields["password"].value))
        return self._outcome

    def action_leave(self) -> None:
        # The code alone has signed in; the password stays what it was.
        self.dismiss(self._outcome)


def _two_passwords(step: Step[Any]) -> dict[str, str]:
    first, second = step.fields["password"].value, step.fields["again"].value
    if not first:
        return {"password": "Type a password."}
    return {} if first == second else {"again": "This is not the same password."}
