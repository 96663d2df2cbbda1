"""A program of its own that attaches a file, or goes on with what an earlier one left, and ends when all is there.

Told on standard input, as one JSON object, because tickets and tokens do not belong on a command line.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import SecretStr

from tripsage_tui.attachments.desktop import open_file
from tripsage_tui.attachments.scanning import OFF, Clamd
from tripsage_tui.attachments.service import Attachments
from tripsage_tui.attachments.storage_client import StorageClient
from tripsage_tui.attachments.storage_store import StorageStore
from tripsage_tui.data.attachments import AttachmentRepository
from tripsage_tui.data.database import ConnectionTarget, Database, Ticket
from tripsage_tui.models.attachments import Subject


class Fixed:
    """The ticket and the token that this program was given."""

    def __init__(self, ticket: str, token: str) -> None:
        self._ticket = ticket
        self._token = token

    async def ticket(self) -> Ticket:
        return Ticket(SecretStr(self._ticket), datetime.now(UTC) + timedelta(hours=1))

    async def access_token(self, refused: SecretStr | None = None) -> SecretStr:
        return SecretStr(self._token)


async def send(told: dict[str, Any]) -> None:
    given = Fixed(told["ticket"], told["token"])
    database = Database(ConnectionTarget(host=told["host"], port=told["port"], database=told["database"]), given)
    await database.start()
    files = Attachments(
        AttachmentRepository(database),
        StorageStore(StorageClient(told["url"], told["key"], given), chunk=told["chunk"]),
        user_id=UUID(told["user_id"]),
        folder=Path(told["folder"]),
        scanner=Clamd(OFF),
        open_with=open_file,
    )
    uploads = await files.resume()
    if told["source"]:
        uploads = [await files.add(Path(told["source"]), Subject.trip(told["trip_id"]))]
    for upload in uploads:
        await upload.done()
    await files.close()
    await database.close()


if __name__ == "__main__":
    asyncio.run(send(json.load(sys.stdin)))
