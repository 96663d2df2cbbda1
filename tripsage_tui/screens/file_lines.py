"""Files and uploads as lines of a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tripsage_tui.attachments.uploads import Upload, UploadState
from tripsage_tui.models.attachments import Attachment, ScanStatus, Subject, UploadStatus
from tripsage_tui.models.file_types import by_mime
from tripsage_tui.models.sizes import size_text
from tripsage_tui.models.when import format_date
from tripsage_tui.widgets.agenda_list import AgendaLine

_BAR = 5
_STATES = {
    UploadState.WAITING: "○ waiting",
    UploadState.SCANNING: "◌ scanning",
    UploadState.FAILED: "✕ failed",
    UploadState.CANCELLED: "✕ cancelled",
    UploadState.STOPPED: "○ waiting",
}
_SCANS = {
    ScanStatus.PENDING: "○ unscanned",
    ScanStatus.CLEAN: "● clean",
    ScanStatus.INFECTED: "✕ INFECTED",
    ScanStatus.FAILED: "! unscanned",
}


@dataclass(frozen=True)
class Section:
    """What files can belong to, and how it is called."""

    subject: Subject
    title: str
    always: bool = False
    """Shown also while nothing belongs to it."""


def file_lines(
    sections: Sequence[Section], files: Sequence[Attachment], uploads: Mapping[UUID, Upload], today: date
) -> list[AgendaLine]:
    """Each section that has files, with them; what stands in the way of one is said below it."""
    by_subject: dict[Subject, list[Attachment]] = {}
    for file in files:
        by_subject.setdefault(file.subject, []).append(file)
    lines: list[AgendaLine] = []
    for section in sections:
        found = by_subject.get(section.subject, [])
        if not found and not section.always:
            continue
        key = None if found else section.subject
        facts = "" if found else "no files yet"
        lines.append(AgendaLine("day", section.title, key=key, section=section.subject, detail=facts))
        for file in found:
            lines += _file(file, uploads.get(file.id), today)
    return lines


def _file(file: Attachment, upload: Upload | None, today: date) -> list[AgendaLine]:
    kind = by_mime(file.mime_type)
    line = AgendaLine(
        "muted" if file.upload_status is UploadStatus.FAILED else "entry",
        file.filename,
        key=file.id,
        section=file.subject,
        time=format_date(file.created_at.astimezone().date(), today),
        sign="▤",
        kind=kind.name if kind else "file",
        state=state_text(file, upload),
        price=size_text(file.file_size),
    )
    why = trouble(file, upload)
    return [line, AgendaLine("note", why, section=file.subject)] if why else [line]


def state_text(file: Attachment, upload: Upload | None) -> str:
    """At most eleven cells: how far it is, and whether it may be opened."""
    if upload is not None and upload.state is not UploadState.DONE:
        if upload.state is UploadState.SENDING:
            full = round(upload.part * _BAR)
            return f"{'█' * full}{'░' * (_BAR - full)} {upload.part:4.0%}"
        return _STATES[upload.state]
    if file.upload_status is UploadStatus.UPLOADING:
        return "○ elsewhere"
    if file.upload_status is UploadStatus.FAILED:
        return _STATES[UploadState.FAILED]
    return _SCANS[file.scan]


def trouble(file: Attachment, upload: Upload | None) -> str:
    """What stands in the way, as a sentence; empty when nothing does."""
    if upload is not None and not upload.state.over:
        return upload.trouble
    if file.upload_status is UploadStatus.UPLOADING:
        return "It is being sent by another program of its owner's."
    return file.objection or ""
