"""Local profiles: names, and what becomes of a profile's trips."""

from __future__ import annotations

import asyncio

import pytest

from tripsage_tui.data.embedded import EmbeddedServer
from tripsage_tui.data.errors import InvalidValue, NotFound
from tripsage_tui.data.owner import connect
from tripsage_tui.identity.profiles import LocalProfiles, Profile, valid_name


@pytest.fixture
def profiles(embedded: EmbeddedServer) -> LocalProfiles:
    return LocalProfiles(embedded)


@pytest.mark.parametrize("name", ["Anna Müller", "李小龍", "O'Brien; drop table", "[bold]x[/]", "x" * 60, "ß", "👩"])
async def test_a_name_is_kept_as_typed(profiles: LocalProfiles, name: str) -> None:
    profile = await profiles.create(name)
    assert profile.name == name
    assert profile in await profiles.list()
    assert await profiles.ensure(name) == profile


def test_spaces_and_composition_are_made_regular() -> None:
    assert valid_name("  Zoe\u0308 \t van  Dyk\n") == "Zo\u00eb van Dyk"


@pytest.mark.parametrize("name", ["", " \t", "x" * 61, "a\0b", "a\x1b[31m", "\u202eevil", "a\ud800"])
async def test_an_unusable_name_is_refused_with_a_sentence(profiles: LocalProfiles, name: str) -> None:
    with pytest.raises(InvalidValue, match="A profile") as refusal:
        await profiles.create(name)
    assert refusal.value.field == "name"


async def test_names_are_unique_whatever_their_case(profiles: LocalProfiles) -> None:
    first = await profiles.create("Émile")
    with pytest.raises(InvalidValue, match="already a profile called Émile"):
        await profiles.create("éMILE")
    assert await profiles.ensure("ÉMILE") == first
    other = await profiles.create("Emile")
    with pytest.raises(InvalidValue, match="already"):
        await profiles.rename(other, "émile")
    assert (await profiles.rename(first, "ÉMILE")).id == first.id


async def test_names_that_share_an_address_are_different_profiles(profiles: LocalProfiles) -> None:
    made = [await profiles.create(name) for name in ("a b c", "a-b-c", "a.b.c")]
    assert len({profile.id for profile in made}) == 3


async def test_ten_at_once_make_one_profile(profiles: LocalProfiles) -> None:
    names = ["At Once", "at once", "AT ONCE"] * 3 + ["At once"]
    made = await asyncio.gather(*(profiles.ensure(name) for name in names))
    assert len({profile.id for profile in made}) == 1


async def test_a_profile_goes_with_its_trips(profiles: LocalProfiles, embedded: EmbeddedServer) -> None:
    profile = await profiles.create("Leaver")
    sql = """
        insert into public.trips (user_id, name, start_date, end_date, destination, budget, travelers)
        values ($1, 'Last one', '2027-01-01', '2027-01-02', 'Home', 1, 1)
    """
    async with connect(embedded.address) as connection:
        await connection.execute(sql, profile.id)
        await profiles.delete(profile)
        assert await connection.fetchval("select count(*) from public.trips where user_id = $1", profile.id) == 0
    assert profile not in await profiles.list()
    for again in (profiles.delete(profile), profiles.rename(profile, "Ghost")):
        with pytest.raises(NotFound):
            await again


async def test_profiles_are_listed_by_name_and_without_hosted_users(
    profiles: LocalProfiles, embedded: EmbeddedServer
) -> None:
    await profiles.ensure("zz last")
    await profiles.ensure("AA first")
    async with connect(embedded.address) as connection:
        await connection.execute(
            "insert into auth.users (id, email, raw_user_meta_data) values (gen_random_uuid(), 'a@example.org', '{}')"
        )
    names = [profile.name for profile in await profiles.list()]
    assert None not in names
    assert names.index("AA first") < names.index("zz last")
    assert [name.lower() for name in names] == sorted(name.lower() for name in names)


def test_a_profile_is_a_value() -> None:
    from uuid import UUID

    assert Profile(UUID(int=1), "x") == Profile(UUID(int=1), "x")
