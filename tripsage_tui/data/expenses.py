"""Expenses of a trip with their shares, and the whole ledger in one query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from tripsage_tui.data import shares as share_rows
from tripsage_tui.data.errors import NotFound
from tripsage_tui.data.rows import Shape, decode
from tripsage_tui.data.trip_rows import Parts, TripRows
from tripsage_tui.models.expenses import Expense, ExpenseFields, Ledger, Settlement, ShareFields
from tripsage_tui.models.people import Traveller

_TRAVELLER = Shape(Traveller)
_EXPENSE = Shape(Expense, computed=("shares",))
_SETTLEMENT = Shape(Settlement)

LEDGER = f"""
select
  (select json_agg(x order by lower(x.name), x.id)
   from (select {_TRAVELLER.json_columns("b")} from public.travellers b where b.trip_id = t.id) x)::text as travellers,
  (select json_agg(x order by x.spent_on, x.id)
   from (select {_EXPENSE.json_columns("b")} from public.expenses b where b.trip_id = t.id) x)::text as expenses,
  {share_rows.aggregated("public.expense_shares l where l.trip_id = t.id")}::text as shares,
  (select json_agg(x order by x.paid_on, x.id)
   from (select {_SETTLEMENT.json_columns("b")} from public.settlements b where b.trip_id = t.id) x)::text
  as settlements
from public.trips t where t.id = $1
"""


class ExpenseRepository(TripRows[Expense, ExpenseFields]):
    """The table `expenses` and its shares."""

    table = "expenses"
    order = "b.spent_on, b.id"
    parts: ClassVar[Parts | None] = share_rows
    parent = "expense_id"
    touched = "title"
    # Who brings back what somebody else wrote does not sign with that name.
    whole = """to_jsonb(b) || case when b.created_by = (select private.current_user_id()) then '{}'
               else '{"created_by": null}' end::jsonb"""
    model = Expense
    fields = ExpenseFields

    async def ledger(self, trip_id: int) -> Ledger:
        """Travellers, expenses with shares and settlements of a trip in one query. Raises NotFound."""
        row = await self._database.fetchrow(LEDGER, trip_id, name="expenses.ledger")
        if row is None:
            raise NotFound("This trip is no longer there.")
        of_expense: dict[int, list[Any]] = {}
        for share in share_rows.read(decode(row["shares"])):
            of_expense.setdefault(share.expense_id, []).append(share)
        return Ledger.model_construct(
            travellers=tuple(_TRAVELLER.from_json(each) for each in decode(row["travellers"] or "[]")),
            expenses=tuple(
                _EXPENSE.from_json(each, shares=tuple(of_expense.get(each["id"], ())))
                for each in decode(row["expenses"] or "[]")
            ),
            settlements=tuple(_SETTLEMENT.from_json(each) for each in decode(row["settlements"] or "[]")),
        )

    async def add(
        self, trip_id: int, fields: ExpenseFields, *, shares: Sequence[ShareFields] = (), key: UUID
    ) -> Expense:
        """Add one with its shares; the same `key` twice adds it once. Raises NotFound for a traveller of elsewhere."""
        return await self._add(trip_id, fields, shares, key)

    async def update(
        self,
        expense_id: int,
        changes: Mapping[str, object],
        *,
        shares: Sequence[ShareFields] | None = None,
        based_on: datetime,
    ) -> Expense:
        """Change the fields named; `shares` replaces all, None leaves them. Raises StaleRow, Forbidden, NotFound."""
        return await self._update(expense_id, changes, shares, based_on)
