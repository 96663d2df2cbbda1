"""`/rest/v1/rpc/...` as PostgREST serves it, statement by statement, logged in as `authenticator`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import asyncpg
from aiohttp import web

from tests.hosted.tokens import LEEWAY, TokenRefused

if TYPE_CHECKING:
    from tests.hosted.project import HostedProject

_SIGNATURES = """
select p.proargnames[1:p.pronargs] as names, p.pronargdefaults as defaults, p.proretset as many,
       p.prorettype = 'void'::regtype as nothing,
       array(select format_type(a, null) from unnest(p.proargtypes) a) as types
from pg_catalog.pg_proc p
where p.pronamespace = 'public'::regnamespace and p.proname = $1
"""
_BEGIN = """
select set_config('search_path', '"public", "extensions"', true), set_config('role', $1, true),
       set_config('request.jwt.claims', $2, true), set_config('request.method', $3, true),
       set_config('request.path', $4, true)
"""
_STATUS = {"22": 400, "23": 400, "25": 500, "28": 403, "40": 500, "53": 503, "54": 500, "57": 500, "P0": 400}


def routes(project: HostedProject) -> list[web.RouteDef]:
    """The part of the server that PostgREST is."""
    return [web.post("/rest/v1/rpc/{function}", Rpc(project).call)]


class Rpc:
    """Functions of the schema "public", called with named arguments in the body."""

    def __init__(self, project: HostedProject) -> None:
        self._project = project

    async def call(self, request: web.Request) -> web.Response:
        try:
            role, claims = who(self._project, request)
        except TokenRefused as refused:
            return unauthorized(refused)
        try:
            arguments = json.loads(await request.text() or "{}")
        except ValueError:
            return _problem(400, "PGRST102", "Empty or invalid json")
        async with self._project.authenticator.acquire() as connection:
            try:
                return await self._run(connection, request, role, claims, arguments)
            except asyncpg.PostgresError as error:
                return _refusal(error, role)

    async def _run(
        self,
        connection: asyncpg.Connection,
        request: web.Request,
        role: str,
        claims: dict[str, Any],
        arguments: dict[str, Any],
    ) -> web.Response:
        name = request.match_info["function"]
        found = [
            row
            for row in await connection.fetch(_SIGNATURES, name)
            if set(arguments) <= set(row["names"] or []) and len(row["names"] or []) - len(arguments) <= row["defaults"]
        ]
        if len(found) != 1:
            listed = ", ".join(sorted(arguments))
            return _problem(
                404,
                "PGRST202",
                f"Could not find the function public.{name}({listed}) in the schema cache",
                f"Searched for the function public.{name} with parameters {listed} or with a single unnamed json/jsonb "
                "parameter, but no matches were found in the schema cache.",
            )
        (function,) = found
        types = dict(zip(function["names"] or [], function["types"], strict=True))
        columns = ", ".join(f'"{each}" {types[each]}' for each in arguments)
        named = ", ".join(f'"{each}" := a."{each}"' for each in arguments)
        source = (
            f"from json_to_record($1) as a({columns}), lateral " if arguments else "from (select $1::json) a, lateral "
        )
        shape = "c" if function["nothing"] else "to_json(c)"
        sql = f'select {shape} {source}public."{name}"({named}) as c'
        async with connection.transaction():
            await connection.fetch(_BEGIN, role, json.dumps(claims), request.method, request.path)
            rows = [row[0] for row in await connection.fetch(sql, json.dumps(arguments))]
        if function["nothing"]:
            return web.Response(status=204)
        text = f"[{','.join(rows)}]" if function["many"] else (rows[0] if rows and rows[0] is not None else "null")
        return web.json_response(text=await self._project.told(text))


def who(project: HostedProject, request: web.Request) -> tuple[str, dict[str, Any]]:
    """Role and claims of a request, verified. Raises TokenRefused."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token or token == project.publishable_key:
        return "anon", {"role": "anon"}
    if token == project.secret_key:
        return "service_role", {"role": "service_role"}
    claims = project.signer.verify(token, skew=project.skew, leeway=LEEWAY)
    # The database's clock is this machine's, whatever the client is told.
    return str(claims.get("role", "anon")), claims | {"exp": claims["exp"] - round(project.skew)}


def unauthorized(refused: TokenRefused) -> web.Response:
    """401 as PostgREST answers it."""
    answer = _problem(401, "PGRST303" if refused.expired else "PGRST301", str(refused))
    answer.headers["WWW-Authenticate"] = f'Bearer error="invalid_token", error_description="{refused}"'
    return answer


def _refusal(error: asyncpg.PostgresError, role: str) -> web.Response:
    code = error.sqlstate or "XX000"
    if code == "42501":
        status = 401 if role == "anon" else 403
    elif code in {"23503", "23505"}:
        status = 409
    elif code in {"42883", "42P01"}:
        status = 404
    else:
        status = _STATUS.get(code[:2], 400 if code.startswith("42") else 500)
    return _problem(status, code, str(error), getattr(error, "detail", None), getattr(error, "hint", None))


def _problem(status: int, code: str, message: str, details: str | None = None, hint: str | None = None) -> web.Response:
    body = {"code": code, "details": details, "hint": hint, "message": message}
    return web.json_response(body, status=status)
