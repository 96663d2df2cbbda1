"""Files in Supabase Storage, through everything that can happen on the way, asked of the real policies."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.attachments.conftest import Desk, OpenDesk
from tests.attachments.hosted import Tokens, store_of, user_of
from tests.data.sample_rows import ROWS, insert
from tests.database import Database as TestDatabase
from tests.hosted.machine import Machine
from tests.hosted.people import Account
from tests.hosted.planted import everything_in, leaks
from tests.hosted.project import Fault, HostedProject
from tripsage_tui.attachments.building import hosted_attachments
from tripsage_tui.attachments.errors import AttachmentError, ContentGone, StoreRefused
from tripsage_tui.attachments.notes import Facts, Notes
from tripsage_tui.attachments.scanning import OFF
from tripsage_tui.attachments.storage_client import NotPermitted, StorageClient, object_path
from tripsage_tui.attachments.uploads import UploadState
from tripsage_tui.models.attachments import BUCKET, Attachment, Subject, UploadStatus

MIB = 2**20
CONTENT = b"%PDF-1.7\n" + random.Random(7).randbytes(3 * MIB + 4321)
TUS = "/storage/v1/upload/resumable"


@pytest.fixture
async def project(database: TestDatabase) -> AsyncIterator[HostedProject]:
    async with HostedProject(database) as project:
        yield project


@pytest.fixture
async def account(project: HostedProject) -> Account:
    return await project.create_user("ada@example.org", "correct horse", name="Ada")


@pytest.fixture
async def hosted(project: HostedProject, account: Account, desk_of: OpenDesk, database: TestDatabase) -> Desk:
    desk = await desk_of(user_of(account), store=store_of(project, account, chunk=MIB))
    desk.trip_id = await insert(await database.owner(), "trips", ROWS["trips"](account.id, {}))
    return desk


async def attach(desk: Desk, content: bytes = CONTENT) -> Attachment:
    upload = await desk.files.add(desk.file(content=content), Subject.trip(desk.trip_id))
    return await upload.done()


def only_object(project: HostedProject) -> bytes:
    (content,) = project.storage.objects.values()
    return content


async def test_a_file_goes_there_and_back(
    hosted: Desk, project: HostedProject, account: Account, desk_of: OpenDesk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    large = CONTENT * 4
    desk = await desk_of(user_of(account), store=store_of(project, account))
    desk.trip_id = hosted.trip_id
    attachment = await attach(desk, large)
    assert project.storage.largest == 6 * MIB
    assert only_object(project) == large
    assert attachment.upload_status is UploadStatus.COMPLETED
    sizes: list[int] = []
    path = await desk.files.fetch(attachment, sizes.append)
    assert path.read_bytes() == large
    assert sizes == sorted(sizes)
    assert not [secret for secret in project.secrets if secret in caplog.text]


Plan = list[tuple[str, str, Fault]]


def trouble() -> dict[str, Plan]:
    """What can happen to an upload of four parts."""
    return {
        "expired before the beginning": [("POST", TUS, Fault(400, {"statusCode": "403", "message": "jwt expired"}))],
        "expired in between": [("PATCH", TUS, Fault(401, {"message": "Invalid JWT"}, times=2))],
        "too many requests": [("PATCH", TUS, Fault(429, {"message": "slow down"}, {"Retry-After": "0"}))],
        "broken": [("PATCH", TUS, Fault(503, "<html>no healthy upstream</html>", times=3))],
        "broken at the question": [("PATCH", TUS, Fault(reset=True)), ("HEAD", TUS, Fault(500, ""))],
        "forgotten": [("PATCH", TUS, Fault(drop=MIB // 2)), ("HEAD", TUS, Fault(404, ""))],
        "reset": [("PATCH", TUS, Fault(reset=True, times=2))],
        "slow": [("PATCH", TUS, Fault(delay=0.1))],
        "answer to the beginning lost": [("POST", TUS, Fault(cut=20))],
        "answers lost": [("PATCH", TUS, Fault(cut=10, times=4))],
        "last answer lost": [("GET", "/storage/v1/object/info", Fault(cut=0))],
        **{f"cut after {size}": [("PATCH", TUS, Fault(drop=size, times=3))] for size in (0, 1, 70_001, MIB - 1)},
    }


@pytest.mark.parametrize("keeps_parts", [True, False])
async def test_an_upload_survives(hosted: Desk, project: HostedProject, keeps_parts: bool) -> None:
    project.storage.keeps_parts = keeps_parts
    for name, plan in trouble().items():
        for method, prefix, fault in plan:
            project.faults.add(method, prefix, fault)
        attachment = await attach(hosted)
        assert all(fault.met == fault.times for _, _, fault in plan), name
        assert project.storage.objects[BUCKET, attachment.file_path] == CONTENT, name
        assert attachment.upload_status is UploadStatus.COMPLETED
        assert not hosted.files.pending


async def test_a_download_survives(hosted: Desk, project: HostedProject) -> None:
    attachment = await attach(hosted)
    for fault in (
        Fault(cut=200_000, times=2),
        Fault(cut=0),
        Fault(reset=True),
        Fault(401, {"message": "Invalid JWT"}),
        Fault(502, "bad gateway"),
        Fault(429, {}, {"Retry-After": "0"}),
    ):
        project.faults.add("GET", "/storage/v1/object/authenticated", fault)
        path = await hosted.files.fetch(attachment)
        assert path.read_bytes() == CONTENT
        assert fault.met == fault.times
        path.unlink()


async def test_killed_at_any_byte_and_gone_on_with(
    hosted: Desk, project: HostedProject, account: Account, database: TestDatabase
) -> None:
    chance = random.Random(11)
    points = [chance.randrange(part * 900_000, (part + 1) * 900_000) for part in range(3)]
    session = await project.people.begin(account, "password")
    told: dict[str, Any] = {
        "host": database.host, "port": database.port, "database": database.name,
        "ticket": await database.ticket(account.id), "token": session["access_token"],
        "url": project.url, "key": project.publishable_key, "chunk": MIB,
        "user_id": str(account.id), "trip_id": hosted.trip_id, "folder": str(hosted.home / "state"),
        "source": str(hosted.file(content=CONTENT)),
    }  # fmt: skip
    for point in (*points, None):
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.attachments.sender", stdin=asyncio.subprocess.PIPE
        )

        def kill(size: int, child: asyncio.subprocess.Process = child, point: int | None = point) -> None:
            if point is not None and size >= point and child.returncode is None:
                child.kill()

        project.storage.on_bytes = kill
        await child.communicate(json.dumps(told).encode())
        told["source"] = None
        (attachment,) = await hosted.files.of(Subject.trip(hosted.trip_id))
        if point is None:
            assert child.returncode == 0
            assert attachment.upload_status is UploadStatus.COMPLETED
        else:
            assert child.returncode == -signal.SIGKILL
            assert attachment.upload_status is UploadStatus.UPLOADING
            assert project.storage.objects == {}
            assert hosted.files.pending
    assert only_object(project) == CONTENT
    assert not hosted.files.pending
    assert project.requests.count(f"POST {TUS}") == 1, "it went on where it was killed"


async def test_a_download_that_cannot_work_says_so(hosted: Desk, project: HostedProject) -> None:
    attachment = await attach(hosted)
    project.faults.add("GET", "/storage/v1/object/authenticated", Fault(503, "", times=None))
    with pytest.raises(AttachmentError, match="cannot do it at the moment"):
        await hosted.files.fetch(attachment)
    project.faults.clear()
    project.storage.objects[BUCKET, attachment.file_path] = CONTENT[:-1] + b"!"
    with pytest.raises(AttachmentError, match="checksum"):
        await hosted.files.fetch(attachment)
    assert list((hosted.home / "state" / "attachments").rglob("*.pdf")) == []


async def test_the_window_is_renewed_when_it_has_closed(
    hosted: Desk, project: HostedProject, database: TestDatabase
) -> None:
    """The computer slept between two parts."""
    owner = await database.owner()
    arrived, slept = asyncio.Event(), asyncio.Event()
    project.storage.on_bytes = lambda size: arrived.set() if size >= MIB else None
    project.faults.add("PATCH", TUS, Fault(hold=slept))
    upload = await hosted.files.add(hosted.file(content=CONTENT), Subject.trip(hosted.trip_id))
    await arrived.wait()
    await owner.execute("update file_attachments set upload_until = now() - interval '1 hour'")
    slept.set()
    assert (await upload.done()).upload_status is UploadStatus.COMPLETED
    assert only_object(project) == CONTENT
    renewed = "select upload_until > now() from file_attachments where id = $1"
    assert await owner.fetchval(renewed, upload.attachment.id)


async def test_no_error_carries_what_was_sent(
    hosted: Desk, project: HostedProject, account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    attachment = await attach(hosted)
    tokens = Tokens(project, account)
    client = StorageClient(project.url, project.publishable_key, tokens)
    path = object_path(attachment.file_path)

    async def read() -> None:
        async for _ in client.pieces(path, 1000, headers={}, ok=(200,)):
            pass

    for fault in (Fault(reset=True), Fault(cut=10), Fault(401, {}), Fault(400, "no"), Fault(503, "")):
        for ask in (
            lambda: client.request("POST", "upload/resumable", ok=(201,)),
            lambda: client.size(attachment.file_path),
            lambda: client.remove([attachment.file_path]),
            read,
        ):
            project.faults.clear()
            project.faults.add("*", "/storage/", fault)
            with pytest.raises(AttachmentError) as failed:
                await ask()
            found = leaks(project.secrets, {"the error": everything_in(failed.value), "the log": caplog.text})
            assert not found, found
            fault.met = 0
    project.faults.add("GET", "/storage/v1/object/info", Fault(200, "<html>Please log in to the hotel's network"))
    with pytest.raises(AttachmentError, match="makes no sense"):
        await client.size(attachment.file_path)
    await client.close()


async def test_a_sign_in_is_renewed_in_the_middle_of_a_file(
    project: HostedProject, account: Account, database: TestDatabase, tmp_path: Path
) -> None:
    """The server's clock jumps, so the token looks good from here and is not."""
    trip_id = await insert(await database.owner(), "trips", ROWS["trips"](account.id, {}))
    source = tmp_path / "boarding.pdf"
    source.write_bytes(CONTENT * 3)
    async with Machine(project, tmp_path / "state") as machine:
        await machine.enter(account.email, "correct horse")
        session = await machine.session()
        files = hosted_attachments(
            await machine.database(session), account.id, url=project.url, publishable_key=project.publishable_key,
            tokens=session, folder=tmp_path / "state", clamd=OFF,
        )  # fmt: skip

        def meanwhile(size: int) -> None:
            project.skew = 5000

        project.storage.on_bytes = meanwhile
        attachment = await (await files.add(source, Subject.trip(trip_id))).done()
        await files.close()
    assert attachment.upload_status is UploadStatus.COMPLETED
    assert only_object(project) == CONTENT * 3
    assert project.requests.count("POST /auth/v1/token") == 2, "signed in, and renewed once"


async def test_a_file_that_changes_on_the_way_never_arrives(hosted: Desk, project: HostedProject) -> None:
    source = hosted.file(content=CONTENT)

    def meanwhile(size: int) -> None:
        if size > MIB:
            source.write_bytes(CONTENT[:-1] + b"!")

    project.storage.on_bytes = meanwhile
    upload = await hosted.files.add(source, Subject.trip(hosted.trip_id))
    with pytest.raises(AttachmentError, match="has changed since"):
        await upload.done()
    assert upload.state is UploadState.FAILED
    assert (await hosted.files.get(upload.attachment.id)).upload_status is UploadStatus.FAILED
    assert project.storage.objects == {}
    assert project.storage.uploads == {}


async def test_what_the_project_does_not_take_fails_with_the_reason(
    hosted: Desk, project: HostedProject, database: TestDatabase
) -> None:
    await (await database.owner()).execute("update storage.buckets set file_size_limit = 1000")
    upload = await hosted.files.add(hosted.file(content=CONTENT), Subject.trip(hosted.trip_id))
    with pytest.raises(AttachmentError, match="larger than the project takes"):
        await upload.done()
    assert "larger" in ((await hosted.files.get(upload.attachment.id)).objection or "")


async def test_strangers_get_nothing_and_guests_only_read(
    hosted: Desk, project: HostedProject, database: TestDatabase, account: Account, desk_of: OpenDesk
) -> None:
    attachment = await attach(hosted)
    guest, stranger = [await project.create_user(f"{name}@example.org", name=name) for name in ("ben", "eve")]
    await (await database.owner()).execute(
        "insert into trip_collaborators (trip_id, user_id, permission_level, added_by) values ($1, $2, 'view', $3)",
        hosted.trip_id, guest.id, account.id,
    )  # fmt: skip
    his = await desk_of(user_of(guest), store=store_of(project, guest), folder=hosted.home / "ben")
    assert (await his.files.fetch(attachment)).read_bytes() == CONTENT
    source = hosted.file("other.pdf", b"%PDF-other")

    async def renew(*, now: bool = False) -> None:
        """No permission is to be had."""

    for person in (guest, stranger):
        store = store_of(project, person)
        other = attachment.model_copy(update={"file_size": 10, "file_path": f"{account.id}/{uuid4()}.pdf"})
        for target in (attachment, other):
            note = Notes(hosted.home / str(person.id)).add(uuid4(), Facts(str(source), 10, 0, ""))
            with pytest.raises((NotPermitted, StoreRefused)):
                await store.put(target, note, lambda _: None, renew)
        await store.remove([attachment.file_path])
        assert only_object(project) == CONTENT
        await store.close()
    store = store_of(project, stranger)
    with pytest.raises(ContentGone):
        await store.fetch(attachment, hosted.home / "stolen", lambda _: None)
    await store.close()


async def test_bytes_go_with_the_trip(hosted: Desk, project: HostedProject, database: TestDatabase) -> None:
    await attach(hosted)
    await (await database.owner()).execute("delete from trips where id = $1", hosted.trip_id)
    await hosted.files.resume()
    assert project.storage.objects == {}


async def test_a_cancelled_upload_leaves_nothing(hosted: Desk, project: HostedProject) -> None:
    project.faults.add("PATCH", TUS, Fault(503, "", times=None))
    upload = await hosted.files.add(hosted.file(content=CONTENT), Subject.trip(hosted.trip_id))
    in_trouble = asyncio.Event()
    upload.on_change(lambda each: in_trouble.set() if each.trouble else None)
    await in_trouble.wait()
    upload.cancel()
    await hosted.files.settled()
    assert project.storage.uploads == {}
    assert await hosted.files.all() == []
    assert not hosted.files.pending
