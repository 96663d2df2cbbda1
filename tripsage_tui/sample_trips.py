"""Storing sample trips through the repositories, as a user would."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from tripsage_tui.models.samples import SampleTrip, sample_trips
from tripsage_tui.models.trips import Trip

if TYPE_CHECKING:
    from tripsage_tui.planner import Planner


async def create_samples(planner: Planner, which: Sequence[str] | None = None) -> list[Trip]:
    """Store the named samples (all by default) for today and return their trips; each call makes new ones.

    Names: see `tripsage_tui.models.samples.samples`. Raises DataError; what was stored until then stays.
    """
    return [await _store(planner, sample) for sample in sample_trips(planner.today, which)]


async def create_sample(planner: Planner, name: str = "japan") -> Trip:
    """Store one sample, as the first start does. Raises DataError."""
    return (await create_samples(planner, [name]))[0]


async def _store(planner: Planner, sample: SampleTrip) -> Trip:
    trip = await planner.trips.create(sample.trip, stops=sample.stops, key=uuid4())
    for flight, legs in sample.flights:
        await planner.flights.add(trip.id, flight, legs=legs, key=uuid4())
    for stay in sample.stays:
        await planner.accommodations.add(trip.id, stay, key=uuid4())
    for transport in sample.transports:
        await planner.transportation.add(trip.id, transport, key=uuid4())
    for item in sample.items:
        await planner.items.add(trip.id, item, key=uuid4())
    return trip
