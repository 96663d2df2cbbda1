"""News through Supabase Realtime: who may join which topic, who may send, and that a write never suffers from it."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from tests.data.sample_rows import Household, furnish, share
from tests.database import Database, User

SENT = "select topic, event, private, payload from realtime.messages order by inserted_at, payload ->> 'table'"


async def hosted(database: Database, user: User) -> asyncpg.Connection:
    """A connection with a ticket that a verified token opened."""
    owner = await database.owner()
    session = await owner.fetchval(
        "insert into auth.sessions (id, user_id) values (gen_random_uuid(), $1) returning id", user.id
    )
    ticket: str = await owner.fetchval(
        "select ticket from private.mint_ticket($1, now() + interval '1 hour', $2)", user.id, session
    )
    return await database.client(ticket=ticket)


async def may(database: Database, user: UUID | None, topic: str, *, extension: str = "broadcast") -> tuple[bool, bool]:
    """Whether Realtime, which asks like this, lets a user (None: nobody) join a private channel, and send to it."""
    connection = await database.superuser()
    claims = {"sub": str(user), "role": "authenticated"} if user else {"role": "anon"}
    settings = (claims["role"], topic, json.dumps(claims))
    configure = (
        "select set_config('role', $1, true), set_config('realtime.topic', $2, true), "
        "set_config('request.jwt.claims', $3, true)"
    )
    insert = "insert into realtime.messages (topic, extension) values ($1, $2) returning id"
    answers = []
    transaction = connection.transaction()
    await transaction.start()
    row = await connection.fetchval(insert, topic, extension)
    await connection.execute(configure, *settings)
    answers.append(bool(await connection.fetch("select from realtime.messages where id = $1", row)))
    await transaction.rollback()
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(configure, *settings)
    try:
        await connection.execute(insert.removesuffix(" returning id"), topic, extension)
        answers.append(True)
    except asyncpg.InsufficientPrivilegeError:
        answers.append(False)
    await transaction.rollback()
    await connection.close()
    return answers[0], answers[1]


async def sent(owner: asyncpg.Connection) -> list[tuple[str, dict[str, Any]]]:
    """What was sent since the last time: topic and payload."""
    rows = await owner.fetch(SENT)
    assert all((row["event"], row["private"]) == ("change", True) for row in rows)
    await owner.execute("delete from realtime.messages")
    return [(row["topic"], json.loads(row["payload"])) for row in rows]


@pytest.fixture
async def ada(database: Database) -> Household:
    return await furnish(await database.owner(), await database.create_user("Ada"))


async def test_a_topic_is_its_users_alone_and_nobody_sends_to_it(database: Database) -> None:
    ada, eve = await database.create_user("Ada"), await database.create_user("Eve")
    topic = await (await hosted(database, ada)).fetchval("select topic from private.live_topic()")
    assert topic == f"tripsage:user:{ada.id}"
    everybody = {"Ada": ada.id, "Eve": eve.id, "nobody": None}

    async def answers() -> dict[str, tuple[bool, bool]]:
        return {name: await may(database, user, topic) for name, user in everybody.items()}

    wanted = {"Ada": (True, False), "Eve": (False, False), "nobody": (False, False)}
    assert await answers() == wanted
    assert await may(database, ada.id, topic, extension="presence") == (False, False)
    for other in (f"{topic}x", "tripsage:user:", "tripsage:user:%", topic.upper(), "chat"):
        assert await may(database, ada.id, other) == (False, False), other

    # Another program of the project lets everybody do everything on its channels.
    owner = await database.owner()
    await owner.execute("create policy generous on realtime.messages for all to anon, authenticated "
                        "using (true) with check (true)")  # fmt: skip
    assert await answers() == wanted
    assert await may(database, eve.id, "chat") == await may(database, None, "chat") == (True, True)


async def test_rows_of_others_stay_hidden_whatever_topic_is_set(database: Database, ada: Household) -> None:
    eve = await database.create_user("Eve")
    await (await hosted(database, ada.user)).fetch("select private.live_topic()")
    await (await database.owner()).execute("update trips set name = 'x'")
    connection = await database.connect("authenticator")
    for topic in (f"tripsage:user:{ada.user.id}", f"tripsage:user:{eve.id}"):
        async with connection.transaction():
            await connection.execute("set local role authenticated")
            settings = {"request.jwt.claims": json.dumps({"sub": str(eve.id)}), "realtime.topic": topic}
            for name, value in settings.items():
                await connection.execute("select set_config($1, $2, true)", name, value)
            assert await connection.fetchval("select count(*) from realtime.messages") == 0
    client = await database.client(eve)
    for statement in (
        "select * from realtime.messages",
        "select realtime.send('{}', 'change', 'x')",
        "select private.broadcast(gen_random_uuid(), '{}')",
        "select private.tell('{}', '{}')",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await client.fetch(statement)


async def test_news_is_sent_to_those_who_ask_for_it_and_may_see_the_row(database: Database, ada: Household) -> None:
    owner = await database.owner()
    guest, stranger, listener = [await database.create_user(name) for name in ("Guest", "Stranger", "Listener")]
    for member in (guest, listener):
        await share(owner, ada, member, "view")
    for user in (ada.user, guest, stranger):
        await (await hosted(database, user)).fetch("select private.live_topic()")
    writer = await hosted(database, listener)  # asks for nothing: it can LISTEN
    await owner.execute("delete from realtime.messages")
    await (await database.client(ada.user)).execute("update flights set price = 1")
    news = {"table": "flights", "op": "UPDATE", "id": str(ada.ids["flights"]), "trip_id": ada.ids["trips"]}
    told = await sent(owner)
    assert sorted(topic for topic, _ in told) == sorted(f"tripsage:user:{user.id}" for user in (ada.user, guest))
    assert all(payload == news for _, payload in told)

    await owner.execute("update private.database_sessions set expires_at = now() where user_id = $1", guest.id)
    await owner.execute("update flights set price = 2")
    assert [topic for topic, _ in await sent(owner)] == [f"tripsage:user:{ada.user.id}"]
    await owner.execute("update private.user_channels set broadcast_until = now()")
    await owner.execute("update flights set price = 3")
    assert await sent(owner) == []
    assert await writer.fetchval("select count(*) from flights") == 1


async def test_a_gap_in_the_asking_is_told(database: Database) -> None:
    ada = await database.create_user("Ada")
    owner, client = await database.owner(), await hosted(database, ada)

    async def since() -> object:
        return await client.fetchval("select since from private.live_topic()")

    first = await since()
    assert await since() == first
    nearly = "update private.user_channels set broadcast_until = now() + interval '1 minute'"
    await owner.execute(nearly)
    assert await since() == first
    assert await owner.fetchval("select broadcast_until > now() + interval '9 minutes' from private.user_channels")
    await owner.execute("update private.user_channels set broadcast_until = now() - interval '1 second'")
    assert (second := await since()) != first
    await owner.execute("delete from private.user_channels")  # as after signing out everywhere
    assert await since() not in {first, second}


async def test_there_is_no_topic_without_a_hosted_sign_in_or_without_realtime(database: Database) -> None:
    ada = await database.create_user("Ada")
    nothing = (None, None)
    for client in (await database.client(), await database.client(ada)):
        assert tuple(await client.fetchrow("select * from private.live_topic()")) == nothing
    client = await hosted(database, ada)
    assert await client.fetchval("select topic from private.live_topic()") is not None
    await (await database.superuser()).execute("drop function realtime.send")
    assert tuple(await client.fetchrow("select * from private.live_topic()")) == nothing


@pytest.mark.parametrize("broken", ["drop schema realtime cascade", "drop function realtime.send",
                                    "alter table realtime.messages add check (event <> 'change')",
                                    """create or replace function realtime.send(
                                         payload jsonb, event text, topic text, private boolean default true)
                                       returns void language plpgsql as 'begin perform 1 / 0; end'"""])  # fmt: skip
async def test_a_broken_realtime_breaks_no_write(database: Database, ada: Household, broken: str) -> None:
    client = await hosted(database, ada.user)
    await client.fetch("select private.live_topic()")
    heard: list[str] = []
    await client.add_listener(
        await client.fetchval("select private.live_channels()"), lambda *event: heard.append(event[3])
    )
    await (await database.superuser()).execute(broken)
    async with client.transaction():
        assert await client.execute("update trips set name = 'x'") == "UPDATE 1"
        assert await client.execute("update flights set price = 1") == "UPDATE 1"
    await client.fetch("select 1")
    assert [json.loads(each)["table"] for each in heard] == ["trips", "flights"]


async def test_the_stand_in_keeps_what_was_sent_for_three_days(database: Database, ada: Household) -> None:
    owner = await database.owner()
    await (await hosted(database, ada.user)).fetch("select private.live_topic()")
    await owner.execute("update trips set name = 'x'")
    await owner.execute("update realtime.messages set inserted_at = now() - interval '4 days'")
    await owner.execute("update flights set price = 1")
    assert [payload["table"] for _, payload in await sent(owner)] == ["flights"]
