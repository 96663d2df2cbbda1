"""A write that waits for an answer: what it is, which fields change from what to what, and the keys that decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from tripsage_tui.widgets.form_text import TextLine
from tripsage_tui.widgets.safe_text import one_line

Change = tuple[str, str, str]
"""Field, before, after: in words."""


class ApprovalBar(Vertical, can_focus=True):
    """Posts `Answered` once; a denial may carry a reason."""

    BINDING_GROUP_TITLE = "Approve"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "answer('once')", "Once", id="approve.once", tooltip="Do it this time."),
        Binding("s", "answer('session')", "This chat", id="approve.chat", tooltip="Do it, and do not ask again here."),
        Binding("d", "deny", "Deny", id="approve.deny", tooltip="Do not do it, and say why."),
        Binding("t", "enlarge", "Larger", id="approve.larger", tooltip="Show all of the changes, and back."),
        Binding("escape", "reconsider", "Back", show=False, id="approve.back"),
        Binding("down,j", "turn(1)", "Down", show=False, id="approve.down"),
        Binding("up,k", "turn(-1)", "Up", show=False, id="approve.up"),
    ]
    DEFAULT_CSS = """
    ApprovalBar {
        display: none; height: auto; max-height: 60%; padding: 0 1; border-top: thick $warning; background: $panel;
        &.-open { display: block; }
        & > #approval-title { text-style: bold; }
        & > #approval-changes { height: auto; max-height: 14; scrollbar-size-vertical: 1; }
        & > #approval-keys { color: $text-muted; }
        & > TextLine { display: none; }
        &.-denying > TextLine { display: block; }
        &.-denying > #approval-keys { display: none; }
        &.-large { height: 1fr; max-height: 100%; }
        &.-large > #approval-changes { height: 1fr; max-height: 100%; }
    }
    """

    class Answered(Message):
        """`decision` is `once`, `session` or `denied`."""

        def __init__(self, decision: str, reason: str = "") -> None:
            super().__init__()
            self.decision = decision
            self.reason = reason

    def __init__(self) -> None:
        super().__init__()
        self._general = False
        self._open = False

    def compose(self) -> ComposeResult:
        yield Static("", id="approval-title", markup=False)
        with VerticalScroll(id="approval-changes", can_focus=False):
            yield Static("", id="approval-diff", markup=False)
        yield TextLine("", placeholder="why not? enter sends it to the assistant, empty is fine; esc goes back")
        yield Static("", id="approval-keys", markup=False)

    def ask(self, title: str, changes: Sequence[Change], *, general: bool) -> None:
        """Show a proposal and take the keyboard; `general` offers to allow it for the whole chat."""
        self._general, self._open = general, True
        self.query_one("#approval-title", Static).update(Content(f"? {one_line(title)}"))
        width = max((len(field) for field, _, _ in changes), default=0)
        lines = [_line(field.replace("_", " ").ljust(width), before, after) for field, before, after in changes]
        self.query_one("#approval-diff", Static).update(Content("\n".join(lines) or "No field changes."))
        keys = "a once · s always in this chat · d deny" if general else "a do it · d deny"
        self.query_one("#approval-keys", Static).update(Content(f"{keys} · t all of it · esc stops the answer"))
        self.remove_class("-denying")
        self._enlarge(False)
        self.query_one("#approval-changes", VerticalScroll).scroll_home(animate=False)
        self.add_class("-open")
        self.focus()

    def close(self) -> None:
        """Nothing is asked any more."""
        self._open = False
        self.remove_class("-open", "-denying")
        self._enlarge(False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "answer" and parameters == ("session",):
            return self._general
        if action == "reconsider":
            return self.has_class("-denying")
        return super().check_action(action, parameters)

    def action_answer(self, decision: str) -> None:
        if self._open:
            self.close()
            self.post_message(self.Answered(decision))

    def action_enlarge(self) -> None:
        self._enlarge(not self.has_class("-large"))

    def _enlarge(self, large: bool) -> None:
        # The screen makes room by what else it shows.
        self.set_class(large, "-large")
        self.screen.set_class(large, "-large-diff")

    def action_turn(self, by: int) -> None:
        self.query_one("#approval-changes", VerticalScroll).scroll_relative(y=by, animate=False)

    def action_reconsider(self) -> None:
        """Not denied after all."""
        self.remove_class("-denying")
        self.focus()

    def action_deny(self) -> None:
        self.add_class("-denying")
        line = self.query_one(TextLine)
        line.value = ""
        line.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._open:
            self.close()
            self.post_message(self.Answered("denied", event.value))


def _line(field: str, before: str, after: str) -> str:
    if not before:
        return f"+ {field}  {one_line(after)}"
    if not after:
        return f"- {field}  {one_line(before)}"
    return f"~ {field}  {one_line(before)} → {one_line(after)}"
