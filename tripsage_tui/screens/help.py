"""The keys that are valid right now, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tripsage_tui.commands import Command, Offer, bindings
from tripsage_tui.widgets.safe_text import fit

_KEYS = 22


class HelpScreen(ModalScreen[None]):
    """Lists what was on offer on the screen beneath, grouped by where it is valid."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("help.close", "escape,q,question_mark,enter,f1", "close", "Close"),
            Command("help.down", "down,j", "scroll(1)", "Down", footer=False),
            Command("help.up", "up,k", "scroll(-1)", "Up", footer=False),
            Command("help.page-down", "pagedown,space,ctrl+d", "scroll(10)", "Page down", footer=False),
            Command("help.page-up", "pageup,ctrl+u", "scroll(-10)", "Page up", footer=False),
        )
    )

    def __init__(self, offers: Sequence[Offer]) -> None:
        super().__init__()
        self._offers = offers

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -large"):
            yield Static(Content("Keys that are valid right now"), classes="dialog--title")
            with VerticalScroll(can_focus=False):
                yield Static(self._list())
            yield Static(
                Content("esc closes · j k scroll · keys can be changed in config.toml"), classes="dialog--keys"
            )

    def _list(self) -> Content:
        groups: dict[str, list[Offer]] = {}
        for offer in self._offers:
            groups.setdefault(offer.group, []).append(offer)
        parts: list[Content] = []
        for title in sorted(
            groups, key=lambda title: ("Here", "List").index(title) if title in ("Here", "List") else 9
        ):
            parts.append(Content(title).stylize("bold"))
            for offer in groups[title]:
                keys = Content(f"  {fit('  '.join(offer.keys), _KEYS)} ").stylize("bold" if offer.enabled else "dim")
                text = offer.help if offer.enabled else f"{offer.help} (not now)"
                parts.append(keys + Content(text).stylize("" if offer.enabled else "dim"))
            parts.append(Content(""))
        return Content("\n").join(parts)

    def action_close(self) -> None:
        self.dismiss(None)

    def action_scroll(self, by: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)
