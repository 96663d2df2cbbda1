"""A payment between two travellers as people type it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from tripsage_tui.models.expenses import SettlementFields
from tripsage_tui.models.form_reading import Draft, FormReader
from tripsage_tui.models.money import parse_amount, plain_amount
from tripsage_tui.models.people import Traveller
from tripsage_tui.models.settling import Transfer
from tripsage_tui.models.share_reading import find_traveller, name_typed
from tripsage_tui.models.text import InputError

SETTLEMENT_FIELDS = ("from_traveller", "to_traveller", "amount", "paid_on")


def read_settlement(
    values: Mapping[str, str], travellers: Sequence[Traveller], currency: str, today: date
) -> Draft[SettlementFields]:
    """The payment that the fields describe, in the trip's currency: what balances count in needs no rate."""
    form = FormReader(values, today)

    def above_zero(typed: str) -> Decimal:
        amount = parse_amount(typed, currency)
        if not amount:
            raise InputError("A payment of nothing changes nothing.")
        return amount

    payer = form.read("from_traveller", lambda typed: find_traveller(typed, travellers), required="Who paid?")
    payee = form.read("to_traveller", lambda typed: find_traveller(typed, travellers), required="To whom?")
    amount = form.read("amount", above_zero, required="How much?")
    paid_on = form.day("paid_on") or today
    if payer and payee and payer.id == payee.id:
        form.fail("to_traveller", "Nobody pays himself: name two people.")
    if form.errors or payer is None or payee is None or amount is None:
        return Draft(None, form.errors, form.notes)
    fields = SettlementFields(
        from_traveller=payer.id, to_traveller=payee.id, amount=amount, currency=currency, paid_on=paid_on
    )
    return Draft(fields, form.errors, form.notes)


def settlement_values(
    travellers: Sequence[Traveller], currency: str, today: date, wanted: Transfer | None
) -> dict[str, str]:
    """What a form begins with, for a payment that settles something."""
    if wanted is None:
        return {"paid_on": today.isoformat()}
    names = {each.id: name_typed(each, travellers) for each in travellers}
    return {
        "from_traveller": names.get(wanted.from_traveller, ""),
        "to_traveller": names.get(wanted.to_traveller, ""),
        "amount": plain_amount(wanted.amount, currency),
        "paid_on": today.isoformat(),
    }
