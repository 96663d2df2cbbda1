"""What each constraint of the schema means to a person: the field it is about, and a sentence."""

from __future__ import annotations

NOT_NULL = "This must not be empty."
UNIQUE = "This exists already."
_ENDS_BEFORE = "The end must not be before the start."
_PRICE = "The price must not be negative."
_STATUS = "This is not one of the known states."
_KIND = "This is not one of the known kinds."
_ZONE = "This is not a known time zone."
_CURRENCY = "A currency is three capital letters, such as EUR."

CONSTRAINTS: dict[str, tuple[str | None, str]] = {
    "trips_date_check": ("end_date", _ENDS_BEFORE),
    "trips_travelers_check": ("travelers", "At least one person travels."),
    "trips_budget_check": ("budget", "The budget must be more than zero."),
    "trips_status_check": ("status", _STATUS),
    "trips_type_check": ("trip_type", _KIND),
    "flights_price_check": ("price", _PRICE),
    "flights_class_check": ("flight_class", _KIND),
    "flights_status_check": ("booking_status", _STATUS),
    "accommodations_price_check": ("total_price", _PRICE),
    "accommodations_dates_check": ("check_out_date", "Check-out must be after check-in."),
    "accommodations_rating_check": ("rating", "A rating is between 0 and 5."),
    "accommodations_status_check": ("booking_status", _STATUS),
    "transportation_price_check": ("price", _PRICE),
    "transportation_type_check": ("transport_type", _KIND),
    "transportation_status_check": ("booking_status", _STATUS),
    "itinerary_items_price_check": ("price", _PRICE),
    "itinerary_items_type_check": ("item_type", _KIND),
    "itinerary_items_status_check": ("booking_status", _STATUS),
}
