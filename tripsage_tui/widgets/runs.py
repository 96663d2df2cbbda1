"""Drawing a line from pieces of text with their styles, in as few pieces as can be."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip


def coalesced(runs: Iterable[tuple[str, Style]]) -> Strip:
    """A strip in which neighbours of one look are one segment.

    Blanks take the style of what stands before them unless something of theirs would show (background, underline).
    """
    segments: list[Segment] = []
    text, style = "", Style.null()
    for piece, look in runs:
        if look == style or (text and piece.isspace() and _same_on_blanks(look, style)):
            text += piece
            continue
        if text:
            segments.append(Segment(text, style))
        text, style = piece, look
    if text:
        segments.append(Segment(text, style))
    return Strip(segments)


def _same_on_blanks(one: Style, other: Style) -> bool:
    """Whether blanks look the same in both styles."""
    return (
        one.bgcolor == other.bgcolor
        and not (one.underline or other.underline)
        and not (one.reverse or other.reverse)
        and not (one.strike or other.strike)
    )
