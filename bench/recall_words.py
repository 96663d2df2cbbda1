"""Recall of the built-in embedder: how often what fits is among the first three, beside BM25 over the same texts.

The memories and the questions are fixed. Three sets: `plain` asks in other words for what is there; `held out` was
written after the vocabulary and never used to improve it; `chat` is what people say in a conversation, which mentions
what matters in passing. A question may have several right answers; one of them among the first three counts.
"""

from __future__ import annotations

import math
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence

from tripsage_tui.memory.builtin_embedder import embed
from tripsage_tui.memory.words import stem, words

MEMORIES = (
    "Prefers an aisle seat near the front of the plane",
    "Never takes overnight flights, cannot sleep sitting up",
    "Allergic to peanuts and carries an EpiPen",
    "Vegetarian, but eats fish now and then",
    "Travels with a nine-year-old daughter",
    "Gets seasick on small boats",
    "Likes small family-run hotels more than chains",
    "Needs a quiet room away from the lift",
    "Home airport is Frankfurt",
    "Member of Star Alliance with gold status",
    "Only carry-on, never checks a suitcase",
    "Walks a lot and wants to stay within walking distance of the centre",
    "Mother uses a wheelchair and needs step-free access",
    "Wife's birthday is on 14 May",
    "Budget of at most 150 euros a night for a room",
    "Passport expires in March 2029",
    "Speaks French and some Spanish",
    "Drinks no alcohol",
    "Is afraid of heights, no cable cars or towers",
    "Spent two weeks in Kyoto in autumn 2024 and wants to see Hokkaido next",
    "Takes the train instead of flying when it is under six hours",
    "Holds a driving licence for automatic cars only",
    "Works remotely and needs reliable internet on weekdays",
    "Loves modern art museums",
    "Avoids crowds and visits sights early in the morning",
    "Bakes and always looks for good bakeries",
    "Has a small dog that comes along on car trips",
    "Insulin must be kept cool while travelling",
    "Prefers to travel outside school holidays",
    "Photographs landscapes and carries a tripod",
)
Set = Sequence[tuple[str, tuple[int, ...]]]
PLAIN: Set = (
    ("Where does the user like to sit on an airplane?", (0,)),
    ("Is a late night flight all right?", (1,)),
    ("Which food must be avoided because of allergies?", (2,)),
    ("Does the user eat meat?", (3,)),
    ("Are there children on the trip?", (4,)),
    ("Can we book a ferry?", (5,)),
    ("What kind of accommodation suits them?", (6, 7)),
    ("Is noise in the hotel a problem?", (7,)),
    ("Which airport do they depart from?", (8,)),
    ("Which airline loyalty programme?", (9,)),
    ("How much luggage do they bring?", (10,)),
    ("Does anybody need an accessible room?", (12,)),
    ("How expensive may the hotel be?", (14,)),
    ("When does the passport run out?", (15,)),
    ("Which languages are spoken?", (16,)),
    ("Should dinner come with wine?", (17,)),
    ("Do they prefer rail to flights?", (20,)),
    ("Can we rent a car with manual gears?", (21,)),
    ("Is wifi important?", (22,)),
    ("Which museums would they enjoy?", (23,)),
)
HELD_OUT: Set = (
    ("row preference when checking in", (0,)),
    ("red-eye back home on Sunday", (1,)),
    ("satay and pad thai for dinner", (2,)),
    ("steakhouse reservation", (3,)),
    ("kids' club and playground", (4,)),
    ("whale watching tour by boat", (5,)),
    ("boutique guesthouse or big resort", (6,)),
    ("corner room on a high floor near the elevator", (7, 18)),
    ("connecting from Germany", (8,)),
    ("lounge access with United or Lufthansa", (9,)),
    ("do we need to wait at the baggage belt", (10,)),
    ("apartment in the suburbs, 40 minutes from downtown", (11,)),
    ("stairs to the platform, grandma is coming", (12,)),
    ("anniversary and celebration dates", (13,)),
    ("five-star suite for 400 a night", (14,)),
    ("visa and document validity", (15,)),
    ("craft beer tasting", (17,)),
    ("glass floor observation deck in the tower", (18,)),
    ("Sapporo snow festival", (19,)),
    ("busy square at noon full of tourists", (24,)),
)
CHAT: Set = (
    ("We could leave Thursday after work and land around six in the morning, what do you think?", (1,)),
    ("My mum might join us this time, so let us see what works for her.", (12,)),
    ("Can you find something nice for the three of us to eat near the hotel tonight?", (2, 3, 17)),
    ("I have calls on Monday and Tuesday while we are there.", (22,)),
    ("What about that gondola up to the glacier?", (18,)),
    ("The overnight boat to Sardinia looks cheap.", (5,)),
    ("How do we get from Cologne to Paris best?", (20, 8)),
    ("Something for a rainy afternoon in Berlin?", (23,)),
    ("They only have manuals left at the rental desk.", (21,)),
    ("Is there a fridge in the room? It matters.", (27,)),
    ("Easter week would be possible too.", (28,)),
    ("We want to go back to Japan in winter.", (19,)),
    ("Do they take animals?", (26,)),
    ("The room at 210 a night has a nicer view.", (14,)),
    ("Is a tall bag allowed in the cabin?", (10,)),
    ("Sunrise at the lake would be wonderful, where can I stand?", (29, 24)),
    ("Where can we get breakfast around there?", (25,)),
    ("Is it far from the old town on foot?", (11,)),
    ("Do I need to renew anything before we fly to Vietnam?", (15,)),
    ("Let us surprise her in the middle of May.", (13,)),
)


def bm25(question: str) -> list[int]:
    """Okapi BM25 (k1 = 1.2, b = 0.75) over stemmed words without stop words; indices, best first."""
    texts = [[stem(word) for word in words(text)] for text in MEMORIES]
    average = sum(map(len, texts)) / len(texts)
    seen = Counter(word for text in texts for word in set(text))
    scores = []
    for number, text in enumerate(texts):
        counts = Counter(text)
        score = 0.0
        for word in {stem(word) for word in words(question)}:
            rarity = math.log(1 + (len(texts) - seen[word] + 0.5) / (seen[word] + 0.5))
            score += rarity * counts[word] * 2.2 / (counts[word] + 1.2 * (0.25 + 0.75 * len(text) / average))
        scores.append((-score, number))
    return [number for score, number in sorted(scores) if score < 0]


def plain_words(question: str) -> list[int]:
    """How many words of the question, as they are, stand in the memory."""
    asked = set(re.findall(r"[a-z]+", question.lower()))
    scores = [(-len(asked & set(re.findall(r"[a-z]+", text.lower()))), n) for n, text in enumerate(MEMORIES)]
    return [number for score, number in sorted(scores) if score < 0]


def nearest(question: str) -> list[int]:
    """By the built-in embedder's cosine."""
    asked = embed(question)
    if asked is None:
        return []
    stored = [embed(text) or [] for text in MEMORIES]
    scores = [(-sum(a * b for a, b in zip(asked, vector, strict=False)), n) for n, vector in enumerate(stored)]
    return [number for _, number in sorted(scores)]


def fused(question: str) -> list[int]:
    """Reciprocal rank fusion of the two, as `search_memories` does it."""
    votes: Counter[int] = Counter()
    for ranking in (nearest(question), bm25(question)):
        for place, number in enumerate(ranking, 1):
            votes[number] += 1 / (60 + place)  # type: ignore[assignment]  # Counter counts whole things
    return [number for number, _ in votes.most_common()]


def recall(rank: Callable[[str], list[int]], questions: Set, first: int) -> float:
    """The part of the questions that have a right answer among the first ones."""
    return sum(bool(set(right) & set(rank(question)[:first])) for question, right in questions) / len(questions)


def table() -> None:
    """Print recall@3 / recall@1 of each method and set."""
    print(f"\n{len(MEMORIES)} memories, 3 x 20 questions: recall@3 / recall@1 (by chance 0.10 / 0.03)")
    print(f"{'':<34}{'plain':>12}{'held out':>12}{'chat':>12}")
    methods = (("words as they are", plain_words), ("BM25, stemmed, without stop words", bm25),
               ("built-in embedder", nearest), ("both, fused by rank", fused))  # fmt: skip
    for name, rank in methods:
        row = (f"{recall(rank, each, 3):.2f} / {recall(rank, each, 1):.2f}" for each in (PLAIN, HELD_OUT, CHAT))
        print(f"{name:<34}" + "".join(f"{cell:>12}" for cell in row))
    started = time.perf_counter()
    for text in MEMORIES * 20:
        embed(text)
    print(f"one embedding: {(time.perf_counter() - started) / len(MEMORIES) / 20 * 1000:.2f} ms", flush=True)


if __name__ == "__main__":
    table()
