"""Account (F6): who is signed in to the project, where that is kept, other accounts, the second factor, signing out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.message import Message

from tripsage_tui.commands import Command, bindings
from tripsage_tui.identity.hosted.errors import SignInError
from tripsage_tui.identity.hosted.outcomes import Account, Factor, Scope
from tripsage_tui.identity.keeping import CannotKeep
from tripsage_tui.screens.account_facts import SIGNING_OUT, Line, lines
from tripsage_tui.screens.forms.ask import AskDialog
from tripsage_tui.screens.line_list import LineList

if TYPE_CHECKING:
    from tripsage_tui.identity.hosted_user import HostedUser
    from tripsage_tui.identity.keeping import Place
    from tripsage_tui.planner import Planner


class AccountScreen(LineList[Line]):
    """A line for each thing; below them what there is to know about the chosen one."""

    HEADING = "Your account"
    TRAIL = "Account"
    LABEL = 17
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("account.change", "enter,e", "change", "Choose", "Do what the line that the cursor is on says."),
            Command("account.remove", "d", "remove", "Remove", "Remove the second factor, or forget the account."),
            Command("account.refresh", "r", "refresh", "Refresh", "Ask the project again.", footer=False),
            Command("account.down", "j", "move(1)", "Down", footer=False, palette=False),
            Command("account.up", "k", "move(-1)", "Up", footer=False, palette=False),
            Command("account.back", "escape,backspace", "back", "Back", "Back to where you were."),
        )
    )

    class Other(Message):
        """Somebody else goes on, or nobody: everything has to be opened anew."""

    def __init__(self, planner: Planner, user: HostedUser) -> None:
        super().__init__(planner)
        self._user = user
        self._others: Sequence[Account] = ()
        self._factors: Sequence[Factor] | None = None
        self._kept = ""

    async def load(self) -> None:
        self.show()
        accounts, mine = self._user.accounts, self._user.account
        self._kept = await accounts.described()
        self._others = [each for each in await accounts.list() if mine is None or each.user_id != mine.user_id]
        self.show()
        try:
            self._factors = await self._user.ways.factors()
        except SignInError as error:
            self._factors = None
            self.say(str(error), "warning")
        self.show()

    def show(self) -> None:
        """Draw the lines again, with the cursor where it was."""
        place = self._user.accounts.keeping.place
        where = place.value if place else "not decided"
        self.draw(lines(self._user, place=where, kept=self._kept, others=self._others, factors=self._factors))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "remove":
            return self.line is not None and self.line.name in {"factor", "account"}
        return super().check_action(action, parameters)

    def task_failed(self, error: BaseException) -> None:
        if isinstance(error, SignInError | CannotKeep):
            self.say(str(error), "error")
        else:
            super().task_failed(error)

    def action_refresh(self) -> None:
        self.refresh_data()

    # ---- what the lines do

    def action_change(self) -> None:
        line = self.line
        match line.name if line else "":
            case "kept":
                self._ask_place()
            case "enrol":
                self.run_task(self._enrol(), group="write")
            case "account" if line is not None and line.account is not None:
                self.run_task(self._switch(line.account), group="write")
            case "add":
                self.run_task(self._add(), group="write")
            case name if name in set(Scope):
                self._ask_to_sign_out(Scope(name))

    def _ask_place(self) -> None:
        from tripsage_tui.screens.settings_dialogs import PlaceDialog

        keeping = self._user.accounts.keeping

        async def move(place: Place) -> None:
            await keeping.choose(place)
            self.say("The next sign-in is kept there; what was stored before is sealed elsewhere.")
            self.refresh_data()

        def answered(place: Place | None) -> None:
            if place is not None:
                self.run_task(move(place), group="write")

        title = "Where should sign-ins and keys be kept?"
        self.app.push_screen(PlaceDialog("", str(keeping.file), title=title), answered)

    async def _switch(self, account: Account) -> None:
        if await self._user.accounts.signed_in(account):
            await self._user.accounts.switch(account)
            self.post_message(self.Other())
        else:
            await self._add(account)

    async def _add(self, account: Account | None = None) -> None:
        from tripsage_tui.screens.sign_in import SignInScreen

        mine = self._user.account
        found = await self.app.push_screen_wait(
            SignInScreen(self._user, other=True, email=account.email if account else "")
        )
        if found is not None and (mine is None or found.user_id != mine.user_id):
            self.post_message(self.Other())
        else:
            self.refresh_data()

    # ---- the second factor

    async def _enrol(self) -> None:
        from tripsage_tui.screens.account_factor import EnrolStep

        enrolment = await self._user.ways.enroll("TripSage")
        if await self.app.push_screen_wait(EnrolStep(self._user, enrolment)):
            self.say("The second factor is on: its code is asked for at the next sign-in.")
        else:
            await self._user.ways.remove_factor(enrolment.factor)
        self.refresh_data()

    def action_remove(self) -> None:
        line = self.line
        if line is None:
            return
        if line.factor is not None:
            self._ask_to_remove(line.factor)
        elif line.account is not None:
            self.run_task(self._take_off(line.account), group="write")

    def _ask_to_remove(self, factor: Factor) -> None:
        async def remove() -> None:
            await self._user.ways.remove_factor(factor)
            self.say("The second factor is off: the password alone signs in.")
            self.refresh_data()

        def answered(yes: bool | None) -> None:
            if yes:
                self.run_task(remove(), group="write")

        text = "Whoever knows the password can sign in then."
        self.app.push_screen(AskDialog("Remove the second factor?", text, "removes it"), answered)

    async def _take_off(self, account: Account) -> None:
        await self._user.accounts.forget(account)
        self.say(f"{account.email} is not listed here any more.")
        self.refresh_data()

    # ---- out

    def _ask_to_sign_out(self, scope: Scope) -> None:
        label, about = SIGNING_OUT[scope]

        def answered(yes: bool | None) -> None:
            if yes:
                self.run_task(self._sign_out(scope), group="write")

        self.app.push_screen(AskDialog(f"{label}?", about, "signs out"), answered)

    async def _sign_out(self, scope: Scope) -> None:
        self._user.leaving = scope is not Scope.OTHERS
        try:
            done = await self._user.ways.sign_out(scope)
        except BaseException:
            self._user.leaving = False
            raise
        if done.left:
            self.say(done.left, "warning")
        if scope is Scope.OTHERS:
            self.say("All other devices have to sign in again.")
            self.refresh_data()
        else:
            self.post_message(self.Other())
