"""Typing the rate of amounts that have none, or another one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.money import format_amount
from tripsage_tui.models.rates import KnownRate, converted, parse_rate, plain_rate, rate_text
from tripsage_tui.models.text import InputError
from tripsage_tui.models.when import count_of
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.form_choice import ChoiceField
from tripsage_tui.widgets.form_field import FormField
from tripsage_tui.widgets.form_text import TextField
from tripsage_tui.widgets.safe_text import one_line

ALL, ONE = "all", "one"


@dataclass(frozen=True)
class RateWish:
    """The rate to freeze, on one row or on `everywhere` that has none."""

    rate: Decimal
    everywhere: bool


class RateDialog(FormDialog[RateWish | None]):
    """Asks for the rate from an amount's currency to the trip's."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("rate.save", "ctrl+s", "save", "Save", priority=True),
            Command("rate.cancel", "escape", "cancel", "Cancel"),
        )
    )

    def __init__(
        self,
        title: str,
        amount: Decimal,
        currency: str,
        target: str,
        *,
        rate: Decimal | None,
        known: KnownRate | None,
        others: int,
    ) -> None:
        """`others`: how many more amounts in this currency have no rate."""
        super().__init__(
            f"{format_amount(amount, currency)} in {target}",
            f"{one_line(title)}: how many {target} is 1 {currency}? A number, a fraction such as 1/161, or = and what "
            f"it came to in {target}.",
            "enter next, at the end save · ctrl+s save · esc cancel",
        )
        self._amount, self._currency, self._target = amount, currency, target
        self._rate = rate or (known.rate if known else None)
        self._others = others

    def compose_content(self) -> ComposeResult:
        yield TextField("rate", "Rate", plain_rate(self._rate) if self._rate else "", hint="e.g. 1/161", required=True)
        if self._others:
            more = count_of(self._others, "other amount")
            yield ChoiceField("where", "For", [(ALL, f"this and {more} in {self._currency}"), (ONE, "this only")], ALL)

    def on_mount(self) -> None:
        self.query_one(TextField).target.focus()
        self._tell()

    def _read(self) -> Decimal:
        return parse_rate(self.query_one(TextField).value, self._currency, self._target, self._amount)

    def _tell(self) -> None:
        field = self.query_one(TextField)
        field.error = field.note = ""
        try:
            rate = self._read()
        except InputError:
            return
        there = converted(self._amount, self._currency, rate, self._target)
        came_to = "" if there is None else f"{format_amount(there, self._target)} at "
        field.note = f"= {came_to}{rate_text(rate, self._currency, self._target)}"

    def on_form_field_changed(self, event: FormField.Changed) -> None:
        event.stop()
        self._tell()

    def on_form_field_leave(self, event: FormField.Leave) -> None:
        event.stop()
        if event.by < 0:
            self.focus_previous()
        elif event.field.key == "where" or not self._others:
            self.action_save()
        else:
            self.focus_next()

    def action_save(self) -> None:
        field = self.query_one(TextField)
        try:
            rate = self._read()
        except InputError as error:
            field.error = str(error)
            field.target.focus()
            return
        everywhere = bool(self._others) and self.query_one(ChoiceField).value == ALL
        self.dismiss(RateWish(rate, everywhere))
