"""An answer in a process of its own, to be killed: prints each piece of text as it comes.

Arguments: host, port, database, ticket, folder of the journals, base URL of the model, session, question's id.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from pydantic import SecretStr

from tripsage_tui.answer_journals import AnswerJournals
from tripsage_tui.assistant.answering import Answering
from tripsage_tui.assistant.approval import Approvals, Proposal, Verdict
from tripsage_tui.assistant.endpoint import Endpoint
from tripsage_tui.assistant.events import Text
from tripsage_tui.assistant.model import Model
from tripsage_tui.assistant.toolbox import Toolbox
from tripsage_tui.assistant.turns import UserTurn
from tripsage_tui.data.chats import ChatRepository
from tripsage_tui.data.database import ConnectionTarget, Database, Ticket
from tripsage_tui.data.target import Tls


class Given:
    def __init__(self, ticket: str) -> None:
        self._ticket = Ticket(SecretStr(ticket), datetime.now(UTC) + timedelta(hours=1))

    async def ticket(self) -> Ticket:
        return self._ticket


async def nobody(_: Proposal) -> Verdict:
    raise AssertionError("nothing is to be approved")


async def main(*words: str) -> None:
    host, port, name, ticket, folder, url, session, question = words
    target = ConnectionTarget(host=host, port=int(port), database=name, ssl=Tls.DISABLE)
    database = Database(target, Given(ticket))
    await database.start()
    model = Model(Endpoint(url, SecretStr("sk-test"), "m-1"))
    journals = AnswerJournals(Path(folder))
    answering = Answering(ChatRepository(database), model, Toolbox([]), Approvals(nobody), journals)
    async for step in answering.answer(UUID(session), int(question), "Be brief.", [UserTurn("Where to?")]):
        if isinstance(step, Text):
            print(step.delta, flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
