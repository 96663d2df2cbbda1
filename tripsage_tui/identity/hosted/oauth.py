"""Signing in with another service's account: PKCE (RFC 7636), and a way back without a web server (RFC 8252).

The code comes to a page on 127.0.0.1. Where the browser is on another machine that page does not load, but its address
holds the code: `paste` takes the address, or the code alone. Neither is of use without the verifier, which stays here.
"""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode, urlsplit

from tripsage_tui.identity.hosted.errors import SignInError, WrongCode
from tripsage_tui.identity.hosted.loopback import PATH, Loopback, first_values
from tripsage_tui.identity.hosted.outcomes import Outcome

if TYPE_CHECKING:
    from tripsage_tui.identity.hosted.auth_client import AuthClient

LONGEST_WAIT = 300.0
"""Seconds until somebody has to have come back."""
_ELSEWHERE = 53682
"""The port in the address where none could be taken: nothing answers there, and the address can still be pasted."""


class OAuth:
    """One attempt. `url` is for a browser; `port` is where it comes back, None where only pasting works."""

    def __init__(
        self, url: str, client: AuthClient, state: str, loopback: Loopback, take: Callable[[Any], Awaitable[Outcome]]
    ) -> None:
        self.url = url
        self.port = loopback.port
        self._client = client
        self._state = state
        self._loopback = loopback
        self._take = take

    @classmethod
    async def start(cls, provider: str, client: AuthClient, take: Callable[[Any], Awaitable[Outcome]]) -> OAuth:
        """Listen, and make the address. Raises SignInError for a provider that is no word."""
        if not re.fullmatch(r"[a-z0-9_]{1,40}", provider):
            raise SignInError("A provider is one word, for example github or google.")
        state = secrets.token_urlsafe(24)
        loopback = Loopback(state)
        await loopback.start()
        back = f"http://127.0.0.1:{loopback.port or _ELSEWHERE}{PATH}?{urlencode({'state': state})}"
        made = await client.ask(
            # Any word goes: which services a project knows is the project's business.
            lambda auth: auth.sign_in_with_oauth({"provider": cast("Any", provider), "options": {"redirect_to": back}})
        )
        return cls(made.url, client, state, loopback, take)

    async def finished(self, patience: float = LONGEST_WAIT) -> Outcome:
        """Wait for the browser to come back, at most so many seconds. Raises SignInError."""
        try:
            async with asyncio.timeout(patience):
                query = await asyncio.shield(self._loopback.came)
        except TimeoutError:
            raise SignInError("Nobody came back from the browser. Begin again, or paste the address.") from None
        finally:
            await self._loopback.close()
        return await self._exchange(query)

    async def paste(self, text: str) -> Outcome:
        """With the address at which the browser ended, or the code in it. Raises SignInError."""
        words = text.strip().strip("<>\"'")
        if "code=" in words or "error=" in words:
            query = first_values(urlsplit(words).query or words.lstrip("?"))
            if not hmac.compare_digest(query.get("state", "").encode(), self._state.encode()):
                raise WrongCode("This address belongs to another attempt: use the one that this one led to.")
        else:
            query = {"code": words}
        outcome = await self._exchange(query)
        await self._loopback.close()
        return outcome

    async def close(self) -> None:
        """Give up."""
        await self._loopback.close()

    async def _exchange(self, query: dict[str, str]) -> Outcome:
        code = query.get("code", "")
        if not re.fullmatch(r"[\w.~-]{8,200}", code, re.ASCII):
            if "error" in query:
                raise SignInError("Signing in was refused in the browser.")
            raise WrongCode("This is neither the address nor the code.")
        await self._client.ask(
            lambda auth: auth.exchange_code_for_session({"auth_code": code, "code_verifier": "", "redirect_to": ""})
        )
        return await self._take(self._client)
