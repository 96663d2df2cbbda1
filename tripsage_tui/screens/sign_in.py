"""Signing in to a hosted project, over whatever is shown: by password, and from here by the other ways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import SecretStr
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tripsage_tui.commands import Command, bindings
from tripsage_tui.identity.hosted.outcomes import Account, NeedsFactor, SignedIn
from tripsage_tui.identity.keeping import MustChoose
from tripsage_tui.identity.profiles import Profile
from tripsage_tui.models.text import InputError
from tripsage_tui.screens.palette import Choices
from tripsage_tui.screens.settings_dialogs import MaskedField
from tripsage_tui.screens.sign_in_step import LEAVE, Step
from tripsage_tui.widgets.form_text import TextField
from tripsage_tui.widgets.safe_text import line

if TYPE_CHECKING:
    from textual.app import App

    from tripsage_tui.identity.hosted_user import HostedUser

WAYS = {
    "code": "Send a code to this e-mail address instead",
    "browser": "Sign in with the browser (Google, GitHub, …)",
    "reset": "I forgot my password",
    "new": "Create an account",
}


def _leaving(quits: bool, other: bool) -> str:
    return "quits" if quits else "goes back" if other else "leaves you signed out"


def read_email(typed: str) -> str:
    """An address to sign in with. Raises InputError."""
    from tripsage_tui.models.people import read_address

    if not typed.strip():
        raise InputError("Type your e-mail address.")
    return read_address(typed)


class SignInScreen(Step["Account"]):
    """Returns the account that signed in; None when the user left."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            LEAVE.but(label="Leave", help="Leave; nothing can be read or changed before you sign in."),
            Command(
                "signin.ways", "ctrl+o", "ways", "Other ways", "To the list of the other ways to sign in.", display="^o"
            ),
        )
    )

    def __init__(self, user: HostedUser, *, quits: bool = False, other: bool = False, email: str = "") -> None:
        """`quits`: nobody was signed in yet, so that leaving is leaving the program; `other`: one more account."""
        self._user = user
        self._quits = quits
        self._other = other
        self._email = email or ("" if other or user.account is None else user.account.email)
        self._known: Sequence[Account] = ()
        super().__init__(
            f"Sign in to {user.project.name}",
            user.why or f"The project at {user.project.url} asks who you are.",
            f"enter goes on · ^o other ways · F1 keys · esc {_leaving(quits, other)}",
        )

    def compose_fields(self) -> ComposeResult:
        yield TextField("email", "E-mail", self._email, required=True, width="full")
        yield MaskedField("password", "Password")
        yield Choices(*self._options(), markup=False, compact=True, id="sign-in-ways")

    def _options(self) -> list[Option]:
        known = [
            Option(Content(f" Go on as {line(account.email)}, who signed in here before"), id=f"account:{number}")
            for number, account in enumerate(self._known)
        ]
        return [*known, *(Option(Content(f" {text}"), id=name) for name, text in WAYS.items())]

    def on_mount(self) -> None:
        super().on_mount()
        self.run_worker(self._look_for_accounts(), exit_on_error=False)

    async def _look_for_accounts(self) -> None:
        """Others who are signed in on this computer, in front of the other ways."""
        known = await self._user.accounts.list()
        mine = self._user.account.user_id if self._user.account else None
        self._known = [account for account in known if account.user_id != mine]
        options = self.query_one(Choices)
        if self._known and self.is_mounted:
            options.clear_options()
            options.add_options(self._options())

    # ---- the password

    def complaints(self) -> dict[str, str]:
        found = {}
        try:
            read_email(self.fields["email"].value)
        except InputError as error:
            found["email"] = str(error)
        if not self.fields["password"].value:
            found["password"] = "Type your password, or choose another way below."  # noqa: S105  a sentence
        return found

    async def send(self) -> Account | None:
        email = read_email(self.fields["email"].value)
        if not await self.ready():
            return None
        outcome = await self._user.ways.password(email, SecretStr(self.fields["password"].value))
        return await self.account_of(outcome)

    async def ready(self) -> bool:
        """Whether it is decided where the sign-in will be kept; asks where the keyring does not answer."""
        accounts = self._user.accounts
        try:
            await accounts.ready()
        except MustChoose as why:
            from tripsage_tui.screens.settings_dialogs import PlaceDialog

            self.tell("")
            dialog = PlaceDialog(str(why), str(accounts.keeping.file), title="Where should your sign-in be kept?")
            place = await self.app.push_screen_wait(dialog)
            if place is None:
                return False
            await accounts.keeping.choose(place)
            self.tell("One moment …")
        return True

    async def account_of(self, outcome: Any) -> Account | None:
        """Who is in after a step; a second factor is asked for first where there is one."""
        if isinstance(outcome, NeedsFactor):
            from tripsage_tui.screens.sign_in_steps import FactorStep

            self.tell("")
            return await self.app.push_screen_wait(FactorStep(self._user.ways, outcome.factors))
        return outcome.account if isinstance(outcome, SignedIn) else None

    # ---- the other ways

    def action_ways(self) -> None:
        self.query_one(Choices).focus()

    def action_leave(self) -> None:
        if self._quits:
            self.app.exit()
        else:
            self.dismiss(None)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        name = event.option.id or ""
        if name.startswith("account:"):
            self.attempt(self._switch(self._known[int(name.partition(":")[2])]))
        elif name == "code":
            self._with_email(self._by_code)
        elif name == "browser":
            self.attempt(self._by_browser(), "")
        elif name == "new":
            self.attempt(self._as_new(), "")
        elif name == "reset":
            self._with_email(self._reset)

    def _with_email(self, way: Any) -> None:
        field = self.fields["email"]
        try:
            email = read_email(field.value)
        except InputError as error:
            field.error = str(error)
            field.target.focus()
            return
        self.attempt(way(email))

    async def _switch(self, account: Account) -> None:
        """Go on as an account whose session is kept; where it is not, only the password is missing."""
        if not await self._user.accounts.signed_in(account):
            self.fields["email"].value = account.email
            self.fields["password"].target.focus()
            self.tell("Its sign-in has ended: type the password.")
            return
        await self._user.accounts.switch(account)
        self.dismiss(account)

    async def _by_code(self, email: str) -> None:
        from tripsage_tui.screens.sign_in_steps import CodeStep

        if not await self.ready():
            return
        await self._user.ways.send_code(email)
        self.tell("")
        await self._end_with(await self.app.push_screen_wait(CodeStep(self._user.ways, email)))

    async def _by_browser(self) -> None:
        from tripsage_tui.screens.sign_in_browser import BrowserStep

        if await self.ready():
            await self._end_with(await self.app.push_screen_wait(BrowserStep(self._user.ways, self._user.project)))

    async def _as_new(self) -> None:
        from tripsage_tui.screens.sign_in_steps import NewAccountStep

        if await self.ready():
            step = NewAccountStep(self._user.ways, self.fields["email"].value)
            await self._end_with(await self.app.push_screen_wait(step))

    async def _reset(self, email: str) -> None:
        from tripsage_tui.screens.sign_in_steps import ResetStep

        if not await self.ready():
            return
        await self._user.ways.reset(email)
        self.tell("")
        await self._end_with(await self.app.push_screen_wait(ResetStep(self._user.ways, email)))

    async def _end_with(self, outcome: Any) -> None:
        account = None if outcome is None else await self.account_of(outcome)
        if account is not None:
            self.dismiss(account)
        else:
            self.tell("")


async def signed_in_profile(app: App[Any], user: HostedUser) -> Profile:
    """Ask until somebody is signed in; leaving is leaving the program."""
    account = await app.push_screen_wait(SignInScreen(user, quits=True))
    return Profile(account.user_id, account.name or account.email)
