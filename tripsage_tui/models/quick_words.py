"""The words by which quick add tells a dinner from a train."""

from __future__ import annotations

FLIGHT, STAY, TRANSPORT, ITEM = "flight", "stay", "transport", "item"
"""The kinds, called as their forms are."""


def _each(kind: str, value: str, words: str) -> dict[str, tuple[str, str]]:
    return dict.fromkeys(words.split(), (kind, value))


KINDS: dict[str, tuple[str, str]] = {
    **_each(FLIGHT, "", "flight fly plane"),
    **_each(
        STAY, "", "hotel stay hostel motel inn ryokan airbnb apartment flat guesthouse pension camping resort lodge"
    ),
    **_each(TRANSPORT, "train", "train rail shinkansen tgv eurostar"),
    **_each(TRANSPORT, "bus", "bus coach shuttle"),
    **_each(TRANSPORT, "taxi", "taxi cab uber transfer"),
    **_each(TRANSPORT, "car_rental", "car rental"),
    **_each(TRANSPORT, "other", "transport ferry boat ship tram metro subway underground"),
    **_each(ITEM, "meal", "meal breakfast brunch lunch dinner supper restaurant drinks coffee tea"),
    **_each(ITEM, "event", "event concert show theatre theater opera festival match game party"),
    **_each(
        ITEM,
        "activity",
        "activity idea item do see visit museum tour walk hike swim shopping market temple park gallery",
    ),
}
"""Word to kind and to the value of that kind's own choice (transport type, item type)."""

ONLY_KIND = frozenset({"idea", "item", "activity", "event", "meal", "transport", "stay", "do", "see"})
"""Words that say the kind and are never part of a name."""
MOVING = frozenset({FLIGHT, TRANSPORT})
PLACE_WORDS = frozenset({"in", "at", "@"})
SEPARATORS = frozenset({",", ";", "-", "–", "·", "|", "/", "&", "+"})
STATUS_OF = {
    ITEM: frozenset({"planned", "reserved", "booked", "completed", "cancelled"}),
    **dict.fromkeys((FLIGHT, STAY, TRANSPORT), frozenset({"available", "reserved", "booked", "cancelled"})),
}
PAYMENT = frozenset({"paid", "unpaid", "deposit"})
CODE_WORDS = frozenset({"ref", "reference", "code", "conf", "confirmation", "pnr", "booking", "locator"})
SEAT_WORDS = frozenset({"seat", "seats"})
IN_A_SEAT = frozenset({"car", "coach", "wagon", "row", "deck", "upper", "lower", "window", "aisle", "and", "&", "+"})
CLASSES = {
    ("premium", "economy"): "premium economy",
    ("first", "class"): "first",
    ("business", "class"): "business",
    ("economy", "class"): "economy",
    ("business",): "business",
    ("economy",): "economy",
}
PER_NIGHT = (("per", "night"), ("a", "night"), ("/night",), ("/", "night"), ("nightly",), ("pn",), ("p.n.",))
PER_PERSON = (("each",), ("per", "person"), ("a", "head"), ("pp",), ("p.p.",), ("/", "person"))
NOT_LOWER = frozenset({"all", "top", "try", "cup", "pen", "mad", "ron", "ars", "sos"})
"""Currency codes that are English words: they count in capitals only."""

LABELS = {
    "item_type": "Kind",
    "transport_type": "Kind",
    "flight_class": "Class",
    "title": "What",
    "name": "Name",
    "day": "Day",
    "start_time": "From",
    "end_time": "Until",
    "location": "Place",
    "address": "Address",
    "origin": "From",
    "destination": "To",
    "via": "Via",
    "departure_date": "Date",
    "departure_time": "Departs",
    "arrival_date": "Arrival date",
    "arrival_time": "Arrives",
    "airline": "Airline",
    "flight_number": "Flight number",
    "check_in_date": "Check in",
    "check_out_date": "Check out",
    "check_in_time": "In from",
    "check_out_time": "Out until",
    "price": "Price",
    "price_per_night": "Per night",
    "total_price": "Total",
    "currency": "Currency",
    "seat": "Seat",
    "time_zone": "Time zone",
    "departure_zone": "Departure zone",
    "arrival_zone": "Arrival zone",
    "confirmation_code": "Confirmation",
    "booking_status": "State",
    "payment_status": "Payment",
    "provider": "Booked with",
    "pay_by": "Pay by",
}
"""What the forms call their fields; the order is that of the preview."""
