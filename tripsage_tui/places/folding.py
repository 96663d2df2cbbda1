"""Names as they are compared: without case and diacritics."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """Lower case without diacritics (`São` is found as `sao`) and with straight apostrophes."""
    if text.isascii():
        return text.lower()
    plain = text.replace("’", "'")
    return "".join(char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char)).casefold()
