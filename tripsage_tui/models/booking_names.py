"""What people call a booking and the states it goes through."""

from __future__ import annotations

from tripsage_tui.models.bookings import (
    AccommodationFields,
    Booking,
    BookingFields,
    BookingStatus,
    Flight,
    FlightFields,
    ItemStatus,
    ItineraryItem,
    ItineraryItemFields,
    Leg,
    Transportation,
    TransportationFields,
)

_BOOKING_CYCLE = (BookingStatus.AVAILABLE, BookingStatus.RESERVED, BookingStatus.BOOKED)
_ITEM_CYCLE = (ItemStatus.PLANNED, ItemStatus.RESERVED, ItemStatus.BOOKED)


def kind_of(booking: BookingFields) -> str:
    """`flight`, `stay`, the kind of transport, the kind of item: one word for people."""
    match booking:
        # The most frequent first: a long trip asks this thousands of times.
        case ItineraryItemFields():
            return str(booking.item_type)
        case AccommodationFields():
            return "stay"
        case TransportationFields():
            return booking.transport_type.replace("_", " ")
        case FlightFields():
            return "flight"
    return "booking"


def name_of(booking: BookingFields) -> str:
    """What people call it: `FRA → HND`, the hotel's name, the title."""
    match booking:
        case FlightFields() | TransportationFields():
            return f"{booking.origin} → {booking.destination}"
        case AccommodationFields():
            return booking.name
        case ItineraryItemFields():
            return booking.title
    return ""


def describe(booking: BookingFields) -> str:
    """Kind and name, for sentences: `flight FRA → HND`."""
    return f"{kind_of(booking)} {name_of(booking)}"


def next_status(booking: Booking) -> BookingStatus | ItemStatus:
    """The state after this one: available (planned), reserved, booked, and round again."""
    if isinstance(booking, ItineraryItem):
        item_state = booking.booking_status
        place = _ITEM_CYCLE.index(item_state) + 1 if item_state in _ITEM_CYCLE else 0
        return _ITEM_CYCLE[place % len(_ITEM_CYCLE)]
    state = booking.booking_status
    place = _BOOKING_CYCLE.index(state) + 1 if state in _BOOKING_CYCLE else 0
    return _BOOKING_CYCLE[place % len(_BOOKING_CYCLE)]


def same_status(booking: Booking, status: BookingStatus | ItemStatus) -> BookingStatus | ItemStatus:
    """`status` in the words of the booking's own kind: what is planned for an item is available elsewhere."""
    cycles: tuple[tuple[BookingStatus | ItemStatus, ...], ...] = (_BOOKING_CYCLE, _ITEM_CYCLE)
    place = next((cycle.index(status) for cycle in cycles if status in cycle), 0)
    return cycles[isinstance(booking, ItineraryItem)][place]


def legs_of(booking: Booking) -> tuple[Leg, ...]:
    """The legs of the moving kinds, none of the others."""
    return booking.legs if isinstance(booking, Flight | Transportation) else ()
