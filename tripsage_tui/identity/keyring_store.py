"""The keyring of the operating system, asked in a thread that is given up after three seconds.

`keyring` itself takes whatever is installed: a plain file, nothing at all, or a program that reads the terminal. Only
backends that are known by name are used here, also where several are chained. A keyring that waits for a dialog on
some other screen never answers; its thread is left behind and does not hold up the program's end.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

T = TypeVar("T")

SERVICE = "tripsage-tui"
LIMIT = 3.0
"""Seconds."""
ALLOWED = {
    "keyring.backends.SecretService.Keyring": "the Secret Service of this computer",
    "keyring.backends.libsecret.Keyring": "the Secret Service of this computer",
    "keyring.backends.kwallet.DBusKeyring": "KWallet",
    "keyring.backends.kwallet.DBusKeyringKWallet4": "KWallet",
    "keyring.backends.macOS.Keyring": "the macOS keychain",
    "keyring.backends.Windows.WinVaultKeyring": "the Windows credential vault",
}
"""Backends that encrypt, and what people call them."""


class KeyringUnusable(Exception):
    """There is no keyring that could be used; the text is one sentence."""


class SystemKeyring:
    """Short texts by name. All methods raise KeyringUnusable."""

    def __init__(self, *, allowed: Iterable[str] = ALLOWED, limit: float = LIMIT) -> None:
        """`allowed`: module and class of each backend that may be used; `limit` in seconds."""
        self._allowed = frozenset(allowed)
        self._limit = limit
        self._stuck: threading.Thread | None = None

    async def read(self, name: str) -> str | None:
        """The text of that name, None when there is none."""
        return await self._ask(lambda backend: backend.get_password(SERVICE, name))

    async def write(self, name: str, text: str) -> None:
        """Keep a text."""
        await self._ask(lambda backend: backend.set_password(SERVICE, name, text))

    async def described(self) -> str:
        """What the keyring is called; asks it for something, to know that it answers."""

        def ask(backend: Any) -> str:
            backend.get_password(SERVICE, "is anybody there")
            name = _name(backend)
            return ALLOWED.get(name, name)

        return await self._ask(ask)

    async def _ask(self, question: Callable[[Any], T]) -> T:
        if self._stuck is not None and self._stuck.is_alive():
            raise KeyringUnusable("The system's keyring still waits for something: unlock it.")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def settle(result: T | None, error: Exception | None) -> None:
            if answer.done():
                return
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(result)  # type: ignore[arg-type]  # None only where T allows it

        def work() -> None:
            result, error = None, None
            try:
                result = question(self._backend())
            except KeyringUnusable as refused:
                error = refused
            except Exception as failed:  # noqa: BLE001  backends raise whatever their libraries do
                # Not chained: what a backend says may hold what it was given.
                error = KeyringUnusable(f"The system's keyring does not work ({type(failed).__name__}).")
            try:
                loop.call_soon_threadsafe(settle, result, error)
            except RuntimeError:
                return  # the program has gone

        thread = threading.Thread(target=work, name="keyring", daemon=True)
        thread.start()
        try:
            async with asyncio.timeout(self._limit):
                return await answer
        except TimeoutError:
            self._stuck = thread
            raise KeyringUnusable(
                f"The system's keyring did not answer within {self._limit:.0f} seconds: it may wait to be unlocked."
            ) from None

    def _backend(self) -> Any:
        import keyring
        from keyring.backends.chainer import ChainerBackend

        chosen = keyring.get_keyring()
        offered = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
        for backend in offered:
            if _name(backend) in self._allowed:
                return backend
        names = ", ".join(_name(backend) for backend in offered)
        if names in {"", "keyring.backends.fail.Keyring"}:
            raise KeyringUnusable("This computer has no keyring that answers.")
        raise KeyringUnusable(f"This keyring does not keep secrets safe, or is not known: {names}.")


def _name(backend: Any) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"
