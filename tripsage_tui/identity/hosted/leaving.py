"""Signing out: first the tickets, so that every pooled connection is nobody's at once, then the session, then the note.

What is on this machine goes whatever the network does; what the project could not be told is said.
"""

from __future__ import annotations

import contextlib

from pydantic import SecretStr

from tripsage_tui.data.errors import SchemaOutdated
from tripsage_tui.identity.hosted.accounts import Accounts
from tripsage_tui.identity.hosted.errors import SessionEnded, SignInError, Unreachable
from tripsage_tui.identity.hosted.gate import Gate, TokenRefused
from tripsage_tui.identity.hosted.lock import Busy
from tripsage_tui.identity.hosted.outcomes import Account, Scope, SignedOut
from tripsage_tui.identity.hosted.renewal import Renewal
from tripsage_tui.identity.keeping import CannotKeep

_OTHERS_LEFT = (
    "This session had ended already, so sessions on other machines could not be ended: sign in again to do that."
)


async def leave(gate: Gate, accounts: Accounts, account: Account, scope: Scope) -> SignedOut:
    """End sessions of an account. Raises SignInError or CannotKeep for OTHERS only."""
    renewal = Renewal(gate, accounts, account)
    left: str | None = None
    try:
        left = await _end(gate, renewal, scope)
    except (SignInError, CannotKeep) as error:
        if scope is Scope.OTHERS:
            raise
        there = "there" if scope is Scope.HERE else "there, or on any other machine,"
        left = f"Signed out on this machine, but the project was not told: {error} The session {there} goes on."
    finally:
        await renewal.close()
    if scope is not Scope.OTHERS:
        left = await _forget(accounts, account) or left
    return SignedOut(left)


async def _end(gate: Gate, renewal: Renewal, scope: Scope) -> str | None:
    """Tell the project; what could not be done, as a sentence."""
    refused: SecretStr | None = None
    for _ in range(2):
        try:
            token = (await renewal.fresh(10.0, refused=refused)).access_token
            if scope is not Scope.OTHERS:
                with contextlib.suppress(SchemaOutdated):
                    await gate.close_tickets(token)
            await gate.log_out(token, scope)
        except TokenRefused:
            refused = token
        except SessionEnded:
            if scope is Scope.OTHERS:
                raise
            return None if scope is Scope.HERE else _OTHERS_LEFT
        else:
            return None
    raise Unreachable


async def _forget(accounts: Accounts, account: Account) -> str | None:
    try:
        await accounts.forget(account)
    except (OSError, Busy) as error:
        return f"The sign-in that is kept on this machine could not be removed ({error}): remove it by hand."
    return None
