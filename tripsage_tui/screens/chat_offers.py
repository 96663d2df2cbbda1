"""What could be meant while a word begins with `/` or `@`."""

from __future__ import annotations

from datetime import date, timedelta

from tripsage_tui.assistant.by_hand import commands
from tripsage_tui.assistant.toolbox import Toolbox
from tripsage_tui.models.booking_names import kind_of, name_of
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.when import format_date
from tripsage_tui.screens.chat_commands import OWN
from tripsage_tui.widgets.composer import Offer

MOST = 30


def offers(text: str, word: str, plan: TripPlan | None, toolbox: Toolbox, today: date) -> list[Offer]:
    """Offers for the word before the cursor, the best first."""
    if word.startswith("/") and text.lstrip() == text and text.startswith(word):
        return _commands(word[1:].casefold(), toolbox)
    if word.startswith("@") and plan is not None:
        return _mentions(word[1:].casefold(), plan, today)
    return []


def _commands(typed: str, toolbox: Toolbox) -> list[Offer]:
    known = [(name, about) for name, about in OWN.items()] + commands(toolbox)
    found = [Offer(f"/{name}", f"/{name} ", about) for name, about in known if name.startswith(typed) and name != typed]
    return found[:MOST]


def _mentions(typed: str, plan: TripPlan, today: date) -> list[Offer]:
    trip = plan.trip
    everything = [Offer(f"@{trip.name}", f"“{trip.name}” ", "the trip")]
    everything += [
        Offer(f"@{name_of(booking)}", f"“{name_of(booking)}” ({kind_of(booking)} {booking.id}) ", kind_of(booking))
        for booking in plan.bookings
    ]
    everything += [
        Offer(f"@day {number + 1}", f"day {number + 1} ({day.isoformat()}) ", format_date(day, today))
        for number in range(min(trip.days, 60))
        for day in (trip.start_date + timedelta(days=number),)
    ]
    return [offer for offer in everything if typed in offer.title.casefold()][:MOST]
