"""The forms of all four kinds of booking behind one door: read, fill in again, find out what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tripsage_tui.models.booking_reading import FormContext
from tripsage_tui.models.bookings import (
    Accommodation,
    Booking,
    BookingFields,
    BookingStatus,
    Flight,
    ItemStatus,
    ItineraryItem,
    LegFields,
    PaymentStatus,
    Transportation,
)
from tripsage_tui.models.flight_drafts import FLIGHT_FIELDS, FlightDraft, flight_values, read_flight
from tripsage_tui.models.form_reading import Draft, changes
from tripsage_tui.models.item_drafts import ITEM_FIELDS, ItineraryItemDraft, item_values, read_item
from tripsage_tui.models.stay_drafts import STAY_FIELDS, AccommodationDraft, read_stay, stay_values
from tripsage_tui.models.transport_drafts import TRANSPORT_FIELDS, TransportationDraft, read_transport, transport_values

__all__ = [
    "FLIGHT_FIELDS",
    "ITEM_FIELDS",
    "STAY_FIELDS",
    "TRANSPORT_FIELDS",
    "AccommodationDraft",
    "BookingDraft",
    "BookingEdit",
    "FlightDraft",
    "FormContext",
    "ItineraryItemDraft",
    "TransportationDraft",
    "blank_values",
    "edit_booking",
    "read_flight",
    "read_item",
    "read_stay",
    "read_transport",
    "values_of",
]

BookingDraft = FlightDraft | AccommodationDraft | TransportationDraft | ItineraryItemDraft


@dataclass(frozen=True)
class BookingEdit:
    """What saving an edited form has to write; `legs` is None where they did not change."""

    draft: BookingDraft
    changes: dict[str, object]
    legs: tuple[LegFields, ...] | None


def blank_values(kind: type[Booking], context: FormContext) -> dict[str, str]:
    """What a new form begins with. What is typed into a planner is usually booked already; an item is an intention."""
    status = ItemStatus.PLANNED if kind is ItineraryItem else BookingStatus.BOOKED
    return {
        "currency": context.currency,
        "booking_status": status.value,
        "payment_status": PaymentStatus.UNPAID.value,
    }


def values_of(booking: Booking, context: FormContext) -> dict[str, str]:
    """The strings of the form for a stored booking. Reading them in the same context gives the booking again."""
    match booking:
        case Flight():
            return flight_values(booking, context)
        case Accommodation():
            return stay_values(booking, context)
        case Transportation():
            return transport_values(booking, context)
        case ItineraryItem():
            return item_values(booking, context)


def edit_booking(booking: Booking, values: Mapping[str, str], context: FormContext) -> BookingEdit:
    """What changed between a stored booking and its edited form; fields that `values` leaves out stay as they are.

    What a form cannot express (an amount finer than its currency, seconds of an instant) is compared as the form shows
    it, so that saving an untouched field never alters it.
    """
    shown = values_of(booking, context)
    before = _read(booking, shown, context)
    after = _read(booking, {**shown, **values}, context)
    if after.fields is None:
        return BookingEdit(after, {}, None)
    rate = shown["exchange_rate"]
    if rate and after.fields.currency != booking.currency and values.get("exchange_rate", rate) == rate:
        # A rate is one of two currencies: with another one it means nothing.
        return edit_booking(booking, {**values, "exchange_rate": ""}, context)
    was: BookingFields = before.fields or booking
    changed = changes(was, after.fields)
    old_legs, new_legs = _legs(before), _legs(after)
    return BookingEdit(after, changed, None if old_legs == new_legs else new_legs)


def _read(booking: Booking, values: Mapping[str, str], context: FormContext) -> BookingDraft:
    match booking:
        case Flight():
            return read_flight(values, context, existing=booking)
        case Accommodation():
            return read_stay(values, context)
        case Transportation():
            return read_transport(values, context, existing=booking)
        case ItineraryItem():
            return read_item(values, context)


def _legs(draft: Draft[BookingFields] | BookingDraft) -> tuple[LegFields, ...]:
    return draft.legs if isinstance(draft, FlightDraft | TransportationDraft) else ()
