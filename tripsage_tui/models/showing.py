"""Text that we did not write, made safe to show: for shell commands and, through `widgets.safe_text`, for screens."""

from __future__ import annotations

import re

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
