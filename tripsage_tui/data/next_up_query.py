"""The one query for what comes next, as text, and a way to ask it that loads nothing but a socket.

`ask_at_once` speaks just enough of PostgreSQL's protocol (version 3, a simple query over the socket of the embedded
server) for a shell prompt: importing asyncio and asyncpg takes ten times as long as the answer. It logs in as the owner
of the cluster, which the socket's folder proves, and acts as `authenticated` with the claims of the profile: the same
rules as for anybody. Whatever is unusual is left to the ordinary way.
Source: PostgreSQL documentation, "Frontend/Backend Protocol", message formats.
"""

from __future__ import annotations

import _socket

_LOCAL = "to_char({0}, 'FMDy FMDD Mon YYYY')"
_COLUMNS = f"""
select class, trip_id::text, trip_name, kind, id::text, moment, title, detail,
       floor(extract(epoch from at))::bigint::text,
       zone, day::text, {_LOCAL.format("day")}, to_char(here, 'HH24:MI'), in_days::text,
       floor(extract(epoch from ends))::bigint::text, ends_zone,
       {_LOCAL.format("coalesce(ends_here::date, ends_day)")}, to_char(ends_here, 'HH24:MI')
"""
BETWEEN = f"{_COLUMNS} from private.coming_up($1, $2, $3, $4)"
_NOW = f"{_COLUMNS} from private.coming_up(now(), 'infinity', null, 3)"
_PROTOCOL = 196_608
_PATIENCE = 2.0
"""Seconds."""


class NoAnswer(Exception):
    """The quick way does not lead there; the ordinary one knows what to say."""


def ask_at_once(socket_path: str, user_id: str, database: str = "postgres") -> list[list[str | None]]:
    """The rows of what comes next for a user of the embedded server. Raises NoAnswer."""
    query = _NOW.encode() + b"\0"
    try:
        connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        try:
            connection.settimeout(_PATIENCE)
            connection.connect(socket_path)
            connection.sendall(_start_up(user_id, database))
            connection.sendall(b"Q" + (len(query) + 4).to_bytes(4, "big") + query + b"X\0\0\0\4")
            answer = bytearray()
            while piece := connection.recv(65536):
                answer += piece
        finally:
            connection.close()
    except OSError as error:
        raise NoAnswer(str(error)) from error
    return _rows(bytes(answer))


def _start_up(user_id: str, database: str) -> bytes:
    settings = {
        "user": "postgres",
        "database": database,
        "application_name": "tripsage-tui",
        "client_encoding": "UTF8",
        "timezone": "UTC",
        "role": "authenticated",
        "request.jwt.claims": f'{{"sub": "{user_id}"}}',
        "jit": "off",
    }
    words = b"".join(word.encode() + b"\0" for pair in settings.items() for word in pair) + b"\0"
    return (len(words) + 8).to_bytes(4, "big") + _PROTOCOL.to_bytes(4, "big") + words


def _rows(answer: bytes) -> list[list[str | None]]:
    """The data rows of an answer that came to its end (CommandComplete)."""
    rows: list[list[str | None]] = []
    place, complete = 0, False
    while place + 5 <= len(answer):
        kind = answer[place : place + 1]
        length = int.from_bytes(answer[place + 1 : place + 5], "big")
        body = answer[place + 5 : place + 1 + length]
        place += 1 + length
        if kind == b"E":
            raise NoAnswer("the server refused")
        if kind == b"R" and body != b"\0\0\0\0":
            raise NoAnswer("the server wants a password")
        if kind == b"D":
            rows.append(_values(body))
        complete = complete or kind == b"C"
    if not complete:
        raise NoAnswer("the answer was cut off")
    return rows


def _values(body: bytes) -> list[str | None]:
    values: list[str | None] = []
    place = 2
    for _ in range(int.from_bytes(body[:2], "big")):
        length = int.from_bytes(body[place : place + 4], "big", signed=True)
        place += 4
        values.append(None if length < 0 else body[place : place + length].decode())
        place += max(length, 0)
    return values
