"""A line as words with their places in it, and what each of them was taken for.

Every word is taken once: for a field, as a word that only connects (`>`, `at`, `for`), or it stays and was not
understood. So the parts together are the line, whatever was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

GLUE = ""
"""The field of words that only connect others."""
LONGEST = 400
"""Characters of a line that is read; a longer one is not understood."""
ARROWS = frozenset({">", "->", "=>", "→", "»"})
_CLOCK = r"[0-9]{1,2}(?::[0-9]{2}(?::[0-9]{2})?\s?(?:am|pm)?|\s?(?:am|pm)|h(?:[0-9]{2})?)"
TIME = re.compile(rf"{_CLOCK}(?:\(?[+-][0-9]{{1,2}}\)?)?", re.IGNORECASE)
_WORD = re.compile(r"->|=>|[>→»]|(?:(?!->|=>)[^\s>→»])+")
_CUTS = (
    # 19:30-22:00
    re.compile(rf"(?P<a>{_CLOCK}(?:\+[0-9])?)(?P<b>[-–])(?P<c>{_CLOCK}(?:\+[0-9])?)", re.IGNORECASE),
    # 4x180, 4×€180
    re.compile(r"(?P<a>[0-9]{1,3})(?P<b>[x×*])(?P<c>\S*[0-9]\S*)", re.IGNORECASE),
    # 180/night, EUR/night
    re.compile(r"(?P<a>[^\s/]+)(?P<b>/night)(?P<c>)", re.IGNORECASE),
    # FRA-HND
    re.compile(r"(?P<a>[A-Z]{3})(?P<b>[-–])(?P<c>[A-Z]{3})"),
)


@dataclass(frozen=True)
class Part:
    """Characters `start` to `end` of the line. `field` is None where they were not understood, GLUE for connecting
    words; `why` may say what is wrong.
    """

    start: int
    end: int
    field: str | None
    why: str = ""


@dataclass
class Word:
    """A word on its way to a field."""

    start: int
    end: int
    text: str
    field: str | None = None
    taken: bool = False
    why: str = ""

    @property
    def folded(self) -> str:
        return self.text.casefold()

    @property
    def is_arrow(self) -> bool:
        return self.text in ARROWS


class Line:
    """The words of a line; `take` them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = [] if len(text) > LONGEST else [word for found in _WORD.finditer(text) for word in _cut(found)]

    def free(self, first: int, count: int = 1) -> bool:
        """Whether `count` words from `first` on are there and not taken."""
        return (
            first >= 0
            and first + count <= len(self.words)
            and not any(w.taken for w in self.words[first : first + count])
        )

    def slice(self, first: int, count: int = 1) -> str:
        """What was typed from word `first` on, blanks between the words as they are."""
        return self.text[self.words[first].start : self.words[first + count - 1].end]

    def take(self, field: str, first: int, count: int = 1) -> str:
        """These words mean `field`; returns what was typed."""
        for word in self.words[first : first + count]:
            word.field, word.taken = field, True
        return self.slice(first, count)

    def hold(self, first: int, count: int = 1) -> None:
        """These words mean something; for which field is seen later, and until then they are not understood."""
        for word in self.words[first : first + count]:
            word.field, word.taken = None, True

    def release(self, first: int, count: int = 1) -> None:
        """These words are nobody's again."""
        for word in self.words[first : first + count]:
            word.field, word.taken = None, False

    def is_held(self, place: int) -> bool:
        """Whether there is such a word, and somebody has it."""
        return 0 <= place < len(self.words) and self.words[place].taken

    def refuse(self, first: int, count: int, why: str) -> None:
        """These words are not understood, and nothing else may take them."""
        for word in self.words[first : first + count]:
            word.field, word.taken, word.why = None, True, why

    def refuse_all(self, field: str, first: int, last: int, why: str) -> None:
        """What was taken for a field between two words is not understood after all."""
        for place in range(first, last):
            if self.words[place].field == field:
                self.refuse(place, 1, why)

    def folded(self, first: int, count: int = 1) -> tuple[str, ...]:
        return tuple(word.folded for word in self.words[first : first + count])

    def runs(self, first: int = 0, last: int | None = None) -> Iterator[tuple[int, int]]:
        """Each stretch of words not taken between two indices: its first word and how many."""
        last = len(self.words) if last is None else last
        start = first
        while start < last:
            if self.words[start].taken:
                start += 1
                continue
            end = start
            while end < last and not self.words[end].taken:
                end += 1
            yield start, end - start
            start = end

    def parts(self) -> tuple[Part, ...]:
        """The whole line, neighbours of one field together."""
        if not self.words:
            text = self.text.strip()
            start = self.text.find(text)
            why = f"a line has at most {LONGEST} characters"
            return (Part(start, start + len(text), None, why),) if text else ()
        parts: list[Part] = []
        for word in self.words:
            before = parts[-1] if parts else None
            if before and (before.field, before.why) == (word.field, word.why):
                parts[-1] = Part(before.start, word.end, word.field, word.why)
            else:
                parts.append(Part(word.start, word.end, word.field, word.why))
        return tuple(parts)


def _cut(found: re.Match[str]) -> Iterator[Word]:
    """The word, in pieces where two things stand in it."""
    text, at = found.group(), found.start()
    for pattern in _CUTS:
        if match := pattern.fullmatch(text.rstrip(",;")):
            for name in ("a", "b", "c"):
                if match[name]:
                    yield Word(at + match.start(name), at + match.end(name), match[name])
            at, text = at + match.end(), text[match.end() :]
            break
    body = text.rstrip(",;")
    if body:
        yield Word(at, at + len(body), body)
    if text != body:
        yield Word(at + len(body), at + len(text), text[len(body) :])
