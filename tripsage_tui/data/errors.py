"""What can go wrong between the program and its database, each as one plain sentence for the user.

No error carries a ticket, a password, SQL or a query argument, neither in its text nor in its attributes.
"""

from __future__ import annotations


class DataError(Exception):
    """Any failure of the data layer; `str(error)` is one sentence that can be shown as it is."""

    sentence = "The database could not do this."

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or self.sentence)


class Unavailable(DataError):
    """The database cannot be reached or cannot work now; nothing was changed.

    `retry_in` is the number of seconds until the program itself tries again, None when it tries at once.
    """

    sentence = "The database cannot be reached."

    def __init__(self, sentence: str | None = None, *, retry_in: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_in = retry_in


class NotAuthorized(DataError):
    """Nobody is signed in: no ticket, an expired one that cannot be renewed, or a refused login."""

    sentence = "You are no longer signed in. Sign in again."


class Forbidden(DataError):
    """The signed-in user may not do this: row level security or a missing grant refused."""

    sentence = "You may not do this."


class NotFound(DataError):
    """The row does not exist, or the signed-in user may not see it: the two look the same on purpose."""

    sentence = "This is no longer there."


class StaleRow(DataError):
    """Someone else was faster; `current` is the row as it is now, None when it was deleted."""

    sentence = "Someone else changed this in the meantime."

    def __init__(self, current: object | None = None, sentence: str | None = None) -> None:
        super().__init__(sentence)
        self.current = current


class InvalidValue(DataError):
    """The database refuses a value; `field` is the column where known, `sentence` says what is wrong with it."""

    def __init__(self, field: str | None, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


class RateLimited(DataError):
    """Too many requests of one user; `retry_in` seconds from now the next one is let through."""

    sentence = "Too many requests at once. Wait a moment."

    def __init__(self, retry_in: float, sentence: str | None = None) -> None:
        super().__init__(sentence)
        self.retry_in = retry_in


class OutcomeUnknown(DataError):
    """The connection broke after a change was sent and before the answer came: it may or may not have happened."""

    sentence = (
        "The connection broke while saving. The change may or may not have been saved: look before you repeat it."
    )


class SchemaOutdated(DataError):
    """A table, column or function that the program needs is not in the database."""

    sentence = "The database's schema does not fit this version of the program. Run `tripsage-tui db migrate`."
