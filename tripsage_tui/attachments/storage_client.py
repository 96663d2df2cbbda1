"""Requests to Supabase Storage: signed, and with answers turned into our errors.

httpx and storage3 are imported when the first request is made.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import quote

from pydantic import SecretStr

from tripsage_tui.attachments.errors import ContentGone, StoreError, StoreRefused, StoreUnreachable
from tripsage_tui.models.attachments import BUCKET

if TYPE_CHECKING:
    import httpx
    from storage3 import AsyncStorageClient

T = TypeVar("T")
NONSENSE = "The file store gave an answer that makes no sense."
CONNECTING, SILENCE = 10.0, 60.0
"""Seconds until a connection, and until the next byte of an answer, count as lost."""
_LONGEST_WAIT = 300.0
# At DEBUG these write the headers of requests, and with them the token.
for _library in ("httpx", "httpcore"):
    logging.getLogger(_library).setLevel(logging.WARNING)


class Tokens(Protocol):
    """Where a valid access token comes from, another one than `refused`. Raises DataError when nobody is signed in."""

    async def access_token(self, refused: SecretStr | None = None) -> SecretStr: ...


class StorageClient:
    """One project's Storage. `url` is the project's, without a trailing slash."""

    def __init__(self, url: str, publishable_key: str, tokens: Tokens) -> None:
        self.base = f"{url.rstrip('/')}/storage/v1"
        self._key = publishable_key
        self._tokens = tokens
        self._http: httpx.AsyncClient | None = None
        self._refused: SecretStr | None = None

    async def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: Any = None,
        ok: Sequence[int],
    ) -> httpx.Response:
        """One request without repetition; an answer of `ok`. Raises StoreError, DataError."""
        client = await self._client()
        signed = await self._signed()
        answer = await _asked(
            client.request(method, f"{self.base}/{path}", headers={**signed, **(headers or {})}, content=content)
        )
        with self._noticing(signed):
            await _expect(answer, ok)
        return answer

    async def pieces(
        self, path: str, size: int, *, headers: Mapping[str, str], ok: Sequence[int]
    ) -> AsyncGenerator[tuple[int, bytes], None]:
        """The answer to a GET as it comes: its status with each piece of `size` bytes. Raises StoreError, DataError."""
        client = await self._client()
        signed = await self._signed()
        failure: Exception
        try:
            async with client.stream("GET", f"{self.base}/{path}", headers={**signed, **headers}) as answer:
                with self._noticing(signed):
                    await _expect(answer, ok)
                async for piece in answer.aiter_bytes(size):
                    yield answer.status_code, piece
        except Exception as error:  # noqa: BLE001 - raised below
            failure = _lost(error)
        else:
            return
        raise failure

    async def size(self, path: str) -> int | None:
        """Bytes of the object, None when there is none (or none to be seen). Raises StoreError, DataError."""
        async with self._storage3() as storage:
            try:
                facts = await _asked(storage.from_(BUCKET).info(path))
            except ContentGone:
                return None
        size = facts.get("size") if isinstance(facts, dict) else None
        if not isinstance(size, int):
            raise StoreUnreachable(NONSENSE)
        return size

    async def remove(self, paths: Sequence[str]) -> None:
        """Remove objects; those that are not there count as removed. Raises StoreError, DataError."""
        async with self._storage3() as storage:
            await _asked(storage.from_(BUCKET).remove(list(paths)))

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    @contextlib.asynccontextmanager
    async def _storage3(self) -> AsyncIterator[AsyncStorageClient]:
        """Made for each call, as a client keeps the token that it was made with; the connections are ours."""
        client = await self._client()
        storage3 = await asyncio.to_thread(import_module, "storage3")
        signed = await self._signed()
        with self._noticing(signed):
            yield storage3.AsyncStorageClient(f"{self.base}/", signed, http_client=client)

    async def _client(self) -> httpx.AsyncClient:
        if self._http is None:
            httpx = await asyncio.to_thread(import_module, "httpx")
            # No redirects: the token must not follow one.
            self._http = httpx.AsyncClient(timeout=httpx.Timeout(SILENCE, connect=CONNECTING), follow_redirects=False)
        return self._http

    async def _signed(self) -> dict[str, str]:
        refused, self._refused = self._refused, None
        token = await self._tokens.access_token(refused)
        return {"apikey": self._key, "Authorization": f"Bearer {token.get_secret_value()}"}

    @contextlib.contextmanager
    def _noticing(self, signed: Mapping[str, str]) -> Iterator[None]:
        """A token that was refused is not used again, however fresh it looks from here."""
        try:
            yield
        except SignInRefused:
            self._refused = SecretStr(signed["Authorization"].removeprefix("Bearer "))
            raise


async def _asked(call: Awaitable[T]) -> T:
    failure: Exception
    try:
        return await call
    except Exception as error:  # noqa: BLE001 - raised below
        failure = _lost(error)
    raise failure  # outside: even an error behind it that is not shown would hold the request, and so the token


def _lost(error: Exception) -> Exception:
    """What a failed call means; texts of the server and of libraries stay out of it."""
    import httpx
    from storage3.exceptions import StorageApiError

    match error:
        case StorageApiError() if str(error.status).isdecimal():
            return refusal(int(error.status), {}, f"{error.code} {error.message}")
        case StorageApiError() | ValueError():
            return StoreUnreachable(NONSENSE)
        case httpx.TimeoutException():
            return StoreUnreachable("The file store does not answer.")
        case httpx.ConnectError():
            return StoreUnreachable("The file store cannot be reached.")
        case httpx.HTTPError() | httpx.StreamError():
            return StoreUnreachable("The connection to the file store broke.")
    return error


class SignInRefused(StoreUnreachable):
    """The token was not taken; another one may be."""


class NotPermitted(StoreRefused):
    """A policy of the project is against it."""


_REFUSALS: dict[int, tuple[type[StoreError], str]] = {
    401: (SignInRefused, "The file store does not accept the sign-in at the moment."),
    403: (NotPermitted, "You may not do this with the file."),
    404: (ContentGone, "The content of this file is not there."),
    413: (StoreRefused, "The file is larger than the project takes."),
    415: (StoreRefused, "The project does not take files of this type."),
    422: (StoreRefused, "The project does not take files of this type."),
    429: (StoreUnreachable, "The file store has too much to do."),
}
_LATER = {408, 409, 410, 412, 423, 425, 460}
_TOKEN = ("jwt", '"exp"', "claim timestamp", "signature verification")
"""Words that tell a refused token, which comes as 400 and 403 too, from a refusing policy."""


def refusal(status: int, headers: Mapping[str, str], text: str) -> StoreError:
    """What an answer means. Storage answers 400 to much, and then its body has the real status."""
    said = text[:2000].lower().replace("\\", "")
    if status == 400:
        status = _status_in(text) or (403 if "row-level security" in said else 400)
    if status in {400, 403} and any(word in said for word in _TOKEN):
        status = 401
    if status in _LATER or status >= 500:
        known: tuple[type[StoreError], str] = (StoreUnreachable, "The file store cannot do it at the moment.")
    else:
        known = _REFUSALS.get(status, (StoreRefused, f"The file store refused this (status {status})."))
    kind, sentence = known
    if issubclass(kind, StoreUnreachable):
        return kind(sentence, after=_wait(headers.get("Retry-After", "")))
    return kind(sentence)


async def _expect(answer: httpx.Response, ok: Sequence[int]) -> None:
    if answer.status_code not in ok:
        await answer.aread()
        raise refusal(answer.status_code, answer.headers, answer.text)


def _status_in(text: str) -> int | None:
    with contextlib.suppress(ValueError, KeyError, TypeError):
        return int(json.loads(text)["statusCode"])
    return None


def _wait(text: str) -> float | None:
    try:
        return min(max(float(text), 0.0), _LONGEST_WAIT)
    except ValueError:
        return None


def object_path(path: str) -> str:
    """Where a record's path is found below the base address."""
    return f"object/authenticated/{BUCKET}/{quote(path, safe='/')}"
