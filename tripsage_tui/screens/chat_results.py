"""What a tool found, for the user who ran it by hand: a list to read instead of JSON."""

from __future__ import annotations

import re

from tripsage_tui.models.showing import one_line

MOST = 12_000
"""Characters of a result."""
_FIRST = {"title", "name", "content"}
"""What a line begins with; the database keeps names in no order."""
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~&!])")


def result_text(result: object) -> str:
    """Markdown in which nothing of the result itself is markup. What is empty is left out."""
    lines = _lines(result, 0)
    text = "\n".join(lines) or "Nothing was found."
    if len(text) <= MOST:
        return text
    return f"{text[:MOST].rpartition(chr(10))[0]}\n\nThere is more: enter shows how it was answered."


def _lines(value: object, depth: int) -> list[str]:
    pad = "  " * depth
    if isinstance(value, list):
        return [line for each in value for line in _entry(each, depth)]
    if isinstance(value, dict):
        found: list[str] = []
        for name, each in value.items():
            if _empty(each):
                continue
            if _short(each):
                found.append(f"{pad}- {_word(name)}: {_plain(each)}")
            else:
                found += [f"{pad}- {_word(name)}:", *_lines(each, depth + 1)]
        return found
    return [] if _empty(value) else [f"{pad}- {_plain(value)}"]


def _entry(value: object, depth: int) -> list[str]:
    """A line for each thing, with what belongs to it below."""
    if not isinstance(value, dict):
        return _lines(value, depth)
    named = sorted(value.items(), key=lambda item: item[0] not in _FIRST)
    told = [f"{_word(name)} {_plain(each)}" for name, each in named if _short(each) and not _empty(each)]
    below = {name: each for name, each in value.items() if not _short(each)}
    return [f"{'  ' * depth}- {' · '.join(told)}", *_lines(below, depth + 1)]


def _empty(value: object) -> bool:
    return value is None or value in ("", [], {})


def _short(value: object) -> bool:
    if isinstance(value, list):
        return all(not isinstance(each, list | dict) for each in value)
    return not isinstance(value, dict)


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(each) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _MARKS.sub(r"\\\1", one_line(str(value)))


def _word(name: object) -> str:
    return _MARKS.sub(r"\\\1", one_line(str(name)).replace("_", " "))
