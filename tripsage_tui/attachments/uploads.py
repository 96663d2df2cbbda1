"""An upload as screens see it: how far it is, what stands in its way, how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum

from tripsage_tui.attachments.errors import AttachmentError
from tripsage_tui.models.attachments import Attachment


class UploadState(StrEnum):
    WAITING = "waiting"
    """For its turn, or for the connection: `trouble` says why."""
    SCANNING = "scanning"
    SENDING = "sending"
    DONE = "done"
    FAILED = "failed"
    """`trouble` says why; the record says so too."""
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    """The program ends; the next start goes on."""

    @property
    def over(self) -> bool:
        return self in {UploadState.DONE, UploadState.FAILED, UploadState.CANCELLED, UploadState.STOPPED}


class Upload:
    """One file on its way. `sent` and `size` are bytes."""

    def __init__(self, attachment: Attachment, cancel: Callable[[Upload], None]) -> None:
        self.attachment = attachment
        self.sent = 0
        self.size = attachment.file_size
        self.state = UploadState.WAITING
        self.trouble = ""
        self._cancel = cancel
        self._over = asyncio.Event()
        self._listeners: list[Callable[[Upload], None]] = []

    @property
    def part(self) -> float:
        """How much has arrived, 0 to 1."""
        return min(1.0, self.sent / self.size) if self.size else 0.0

    def cancel(self) -> None:
        """Stop it and take the record away again; harmless when it is over."""
        if not self.state.over:
            self._cancel(self)

    async def done(self) -> Attachment:
        """Wait for its end. Raises AttachmentError when it failed, was cancelled or stopped with the program."""
        await self._over.wait()
        if self.state is UploadState.DONE:
            return self.attachment
        raise AttachmentError(self.trouble or f"{self.attachment.filename} was not attached.")

    def on_change(self, listener: Callable[[Upload], None]) -> Callable[[], None]:
        """Call `listener` with this upload whenever something of it changes; returns a function that ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def arrived(self, sent: int) -> None:
        """So many bytes are there."""
        if sent != self.sent or self.state is UploadState.WAITING:
            self.sent = sent
            self.change(UploadState.SENDING)

    def change(self, state: UploadState, trouble: str = "", attachment: Attachment | None = None) -> None:
        """A new state, or a new reason for it."""
        if self.state.over:
            return
        self.state = state
        self.trouble = trouble
        self.attachment = attachment or self.attachment
        if state is UploadState.DONE:
            self.sent = self.size
        if state.over:
            self._over.set()
        for listener in tuple(self._listeners):
            listener(self)
