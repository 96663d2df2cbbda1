"""The sample that the first start offers: two weeks in Japan, half of it booked."""

from __future__ import annotations

from datetime import date, timedelta

from tripsage_tui.models.samples import SampleBuilder, SampleTrip

_TOKYO = "Asia/Tokyo"
_LEAST_NOTICE = timedelta(days=40)
"""So that its deadlines are still ahead."""


def japan(today: date) -> SampleTrip:
    """Fourteen days from the next second of October that is at least forty days away."""
    start = date(today.year, 10, 2)
    if start < today + _LEAST_NOTICE:
        start = start.replace(year=today.year + 1)
    trip = SampleBuilder.begin(
        today,
        start,
        14,
        name="Japan in autumn",
        destination="Japan",
        travelers="2",
        budget="6000",
        currency="EUR",
        time_zone=_TOKYO,
        tags="autumn, food, trains",
        notes="Buy the rail tickets a month ahead.\nCash for the small temples.",
    )
    trip.stop("Tokyo", "JP", _TOKYO, days=(2, 6), currency="JPY")
    trip.stop("Kyoto", "JP", _TOKYO, days=(6, 11), currency="JPY")
    trip.stop("Osaka", "JP", _TOKYO, days=(11, 14), currency="JPY")
    trip.rate("JPY", "1/161")
    _travel(trip)
    _sleep(trip)
    _tokyo(trip)
    _kansai(trip)
    return trip.done()


def _travel(trip: SampleBuilder) -> None:
    trip.flight(
        "FRA-HND",
        1,
        "12:15-08:55",
        flight_number="LH716",
        airline="Lufthansa",
        seat="34H, 34K",
        price="1840",
        booking_status="booked",
        confirmation_code="X7K2QM",
        payment_status="paid",
        **trip.back(14, "12:30-19:05", "LH717"),
    )
    train = {"provider": "JR Central", "currency": "JPY"}
    trip.transport("train", "Haneda > Asakusa", 2, "10:12-10:51", provider="Keikyu", price="1300", currency="JPY")
    trip.transport(
        "train",
        "Tokyo > Kyoto",
        6,
        "09:03-11:15",
        seat="Car 7, 12D and 12E (Mount Fuji side)",
        price="28340",
        booking_status="reserved",
        pay_by=trip.on(-24),
        notes="Nozomi 219; luggage space is booked with the seats.",
        **train,
    )
    trip.transport("train", "Kyoto > Osaka", 11, "10:45-11:00", price="1160", **train)
    trip.transport("train", "Shin-Osaka > Tokyo", 14, "06:00-08:24", price="29440", notes="The first Nozomi.", **train)


def _sleep(trip: SampleBuilder) -> None:
    trip.stay(
        "Hotel Gracery Asakusa",
        2,
        4,
        address="2-10-2 Kaminarimon, Taito, Tokyo",
        check_in_time="15:00",
        check_out_time="8:00",
        room_type="Twin, 9th floor",
        price_per_night="138",
        rating="4.3",
        booking_status="booked",
        confirmation_code="4481920037",
        cancel_free_until=f"{trip.on(-2)} 18:00",
    )
    trip.stay(
        "Ryokan Shiraume",
        6,
        5,
        address="Gion Shirakawa, Higashiyama, Kyoto",
        check_in_time="15:00",
        check_out_time="10:00",
        room_type="Tatami room with garden view",
        total_price="215000",
        currency="JPY",
        rating="4.8",
        booking_status="reserved",
        payment_status="deposit",
        pay_by=trip.on(-12),
        notes="Half board: dinner at 18:30.",
    )
    trip.stay(
        "Cross Hotel Osaka",
        11,
        3,
        address="2-5-15 Shinsaibashisuji, Chuo, Osaka",
        check_in_time="15:00",
        check_out_time="5:15",
        price_per_night="121.50",
        booking_status="available",
        notes="Or the capsule hotel next door.",
    )


def _tokyo(trip: SampleBuilder) -> None:
    trip.item("Senso-ji before the crowds", 3, "7:00-8:30", location="Asakusa")
    trip.item("Sushi breakfast at Tsukiji", 3, item_type="meal", price="4500", currency="JPY")
    trip.item(
        "teamLab Planets",
        3,
        "14:30-17:00",
        item_type="event",
        location="Toyosu",
        price="7600",
        currency="JPY",
        booking_status="booked",
        confirmation_code="TLP-58120",
        payment_status="paid",
    )
    trip.item(
        "Day trip to Nikko", 4, "8:00-19:00", description="Tobu limited express from Asakusa; temples, then the lake."
    )
    trip.item("Shimokitazawa record shops", 5)
    trip.item(
        "Dinner with Keiko and Tom", 5, "19:30-22:30", item_type="meal", location="Ebisu", booking_status="reserved"
    )


def _kansai(trip: SampleBuilder) -> None:
    trip.item("Fushimi Inari at sunrise", 7, "5:45-8:30", location="Fushimi")
    trip.item("Nishiki market", 7)
    trip.item(
        "Tea ceremony",
        8,
        "14:00-15:00",
        location="Camellia Garden",
        price="16000",
        currency="JPY",
        booking_status="reserved",
    )
    trip.item("Arashiyama by bicycle", 9, price="2400", currency="JPY")
    trip.item("Nara: deer, Todai-ji, the old town", 10, "9:30-17:00")
    trip.item("Street food in Dotonbori", 11, "19:00", item_type="meal")
    trip.item("Osaka aquarium", 12, price="5400", currency="JPY")
    trip.item("Himeji castle", 13, "10:00-13:00", price="2000", currency="JPY")
    trip.item(
        "Ghibli museum (tickets are sold on the 10th, 10:00 in Tokyo)", item_type="event", price="2000", currency="JPY"
    )
    trip.item("Onsen evening in Kinosaki")
    trip.item("Hiroshima and Miyajima in a day", description="Possible from Osaka, but long.")
