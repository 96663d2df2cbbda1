"""What stands where a list would be: that it is being fetched, that it is empty and what to do about it."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from tripsage_tui.widgets.safe_text import clean


class Notice(Static):
    """A few sentences; the text may be anyone's."""

    DEFAULT_CSS = """
    Notice { height: 1fr; padding: 1 2; color: $text-muted; }
    Notice:ansi { color: ansi_default; }
    """

    def __init__(self, text: str = "", *, id: str | None = None) -> None:  # noqa: A002  Textual's word
        super().__init__(Content(clean(text)), id=id)
        self._text = text

    @property
    def text(self) -> str:
        return self._text

    def show(self, text: str) -> None:
        """Say something else; nothing is painted when it is the same."""
        if text != self._text:
            self._text = text
            self.update(Content(clean(text)))
