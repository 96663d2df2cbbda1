"""recall_memories: the nearest live memories of the caller, in one space, whichever way they are searched."""

from __future__ import annotations

import math
import random
from typing import Any

import asyncpg
import pytest

from tests.database import Database, User

DIMENSIONS = 1536


def _vector(seed: int, weight: float = 1.0) -> str:
    generator = random.Random(seed)
    return "[" + ",".join(f"{generator.gauss(0, weight):.5f}" for _ in range(DIMENSIONS)) + "]"


async def _remember(connection: asyncpg.Connection, user: User, seed: int, **values: Any) -> int:
    row = {"user_id": user.id, "content": f"fact {seed}", "embedding_model": "a", **values}
    places = ", ".join(f"${number}" for number in range(2, len(row) + 2))
    identifier: int = await connection.fetchval(
        f"insert into memories (embedding, {', '.join(row)}) values ($1::text::extensions.vector, {places}) "
        "returning id",
        _vector(seed),
        *row.values(),
    )
    return identifier


@pytest.fixture
async def ada(database: Database) -> User:
    return await database.create_user("Ada")


WAYS = ("public.recall_memories", "private.recall_exact", "private.recall_nearest")


@pytest.mark.parametrize("way", WAYS)
async def test_the_nearest_come_first_with_their_cosine_distance(database: Database, ada: User, way: str) -> None:
    ben = await database.create_user("Ben")
    client, other = await database.client(ada), await database.client(ben)
    for seed in range(60):
        await _remember(client if seed % 2 else other, ada if seed % 2 else ben, seed)
    query = f"select id, content, distance from {way}($1::text::extensions.vector, 10, null, 'a')"
    exact = (
        "select id, content, embedding operator(extensions.<=>) $1::text::extensions.vector as distance "
        "from memories where user_id = $2 order by 3 limit 10"
    )
    for seed in (0, 1, 7, 1000):
        found = await client.fetch(query, _vector(seed))
        wanted = await (await database.owner()).fetch(exact, _vector(seed), ada.id)
        assert [row["id"] for row in found] == [row["id"] for row in wanted]
        assert all(
            math.isclose(one["distance"], two["distance"], abs_tol=1e-9) for one, two in zip(found, wanted, strict=True)
        )


@pytest.mark.parametrize("way", WAYS)
async def test_only_live_memories_of_one_space_and_type(database: Database, ada: User, way: str) -> None:
    client = await database.client(ada)
    live = await _remember(client, ada, 1)
    other_type = await _remember(client, ada, 2, memory_type="trip_history")
    other_space = await _remember(client, ada, 3, embedding_model="b")
    unnamed = await _remember(client, ada, 4, embedding_model=None)
    await client.execute("insert into memories (user_id, content) values ($1, 'no vector yet')", ada.id)
    for seed, change in ((5, "deleted_at = now()"), (6, "expires_at = now()"), (7, f"superseded_by = {live}")):
        gone = await _remember(client, ada, seed)
        await client.execute(f"update memories set {change} where id = $1", gone)

    async def recall(memory_type: str | None, space: str | None) -> set[int]:
        rows = await client.fetch(
            f"select id from {way}($1::text::extensions.vector, 10, $2, $3)", _vector(1), memory_type, space
        )
        return {row["id"] for row in rows}

    assert await recall(None, "a") == {live, other_type}
    assert await recall("trip_history", "a") == {other_type}
    assert await recall(None, "b") == {other_space}
    assert await recall(None, None) == {unnamed}
    assert await recall("other", "a") == set()


async def test_how_many_is_bounded(database: Database, ada: User) -> None:
    client = await database.client(ada)
    for seed in range(5):
        await _remember(client, ada, seed)
    query = "select count(*) from recall_memories($1::text::extensions.vector, $2, space => 'a')"
    for k, count in ((3, 3), (5, 5), (1000, 5), (0, 1), (-1, 1), (None, 0)):
        assert await client.fetchval(query, _vector(1), k) == count
    assert await client.fetchval(query, None, 5) == 0


async def test_scale_and_zero_vectors_do_no_harm(database: Database, ada: User) -> None:
    """Vectors need not be normalised; one that is too large for half precision or zero is stored all the same."""
    client = await database.client(ada)
    small = await _remember(client, ada, 1)
    for text in ("[" + ",".join(["1e30"] * DIMENSIONS) + "]", "[" + ",".join(["0"] * DIMENSIONS) + "]"):
        await client.execute(
            "insert into memories (user_id, content, embedding, embedding_model) "
            "values ($1, 'x', $2::text::extensions.vector, 'a')",
            ada.id,
            text,
        )
    rows = await client.fetch(
        "select id from recall_memories($1::text::extensions.vector, 1, null, 'a')", _vector(1, 50.0)
    )
    assert [row["id"] for row in rows] == [small]


async def test_a_changed_vector_is_found_at_its_new_place(database: Database, ada: User) -> None:
    client = await database.client(ada)
    memory = await _remember(client, ada, 1)
    await _remember(client, ada, 2)
    await client.execute(
        "update memories set embedding = $1::text::extensions.vector where id = $2", _vector(9), memory
    )
    rows = await client.fetch(
        "select id, distance from recall_memories($1::text::extensions.vector, 1, null, 'a')", _vector(9)
    )
    assert rows[0]["id"] == memory
    assert rows[0]["distance"] == pytest.approx(0, abs=1e-6)


async def test_the_search_settings_do_not_stay(database: Database, ada: User) -> None:
    client = await database.client(ada)
    before = await client.fetchval("select current_setting('enable_seqscan')")
    await client.fetch("select * from private.recall_nearest($1::text::extensions.vector, 1, null, 'a')", _vector(1))
    assert await client.fetchval("select current_setting('enable_seqscan')") == before
    assert await client.fetchval("select current_setting('hnsw.ef_search')") == "40"


async def test_text_search_finds_stems_and_other_languages(database: Database, ada: User) -> None:
    client = await database.client(ada)
    await client.execute(
        "insert into memories (user_id, content) values ($1, 'Prefers window seats on night trains')", ada.id
    )
    await client.execute("insert into memories (user_id, content) values ($1, 'Mag keine Umstiege in München')", ada.id)
    query = "select content from memories where search @@ to_tsquery($1, $2)"
    assert len(await client.fetch(query, "english", "seat & train")) == 1
    assert len(await client.fetch(query, "simple", "münchen")) == 1
