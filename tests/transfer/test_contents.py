"""Attachments move with their bytes: from a folder into a project's Storage, into a file, and back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.attachments.hosted import store_of, user_of
from tests.database import Database, User
from tests.hosted.faults import Fault
from tests.hosted.project import HostedProject
from tests.transfer.belongings import everything, fill
from tests.transfer.desks import Desk, OpenDesk, desk, fill_files
from tripsage_tui.attachments.stores import Store
from tripsage_tui.transfer.archive_reading import ArchiveSource
from tripsage_tui.transfer.archive_writing import write_archive
from tripsage_tui.transfer.moving import Moving
from tripsage_tui.transfer.worlds import Files, Source


@pytest.fixture
async def open_desk(tmp_path: Path) -> AsyncIterator[OpenDesk]:
    async with AsyncExitStack() as opened:

        async def start(database: Database, user: User, store: Store | None = None) -> Desk:
            home = tmp_path / database.name / user.name
            return await opened.enter_async_context(desk(database, user, home, store))

        yield start


@pytest.fixture
async def home(database: Database, open_desk: OpenDesk, tmp_path: Path) -> Desk:
    ada = await database.create_user("Ada")
    client = await database.client(ada)
    trip, *_ = await fill(client, ada, trips=2, trashed=False)
    made = await open_desk(database, ada)
    await fill_files(made, client, trip, tmp_path)
    return made


async def move(source: Source, files: Files, target: Desk) -> tuple[bool, int]:
    outcome = await Moving(source, target.world, contents=(files, target.stored)).move()
    assert (outcome.failures, outcome.wrong) == ([], [])
    return outcome.complete, outcome.written


async def test_into_a_project_into_a_file_and_back(
    home: Desk, database: Database, other: Database, open_desk: OpenDesk, tmp_path: Path
) -> None:
    before = await home.contents()
    assert set(before) == {"trip", "stay trip", "message", "nothing"}
    async with HostedProject(other) as project:
        account = await project.create_user("ada@example.org", "correct horse")
        away = await open_desk(other, user_of(account), store_of(project, account))
        complete, written = await move(home.world, home.stored, away)
        assert (complete, written > 40) == (True, True)
        assert await away.contents() == before
        rows = (await everything(away.world))["file_attachments"]
        assert {row["created_at"] for row in rows} == {
            row["created_at"] for row in (await everything(home.world))["file_attachments"]
        }
        paths = await (await other.owner()).fetch("select file_path from file_attachments")
        assert all(row[0].startswith((f"{account.id}/", f"chat/{account.id}/")) for row in paths)
        assert await move(home.world, home.stored, away) == (True, 0)
        # and back, where everything is known
        assert await move(away.world, away.stored, home) == (True, 0)
        path = tmp_path / "all.zip"
        await write_archive(away.world, path, files=away.stored)
    anew = await open_desk(database, await database.create_user("Anew"))
    with ArchiveSource(path) as file:
        assert await move(file, file, anew) == (True, written)
        assert await anew.contents() == before
        assert await move(file, file, anew) == (True, 0)


async def test_bytes_that_did_not_arrive_are_sent_by_the_next_run(
    home: Desk, other: Database, open_desk: OpenDesk, tmp_path: Path
) -> None:
    """The program dies between the record and the bytes; the next run has only these left to do."""
    before = await home.contents()
    async with HostedProject(other) as project:
        account = await project.create_user("ada@example.org", "correct horse")
        away = await open_desk(other, user_of(account), store_of(project, account))
        project.faults.add("POST", "/storage/v1/upload", Fault(403, times=2))
        stopped = await Moving(home.world, away.world, contents=(home.stored, away.stored)).move()
        assert [failure.family for failure in stopped.failures] == ["attachments"]
        assert not stopped.complete
        again = await Moving(home.world, away.world, contents=(home.stored, away.stored)).move()
        assert (again.complete, again.written) == (True, 0)
        assert await away.contents() == before


async def test_an_attachment_without_bytes_is_said_and_stops_nothing(
    home: Desk, other: Database, open_desk: OpenDesk, tmp_path: Path
) -> None:
    lost = next(each for each in await home.files.all() if each.trip_id is None and each.chat_message_id is None)
    (tmp_path / home.world.who.place / "Ada" / "files" / "names" / lost.file_path).unlink()
    away = await open_desk(other, await other.create_user("Ada"))
    outcome = await Moving(home.world, away.world, contents=(home.stored, away.stored)).move()
    assert [failure.reason for failure in outcome.failures] == ["The content of boarding 3.pdf is not here any more."]
    path = tmp_path / "all.zip"
    counts = await write_archive(home.world, path, files=home.stored)
    assert counts["file_attachments"] == 3
    ArchiveSource(path).close()
