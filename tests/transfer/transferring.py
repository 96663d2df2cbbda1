"""A transfer as a process of its own, to be killed: `python -m tests.transfer.transferring` reads orders, one a line.

The interpreter is warm when an order comes; each order is carried out by a fork of it, whose process id it prints.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from uuid import UUID

from pydantic import SecretStr

from tests.transfer.desks import attachments_of
from tripsage_tui.data import connections, migrations, translation
from tripsage_tui.data.database import ConnectionTarget, Database, Ticket
from tripsage_tui.data.errors import DataError
from tripsage_tui.data.limits import RateLimit
from tripsage_tui.data.transfer_reading import TransferReading
from tripsage_tui.data.transfer_writing import TransferWriting
from tripsage_tui.transfer.contents import StoredFiles
from tripsage_tui.transfer.moving import Moving
from tripsage_tui.transfer.worlds import DatabaseWorld, Traveller

WARM = (connections, migrations, translation)


class Given:
    """A ticket that somebody else has opened."""

    def __init__(self, value: str, expires_at: str) -> None:
        from datetime import datetime

        self._ticket = Ticket(SecretStr(value), datetime.fromisoformat(expires_at))

    async def ticket(self) -> Ticket:
        return self._ticket


async def carry_out(order: dict[str, dict[str, str]]) -> int:
    """0 when the target has everything, 1 when not, 3 when a database could not be reached."""
    worlds, sessions, files = [], [], []
    for side in ("source", "target"):
        told = order[side]
        where = ConnectionTarget(host=told["host"], port=int(told["port"]), database=told["database"])
        session = Database(where, Given(told["ticket"], told["until"]), limit=RateLimit(1e6, 1e6))
        await session.start()
        sessions.append(session)
        who = Traveller(UUID(told["user"]), "Ada", side)
        worlds.append(DatabaseWorld(who, TransferReading(session), TransferWriting(session)))
        files.append(attachments_of(session, who.user_id, Path(told["home"])))
    try:
        contents = (StoredFiles(files[0]), StoredFiles(files[1]))
        outcome = await Moving(*worlds, contents=contents, most_rows=8).move()
    except DataError as error:
        print(repr(error), repr(error.__cause__), file=sys.stderr)
        return 3
    finally:
        for each in (*files, *sessions):
            await each.close()
    return 0 if outcome.complete else 1


def main() -> None:
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            os._exit(asyncio.run(carry_out(json.loads(line))))
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
