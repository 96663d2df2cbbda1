"""Vectors from an OpenAI-compatible server: in batches, within a time limit, and checked before they are used."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tripsage_tui.memory.models_at_hand import OPENAI, ModelAccess

DIMENSIONS = 1536
BATCH = 50
LONGEST = 6000
"""Characters of a text that are sent: all models take about 2,000 tokens."""


class EmbeddingFailed(Exception):
    """The server gave no usable vectors; the text is one sentence. `lasting`: asking again will not help."""

    def __init__(self, sentence: str, *, lasting: bool = False) -> None:
        super().__init__(sentence)
        self.lasting = lasting


class OpenAIEmbedder:
    """Uses an `AsyncOpenAI` client that somebody else opens and closes. `timeout` is seconds per request."""

    def __init__(self, client: Any, access: ModelAccess, *, timeout: float = 20.0) -> None:
        self._client = client
        self._access = access
        self._timeout = timeout
        self.space = access.space

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """A vector of 1536 numbers and length one for each text. Raises EmbeddingFailed."""
        vectors: list[list[float]] = []
        for start in range(0, len(texts), BATCH):
            vectors += await self._batch([text[:LONGEST] or " " for text in texts[start : start + BATCH]])
        return vectors

    async def _batch(self, texts: list[str]) -> list[list[float]]:
        import openai

        wishes: dict[str, Any] = {"model": self._access.embedding_model, "input": texts}
        if self._access.base_url.rstrip("/") == OPENAI and self._access.embedding_model.startswith("text-embedding-3"):
            wishes["dimensions"] = DIMENSIONS
        try:
            answer = await self._client.embeddings.create(**wishes, timeout=self._timeout)
        except openai.APIStatusError as error:
            lasting = error.status_code in {400, 404, 405, 422, 501}
            raise EmbeddingFailed(f"The embeddings answer {error.status_code}.", lasting=lasting) from error
        except openai.APIError as error:
            raise EmbeddingFailed("The embeddings cannot be reached.") from error
        except ValueError as error:
            raise EmbeddingFailed("The embeddings answer something else than vectors.") from error
        data = getattr(answer, "data", None) or []
        if len(data) != len(texts):
            raise EmbeddingFailed(f"The embeddings answer {len(data)} vectors for {len(texts)} texts.")
        return [_usable(item.embedding) for item in sorted(data, key=lambda item: item.index)]


def _usable(raw: Any) -> list[float]:
    """Length one, padded with zeros to the width of the table. Raises EmbeddingFailed."""
    try:
        vector = [float(value) for value in raw]
    except (TypeError, ValueError) as error:
        raise EmbeddingFailed("The embeddings answer something else than numbers.") from error
    if not 0 < len(vector) <= DIMENSIONS:
        raise EmbeddingFailed(f"The embeddings are {len(vector)} numbers wide; at most 1,536 fit.", lasting=True)
    length = math.sqrt(sum(value * value for value in vector))
    if not math.isfinite(length) or length < 1e-9:
        raise EmbeddingFailed("The embeddings answer a vector without a direction.")
    return [value / length for value in vector] + [0.0] * (DIMENSIONS - len(vector))
