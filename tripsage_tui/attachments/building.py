"""Attachments for a workspace: over the embedded database, or over a project."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from tripsage_tui.attachments.desktop import open_file
from tripsage_tui.attachments.local_store import LocalStore
from tripsage_tui.attachments.scanning import Clamd
from tripsage_tui.attachments.service import Attachments
from tripsage_tui.attachments.storage_client import StorageClient, Tokens
from tripsage_tui.attachments.storage_store import StorageStore
from tripsage_tui.data.attachments import AttachmentRepository
from tripsage_tui.data.database import Database


def local_attachments(
    database: Database, user_id: UUID, *, files: Path, folder: Path, clamd: str | None = None
) -> Attachments:
    """For the embedded database. Bytes lie in `files`; `folder` takes notes of uploads and copies for opening."""
    return Attachments(
        AttachmentRepository(database),
        LocalStore(files),
        user_id=user_id,
        folder=folder,
        scanner=Clamd(clamd),
        open_with=open_file,
    )


def hosted_attachments(
    database: Database,
    user_id: UUID,
    *,
    url: str,
    publishable_key: str,
    tokens: Tokens,
    folder: Path,
    clamd: str | None = None,
) -> Attachments:
    """For a project. `url` is its own, `tokens` gives a valid access token whenever it is asked; rest as above."""
    return Attachments(
        AttachmentRepository(database),
        StorageStore(StorageClient(url, publishable_key, tokens)),
        user_id=user_id,
        folder=folder,
        scanner=Clamd(clamd),
        open_with=open_file,
    )
