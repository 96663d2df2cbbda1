"""A program of its own that shares its sign-in with others: `python -m tests.hosted.program`.

Reads a JSON object (`url`, `key`, `folder`), then one number per line: how many seconds the clock has gone on. For each
it wants a fresh access token and a ticket, and prints a digest of the token, or what went wrong.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import time
from pathlib import Path

from tripsage_tui.data.database import ConnectionTarget, PoolMode
from tripsage_tui.data.errors import DataError
from tripsage_tui.identity.hosted.accounts import Accounts
from tripsage_tui.identity.hosted.session import HostedSession
from tripsage_tui.identity.keeping import Keeping
from tripsage_tui.identity.projects import Project


async def main() -> None:
    given = json.loads(sys.stdin.readline())
    target = ConnectionTarget(host="127.0.0.1")
    project = Project(
        name="team", url=given["url"], publishable_key=given["key"], target=target, pool_mode=PoolMode.SESSION
    )
    folder = Path(given["folder"])
    accounts = Accounts(project, Keeping(folder), folder)
    account = await accounts.current()
    assert account is not None
    gone_on = 0.0
    session = HostedSession(project, accounts, account, wall=lambda: time.time() + gone_on)
    for each in ("httpx", "cryptography.hazmat.primitives.ciphers.aead"):
        __import__(each)  # so that what follows is done at the same moment
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        gone_on = float(line)
        try:
            token = (await session.access_token()).get_secret_value()
            await session.ticket()
            print(hashlib.sha256(token.encode()).hexdigest()[:16], flush=True)
        except DataError as error:
            print(type(error).__name__, error, flush=True)
    await session.close()


if __name__ == "__main__":
    asyncio.run(main())
