"""Names of files made safe for every file system and every terminal."""

from __future__ import annotations

import re
import unicodedata

from tripsage_tui.models.showing import clean

LONGEST = 120
"""Characters of a name; with four bytes each it stays under the 480 that a path part may have in most places."""
_BYTES = 200
_FORBIDDEN = re.compile(r'[/\\:*?"<>|]+')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)


def safe_name(name: str) -> str:
    """The last part of `name` without anything that a file system or a terminal would take for something else.

    No control, format or bidi characters, no separators, no leading or trailing dots and spaces, no device names of
    Windows; at most 120 characters and 200 bytes, the extension kept.
    """
    last = re.split(r"[/\\]", name)[-1]
    plain = unicodedata.normalize("NFC", clean(last))
    plain = "".join(" " if unicodedata.category(char) in {"Zl", "Zp", "Zs"} else char for char in plain)
    plain = "".join(char for char in plain if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    plain = " ".join(_FORBIDDEN.sub("_", plain).split()).strip(". ")
    if _RESERVED.fullmatch(plain):
        plain = f"_{plain}"
    return _shortened(plain) or "file"


def storable_name(name: str) -> str:
    """The name as its owner wrote it, as far as a database can keep it: no NUL, no half characters, 255 at most."""
    last = re.split(r"[/\\]", name)[-1].replace("\0", "")
    return last.encode("utf-8", "replace").decode()[:255] or "file"


def numbered(name: str, number: int) -> str:
    """The name for a second copy beside the first: `menu (2).pdf`."""
    stem, dot, extension = name.rpartition(".")
    return f"{stem} ({number}){dot}{extension}" if stem else f"{name} ({number})"


def _shortened(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > 10:
        stem, dot, extension = name, "", ""
    tail = dot + extension
    stem = stem[: LONGEST - len(tail)]
    while len((stem + tail).encode()) > _BYTES:
        stem = stem[:-1]
    return (stem.rstrip(". ") + tail) if stem.rstrip(". ") else tail.lstrip(".")
