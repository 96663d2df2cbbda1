"""`tripsage-tui db ...`: the embedded database, for scripts and psql."""

from __future__ import annotations

import argparse
import asyncio
import json

from tripsage_tui.command_line.errors import CommandError, Exit
from tripsage_tui.command_line.running import say, settings_of
from tripsage_tui.workspace import Workspace

_NAMES = {
    "version": "PostgreSQL",
    "data_dir": "data folder",
    "size_bytes": "size",
    "programs": "programs using it",
    "pid": "process",
    "keeper": "watched by process",
    "kept": "runs until db stop",
}
"""What people call the facts of `db status`; JSON keeps the short names."""


def start(arguments: argparse.Namespace) -> int:
    """Start the server; it stays until `db stop`."""

    async def run() -> None:
        async with Workspace(settings_of(arguments)) as workspace:
            await workspace.start(say)
            await workspace.server.keep()

    asyncio.run(run())
    print("The database is running.")
    return Exit.OK


def stop(arguments: argparse.Namespace) -> int:
    """Stop the server, whoever uses it."""

    async def run() -> bool:
        async with Workspace(settings_of(arguments)) as workspace:
            return await workspace.server.stop()

    print("The database has stopped." if asyncio.run(run()) else "The database was not running.")
    return Exit.OK


def status(arguments: argparse.Namespace) -> int:
    """Facts about the server, one a line or as JSON."""

    async def run() -> dict[str, object]:
        async with Workspace(settings_of(arguments)) as workspace:
            return await workspace.server.status()

    facts = asyncio.run(run())
    if arguments.json:
        print(json.dumps(facts, indent=2, default=str))
    else:
        for name, value in facts.items():
            print(f"{_NAMES.get(name, name):<{max(map(len, _NAMES.values()))}}  {_in_words(name, value)}")
    return Exit.OK


def _in_words(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "size_bytes" and isinstance(value, int):
        return f"{value / 1e6:.0f} MB"
    return "-" if value is None else str(value)


def url(arguments: argparse.Namespace) -> int:
    """The owner's connection string. Whoever may read the socket folder is the owner."""

    async def run() -> str:
        async with Workspace(settings_of(arguments)) as workspace:
            await workspace.start(say)
            return workspace.server.url()

    print(asyncio.run(run()))
    return Exit.OK


def ticket(arguments: argparse.Namespace) -> int:
    """A fresh ticket of the named profile, which is created if it is new."""
    settings = settings_of(arguments)
    if not settings.profile:
        raise CommandError("Say for whom: tripsage-tui db ticket --profile NAME.", Exit.USAGE)

    async def run() -> str:
        async with Workspace(settings) as workspace:
            await workspace.start(say)
            return await workspace.open_ticket()

    print(asyncio.run(run()))
    return Exit.OK


def migrate(arguments: argparse.Namespace) -> int:
    """Apply what is missing (the program does it by itself at start)."""

    async def run() -> list[str]:
        async with Workspace(settings_of(arguments)) as workspace:
            return await workspace.server.migrate(say)

    applied = asyncio.run(run())
    print("\n".join(f"applied {name}" for name in applied) or "The schema is up to date.")
    return Exit.OK


def rollback(arguments: argparse.Namespace) -> int:
    """Take back the newest migrations; what only they know is lost."""
    if arguments.steps < 1:
        raise CommandError("--steps takes a whole number from 1.", Exit.USAGE)

    async def run() -> list[str]:
        async with Workspace(settings_of(arguments)) as workspace:
            return await workspace.server.rollback(arguments.steps, say)

    undone = asyncio.run(run())
    print("\n".join(f"took back {name}" for name in undone) or "There is no migration to take back.")
    return Exit.OK
