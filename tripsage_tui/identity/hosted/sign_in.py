"""The ways in and out of a hosted project's accounts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import SecretStr

from tripsage_tui.identity.hosted.accounts import Accounts, ProjectAddress
from tripsage_tui.identity.hosted.errors import SessionEnded, SignInError, Unreachable
from tripsage_tui.identity.hosted.gate import Gate, TokenRefused
from tripsage_tui.identity.hosted.kept import Kept
from tripsage_tui.identity.hosted.leaving import leave
from tripsage_tui.identity.hosted.lock import Busy
from tripsage_tui.identity.hosted.outcomes import (
    ConfirmByEmail,
    Enrolment,
    Factor,
    NeedsFactor,
    Outcome,
    Scope,
    SignedIn,
    SignedOut,
)
from tripsage_tui.identity.hosted.renewal import Renewal
from tripsage_tui.identity.keeping import CannotKeep

if TYPE_CHECKING:
    from supabase_auth import AsyncGoTrueClient

    from tripsage_tui.identity.hosted.auth_client import AuthClient
    from tripsage_tui.identity.hosted.oauth import OAuth

T = TypeVar("T")


class SignIn:
    """One visit at a project's door; `close` afterwards.

    Methods raise SignInError with one sentence. Those that end in a session raise MustChoose or CannotKeep
    (`identity/keeping`) before anything is sent when there is no place for it yet.
    """

    def __init__(self, project: ProjectAddress, accounts: Accounts) -> None:
        self._project = project
        self._accounts = accounts
        self._gate = Gate(project)
        self._pending: tuple[AuthClient, Kept] | None = None
        self._recovering: set[str] = set()

    # In --------------------------------------------------------------------------------------------------------------

    async def password(self, email: str, secret: SecretStr) -> Outcome:
        """With e-mail address and password."""
        await self._accounts.ready()
        client = await self._client()
        await client.ask(
            lambda auth: auth.sign_in_with_password({"email": _address(email), "password": secret.get_secret_value()})
        )
        return await self.arrived(client)

    async def send_code(self, email: str, *, create: bool = False) -> None:
        """Have a code of six digits sent; `create`: also to somebody who has no account yet, and then has one."""
        client = await self._client()
        self._recovering.discard(_address(email))
        await client.ask(
            lambda auth: auth.sign_in_with_otp({"email": _address(email), "options": {"should_create_user": create}})
        )

    async def verify_code(self, email: str, code: str) -> Outcome:
        """With the code that was sent to sign in, to confirm an address, or to set a new password."""
        await self._accounts.ready()
        client = await self._client()
        address, digits = _address(email), "".join(code.split())
        if address in self._recovering:
            await client.ask(lambda auth: auth.verify_otp({"email": address, "token": digits, "type": "recovery"}))
        else:
            await client.ask(lambda auth: auth.verify_otp({"email": address, "token": digits, "type": "email"}))
        return await self.arrived(client)

    async def start_oauth(self, provider: str) -> OAuth:
        """With an account of another service, in a browser: here or on another machine."""
        await self._accounts.ready()
        from tripsage_tui.identity.hosted.oauth import OAuth

        return await OAuth.start(provider, await self._client(), self.arrived)

    async def sign_up(self, email: str, secret: SecretStr, name: str) -> Outcome | ConfirmByEmail:
        """A new account. Raises WeakPassword."""
        await self._accounts.ready()
        client = await self._client()
        address = _address(email)
        self._recovering.discard(address)
        answer = await client.ask(
            lambda auth: auth.sign_up(
                {"email": address, "password": secret.get_secret_value(), "options": {"data": {"name": name.strip()}}}
            )
        )
        return ConfirmByEmail(address) if answer.session is None else await self.arrived(client)

    async def reset(self, email: str) -> None:
        """Have a code sent with which the password can be set anew: `verify_code`, then `new_password`."""
        client = await self._client()
        await client.ask(lambda auth: auth.reset_password_for_email(_address(email)))
        self._recovering.add(_address(email))

    async def new_password(self, secret: SecretStr) -> None:
        """Set the password of the current account. Raises WeakPassword."""
        await self._as_current(lambda auth: auth.update_user({"password": secret.get_secret_value()}))

    async def verify_factor(self, factor: Factor, code: str) -> Outcome:
        """Show the second factor after `NeedsFactor`."""
        if self._pending is None:
            raise SignInError("Begin with your password or a code from your e-mail.")
        client, _ = self._pending
        await client.ask(lambda auth: _show(auth, factor, code))
        return await self.arrived(client)

    async def arrived(self, client: AuthClient) -> Outcome:
        """Take the session that a way in has brought: keep it, or ask for the second factor first."""
        kept, factors = client.arrived()
        if factors and kept.claims.get("aal") != "aal2":
            self._pending = client, kept
            return NeedsFactor(kept.account, factors)
        self._pending = None
        before: Kept | None = None
        async with self._alone(kept):
            with contextlib.suppress(CannotKeep):
                before = await self._accounts.read(kept.account)
            try:
                await self._accounts.write(kept, current=True)
            except CannotKeep:
                await self._abandon(kept)
                raise
        if before is not None and before.claims.get("session_id") != kept.claims.get("session_id"):
            await self._abandon(before)  # programs that still use it find the new one
        return SignedIn(kept.account)

    # Second factors --------------------------------------------------------------------------------------------------

    async def factors(self) -> tuple[Factor, ...]:
        """The current account's authenticators."""
        listed = await self._as_current(lambda auth: auth.mfa.list_factors())
        return tuple(Factor(each.id, each.friendly_name or "authenticator") for each in listed.totp)

    async def enroll(self, name: str) -> Enrolment:
        """Begin with a new authenticator; it counts from `confirm` on."""
        issuer = f"tripsage_tui {self._project.name}"
        made = await self._as_current(
            lambda auth: auth.mfa.enroll({"factor_type": "totp", "friendly_name": name.strip(), "issuer": issuer})
        )
        if made.totp is None:
            raise SignInError("The project does not say what to put into the authenticator.")
        return Enrolment(Factor(made.id, name.strip()), SecretStr(made.totp.secret), SecretStr(made.totp.uri))

    async def confirm(self, enrolment: Enrolment, code: str) -> None:
        """The first code of a new authenticator; sessions that were opened without it end. Raises WrongCode."""
        await self._as_current(lambda auth: _show(auth, enrolment.factor, code), renews=True)

    async def remove_factor(self, factor: Factor) -> None:
        """Take an authenticator out of use; needs a session that was opened with one."""
        await self._as_current(lambda auth: auth.mfa.unenroll({"factor_id": factor.id}))

    # Out -------------------------------------------------------------------------------------------------------------

    async def sign_out(self, scope: Scope) -> SignedOut:
        """End sessions of the current account; see `leaving`. HERE and EVERYWHERE raise nothing: the answer says it."""
        account = await self._accounts.current()
        if account is None:
            return SignedOut()

        return await leave(self._gate, self._accounts, account, scope)

    async def close(self) -> None:
        """End a sign-in that was not finished, and close connections."""
        if self._pending is not None:
            (_, kept), self._pending = self._pending, None
            await self._abandon(kept)
        await self._gate.close()

    async def _abandon(self, kept: Kept) -> None:
        """End a session that nobody will use, where the network allows."""
        with contextlib.suppress(SignInError, TokenRefused):
            await self._gate.log_out(kept.access_token, Scope.HERE)

    # -----------------------------------------------------------------------------------------------------------------

    async def _client(self, kept: Kept | None = None) -> AuthClient:
        http = await self._gate.http()
        module = await asyncio.to_thread(import_module, "tripsage_tui.identity.hosted.auth_client")
        client: AuthClient = module.AuthClient(self._gate, http, kept)
        return client

    async def _as_current(self, call: Callable[[AsyncGoTrueClient], Awaitable[T]], *, renews: bool = False) -> T:
        """Ask as the current account. `renews`: the answer is a new pair of tokens of the same session."""
        account = await self._accounts.current()
        if account is None:
            raise SignInError("Nobody is signed in.")
        renewal = Renewal(self._gate, self._accounts, account)
        try:
            kept = await renewal.fresh()
            try:
                return await self._ask_as(kept, call, renews)
            except SessionEnded as ended:
                if ended.code != "bad_jwt":
                    raise
            # Expired by the server's clock, which counts.
            return await self._ask_as(await renewal.fresh(refused=kept.access_token), call, renews)
        finally:
            await renewal.close()

    async def _ask_as(self, kept: Kept, call: Callable[[AsyncGoTrueClient], Awaitable[T]], renews: bool) -> T:
        client = await self._client(kept)
        if not renews:
            return await client.ask(call)
        async with self._alone(kept):
            answer = await client.ask(call)
            await self._accounts.write(client.arrived()[0])
        return answer

    @contextlib.asynccontextmanager
    async def _alone(self, kept: Kept) -> Any:
        try:
            async with self._accounts.lock(kept.account):
                yield
        except Busy:
            raise Unreachable("Another program is busy with this sign-in.") from None
        except OSError as error:
            raise CannotKeep(f"The sign-in cannot be kept: {error.strerror or error}.") from error


def _address(email: str) -> str:
    """An address as it is sent. Raises SignInError for what cannot be one."""
    address = email.strip()
    if not 3 <= len(address) <= 254 or "@" not in address[1:-1] or any(c.isspace() for c in address):
        raise SignInError("This is not an e-mail address.")
    return address.lower()


async def _show(auth: AsyncGoTrueClient, factor: Factor, code: str) -> object:
    digits = "".join(code.split())
    return await auth.mfa.challenge_and_verify({"factor_id": factor.id, "code": digits})
