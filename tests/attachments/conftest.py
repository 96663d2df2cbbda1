"""A user with a trip, files to attach, and the service over a local store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.data.conftest import SignIn, sign_in
from tests.data.sample_rows import Household, furnish
from tests.database import Database as TestDatabase
from tripsage_tui.attachments.local_store import LocalStore
from tripsage_tui.attachments.scanning import OFF, Clamd
from tripsage_tui.attachments.service import Attachments
from tripsage_tui.attachments.stores import Store
from tripsage_tui.data.attachments import AttachmentRepository
from tripsage_tui.data.database import Database

__all__ = ["sign_in"]

PDF = b"%PDF-1.7\n" + b"boarding pass " * 1000


@dataclass
class Desk:
    """One program of a user: its services, what it opened, the files that may be attached."""

    files: Attachments
    records: AttachmentRepository
    session: Database
    home: Path
    user_id: UUID
    trip_id: int
    opened: list[Path] = field(default_factory=list)

    def file(self, name: str = "boarding.pdf", content: bytes = PDF) -> Path:
        path = self.home / name
        path.write_bytes(content)
        return path


OpenDesk = Callable[..., Awaitable[Desk]]


@pytest.fixture
async def ada(database: TestDatabase) -> Household:
    return await furnish(await database.owner(), await database.create_user("Ada"))


@pytest.fixture
async def desk_of(sign_in: SignIn, tmp_path: Path, ada: Household) -> AsyncIterator[OpenDesk]:
    """`await desk_of(user)` starts a program; `store`, `scanner` and `folder` may be others."""
    opened: list[Attachments] = []

    async def start(
        user: Any = None,
        *,
        store: Store | None = None,
        scanner: Clamd | None = None,
        folder: Path | None = None,
    ) -> Desk:
        user = user or ada.user
        session = await sign_in(user)
        records = AttachmentRepository(session)
        shown: list[Path] = []

        async def show(path: Path) -> None:
            shown.append(path)

        files = Attachments(
            records,
            store or LocalStore(tmp_path / "files"),
            user_id=user.id,
            folder=folder or tmp_path / "state",
            scanner=scanner or Clamd(OFF),
            open_with=show,
            pause=0.01,
        )
        opened.append(files)
        return Desk(files, records, session, tmp_path, user.id, ada.ids["trips"], shown)

    yield start
    for files in opened:
        await files.close()


@pytest.fixture
async def desk(desk_of: OpenDesk) -> Desk:
    return await desk_of()
