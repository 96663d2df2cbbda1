"""The rules about money: what has to be paid by when, and whether the budget holds."""

from __future__ import annotations

from collections.abc import Iterator

from tripsage_tui.models.booking_names import name_of
from tripsage_tui.models.bookings import Booking, PaymentStatus, price_of
from tripsage_tui.models.checking_clock import day_text
from tripsage_tui.models.checking_plan import Checked, is_firm, word_of
from tripsage_tui.models.findings import EditTrip, Finding, Fix, ItemRef, SetFields, Severity, ref_of
from tripsage_tui.models.money import format_amount, plain_amount, quantize
from tripsage_tui.models.when import count_of, distance_in_days

SOON = 7
"""Days before a deadline from which it is told."""


def unpaid(checked: Checked) -> Iterator[Finding]:
    """`unpaid`: the day until which it had to be paid is over, or near. An option is owed to nobody."""
    for booking in checked.bookings:
        due = booking.pay_by
        if due is None or booking.payment_status is PaymentStatus.PAID:
            continue
        days = (due - checked.today).days
        if days > SOON:
            continue
        owed = is_firm(booking) and booking.booking_status.value != "planned"
        rest = "The deposit is paid, the rest is not." if booking.payment_status is PaymentStatus.DEPOSIT else ""
        amount = price_of(booking)
        price = f" ({format_amount(amount, booking.currency, compact=True)})" if amount else ""
        when = f"{day_text(due, checked.today)}, {distance_in_days(due, checked.today)}"
        if days < 0:
            message = f"The {word_of(booking)} {name_of(booking)}{price} was to be paid by {when}."
            why = rest or ("It may be cancelled." if owed else "It is not booked: the offer may be gone.")
        else:
            message = f"The {word_of(booking)} {name_of(booking)}{price} has to be paid by {when}."
            why = rest or f"The deadline is within {count_of(SOON, 'day')}."
        yield Finding(
            code="unpaid",
            severity=Severity.ERROR if days < 0 and owed else Severity.WARNING,
            message=message,
            why=why,
            day=due,
            items=(ref_of(booking),),
            fix=Fix(
                f"Mark the {word_of(booking)} {name_of(booking)} as paid",
                SetFields(ref_of(booking), {"payment_status": PaymentStatus.PAID}),
            ),
        )


def over_budget(checked: Checked) -> Iterator[Finding]:
    """`over-budget`: what happens costs more than the budget. Of rival options one counts, without a rate nothing."""
    trip = checked.trip
    if trip.budget <= 0:
        return
    total, left_out = checked.context.other_costs, 0
    for booking in _that_happen(checked):
        amount = price_of(booking)
        if booking.currency == trip.currency:
            total += amount
        elif amount and booking.exchange_rate:
            total += quantize(amount * booking.exchange_rate, trip.currency)
        elif amount:
            left_out += 1
    total = quantize(total, trip.currency)
    if total <= trip.budget:
        return
    over = format_amount(total - trip.budget, trip.currency, compact=True)
    more = f"; {count_of(left_out, 'price')} in other currencies not counted" if left_out else ""
    planned, budget = (format_amount(amount, trip.currency, compact=True) for amount in (total, trip.budget))
    yield Finding(
        code="over-budget",
        severity=Severity.WARNING,
        message=f"The plan costs {over} more than the budget.",
        why=f"{planned} are planned of {budget}{more}.",
        fix=Fix(f"Raise the budget to {planned}", EditTrip({"budget": plain_amount(total, trip.currency)})),
    )


def _that_happen(checked: Checked) -> Iterator[Booking]:
    """Every booking that is not cancelled, without the options that lost against another."""
    chosen: set[ItemRef] = {move.ref for move in checked.moves} | {bed.ref for bed in checked.chosen_beds}
    rivals = {move.ref for move in checked.all_moves} | {bed.ref for bed in checked.beds}
    for booking in checked.bookings:
        ref = ref_of(booking)
        if ref in chosen or ref not in rivals:
            yield booking
