"""The form of an expense."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hostile import HOSTILE
from tests.models.refusals import is_sentence
from tests.models.stored import CREATED, stored_expense, stored_trip
from tripsage_tui.models.expense_drafts import (
    ExpenseContext,
    blank_expense,
    edit_expense,
    expense_values,
    read_expense,
)
from tripsage_tui.models.expenses import BookingKind, Expense, ExpenseCategory, ExpenseFields, ShareFields
from tripsage_tui.models.people import Traveller
from tripsage_tui.models.rates import KnownRate

D = Decimal
ROW: dict[str, Any] = {"trip_id": 1, "created_at": CREATED, "updated_at": CREATED}


def group(*names: str) -> tuple[Traveller, ...]:
    return tuple(Traveller(id=number, name=name, **ROW) for number, name in enumerate(names, start=1))


FRIENDS = group("Ann", "Ben", "Cem")
RATES = (KnownRate("JPY", D("0.0062"), date(2027, 10, 3)),)
CONTEXT = ExpenseContext(date(2027, 10, 4), stored_trip(), FRIENDS, RATES)
DINNER = {"title": "Dinner", "category": "food", "amount": "90", "spent_on": "4 oct", "paid_by": "ann"}


def parts(typed: dict[str, str], context: ExpenseContext = CONTEXT) -> dict[int, tuple[str, str | None, str | None]]:
    draft = read_expense(DINNER | typed, context)
    assert draft.fields is not None, draft.errors
    return {
        each.traveller_id: (
            str(each.paid),
            None if each.weight is None else str(each.weight),
            None if each.owed is None else str(each.owed),
        )
        for each in draft.shares
    }


def test_who_pays_shares_unless_the_split_says_otherwise() -> None:
    """Regression case h."""
    assert parts({}) == {1: ("90.00", "1", None), 2: ("0", "1", None), 3: ("0", "1", None)}
    assert parts({"split": "ben, cem"}) == {1: ("90.00", None, None), 2: ("0", "1", None), 3: ("0", "1", None)}


@pytest.mark.parametrize(
    ("paid_by", "split", "expected"),
    [
        ("Ann 60, Ben", "all", {1: ("60.00", "1", None), 2: ("30.00", "1", None), 3: ("0", "1", None)}),
        ("Ann, Ben", "all but cem", {1: ("45.00", "1", None), 2: ("45.00", "1", None)}),
        ("cem", "ann x2, ben", {1: ("0", "2", None), 2: ("0", "1", None), 3: ("90.00", None, None)}),
        ("#3", "a 12,50; ben", {1: ("0", None, "12.50"), 2: ("0", "1", None), 3: ("90.00", None, None)}),
        ("", "everybody", {1: ("0", "1", None), 2: ("0", "1", None), 3: ("0", "1", None)}),
        ("", "", {}),
    ],
)
def test_who_paid_and_who_shares(paid_by: str, split: str, expected: dict[int, tuple[str, str | None]]) -> None:
    assert parts({"paid_by": paid_by, "split": split}) == expected


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"paid_by": "Dan"}, "paid_by", "not a traveller. Travelling: Ann, Ben, Cem."),
        ({"paid_by": "Ann 50, Ben 30"}, "paid_by", "Together they paid €80.00; the amount is €90.00."),
        ({"split": "Ann 100"}, "split", "€10.00 more"),
        ({"split": "Ann, Ann"}, "split", "twice"),
        ({"title": ""}, "title", "What was it for?"),
        ({"amount": ""}, "amount", "How much"),
        ({"amount": "-5"}, "amount", "negative"),
        ({"amount": "¥12.5"}, "amount", "no decimals"),
        ({"amount": "¥900", "rate": "zero"}, "rate", "not a rate"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(typed: dict[str, str], field: str, said: str) -> None:
    errors = read_expense(DINNER | typed, CONTEXT).errors
    assert list(errors) == [field]
    assert said in errors[field]
    assert is_sentence(errors[field])


def test_the_rate_of_an_earlier_row_is_taken_and_said_and_can_be_refused() -> None:
    found = read_expense(DINNER | {"amount": "¥9000"}, CONTEXT)
    assert found.fields is not None
    assert found.fields.exchange_rate == D("0.0062")
    assert found.notes["rate"] == "€55.80 at 1 EUR = 161.29 JPY, as on Sun 3 Oct; ? for none"
    unknown = read_expense(DINNER | {"amount": "¥9000", "rate": "?"}, CONTEXT)
    assert unknown.fields is not None
    assert unknown.fields.exchange_rate is None
    typed = read_expense(DINNER | {"amount": "¥9000", "rate": "=54"}, CONTEXT)
    assert typed.fields is not None
    assert typed.fields.exchange_rate == D("0.006")
    own = read_expense(DINNER | {"rate": "0.5"}, CONTEXT)
    assert own.fields is not None
    assert own.fields.exchange_rate is None


def stored(draft_values: dict[str, str], context: ExpenseContext = CONTEXT) -> Expense:
    draft = read_expense(DINNER | draft_values, context)
    assert draft.fields is not None, draft.errors
    return stored_expense(draft.fields, draft.shares, 5)


def test_a_frozen_rate_survives_other_edits_but_not_another_currency() -> None:
    yen = stored({"amount": "¥9000", "rate": "0.0061"})
    edit = edit_expense(yen, {"title": "Ramen"}, CONTEXT)
    assert (edit.changes, edit.shares) == ({"title": "Ramen"}, None)
    relabelled = edit_expense(yen, {"currency": "USD"}, CONTEXT)
    assert "This rate was for JPY" in relabelled.draft.errors["rate"]
    dollars = edit_expense(yen, {"currency": "USD", "rate": "0.9"}, CONTEXT)
    assert dollars.changes["exchange_rate"] == D("0.9")
    unknown = stored({"amount": "¥9000", "rate": "?"})
    assert edit_expense(unknown, {"title": "Ramen"}, CONTEXT).changes == {"title": "Ramen"}


def test_another_amount_is_split_anew_and_another_payer_leaves_the_split_alone() -> None:
    dinner = stored({"split": "ann, ben"})
    dearer = edit_expense(dinner, {"amount": "120"}, CONTEXT)
    assert dearer.shares is not None
    assert {each.traveller_id: str(each.paid) for each in dearer.shares} == {1: "120.00", 2: "0"}
    other = edit_expense(dinner, {"paid_by": "cem"}, CONTEXT)
    assert other.shares is not None
    assert {each.traveller_id: str(each.weight) for each in other.shares} == {1: "1", 2: "1", 3: "None"}


def test_a_link_to_a_booking_can_be_taken_off() -> None:
    context = ExpenseContext(CONTEXT.today, CONTEXT.trip, FRIENDS, booking=(BookingKind.STAY, 2))
    linked = stored({"booking": "yes"}, context)
    assert (linked.booking_kind, linked.booking_id) == (BookingKind.STAY, 2)
    edit = edit_expense(linked, {"booking": "no"}, CONTEXT)
    assert edit.changes == {"booking_kind": None, "booking_id": None}


def test_a_new_form_begins_with_today_and_with_who_types() -> None:
    assert blank_expense(CONTEXT, 2)["paid_by"] == "Ben"
    assert blank_expense(CONTEXT, None)["paid_by"] == ""
    assert blank_expense(CONTEXT, None)["spent_on"] == "2027-10-04"
    nobody = ExpenseContext(CONTEXT.today, CONTEXT.trip)
    assert blank_expense(nobody, None)["split"] == ""
    assert "Nobody travels" in read_expense(DINNER, nobody).errors["paid_by"]


NAMES = st.sampled_from([*HOSTILE.values(), "Ann", "ann", "all", "Ann 2", "Ben, Cem", "x2", "#1", "a=b", "Zoë", "李"])


@given(
    st.lists(NAMES.filter(bool), min_size=1, max_size=4),
    st.integers(0, 10**6),
    st.data(),
)
def test_reading_what_is_shown_gives_the_expense_again(names: list[str], cents: int, data: st.DataObject) -> None:
    people = group(*names)
    context = ExpenseContext(CONTEXT.today, CONTEXT.trip, people, RATES)
    payer = data.draw(st.sampled_from(people)).id
    amount = D(cents) / 100
    weights = [data.draw(st.sampled_from([0, 1, 2, 3])) for _ in people]
    weights[0] = weights[0] or 1
    shares = tuple(
        ShareFields(
            traveller_id=each.id, paid=amount if each.id == payer else D(0), weight=D(weight) if weight else None
        )
        for each, weight in zip(people, weights, strict=True)
        if weight or (each.id == payer and cents)
    )
    fields = ExpenseFields(title="x", category=ExpenseCategory.FEES, amount=amount, currency="EUR")
    expense = stored_expense(fields, shares)
    draft = read_expense(expense_values(expense, context), context, existing=expense)
    assert draft.fields == fields, draft.errors
    assert draft.shares == shares


def test_hostile_text_in_every_field_is_refused_in_a_sentence_or_kept() -> None:
    for text in HOSTILE.values():
        for field in DINNER | {"split": "", "rate": "", "currency": "", "notes": ""}:
            for sentence in read_expense(DINNER | {field: text}, CONTEXT).errors.values():
                assert is_sentence(sentence)
