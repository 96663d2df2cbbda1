"""From a draft back to the form in which it was typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tripsage_tui.data.errors import NotFound
from tripsage_tui.screens.forms.booking_form import BookingForm
from tripsage_tui.screens.forms.flight_form import FlightForm
from tripsage_tui.screens.forms.form import FormScreen
from tripsage_tui.screens.forms.item_form import ItemForm
from tripsage_tui.screens.forms.stay_form import StayForm
from tripsage_tui.screens.forms.transport_form import TransportForm
from tripsage_tui.screens.forms.traveller_form import TravellerForm
from tripsage_tui.screens.forms.trip_form import TripForm

if TYPE_CHECKING:
    from tripsage_tui.drafts import Draft
    from tripsage_tui.models.bookings import Booking
    from tripsage_tui.models.trips import Trip
    from tripsage_tui.planner import Planner

BOOKING_FORMS: tuple[type[BookingForm], ...] = (FlightForm, StayForm, TransportForm, ItemForm)
_KEY = re.compile(
    r"trip\.(?P<trip_form>new|[0-9]+)"
    r"|(?P<word>[a-z]+)\.trip-(?P<trip>[0-9]+)\.(?P<booking>new|new-line|[0-9]+)"
)


def form_for(booking: Booking) -> type[BookingForm]:
    """The form of a stored booking's kind."""
    return next(form for form in BOOKING_FORMS if isinstance(booking, form.KIND))


async def form_of(planner: Planner, draft: Draft) -> FormScreen[Any]:
    """The form of a draft with what was typed in it, on the record as it is now.

    Raises NotFound where its trip or record is gone, and the other errors of reading a trip.
    """
    if draft.key.startswith("expense."):
        from tripsage_tui.screens.forms.expense_form import resumed_expense

        return await resumed_expense(planner, draft.key)
    match = _KEY.fullmatch(draft.key)
    if match is None:
        raise NotFound("This draft belongs to a form that this version does not have.")
    if match["trip_form"] == "new":
        return TripForm(planner, resume=True)
    plan = await planner.trips.plan(int(match["trip_form"] or match["trip"]))
    if match["trip_form"]:
        return TripForm(planner, plan.trip, plan.stops, resume=True)
    if match["word"] == TravellerForm.WORD:
        return await _traveller_form(planner, plan.trip, match["booking"])
    form = next((form for form in BOOKING_FORMS if match["word"] == form.WORD), None)
    if form is None:
        raise NotFound("This draft belongs to a form that this version does not have.")
    if match["booking"].startswith("new"):
        given = draft.values if match["booking"] == "new-line" else None
        return form(planner, plan.trip, plan.stops, given=given, resume=True)
    found = (each for each in plan.bookings if isinstance(each, form.KIND) and each.id == int(match["booking"]))
    booking = next(found, None)
    if booking is None:
        raise NotFound("What this draft changed is no longer there.")
    return form(planner, plan.trip, plan.stops, booking, resume=True)


async def _traveller_form(planner: Planner, trip: Trip, which: str) -> TravellerForm:
    if which == "new":
        return TravellerForm(planner, trip, resume=True)
    return TravellerForm(planner, trip, await planner.travellers.get(int(which)), resume=True)
