"""Tickets of local profiles, presented by the login that can do nothing without one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from tripsage_tui.data.embedded import EmbeddedServer
from tripsage_tui.data.errors import NotAuthorized, Unavailable
from tripsage_tui.data.owner import connect
from tripsage_tui.data.ticket_source import Ticket
from tripsage_tui.identity.profiles import LocalProfiles, Profile
from tripsage_tui.identity.tickets import LocalTickets


@pytest.fixture
async def profile(embedded: EmbeddedServer) -> AsyncIterator[Profile]:
    profiles = LocalProfiles(embedded)
    profile = await profiles.create("Ticket holder")
    yield profile
    await profiles.delete(profile)


async def _who(embedded: EmbeddedServer, ticket: Ticket) -> object:
    address = embedded.address
    connection = await asyncpg.connect(
        host=address.socket_dir,
        port=address.port,
        user="tripsage_client",
        database="postgres",
        server_settings={"tripsage.ticket": ticket.value.get_secret_value()},
    )
    try:
        return await connection.fetchval("select private.current_user_id()")
    finally:
        await connection.close()


async def test_a_ticket_makes_the_client_its_profile(embedded: EmbeddedServer, profile: Profile) -> None:
    ticket = await LocalTickets(embedded, profile).ticket()
    assert await _who(embedded, ticket) == profile.id
    assert len(ticket.value.get_secret_value()) == 64
    left = ticket.expires_at - datetime.now(UTC)
    assert timedelta(hours=11, minutes=59) < left <= timedelta(hours=12)


async def test_closing_ends_every_ticket(embedded: EmbeddedServer, profile: Profile) -> None:
    tickets = LocalTickets(embedded, profile)
    first, second = await tickets.ticket(), await tickets.ticket()
    other = await LocalTickets(embedded, profile).ticket()
    assert first != second
    await tickets.close()
    await tickets.close()
    assert await _who(embedded, first) is None
    assert await _who(embedded, second) is None
    assert await _who(embedded, other) == profile.id


async def test_a_ticket_opened_ahead_is_handed_out_once(embedded: EmbeddedServer, profile: Profile) -> None:
    tickets = LocalTickets(embedded, profile)
    await tickets.open_ahead()
    async with connect(embedded.address) as connection:
        sql = "select count(*) from private.database_sessions where user_id = $1"
        assert await connection.fetchval(sql, profile.id) == 1
        first = await tickets.ticket()
        assert await connection.fetchval(sql, profile.id) == 1
        assert await tickets.ticket() != first
    await tickets.close()
    assert await _who(embedded, first) is None


async def test_an_expired_ticket_is_nobody_and_can_be_renewed(embedded: EmbeddedServer, profile: Profile) -> None:
    tickets = LocalTickets(embedded, profile, lifetime=timedelta(microseconds=1))
    assert await _who(embedded, await tickets.ticket()) is None
    renewed = LocalTickets(embedded, profile)
    assert await _who(embedded, await renewed.ticket()) == profile.id


async def test_a_profile_that_is_gone_gets_no_ticket(embedded: EmbeddedServer) -> None:
    profiles = LocalProfiles(embedded)
    profile = await profiles.create("Gone")
    tickets = LocalTickets(embedded, profile)
    ticket = await tickets.ticket()
    await profiles.delete(profile)
    assert await _who(embedded, ticket) is None
    with pytest.raises(NotAuthorized, match="no longer exists"):
        await tickets.ticket()


async def test_a_ticket_does_not_show_itself(embedded: EmbeddedServer, profile: Profile) -> None:
    tickets = LocalTickets(embedded, profile)
    ticket = await tickets.ticket()
    secret = ticket.value.get_secret_value()
    assert secret not in f"{ticket!r} {ticket} {tickets.__dict__!r} {ticket.value}"
    async with connect(embedded.address, "supabase_admin") as connection:
        rows = await connection.fetch("select row_to_json(s)::text from private.database_sessions s")
        assert secret not in str(rows)


async def test_without_a_server_it_is_unavailable(profile: Profile) -> None:
    class Nowhere:
        @property
        def address(self) -> object:
            raise Unavailable("The database is not running.")

    tickets = LocalTickets(Nowhere(), profile)  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        await tickets.ticket()
    await tickets.close()
