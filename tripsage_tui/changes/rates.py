"""Freezing rates on rows of all kinds, and keeping them while a trip counts in another currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from tripsage_tui.changes.bookings import BookingChanges
from tripsage_tui.changes.row_steps import still
from tripsage_tui.data.errors import NotFound
from tripsage_tui.models.booking_names import describe
from tripsage_tui.models.bookings import Booking
from tripsage_tui.models.expenses import Expense, Settlement

if TYPE_CHECKING:
    from tripsage_tui.planner import Planner

RatedRow = Booking | Expense | Settlement


@dataclass(frozen=True)
class RateChanges:
    """Rates of bookings, expenses and payments behind one face."""

    planner: Planner

    async def freeze(self, rows: Sequence[RatedRow], rate: Decimal | None, label: str) -> None:
        """Freeze one rate on several rows; one undo takes it back from all of them. Raises StaleRow."""
        done: list[tuple[RatedRow, Decimal | None]] = []

        async def undo() -> None:
            while done:
                row, before = done[-1]
                now = await self.current(row)
                if now.exchange_rate == row.exchange_rate:
                    await self.write(now, before)
                done.pop()

        async def redo() -> None:
            now = [still(await self.current(row), {"exchange_rate": row.exchange_rate}) for row in rows]
            await self.freeze(now, rate, label)

        try:
            for row in rows:
                # One by one: where a row fails, what was written before it can be taken back.
                done.append((await self.write(row, rate), row.exchange_rate))  # noqa: PERF401
        finally:
            if done:
                self.planner.undo.push(label, undo, redo)

    async def write(self, row: RatedRow, rate: Decimal | None) -> RatedRow:
        """Write the rate of one row as it is known here. Raises StaleRow."""
        changes = {"exchange_rate": rate}
        match row:
            case Expense():
                return await self.planner.expenses.update(row.id, changes, based_on=row.updated_at)
            case Settlement():
                return await self.planner.settlements.update(row.id, changes, based_on=row.updated_at)
        return await BookingChanges(self.planner).write(row, changes)

    async def current(self, row: RatedRow) -> RatedRow:
        """The row as it is now. Raises NotFound."""
        match row:
            case Expense():
                return await self.planner.expenses.get(row.id)
            case Settlement():
                return await self.planner.settlements.get(row.id)
        return await BookingChanges(self.planner).current(row)


@dataclass(frozen=True)
class KeptRates:
    """The rates that a trip had before it changed its currency: the database forgets them with it."""

    planner: Planner
    rows: tuple[RatedRow, ...]

    async def put_back(self) -> None:
        """Freeze them again where nobody has set another one since; rows that are gone are left out."""
        changes = RateChanges(self.planner)
        for row in self.rows:
            try:
                now = await changes.current(row)
            except NotFound:
                continue
            if now.exchange_rate is None and now.currency == row.currency:
                await changes.write(now, row.exchange_rate)


async def kept_rates(planner: Planner, trip_id: int) -> KeptRates:
    """The rates of a trip whose currency is about to change."""
    plan, ledger = await planner.trips.plan(trip_id), await planner.expenses.ledger(trip_id)
    rows = (*plan.bookings, *ledger.expenses, *ledger.settlements)
    return KeptRates(planner, tuple(row for row in rows if row.exchange_rate is not None))


def describe_row(row: RatedRow) -> str:
    """What a row is, in a few words."""
    match row:
        case Expense():
            return row.title
        case Settlement():
            return "the payment"
    return f"the {describe(row)}"
