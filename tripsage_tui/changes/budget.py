"""Writing expenses and payments so that every write can be taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from tripsage_tui.changes.row_steps import push_added, push_deleted, still
from tripsage_tui.data.errors import StaleRow
from tripsage_tui.models.expenses import Expense, ExpenseFields, Settlement, SettlementFields, ShareFields

if TYPE_CHECKING:
    from tripsage_tui.planner import Planner


@dataclass(frozen=True)
class BudgetChanges:
    """The repositories of a trip's money; each write puts its way back on the undo stack."""

    planner: Planner

    async def add(self, trip_id: int, fields: ExpenseFields, shares: Sequence[ShareFields], key: UUID) -> Expense:
        """Insert; the same `key` again returns the expense of the first time."""
        expenses = self.planner.expenses
        added = await expenses.add(trip_id, fields, shares=shares, key=key)
        push_added(self.planner.undo, expenses, added, f"adding {added.title}")
        return added

    async def edit(
        self, expense: Expense, changes: Mapping[str, object], shares: Sequence[ShareFields] | None = None
    ) -> Expense:
        """Write `changes` over `expense` as it is known here. Raises StaleRow."""
        expenses = self.planner.expenses
        edited = await expenses.update(expense.id, changes, shares=shares, based_on=expense.updated_at)
        before = {name: getattr(expense, name) for name in changes}

        async def undo() -> None:
            now = await expenses.get(edited.id)
            touched = any(getattr(now, name) != getattr(edited, name) for name in changes)
            if touched or (shares is not None and plain_shares(now) != plain_shares(edited)):
                raise StaleRow(now, f"Not undone: someone else has changed {now.title} since.")
            back = None if shares is None else plain_shares(expense)
            await expenses.update(now.id, before, shares=back, based_on=now.updated_at)

        async def redo() -> None:
            now = still(await expenses.get(expense.id), before)
            if shares is not None and plain_shares(now) != plain_shares(expense):
                raise StaleRow(now, f"Not redone: someone else has changed {now.title} since.")
            await self.edit(now, changes, shares)

        self.planner.undo.push(f"editing {expense.title}", undo, redo)
        return edited

    async def delete(self, expense: Expense) -> None:
        """Delete the expense as it is known here. Raises StaleRow."""
        deleted = await self.planner.expenses.delete(expense.id, based_on=expense.updated_at)
        push_deleted(self.planner.undo, self.planner.expenses, deleted, f"deleting {expense.title}")

    async def pay(self, trip_id: int, fields: SettlementFields, key: UUID) -> Settlement:
        """Record a payment between travellers."""
        settlements = self.planner.settlements
        added = await settlements.add(trip_id, fields, key=key)
        push_added(self.planner.undo, settlements, added, "recording the payment")
        return added

    async def delete_payment(self, payment: Settlement) -> None:
        """Delete a recorded payment as it is known here. Raises StaleRow."""
        deleted = await self.planner.settlements.delete(payment.id, based_on=payment.updated_at)
        push_deleted(self.planner.undo, self.planner.settlements, deleted, "deleting the payment")


def plain_shares(expense: Expense) -> tuple[ShareFields, ...]:
    """The shares without their ids."""
    return tuple(
        ShareFields(traveller_id=each.traveller_id, paid=each.paid, weight=each.weight, owed=each.owed)
        for each in expense.shares
    )
