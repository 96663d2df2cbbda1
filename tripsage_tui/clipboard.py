"""Copying through the terminal (OSC 52), which also works over SSH."""

from __future__ import annotations

import base64

LIMIT = 55_000
"""Bytes of text; terminals drop longer sequences (about 74 kB encoded)."""


def copy_sequence(text: str, *, tmux: bool) -> str:
    """The escape sequence that puts `text` on the clipboard.

    tmux takes the plain one with `set-clipboard on` and passes the wrapped one on with `allow-passthrough on`, so both
    are sent there. Raises ValueError when the text is longer than terminals take.
    """
    data = text.encode("utf-8", "replace")
    if len(data) > LIMIT:
        raise ValueError(f"The text is too long for the terminal's clipboard ({len(data):,} bytes).")
    sequence = f"\x1b]52;c;{base64.b64encode(data).decode()}\x07"
    if tmux:
        sequence += "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    return sequence
