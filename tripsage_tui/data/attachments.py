"""Files on trips, bookings and messages: their records. The bytes are the stores' business."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tripsage_tui.data.database import Database
from tripsage_tui.data.errors import Forbidden, NotFound
from tripsage_tui.data.rows import Shape, decode
from tripsage_tui.models.attachments import BUCKET, Attachment, ScanStatus, Subject

_SHAPE = Shape(Attachment, computed=("threat", "reason"))
_ROW = f"""
row_to_json(x)::text from (
  select {_SHAPE.json_columns("f")},
         coalesce(f.virus_scan_result ->> 'threat', f.virus_scan_result ->> 'error') as threat,
         f.metadata ->> 'reason' as reason
  from {{source}} f {{rest}}
) x
"""


def _rows(rest: str) -> str:
    return f"select {_ROW.format(source='public.file_attachments', rest=rest)}"


def _written(statement: str) -> str:
    return f"with f as ({statement} returning *) select {_ROW.format(source='f', rest='')}"


_SHOWN = "f.deleted_at is null"
_ORDER = "order by f.created_at, f.id"
_BY_TRIP = _rows(f"where f.trip_id = $1 and {_SHOWN} {_ORDER}")
_BY_BOOKING = _rows(f"where f.trip_id = $1 and f.booking_kind = $2 and f.booking_id = $3 and {_SHOWN} {_ORDER}")
_BY_MESSAGE = _rows(f"where f.chat_message_id = $1 and {_SHOWN} {_ORDER}")
_BY_SESSION = _rows(
    "where f.chat_message_id in (select m.id from public.chat_messages m where m.session_id = $1) "
    f"and {_SHOWN} {_ORDER}"
)
_LOOSE = _rows(
    "where f.user_id = private.current_user_id() and f.trip_id is null and f.chat_message_id is null "
    f"and {_SHOWN} {_ORDER}"
)
_ALL = _rows(f"where {_SHOWN} order by f.created_at desc, f.id limit 1000")
_GET = _rows("where f.id = $1")
_UNSCANNED = _rows(
    "where f.user_id = private.current_user_id() and f.upload_status = 'completed' "
    f"and coalesce(f.virus_scan_status, 'pending') in ('pending', 'failed') and {_SHOWN} {_ORDER} limit $1"
)

_ADD = f"""
with f as (
  insert into public.file_attachments (id, user_id, trip_id, chat_message_id, booking_kind, booking_id, filename,
    original_filename, file_size, mime_type, file_path, checksum)
  values ($1, private.current_user_id(), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
  on conflict (id) do nothing
  returning *
)
select {_ROW.format(source="f", rest="")}
"""
_COMPLETE = _written(
    "update public.file_attachments set upload_status = 'completed', metadata = coalesce(metadata, '{}') - 'reason' "
    "where id = $1"
)
_FAIL = _written(
    "update public.file_attachments set upload_status = 'failed', "
    "metadata = coalesce(metadata, '{}') || jsonb_build_object('reason', $2::text) "
    "where id = $1 and upload_status = 'uploading'"
)
# Uploads that nobody goes on with: this program has no note of them, and no other has renewed them for an hour.
_ABANDON = """
update public.file_attachments
set upload_status = 'failed', metadata = coalesce(metadata, '{}') || jsonb_build_object('reason', $2::text)
where user_id = private.current_user_id() and upload_status = 'uploading' and id <> all ($1::uuid[])
  and coalesce(upload_until, created_at) < statement_timestamp() - interval '1 hour'
returning id
"""
_SCANNED = _written(
    "update public.file_attachments set virus_scan_status = $2, virus_scan_result = $3::jsonb where id = $1"
)
_DELETE = _written("update public.file_attachments set deleted_at = coalesce(deleted_at, now()) where id = $1")
_RESTORE = _written("update public.file_attachments set deleted_at = null where id = $1")
_LINK = _written("update public.file_attachments set booking_kind = $2, booking_id = $3 where id = $1")
_REMOVE = "delete from public.file_attachments where id = $1 returning id"
_PURGE = """
delete from public.file_attachments where deleted_at < statement_timestamp() - make_interval(secs => $1) returning id
"""


class AttachmentRepository:
    """The table `file_attachments` and the functions around it. One round trip each; raises errors of `data.errors`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, subject: Subject) -> list[Attachment]:
        """What belongs to a trip (its bookings included), a booking, a message, or to nothing; oldest first."""
        if subject.message_id is not None:
            return await self._list(_BY_MESSAGE, subject.message_id)
        if subject.booking_id is not None and subject.booking_kind is not None:
            return await self._list(_BY_BOOKING, subject.trip_id, subject.booking_kind.value, subject.booking_id)
        if subject.trip_id is not None:
            return await self._list(_BY_TRIP, subject.trip_id)
        return await self._list(_LOOSE)

    async def of_session(self, session_id: UUID) -> list[Attachment]:
        """The files of all messages of a conversation."""
        return await self._list(_BY_SESSION, session_id)

    async def all(self) -> list[Attachment]:
        """Everything that the user sees, newest first, at most 1,000."""
        return await self._list(_ALL)

    async def get(self, attachment_id: UUID) -> Attachment:
        """One, also from the trash. Raises NotFound."""
        text = await self._database.fetchval(_GET, attachment_id, name="attachments.get")
        if text is None:
            raise NotFound("This file is no longer there.")
        return _read(text)

    async def add(self, attachment_id: UUID, subject: Subject, facts: Mapping[str, object]) -> Attachment:
        """The record of an upload that begins; the same id again returns what is there.

        `facts` are filename, original_filename, file_size, mime_type, file_path and checksum.
        """
        try:
            text = await self._add(attachment_id, subject, facts)
        except Forbidden:
            what = "There is no such booking in this trip, or you" if subject.booking_id is not None else "You"
            raise Forbidden(f"{what} may not attach files here.") from None
        return await self.get(attachment_id) if text is None else _read(text)

    async def _add(self, attachment_id: UUID, subject: Subject, facts: Mapping[str, object]) -> str | None:
        text: str | None = await self._database.fetchval(
            _ADD,
            *(attachment_id, subject.trip_id, subject.message_id),
            *(subject.booking_kind.value if subject.booking_kind else None, subject.booking_id),
            *(facts["filename"], facts["original_filename"], facts["file_size"], facts["mime_type"]),
            *(facts["file_path"], facts["checksum"]),
            name="attachments.add",
            write=True,
            idempotent=True,
        )
        return text

    async def renew(self, attachment_id: UUID) -> datetime | None:
        """Keep the upload going for 15 minutes; until when. None: it is complete, gone, or not the user's to write."""
        until: datetime | None = await self._database.fetchval(
            "select private.renew_upload($1)", attachment_id, name="attachments.renew", write=True, idempotent=True
        )
        return until

    async def complete(self, attachment_id: UUID) -> Attachment:
        """All bytes are there."""
        return await self._write(_COMPLETE, attachment_id, name="complete")

    async def fail(self, attachment_id: UUID, reason: str) -> None:
        """The bytes will not come; harmless for one that is complete or gone."""
        await self._database.fetchval(
            _FAIL, attachment_id, reason, name="attachments.fail", write=True, idempotent=True
        )

    async def abandon(self, known: Sequence[UUID], reason: str) -> int:
        """Mark own uploads as failed that are not `known` here and that no other program goes on with; how many."""
        rows = await self._database.fetch(
            _ABANDON, list(known), reason, name="attachments.abandon", write=True, idempotent=True
        )
        return len(rows)

    async def unscanned(self, limit: int = 20) -> list[Attachment]:
        """Own complete files about which no scanner has said anything yet."""
        return await self._list(_UNSCANNED, limit)

    async def scanned(self, attachment_id: UUID, status: ScanStatus, result: Mapping[str, Any]) -> Attachment:
        """Keep what the scanner said. Raises Forbidden for who may only look."""
        return await self._write(_SCANNED, attachment_id, status.value, json.dumps(result), name="scanned")

    async def link(self, attachment_id: UUID, subject: Subject) -> Attachment:
        """Let it belong to another booking of its trip, or to the trip alone."""
        kind = subject.booking_kind.value if subject.booking_kind else None
        return await self._write(_LINK, attachment_id, kind, subject.booking_id, name="link")

    async def delete(self, attachment_id: UUID) -> Attachment:
        """Put it into the trash. Raises Forbidden, NotFound."""
        return await self._write(_DELETE, attachment_id, name="delete")

    async def restore(self, attachment_id: UUID) -> Attachment:
        """Take it out of the trash. Raises Forbidden, NotFound once it was purged."""
        return await self._write(_RESTORE, attachment_id, name="restore")

    async def remove(self, attachment_id: UUID) -> bool:
        """Remove the record for good; its bytes become orphans. Whether it was there."""
        return bool(
            await self._database.fetchval(
                _REMOVE, attachment_id, name="attachments.remove", write=True, idempotent=True
            )
        )

    async def purge(self, older_than: float) -> int:
        """Remove the records that have been in the trash for so many seconds; how many."""
        rows = await self._database.fetch(_PURGE, older_than, name="attachments.purge", write=True, idempotent=True)
        return len(rows)

    async def orphans(self) -> list[str]:
        """Paths of bytes whose record is gone and that are the user's to remove, at most 100."""
        sql = "select p from private.orphaned_paths($1) as p"
        return [row["p"] for row in await self._database.fetch(sql, BUCKET, name="attachments.orphans")]

    async def forget_orphans(self, paths: Sequence[str]) -> None:
        """Those bytes have been removed."""
        sql = "select private.forget_orphans($1, $2)"
        await self._database.execute(sql, BUCKET, list(paths), name="attachments.forget_orphans", idempotent=True)

    async def _list(self, sql: str, *arguments: object) -> list[Attachment]:
        rows = await self._database.fetch(sql, *arguments, name="attachments.list")
        return [_read(row[0]) for row in rows]

    async def _write(self, sql: str, attachment_id: UUID, *arguments: object, name: str) -> Attachment:
        text = await self._database.fetchval(
            sql, attachment_id, *arguments, name=f"attachments.{name}", write=True, idempotent=True
        )
        if text is None:
            await self.get(attachment_id)  # raises NotFound where it is not to be seen
            raise Forbidden
        return _read(text)


def _read(text: str) -> Attachment:
    row = decode(text)
    return _SHAPE.from_json(row, threat=row["threat"], reason=row["reason"])
