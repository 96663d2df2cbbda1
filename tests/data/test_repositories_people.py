"""Sharing a trip: who may invite whom to what, who may accept, and what ends a share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest

from tests.data.booking_samples import TRIP
from tests.data.conftest import SignIn
from tests.database import Database as Cluster
from tripsage_tui.data.database import Database
from tripsage_tui.data.errors import Forbidden, InvalidValue, NotFound, StaleRow
from tripsage_tui.data.people import PeopleRepository
from tripsage_tui.data.travellers import TravellerRepository
from tripsage_tui.data.trips import TripRepository
from tripsage_tui.models.people import Collaborator, TravellerFields, TripPeople
from tripsage_tui.models.trips import Access, Trip

Enter = Callable[..., Awaitable["Person"]]


class Person:
    """Somebody signed in."""

    def __init__(self, session: Database) -> None:
        self.session = session
        self.people = PeopleRepository(session)
        self.trips = TripRepository(session)

    async def sees(self, trip: Trip) -> TripPeople:
        return await self.people.of_trip(trip.id)


@pytest.fixture
async def enter(sign_in: SignIn, database: Cluster) -> Enter:
    async def enter(name: str) -> Person:
        return Person(await sign_in(await database.create_user(name)))

    return enter


@pytest.fixture
async def anna(enter: Enter) -> Person:
    return await enter("Anna")


@pytest.fixture
async def trip(anna: Person) -> Trip:
    return await anna.trips.create(TRIP, key=uuid4())


async def joined(host: Person, guest: Person, name: str, trip: Trip, level: Access) -> Collaborator:
    asked = await host.people.invite(trip.id, f"{name}@local", level)
    assert await guest.people.accept(asked.id) == trip.id
    return next(each for each in (await host.sees(trip)).collaborators if each.name.lower() == name)


async def test_an_invitation_is_seen_and_accepted_with_its_level(anna: Person, enter: Enter, trip: Trip) -> None:
    ben = await enter("Ben")
    asked = await anna.people.invite(trip.id, "  BEN@local ", Access.EDIT)
    assert (asked.email, asked.permission_level, asked.invitee) == ("ben@local", Access.EDIT, "ben")
    assert (asked.expires_at - asked.created_at).days == 14
    (offer,) = await ben.people.invitations()
    assert (offer.id, offer.trip_id, offer.trip_name, offer.permission_level, offer.invited_by) == (
        asked.id, trip.id, TRIP.name, Access.EDIT, "Anna",
    )  # fmt: skip
    with pytest.raises(NotFound):
        await ben.trips.plan(trip.id)
    assert (await anna.sees(trip)).invitations == (asked,)

    assert await ben.people.accept(offer.id) == trip.id
    assert await ben.people.invitations() == []
    assert (await ben.trips.plan(trip.id)).trip.access is Access.EDIT
    before = anna.session.metrics.snapshot()
    people = await anna.sees(trip)
    after = anna.session.metrics.snapshot()
    assert sum(each.count for each in after.queries) - sum(each.count for each in before.queries) == 1
    assert (people.access, people.owner.name, people.invitations) == (Access.OWNER, "Anna", ())
    assert [(each.name, each.permission_level) for each in people.collaborators] == [("Ben", Access.EDIT)]
    with pytest.raises(NotFound, match="no longer valid"):
        await ben.people.accept(offer.id)


async def test_only_the_verified_owner_of_the_address_accepts(
    anna: Person, enter: Enter, trip: Trip, database: Cluster
) -> None:
    ben, eve = await enter("Ben"), await enter("Eve")
    asked = await anna.people.invite(trip.id, "ben@local", Access.VIEW)
    assert await eve.people.invitations() == []
    with pytest.raises(NotFound):
        await eve.people.accept(asked.id)
    await eve.people.decline(asked.id)
    assert len(await ben.people.invitations()) == 1
    owner = await database.owner()
    # an address that somebody typed at sign-up and nobody confirmed
    await owner.execute("update auth.users set raw_app_meta_data = '{}' where email = 'ben@local'")
    assert await ben.people.invitations() == []
    with pytest.raises(NotFound):
        await ben.people.accept(asked.id)
    await owner.execute(
        "update auth.users set email_confirmed_at = now(), email = 'Ben@local' where email = 'ben@local'"
    )
    await ben.people.accept(asked.id)


async def test_an_invitation_tells_nothing_about_accounts(anna: Person, enter: Enter, trip: Trip) -> None:
    await enter("Ben")
    real = await anna.people.invite(trip.id, "ben@local", Access.VIEW)
    invented = await anna.people.invite(trip.id, "nobody@example.com", Access.VIEW)
    varying = {"id", "email", "created_at", "expires_at"}
    assert real.model_dump(exclude=varying) == invented.model_dump(exclude=varying)


@pytest.mark.parametrize(
    "spoil",
    [
        "update trip_invitations set expires_at = now()",
        "update trips set deleted_at = now()",
        "delete from trip_invitations",
    ],
)
async def test_what_ended_is_not_offered(anna: Person, enter: Enter, trip: Trip, database: Cluster, spoil: str) -> None:
    ben = await enter("Ben")
    asked = await anna.people.invite(trip.id, "ben@local", Access.VIEW)
    await (await database.owner()).execute(spoil)
    assert await ben.people.invitations() == []
    with pytest.raises(NotFound):
        await ben.people.accept(asked.id)
    if "expires" in spoil:
        again = await anna.people.invite(trip.id, "ben@local", Access.EDIT)
        await ben.people.accept(again.id)


@pytest.mark.parametrize("loss", ["demoted", "removed"])
async def test_the_inviter_must_still_be_allowed(anna: Person, enter: Enter, trip: Trip, loss: str) -> None:
    carl, ben = await enter("Carl"), await enter("Ben")
    admin = await joined(anna, carl, "carl", trip, Access.ADMIN)
    asked = await carl.people.invite(trip.id, "ben@local", Access.ADMIN)
    assert len(await ben.people.invitations()) == 1
    if loss == "demoted":
        await anna.people.change_level(admin, Access.EDIT, based_on=admin.updated_at)
    else:
        await anna.people.remove(admin, based_on=admin.updated_at)
    assert await ben.people.invitations() == []
    with pytest.raises(NotFound):
        await ben.people.accept(asked.id)


async def test_an_old_invitation_brings_nobody_back_and_raises_nobody(anna: Person, enter: Enter, trip: Trip) -> None:
    carl, ben = await enter("Carl"), await enter("Ben")
    await joined(anna, carl, "carl", trip, Access.ADMIN)
    member = await joined(anna, ben, "ben", trip, Access.VIEW)
    old = await carl.people.invite(trip.id, "ben@local", Access.ADMIN)
    assert await ben.people.accept(old.id) == trip.id
    assert (await ben.trips.get(trip.id)).access is Access.VIEW
    pending = await carl.people.invite(trip.id, "ben@local", Access.ADMIN)
    await anna.people.remove(member, based_on=member.updated_at)
    with pytest.raises(NotFound):
        await ben.people.accept(pending.id)
    with pytest.raises(NotFound):
        await ben.trips.get(trip.id)


async def test_who_may_do_what_to_whom(anna: Person, enter: Enter, trip: Trip) -> None:
    guests = {level: await enter(level.value) for level in (Access.ADMIN, Access.EDIT, Access.VIEW)}
    rows = {level: await joined(anna, guest, level.value, trip, level) for level, guest in guests.items()}
    for level in (Access.EDIT, Access.VIEW):
        guest = guests[level]
        people = await guest.sees(trip)
        assert (people.access, len(people.collaborators), people.invitations) == (level, 3, ())
        with pytest.raises(Forbidden):
            await guest.people.invite(trip.id, "x@example.com", Access.VIEW)
        for other in rows.values():
            with pytest.raises(Forbidden):
                await guest.people.change_level(other, Access.ADMIN, based_on=other.updated_at)
            if other is not rows[level]:
                with pytest.raises(Forbidden):
                    await guest.people.remove(other, based_on=other.updated_at)
    admin = guests[Access.ADMIN]
    with pytest.raises(InvalidValue):
        await admin.people.change_level(rows[Access.VIEW], Access.OWNER, based_on=rows[Access.VIEW].updated_at)
    with pytest.raises(Forbidden):
        await admin.people.change_level(rows[Access.ADMIN], Access.VIEW, based_on=rows[Access.ADMIN].updated_at)
    await admin.people.invite(trip.id, "anna@local", Access.VIEW)
    assert await anna.people.invitations() == []  # one is not invited to one's own trip
    raised = await admin.people.change_level(rows[Access.VIEW], Access.EDIT, based_on=rows[Access.VIEW].updated_at)
    with pytest.raises(StaleRow) as stale:
        await anna.people.change_level(rows[Access.VIEW], Access.VIEW, based_on=rows[Access.VIEW].updated_at)
    assert stale.value.current == raised


async def test_removing_is_undone_and_leaving_is_final(anna: Person, enter: Enter, trip: Trip) -> None:
    ben = await enter("Ben")
    member = await joined(anna, ben, "ben", trip, Access.EDIT)
    assert await anna.people.remove(member, based_on=member.updated_at) == member
    with pytest.raises(NotFound):
        await ben.sees(trip)
    back = await anna.people.restore(trip.id, member)
    assert (back.id, back.permission_level) == (member.id, Access.EDIT)
    await ben.people.leave(trip.id)
    with pytest.raises(NotFound):
        await ben.trips.get(trip.id)
    with pytest.raises(Forbidden):
        await ben.people.restore(trip.id, member)
    with pytest.raises(Forbidden, match="yours"):
        await anna.people.leave(trip.id)


@pytest.mark.parametrize("address", ["", "Ben", "a@b@c", "a b@c", "@", "x@" + "y" * 400, "a\0@b"])
async def test_what_is_no_address_is_refused(anna: Person, trip: Trip, address: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        await anna.people.invite(trip.id, address, Access.VIEW)
    assert refusal.value.field == "email"


async def test_by_name_where_people_have_names(anna: Person, trip: Trip) -> None:
    async def address(name: str) -> str:
        if name.casefold() != "ben":
            raise InvalidValue("email", "There is no profile of that name.")
        return "ben-12@local"

    people = PeopleRepository(anna.session, address)
    assert (await people.invite(trip.id, "Ben", Access.VIEW)).email == "ben-12@local"
    assert (await people.invite(trip.id, "Ben@example.com", Access.VIEW)).email == "ben@example.com"
    with pytest.raises(InvalidValue, match="no profile"):
        await people.invite(trip.id, "Bne", Access.VIEW)
    for asked in (await people.of_trip(trip.id)).invitations:
        await people.revoke(asked)
    assert (await people.of_trip(trip.id)).invitations == ()


async def test_strangers_learn_nothing(anna: Person, enter: Enter, trip: Trip) -> None:
    eve, ben = await enter("Eve"), await enter("Ben")
    member = await joined(anna, ben, "ben", trip, Access.EDIT)
    asked = await anna.people.invite(trip.id, "carl@local", Access.VIEW)
    for attempt in (
        eve.sees(trip),
        eve.people.get(member.id),
        eve.people.invite(trip.id, "eve@local", Access.ADMIN),
        eve.people.change_level(member, Access.VIEW, based_on=member.updated_at),
        eve.people.remove(member, based_on=member.updated_at),
        eve.people.restore(trip.id, member),
        eve.people.leave(trip.id),
        eve.people.accept(asked.id),
    ):
        with pytest.raises((NotFound, Forbidden)):
            await attempt
    await eve.people.revoke(asked)
    await eve.people.decline(asked.id)
    people = await anna.sees(trip)
    assert (people.collaborators, people.invitations) == ((member,), (asked,))


async def test_archived_trips_stay_and_the_trash_is_listed(anna: Person, enter: Enter, trip: Trip) -> None:
    ben = await enter("Ben")
    await joined(anna, ben, "ben", trip, Access.EDIT)
    archived = await ben.trips.archive(trip.id, trip.updated_at)
    assert archived.archived_at is not None
    (listed,) = await anna.trips.list()
    assert listed.archived_at == archived.archived_at
    with pytest.raises(StaleRow):
        await anna.trips.unarchive(trip.id, trip.updated_at)
    back = await anna.trips.unarchive(trip.id, archived.updated_at)
    assert back.archived_at is None
    await anna.trips.delete(trip.id, back.updated_at)
    assert [each.id for each in await anna.trips.trash()] == [trip.id]
    assert await ben.trips.trash() == []
    await anna.trips.restore(trip.id)
    assert await anna.trips.trash() == []


async def test_who_joins_is_the_traveller_of_the_same_name(anna: Person, enter: Enter, trip: Trip) -> None:
    ben, cem = await enter("Ben"), await enter("Cem")
    travellers = TravellerRepository(anna.session)
    put_down = await travellers.add(trip.id, TravellerFields(name="ben "), key=uuid4())
    twins = [await travellers.add(trip.id, TravellerFields(name="Cem"), key=uuid4()) for _ in range(2)]
    member = await joined(anna, ben, "ben", trip, Access.VIEW)
    await joined(anna, cem, "cem", trip, Access.VIEW)
    assert (await travellers.get(put_down.id)).user_id == member.user_id
    assert [(await travellers.get(each.id)).user_id for each in twins] == [None, None]
