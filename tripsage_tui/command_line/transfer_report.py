"""What a transfer would do and has done: as lines for people, and as JSON for scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tripsage_tui.command_line.trips import print_table
from tripsage_tui.data.transfer_tables import FAMILIES, tables_of
from tripsage_tui.models.showing import one_line
from tripsage_tui.models.when import count_of
from tripsage_tui.transfer.titles import WORDS

if TYPE_CHECKING:
    from tripsage_tui.data.transfer_reading import LeftBehind
    from tripsage_tui.transfer.comparing import Comparison
    from tripsage_tui.transfer.moving import Outcome, Preview
    from tripsage_tui.transfer.worlds import Source, Traveller

MOST = 20
"""Differences, and rows deleted over there, that are printed one by one."""


async def counted(source: Source) -> dict[str, int]:
    """How many rows of each table a source has."""
    counts: dict[str, int] = {}
    for family in FAMILIES:
        roots = await source.outline(family)
        for start in range(0, len(roots), 50):
            part = [root.id for root in roots[start : start + 50]]
            for kind, rows in (await source.rows(family, part, vectors=False)).items():
                counts[kind] = counts.get(kind, 0) + len(rows)
        for table in tables_of(family):
            counts.setdefault(table.name, 0)
    return counts


def print_counts(counts: Mapping[str, int]) -> None:
    """One line per table that has rows."""
    rows = [(WORDS[kind][1], str(number)) for kind, number in counts.items() if number]
    if rows:
        print_table([("what", "rows"), *rows])


def print_preview(preview: Preview) -> None:
    """What is where, and what would be written."""
    source, target = preview.source, preview.target
    print(f"From {one_line(source.name)} ({source.place}) to {one_line(target.name)} ({target.place}):")
    counts = {WORDS[kind][1]: each for kind, each in preview.comparison.counts.items() if each.source}
    columns = {
        "rows": [each.source for each in counts.values()],
        "there": [each.there for each in counts.values()],
        "new": [each.new for each in counts.values()],
        "known by itself": [each.known for each in counts.values()],
        "differ": [each.differ for each in counts.values()],
        "deleted there": [each.gone for each in counts.values()],
    }
    shown = {head: numbers for head, numbers in columns.items() if any(numbers)}
    if counts:
        lines = (
            (what, *(str(number or "-") for number in line))
            for what, *line in zip(counts, *shown.values(), strict=True)
        )
        print_table([("what", *shown), *lines])
    print_left_behind(preview.left_behind, target.place)
    print_differences(preview.comparison)
    if not preview.comparison.new:
        print("There is nothing new to move.")


def print_left_behind(left: LeftBehind, place: str) -> None:
    """What does not move, and what to do about it."""
    if left.services:
        print(f"Keys stay here ({', '.join(map(one_line, left.services))}): set them anew with keys set.")
    if left.searches:
        print(f"{count_of(left.searches, 'answer')} of searches stay here: they expire by themselves.")
    if left.files:
        print(f"{count_of(left.files, 'file')} stay here: not complete, infected, or without a checksum.")
    if left.shared_trips:
        names = ", ".join(map(one_line, left.shared_trips))
        print(f"Trips of others stay theirs: {names}. Ask their owners to invite you in {place}.")
    for each in left.members:
        trip, name = one_line(str(each["trip"])), one_line(str(each["name"]))
        print(
            f"{trip} is shared with {name} ({each['level']}), whose account is not known in {place}. "
            f"Invite by e-mail: people {trip!r} invite ADDRESS --level {each['level']}"
        )
    for each in left.invitations:
        trip, email = one_line(str(each["trip"])), one_line(str(each["email"]))
        local = email.endswith("@local")
        hint = "which only means somebody on this computer" if local else "--invite invites this address there, too"
        print(f"{email} is invited to {trip} ({each['level']}): {hint}.")


def print_outcome(outcome: Outcome, invited: Sequence[tuple[str, str]]) -> None:
    """What was done, and what is not as it should be; what differs was said before."""
    for trip, email in invited:
        print(f"{one_line(email)} is invited to {one_line(trip)}.")
    for failure in outcome.failures:
        print(f"Not moved: {one_line(failure.title)}: {one_line(failure.reason)}")
    for row in outcome.wrong[:MOST]:
        print(f"Reads otherwise than it was written: {row}")
    print(
        f"Moved {count_of(outcome.written, 'row')} in {outcome.seconds:.1f} s; "
        f"{outcome.verified} of {outcome.after.rows} are there, each looked at."
    )
    if outcome.after.new and not outcome.failures:
        print(f"{count_of(outcome.after.new, 'row')} came meanwhile: start the transfer again.")


def print_differences(comparison: Comparison) -> None:
    """Rows that say something else on the two sides, and rows that were deleted over there."""
    for each in comparison.differences[:MOST]:
        columns = ", ".join(column.replace("_", " ") for column in each.columns)
        print(f"Differs (changed {each.changed}): {one_line(each.title)}: {columns}")
    if (more := len(comparison.differences) - MOST) > 0:
        print(f"... and {more} more that differ; --json lists all. Nothing of it was overwritten.")
    for gone in comparison.gone[:MOST]:
        print(f"Was deleted there and stays so: {one_line(gone.title)}")
    if (more := len(comparison.gone) - MOST) > 0:
        print(f"... and {more} more that were deleted there.")
    if comparison.gone:
        print("--deleted brings back what was deleted there.")


def preview_as_json(preview: Preview) -> dict[str, Any]:
    """For --dry-run --json."""
    return {
        "from": _who(preview.source),
        "to": _who(preview.target),
        "dry_run": True,
        "new": preview.comparison.new,
        **_compared(preview.comparison),
        "left_behind": _left(preview.left_behind),
    }


def outcome_as_json(outcome: Outcome, invited: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """For --json."""
    return {
        "from": _who(outcome.preview.source),
        "to": _who(outcome.preview.target),
        "dry_run": False,
        "complete": outcome.complete,
        "written": outcome.written,
        "verified": outcome.verified,
        "seconds": round(outcome.seconds, 3),
        **_compared(outcome.after),
        "wrong": outcome.wrong,
        "not_moved": [asdict(failure) for failure in outcome.failures],
        "invited": [{"trip": trip, "email": email} for trip, email in invited],
        "left_behind": _left(outcome.preview.left_behind),
    }


def export_as_json(
    who: Traveller, path: Path, counts: Mapping[str, int], left: LeftBehind, *, dry_run: bool
) -> dict[str, Any]:
    """For --json of an export."""
    return {
        "from": _who(who),
        "to": {"file": str(path)},
        "dry_run": dry_run,
        "tables": dict(counts),
        "written": 0 if dry_run else sum(counts.values()),
        "left_behind": _left(left),
    }


def _who(who: Traveller) -> dict[str, str]:
    return {"place": who.place, "name": who.name, "user_id": str(who.user_id)}


def _compared(comparison: Comparison) -> dict[str, Any]:
    return {
        "tables": {kind: asdict(counts) for kind, counts in comparison.counts.items()},
        "differences": [asdict(each) for each in comparison.differences],
        "deleted_there": [asdict(each) for each in comparison.gone],
    }


def _left(left: LeftBehind) -> dict[str, Any]:
    return {
        "keys": list(left.services),
        "searches": left.searches,
        "files": left.files,
        "trips_of_others": list(left.shared_trips),
        "members": [dict(each) for each in left.members],
        "invitations": [dict(each) for each in left.invitations],
    }
