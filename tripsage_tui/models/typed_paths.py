"""Paths as people type them and as terminals paste them when a file is dropped on the window."""

from __future__ import annotations

import re
import shlex
from urllib.parse import unquote, urlsplit

_ESCAPED = re.compile(r"\\(.)")


class PathUnreadable(ValueError):
    """What was typed names no path; the text is one sentence."""


def typed_paths(text: str) -> list[str]:
    """The paths in a text, in order, each once.

    Takes a plain path with spaces in it as one. Takes what terminals paste: paths in quotes, with backslashes before
    blanks, or as `file://` addresses, one or several, between blanks or on lines of their own. Raises PathUnreadable.
    """
    found: dict[str, None] = {}
    for line in text.replace("\0", "").splitlines():
        for word in _words(line.strip()):
            found.setdefault(_path(word))
    return list(found)


def _words(line: str) -> list[str]:
    if not line:
        return []
    pasted = line[0] in "'\"" or line.startswith("file://") or "\\" in line
    if not pasted:
        return [line]
    try:
        return shlex.split(line)
    except ValueError:
        # An apostrophe in a name, or a quote that is not closed yet.
        return [_ESCAPED.sub(r"\1", line.strip("'\""))]


def _path(word: str) -> str:
    if not word.startswith("file://"):
        return word
    address = urlsplit(word)
    if address.netloc not in ("", "localhost"):
        raise PathUnreadable(f"{address.netloc} is another computer: only files of this one can be attached.")
    return unquote(address.path)
