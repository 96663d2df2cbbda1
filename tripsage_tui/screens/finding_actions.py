"""The checker on the trip screen: looks at each change, marks rows, lists what it found, goes there, remedies it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from tripsage_tui.changes.trips import TripChanges
from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.findings import Finding, ItemRef, Severity, count_text, worst
from tripsage_tui.models.when import format_date
from tripsage_tui.screens.moving_actions import MovingActions
from tripsage_tui.screens.trip_view import booking_key
from tripsage_tui.widgets.agenda_list import AgendaLine
from tripsage_tui.widgets.findings_panel import FindingLine, FindingsPanel

if TYPE_CHECKING:
    from tripsage_tui.models.plans import TripPlan
    from tripsage_tui.planner import Planner

FIX = Command("trip.fix", "f", "fix", "Remedy", "Remedy the finding; it shows first what it will do.", footer=False)
FOUND = Command(
    "trip.next-finding",
    "right_square_bracket",
    "step_finding(1)",
    "Next finding",
    "To what is wrong next.",
    footer=False,
)
FOUND_BEFORE = Command(
    "trip.finding-before",
    "left_square_bracket",
    "step_finding(-1)",
    "Finding before",
    "To what is wrong before.",
    footer=False,
)
_CLASSES = {
    "flight": "Flight",
    "accommodation": "Accommodation",
    "transportation": "Transportation",
    "item": "ItineraryItem",
}


class FindingActions(MovingActions):
    """`findings` are those to be told, `known` those that the user has put aside."""

    BINDINGS: ClassVar[list[BindingType]] = bindings((FIX, FOUND, FOUND_BEFORE))

    def __init__(self, planner: Planner, trip_id: int, *, at: tuple[str, int] | None = None) -> None:
        super().__init__(planner, trip_id, at=at)
        self.findings: tuple[Finding, ...] = ()
        self.known: tuple[Finding, ...] = ()
        self._looked = False
        self._current = ""

    def compose_body(self) -> ComposeResult:
        yield from super().compose_body()
        yield FindingsPanel()

    @property
    def panel(self) -> FindingsPanel:
        return self.query_one(FindingsPanel)

    @property
    def finding(self) -> Finding | None:
        """The finding that commands are about: the one in the panel, or the one last gone to."""
        key = self.panel.key if self.is_mounted and self.panel.display else self._current
        return next((each for each in (*self.findings, *self.known) if each.key == key), None)

    async def load(self) -> None:
        await super().load()
        # By now it is known who travels and what else was spent.
        self._check_again()

    def show_plan(self, plan: TripPlan) -> None:
        super().show_plan(plan)
        # Painted first: rules that run in a thread slow the screen down.
        self.call_after_refresh(self._check_again)

    def _check_again(self) -> None:
        self.run_task(self._check, group="check", exclusive=True)

    async def _check(self) -> None:
        from tripsage_tui.trip_check import check_trip

        plan = self.plan
        if plan is None:
            return
        found = await check_trip(self.planner, plan, self.ledger)
        if self.plan is plan:
            aside = set(plan.trip.known_findings)
            findings = tuple(each for each in found if each.key not in aside)
            known = tuple(each for each in found if each.key in aside)
            if not self._looked or (findings, known) != (self.findings, self.known):
                self._looked, self.findings, self.known = True, findings, known
                self.show_header()
                self.show_lines()
                self._show_panel()
                self.refresh_bindings()

    @property
    def check_text(self) -> str:
        if not self._looked or self.plan is None or not self.plan.bookings:
            return ""
        sign = severity.sign if (severity := worst(self.findings)) else "✓"
        return f"{sign} {count_text(self.findings)}"

    def with_findings(self, lines: list[AgendaLine]) -> list[AgendaLine]:
        """Nights are marked at their day, everything else at its rows: those of its day, where there are any."""
        sections: dict[object, set[object]] = {}
        for line in lines:
            sections.setdefault(booking_key(line), set()).add(line.section)
        signs: dict[tuple[object, object], Severity] = {}

        def sign(row: object, section: object, severity: Severity) -> None:
            signs[row, section] = worst_of(signs.get((row, section), severity), severity)

        for finding in self.findings:
            if is_about_nights(finding):
                for day in nights_of(finding):
                    sign(None, day, finding.severity)
            else:
                for row in map(row_of, finding.items):
                    there = sections.get(row, set())
                    for section in {finding.day} if finding.day in there else there:
                        sign(row, section, finding.severity)
        marked = []
        for line in lines:
            key = booking_key(line)
            severity = signs.get((key, line.section)) if key or line.look in {"day", "today"} else None
            marked.append(replace(line, finding=severity.sign) if severity else line)
        return marked

    def action_findings(self) -> None:
        panel = self.panel
        panel.display = not panel.display
        if panel.display:
            self._show_panel()
            panel.focus()
        else:
            self.agenda.focus()
        self.refresh_bindings()

    def action_step_finding(self, by: int) -> None:
        """To the next finding, or the one before, round and round."""
        if not self.findings:
            self.say("The checker has found nothing." if self._looked else "The checker is still looking.")
            return
        keys = [finding.key for finding in self.findings]
        here = self.finding
        place = keys.index(here.key) + by if here and here.key in keys else (0 if by > 0 else -1)
        finding = self.findings[place % len(keys)]
        self._current = finding.key
        self.panel.go_to(finding.key)
        self._go_to(finding)
        remedy = f" f: {finding.fix.label}." if finding.fix and self.may_edit else ""
        self.tell(f"{finding.severity.sign} {finding.message}{remedy}")
        self.refresh_bindings()

    def action_fix(self) -> None:
        from tripsage_tui.screens.finding_fixes import Fixes

        finding = self.finding
        if finding is not None and finding.fix is not None and self.plan is not None and self.may_edit:
            self._current = finding.key
            Fixes(self, self.plan).apply(finding)

    def action_know(self) -> None:
        finding = self.finding
        if finding is not None and self.may_write():
            self.run_task(partial(self._know, finding, known=finding not in self.known), group="write")

    async def _know(self, finding: Finding, *, known: bool) -> None:
        trip = await TripChanges(self.planner).know(self.trip_id, finding.key, known=known)
        if self.plan is not None:
            self.show_plan(self.plan.model_copy(update={"trip": trip}))
        self.tell("Put aside: it is not counted any more. u or i brings it back." if known else "It is told again.")

    def on_findings_panel_asked(self, event: FindingsPanel.Asked) -> None:
        event.stop()
        finding = self.finding
        if event.wish == "close":
            self.action_findings()
        elif event.wish == "know":
            if self.may_edit:
                self.action_know()
        elif finding is not None:
            self._current = finding.key
            self._go_to(finding)
            self.agenda.focus()

    def _go_to(self, finding: Finding) -> None:
        """The cursor of the agenda to the row that a finding is about, else to its day."""
        remedied = getattr(finding.fix.remedy, "item", None) if finding.fix else None
        # The row that is to be changed before the others.
        items = sorted(finding.items, key=lambda item: item != remedied)
        rows = [] if is_about_nights(finding) else [row_of(item) for item in items]
        if self.by_kind and not rows:
            self.by_kind = False
            self.show_lines()
        lines = [line for line in self.agenda.lines_shown if line.key is not None]
        of_rows = [line for row in rows for line in lines if booking_key(line) == row]
        on_day = [line for line in lines if line.section == finding.day]
        both = [line for line in of_rows if line.section == finding.day]
        for line in (both or of_rows or on_day)[:1]:
            self.agenda.go_to(line.key)

    def _show_panel(self) -> None:
        if self.panel.display:
            today = self.planner.today
            lines = [_line(finding, today, self.may_edit, known=False) for finding in self.findings]
            lines += [_line(finding, today, self.may_edit, known=True) for finding in self.known]
            keys = "enter goes there · f remedies · i I know · esc closes" if lines else "esc closes"
            self.panel.show(lines, f"{count_text(self.findings)} · {keys}")


def row_of(item: ItemRef) -> tuple[str, int]:
    """How the agenda names a row."""
    return _CLASSES.get(item.kind, item.kind), item.id


def is_about_nights(finding: Finding) -> bool:
    """Whether a finding is about nights for which there is no row."""
    return finding.code == "night-without-bed"


def nights_of(finding: Finding) -> Iterable[date]:
    if finding.day and finding.last_day:
        for number in range(finding.day.toordinal(), finding.last_day.toordinal() + 1):
            yield date.fromordinal(number)


def worst_of(*severities: Severity) -> Severity:
    return min(severities, key=tuple(Severity).index)


def _line(finding: Finding, today: date, may_edit: bool, *, known: bool) -> FindingLine:
    return FindingLine(
        key=finding.key,
        severity=finding.severity.value,
        sign=finding.severity.sign,
        day=format_date(finding.day, finding.day) if finding.day else "",
        message=finding.message,
        why=finding.why,
        fix=finding.fix.label if finding.fix and may_edit else "",
        known=known,
    )
