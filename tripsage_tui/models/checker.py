"""The checker: what is missing in a trip, what cannot be, and what is going to hurt.

Pure rules over a plan, a moment and a few facts. Each rule is a function from `Checked` to findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime

from tripsage_tui.models.checking_beds import double_beds, late_check_ins, nights_without_bed
from tripsage_tui.models.checking_connections import overlaps, tight_connections
from tripsage_tui.models.checking_context import CheckContext, Papers
from tripsage_tui.models.checking_details import closed_that_day, missing_references, missing_zones, papers
from tripsage_tui.models.checking_money import over_budget, unpaid
from tripsage_tui.models.checking_places import wrong_city
from tripsage_tui.models.checking_plan import Checked
from tripsage_tui.models.checking_times import impossible_legs, outside_trip, too_fast
from tripsage_tui.models.findings import Finding, in_order
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.trips import TripStatus

__all__ = ["CheckContext", "Papers", "check"]

Rule = Callable[[Checked], Iterator[Finding]]

ALWAYS: tuple[Rule, ...] = (impossible_legs, too_fast, unpaid)
"""Also of a trip that is over: a wrong time is wrong in the memory too, and a debt stays one."""
WHILE_IT_LASTS: tuple[Rule, ...] = (
    nights_without_bed,
    double_beds,
    late_check_ins,
    overlaps,
    tight_connections,
    wrong_city,
    outside_trip,
    papers,
    over_budget,
    closed_that_day,
    missing_zones,
    missing_references,
)


def check(plan: TripPlan, *, today: date, now: datetime, context: CheckContext | None = None) -> tuple[Finding, ...]:
    """Everything that is wrong with a trip, the worst first. A cancelled trip has nothing to be wrong.

    `today` is the user's calendar day, `now` the present instant. What is past can no longer be put right and is not
    told.
    """
    if plan.trip.status is TripStatus.CANCELLED:
        return ()
    checked = Checked(plan, today, now, context or CheckContext())
    rules = ALWAYS if checked.over else ALWAYS + WHILE_IT_LASTS
    return in_order(finding for rule in rules for finding in rule(checked))
