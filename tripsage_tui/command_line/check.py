"""`tripsage-tui check TRIP`: what is missing in a trip, and what cannot be."""

from __future__ import annotations

import argparse
import asyncio
import json
from datetime import date

from tripsage_tui.command_line.errors import Exit
from tripsage_tui.command_line.running import signed_in
from tripsage_tui.command_line.trips import trip_id_of
from tripsage_tui.models.findings import Finding, Severity, count_text
from tripsage_tui.models.showing import one_line
from tripsage_tui.models.when import format_date
from tripsage_tui.trip_check import check_trip


def run(arguments: argparse.Namespace) -> int:
    """Print the findings, the worst first. Exit code 1 where there is an error among them.

    Those that were put aside on the trip screen are left out unless `--all` asks for them.
    """

    async def find() -> tuple[tuple[Finding, ...], str, date]:
        async with signed_in(arguments) as planner:
            plan = await planner.trips.plan(await trip_id_of(planner, arguments.trip))
            ledger = await planner.expenses.ledger(plan.trip.id)
            found = await check_trip(planner, plan, ledger)
            aside = set() if arguments.all else set(plan.trip.known_findings)
            return tuple(each for each in found if each.key not in aside), plan.trip.name, planner.today

    findings, name, today = asyncio.run(find())
    if arguments.json:
        print(json.dumps([as_json(finding) for finding in findings], indent=2, ensure_ascii=False))
    else:
        _print(findings, name, today)
    return Exit.PROBLEM if any(finding.severity is Severity.ERROR for finding in findings) else Exit.OK


def as_json(finding: Finding) -> dict[str, object]:
    """What scripts are given: names of codes and kinds stay as they are."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "day": finding.day.isoformat() if finding.day else None,
        "items": [{"kind": ref.kind, "id": ref.id} for ref in finding.items],
    }


def _print(findings: tuple[Finding, ...], name: str, today: date) -> None:
    print(one_line(f"{name}: {count_text(findings)}"))
    for finding in findings:
        day = format_date(finding.day, today) if finding.day else ""
        print(f"\n{finding.severity.value:<8} {day:<15} {one_line(finding.message)}")
        print(f"{'':<24} {one_line(finding.why)} [{finding.code}]")
