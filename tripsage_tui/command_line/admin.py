"""`tripsage-tui admin ...`: what the operator of a hosted project does, once and after each update.

A password is never needed on the command line: it is asked for, or comes in the environment.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import secrets
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import SecretStr

from tripsage_tui.command_line.doctor_project import print_findings, project_findings
from tripsage_tui.command_line.errors import CommandError, Exit
from tripsage_tui.data.operator import (
    CannotSetUp,
    Operator,
    client_target,
    logs_in,
    operating,
    read_url,
    storage_sql,
)
from tripsage_tui.data.target import ConnectionTarget, PoolMode, Tls
from tripsage_tui.identity.project_files import Project, ProjectError, as_toml, read_project
from tripsage_tui.identity.projects import decoded, write_privately
from tripsage_tui.models.showing import one_line
from tripsage_tui.models.when import count_of

URL_VARIABLE = "TRIPSAGE_ADMIN_DATABASE_URL"
KEY_VARIABLE = "TRIPSAGE_PUBLISHABLE_KEY"
PASSWORD_BYTES = 32


def setup(arguments: argparse.Namespace) -> int:
    """Prepare a project and write the connection file for its users."""
    try:
        return asyncio.run(_setup(arguments))
    except CannotSetUp as error:
        raise CommandError(one_line(str(error)), Exit.PROBLEM) from None
    except ProjectError as error:
        raise CommandError(str(error), Exit.USAGE) from None


def print_storage_sql(_: argparse.Namespace) -> int:
    """Print what a role needs more rights for than postgres has on some self-hosted projects."""
    print(storage_sql())
    return Exit.OK


@dataclass(frozen=True)
class Plan:
    """What a set-up is about: the owner's way in, and the file that it leads to."""

    owner: ConnectionTarget
    draft: Project
    """Without the password."""
    out: Path
    known: SecretStr | None
    """The password in the file that is there already."""


async def _setup(arguments: argparse.Namespace) -> int:
    plan = planned(arguments)
    async with operating(plan.owner) as operator:
        changed = await operator.migrate(lambda name: print(f"  {name}"))
        what = f"{count_of(len(changed.applied), 'migration')} applied" if changed.applied else "nothing to apply"
        print(f"✓ schema      {what}, {changed.before} were there before.")
        password, new = await _password(plan, operator, rotate=arguments.rotate)
        if new:
            await operator.set_password(password)
            print(
                f"✓ password    A new one was set for {plan.draft.target.user}; "
                "connection files with another one are void."
            )
        else:
            print(f"✓ password    That of {plan.out} still works and stays (--rotate makes a new one).")
        lacks = await operator.storage_lacks()
    if lacks:
        print(f"! storage     {operator.name} could not make {', '.join(lacks)}: attachments do not work. Run what")
        print("              `tripsage-tui admin storage-sql` prints as a superuser (self-hosted: supabase_admin).")
    else:
        print("✓ storage     The bucket and its policies are there.")
    project = replace(plan.draft, target=replace(plan.draft.target, password=password))
    _write(plan.out, project)
    findings = await project_findings(project)
    print_findings(findings)
    print(
        f"Written: {plan.out}. Hand it to the users over a safe way; they run `tripsage-tui connect {plan.out.name}`."
    )
    return Exit.PROBLEM if any(finding.level == "error" for finding in findings) else Exit.OK


async def _password(plan: Plan, operator: Operator, *, rotate: bool) -> tuple[SecretStr, bool]:
    """The login's password, and whether it has to be set. Never takes away one that is in use without being told."""
    if not rotate and plan.known is not None:
        if await logs_in(replace(plan.draft.target, password=plan.known)):
            return plan.known, False
        raise CannotSetUp(f"The password in {plan.out} is not the login's: --rotate makes a new one for everybody.")
    if not rotate and (day := await operator.password_set_on()) is not None:
        raise CannotSetUp(
            f"The login got its password on {day}, and it cannot be read back: name the connection file of that day "
            "with --out, or make a new password for everybody with --rotate."
        )
    return SecretStr(secrets.token_urlsafe(PASSWORD_BYTES)), True


def planned(arguments: argparse.Namespace) -> Plan:
    """What command line and environment ask for. Raises CannotSetUp, ProjectError, CommandError."""
    owner = _owner(arguments)
    target = _client(arguments, owner)
    url = arguments.project_url or _url_of(owner)
    draft = as_draft(
        Project(
            name=arguments.name or "",
            url=url,
            publishable_key=_key(arguments),
            target=replace(target, password=SecretStr("-")),
            pool_mode=PoolMode(arguments.mode) if arguments.mode else _mode_of_port(target.port),
        ),
    )
    out = Path(arguments.out or f"{draft.name}.toml").expanduser().absolute()
    if not os.access(out.parent, os.W_OK | os.X_OK):
        raise CommandError(f"{out.parent} cannot be written: name another place with --out.", Exit.USAGE)
    return Plan(owner, draft, out, _known_password(out, draft))


def as_draft(project: Project) -> Project:
    """The project as its users will read it. Raises ProjectError for what they could not read."""
    text = as_toml(project)
    if not project.name:
        text = text.replace('name = ""\n', "", 1)
    return read_project(text)


def _owner(arguments: argparse.Namespace) -> ConnectionTarget:
    given: str | None = arguments.database_url
    owner = None if given is None else read_url(SecretStr(given))
    if owner is not None and owner.password is not None:
        print(
            "tripsage-tui: the password in --database-url can be seen in the process list and the shell's history: "
            f"leave it out (it is asked for), or use {URL_VARIABLE}.",
            file=sys.stderr,
        )
    text = given or os.environ.get(URL_VARIABLE) or _asked("Database URL of the role postgres (not shown): ")
    owner = read_url(SecretStr(text), ca_file=Path(arguments.ca).expanduser() if arguments.ca else None)
    if owner.password is None and not owner.is_socket:
        password = os.environ.get("PGPASSWORD") or _asked(f"Password of {one_line(owner.user)} (not shown): ")
        owner = replace(owner, password=SecretStr(password))
    return owner


def _asked(question: str) -> str:
    text = getpass.getpass(question) if sys.stdin.isatty() else sys.stdin.readline()
    if not text.strip():
        raise CommandError("The set-up needs the database URL and its password.", Exit.USAGE)
    return text.strip("\r\n")


def _client(arguments: argparse.Namespace, owner: ConnectionTarget) -> ConnectionTarget:
    """How users reach the database: as the operator does, through the pooler that was named, or as was said."""
    through = owner
    if arguments.pooler_url:
        pooler = read_url(SecretStr(arguments.pooler_url))
        through = replace(owner, host=pooler.host, port=pooler.port, user=pooler.user, database=pooler.database)
    target = replace(
        client_target(through, SecretStr("-")),
        host=arguments.host or through.host,
        port=arguments.port or through.port,
        ssl=Tls(arguments.tls) if arguments.tls else owner.ssl,
    )
    if target.ca_file is not None:
        try:
            pem = target.ca_file.read_text("ascii")
        except (OSError, UnicodeDecodeError):
            raise CommandError(f"{target.ca_file} cannot be read as certificates (PEM).", Exit.USAGE) from None
        target = replace(target, ca_file=None, ca_pem=pem)
    return target


def _mode_of_port(port: int) -> PoolMode:
    return PoolMode.TRANSACTION if port == 6543 else PoolMode.SESSION


def _url_of(owner: ConnectionTarget) -> str:
    """supabase.com's address of the project that this is the database of."""
    labels = owner.host.split(".")
    ref = owner.user.partition(".")[2] if owner.host.endswith(".pooler.supabase.com") else ""
    if len(labels) == 4 and labels[0] == "db" and owner.host.endswith(".supabase.co"):
        ref = labels[1]
    if not ref:
        raise CommandError("Say where the project is: --project-url https://...", Exit.USAGE)
    return f"https://{ref}.supabase.co"


def _key(arguments: argparse.Namespace) -> str:
    key = arguments.publishable_key or os.environ.get(KEY_VARIABLE, "")
    if not key:
        raise CommandError(
            f"Give the project's publishable key with --publishable-key or {KEY_VARIABLE} (dashboard: API keys).",
            Exit.USAGE,
        )
    return str(key)


def _known_password(out: Path, draft: Project) -> SecretStr | None:
    """The password in the file that is to be written again. Raises CannotSetUp where it is another project's."""
    try:
        content = out.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotSetUp(f"{out} cannot be read: {error.strerror}.") from None
    try:
        there = read_project(decoded(content))
    except ProjectError as error:
        raise CannotSetUp(f"{out} is there and no connection file ({error}): name another one with --out.") from None
    if there.url != draft.url:
        raise CannotSetUp(f"{out} is the file of {there.url}: name another one with --out.")
    return there.target.password


def _write(out: Path, project: Project) -> None:
    try:
        write_privately(out, as_toml(project))
    except OSError as error:
        raise CannotSetUp(
            f"{out} cannot be written ({error.strerror}): run it again with --rotate and another --out."
        ) from None
