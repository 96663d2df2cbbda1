"""`tripsage-tui keys list|set|test|remove` and `tripsage-tui auth status`. A key is never an argument."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from dataclasses import replace
from typing import Any

from pydantic import SecretStr

from tripsage_tui.assistant.endpoint import endpoint_of
from tripsage_tui.assistant.failures import AnswerFailed
from tripsage_tui.assistant.model import Model
from tripsage_tui.command_line.errors import CommandError, Exit
from tripsage_tui.command_line.running import signed_in
from tripsage_tui.command_line.trips import print_json
from tripsage_tui.identity.keeping import CannotKeep, MustChoose, Place
from tripsage_tui.memory.models_at_hand import IN_THE_SHELL
from tripsage_tui.model_choices import LONGEST, Unusable, origin, read_address, read_key
from tripsage_tui.models.showing import one_line
from tripsage_tui.planner import Planner
from tripsage_tui.stored_keys import SERVICE, SERVICES, Source

_SOURCES = {
    Source.ENVIRONMENT: "from the environment",
    Source.STORED: "stored",
    Source.SESSION: "of this session",
    Source.NONE: "none",
}


def list_keys(arguments: argparse.Namespace) -> int:
    """Which services have a key, where it comes from, and when it was used."""
    facts = asyncio.run(_facts(arguments))
    if arguments.json:
        print_json(facts)
        return Exit.OK
    used = f", last used {facts['last_used'][:16].replace('T', ' ')}" if facts["last_used"] else ""
    print(f"{facts['service']:<8} {facts['key']}{used}  ({one_line(facts['server'])})")
    if facts["trouble"]:
        print(f"         {one_line(facts['trouble'])}")
    return Exit.OK


def status(arguments: argparse.Namespace) -> int:
    """Who is signed in, and where keys are kept."""
    facts = asyncio.run(_facts(arguments))
    if arguments.json:
        print_json({name: facts[name] for name in ("profile", "kept", "kept_in", "key", "trouble")})
        return Exit.OK
    print(f"Profile  {one_line(facts['profile'])} (local)")
    print(f"Keys     {one_line(facts['kept_in'])}")
    print(f"Openai   {facts['key']}{': ' + one_line(facts['trouble']) if facts['trouble'] else ''}")
    return Exit.OK


async def _facts(arguments: argparse.Namespace) -> dict[str, Any]:
    async with signed_in(arguments) as planner:
        keys = planner.stored_keys
        await keys.load()
        trouble = keys.trouble
        if keys.other_server:
            trouble = f"The stored key is for {keys.other_server} and is sent nowhere else."
        return {
            "service": SERVICE,
            "key": _SOURCES[keys.source],
            "server": keys.base_url,
            "set": keys.set_at.isoformat() if keys.set_at else None,
            "last_used": keys.last_used.isoformat() if keys.last_used else None,
            "trouble": trouble,
            "profile": planner.profile.name,
            "kept": keys.place or None,
            "kept_in": await keys.described(),
        }


def set_key(arguments: argparse.Namespace) -> int:
    """Store a key: from standard input, or typed without being shown."""
    _known(arguments.service)
    try:
        server = read_address(arguments.url or "")
    except Unusable as error:
        raise CommandError(str(error), Exit.USAGE) from None
    secret = _read()

    async def run() -> str:
        async with signed_in(arguments, create=True) as planner:
            keys = planner.stored_keys
            await keys.load()
            if keys.vault and arguments.keep:
                raise CommandError(f"Keys of {keys.vault} rest in its Vault: --keep is for local profiles.", Exit.USAGE)
            if not (keys.vault or arguments.keep) and keys.keeping.place is Place.SESSION:
                raise CommandError("Keys are kept in the open program only: say --keep file or keyring.", Exit.REFUSED)
            try:
                if arguments.keep:
                    await keys.keeping.choose(Place(arguments.keep))
                if server:
                    keys.choose(replace(keys.choices, base_url=server))
                await keys.set(secret)
            except MustChoose as why:
                raise CommandError(
                    f"{why} --keep file seals keys with {keys.keeping.file}: "
                    "whoever can read your files can then read them.",
                    Exit.REFUSED,
                ) from None
            except CannotKeep as error:
                raise CommandError(str(error), Exit.PROBLEM) from None
            return f"Stored for {origin(keys.base_url)}. {await keys.described()}"

    print(one_line(asyncio.run(run())))
    return Exit.OK


def test_key(arguments: argparse.Namespace) -> int:
    """Ask the server which models it has; prints their names."""
    _known(arguments.service)

    async def run() -> list[str]:
        async with signed_in(arguments) as planner:
            return await _models(planner)

    names = asyncio.run(run())
    for name in names:
        print(one_line(name))
    return Exit.OK


async def _models(planner: Planner) -> list[str]:
    await planner.stored_keys.load()
    access = planner.keys.current()
    if access is None:
        why = planner.stored_keys.trouble or "There is no key."
        raise CommandError(f"{why} {IN_THE_SHELL}", Exit.NOT_FOUND)
    model = Model(endpoint_of(access), first_token=20.0)
    try:
        return await model.names()
    except AnswerFailed as error:
        raise CommandError(str(error), Exit.UNAVAILABLE) from error
    finally:
        await model.close()


def remove_key(arguments: argparse.Namespace) -> int:
    """Forget a stored key."""
    _known(arguments.service)

    async def run() -> bool:
        async with signed_in(arguments) as planner:
            return await planner.stored_keys.remove() is not None

    if not asyncio.run(run()):
        raise CommandError(f"There is no stored key for {arguments.service}.", Exit.NOT_FOUND)
    print(f"Removed the key for {arguments.service}.")
    return Exit.OK


def _known(service: str) -> None:
    if service not in SERVICES:
        raise CommandError(f"There is no service {service!r}; known: {', '.join(SERVICES)}.", Exit.USAGE)


def _read() -> SecretStr:
    text = getpass.getpass("Key (not shown): ") if sys.stdin.isatty() else sys.stdin.read(LONGEST + 100)
    try:
        return SecretStr(read_key(text))
    except Unusable as error:
        raise CommandError(str(error), Exit.USAGE) from None
