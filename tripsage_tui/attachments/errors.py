"""What can go wrong with files, each as one sentence for the user. None carries a token."""

from __future__ import annotations


class AttachmentError(Exception):
    """Something about a file that the user has to know; `str()` is one sentence."""


class Infected(AttachmentError):
    """The virus scanner found something."""


class StoreError(AttachmentError):
    """Bytes could not be stored, fetched or removed."""

    retry = False
    """Whether the same may work later without anybody doing anything."""


class StoreUnreachable(StoreError):
    """No connection, no answer, too many requests, no valid sign-in at the moment: try again."""

    retry = True

    def __init__(self, sentence: str, *, after: float | None = None) -> None:
        super().__init__(sentence)
        self.after = after
        """Seconds that the server asked to wait."""


class StoreRefused(StoreError):
    """The store will not do this, however often it is asked."""


class ContentGone(StoreRefused):
    """The record is there and its bytes are not."""


class SourceChanged(StoreRefused):
    """The file on this computer is not what it was when it was attached."""
