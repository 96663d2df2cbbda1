"""The one door for text that we did not write: names, notes, error texts, anything out of the database.

Stored text stays as it is; what is shown carries no escape sequence, no control or direction-changing character and
is never read as markup. Wherever Textual takes a `str` it may parse it as markup, so widgets are given `Content`.
"""

from __future__ import annotations

import re

from rich.cells import cell_len, set_cell_size
from textual.content import Content

_SEQUENCE = re.compile("\x1b(?:\\][^\x07\x1b]*(?:\x07|\x1b\\\\)|[PX^_][^\x1b]*\x1b\\\\|\\[[0-?]*[ -/]*[@-~])")
"""Complete escape sequences: OSC, DCS and its kin, CSI. Unfinished ones lose only their introducer, below."""
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and newline, DEL, C1
    "\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff"  # direction marks, separators, BOM
    "\U000e0000-\U000e007f"  # tags: invisible text
    "\ud800-\udfff]"
)
_MARKS = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
"""More combining marks on one letter than any language needs; they would draw over the neighbouring lines."""


def clean(text: str) -> str:
    """The text without anything that steers the terminal; newlines, tabs and emoji joiners stay."""
    if text.isascii() and text.isprintable():
        return text
    return _MARKS.sub(r"\1", _UNSHOWABLE.sub("", _SEQUENCE.sub("", text)))


def one_line(text: str) -> str:
    """`clean` on one line, runs of white space made one space."""
    return " ".join(clean(text).split())


def line(text: str) -> Content:
    """`one_line` as content: for labels, titles, tooltips, wherever a plain `str` would be read as markup."""
    return Content(one_line(text))


def template(markup: str, **values: object) -> Content:
    """Markup of ours with values of others: `template("[b]$who[/b] left", who=name)`."""
    return Content.from_markup(markup, **{name: clean(str(value)) for name, value in values.items()})


def fit(text: str, width: int) -> str:
    """The text on exactly `width` terminal cells; what does not fit ends in an ellipsis."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(set_cell_size(text, width - 1).rstrip() + "…", width)


def fit_right(text: str, width: int) -> str:
    """`fit`, aligned to the right."""
    used = cell_len(text)
    return " " * (width - used) + text if used < width else fit(text, width)
