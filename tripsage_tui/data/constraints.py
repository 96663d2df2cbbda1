"""What each constraint of the schema means to a person: the field it is about, and a sentence."""

from __future__ import annotations

NOT_NULL = "This must not be empty."
UNIQUE = "This exists already."
_ENDS_BEFORE = "The end must not be before the start."
_PRICE = "The price must not be negative."
_STATUS = "This is not one of the known states."
_KIND = "This is not one of the known kinds."
_RATE = "An exchange rate is more than zero."
_PAYMENT = "This is not one of the known states of payment."

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
    "itinerary_items_stands_after_check": ("position", "An item stands somewhere within its day."),
    "itinerary_items_status_check": ("booking_status", _STATUS),
    "flights_payment_status_check": ("payment_status", _PAYMENT),
    "accommodations_payment_status_check": ("payment_status", _PAYMENT),
    "transportation_payment_status_check": ("payment_status", _PAYMENT),
    "itinerary_items_payment_status_check": ("payment_status", _PAYMENT),
    "flights_exchange_rate_check": ("exchange_rate", _RATE),
    "accommodations_exchange_rate_check": ("exchange_rate", _RATE),
    "transportation_exchange_rate_check": ("exchange_rate", _RATE),
    "itinerary_items_exchange_rate_check": ("exchange_rate", _RATE),
    "itinerary_items_closed_weekdays_check": ("closed_weekdays", "Days of the week are 1 (Monday) to 7 (Sunday)."),
    "legs_direction_check": ("direction", _KIND),
    "legs_one_booking_check": (None, "A leg belongs to one flight or to one transport."),
    "trip_stops_dates_check": ("depart_date", "Leaving a place must not be before arriving there."),
    "trip_stops_latitude_check": ("latitude", "A latitude is between -90 and 90."),
    "trip_stops_longitude_check": ("longitude", "A longitude is between -180 and 180."),
    "trip_stops_trip_position_uniq": ("position", "Someone else changed the stops at the same time. Try again."),
    "trip_collaborators_permission_level_check": ("permission_level", "This is not one of the known levels."),
    "trip_collaborators_trip_user_uniq": ("user_id", "This person travels with you already."),
    "travellers_name_check": ("name", "A traveller needs a name."),
    "travellers_trip_user_uniq": ("user_id", "This person is among the travellers already."),
    "expenses_category_check": ("category", _KIND),
    "expenses_amount_check": ("amount", "The amount must not be negative."),
    "expenses_exchange_rate_check": ("exchange_rate", _RATE),
    "expense_shares_paid_check": ("paid", "What somebody paid must not be negative."),
    "expense_shares_weight_check": ("weight", "A share must not be negative."),
    "expense_shares_owed_check": ("owed", "A share must not be negative."),
    "expense_shares_one_split_check": ("owed", "A share is a part or an amount, not both."),
    "expense_shares_expense_traveller_uniq": ("traveller_id", "This person has a share already."),
    "settlements_amount_check": ("amount", "The amount must be more than zero."),
    "settlements_exchange_rate_check": ("exchange_rate", _RATE),
    "settlements_two_people_check": ("to_traveller", "One pays somebody else, not oneself."),
    "trip_invitations_email_check": ("email", "This is not an e-mail address."),
    "trip_invitations_permission_level_check": ("permission_level", "This is not one of the known levels."),
    "trip_invitations_trip_email_uniq": ("email", "This address is invited already."),
}
