"""`tripsage-tui transfer --from PLACE --to PLACE`: everything a user owns, from one place to another."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tripsage_tui.command_line.errors import CommandError, Exit
from tripsage_tui.command_line.running import say, signed_in
from tripsage_tui.command_line.trips import print_json
from tripsage_tui.settings import LOCAL, projects_folder

if TYPE_CHECKING:
    from tripsage_tui.planner import Planner
    from tripsage_tui.transfer.contents import StoredFiles
    from tripsage_tui.transfer.moving import Moving, Outcome
    from tripsage_tui.transfer.worlds import DatabaseWorld, Files, Source


@dataclass(frozen=True)
class _End:
    """One side, opened: a database with its services, or a file."""

    source: Source
    files: Files | None
    world: DatabaseWorld | None = None
    stored: StoredFiles | None = None
    planner: Planner | None = None


def run(arguments: argparse.Namespace) -> int:
    """Show what would move, ask, move it, look again, and say what was done."""
    from tripsage_tui.transfer.archive_format import ArchiveError

    if arguments.source == arguments.target:
        raise CommandError(
            "--from and --to name the same place; from profile to profile goes by way of a file.", Exit.USAGE
        )
    try:
        return asyncio.run(_run(arguments))
    except ArchiveError as error:
        raise CommandError(str(error)) from error
    except KeyboardInterrupt:
        raise CommandError(
            "Interrupted. The same transfer goes on when it is started again.", Exit.INTERRUPTED
        ) from None


async def _run(arguments: argparse.Namespace) -> int:
    source_file, target_file = _file_of(arguments.source), _file_of(arguments.target)
    if source_file is not None and target_file is not None:
        raise CommandError("A transfer begins or ends in a database: say --from local or --to local.", Exit.USAGE)
    async with AsyncExitStack() as opened:
        source = await _open_source(arguments, source_file, opened)
        if target_file is not None:
            return await _export(arguments, source, target_file)
        target = await _open_database(arguments, arguments.target, opened, create=True)
        return await _move(arguments, source, target)


async def _open_source(arguments: argparse.Namespace, path: Path | None, opened: AsyncExitStack) -> _End:
    if path is None:
        return await _open_database(arguments, arguments.source, opened, create=False)
    from tripsage_tui.transfer.archive_reading import ArchiveSource

    say(f"Reading {path.name} ...")
    file = opened.enter_context(await asyncio.to_thread(ArchiveSource, path))
    return _End(file, file)


async def _open_database(arguments: argparse.Namespace, place: str, opened: AsyncExitStack, *, create: bool) -> _End:
    from tripsage_tui.data.transfer_reading import TransferReading
    from tripsage_tui.data.transfer_writing import TransferWriting
    from tripsage_tui.transfer.contents import StoredFiles
    from tripsage_tui.transfer.worlds import DatabaseWorld, Traveller

    who = arguments.profile if place == LOCAL else arguments.account
    theirs = argparse.Namespace(**{**vars(arguments), "project": place, "profile": who})
    planner = await opened.enter_async_context(signed_in(theirs, create=create))
    if place not in {LOCAL, planner.place}:
        raise CommandError(f"{place} cannot be opened.")
    traveller = Traveller(planner.profile.id, planner.profile.name, place)
    world = DatabaseWorld(traveller, TransferReading(planner.database), TransferWriting(planner.database))
    stored = StoredFiles(planner.attachments)
    return _End(world, stored, world, stored, planner)


def _file_of(place: str) -> Path | None:
    """The file that a place is; None for a database. Raises CommandError for what is neither."""
    from tripsage_tui.identity.projects import Projects

    if place == LOCAL:
        return None
    names = Projects(projects_folder()).names()
    if place in names:
        return None
    path = Path(place).expanduser()
    if path.suffix.lower() == ".zip" or "/" in place or path.exists():
        return path
    known = ", ".join((LOCAL, *names))
    raise CommandError(f"There is no place {place!r}. Places: {known}, or a file that ends in .zip.", Exit.NOT_FOUND)


async def _export(arguments: argparse.Namespace, source: _End, path: Path) -> int:
    from tripsage_tui.command_line import transfer_report as report
    from tripsage_tui.transfer.archive_writing import write_archive

    left = await source.source.left_behind()
    if arguments.dry_run:
        counts = await report.counted(source.source)
    else:
        counts = await write_archive(
            source.source, path, files=source.files, replace=arguments.replace, say=_progress(arguments)
        )
    if arguments.json:
        print_json(report.export_as_json(source.source.who, path, counts, left, dry_run=arguments.dry_run))
        return Exit.OK
    report.print_counts(counts)
    report.print_left_behind(left, str(path))
    print(f"{'Would write' if arguments.dry_run else 'Wrote'} {sum(counts.values())} rows to {path}.")
    return Exit.OK


async def _move(arguments: argparse.Namespace, source: _End, target: _End) -> int:
    from tripsage_tui.command_line import transfer_report as report
    from tripsage_tui.transfer.moving import Moving

    world = target.world
    if world is None:  # pragma: no cover  (only databases are opened as targets)
        raise CommandError("This cannot be moved into.", Exit.USAGE)
    contents = (source.files, target.stored) if source.files and target.stored else None
    moving = Moving(source.source, world, contents=contents, again=arguments.deleted, say=_progress(arguments))
    preview = await moving.look()
    if arguments.json and arguments.dry_run:
        print_json(report.preview_as_json(preview))
    if not arguments.json:
        report.print_preview(preview)
    if arguments.dry_run:
        return Exit.OK
    if preview.comparison.new and not arguments.yes and not _agreed(preview.comparison.new, preview.target.place):
        print("Nothing was moved.", file=sys.stderr)
        return Exit.REFUSED
    outcome = await _moved(moving)
    invited = await _invite(arguments, outcome, target)
    if arguments.json:
        print_json(report.outcome_as_json(outcome, invited))
    else:
        report.print_outcome(outcome, invited)
    return Exit.OK if outcome.complete else Exit.PROBLEM


async def _moved(moving: Moving) -> Outcome:
    from tripsage_tui.data.errors import DataError, Unavailable

    try:
        return await moving.move()
    except Unavailable as error:
        raise CommandError(f"{error} Start the same transfer again: it goes on.", Exit.UNAVAILABLE) from error
    except DataError as error:
        raise CommandError(f"{error} What was moved stays; the same transfer goes on when started again.") from error


def _agreed(rows: int, place: str) -> bool:
    if not sys.stdin.isatty():
        raise CommandError("Say --yes to move this without being asked, or --dry-run to only look.", Exit.USAGE)
    print(f"Move {rows} rows to {place}? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in {"y", "yes"}


async def _invite(arguments: argparse.Namespace, outcome: Outcome, target: _End) -> list[tuple[str, str]]:
    """Invite anew who was invited by e-mail, where that was asked for; (trip, address) of each."""
    if not arguments.invite or target.planner is None:
        return []
    from tripsage_tui.data.errors import DataError
    from tripsage_tui.models.trips import Access

    done = []
    for each in outcome.preview.left_behind.invitations:
        trip, email = outcome.find("trips", str(each["trip_id"])), str(each["email"])
        if trip is None or email.endswith("@local"):
            continue
        try:
            await target.planner.people.invite(int(trip), email, Access(each["level"]))
        except DataError as error:
            print(f"tripsage-tui: {email} was not invited: {error}", file=sys.stderr)
        else:
            done.append((str(each["trip"]), email))
    return done


def _progress(arguments: argparse.Namespace) -> Callable[[str, int, int], None]:
    def told(what: str, done: int, total: int) -> None:
        say(f"{what}: {done} of {total}" if total else f"{what} ...")

    return told
