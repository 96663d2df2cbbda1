"""Someone else changed the record while it was being edited: both versions, field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.conflicts import Difference, Side, merge
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.widgets.safe_text import fit, one_line

_LABEL = 16


class Versions(Widget, can_focus=True):
    """Rows of differences; the chosen side of each carries the mark."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"versions--chosen", "versions--other", "versions--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("left,h", "choose('mine')", "Yours", show=False),
        Binding("right,l", "choose('theirs')", "Theirs", show=False),
        Binding("space", "swap", "Other version", show=False),
    ]
    cursor = reactive(0)

    def __init__(
        self,
        found: Sequence[Difference],
        labels: Mapping[str, str],
        show_value: Callable[[str, object], str],
    ) -> None:
        super().__init__(id="versions")
        self.found = tuple(found)
        self.sides: dict[str, Side] = {difference.field: difference.natural for difference in found}
        self._labels = labels
        self._show_value = show_value

    def validate_cursor(self, value: int) -> int:
        return max(0, min(value, len(self.found) - 1))

    def watch_cursor(self) -> None:
        if isinstance(self.parent, VerticalScroll):
            self.parent.scroll_to(y=max(self.cursor - 3, 0), animate=False)

    def render(self) -> Content:
        side = max((self.size.width - _LABEL - 4) // 2, 8)
        chosen = self.get_visual_style("versions--chosen")
        other = self.get_visual_style("versions--other")
        cursor = self.get_visual_style("versions--cursor")
        lines = []
        for index, difference in enumerate(self.found):
            label = self._labels.get(difference.field, difference.field.replace("_", " ").capitalize())
            both = "*" if difference.both_changed else " "
            head = Content(fit(f"{'▸' if index == self.cursor else ' '}{both}{label}", _LABEL))
            parts = [head.stylize(cursor) if index == self.cursor else head]
            for name, value in (("mine", difference.mine), ("theirs", difference.theirs)):
                taken = self.sides[difference.field] == name
                text = one_line(self._show_value(difference.field, value)) or "—"
                cell = Content(fit(f"{'●' if taken else '○'} {text}", side) + "  ")
                parts.append(cell.stylize(chosen if taken else other))
            lines.append(Content("").join(parts))
        return Content("\n").join(lines)

    def action_move(self, by: int) -> None:
        self.cursor += by

    def action_choose(self, side: Side) -> None:
        self.sides[self.found[self.cursor].field] = side
        self.refresh()

    def action_swap(self) -> None:
        field = self.found[self.cursor].field
        self.sides[field] = "theirs" if self.sides[field] == "mine" else "mine"
        self.refresh()

    def all_to(self, side: Side) -> None:
        """Decide every field for one side."""
        self.sides = dict.fromkeys(self.sides, side)
        self.refresh()


class ConflictDialog(FormDialog[dict[str, object] | None]):
    """Returns what has to be written over the stored version ({}: take theirs), or None to go on editing."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("conflict.save", "enter,ctrl+s", "save", "Save as marked"),
            Command("conflict.mine", "m", "all('mine')", "Keep all of mine"),
            Command("conflict.theirs", "t", "all('theirs')", "Take all of theirs"),
            Command("conflict.back", "escape", "back", "Go on editing"),
        )
    )

    def __init__(
        self,
        what: str,
        found: Sequence[Difference],
        *,
        labels: Mapping[str, str],
        show_value: Callable[[str, object], str],
    ) -> None:
        """`what` completes "Someone changed ...", `labels` and `show_value` put fields and values into words."""
        super().__init__(
            f"Someone changed {one_line(what)} while you were editing it",
            "Left is yours, right is theirs. ● will be saved. * marks what you both changed.",
            "m all mine · t all theirs · ← → or space choose one field · enter saves · esc goes on editing",
            large=True,
        )
        self._versions = Versions(found, labels, show_value)

    def compose_content(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield self._versions

    def on_mount(self) -> None:
        self._versions.focus()

    def action_all(self, side: Side) -> None:
        self._versions.all_to(side)

    def action_save(self) -> None:
        self.dismiss(merge(self._versions.found, self._versions.sides))

    def action_back(self) -> None:
        self.dismiss(None)
