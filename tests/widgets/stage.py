"""An app that shows widgets, and what stands on its screen."""

from __future__ import annotations

from typing import Any

from textual.app import App, ComposeResult
from textual.widget import Widget

from tripsage_tui.themes import DARK, LIGHT


class Stage(App[None]):
    """Shows the widgets that it is given, with our themes."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, *widgets: Widget, theme: str = DARK.name) -> None:
        super().__init__()
        self.animation_level = "none"
        self._widgets = widgets
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = theme

    def compose(self) -> ComposeResult:
        yield from self._widgets


def shown(app: App[Any]) -> list[str]:
    """The lines on the screen, without trailing blanks."""
    strips = app.screen._compositor.render_strips(app.size)
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


def widths(app: App[Any]) -> set[int]:
    """The widths of all lines of the screen in cells, as Textual counts them."""
    return {strip.cell_length for strip in app.screen._compositor.render_strips(app.size)}
