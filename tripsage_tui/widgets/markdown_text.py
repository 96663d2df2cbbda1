"""Markdown of a model as something to look at: never a link that opens, never markup of ours, never a control.

A text is shown in segments, cut at blank lines outside of code; a segment that is finished is never rendered again.
"""

from __future__ import annotations

import re

from rich.console import RenderableType

from tripsage_tui.widgets.safe_text import clean

SEGMENT = 1_500
"""Characters after which a segment ends at the next blank line."""
_FENCE = re.compile(r"^ {0,3}(```|~~~)", re.MULTILINE)


def rendered(text: str) -> RenderableType:
    """The text as Rich draws Markdown."""
    from rich.markdown import Markdown

    return Markdown(clean(text), hyperlinks=False, code_theme="ansi_dark", inline_code_theme="ansi_dark")


def cut(text: str, least: int = SEGMENT) -> int:
    """Where the first segment of a growing text ends, 0 while it does not.

    The end is the last blank line outside of code, at least `least` characters in, so that no list, table or code is
    torn apart that a blank line does not part anyway.
    """
    place = text.rfind("\n\n")
    while place >= least:
        if len(_FENCE.findall(text, 0, place)) % 2 == 0:
            return place + 2
        place = text.rfind("\n\n", 0, place)
    return 0


def segments(text: str) -> list[str]:
    """A whole text in segments."""
    found: list[str] = []
    while len(text) > SEGMENT and (place := _first_cut(text)):
        found.append(text[:place])
        text = text[place:]
    return [*found, text]


def _first_cut(text: str) -> int:
    place = text.find("\n\n", SEGMENT)
    while place >= 0:
        if len(_FENCE.findall(text, 0, place)) % 2 == 0:
            return place + 2
        place = text.find("\n\n", place + 1)
    return 0


def code_blocks(text: str) -> list[str]:
    """What stands between fences, for copying."""
    return [
        match[2] for match in re.finditer(r"^ {0,3}(```|~~~)[^\n]*\n(.*?)^ {0,3}\1", text, re.MULTILINE | re.DOTALL)
    ]
