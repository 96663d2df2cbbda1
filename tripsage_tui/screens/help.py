"""The keys that are valid right now, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tripsage_tui.commands import EVERYWHERE, HERE, Command, Offer, bindings
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.safe_text import fit

_KEYS = 16
NAMES_FROM = 100
"""Columns from which on there is room for the names."""
_WIDER = f" (in a window of {NAMES_FROM} columns)"
_LAST = (HERE, "List", "Agenda", "Field", EVERYWHERE)


class HelpScreen(FormDialog[None]):
    """Lists what was on offer on the screen beneath, grouped by where it is valid."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("help.close", "escape,q,question_mark,enter,f1", "close", "Close"),
            Command("help.down", "down,j", "scroll_by(1)", "Down", footer=False),
            Command("help.up", "up,k", "scroll_by(-1)", "Up", footer=False),
            Command("help.page-down", "pagedown,space,ctrl+d", "scroll_by(10)", "Page down", footer=False),
            Command("help.page-up", "pageup,ctrl+u", "scroll_by(-10)", "Page up", footer=False),
        )
    )

    def __init__(self, offers: Sequence[Offer], *, named: bool = True) -> None:
        """`named`: there is room for the names by which keys are changed."""
        super().__init__(
            "Keys that are valid right now",
            f"Keys can be changed in the configuration file, by the names at the right{'' if named else _WIDER}.",
            "j k space scroll · esc closes",
            large=True,
        )
        self._offers = offers
        self._named = named

    def compose_content(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield Static(self._list(), id="help-keys")

    def _list(self) -> Content:
        groups: dict[str, list[Offer]] = {}
        for offer in self._offers:
            groups.setdefault(offer.group, []).append(offer)
        parts: list[Content] = []
        for title in sorted(groups, key=lambda title: _LAST.index(title) if title in _LAST else -1):
            parts += [Content(""), Content(title).stylize("bold")] if parts else [Content(title).stylize("bold")]
            parts += [self._line(offer) for offer in groups[title]]
        return Content("\n").join(parts)

    def _line(self, offer: Offer) -> Content:
        keys = Content(f"  {fit(' '.join(offer.keys), _KEYS)} ")
        text = Content(offer.help if offer.enabled else f"{offer.help} (not now)")
        name = Content(f"  {offer.id}").stylize("dim") if offer.id and self._named else Content("")
        return keys.stylize("bold" if offer.enabled else "dim") + text + name

    def action_close(self) -> None:
        self.dismiss(None)

    def action_scroll_by(self, by: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)
