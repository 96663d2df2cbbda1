"""The other samples: a weekend that is going on, two zones on business, a family with a hired car, and a past trip."""

from __future__ import annotations

from datetime import date, timedelta

from tripsage_tui.models.samples import SampleBuilder, SampleTrip


def lisbon(today: date) -> SampleTrip:
    """In progress: it began yesterday."""
    trip = SampleBuilder.begin(
        today,
        today - timedelta(days=1),
        4,
        name="Long weekend in Lisbon",
        destination="Lisbon, Portugal",
        travelers="2",
        budget="1200",
        currency="EUR",
        status="booked",
        time_zone="Europe/Lisbon",
        tags="city",
    )
    trip.flight(
        "BER-LIS",
        1,
        "7:10-10:05",
        flight_number="TP531",
        airline="TAP Air Portugal",
        price="412.60",
        booking_status="booked",
        payment_status="paid",
        confirmation_code="R4T9LB",
        **trip.back(4, "18:05-22:40", "TP536"),
    )
    trip.transport("taxi", "LIS > Alfama", 1, "10:40-11:05", price="18", booking_status="booked", payment_status="paid")
    trip.stay(
        "Casa do Jasmim",
        1,
        3,
        address="Rua do Jasmim 19, Lisboa",
        check_in_time="14:00",
        check_out_time="11:00",
        price_per_night="142",
        rating="4.7",
        booking_status="booked",
        payment_status="paid",
        confirmation_code="HM3XQ2",
    )
    trip.item("Miradouro da Graça", 1, "18:30", location="Graça", booking_status="completed")
    trip.item("Tram 28 end to end", 2, "9:30-11:00", price="6.20")
    trip.item("Gulbenkian museum", 2, price="28")
    trip.item("Fado dinner", 2, "20:30-23:30", item_type="meal", location="Mesa de Frades", booking_status="reserved")
    trip.item("Sintra", 3, "9:00-18:00", price="62", description="Train from Rossio, then bus 434 up to the palace.")
    trip.item("Pastéis de Belém", 4, item_type="meal")
    trip.item("Surf lesson in Caparica", description="If the swell is small.")
    return trip.done()


def new_york(today: date) -> SampleTrip:
    """On business, in two zones of one country, in dollars."""
    trip = SampleBuilder.begin(
        today,
        today + timedelta(days=23),
        7,
        name="New York and San Francisco",
        destination="United States",
        budget="5200",
        currency="USD",
        trip_type="business",
        status="booked",
        time_zone="America/New_York",
        tags="work",
        notes="Receipts for everything above $25.",
    )
    trip.stop("New York", "US", "America/New_York", days=(1, 4))
    trip.stop("San Francisco", "US", "America/Los_Angeles", days=(4, 6))
    paid = {"booking_status": "booked", "payment_status": "paid"}
    swiss = {"confirmation_code": "6TB2WD"}
    trip.flight(
        "ZRH-JFK", 1, "10:05-13:10", flight_number="LX16", airline="Swiss", price="980", seat="22A", **paid, **swiss
    )
    trip.flight(
        "JFK-SFO",
        4,
        "17:30-21:05",
        flight_number="B6 915",
        airline="JetBlue",
        price="264",
        confirmation_code="QWNRBA",
        **paid,
    )
    trip.flight(
        "SFO-ZRH",
        6,
        "19:25-15:30",
        flight_number="LX39",
        airline="Swiss",
        price="1105",
        flight_class="premium economy",
        **paid,
        **swiss,
    )
    trip.stay(
        "The Frederick",
        1,
        3,
        address="95 West Broadway, New York",
        check_in_time="15:00",
        check_out_time="12:00",
        price_per_night="289",
        booking_status="booked",
        confirmation_code="FRD-20177",
        cancel_free_until=f"{trip.on(0)} 16:00",
    )
    trip.stay(
        "Hotel Zelos",
        4,
        2,
        address="12 4th Street, San Francisco",
        check_in_time="16:00",
        check_out_time="11:00",
        total_price="518",
        booking_status="reserved",
        pay_by=trip.on(-2),
    )
    trip.transport("taxi", "JFK > Tribeca", 1, "14:00-15:10", price="75", departure_zone="America/New_York")
    trip.item("Quarterly review", 2, "9:00-17:00", item_type="event", location="55 Water Street")
    trip.item("Dinner with the team", 2, "19:00-22:00", item_type="meal", location="Flatiron", price="180")
    trip.item("Customer workshop", 3, "10:00-16:00", item_type="event", location="Brooklyn Navy Yard")
    trip.item("Run along the Hudson", 4, "7:00-8:00", time_zone="America/New_York")
    trip.item("Office in SoMa", 5, "9:30-18:00", item_type="event", time_zone="America/Los_Angeles")
    trip.item("Call with Zurich", 5, "7:00-7:45", item_type="event", time_zone="America/Los_Angeles")
    trip.item("Ferry to Sausalito", 6, "10:30-14:00", time_zone="America/Los_Angeles", price="28")
    trip.item("A jazz evening at Smalls")
    return trip.done()


def ireland(today: date) -> SampleTrip:
    """A family with a hired car; much of it is still open."""
    trip = SampleBuilder.begin(
        today,
        today + timedelta(days=74),
        10,
        name="Ireland with the kids",
        destination="Ireland",
        travelers="4",
        budget="4800",
        currency="EUR",
        trip_type="family",
        time_zone="Europe/Dublin",
        tags="family, car",
        notes="Child seats: one booster, one group 2.\nPassports of both children expire next spring.",
    )
    trip.stop("Dublin", "IE", "Europe/Dublin", days=(1, 3))
    trip.stop("Galway", "IE", "Europe/Dublin", days=(3, 7))
    trip.stop("Belfast", "GB", "Europe/London", days=(7, 10), currency="GBP")
    trip.rate("GBP", "1.17")
    trip.flight(
        "HAM-DUB",
        1,
        "11:20-12:30",
        flight_number="EI393",
        airline="Aer Lingus",
        price="684",
        booking_status="booked",
        payment_status="paid",
        confirmation_code="2QW8ZN",
        **trip.back(10, "16:15-19:20", "EI392"),
    )
    trip.transport(
        "car rental",
        "Dublin Airport > Dublin Airport",
        1,
        "13:30-14:00",
        arrival_date=trip.on(10),
        provider="Europcar",
        price="512",
        booking_status="reserved",
        confirmation_code="EC-7730419",
        cancel_free_until=trip.on(-2),
        notes="Estate, automatic; drive on the left.",
    )
    dublin = {"check_in_time": "15:00", "check_out_time": "11:00"}
    trip.stay(
        "Mespil Apartments",
        1,
        2,
        price_per_night="196",
        booking_status="booked",
        confirmation_code="MSP-3307",
        room_type="Family room",
        **dublin,
    )
    trip.stay(
        "Cottage near Spiddal", 3, 4, total_price="640", booking_status="reserved", payment_status="deposit", **dublin
    )
    trip.stay("Harbour View, Belfast", 7, 3, price_per_night="118", currency="GBP", **dublin)
    trip.stay("Titanic Suites (instead of Harbour View)", 7, 3, price_per_night="149", currency="GBP")
    trip.item("Dublin zoo", 2, "10:00-13:00", price="74")
    trip.item("EPIC emigration museum", 2, price="52")
    trip.item("Cliffs of Moher", 4, "10:00-15:00", price="24", description="Park at the visitor centre; wind jackets.")
    trip.item("Ferry to Inishmore", 5, "10:30-17:00", price="88", booking_status="reserved", pay_by=trip.on(-7))
    trip.item("Rest day by the fire", 6)
    trip.item("Giant's Causeway", 8, "9:30-14:00", price="44", currency="GBP", time_zone="Europe/London")
    trip.item("Titanic Belfast", 9, "11:00-14:00", price="79", currency="GBP", time_zone="Europe/London")
    trip.item("Sheepdog demonstration", price="35")
    trip.item("Kylemore Abbey", description="On the way to Connemara, if it rains in Galway.")
    return trip.done()


def garda(today: date) -> SampleTrip:
    """Over: it ended half a year ago."""
    trip = SampleBuilder.begin(
        today,
        today - timedelta(days=188),
        6,
        name="Lake Garda by train",
        destination="Riva del Garda",
        travelers="2",
        budget="1100",
        currency="EUR",
        status="completed",
        time_zone="Europe/Rome",
        tags="hiking, trains",
    )
    paid = {"booking_status": "booked", "payment_status": "paid"}
    zone = {"departure_zone": "Europe/Berlin"}
    trip.transport("train", "Munich > Rovereto", 1, "7:34-12:02", provider="EC 81", price="98.80", **zone, **paid)
    trip.transport("bus", "Rovereto > Riva del Garda", 1, "12:30-13:25", price="11.20", **paid)
    trip.stay("Agriturismo Fontana", 1, 5, price_per_night="104", check_in_time="14:00", check_out_time="10:00", **paid)
    trip.item("Sentiero del Ponale", 2, "9:00-13:00", booking_status="completed")
    trip.item("Boat to Malcesine", 3, "10:15-16:40", price="46", booking_status="completed", payment_status="paid")
    trip.item("Cable car to Monte Baldo", 4, price="50", booking_status="cancelled")
    trip.item("Dinner at the harbour", 5, "19:30-22:00", item_type="meal", price="84", booking_status="completed")
    trip.transport(
        "train",
        "Rovereto > Munich",
        6,
        "13:56-18:25",
        provider="EC 84",
        price="98.80",
        arrival_zone="Europe/Berlin",
        **paid,
    )
    return trip.done()
