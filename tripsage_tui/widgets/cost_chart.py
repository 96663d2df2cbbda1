"""A bar chart of what is paid, booked and planned; each part has its own pattern, so that colour is not needed.

Plotext draws it and is imported on first use, in a thread (0.3 s). Only its characters are taken: the colours come
from the theme, as everywhere else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from tripsage_tui.widgets.safe_text import fit, one_line

PAID, BOOKED, PLANNED = "█", "▓", "░"
_PATTERNS = ((PAID, "chart--paid"), (BOOKED, "chart--booked"), (PLANNED, "chart--planned"))
_ROWS = 4
"""Lines for one bar that lies, at most."""
_LABEL = 10
"""Cells for the name of a bar."""
_BAR_FILL = 0.6
"""Part of its row or column that a bar takes."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of up to three parts on top of one another: paid, booked beyond that, planned beyond that."""

    label: str
    paid: float
    booked: float
    planned: float

    @property
    def height(self) -> float:
        return self.paid + self.booked + self.planned


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars beside or, `flat`, below one another, with a line at `limit` where that is in reach."""

    title: str
    bars: tuple[Bar, ...]
    flat: bool = False
    limit: float | None = None


class CostChart(Widget):
    """Draws one chart in the room it has."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "chart--paid",
        "chart--booked",
        "chart--planned",
        "chart--title",
        "chart--axis",
    }
    DEFAULT_CSS = """
    CostChart {
        height: 1fr;
        & > .chart--paid { color: $success; }
        & > .chart--booked { color: $primary; }
        & > .chart--planned { color: $text-muted; }
        & > .chart--title { text-style: bold; }
        & > .chart--axis { color: $text-muted; }
        &:ansi > .chart--paid, &:ansi > .chart--booked, &:ansi > .chart--planned { color: ansi_default; }
        &:ansi > .chart--axis { color: ansi_default; text-style: dim; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's word
        super().__init__(id=id)
        self._chart: Chart | None = None
        self._plotting: Any = None

    def show(self, chart: Chart) -> None:
        """Draw another chart; nothing is painted when it is the same."""
        if chart != self._chart:
            self._chart = chart
            self.refresh()
        if self._plotting is None:
            self.run_worker(self._import(), group="plotting", exclusive=True, exit_on_error=False)

    async def _import(self) -> None:
        self._plotting = await asyncio.to_thread(import_module, "textual_plotext.plot")
        self.refresh()

    def render(self) -> Content:
        width, height = self.content_size
        chart = self._chart
        if chart is None or self._plotting is None or width < 20 or height < 5:
            return Content("")
        legend = f"{PAID} paid  {BOOKED} booked  {PLANNED} planned"
        title = fit(one_line(chart.title), max(width - cell_len(legend) - 2, 0))
        lines = [f"{title}  {legend}", *self._plot(chart, width, height - 1)]
        drawn = [self._styled(fit(line, width), first=not number) for number, line in enumerate(lines)]
        return Content("\n").join(drawn)

    def _plot(self, chart: Chart, width: int, height: int) -> list[str]:
        from rich.text import Text

        bars = tuple(reversed(chart.bars)) if chart.flat else chart.bars
        if not any(bar.height > 0 for bar in bars):
            return ["", "Nothing to draw yet."]
        plot = self._plotting.Plot()
        if chart.flat:
            height = min(height, _ROWS * len(bars) + 2)
        plot.plotsize(width, height)
        plot._set_size(width, height)
        plot.frame(False)
        labels = [one_line(bar.label)[:_LABEL] for bar in bars]
        orientation = "horizontal" if chart.flat else "vertical"
        parts = [[bar.paid for bar in bars], [bar.booked for bar in bars], [bar.planned for bar in bars]]
        patterns = [pattern for pattern, _ in _PATTERNS]
        plot.stacked_bar(labels, parts, orientation=orientation, width=_BAR_FILL, marker=patterns)
        tallest = max(bar.height for bar in bars)
        if chart.limit is not None and 0 < chart.limit <= tallest * 1.2:
            (plot.vline if chart.flat else plot.hline)(chart.limit)
        if not chart.flat:
            step = max(-(-len(labels) * 4 // max(width - 10, 1)), 1)
            plot.xticks(list(range(1, len(labels) + 1, step)), labels[::step])
        return Text.from_ansi(plot.build()).plain.splitlines()

    def _styled(self, line: str, *, first: bool) -> Content:
        base = self.get_visual_style("chart--title" if first else "chart--axis")
        drawn = Content(line).stylize(base)
        for pattern, name in _PATTERNS:
            style = self.get_visual_style(name)
            for start, end in _runs(line, pattern):
                drawn = drawn.stylize(style, start, end)
        return drawn


def _runs(line: str, character: str) -> Sequence[tuple[int, int]]:
    """Where a character stands, as ranges."""
    found: list[tuple[int, int]] = []
    for place, here in enumerate(line):
        if here != character:
            continue
        if found and found[-1][1] == place:
            found[-1] = (found[-1][0], place + 1)
        else:
            found.append((place, place + 1))
    return found
