"""`tripsage-tui auth login|logout|status|accounts|switch`: signing in to a hosted project from a shell.

A password or a code is typed without echo or read from standard input, a line each; it is never an argument.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from tripsage_tui.command_line.coming_in import come_in
from tripsage_tui.command_line.errors import CommandError, Exit
from tripsage_tui.command_line.running import settings_of
from tripsage_tui.identity.hosted.accounts import Accounts
from tripsage_tui.identity.hosted.errors import RateLimited, SessionEnded, SignInError, Unreachable
from tripsage_tui.identity.hosted.outcomes import Account, Scope
from tripsage_tui.identity.hosted.sign_in import SignIn
from tripsage_tui.identity.keeping import CannotKeep, Keeping, MustChoose, Place
from tripsage_tui.identity.projects import Project, ProjectError, Projects
from tripsage_tui.models.showing import one_line
from tripsage_tui.settings import projects_folder


def login(arguments: argparse.Namespace) -> int:
    """Sign in, by password unless another way is named."""

    async def run() -> Account:
        async with _door(arguments) as (accounts, sign_in):
            await _place(accounts, arguments.keep)
            return await come_in(sign_in, arguments.email, by_code=arguments.code, provider=arguments.oauth)

    account = asyncio.run(run())
    print(f"Signed in as {_shown(account)}.")
    return Exit.OK


def logout(arguments: argparse.Namespace) -> int:
    """Sign out here, on other machines, or everywhere."""
    scope = Scope.EVERYWHERE if arguments.everywhere else Scope.OTHERS if arguments.others else Scope.HERE

    async def run() -> tuple[Account, str | None]:
        async with _door(arguments) as (accounts, sign_in):
            account = await _current(accounts)
            return account, (await sign_in.sign_out(scope)).left

    account, left = asyncio.run(run())
    if left:
        raise CommandError(left, Exit.UNAVAILABLE)
    where = {Scope.HERE: "here", Scope.OTHERS: "on all other machines", Scope.EVERYWHERE: "everywhere"}[scope]
    print(f"Signed {_shown(account)} out {where}.")
    return Exit.OK


def status(arguments: argparse.Namespace) -> int:
    """Who is signed in, and where sign-ins are kept; exit code 4 when nobody is. Asks the project with --check."""
    if settings_of(arguments).project is None:
        from tripsage_tui.command_line import keys  # with the assistant and the services of a profile

        return keys.status(arguments)

    async def run() -> dict[str, Any]:
        async with _door(arguments) as (accounts, sign_in):
            facts = await _facts(accounts)
            if arguments.check and facts["signed_in"]:
                try:
                    facts["authenticators"] = [factor.name for factor in await sign_in.factors()]
                except SessionEnded:
                    facts["signed_in"] = False
            return facts

    project = _project(arguments)
    facts = {"project": project.name, "url": project.url, **asyncio.run(run())}
    if arguments.json:
        print(json.dumps(facts, indent=2))
    else:
        who = f"{facts['name']} <{facts['email']}>" if facts["email"] else "nobody"
        state = "" if facts["signed_in"] or not facts["email"] else " (the sign-in has ended: auth login)"
        print(f"Project   {one_line(project.name)} ({one_line(project.url)})")
        print(f"Account   {one_line(who)}{state}")
        print(f"Sign-ins  {one_line(facts['kept_in'])}")
        if facts.get("authenticators"):
            print(f"Factors   {one_line(', '.join(facts['authenticators']))}")
    return Exit.OK if facts["signed_in"] else Exit.NOT_FOUND


def list_accounts(arguments: argparse.Namespace) -> int:
    """Who has signed in here; the one that opens is marked."""

    async def run() -> list[dict[str, Any]]:
        async with _door(arguments) as (accounts, _):
            current = await accounts.current()
            return [
                {
                    "email": account.email,
                    "name": account.name,
                    "user_id": str(account.user_id),
                    "opens": account == current,
                    "signed_in": accounts.holds(account),
                }
                for account in await accounts.list()
            ]

    rows = asyncio.run(run())
    if arguments.json:
        print(json.dumps(rows, indent=2))
        return Exit.OK
    for row in rows:
        ended = "" if row["signed_in"] else "  signed out"
        print(f"{'*' if row['opens'] else ' '} {one_line(row['email']):<32} {one_line(row['name'])}{ended}")
    return Exit.OK


def switch(arguments: argparse.Namespace) -> int:
    """Open another account's session from now on."""

    async def run() -> Account:
        async with _door(arguments) as (accounts, _):
            known = await accounts.list()
            wanted = arguments.email.strip().lower()
            account = next((each for each in known if each.email.lower() == wanted), None)
            if account is None:
                listed = ", ".join(each.email for each in known) or "nobody"
                raise CommandError(f"{one_line(arguments.email)} has not signed in here: {listed}.", Exit.NOT_FOUND)
            await accounts.switch(account)
            return account

    account = asyncio.run(run())
    print(f"{_shown(account)} opens from now on; programs that run keep their account.")
    return Exit.OK


def _project(arguments: argparse.Namespace) -> Project:
    name = settings_of(arguments).project
    if name is None:
        raise CommandError(
            "The database on this computer needs no sign-in. `tripsage-tui connect FILE` adds a hosted project, "
            "--project NAME chooses one.",
            Exit.USAGE,
        )
    try:
        return Projects(projects_folder()).get(name)
    except ProjectError as error:
        raise CommandError(str(error), Exit.NOT_FOUND) from None


@asynccontextmanager
async def _door(arguments: argparse.Namespace) -> AsyncIterator[tuple[Accounts, SignIn]]:
    """The project's accounts and its door; what goes wrong there becomes an exit code."""
    project, folder = _project(arguments), settings_of(arguments).state_dir
    accounts = Accounts(project, Keeping(folder), folder)
    try:
        sign_in = SignIn(project, accounts)
        try:
            yield accounts, sign_in
        finally:
            await sign_in.close()
    except MustChoose as why:
        raise CommandError(
            f"{why} --keep file keeps sign-ins under {folder}: whoever can read your files can then read them.",
            Exit.REFUSED,
        ) from None
    except CannotKeep as error:
        raise CommandError(str(error), Exit.PROBLEM) from None
    except (Unreachable, RateLimited) as error:
        raise CommandError(str(error), Exit.UNAVAILABLE) from None
    except SignInError as error:
        raise CommandError(str(error), Exit.REFUSED) from None


async def _place(accounts: Accounts, keep: str | None) -> None:
    keeping = accounts.keeping
    if keep and keeping.place is not Place(keep):
        await keeping.choose(Place(keep))
    if keeping.place is Place.SESSION:
        raise CommandError("Sign-ins are kept in the open program only: say --keep file or keyring.", Exit.REFUSED)
    await accounts.ready()


async def _current(accounts: Accounts) -> Account:
    account = await accounts.current()
    if account is None:
        raise CommandError("Nobody is signed in.", Exit.NOT_FOUND)
    return account


async def _facts(accounts: Accounts) -> dict[str, Any]:
    account = await accounts.current()
    kept = await accounts.read(account) if account else None
    place = accounts.keeping.place
    return {
        "email": account.email if account else None,
        "name": account.name if account else None,
        "user_id": str(account.user_id) if account else None,
        "signed_in": kept is not None,
        "renewed_by": datetime.fromtimestamp(kept.good_until, UTC).isoformat(timespec="seconds") if kept else None,
        "kept": place.value if place else None,
        "kept_in": await accounts.described(),
    }


def _shown(account: Account) -> str:
    return one_line(f"{account.name} <{account.email}>")
