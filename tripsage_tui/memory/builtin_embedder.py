"""The embedder that needs no network, no key and no download: words, their pieces and travellers' concepts, hashed.

Words weigh 1.5, the 3- and 4-letter pieces of a word together about as much as one word, a concept 1.2. It knows
English best; other languages are compared by their words and pieces.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from functools import lru_cache

from tripsage_tui.memory.words import lexicon, stem, words

SPACE = "local:travel-ngram-1"
DIMENSIONS = 1536
_WORD, _PIECES, _CONCEPT = 1.5, 1.3, 1.2


def embed(text: str) -> list[float] | None:
    """A vector of length one with 1536 numbers; None for a text without a word in it."""
    vector = [0.0] * DIMENSIONS
    for place, weight in _features(text):
        vector[place] += weight
    length = math.sqrt(sum(value * value for value in vector))
    return [value / length for value in vector] if length else None


def _features(text: str) -> Iterator[tuple[int, float]]:
    meant: dict[str, float] = {}
    known = lexicon()
    for word in words(text):
        root = stem(word)
        yield from _of_word(root)
        for concept in known.get(root, ()):
            # Naming a thing twice does not mean it twice as much.
            meant[concept] = meant.get(concept, 0.0) * 0.3 + _CONCEPT
    for concept, weight in meant.items():
        place, sign = _place(f"concept {concept}")
        yield place, sign * weight


@lru_cache(maxsize=4096)
def _of_word(root: str) -> tuple[tuple[int, float], ...]:
    padded = f"<{root}>"
    pieces = [padded[at : at + size] for size in (3, 4) for at in range(len(padded) - size + 1)]
    share = _PIECES / math.sqrt(len(pieces)) if pieces else 0.0
    found = [(*_place(f"word {root}"), _WORD), *((*_place(piece), share) for piece in pieces)]
    return tuple((place, sign * weight) for place, sign, weight in found)


def _place(feature: str) -> tuple[int, float]:
    number = int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=8).digest(), "little")
    return number % DIMENSIONS, 1.0 if number >> 63 else -1.0
