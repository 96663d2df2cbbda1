"""`tripsage-tui attach FILE ...` and `tripsage-tui attachments list|save|open|delete`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from tripsage_tui.attachments.errors import AttachmentError, Infected
from tripsage_tui.attachments.uploads import Upload
from tripsage_tui.command_line.errors import CommandError, Exit
from tripsage_tui.command_line.running import signed_in
from tripsage_tui.command_line.trips import print_json, print_table, trip_id_of
from tripsage_tui.models.attachments import Attachment, Subject, UploadStatus
from tripsage_tui.models.expenses import BookingKind
from tripsage_tui.models.showing import one_line
from tripsage_tui.models.sizes import size_text
from tripsage_tui.planner import Planner

_STALLED = 120.0
"""Seconds without a byte after which the command leaves an upload to the next start of the program."""


def attach(arguments: argparse.Namespace) -> int:
    """Attach files and wait until they have arrived; prints their ids."""

    async def run() -> list[Attachment]:
        async with signed_in(arguments) as planner:
            subject = await _subject(planner, arguments.trip, arguments.booking)
            for each in arguments.files:  # all of them before the first is sent
                await planner.attachments.look_at(Path(each))
            return [await _sent(planner, Path(each), subject) for each in arguments.files]

    arrived = _saying(run())
    if arguments.json:
        print_json([_object(each) for each in arrived])
    else:
        for each in arrived:
            print(each.id)
    return Exit.OK


def list_attachments(arguments: argparse.Namespace) -> int:
    """The files of a trip, of a booking, or all."""

    async def run() -> list[Attachment]:
        async with signed_in(arguments) as planner:
            if arguments.trip is None:
                if arguments.booking:
                    raise CommandError("Say of which trip the booking is with --trip.", Exit.USAGE)
                return await planner.attachments.all()
            return await planner.attachments.of(await _subject(planner, arguments.trip, arguments.booking))

    found = _saying(run())
    if arguments.json:
        print_json([_object(each) for each in found])
    elif found:
        print_table([("id", "name", "size", "state", "scan", "booking"), *(_row(each) for each in found)])
    else:
        print("No files.")
    return Exit.OK


def save(arguments: argparse.Namespace) -> int:
    """Copy a file into a folder, under a free name; prints where it is."""

    async def run() -> Path:
        async with signed_in(arguments) as planner:
            return await planner.attachments.save(await _wanted(planner, arguments), Path(arguments.to))

    print(_saying(run()))
    return Exit.OK


def show(arguments: argparse.Namespace) -> int:
    """Open a file with the desktop's program; prints where the copy is."""

    async def run() -> Path:
        async with signed_in(arguments) as planner:
            return await planner.attachments.open(await _wanted(planner, arguments))

    print(_saying(run()))
    return Exit.OK


def delete(arguments: argparse.Namespace) -> int:
    """Put a file into the trash, or take it out."""

    async def run() -> Attachment:
        async with signed_in(arguments) as planner:
            if arguments.undo:
                return await planner.attachments.restore(await planner.attachments.get(_id(arguments.file)))
            return await planner.attachments.delete(await _wanted(planner, arguments))

    done = _saying(run())
    if arguments.undo:
        print(f"Brought back {one_line(done.filename)}.")
    else:
        print(f"Deleted {one_line(done.filename)}. For a day: tripsage-tui attachments delete --undo {done.id}")
    return Exit.OK


async def _sent(planner: Planner, path: Path, subject: Subject) -> Attachment:
    upload = await planner.attachments.add(path, subject)
    moved = asyncio.Event()
    upload.on_change(lambda each: _moved(each, moved))
    done = asyncio.ensure_future(upload.done())
    while not done.done():
        moved.clear()
        waiting = asyncio.ensure_future(moved.wait())
        await asyncio.wait({done, waiting}, timeout=_STALLED, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done() and not done.done():
            done.cancel()
            raise CommandError(
                f"{upload.attachment.filename} has not arrived: {upload.trouble or 'nothing moves.'} "
                "The next start of the program goes on with it.",
                Exit.UNAVAILABLE,
            )
        waiting.cancel()
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return await done


def _moved(upload: Upload, moved: asyncio.Event) -> None:
    if upload.sent and not upload.trouble:
        moved.set()
    if sys.stderr.isatty():
        about = upload.trouble or f"{upload.part:.0%} of {size_text(upload.size)}"
        print(f"\r\033[K{one_line(upload.attachment.filename)}: {one_line(about)}", end="", file=sys.stderr, flush=True)


async def _subject(planner: Planner, trip: str, booking: str | None) -> Subject:
    trip_id = await trip_id_of(planner, trip)
    if booking is None:
        return Subject.trip(trip_id)
    kind, _, number = booking.partition("-")
    if kind not in set(BookingKind) or not number.isdecimal():
        raise CommandError("A booking is named as `tripsage-tui bookings` does: flight-3, stay-12.", Exit.USAGE)
    return Subject.booking(trip_id, kind, int(number))


async def _wanted(planner: Planner, arguments: argparse.Namespace) -> Attachment:
    """By id, or by a name that only one file of the trip (or of all) has."""
    word = arguments.file
    try:
        return await planner.attachments.get(UUID(word))
    except ValueError:
        pass
    files = planner.attachments
    everything = await (
        files.all() if arguments.trip is None else files.of(Subject.trip(await trip_id_of(planner, arguments.trip)))
    )
    folded = word.casefold()
    found = [each for each in everything if each.filename.casefold() == folded] or [
        each for each in everything if folded in each.filename.casefold()
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandError(f"There is no file {word!r}. See tripsage-tui attachments list.", Exit.NOT_FOUND)
    ids = ", ".join(f"{one_line(each.filename)} ({each.id})" for each in found[:5])
    raise CommandError(f"Several files are called {word!r}: name one by its id: {ids}.", Exit.USAGE)


def _id(word: str) -> UUID:
    try:
        return UUID(word)
    except ValueError:
        raise CommandError("Name the deleted file by its id.", Exit.USAGE) from None


def _saying(work: Any) -> Any:
    """Run it; what goes wrong with a file is one sentence and an exit code."""
    try:
        return asyncio.run(work)
    except Infected as error:
        raise CommandError(str(error), Exit.REFUSED) from error
    except AttachmentError as error:
        raise CommandError(str(error), Exit.PROBLEM) from error


def _row(each: Attachment) -> tuple[str, ...]:
    booking = f"{each.booking_kind}-{each.booking_id}" if each.booking_kind else ""
    state = "" if each.upload_status is UploadStatus.COMPLETED else each.upload_status.value
    return (str(each.id), each.filename, size_text(each.file_size), state, each.scan.label, booking)


def _object(each: Attachment) -> dict[str, object]:
    return each.model_dump(mode="json", exclude={"file_path", "user_id", "deleted_at"})
