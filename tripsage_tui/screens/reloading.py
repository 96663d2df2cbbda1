"""Screens that show rows and change them, and what lists with a pane beside them share."""

from __future__ import annotations

from textual.screen import ScreenResultType
from textual.widget import Widget

from tripsage_tui.screens.base import PlannerScreen
from tripsage_tui.widgets.detail_pane import DetailPane


class ReloadingScreen(PlannerScreen[ScreenResultType]):
    """Loads again after an undo, and where a write was refused because the rows are not what they were."""

    def tell(self, text: str) -> None:
        """Say what was just done, instead of what was said before: little room is left beside it."""
        self.app.clear_notifications()
        self.say(text, timeout=4)

    async def _undo(self) -> None:
        self.app.clear_notifications()
        try:
            await super()._undo()
        finally:
            self.refresh_data()

    def task_failed(self, error: BaseException) -> None:
        from tripsage_tui.data.errors import Forbidden, NotFound, StaleRow

        super().task_failed(error)
        if isinstance(error, StaleRow | NotFound | Forbidden):
            self.refresh_data()


class DetailsBeside(Widget):
    """A pane of details beside a list; where there is no room for it, a key opens it."""

    def _show_details(self) -> None:
        """Fill the pane with what the cursor stands on."""

    def action_details(self) -> None:
        shown = self.query_one(DetailPane).display
        self.set_class(shown, "-details-off")
        self.set_class(not shown, "-details-on")
        self.call_after_refresh(self._show_details)

    def action_scroll_details(self, by: int) -> None:
        self.query_one(DetailPane).scroll_relative(y=by * 3, animate=False)
