"""Who else looks at the trip that is shown, in the top bar."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tripsage_tui.models.company import ALONE, Company
from tripsage_tui.screens.trip_view import TripView

if TYPE_CHECKING:
    from tripsage_tui.models.plans import TripPlan


class InCompany(TripView):
    """Looks at the trip, for others to see, from its first load until the screen goes."""

    company: Company = ALONE
    _stop_looking: Callable[[], None] | None = None

    def show_plan(self, plan: TripPlan) -> None:
        super().show_plan(plan)
        if self._stop_looking is None and self.planner.presence is not None:
            self._stop_looking = self.planner.presence.look(
                self.trip_id, lambda company: self._later(self._show_company, company)
            )

    def on_unmount(self) -> None:
        if self._stop_looking is not None:
            self._stop_looking()

    @property
    def company_text(self) -> str:
        return self.company.text

    def _show_company(self, company: Company) -> None:
        self.company = company
        self.show_marks()
