"""`tripsage-tui doctor`: what is right and what is wrong, one finding a line, each with its remedy."""

from __future__ import annotations

import argparse
import asyncio
import json
import locale
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from tripsage_tui import __version__
from tripsage_tui.command_line.doctor_project import findings_of, print_findings
from tripsage_tui.command_line.errors import Exit
from tripsage_tui.command_line.running import say, settings_of
from tripsage_tui.data.checks import database_facts
from tripsage_tui.data.errors import DataError
from tripsage_tui.models.diagnosis import Finding
from tripsage_tui.models.when import count_of
from tripsage_tui.settings import Settings, config_file
from tripsage_tui.workspace import ProfileUnknown, Workspace

LEAST_FREE = 500_000_000
"""Bytes that should be free for the database: a full disk stops every write."""


def run(arguments: argparse.Namespace) -> int:
    """Print all findings; exit 1 when there is an error among them."""
    settings = settings_of(arguments)
    world = _database(settings) if settings.project is None else findings_of(settings.project)
    findings = [*_terminal(), *_folders(settings), *asyncio.run(world), asyncio.run(_scanner(settings))]
    if arguments.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2, ensure_ascii=False))
    else:
        print(f"tripsage-tui {__version__}, Python {sys.version.split()[0]}")
        print_findings(findings)
    return Exit.PROBLEM if any(finding.level == "error" for finding in findings) else Exit.OK


def _terminal() -> Iterator[Finding]:
    term = os.environ.get("TERM", "")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        yield Finding(
            "warning", "terminal", "This is not a terminal: shell commands work, the program itself does not."
        )
    elif term in {"", "dumb", "unknown"}:
        yield Finding("warning", "terminal", f"TERM is {term!r}: the program needs one that can address the cursor.")
    else:
        columns, rows = shutil.get_terminal_size()
        level = "ok" if columns >= 80 and rows >= 24 else "warning"
        yield Finding(level, "terminal", f"{term}, {columns}x{rows} (80x24 is the least that shows everything).")
    if locale.getpreferredencoding(False).replace("-", "").lower() != "utf8":
        yield Finding("warning", "locale", "The locale is not UTF-8: set LANG, e.g. LANG=C.UTF-8.")


def _folders(settings: Settings) -> Iterator[Finding]:
    path = config_file()
    yield Finding("ok", "settings", f"{path}" if path.exists() else f"{path} does not exist: all defaults.")
    folder = settings.data_dir
    # Root's server runs as another user, who has to pass; what is in the folder is closed to others anyway.
    theirs = 0o022 if os.geteuid() == 0 else 0o077
    if folder.exists() and folder.stat().st_mode & theirs:
        yield Finding("warning", "folder", f"Others may enter {folder}: chmod 700 {folder}.")
    free = shutil.disk_usage(_existing(folder)).free
    level = "ok" if free >= LEAST_FREE else "warning"
    yield Finding(level, "folder", f"{folder}, {free / 1e9:.1f} GB free.")


async def _scanner(settings: Settings) -> Finding:
    from tripsage_tui.attachments.scanning import Clamd

    clamd = Clamd(settings.clamd)
    if (version := await clamd.version()) is not None:
        return Finding("ok", "scanner", f"{version} at {clamd.address} scans attached files.")
    if settings.clamd and clamd.address is not None:
        return Finding("warning", "scanner", f"Nothing answers at {clamd.address}: attached files are not scanned.")
    return Finding("ok", "scanner", "No clamd: attached files are not scanned, and marked so.")


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder


async def _database(settings: Settings) -> list[Finding]:
    async with Workspace(settings) as workspace:
        try:
            await workspace.start(say)
            facts = await database_facts(workspace.server)
            findings = [
                Finding("ok", "database", f"PostgreSQL {facts.server} runs, pgvector {facts.pgvector}."),
                _protection(facts.unprotected),
                *(
                    Finding("ok" if status == "ok" else "warning", "health", f"{metric.replace('_', ' ')}: {value}.")
                    for metric, value, status in facts.health
                ),
            ]
            return [*findings, await _identity(workspace)]
        except (DataError, ProfileUnknown) as error:
            return [Finding("error", "database", str(error))]


def _protection(unprotected: tuple[str, ...]) -> Finding:
    if unprotected:
        return Finding("error", "security", f"Tables without row level security: {', '.join(unprotected)}.")
    return Finding("ok", "security", "Row level security protects every table.")


async def _identity(workspace: Workspace) -> Finding:
    profiles = await workspace.profiles()
    last = await workspace.choose(create=False)
    if last is None:
        names = ", ".join(profile.name for profile in profiles) or "none yet"
        return Finding("ok", "profile", f"Profiles: {names}.")
    planner = await workspace.enter(last)
    trips = await planner.trips.list()
    return Finding("ok", "profile", f"{last.name} is signed in and sees {count_of(len(trips), 'trip')}.")
