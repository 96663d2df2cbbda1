"""What the account screen says, line by line, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tripsage_tui.identity.hosted.outcomes import Account, Factor, Scope

if TYPE_CHECKING:
    from tripsage_tui.identity.hosted_user import HostedUser

SIGNING_OUT = {
    Scope.HERE: ("Sign out here", "Only on this computer: all its programs of this account have to sign in again."),
    Scope.OTHERS: ("Sign out others", "All other devices of this account have to sign in again; this computer stays."),
    Scope.EVERYWHERE: ("Sign out of all", "All devices of this account have to sign in again, this computer included."),
}


@dataclass(frozen=True)
class Line:
    """One line: its name for the keys, what it is called, what it says, and what there is to know about it."""

    name: str
    label: str
    value: str
    about: str
    account: Account | None = None
    factor: Factor | None = None


def lines(
    user: HostedUser, *, place: str, kept: str, others: Sequence[Account], factors: Sequence[Factor] | None
) -> Sequence[Line]:
    """All of them. `kept` says where the sign-in is kept, `place` in a word; `factors` None: not known."""
    account, project = user.account, user.project
    who = "nobody" if account is None else f"{account.name}, {account.email}"
    return (
        Line("who", "Signed in as", who, user.why or "Those you share trips with see the name."),
        Line("project", "Project", f"{project.name}, {project.url}",
             "tripsage-tui projects lists projects; --project opens one of them."),
        Line("kept", "Sign-in is kept", place, kept),
        *_second_factor(factors),
        *(Line("account", "Other account", f"{each.name}, {each.email}", "enter goes on as this account.", account=each)
          for each in others),
        Line("add", "Another account", "sign in", "Adds one; this one stays signed in."),
        *(Line(scope.value, label, "", about) for scope, (label, about) in SIGNING_OUT.items()),
    )  # fmt: skip


def _second_factor(factors: Sequence[Factor] | None) -> Sequence[Line]:
    label, asked = "Second factor", "Its code is asked for at each sign-in."
    if factors is None:
        return (Line("factors", label, "not known", "The project has not answered yet; r asks again."),)
    here = [Line("factor", label, each.name or "an authenticator app", f"{asked} d removes it.", factor=each)
            for each in factors]  # fmt: skip
    more = "none" if not here else "another"
    return (*here, Line("enrol", label, more, f"enter adds an authenticator app. {asked}"))
