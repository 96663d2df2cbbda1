"""Vectors: the built-in ones, and those of a server that may answer anything."""

from __future__ import annotations

import base64
import math
import struct
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bench.recall_words import CHAT, HELD_OUT, PLAIN, nearest, recall
from tests.hostile import HOSTILE
from tests.openai_server import Answer, OpenAIServer, failure, vectors
from tripsage_tui.memory.builtin_embedder import DIMENSIONS, embed
from tripsage_tui.memory.models_at_hand import OPENAI, EnvironmentKeys, ModelAccess
from tripsage_tui.memory.openai_embedder import BATCH, EmbeddingFailed, OpenAIEmbedder
from tripsage_tui.memory.words import stem, telling, words


def cosine(one: str, two: str) -> float:
    return sum(a * b for a, b in zip(embed(one) or [], embed(two) or [], strict=True))


@given(st.text(max_size=200))
def test_any_text_has_a_vector_of_length_one_or_none(text: str) -> None:
    vector = embed(text)
    if vector is None:
        assert not words(text)
    else:
        assert len(vector) == DIMENSIONS
        assert math.isclose(math.fsum(value * value for value in vector), 1.0, abs_tol=1e-9)


@pytest.mark.parametrize("text", ["", "   ", "the a of", "!!! ???", HOSTILE["blank"]])
def test_a_text_that_says_nothing_has_no_vector(text: str) -> None:
    assert embed(text) is None


def test_what_is_meant_alike_is_nearer_than_what_is_not() -> None:
    assert cosine("Prefers an aisle seat", "where to sit") > cosine("Prefers an aisle seat", "peanut allergy") + 0.2
    assert cosine("hates red-eyes", "overnight flights") > 0.15
    assert cosine("Mag Nachtzüge", "Nachtzug nach Wien") > cosine("Mag Nachtzüge", "Hotel in Wien")


def test_words_of_one_family_have_one_stem() -> None:
    for family in (("train", "trains", "training"), ("allergy", "allergies"), ("hiking", "hike", "hikes", "hiked")):
        assert len({stem(word) for word in family}) == 1, family
    assert telling("Where do I like to sit?") == "sit"
    assert telling("what is it") == "what is it"


@pytest.mark.parametrize(("questions", "least"), [(PLAIN, 0.85), (HELD_OUT, 0.75), (CHAT, 0.6)])
def test_recall_stays_what_the_readme_says(questions: Any, least: float) -> None:
    assert recall(nearest, questions, 3) >= least


# ---- a server's


@pytest.fixture
async def embedder(model: OpenAIServer) -> AsyncIterator[OpenAIEmbedder]:
    from openai import AsyncOpenAI

    client = AsyncOpenAI(api_key="k", base_url=model.url, max_retries=0)
    yield OpenAIEmbedder(client, ModelAccess(SecretStr("k"), model.url, "chat", "small"), timeout=5)
    await client.close()


async def test_many_texts_go_in_batches_and_come_back_in_order(embedder: OpenAIEmbedder, model: OpenAIServer) -> None:
    texts = [f"text number {number}" for number in range(BATCH * 2 + 3)]
    found = await embedder.embed(texts)
    assert [len(body["input"]) for body in model.asked_for("embeddings")] == [BATCH, BATCH, 3]
    for number in (0, BATCH, BATCH * 2 + 2):
        (alone,) = await embedder.embed([texts[number]])
        assert alone == pytest.approx(found[number], abs=1e-6)


async def test_shorter_vectors_are_brought_to_length_one_and_padded(
    embedder: OpenAIEmbedder, model: OpenAIServer
) -> None:
    raw = base64.b64encode(struct.pack("<3f", 3.0, 0.0, 4.0)).decode()
    item = {"object": "embedding", "index": 0, "embedding": raw}
    model.embeddings = lambda _: Answer({"object": "list", "data": [item], "model": "m", "usage": {}})
    (vector,) = await embedder.embed(["x"])
    assert vector[:3] == pytest.approx([0.6, 0.0, 0.8])
    assert len(vector) == DIMENSIONS


def _list(*values: list[float]) -> Answer:
    data = [{"object": "embedding", "index": index, "embedding": base64.b64encode(
        struct.pack(f"<{len(each)}f", *each)).decode()} for index, each in enumerate(values)]  # fmt: skip
    return Answer({"object": "list", "data": data, "model": "m", "usage": {}})


@pytest.mark.parametrize(
    ("answer", "said", "lasting"),
    [
        (failure(500), "answer 500", False),
        (failure(404), "answer 404", True),
        (_list([1.0], [1.0]), "2 vectors for 1", False),
        (_list(), "0 vectors for 1|something else", False),
        (_list([0.0, 0.0]), "without a direction", False),
        (_list([float("nan"), 1.0]), "without a direction", False),
        (_list([1.0] * 3000), "3000 numbers wide", True),
        (Answer(b"<html>"), "something else|reached", False),
    ],
    ids=["500", "404", "too many", "none", "zero", "NaN", "too wide", "no JSON"],
)
async def test_unusable_vectors_are_refused(
    embedder: OpenAIEmbedder, model: OpenAIServer, answer: Answer, said: str, lasting: bool
) -> None:
    model.embeddings = lambda _: answer
    with pytest.raises(EmbeddingFailed, match=said) as caught:
        await embedder.embed(["x"])
    assert caught.value.lasting == lasting
    model.embeddings = vectors
    assert await embedder.embed(["x"])


def test_keys_come_from_the_environment() -> None:
    assert EnvironmentKeys(dict).current() is None
    standard = EnvironmentKeys(lambda: {"OPENAI_API_KEY": " sk-1 "}).current()
    assert standard is not None
    assert (standard.base_url, standard.space) == (OPENAI, "openai:text-embedding-3-small")
    own = EnvironmentKeys(lambda: {"OPENAI_BASE_URL": "http://localhost:8080/v1", "TRIPSAGE_EMBEDDING_MODEL": "e"})
    access = own.current()
    assert access is not None
    assert access.space == "localhost:8080:e"
    assert "sk-1" not in repr(standard)
