"""Options of one need side by side (below each other where it is narrow), of which one is taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import ScrollableContainer
from textual.content import Content
from textual.widgets import Static

from tripsage_tui.commands import Command, bindings
from tripsage_tui.screens.reloading import ReloadingScreen
from tripsage_tui.widgets.detail_pane import DetailPane
from tripsage_tui.widgets.notice import Notice
from tripsage_tui.widgets.safe_text import one_line
from tripsage_tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from tripsage_tui.changes.options import Taking
    from tripsage_tui.data.live import Change
    from tripsage_tui.models.bookings import Booking
    from tripsage_tui.models.options import Need, Option
    from tripsage_tui.models.plans import TripPlan
    from tripsage_tui.planner import Planner

NOTHING = """There is nothing to compare in this trip.

Bookings are options when they are still available and serve the same need: nights that overlap, or the same way
on the same day. Add what you found with a and leave its state at available.

  esc   goes back"""


class Cards(ScrollableContainer, can_focus=True, inherit_bindings=False):
    """Holds the options; has the keyboard, so that arrows mean options."""

    BINDING_GROUP_TITLE = "Options"
    BINDINGS: ClassVar[list[BindingType]] = []


class OptionsScreen(ReloadingScreen[None]):
    """All needs of a trip, one at a time; begins with that of a booking."""

    CSS_PATH = "options.tcss"
    AUTO_FOCUS = "Cards"
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("options.take", "enter", "take", "Take", "Take this one; the others are cancelled or deleted."),
            Command("options.edit", "e", "edit", "Edit", "Change this option."),
            Command("options.next", "right,l,down,j", "step(1)", "Next", "The next option.", footer=False),
            Command("options.previous", "left,h,up,k", "step(-1)", "Previous", "The option before.", footer=False),
            Command("options.next-need", "right_square_bracket,tab", "need(1)", "Next need", "What else to choose."),
            Command("options.need-before", "left_square_bracket", "need(-1)", "Back", "The need before.", footer=False),
            Command("options.refresh", "r", "refresh", "Refresh", "Fetch the trip again.", footer=False),
            Command("options.back", "escape,backspace", "back", "Back", "Back to where you came from."),
        )
    )  # fmt: skip

    def __init__(self, planner: Planner, trip_id: int, *, at: tuple[str, int] | None = None) -> None:
        """`at` is the booking to begin at: the name of its class and its id."""
        super().__init__(planner)
        self._trip_id = trip_id
        self._plan: TripPlan | None = None
        self._needs: tuple[Need, ...] = ()
        self._need = 0
        self._wanted = at

    def compose_body(self) -> ComposeResult:
        yield Static(id="options-need", markup=False)
        yield Notice("Opening the options …")
        yield Cards(id="options-cards")

    # ---- what is shown

    @property
    def option(self) -> Option | None:
        """The option under the cursor."""
        if not self._needs:
            return None
        options = self._needs[self._need].options
        return next((each for each in options if _key(each.booking) == self._wanted), options[0])

    @property
    def may_edit(self) -> bool:
        return self._plan is not None and self._plan.trip.access.may_edit

    async def load(self) -> None:
        from tripsage_tui.data.errors import NotFound

        try:
            plan = await self.planner.trips.plan(self._trip_id)
        except NotFound:
            self._needs = ()
            await self._show("This trip is no longer there.\n\n  esc   goes back")
            return
        await self._take_plan(plan)

    async def _take_plan(self, plan: TripPlan) -> None:
        from tripsage_tui.models.options import needs

        self._plan = plan
        self._needs = needs(plan)
        here = (
            number
            for number, need in enumerate(self._needs)
            if self._wanted in [_key(each.booking) for each in need.options]
        )
        self._need = next(here, min(self._need, max(len(self._needs) - 1, 0)))
        await self._show(NOTHING)

    def on_mount(self) -> None:
        super().on_mount()
        # A new pane has its height only after some layout, and then there is another way to go.
        self.watch(self.query_one(Cards), "virtual_size", self._other_heights, init=False)

    def _other_heights(self) -> None:
        self.call_after_refresh(self._show_chosen)

    async def _show(self, otherwise: str) -> None:
        """Bring the screen to the need under the cursor; `otherwise` is said where there is none."""
        self.set_class(bool(self._needs), "-filled")
        if self._plan is not None:
            note = "" if self.may_edit else "shared to look at"
            self.query_one(TopBar).show(trail=f"{self._plan.trip.name} › options", note=note)
        if not self._needs:
            self.query_one(Notice).show(otherwise)
            self.refresh_bindings()
            return
        need = self._needs[self._need]
        which = f"{self._need + 1} of {len(self._needs)}: " if len(self._needs) > 1 else ""
        line = f"{which}{len(need.options)} options for {one_line(need.title)}"
        self.query_one("#options-need", Static).update(Content(line))
        cards = self.query_one(Cards)
        panes = list(cards.query(DetailPane))
        for pane in panes[len(need.options) :]:
            await pane.remove()
        if missing := len(need.options) - len(panes):
            await cards.mount_all([DetailPane() for _ in range(max(missing, 0))])
        self.call_after_refresh(self._fill)
        if self.focused is None:
            cards.focus(scroll_visible=False)
        self.refresh_bindings()

    def _fill(self) -> None:
        from tripsage_tui.screens.option_facts import facts

        plan, chosen = self._plan, self.option
        if plan is None or chosen is None or not self.is_mounted:
            return
        for pane, option in zip(self.query_one(Cards).query(DetailPane), self._needs[self._need].options, strict=False):
            here = option is chosen
            pane.set_class(here, "-here")
            pane.show(facts(option, plan.trip, self.planner.today, here=here))
        self.call_after_refresh(self._show_chosen)

    def _show_chosen(self) -> None:
        for pane in self.query("DetailPane.-here"):
            pane.scroll_visible(animate=False)

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._fill)

    def on_changes(self, changes: Sequence[Change]) -> None:
        if any(change.trip_id == self._trip_id or change.table in {"*", "trips"} for change in changes):
            self.refresh_data()

    # ---- what can be done

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in {"take", "edit"}:
            return self.option is not None and self.may_edit
        if action == "need":
            return len(self._needs) > 1
        return super().check_action(action, parameters)

    def action_step(self, by: int) -> None:
        chosen = self.option
        if chosen is not None:
            options = self._needs[self._need].options
            place = max(0, min(options.index(chosen) + by, len(options) - 1))
            self._wanted = _key(options[place].booking)
            self._fill()

    async def action_need(self, by: int) -> None:
        self._need = (self._need + by) % len(self._needs)
        self._wanted = None
        await self._show(NOTHING)

    def action_refresh(self) -> None:
        self.refresh_data()

    def action_back(self) -> None:
        self.dismiss(None)

    def action_edit(self) -> None:
        from tripsage_tui.screens.forms.opening import form_for

        option, plan = self.option, self._plan
        if option is not None and plan is not None:
            form = form_for(option.booking)(self.planner, plan.trip, plan.stops, option.booking)
            self.app.push_screen(form, lambda _: self.refresh_data())

    def action_take(self) -> None:
        from tripsage_tui.models.booking_names import describe
        from tripsage_tui.screens.take_dialog import TakeDialog

        option = self.option
        if option is None or not self.may_write():
            return
        others = self._needs[self._need].rivals(option.booking)

        def answered(taking: Taking | None) -> None:
            if taking is not None:
                self.run_task(self._take(option.booking, others, taking), group="write")

        self.app.push_screen(TakeDialog(f"the {describe(option.booking)}", len(others)), answered)

    async def _take(self, chosen: Booking, others: Sequence[Booking], taking: Taking) -> None:
        from tripsage_tui.changes.options import take
        from tripsage_tui.models.booking_names import describe
        from tripsage_tui.models.when import count_of

        await take(self.planner, chosen, others, taking)
        fate = "deleted" if taking.delete_others else "cancelled"
        rest = f", {count_of(len(others), 'other')} {fate}" if others else ""
        self.say(f"Marked the {describe(chosen)} as {taking.state.value}{rest}. Press u to take it back.")
        self.refresh_data()


def _key(booking: Booking) -> tuple[str, int]:
    return type(booking).__name__, booking.id
