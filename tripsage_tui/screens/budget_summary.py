"""What stands above the budget's lists, and the chart beside them."""

from __future__ import annotations

from tripsage_tui.models.budgets import Budget
from tripsage_tui.models.costs import Sums
from tripsage_tui.models.money import format_amount, format_totals
from tripsage_tui.models.when import count_of
from tripsage_tui.screens.budget_rows import View
from tripsage_tui.widgets.cost_chart import Bar, Chart
from tripsage_tui.widgets.trip_header import HeaderLine


def summary(budget: Budget) -> tuple[HeaderLine, ...]:
    """What is left and what it comes to each day and for each traveller; what is not counted."""

    def amount(value: object) -> str:
        return format_amount(value, budget.currency, compact=True)  # type: ignore[arg-type]  # always a Decimal

    sums, left = budget.total, budget.left
    start = f"{amount(left)} left" if left >= 0 else f"! {amount(-left)} over"
    facts = f"of {amount(budget.budget)} · {amount(sums.planned)} planned"
    lines = [HeaderLine(start, f"{facts}, {amount(sums.booked)} booked, {amount(sums.paid)} paid")]
    more = []
    if budget.left_per_day is not None and left > 0:
        more.append(f"{amount(budget.left_per_day)} a day for {count_of(budget.days_left, 'day')}")
    if budget.travelers > 1 and sums.planned:
        more.append(f"{amount(budget.per_traveller)} for each of {count_of(budget.travelers, 'traveller')}")
    if more:
        lines.append(HeaderLine("", " · ".join(more)))
    if budget.unconverted:
        apart = format_totals(budget.apart, compact=True)
        lines.append(HeaderLine("Not counted", f"{apart}: no rate to {budget.currency} yet; x types one"))
    return tuple(lines)


def chart(budget: Budget, view: View) -> Chart | None:
    """The bars of a view, None where it has none."""
    if view is View.CATEGORIES:
        bars = tuple(_bar(category.value, sums) for category, sums in budget.by_category.items())
        return Chart(f"{budget.currency} by category", bars, flat=True)
    if view is View.DAYS:
        bars = tuple(_bar(str(day.day), sums) for day, sums in budget.by_day.items())
        days = max(len(budget.by_day), 1)
        return Chart(f"{budget.currency}/day, ─ even share", bars, limit=float(budget.budget) / days)
    return None


def _bar(label: str, sums: Sums) -> Bar:
    paid = float(min(sums.paid, sums.planned))
    booked = float(min(sums.booked, sums.planned))
    return Bar(label, paid, max(booked - paid, 0.0), max(float(sums.planned) - max(booked, paid), 0.0))
