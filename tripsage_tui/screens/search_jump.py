"""From what a search found to the screen where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from textual.app import App

from tripsage_tui.models.found import Found, FoundKind
from tripsage_tui.models.searches import Destination

if TYPE_CHECKING:
    from tripsage_tui.planner import Planner

BOOKINGS = {
    FoundKind.FLIGHT: "Flight",
    FoundKind.STAY: "Accommodation",
    FoundKind.TRANSPORT: "Transportation",
    FoundKind.ITEM: "ItineraryItem",
}


def go_to(app: App[Any], planner: Planner, found: Found | Destination | None) -> None:
    """Show it: a trip on top of the screen that is shown, a conversation or a memory in its mode, a place."""
    if found is None:
        return
    if isinstance(found, Destination):
        _new_trip(app, planner, found)
        return
    if found.kind is FoundKind.CONVERSATION:
        app.run_worker(_conversation(app, UUID(found.id)), exit_on_error=False)
    elif found.kind is FoundKind.MEMORY:
        app.run_worker(_memory(app, int(found.id)), exit_on_error=False)
    elif found.trip_id is not None and found.kind is FoundKind.EXPENSE:
        _expense(app, planner, found.trip_id, int(found.id))
    elif found.trip_id is not None:
        _trip(app, planner, found.trip_id, found)


def _trip(app: App[Any], planner: Planner, trip_id: int, found: Found) -> None:
    from tripsage_tui.screens.trip import TripScreen

    at = (BOOKINGS[found.kind], int(found.id)) if found.kind in BOOKINGS else None
    day = found.day if found.kind is FoundKind.STOP else None
    here = app.screen
    if isinstance(here, TripScreen) and here.trip_id == trip_id and here.plan is not None:
        if at is not None:
            here.prefer = at
            here.show_lines()
        elif day is not None:
            here.go_to_day(day)
        return
    screen = TripScreen(planner, trip_id, at=at)
    screen.begin_on = day
    app.push_screen(screen)


def _new_trip(app: App[Any], planner: Planner, place: Destination) -> None:
    from tripsage_tui.models.trips import Trip
    from tripsage_tui.screens.forms.trip_form import TripForm
    from tripsage_tui.screens.trip import TripScreen

    if isinstance(app.screen, TripForm):
        app.notify("Save or leave this trip first: another one cannot be begun above it.", severity="warning")
        return

    def saved(trip: Trip | None) -> None:
        if trip is not None:
            app.push_screen(TripScreen(planner, trip.id))

    form = TripForm(planner)
    given = {"destination": place.name, "time_zone": place.time_zone or "", "currency": place.currency or ""}
    app.push_screen(form, saved)
    form.call_after_refresh(lambda: form.fill({key: value for key, value in given.items() if value}, ""))


def _expense(app: App[Any], planner: Planner, trip_id: int, expense_id: int) -> None:
    from tripsage_tui.screens.budget import BudgetScreen
    from tripsage_tui.screens.budget_rows import View

    screen = BudgetScreen(planner, trip_id)
    screen.view = View.SPENDING
    screen.prefer[View.SPENDING] = ("cost", ("expense", expense_id))
    app.push_screen(screen)


async def _conversation(app: App[Any], session_id: UUID) -> None:
    from tripsage_tui.screens.chat import ChatScreen

    if app.current_mode != "chat":
        await app.switch_mode("chat")
    chat = next((screen for screen in reversed(app.screen_stack) if isinstance(screen, ChatScreen)), None)
    if chat is not None:
        chat.go_to(session_id)


async def _memory(app: App[Any], memory_id: int) -> None:
    from tripsage_tui.screens.memory import MemoryScreen

    if app.current_mode != "memory":
        await app.switch_mode("memory")
    memory = next((screen for screen in reversed(app.screen_stack) if isinstance(screen, MemoryScreen)), None)
    if memory is not None:
        memory.go_to(memory_id)
