"""What a virus scanner finds, what becomes of it, and what happens where there is none or a broken one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.attachments import clamd
from tests.attachments.conftest import PDF, Desk, OpenDesk
from tripsage_tui.attachments.errors import AttachmentError, Infected
from tripsage_tui.attachments.scanning import OFF, Clamd
from tripsage_tui.models.attachments import ScanStatus, Subject, UploadStatus

BAD = PDF + clamd.MARK
needs_clamd = pytest.mark.skipif(clamd.PROGRAM is None, reason="clamd (Debian: clamav-daemon) is not installed")
pytestmark = pytest.mark.xdist_group("clamd")


@pytest.fixture(scope="module")
def real() -> Iterator[Clamd]:
    scanner = clamd.Clamd()
    yield Clamd(str(scanner.socket))
    scanner.stop()


@pytest.fixture
async def impostor(tmp_path: Path) -> AsyncIterator[Clamd]:
    """Takes the file and answers nonsense, over TCP."""

    async def answer(reading: asyncio.StreamReader, writing: asyncio.StreamWriter) -> None:
        await reading.readuntil(b"\0")
        while size := int.from_bytes(await reading.readexactly(4), "big"):
            await reading.readexactly(size)
        writing.write(b"stream: Can't allocate memory ERROR\0")
        writing.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    yield Clamd(f"{host}:{port}")
    server.close()


@needs_clamd
async def test_clamd_says_what_it_found(real: Clamd, tmp_path: Path) -> None:
    said = {}
    for name, content in (("good", PDF), ("bad", BAD), ("long", bytes(clamd.STREAM_LIMIT + 200_000)), ("empty", b"")):
        (tmp_path / name).write_bytes(content)
        said[name] = await real.scan(tmp_path / name)
    assert {name: verdict.status for name, verdict in said.items()} == {
        "good": ScanStatus.CLEAN, "bad": ScanStatus.INFECTED, "long": ScanStatus.FAILED, "empty": ScanStatus.CLEAN,
    }  # fmt: skip
    assert said["bad"].about == clamd.THREAT
    assert (await real.version() or "").startswith("ClamAV ")
    assert "StreamMaxLength" in said["long"].about


@needs_clamd
async def test_what_is_infected_is_never_sent(real: Clamd, desk_of: OpenDesk) -> None:
    desk = await desk_of(scanner=real)
    clean = await (await desk.files.add(desk.file(), Subject.trip(desk.trip_id))).done()
    assert clean.scan is ScanStatus.CLEAN
    upload = await desk.files.add(desk.file("bad.pdf", BAD), Subject.trip(desk.trip_id))
    with pytest.raises(AttachmentError, match=clamd.THREAT):
        await upload.done()
    bad = await desk.files.get(upload.attachment.id)
    assert (bad.upload_status, bad.scan, bad.threat) == (UploadStatus.FAILED, ScanStatus.INFECTED, clamd.THREAT)
    assert len(list((desk.home / "files" / "blobs").glob("*/*"))) == 1


@needs_clamd
async def test_what_others_sent_is_scanned_before_it_is_opened(real: Clamd, desk: Desk, desk_of: OpenDesk) -> None:
    """Attached where there is no scanner, and called clean by whoever attached it."""
    bad = await (await desk.files.add(desk.file(content=BAD), Subject.trip(desk.trip_id))).done()
    assert bad.scan is ScanStatus.PENDING
    await desk.files.fetch(bad)
    await desk.records.scanned(bad.id, ScanStatus.CLEAN, {})
    careful = await desk_of(scanner=real, folder=desk.home / "careful")
    for use in (careful.files.fetch(bad), careful.files.open(bad), careful.files.save(bad, desk.home)):
        with pytest.raises(Infected):
            await use
    assert careful.opened == []
    assert (await desk.files.get(bad.id)).scan is ScanStatus.INFECTED
    assert [path for path in (desk.home / "careful").rglob("*") if path.is_file()] == []
    with pytest.raises(Infected):
        await desk.files.fetch(bad)
    assert [path for path in (desk.home / "state" / "attachments").rglob("*") if path.is_file()] == []


@needs_clamd
async def test_a_later_start_scans_what_was_not(real: Clamd, impostor: Clamd, desk_of: OpenDesk) -> None:
    broken = await desk_of(scanner=impostor)
    good = await (await broken.files.add(broken.file(), Subject.trip(broken.trip_id))).done()
    assert (good.scan, good.threat) == (ScanStatus.FAILED, "Can't allocate memory")
    without = await desk_of(scanner=Clamd(OFF))
    bad = await (await without.files.add(without.file("bad.pdf", BAD), Subject.trip(without.trip_id))).done()
    with_it = await desk_of(scanner=real)
    await with_it.files.resume()
    assert (await with_it.files.get(good.id)).scan is ScanStatus.CLEAN
    assert (await with_it.files.get(bad.id)).scan is ScanStatus.INFECTED


async def test_where_nobody_listens_files_stay_pending(tmp_path: Path, impostor: Clamd) -> None:
    (tmp_path / "file").write_bytes(PDF)
    for where in (str(tmp_path / "nobody.sock"), "127.0.0.1:1", "nonsense", OFF):
        assert await Clamd(where).version() is None
        assert (await Clamd(where).scan(tmp_path / "file")).status is ScanStatus.PENDING
    assert (await impostor.scan(tmp_path / "file")).status is ScanStatus.FAILED
