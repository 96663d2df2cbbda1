"""How the people of a trip look, at two sizes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from textual.pilot import Pilot

from tests.screens.planning import settled
from tests.screens.test_trip_snapshots import SIZES, Picture, picture
from tripsage_tui.models.people import Collaborator, Invitation, Owner, Traveller, TripPeople
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.models.trips import Access
from tripsage_tui.planner import Planner
from tripsage_tui.screens.people import PeopleScreen

__all__ = ["picture"]
THEN = datetime(2027, 9, 3, 10, tzinfo=UTC)


def people_screen(planner: Planner, plan: TripPlan) -> PeopleScreen:
    return PeopleScreen(planner, plan.trip)


async def fill(pilot: Pilot[Any]) -> None:
    """Everybody whom the list can show."""
    screen = pilot.app.screen
    assert isinstance(screen, PeopleScreen)

    def traveller(number: int, name: str, **papers: date) -> Traveller:
        return Traveller(id=number, trip_id=1, name=name, created_at=THEN, updated_at=THEN, **papers)

    def member(number: int, name: str, level: Access) -> Collaborator:
        return Collaborator(
            id=number, user_id=UUID(int=number), name=name, permission_level=level, added_at=THEN, updated_at=THEN
        )

    screen.show_people(
        TripPeople(
            access=Access.OWNER,
            owner=Owner(user_id=screen.planner.profile.id, name="Ann"),
            collaborators=(member(1, "Ben", Access.EDIT), member(2, "Cleo", Access.ADMIN)),
            invitations=(
                Invitation(
                    id=1,
                    trip_id=1,
                    email="dora.with.a.long.address@example.com",
                    permission_level=Access.VIEW,
                    invited_by=UUID(int=1),
                    created_at=THEN,
                    expires_at=datetime(2027, 10, 1, 10, tzinfo=UTC),
                ),
            ),
            travellers=(
                traveller(1, "Ann", passport_expires=date(2031, 5, 14)),
                traveller(2, "Kim", passport_expires=date(2027, 10, 4), visa_expires=date(2028, 1, 1)),
                traveller(3, "Baby"),
            ),
        )
    )
    await settled(pilot)


@pytest.mark.parametrize("size", SIZES)
def test_people(picture: Picture, size: tuple[int, int]) -> None:
    assert picture(people_screen, size, "j", sample=False, before=fill)
