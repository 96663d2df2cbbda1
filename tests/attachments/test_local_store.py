"""The folder of contents: whatever state a crash leaves, nothing that has a name is lost and nothing else stays."""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tripsage_tui.attachments.errors import ContentGone, SourceChanged, StoreRefused
from tripsage_tui.attachments.local_store import LocalStore
from tripsage_tui.attachments.notes import Facts, Note, Notes
from tripsage_tui.data.rows import EPOCH
from tripsage_tui.models.attachments import Attachment, ScanStatus, UploadStatus

CONTENT = b"ramen 900 yen\n" * 50_000
SUM = sha256(CONTENT).hexdigest()
USER = uuid4()


def attachment(path: str | None = None, content: bytes = CONTENT) -> Attachment:
    made = uuid4()
    return Attachment(
        id=made, user_id=USER, trip_id=None, chat_message_id=None, booking_kind=None, booking_id=None,
        filename="menu.txt", original_filename="menu.txt", file_size=len(content), mime_type="text/plain",
        file_path=path or f"{USER}/{made}.txt", checksum=sha256(content).hexdigest(),
        upload_status=UploadStatus.UPLOADING, virus_scan_status=ScanStatus.PENDING, created_at=EPOCH, updated_at=EPOCH,
        deleted_at=None, threat=None, reason=None,
    )  # fmt: skip


def note(folder: Path, of: UUID) -> Note:
    source = folder / "menu.txt"
    source.write_bytes(CONTENT)
    return Notes(folder / "notes").add(of, Facts(str(source), len(CONTENT), source.stat().st_mtime_ns, SUM))


async def renew(*, now: bool = False) -> None:
    """Nothing runs out in a folder."""


async def put(store: LocalStore, folder: Path, item: Attachment) -> None:
    told: list[int] = []
    await store.put(item, note(folder, item.id), told.append, renew)


async def test_every_half_done_state_is_finished_by_doing_it_again(tmp_path: Path) -> None:
    root = tmp_path / "store"
    blob = root / "blobs" / SUM[:2] / SUM
    for state in ("fresh", "blob without a name", "name already there", "damaged blob", "name of something else"):
        item = attachment()
        name = root / "names" / item.file_path
        name.parent.mkdir(parents=True, exist_ok=True)
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.unlink(missing_ok=True)
        match state:
            case "blob without a name":
                blob.write_bytes(CONTENT)
            case "name already there":
                blob.write_bytes(CONTENT)
                os.link(blob, name)
            case "damaged blob":
                blob.write_bytes(CONTENT[:-5])
            case "name of something else":
                name.write_bytes(b"half of it")
        store = LocalStore(root)
        await put(store, tmp_path, item)
        copy = tmp_path / state.replace(" ", "-")
        assert await store.fetch(item, copy, lambda _: None) == SUM, state
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        assert blob.samefile(name)
        assert list((root / "incoming").iterdir()) == []
        await store.remove([item.file_path])
        assert not blob.exists()
        assert not name.exists()


async def test_a_shared_content_outlives_the_removal_of_one_name(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "store")
    first, second = attachment(), attachment()
    for item in (first, second):
        await put(store, tmp_path, item)
    await store.remove([first.file_path, first.file_path])
    assert await store.fetch(second, tmp_path / "copy", lambda _: None) == SUM
    with pytest.raises(ContentGone):
        await store.fetch(first, tmp_path / "none", lambda _: None)


@pytest.mark.parametrize(
    "path",
    ["../../etc/passwd", "a/../../b", "/etc/passwd", "name", "a//b", "a/.hidden", "a/b\0", "a/b/c/d/e", "a/..", ""],
)
async def test_a_record_cannot_lead_out_of_the_folder(tmp_path: Path, path: str) -> None:
    store = LocalStore(tmp_path / "store")
    item = attachment().model_copy(update={"file_path": path})
    with pytest.raises(StoreRefused):
        await put(store, tmp_path, item)
    with pytest.raises(StoreRefused):
        await store.fetch(item, tmp_path / "copy", lambda _: None)
    await store.remove([path])
    assert not (tmp_path / "store").exists()


async def test_a_source_that_is_not_what_it_was_is_not_stored(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "store")
    for item in (attachment(content=CONTENT + b"!"), attachment(content=b"other")):
        with pytest.raises(SourceChanged):
            await put(store, tmp_path, item)
    gone = attachment()
    its_note = note(tmp_path, gone.id)
    (tmp_path / "menu.txt").unlink()
    with pytest.raises(SourceChanged):
        await store.put(gone, its_note, lambda _: None, renew)
    assert [each for each in (tmp_path / "store").rglob("*") if each.is_file()] == []
