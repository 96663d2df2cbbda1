"""How the Auth server says no: a code that programs read, in the shape of the API version that was asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

VERSION = "X-Supabase-Api-Version"


class Refused(Exception):
    """`status`, `code` and a message as GoTrue words them; `more` goes into the body."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.more = more


def answered(way: Callable[[web.Request], Awaitable[Any]]) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A handler from a function that returns a body, a response, or raises Refused."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            found = await way(request)
        except Refused as refused:
            return _shaped(request, refused)
        except ValueError:
            return _shaped(request, Refused(400, "bad_json", "Could not parse request body as JSON"))
        return found if isinstance(found, web.StreamResponse) else web.json_response(found)

    return handle


def _shaped(request: web.Request, refused: Refused) -> web.Response:
    if request.headers.get(VERSION, "") >= "2024-01-01":
        body = {"code": refused.code, "message": str(refused), **refused.more}
        return web.json_response(body, status=refused.status, headers={VERSION: "2024-01-01"})
    body = {"code": refused.status, "error_code": refused.code, "msg": str(refused), **refused.more}
    return web.json_response(body, status=refused.status)
