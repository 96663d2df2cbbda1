"""A growing Markdown text in pieces: a piece that is finished is drawn once and never looked at again.

Where a piece ends depends only on the text before that place and a few characters after it, so an answer is cut in the
same places while it comes and when it is read back. Most pieces end at a blank line between two blocks; code, tables
and lists that are too long for one piece go on in the next one, which repeats what has to stand before it (`lead`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LEAST = 200
"""Characters from which on a piece ends with its block."""
MOST = 1_200
"""Characters from which on it ends with the next line, whatever that is."""
LONGEST = 3_000
"""Characters of one line; a longer one is broken."""
AHEAD = 12
"""Characters that show what a line begins with."""
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_RULE = re.compile(r" {0,3}\|?[ :]*-[-:| ]*\|[-:| ]*$")
_ITEM = re.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text that is drawn by itself."""

    text: str
    lead: str = ""
    """What has to be drawn before it: the line that begins the code or the head of the table that it is in."""
    joined: bool = False
    """Whether it belongs to what stands above without a blank line."""
    goes_on: bool = False
    """Whether it ends inside of code."""


class Pieces:
    """A text that grows at its end."""

    def __init__(self, text: str = "", *, plain: bool = False) -> None:
        self._plain = plain
        self._lead = ""
        self._joined = True
        self._rest = ""
        self.done: list[Piece] = []
        self.add(text)

    @property
    def last(self) -> Piece:
        """What is not finished yet, which may be nothing."""
        return Piece(self._rest, self._lead, self._joined)

    @property
    def all(self) -> list[Piece]:
        return [*self.done, self.last] if self._rest.strip() else self.done

    def add(self, text: str) -> None:
        """More text."""
        rest, start = self._rest + text, 0
        while cut := _cut(rest, start, self._lead, plain=self._plain):
            place, lead, joined = cut
            part = rest[start:place]
            if part.strip():
                self.done.append(Piece(part, self._lead, self._joined, bool(_FENCE.match(lead))))
            start, self._lead, self._joined = place, lead, joined
        self._rest = rest[start:]


def code_blocks(text: str) -> list[str]:
    """What stands between fences, for copying."""
    found: list[str] = []
    fence = ""
    for line in text.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if fence and mark and _closes(line, fence):
            fence = ""
        elif fence:
            found[-1] += line
        elif mark:
            fence = line
            found.append("")
    return found


def _closes(line: str, fence: str) -> bool:
    end, begin = _FENCE.match(line), _FENCE.match(fence)
    return bool(end and begin and not end[2].strip() and end[1].startswith(begin[1]))


def _lines(text: str, start: int) -> Iterator[tuple[str, int]]:
    """Each line that is whole, with the place after it; then the one that is not, with -1."""
    while (end := text.find("\n", start)) >= 0:
        yield text[start:end], end + 1
        start = end + 1
    yield text[start:], -1


def _cut(text: str, start: int, lead: str, *, plain: bool) -> tuple[int, str, bool] | None:
    """Where the piece that begins at `start` ends, with the lead of the next one and whether that is joined to it."""
    fence = lead if _FENCE.match(lead) and not plain else ""
    table = "" if fence else lead
    at, before = start, ""
    for line, after in _lines(text, start):
        if len(line) > LONGEST:
            broken = text.rfind(" ", at, at + LONGEST) + 1
            return broken or at + LONGEST, fence or "", True
        if after < 0:
            return None
        long, very_long = after - start >= LEAST, after - start >= MOST
        if fence:
            if _closes(line, fence):
                fence = ""
            elif very_long and line.strip():
                return after, fence, True
        elif not plain and _FENCE.match(line):
            fence, table = f"{line}\n", ""
        elif not line.strip():
            table = ""
            ahead = text[after : after + AHEAD]
            if long and ahead[:1].strip() and (len(ahead) == AHEAD or "\n" in ahead):
                return after, "", bool(_ITEM.match(before) and _ITEM.match(ahead))
        elif not plain and _RULE.match(line) and "|" in before:
            table = f"{before}\n{line}\n"
        elif very_long and text[after : after + 1].strip():
            return after, table if "|" in line else "", True
        at, before = after, line
    return None
