"""Recording that one traveller paid another, and adding a traveller: two small questions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.expenses import SettlementFields
from tripsage_tui.models.people import Traveller, TravellerFields
from tripsage_tui.models.settlement_drafts import read_settlement, settlement_values
from tripsage_tui.models.settling import Transfer
from tripsage_tui.models.text import InputError, clean_input
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.form_date import DateField
from tripsage_tui.widgets.form_field import FormField
from tripsage_tui.widgets.form_text import TextField

if TYPE_CHECKING:
    from tripsage_tui.identity.profiles import Profile

_KEYS = "enter next, at the end save · ctrl+s save · esc cancel"


class _Fields(FormDialog[object]):
    """Fields one after the other; enter on the last one saves."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("payment.save", "ctrl+s", "save", "Save", priority=True),
            Command("payment.cancel", "escape", "cancel", "Cancel"),
        )
    )

    @property
    def fields(self) -> dict[str, TextField]:
        return {field.key: field for field in self.query(TextField)}

    def on_mount(self) -> None:
        next(iter(self.fields.values())).target.focus()

    def on_form_field_leave(self, event: FormField.Leave) -> None:
        event.stop()
        last = event.field.key == list(self.fields)[-1]
        if event.by < 0:
            self.focus_previous()
        elif last:
            self.action_save()
        else:
            self.focus_next()

    def on_form_field_changed(self, event: FormField.Changed) -> None:
        event.stop()
        event.field.error = ""

    def action_save(self) -> None:
        raise NotImplementedError


class PaymentDialog(_Fields):
    """Returns `SettlementFields`, None when left."""

    def __init__(
        self,
        travellers: Sequence[Traveller],
        currency: str,
        today: date,
        wanted: Transfer | None = None,
    ) -> None:
        """`wanted` is what the fields begin with."""
        super().__init__("Record a payment", "Who gave how much to whom? It brings both nearer to even.", _KEYS)
        self._travellers = tuple(travellers)
        self._currency = currency
        self._today = today
        self._shown = settlement_values(self._travellers, currency, today, wanted)

    def compose_content(self) -> ComposeResult:
        given = self._shown.get
        yield TextField("from_traveller", "From", given("from_traveller", ""), required=True)
        yield TextField("to_traveller", "To", given("to_traveller", ""), required=True)
        yield TextField("amount", "Amount", given("amount", ""), hint=f"e.g. 30 {self._currency}", required=True)
        yield DateField("paid_on", "Date", given("paid_on", ""), today=lambda: self._today)

    def action_save(self) -> None:
        values = {key: field.value for key, field in self.fields.items()}
        draft = read_settlement(values, self._travellers, self._currency, self._today)
        for key, field in self.fields.items():
            field.error = draft.errors.get(key, "")
        if isinstance(draft.fields, SettlementFields):
            self.dismiss(draft.fields)
        else:
            next(field for key, field in self.fields.items() if key in draft.errors).target.focus()


class TravellerDialog(_Fields):
    """Returns `TravellerFields`, None when left."""

    def __init__(self, myself: Profile | None) -> None:
        """`myself` is who types, unless that person is among the travellers already."""
        super().__init__(
            "Add a traveller", "Somebody who goes along and shares expenses, with or without an account here.", _KEYS
        )
        self._myself = myself

    def compose_content(self) -> ComposeResult:
        yield TextField("name", "Name", self._myself.name if self._myself else "", hint="e.g. Ann", required=True)

    def action_save(self) -> None:
        field = self.fields["name"]
        typed = field.value.strip()
        try:
            if not typed:
                raise InputError("What is the name?")  # noqa: TRY301 - refused like what is typed
            is_me = self._myself is not None and typed == self._myself.name
            user_id = self._myself.id if self._myself and is_me else None
            self.dismiss(TravellerFields(name=clean_input(typed), user_id=user_id))
        except InputError as error:
            field.error = str(error)
