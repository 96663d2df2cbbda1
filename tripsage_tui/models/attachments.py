"""Files on trips, bookings and messages: what is known about one, and where it belongs."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from tripsage_tui.models.expenses import BookingKind
from tripsage_tui.models.trips import Record

BUCKET = "attachments"
SIZE_LIMIT = 52_428_800
"""Bytes of one file: what the bucket takes."""


class UploadStatus(StrEnum):
    """How far the bytes came; the values are the database's."""

    UPLOADING = "uploading"
    COMPLETED = "completed"
    FAILED = "failed"


class ScanStatus(StrEnum):
    """What the virus scanner said; the values are the database's."""

    PENDING = "pending"
    CLEAN = "clean"
    INFECTED = "infected"
    FAILED = "failed"

    @property
    def label(self) -> str:
        """A word for lists."""
        return {
            ScanStatus.PENDING: "not scanned",
            ScanStatus.CLEAN: "clean",
            ScanStatus.INFECTED: "INFECTED",
            ScanStatus.FAILED: "scan failed",
        }[self]


class Subject(Record):
    """What a file belongs to: a trip, a booking of that trip, a message of a conversation, or nothing."""

    trip_id: int | None = None
    booking_kind: BookingKind | None = None
    booking_id: int | None = None
    message_id: int | None = None

    @classmethod
    def trip(cls, trip_id: int) -> Self:
        return cls(trip_id=trip_id)

    @classmethod
    def booking(cls, trip_id: int, kind: BookingKind | str, booking_id: int) -> Self:
        return cls(trip_id=trip_id, booking_kind=BookingKind(kind), booking_id=booking_id)

    @classmethod
    def message(cls, message_id: int) -> Self:
        """Only the owner of the conversation sees these."""
        return cls(message_id=message_id)


class Attachment(Record):
    """One file as stored. `filename` is safe for any file system; `original_filename` is what its owner called it."""

    id: UUID
    user_id: UUID
    trip_id: int | None
    chat_message_id: int | None
    booking_kind: BookingKind | None
    booking_id: int | None
    filename: str
    original_filename: str
    file_size: int
    mime_type: str
    file_path: str
    checksum: str | None
    """SHA-256 of the content in hexadecimal; None for files that another program has attached."""
    upload_status: UploadStatus
    virus_scan_status: ScanStatus | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    threat: str | None
    """What the scanner found, or why it failed."""
    reason: str | None
    """Why the upload failed, in a sentence."""

    @property
    def scan(self) -> ScanStatus:
        return self.virus_scan_status or ScanStatus.PENDING

    @property
    def subject(self) -> Subject:
        return Subject(
            trip_id=self.trip_id,
            booking_kind=self.booking_kind,
            booking_id=self.booking_id,
            message_id=self.chat_message_id,
        )

    @property
    def objection(self) -> str | None:
        """Why it cannot be opened or saved now, as a sentence; None when it can."""
        if self.scan is ScanStatus.INFECTED:
            what = f" ({self.threat})" if self.threat else ""
            return f"{self.filename} is infected{what}: it is neither opened nor saved."
        if self.upload_status is UploadStatus.UPLOADING:
            return f"{self.filename} has not arrived completely yet."
        if self.upload_status is UploadStatus.FAILED:
            return f"{self.filename} never arrived: {self.reason or 'its upload failed.'}"
        return None
