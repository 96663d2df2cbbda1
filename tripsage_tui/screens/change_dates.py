"""Giving a trip other dates: what moves is chosen and seen row by row before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.booking_names import name_of
from tripsage_tui.models.form_reading import FormReader
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.rescheduling import (
    Dated,
    Key,
    Rescheduling,
    Row,
    Rule,
    likely_rule,
    reschedule,
)
from tripsage_tui.models.trip_drafts import read_dates
from tripsage_tui.models.trips import TripStop
from tripsage_tui.models.when import count_of, format_date, parse_date
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.screens.trip_lines import STATE_SIGNS, sign_of
from tripsage_tui.widgets.form_choice import ChoiceField
from tripsage_tui.widgets.form_date import DateField
from tripsage_tui.widgets.form_field import FormField
from tripsage_tui.widgets.preview_list import PreviewList, PreviewRow
from tripsage_tui.widgets.safe_text import one_line

if TYPE_CHECKING:
    from tripsage_tui.screens.trip_view import TripView

RULES = (
    (Rule.SHIFT, "everything moves"),
    (Rule.ANCHOR, "what is booked stays"),
    (Rule.KEEP, "nothing moves"),
)


_STAYS, _IDEA = "stays", "idea"
OUTSIDE = ((_STAYS, "stays there"), (_IDEA, "what is only planned becomes an idea"))


@dataclass(frozen=True)
class Answers:
    """What was chosen, to begin with it again."""

    start: date
    end: date
    rule: Rule | None = None
    toggled: frozenset[Key] = frozenset()
    ideas: bool = False
    reason: str = ""
    """Why it is asked again."""


class DatesDialog(FormDialog[Rescheduling | None]):
    """Returns the rescheduling that was confirmed; `answers` has what was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("dates.save", "ctrl+s", "save", "Save", priority=True),
            Command("dates.cancel", "escape", "cancel", "Cancel"),
        )
    )

    def __init__(self, plan: TripPlan, today: date, begin: Answers | None = None) -> None:
        super().__init__(
            f"Change the dates of {one_line(plan.trip.name)}",
            begin.reason if begin else "",
            "enter next · space one row moves or stays · ctrl+s save · esc cancel",
            large=True,
        )
        self._plan = plan
        self._today = today
        self._begin = begin or Answers(plan.trip.start_date, plan.trip.end_date)
        self._rule = self._begin.rule
        self._toggled = self._begin.toggled
        self._last_by_hand = begin is not None
        self._set_by_us: dict[str, str] = {}
        self.change: Rescheduling | None = None

    @property
    def answers(self) -> Answers:
        trip = self.change.after.trip if self.change else self._plan.trip
        return Answers(
            trip.start_date, trip.end_date, self._rule, self._toggled, bool(self.change and self.change.ideas)
        )

    def compose_content(self) -> ComposeResult:
        begin = self._begin
        yield DateField(
            "start_date",
            "First day",
            begin.start.isoformat(),
            today=lambda: self._today,
            start=lambda: self._plan.trip.start_date,
            required=True,
            hint="e.g. 9 oct, +7",
        )
        yield DateField(
            "end_date",
            "Last day",
            begin.end.isoformat(),
            today=lambda: self._today,
            start=lambda: self._field("start_date").day(),
            required=True,
            hint="e.g. 16 oct, 14 days",
        )
        yield ChoiceField("rule", "Bookings", RULES, (begin.rule or Rule.SHIFT).value)
        yield ChoiceField("outside", "Left outside", OUTSIDE, _IDEA if begin.ideas else _STAYS)
        yield Static("", id="dates-summary", markup=False)
        yield PreviewList()

    def on_mount(self) -> None:
        self._field("start_date").target.focus()
        self._show()

    def _field(self, key: str) -> DateField:
        return self.query_one(f"#field-{key.replace('_', '-')}", DateField)

    def _show(self) -> None:
        """Read the fields and show what they mean for each row."""
        form = FormReader({key: self._field(key).value for key in ("start_date", "end_date")}, self._today)
        start, end = read_dates(form, near=self._plan.trip.start_date)
        for key in ("start_date", "end_date"):
            field = self._field(key)
            field.note, field.error = form.notes.get(key, ""), form.errors.get(key, "")
        choice, outside = self.query_one("#field-rule", ChoiceField), self.query_one("#field-outside", ChoiceField)
        self.change = None
        if not form.errors and start and end:
            if self._rule is None:
                self._set(choice, likely_rule(self._plan, start, end).value)
            ideas = outside.value == _IDEA
            self.change = reschedule(self._plan, start, end, Rule(choice.value), self._toggled, ideas=ideas)
        outside.display = self.change is not None and bool(self.change.possible_ideas)
        choice.display = self.change is None or bool(self.change.days)
        self.query_one("#dates-summary", Static).update(Content(summary(self.change) if self.change else ""))
        self.query_one(PreviewList).show(list(preview(self.change)) if self.change else [])

    def _set(self, field: FormField, value: str) -> None:
        if field.value != value:
            self._set_by_us[field.key] = value
            field.value = value

    def on_form_field_changed(self, event: FormField.Changed) -> None:
        event.stop()
        key = event.field.key
        if self._set_by_us.pop(key, None) == event.field.value:
            return
        if key == "rule":
            self._rule, self._toggled = Rule(event.field.value), frozenset()
        elif key == "end_date":
            # A field says what it begins with, too.
            self._last_by_hand = self._last_by_hand or event.field.value != self._begin.end.isoformat()
        elif not self._last_by_hand:
            self._let_last_day_follow()
        self._show()

    def _let_last_day_follow(self) -> None:
        """Until it is typed, the trip stays as long as it was."""
        trip = self._plan.trip
        try:
            first = parse_date(
                self._field("start_date").value, self._today, after=trip.start_date, near=trip.start_date
            )
            last = first + (trip.end_date - trip.start_date)
        except (ValueError, OverflowError):
            return
        self._set(self._field("end_date"), last.isoformat())

    def on_form_field_leave(self, event: FormField.Leave) -> None:
        event.stop()
        if event.by > 0:
            self.focus_next()
        else:
            self.focus_previous()

    def on_preview_list_left(self, event: PreviewList.Left) -> None:
        event.stop()
        self.focus_previous()

    def on_preview_list_toggled(self, event: PreviewList.Toggled) -> None:
        event.stop()
        if self.change is None:
            return
        if not self.change.days:
            self.notify("The first day stays, so nothing moves. e on the booking changes it.", markup=False)
            return
        key = event.key
        if isinstance(key, tuple):
            self._rule = Rule(self.query_one("#field-rule", ChoiceField).value)
            self._toggled ^= {key}
            self._show()

    def on_preview_list_accepted(self, event: PreviewList.Accepted) -> None:
        event.stop()
        self.action_save()

    def action_save(self) -> None:
        if self.change is None:
            bad = next(field for field in self.query(FormField) if field.error)
            bad.target.focus()
            return
        self.dismiss(self.change)


def summary(change: Rescheduling) -> str:
    """What is going to happen, in one or two sentences."""
    days, count = change.days, len(change.rows)
    if not count:
        return "Nothing in this trip has a date yet."
    if not days:
        text = "The first day stays, so nothing moves."
    else:
        way = "later" if days > 0 else "earlier"
        text = f"{count_of(change.moving, 'row')} {'moves' if change.moving == 1 else 'move'} "
        text += f"{count_of(abs(days), 'day')} {way}, {count - change.moving - change.ideas} stay. "
        text += "Clock times stay those of the place; deadlines stay."
    if change.ideas:
        becomes = "becomes an idea" if change.ideas == 1 else "become ideas"
        text += f" {count_of(change.ideas, 'plan')} outside the new dates {becomes}."
    if outside := change.newly_outside:
        text += f" ! {outside} would then lie outside the trip."
    return text


def preview(change: Rescheduling) -> Iterator[PreviewRow]:
    """The rows of the list: one per record, a second one for the way back of a flight."""
    for row in change.rows:
        stays = "an idea" if row.idea else "stays"
        for number, (was, will) in enumerate(zip(row.before, row.after, strict=True)):
            moved = row.moves
            same_clock = (was.starts, was.ends, (was.last - was.first).days) == (
                will.starts,
                will.ends,
                (will.last - will.first).days,
            )
            whole = will.text(was.first)
            yield PreviewRow(
                row.key,
                " " if number else ("✓" if moved else "·"),
                "  and back" if number else _title(row.record),
                was.text(was.first),
                whole if moved else stays,
                (format_date(will.first, was.first) if same_clock else whole) if moved else stays,
                _note(row) if not number else "",
            )


def _title(record: Dated) -> str:
    if isinstance(record, TripStop):
        return f"◇ {record.place}"
    return f"{sign_of(record)} {STATE_SIGNS.get(record.booking_status, '?')} {name_of(record)}"


def _note(row: Row) -> str:
    if row.stuck:
        return "! too far"
    return "! outside" if row.outside else ""


def change_dates(screen: TripView) -> None:
    """Ask for other dates of the trip on a screen, and write them."""

    def ask(plan: TripPlan, begin: Answers | None = None) -> None:
        dialog = DatesDialog(plan, screen.planner.today, begin)

        def answered(change: Rescheduling | None) -> None:
            if change is not None and change.after != change.before:
                screen.run_task(write(change, dialog.answers), group="write")

        screen.app.push_screen(dialog, answered)

    async def write(change: Rescheduling, answers: Answers) -> None:
        from tripsage_tui.changes.trips import TripChanges
        from tripsage_tui.data.errors import StaleRow

        try:
            stored = await TripChanges(screen.planner).reschedule(change)
        except StaleRow:
            plan = await screen.planner.trips.plan(change.before.trip.id)
            screen.show_plan(plan)
            ask(plan, again(answers))
            return
        screen.show_plan(stored)
        screen.tell(f"{stored.trip.name} has its new dates. Press u to take it back.")

    if screen.plan is not None and screen.may_write():
        ask(screen.plan)


def again(answers: Answers) -> Answers:
    """The same answers to somewhat other rows."""
    reason = "Someone else changed something in this trip meanwhile. Nothing was written: look again."
    return Answers(answers.start, answers.end, answers.rule, answers.toggled, answers.ideas, reason)
