"""A plan as the rules of the checker see it: journeys, beds and things to do, each where it belongs in time.

Options. What is `available` is one of several that may be taken. Among rivals (same route on the same days, or
overlapping in time) what is reserved or booked goes before what is available, and of those the first; the others do not
happen. What is cancelled never happens.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property

from tripsage_tui.models.bookings import (
    Accommodation,
    Booking,
    Direction,
    Flight,
    ItemStatus,
    ItemType,
    ItineraryItem,
    LegFields,
    Transportation,
    TransportType,
)
from tripsage_tui.models.checking_cities import Places
from tripsage_tui.models.checking_clock import at_clock, minutes_between, night_of, wall
from tripsage_tui.models.checking_context import CheckContext
from tripsage_tui.models.findings import ItemRef, ref_of
from tripsage_tui.models.plans import TripPlan

LONG_FLIGHT_KM = 1500
_NAME_LIMIT = 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_ARRIVAL = time(6)


@dataclass(frozen=True)
class Move:
    """One vehicle from one place to another. `arrives` is None also where it cannot be: before it departs.

    `nights` are those under way, as ordinals of their evenings; `begins` puts moves without times into their day.
    """

    ref: ItemRef
    booking: Flight | Transportation
    leg: LegFields
    day: date
    last_day: date
    begins: datetime
    departs: datetime | None
    arrives: datetime | None
    departs_zone: str | None
    arrives_zone: str | None
    firm: bool
    flies: bool
    nights: range

    @property
    def name(self) -> str:
        return f"{short(self.leg.origin)} → {short(self.leg.destination)}"

    @property
    def vehicle(self) -> str:
        """What people call it: its number, else its kind."""
        if self.leg.number:
            return short(self.leg.number)
        return "flight" if self.flies else word_of(self.booking)

    @property
    def ticket(self) -> object:
        """The same for moves that an airline sells as one journey."""
        if code := self.booking.confirmation_code:
            return code
        return self.ref

    @property
    def key(self) -> tuple[datetime, ItemRef, str, str]:
        return self.begins, self.ref, self.leg.origin, self.leg.destination


@dataclass(frozen=True)
class Bed:
    """A stay (or an item that is one) for the nights `first` to before `after`, as ordinals of their evenings."""

    ref: ItemRef
    booking: Accommodation | ItineraryItem
    first: int
    after: int
    firm: bool

    @property
    def key(self) -> tuple[int, int, ItemRef]:
        return self.first, self.after, self.ref


class Checked:
    """Everything that the rules ask of a plan, worked out once."""

    def __init__(self, plan: TripPlan, today: date, now: datetime, context: CheckContext) -> None:
        self.plan = plan
        self.trip = plan.trip
        self.today = today
        self.now = now
        self.context = context
        self.bookings = sorted((each for each in plan.bookings if not _cancelled(each)), key=ref_of)
        self.places = Places(plan, context)
        self._days_of_items: dict[int, date | None] = {}

    @cached_property
    def over(self) -> bool:
        """The trip has ended: what was not right can no longer be put right."""
        return self.trip.end_date < self.today

    @cached_property
    def items(self) -> tuple[ItineraryItem, ...]:
        return tuple(each for each in self.bookings if isinstance(each, ItineraryItem))

    @cached_property
    def stays(self) -> tuple[Accommodation, ...]:
        return tuple(each for each in self.bookings if isinstance(each, Accommodation))

    @cached_property
    def all_moves(self) -> tuple[Move, ...]:
        """In order of time, options among them; hired cars are no moves."""
        moves = [move for each in self.bookings if isinstance(each, Flight | Transportation) for move in self._of(each)]
        return tuple(sorted(moves, key=lambda move: move.key))

    @cached_property
    def first_days(self) -> dict[ItemRef, date]:
        """The day on which a booking begins to move."""
        return {move.ref: move.day for move in reversed(self.all_moves)}

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        """The moves that happen, in order of time: of rivals, one."""
        return tuple(sorted(_chosen(self.all_moves, self.places), key=lambda move: move.key))

    @cached_property
    def hires(self) -> tuple[Transportation, ...]:
        """Hired cars."""
        return tuple(each for each in self.bookings if isinstance(each, Transportation) and _is_hire(each))

    @cached_property
    def beds(self) -> tuple[Bed, ...]:
        """All beds, options too, in order of time."""
        beds = [*(_bed(stay) for stay in self.stays), *self._beds_of_items()]
        return tuple(sorted(beds, key=lambda bed: bed.key))

    @cached_property
    def chosen_beds(self) -> tuple[Bed, ...]:
        """The beds that are slept in: an option only where nothing firm and no earlier option has one of its nights."""
        firm = [bed for bed in self.beds if bed.firm]
        taken = _Intervals((bed.first, bed.after) for bed in firm)
        options = []
        for bed in self.beds:
            if not bed.firm and not taken.meets(bed.first, bed.after):
                taken.add(bed.first, bed.after)
                options.append(bed)
        return tuple(sorted([*firm, *options], key=lambda bed: bed.key))

    def zone_of_item(self, item: ItineraryItem) -> str | None:
        return item.start_zone or item.end_zone or self.trip.time_zone

    def day_of_item(self, item: ItineraryItem) -> date | None:
        """The local day on which an item begins; None for an idea."""
        if item.id not in self._days_of_items:
            known = item.start_time or (item.end_time if item.day is None else None)
            self._days_of_items[item.id] = wall(known, self.zone_of_item(item)).date() if known else item.day
        return self._days_of_items[item.id]

    def _beds_of_items(self) -> Iterator[Bed]:
        """Items that are a bed, and what lasts through the night out of doors: a trek, a night train without a form."""
        for item in self.items:
            day = self.day_of_item(item)
            if day is None:
                continue
            first, after = day.toordinal(), day.toordinal()
            if item.start_time and item.end_time and item.end_time > item.start_time:
                first = night_of(wall(item.start_time, self.zone_of_item(item)))
                after = night_of(wall(item.end_time, item.end_zone or self.zone_of_item(item)))
            if item.item_type is ItemType.ACCOMMODATION:
                yield Bed(ref_of(item), item, first, max(after, first + 1), firm=True)
            elif after > first and item.item_type not in {ItemType.EVENT, ItemType.MEAL}:
                yield Bed(ref_of(item), item, first, after, firm=True)

    def _of(self, booking: Flight | Transportation) -> Iterator[Move]:
        if isinstance(booking, Flight):
            for direction, day in (
                (Direction.OUTBOUND, booking.departure_date),
                (Direction.RETURN, booking.return_date),
            ):
                legs: Sequence[LegFields] = [leg for leg in booking.legs if leg.direction is direction]
                if not legs and day:
                    ends = (booking.origin, booking.destination)
                    origin, destination = ends if direction is Direction.OUTBOUND else ends[::-1]
                    legs = [LegFields(direction=direction, origin=origin, destination=destination)]
                yield from (self._move(booking, leg, day or booking.departure_date) for leg in legs)
        elif not _is_hire(booking):
            whole = LegFields(**{name: getattr(booking, name) for name in _OF_TRANSPORT})
            for leg in booking.legs or (whole,):
                known = leg.departure_time or leg.arrival_time
                if known or booking.day:
                    zone = leg.departure_zone or self.trip.time_zone
                    yield self._move(booking, leg, booking.day or wall(known or self.now, zone).date())

    def _move(self, booking: Flight | Transportation, leg: LegFields, day: date) -> Move:
        zones = (self._zone(leg.departure_zone, leg.origin), self._zone(leg.arrival_zone, leg.destination))
        departs, arrives = leg.departure_time, leg.arrival_time
        if departs and arrives and arrives <= departs:
            arrives = None
        leaves = wall(departs, zones[0]) if departs else None
        lands = wall(arrives, zones[1]) if arrives else None
        first = leaves.date() if leaves else day
        flies = isinstance(booking, Flight) or booking.transport_type is TransportType.FLIGHT
        return Move(
            ref=ref_of(booking),
            booking=booking,
            leg=leg,
            day=first,
            last_day=lands.date() if lands else first,
            begins=departs or arrives or at_clock(day, time(12), zones[0]),
            departs=departs,
            arrives=arrives,
            departs_zone=zones[0],
            arrives_zone=zones[1],
            firm=is_firm(booking),
            flies=flies,
            nights=self._nights(leg, leaves, lands, first, flies=flies),
        )

    def _zone(self, zone: str | None, place: str) -> str | None:
        if zone:
            return zone
        airport = self.places.airport(place)
        return airport.zone if airport else self.trip.time_zone

    def _nights(
        self, leg: LegFields, leaves: datetime | None, lands: datetime | None, day: date, *, flies: bool
    ) -> range:
        """The nights under way. Where the arrival is not known, a night that may be one is counted."""
        start = night_of(leaves) if leaves else day.toordinal()
        if lands:
            return range(start, max(night_of(lands), start))
        if flies:
            distance = self.context.distance_km(leg.origin, leg.destination)
            overnight = distance is None or distance > LONG_FLIGHT_KM
        else:
            overnight = leaves is None or leaves.hour >= 17
        return range(start, start + overnight)


def is_firm(booking: Booking) -> bool:
    """Reserved, booked or done; an item is meant as soon as it is planned."""
    return isinstance(booking, ItineraryItem) or booking.booking_status.value in {"reserved", "booked"}


def short(text: str) -> str:
    """A stored text in a sentence: not longer than a name is."""
    text = " ".join(text[: _NAME_LIMIT * 4].split())
    return text if len(text) <= _NAME_LIMIT else text[: _NAME_LIMIT - 1] + "…"


def word_of(booking: Booking) -> str:
    """One word for the kind of a booking."""
    match booking:
        case Flight():
            return "flight"
        case Accommodation():
            return "stay"
        case Transportation():
            kind = booking.transport_type
            return "transport" if kind is TransportType.OTHER else kind.value.replace("_", " ")
        case ItineraryItem():
            return "plan" if booking.item_type is ItemType.OTHER else booking.item_type.value


_OF_TRANSPORT = ("origin", "destination", "departure_time", "departure_zone", "arrival_time", "arrival_zone", "seat")


class _Intervals:
    """Spans of numbers or instants that do not overlap much, for quick questions whether another one meets them."""

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        self._spans: list[tuple[int, int]] = []
        for start, end in sorted(spans):
            if self._spans and start < self._spans[-1][1]:
                self._spans[-1] = (self._spans[-1][0], max(end, self._spans[-1][1]))
            else:
                self._spans.append((start, end))

    def meets(self, start: int, end: int) -> bool:
        place = bisect_left(self._spans, (end, end))
        return place > 0 and self._spans[place - 1][1] > start

    def add(self, start: int, end: int) -> None:
        """A span that meets none of the others."""
        insort(self._spans, (start, end))


def _cancelled(booking: Booking) -> bool:
    return booking.booking_status.value == ItemStatus.CANCELLED.value


def _is_hire(booking: Transportation) -> bool:
    return booking.transport_type is TransportType.CAR_RENTAL


def _bed(stay: Accommodation) -> Bed:
    first, after = stay.check_in_date.toordinal(), stay.check_out_date.toordinal()
    # Checking in at 01:30 is for the night that began the evening before.
    if stay.check_in_at and wall(stay.check_in_at, stay.check_in_zone).time() < _LATEST_ARRIVAL:
        first -= 1
    return Bed(ref_of(stay), stay, first, max(after, first), is_firm(stay))


def _chosen(moves: Sequence[Move], places: Places) -> Iterator[Move]:
    """All firm moves, and of the options those without a rival; an option is taken with all its legs or not at all."""
    firm = [move for move in moves if move.firm]
    yield from firm
    taken = _Intervals(_span(move) for move in firm if _timed(move))
    routes: dict[tuple[str, str], set[int]] = {}
    for move in firm:
        routes.setdefault(_route(move, places), set()).add(move.day.toordinal())
    options: dict[ItemRef, list[Move]] = {}
    for move in moves:
        if not move.firm:
            options.setdefault(move.ref, []).append(move)
    for legs in options.values():
        if any(_has_rival(leg, taken, routes.get(_route(leg, places), set())) for leg in legs):
            continue
        for leg in legs:
            routes.setdefault(_route(leg, places), set()).add(leg.day.toordinal())
            if _timed(leg) and not taken.meets(*_span(leg)):
                taken.add(*_span(leg))
        yield from legs


def _has_rival(move: Move, taken: _Intervals, days: set[int]) -> bool:
    if _timed(move) and taken.meets(*_span(move)):
        return True
    day = move.day.toordinal()
    return not days.isdisjoint((day - 1, day, day + 1))


def _route(move: Move, places: Places) -> tuple[str, str]:
    return places.key(move.leg.origin), places.key(move.leg.destination)


def _timed(move: Move) -> bool:
    return move.departs is not None and move.arrives is not None


def _span(move: Move) -> tuple[int, int]:
    """Minutes since the epoch."""
    start = move.departs or move.begins
    return minutes_between(_EPOCH, start), minutes_between(_EPOCH, move.arrives or start)
