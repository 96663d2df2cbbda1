"""`python -m tests.hosted.serve FILE`: a stand-in project on its own PostgreSQL, for programs in a real terminal.

Writes the connection file, says `ready`, and then obeys lines of standard input, each answered by one line:
`user EMAIL PASSWORD NAME`, `revoke EMAIL` (ends every session), `code EMAIL` (the last one that was mailed),
`provider NAME EMAIL`, `confirm` (new addresses have to be confirmed from now on). It ends with its input.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.database import Database, prepare
from tests.hosted.project import HostedProject
from tests.postgres import Server
from tripsage_tui.data.target import ConnectionTarget, PoolMode
from tripsage_tui.identity.projects import Project, as_toml


def described(project: HostedProject, name: str = "team") -> Project:
    """The project as its users know it; the database is reached through its socket."""
    database = project.database
    return Project(
        name=name,
        url=project.url,
        publishable_key=project.publishable_key,
        target=ConnectionTarget(host=database.host, port=database.port, database=database.name),
        pool_mode=PoolMode.SESSION,
    )


async def obey(project: HostedProject, words: list[str]) -> str:
    """Carry out one line."""
    match words:
        case ["user", email, password, *name]:
            await project.create_user(email, password, name=" ".join(name))
        case ["revoke", email]:
            account = project.people.by_email(email)
            if account is not None:
                await project.people.end_all(account)
        case ["code", email]:
            return project.last_code(email)
        case ["provider", name, email]:
            project.providers[name] = email
        case ["confirm"]:
            project.confirm_emails = True
        case _:
            return "what?"
    return "done"


async def serve(database: Database, file: Path) -> None:
    """Until the input ends."""
    async with HostedProject(database) as project:
        await asyncio.to_thread(file.write_text, as_toml(described(project)), encoding="utf-8")
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(await obey(project, line.split()), flush=True)


async def main(file: Path) -> None:
    """Start the server, serve, stop it."""
    server = Server()
    server.start()
    try:
        await serve(await prepare(server, "project"), file)
    finally:
        server.stop()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
