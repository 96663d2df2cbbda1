"""What may be typed into a text field, and how typed text is quoted back in a sentence."""

from __future__ import annotations

LINE_LIMIT = 200
ADDRESS_LIMIT = 500
CODE_LIMIT = 64
TEXT_LIMIT = 20_000


class InputError(ValueError):
    """Typed input that is not accepted; `str()` is one plain sentence for the person who typed it."""


class InvalidText(InputError):
    """Text that PostgreSQL cannot store or that is longer than its field."""


def clean_input(text: str, limit: int = LINE_LIMIT) -> str:
    """The text exactly as typed, if it can be stored: no NUL, no lone surrogate, at most `limit` characters.

    Everything else (markup, control characters, right-to-left marks) is the user's and stays as it is; whoever shows
    it makes it safe. Raises InvalidText.
    """
    if "\0" in text:
        raise InvalidText("This text contains a NUL character, which cannot be stored.")
    if not _encodable(text):
        raise InvalidText("This text contains half a character (a lone surrogate), which cannot be stored.")
    if len(text) > limit:
        raise InvalidText(f"This text is {len(text):,} characters long; at most {limit:,} fit here.")
    return text


def shown(text: str, limit: int = 40) -> str:
    """Typed text in quotes for an error sentence: one line, printable, shortened to `limit` characters."""
    printable = "".join(char if char.isprintable() else " " for char in text[: limit * 4])
    line = " ".join(printable.split())
    if len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    return f"“{line}”"


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
