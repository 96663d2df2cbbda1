"""Screens that are a list of lines, each with what there is to know about it below: settings, account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, Protocol, TypeVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tripsage_tui.screens.base import PlannerScreen
from tripsage_tui.widgets.safe_text import clean, one_line
from tripsage_tui.widgets.top_bar import TopBar


class Line(Protocol):
    """What it is called, what it says, and what there is to know about it."""

    @property
    def label(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def about(self) -> str: ...


LineT = TypeVar("LineT", bound=Line)


class LineList(PlannerScreen[None], Generic[LineT]):
    """Subclasses give the lines to `draw` and say in `action_change` what one of them does."""

    CSS_PATH = "settings.tcss"
    AUTO_FOCUS = "OptionList"
    HEADING: ClassVar[str]
    TRAIL: ClassVar[str]
    """What the top bar calls the screen."""
    LABEL: ClassVar[int]
    """Cells for what the lines are called."""
    lines: Sequence[LineT] = ()

    def compose_body(self) -> ComposeResult:
        yield Static(Content(self.HEADING), id="settings-heading", markup=False)
        yield OptionList(compact=True, id="settings-lines")
        yield Static("", id="settings-about", markup=False)

    @property
    def line(self) -> LineT | None:
        """What the cursor is on."""
        place = self.query_one(OptionList).highlighted if self.is_mounted else None
        return self.lines[place] if place is not None and place < len(self.lines) else None

    def draw(self, lines: Sequence[LineT]) -> None:
        """Show these lines, with the cursor where it was."""
        options = self.query_one(OptionList)
        at = options.highlighted or 0
        self.lines = lines
        options.clear_options()
        options.add_options(Option(Content(f" {line.label:<{self.LABEL}}{one_line(line.value)}")) for line in lines)
        options.highlighted = min(at, len(lines) - 1)
        self.query_one(TopBar).show(trail=self.TRAIL)
        self.explain()

    def explain(self) -> None:
        """Say what there is to know about the line that the cursor is on."""
        self.query_one("#settings-about", Static).update(Content(clean(self.line.about if self.line else "")))
        self.refresh_bindings()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.explain()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_change()

    def action_change(self) -> None:
        """Do what the line that the cursor is on says."""
        raise NotImplementedError

    def action_move(self, by: int) -> None:
        options = self.query_one(OptionList)
        if by > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def action_back(self) -> None:
        self.dismiss(None)
