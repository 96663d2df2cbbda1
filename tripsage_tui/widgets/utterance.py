"""What a transcript shows: messages and the calls they made, as plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CallLine:
    """A call in one line: what it is, how it stands (a glyph and a word), and more when it is opened."""

    key: int
    glyph: str
    title: str
    state: str
    detail: str = ""


@dataclass(frozen=True)
class Utterance:
    """One message as it is shown; texts may be anyone's."""

    key: int
    role: str
    text: str
    who: str = ""
    note: str = ""
    """After the name: `2/3 · stopped`."""
    coming: bool = False
    """Whether more is on its way: then the text is what was fed, not what is given."""
    thinking: str = ""
    calls: tuple[CallLine, ...] = ()
    below: str = ""
    """A line under the message: which memories it used."""
