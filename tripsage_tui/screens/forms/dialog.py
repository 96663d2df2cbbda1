"""The frame of the small dialogs around a form: a title, a sentence, a body where needed, the keys in words."""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen, ScreenResultType
from textual.widgets import Static

from tripsage_tui.screens.closing import ClosesOnce
from tripsage_tui.widgets.safe_text import clean


class FormDialog(ModalScreen[ScreenResultType], ClosesOnce[ScreenResultType]):
    """Subclasses give the words and, in `compose_content`, what stands between them and the keys."""

    CSS_PATH = Path(__file__).with_name("forms.tcss")  # subclasses live in other folders

    def __init__(self, title: str, text: str, keys: str, *, large: bool = False) -> None:
        super().__init__()
        self._words = (title, text, keys)
        self._large = large

    def compose_content(self) -> ComposeResult:
        """The dialog's own widgets, if any."""
        yield from ()

    def compose(self) -> ComposeResult:
        title, text, keys = (Content(clean(words)) for words in self._words)
        with Vertical(classes="form-dialog -large" if self._large else "form-dialog"):
            yield Static(title, classes="form-dialog--title")
            if text:
                yield Static(text, classes="form-dialog--text")
            yield from self.compose_content()
            yield Static(keys, classes="form-dialog--keys")

    def action_cancel(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)
