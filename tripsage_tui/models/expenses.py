"""What was spent, who paid it and whose it is. Amounts are in the currency of their own row.

`exchange_rate` is units of the trip's currency per unit of the row's, as it was when saved; None where both are the
same or where no rate is known.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from tripsage_tui.models.bookings import Stored
from tripsage_tui.models.people import Traveller
from tripsage_tui.models.trips import Record


class ExpenseCategory(StrEnum):
    """What money goes for; the values are the database's."""

    TRANSPORT = "transport"
    LODGING = "lodging"
    FOOD = "food"
    ACTIVITY = "activity"
    SHOPPING = "shopping"
    FEES = "fees"
    OTHER = "other"


class BookingKind(StrEnum):
    """The kinds of booking that an expense can pay for."""

    FLIGHT = "flight"
    STAY = "stay"
    TRANSPORT = "transport"
    ITEM = "item"


class ShareFields(Record):
    """One traveller's part in an expense.

    `paid` is what this person paid. What the person owes is the fixed amount `owed`, or else the part `weight` of what
    the fixed amounts leave over (all 1: an equal split); neither: nothing, this person only paid.
    """

    traveller_id: int
    paid: Decimal = Decimal(0)
    weight: Decimal | None = Decimal(1)
    owed: Decimal | None = None


class ExpenseShare(ShareFields):
    """A row of `expense_shares`."""

    id: int
    trip_id: int
    expense_id: int


class ExpenseFields(Record):
    """The fields of an expense that people set. `booking_kind` and `booking_id` name the booking that it pays for."""

    title: str
    category: ExpenseCategory = ExpenseCategory.OTHER
    amount: Decimal
    currency: str = "USD"
    exchange_rate: Decimal | None = None
    spent_on: date | None = None
    notes: str | None = None
    booking_kind: BookingKind | None = None
    booking_id: int | None = None


class Expense(ExpenseFields, Stored):
    """A row of `expenses` with its shares, in the order of their travellers."""

    created_by: UUID | None = None
    shares: tuple[ExpenseShare, ...] = ()


class SettlementFields(Record):
    """Money that one traveller gave another to be even again."""

    from_traveller: int
    to_traveller: int
    amount: Decimal
    currency: str = "USD"
    exchange_rate: Decimal | None = None
    paid_on: date


class Settlement(SettlementFields, Stored):
    """A row of `settlements`."""


class Ledger(Record):
    """The money of one trip between its travellers, as one query returns it."""

    travellers: tuple[Traveller, ...] = ()
    expenses: tuple[Expense, ...] = ()
    settlements: tuple[Settlement, ...] = ()
