"""The line above the keys: who, which database, how far away, live or not; and what is wrong when it is down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from tripsage_tui.widgets.safe_text import fit, one_line

State = Literal["connecting", "up", "down", "signed out"]


@dataclass(frozen=True, slots=True)
class Status:
    """What the bar says. `latency_ms` in milliseconds; `data_of` is the age of what is on the screen, in words."""

    state: State = "connecting"
    profile: str = ""
    database: str = ""
    latency_ms: float | None = None
    live: bool = False
    problem: str = ""
    data_of: str = ""
    message: str = ""


def latency_text(milliseconds: float | None) -> str:
    """`<1 ms`, `7 ms`, `50 ms`, `1.2 s`; steps are coarse so that an unchanged line is not painted again."""
    if milliseconds is None:
        return ""
    if milliseconds < 1:
        return "<1 ms"
    if milliseconds < 10:
        return f"{milliseconds:.0f} ms"
    if milliseconds < 1000:
        return f"{round(milliseconds / 10) * 10} ms"
    return f"{milliseconds / 1000:.1f} s"


class StatusBar(Widget):
    """Left the sentence that matters now, right the connection; each state has a sign and a word."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"status--good", "status--bad", "status--muted"}
    DEFAULT_CSS = """
    StatusBar {
        height: 1;
        background: $surface;
        color: $foreground;
        .status--good { color: $text-success; }
        .status--bad { color: $text-error; text-style: bold; }
        .status--muted { color: $text-muted; }
        &:ansi .status--good, &:ansi .status--muted { color: ansi_default; }
        &:ansi .status--bad { color: ansi_red; text-style: bold; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's word
        super().__init__(id=id)
        self._status = Status()
        self._painted = ("", "", "")

    @property
    def status(self) -> Status:
        return self._status

    def show(self, status: Status) -> None:
        """Say something else; nothing is painted when the words are the same."""
        self._status = status
        if self._words() != self._painted:
            self.refresh()

    def _words(self) -> tuple[str, str, str]:
        """The sentence on the left, the connection on the right, and the look of the connection."""
        status = self._status
        where = [part for part in (one_line(status.profile), one_line(status.database)) if part]
        match status.state:
            case "connecting":
                return one_line(status.message), " · ".join([*where, "… connecting"]), "status--muted"
            case "down" | "signed out":
                problem = one_line(status.problem) or "The database cannot be reached."
                sentence = f"! {problem[:1].upper()}{problem[1:]}"
                if status.data_of:
                    sentence += f" Shown: {status.data_of}."
                return sentence, " · ".join([*where, f"✕ {status.state}"]), "status--bad"
        live = "● live" if status.live else "○ not live"
        parts = [*where, latency_text(status.latency_ms), live]
        return one_line(status.message), " · ".join(part for part in parts if part), "status--good"

    def render(self) -> Content:
        self._painted = sentence, connection, look = self._words()
        width = self.size.width
        # A problem needs its words more than the connection does; otherwise the connection is kept whole.
        bad = self._status.state in {"down", "signed out"}
        if bad and cell_len(sentence) + cell_len(connection) + 3 > width:
            connection = connection.rpartition(" · ")[2]
        right = fit(connection, min(cell_len(connection), width - 2))
        left = fit(sentence, max(width - cell_len(right) - 3, 0))
        style = "status--bad" if bad else "status--muted"
        return (
            Content(" ")
            + Content(left).stylize(self.get_visual_style(style))
            + Content(" " * max(width - cell_len(left) - cell_len(right) - 2, 1))
            + Content(right).stylize(self.get_visual_style(look))
        )
