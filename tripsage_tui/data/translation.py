"""From PostgreSQL's and asyncpg's exceptions to ours: which kind it is, and one sentence without any secret.

SQLSTATE classes: https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from __future__ import annotations

import ssl

import asyncpg

from tripsage_tui.data.constraints import CONSTRAINTS, NOT_NULL, UNIQUE
from tripsage_tui.data.errors import (
    DataError,
    Forbidden,
    InvalidValue,
    NotAuthorized,
    NotFound,
    OutcomeUnknown,
    SchemaOutdated,
    Unavailable,
)


class ConnectionLost(Unavailable):
    """The connection broke under a statement: whether it ran is unknown. Repositories never see this class."""

    sentence = "The connection to the database broke."


class Unreachable(Unavailable):
    """There was no connection to send the statement on, or the server said that it did not run it."""


class Silence(Unreachable):
    """Nobody answered within the time limit for connecting."""

    sentence = "The database does not answer."


class Contention(Unavailable):
    """The server rolled the transaction back because of others; repeating the whole of it is safe."""

    sentence = "Others are changing the same data right now. Try again."


class LoginRefused(NotAuthorized):
    """The server refuses the login role or its password; no ticket helps."""

    sentence = "The database refused the program's login."


# Not connection trouble, so the breaker ignores them: the server is there and says no for now.
_BUSY = {
    "53100": "The database server's disk is full. Nothing was saved.",
    "53200": "The database server is out of memory. Try again.",
    "53400": "The database server's limits are reached. Try again.",
    "55P03": "Someone else is changing this right now. Try again.",
    "57014": "The database took too long and the request was stopped.",
    "25006": "The database is read-only at the moment.",
    "25P02": "An earlier step failed, so nothing of this was saved.",
    "25P03": "The database gave up waiting for the program.",
}
_UNREACHABLE = {
    "53300": "The database has no free connection.",
    "57P01": "The database server is shutting down.",
    "57P03": "The database server is starting up.",
    "57P04": "The database was removed.",
    "57P05": "The database closed an idle connection.",
    "3D000": "There is no such database on the server.",
}
_OUTDATED = {"42P01", "42703", "42883", "3F000", "42704"}
_TOO_LONG = {"22001", "54000"}
_SENTENCES = {
    "22P02": "This value cannot be understood.",
    "22003": "This number is too large.",
    "22007": "This date or time cannot be understood.",
    "22008": "This date or time is out of range.",
    "22021": "This text contains characters that cannot be stored.",
    "22P05": "This text contains characters that cannot be stored.",
}


def is_connection_trouble(error: BaseException) -> bool:
    """Whether the database could not be reached, as opposed to: it answered, if only with a refusal."""
    return isinstance(error, ConnectionLost | Unreachable | OutcomeUnknown)


def login_refused(error: BaseException) -> bool:
    """Whether this says that login or password are wrong: class 28, or these words, where pgbouncer says so."""
    if not isinstance(error, asyncpg.PostgresError):
        return False
    return (error.sqlstate or "").startswith("28") or "authentication failed" in str(error)


def connecting_failed(error: BaseException) -> DataError:
    """Translate a failure to open a connection: nothing was sent."""
    if isinstance(error, DataError):
        return error
    if isinstance(error, ssl.SSLError):
        return Unreachable("The database server could not prove who it is (TLS certificate).")
    if isinstance(error, TimeoutError):
        return Silence()
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        if login_refused(error):
            return LoginRefused()
        if state in _UNREACHABLE:
            return Unreachable(_UNREACHABLE[state])
    return Unreachable()


def statement_failed(error: BaseException | None) -> DataError:
    """Translate a failure of a statement on an open connection."""
    if isinstance(error, DataError):
        return error
    if isinstance(error, asyncpg.PostgresError):
        return _from_server(error)
    if isinstance(error, asyncpg.DataError | OverflowError | UnicodeEncodeError):
        return InvalidValue(None, "One of the values cannot be stored.")
    return _lost(error)


def _lost(error: BaseException | None) -> DataError:
    if isinstance(error, TimeoutError):
        return ConnectionLost(Silence.sentence)
    if isinstance(error, asyncpg.InternalClientError) and str(error).startswith("cannot switch to state"):
        return Unreachable(ConnectionLost.sentence)  # it refused to send
    if isinstance(error, OSError | asyncpg.InterfaceError | asyncpg.InternalClientError):
        return ConnectionLost()
    return DataError()


def _from_server(error: asyncpg.PostgresError) -> DataError:
    state = error.sqlstate or ""
    if state in _UNREACHABLE:
        return Unreachable(_UNREACHABLE[state])
    if state in {"40001", "40P01"}:
        return Contention()
    if state in _BUSY:
        return Unavailable(_BUSY[state])
    if state in _OUTDATED:
        return SchemaOutdated()
    return _refusal(state, error)


def _refusal(state: str, error: asyncpg.PostgresError) -> DataError:
    if state == "42501":
        return Forbidden()
    if state.startswith("08") or state in {"", "57P02"}:
        return ConnectionLost()
    if state.startswith("28"):
        return LoginRefused()
    if state == "23503":
        return NotFound("What this belongs to is no longer there.")
    if state.startswith(("22", "23", "54")):
        return _invalid(state, error)
    return DataError()


def _invalid(state: str, error: asyncpg.PostgresError) -> InvalidValue:
    constraint = error.constraint_name or ""
    if constraint in CONSTRAINTS:
        return InvalidValue(*CONSTRAINTS[constraint])
    column = error.column_name or None
    if state == "23502":
        return InvalidValue(column, NOT_NULL)
    if state == "23505":
        return InvalidValue(column, UNIQUE)
    if state in _TOO_LONG:
        return InvalidValue(column, "This text is too long.")
    return InvalidValue(column, _SENTENCES.get(state, "The database does not accept this value."))
