"""Files attached, fetched, saved, deleted and brought back; what a start does with what the last one left."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.attachments.conftest import PDF, Desk, OpenDesk
from tests.data.sample_rows import Household, share
from tests.database import Database as TestDatabase
from tripsage_tui.attachments.errors import AttachmentError
from tripsage_tui.attachments.uploads import UploadState
from tripsage_tui.data.errors import Forbidden, NotFound, Unavailable
from tripsage_tui.models.attachments import Subject, UploadStatus


def stored(home: Path) -> list[Path]:
    return [path for path in (home / "files" / "blobs").glob("*/*") if path.is_file()]


async def test_a_file_is_attached_fetched_and_saved(desk: Desk, ada: Household) -> None:
    told: list[tuple[UploadState, int]] = []
    subject = Subject.booking(desk.trip_id, "flight", ada.ids["flights"])
    upload = await desk.files.add(desk.file(), subject)
    upload.on_change(lambda each: told.append((each.state, each.sent)))
    attachment = await upload.done()
    assert (attachment.upload_status, attachment.mime_type, attachment.subject) == (
        UploadStatus.COMPLETED, "application/pdf", subject,
    )  # fmt: skip
    assert told[-1] == (UploadState.DONE, len(PDF))
    assert [each.id for each in await desk.files.of(subject)] == [attachment.id]
    assert attachment.id in {each.id for each in await desk.files.of(Subject.trip(desk.trip_id))}
    path = await desk.files.open(attachment)
    assert path.read_bytes() == PDF
    assert desk.opened == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    first, second = [await desk.files.save(attachment, desk.home) for _ in range(2)]
    assert [first.name, second.name] == ["boarding (2).pdf", "boarding (3).pdf"]
    assert second.read_bytes() == PDF


async def test_a_copy_that_was_tampered_with_is_fetched_again(desk: Desk) -> None:
    attachment = await (await desk.files.add(desk.file(), Subject.trip(desk.trip_id))).done()
    path = await desk.files.fetch(attachment)
    path.write_bytes(PDF[:-1] + b"!")
    assert (await desk.files.fetch(attachment)).read_bytes() == PDF
    (blob,) = stored(desk.home)
    blob.write_bytes(PDF[:-1] + b"!")
    path.write_bytes(b"")
    with pytest.raises(AttachmentError, match="checksum"):
        await desk.files.fetch(attachment)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.pdf", b"", "is empty"),
        ("run.sh", b"#!/bin/sh\n", "type .sh cannot be attached"),
        ("photo.pdf", b"\0\1\2\3", "does not contain what its name says"),
        ("large.pdf", b"%PDF-" + bytes(52_428_800), "at most 50 MiB"),
        ("missing.pdf", None, "There is no file"),
    ],
)
async def test_what_cannot_be_attached_is_refused_first(
    desk: Desk, name: str, content: bytes | None, sentence: str
) -> None:
    path = desk.home / name if content is None else desk.file(name, content)
    before = len(await desk.files.all())
    with pytest.raises(AttachmentError, match=sentence):
        await desk.files.add(path, Subject.trip(desk.trip_id))
    assert len(await desk.files.all()) == before
    assert not desk.files.pending


async def test_the_same_content_is_kept_once_until_the_last_of_it_goes(desk: Desk) -> None:
    uploads = [
        await desk.files.add(desk.file(name), Subject.trip(desk.trip_id)) for name in ("a.pdf", "b.pdf", "c.pdf")
    ]
    first, second, third = [await each.done() for each in uploads]
    assert len(stored(desk.home)) == 1
    for attachment in (first, second):
        await desk.records.remove(attachment.id)
    await desk.files.resume()
    assert (await desk.files.fetch(third)).read_bytes() == PDF
    assert len(stored(desk.home)) == 1
    await desk.records.remove(third.id)
    await desk.files.resume()
    assert stored(desk.home) == []


async def test_what_others_call_harmless_is_not_opened(desk: Desk, database: TestDatabase) -> None:
    attachment = await (await desk.files.add(desk.file("a.txt", b"[Desktop Entry]\nExec=evil\n"), Subject())).done()
    await (await database.owner()).execute("update file_attachments set filename = '../../evil.desktop'")
    with pytest.raises(AttachmentError, match="desktop cannot be attached"):
        await desk.files.open(attachment)
    assert desk.opened == []
    assert (await desk.files.save(attachment, desk.home)).name == "evil.desktop"


async def test_what_was_opened_before_opens_without_a_connection(desk: Desk) -> None:
    attachment = await (await desk.files.add(desk.file(), Subject())).done()
    other = await (await desk.files.add(desk.file("never.pdf", PDF + b"!"), Subject())).done()
    await desk.files.fetch(attachment)
    await desk.session.close()
    await desk.files.open(attachment)
    with pytest.raises(Unavailable):
        await desk.files.open(other)
    assert [path.read_bytes() for path in desk.opened] == [PDF]


async def test_what_was_deleted_comes_back_until_it_is_purged(
    desk: Desk, database: TestDatabase, ada: Household
) -> None:
    attachment = await (await desk.files.add(desk.file(), Subject.trip(desk.trip_id))).done()
    await desk.files.delete(attachment)
    assert attachment.id not in {each.id for each in await desk.files.all()}
    await desk.files.resume()
    restored = await desk.files.restore(attachment)
    assert (await desk.files.fetch(restored)).read_bytes() == PDF
    await desk.files.delete(attachment)
    await (await database.owner()).execute(
        "update file_attachments set deleted_at = now() - interval '2 days' where deleted_at is not null"
    )
    await desk.files.resume()
    assert stored(desk.home) == []
    with pytest.raises(NotFound):
        await desk.files.restore(attachment)


async def test_bytes_go_with_the_trip(desk: Desk, database: TestDatabase) -> None:
    await (await desk.files.add(desk.file(), Subject.trip(desk.trip_id))).done()
    await (await database.owner()).execute("delete from trips where id = $1", desk.trip_id)
    await desk.files.resume()
    assert stored(desk.home) == []
    assert await desk.records.orphans() == []


async def test_a_member_reads_and_only_an_editor_writes(
    desk: Desk, desk_of: OpenDesk, database: TestDatabase, ada: Household
) -> None:
    attachment = await (await desk.files.add(desk.file(), Subject.trip(desk.trip_id))).done()
    ben, eve = [await database.create_user(name) for name in ("Ben", "Eve")]
    await share(await database.owner(), ada, ben, "view")
    his = await desk_of(ben, folder=desk.home / "ben")
    assert (await his.files.fetch(attachment)).read_bytes() == PDF
    with pytest.raises(Forbidden):
        await his.files.delete(attachment)
    with pytest.raises(Forbidden):
        await his.files.add(desk.file("b.pdf"), Subject.trip(desk.trip_id))
    assert not his.files.pending
    hers = await desk_of(eve, folder=desk.home / "eve")
    with pytest.raises(NotFound):
        await hers.files.fetch(attachment)


async def test_a_start_goes_on_or_says_why_not(desk: Desk, desk_of: OpenDesk) -> None:
    """The program was killed after the record and before the bytes; one file is still there, one is not."""
    source, gone = desk.file("still.pdf"), desk.file("gone.pdf")
    uploads = [await desk.files.add(path, Subject.trip(desk.trip_id)) for path in (source, gone)]
    await desk.files.close()
    assert {each.state for each in uploads} == {UploadState.STOPPED}
    gone.unlink()
    later = await desk_of()
    assert later.files.pending
    resumed = await later.files.resume()
    assert [(await each.done()).filename for each in resumed] == ["still.pdf"]
    now = {each.filename: each for each in await later.files.of(Subject.trip(desk.trip_id))}
    assert now["still.pdf"].upload_status is UploadStatus.COMPLETED
    assert now["gone.pdf"].upload_status is UploadStatus.FAILED
    assert "Attach it again" in (now["gone.pdf"].objection or "")
    assert not later.files.pending


async def test_two_programs_do_not_send_the_same_file(desk: Desk, desk_of: OpenDesk) -> None:
    upload = await desk.files.add(desk.file(), Subject.trip(desk.trip_id))
    other = await desk_of()
    assert await other.files.resume() == []
    assert (await upload.done()).upload_status is UploadStatus.COMPLETED


async def test_a_cancelled_upload_leaves_nothing(desk: Desk) -> None:
    upload = await desk.files.add(desk.file(), Subject.trip(desk.trip_id))
    upload.cancel()
    with pytest.raises(AttachmentError, match="you stopped it"):
        await upload.done()
    await desk.files.settled()
    assert not desk.files.pending
    assert upload.attachment.id not in {each.id for each in await desk.files.all()}


async def test_an_upload_without_its_note_fails_once_nobody_goes_on_with_it(
    desk: Desk, database: TestDatabase, ada: Household
) -> None:
    owner = await database.owner()
    await desk.files.resume()
    assert (await desk.records.get(ada.ids["file_attachments"])).upload_status is UploadStatus.UPLOADING
    await owner.execute("update file_attachments set upload_until = now() - interval '2 hours'")
    await desk.files.resume()
    assert (await desk.records.get(ada.ids["file_attachments"])).upload_status is UploadStatus.FAILED
