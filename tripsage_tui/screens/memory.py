"""Memory mode: what is remembered, where it comes from, what replaced what, and what still waits to be read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from tripsage_tui.commands import bindings
from tripsage_tui.memory.models_at_hand import HOW_TO
from tripsage_tui.memory.service import PATIENCE
from tripsage_tui.models.memories import Memory, Recalled, WaitingTurn
from tripsage_tui.models.memory_list import MemoryKey, grouped
from tripsage_tui.models.when import count_of
from tripsage_tui.screens.memory_actions import COMMANDS, ON_A_MEMORY, MemoryActions
from tripsage_tui.screens.memory_row import (
    COLUMNS,
    FOUND_COLUMNS,
    memory_cells,
    memory_details,
    turn_cells,
    turn_details,
    waits,
)
from tripsage_tui.screens.reloading import DetailsBeside
from tripsage_tui.widgets.columns import Cell
from tripsage_tui.widgets.detail_pane import DetailPane
from tripsage_tui.widgets.filter_bar import FilterBar
from tripsage_tui.widgets.notice import Notice
from tripsage_tui.widgets.rows import Rows, Section
from tripsage_tui.widgets.safe_text import clean, one_line
from tripsage_tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from tripsage_tui.data.live import Change
    from tripsage_tui.planner import Planner

REST = 0.15
"""Seconds without another letter before a search is made."""
FOUND = 50
"""Memories that a search shows."""
TABLES = {"memories", "session_memories", "*"}

NOTHING = """Nothing is remembered yet.

  a   remembers something: Prefers aisle seats. Allergic to peanuts.

What you say in conversations, and trips that are over, will be here too; you can correct and forget all of it."""
NO_MODEL = "no model: F2 sets one"
WHY = f"There is no model, so conversations are kept but not read for facts. {HOW_TO}"


class MemoryScreen(MemoryActions, DetailsBeside):
    """One query for everything; a search is one more, for what was typed."""

    MODE = "memory"
    CSS_PATH = "memory.tcss"
    AUTO_FOCUS = "Rows"
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS)

    def __init__(self, planner: Planner | None = None) -> None:
        super().__init__(planner)
        self.marked: set[int] = set()
        self._memories: dict[int, Memory] = {}
        self._turns: dict[int, WaitingTurn] = {}
        self._question = ""
        self._found: list[Recalled] | None = None
        self._distances: dict[int, float | None] = {}
        self._typing: Timer | None = None
        self._prefer: MemoryKey | None = None
        self._resumed = False

    def compose_body(self) -> ComposeResult:
        yield Static(id="memory-state", markup=False)
        with Horizontal(id="memory-body"):
            with Vertical(id="memory-list"):
                yield FilterBar("what you want to know: where do I like to sit?")
                yield Notice("Opening your memories …")
                yield Rows[MemoryKey](COLUMNS, self._cells)
            yield DetailPane()

    # ---- what is shown

    @property
    def rows(self) -> Rows[MemoryKey]:
        return self.query_one(Rows)

    @property
    def memories(self) -> dict[int, Memory]:
        return self._memories

    @property
    def memory(self) -> Memory | None:
        kind, id_ = (self.rows.key if self.is_mounted else None) or ("", 0)
        return self._memories.get(id_) if kind == "memory" else None

    @property
    def turn(self) -> WaitingTurn | None:
        kind, id_ = (self.rows.key if self.is_mounted else None) or ("", 0)
        return self._turns.get(id_) if kind == "turn" else None

    def _cells(self, key: MemoryKey) -> Sequence[Cell]:
        kind, id_ = key
        if kind == "turn":
            return turn_cells(self._turns[id_], self.planner.clock())
        memory = self._memories[id_]
        return memory_cells(
            memory,
            self.planner.clock(),
            self.planner.memory.space,
            marked=id_ in self.marked,
            searching=self._found is not None,
            distance=self._distances.get(id_),
        )

    async def load(self) -> None:
        memories, turns = await self.planner.memory.overview()
        self._memories = {memory.id: memory for memory in memories}
        self._turns = {turn.id: turn for turn in turns}
        self.marked &= {memory.id for memory in memories if memory.live}
        if self._question:
            await self._search(self._question)
        else:
            self._show()
        if not self._resumed:
            self._resumed = True
            self.run_task(self.planner.memory.catch_up(), group="vectors")

    def _show(self) -> None:
        sections: list[Section[MemoryKey]] = []
        if self._found is not None:
            keys: list[MemoryKey] = [("memory", one.memory.id) for one in self._found]
            sections.append(Section(f"Nearest to “{one_line(self._question)}” ({len(keys)})", keys))
        else:
            sections += [
                Section(f"{title} ({len(group)})", group) for title, group in grouped(
                    self._memories.values(), self._turns.values()
                )
            ]  # fmt: skip
        had = self.rows.key
        self.rows.use_columns(COLUMNS if self._found is None else FOUND_COLUMNS)
        self.rows.show(sections, prefer=self._prefer)
        self._prefer = None
        filled = bool(self.rows.keys)
        self.set_class(filled, "-filled")
        self.set_class(self._found is not None, "-searching")
        if not filled:
            self.query_one(Notice).show(
                f"Nothing that is remembered fits “{one_line(self._question)}”.\n\n  esc   shows all memories"
                if self._question
                else NOTHING
            )
        self._show_state()
        if (had is None) != (self.rows.key is None) or not filled:
            self.refresh_bindings()
        self._show_details()

    def _show_state(self) -> None:
        """The line above: what waits, and why; nothing when all is well."""
        service = self.planner.memory
        live = sum(memory.live for memory in self._memories.values())
        note = f"{len(self.marked)} marked · " if self.marked else ""
        self.query_one(TopBar).show(note=f"{note}{count_of(live, 'memory', 'memories')}" if self._memories else "")
        waiting = sum(turn.state != "failed" for turn in self._turns.values())
        vectors = sum(waits(memory, service.space) for memory in self._memories.values())
        parts = []
        if waiting:
            parts.append(f"{count_of(waiting, 'turn')} {'waits' if waiting == 1 else 'wait'} to be read")
        if failed := len(self._turns) - waiting:
            parts.append(f"{count_of(failed, 'turn')} could not be read: R tries again")
        if vectors:
            parts.append(f"{live - vectors} of {live} have their vector of {service.space}")
        if service.trouble:
            parts.append(service.trouble)
        if not service.has_model:
            parts.append(NO_MODEL)
        state = self.query_one("#memory-state", Static)
        text = " · ".join(parts)
        state.update(Content(clean(text[:1].upper() + text[1:])))
        state.display = bool(parts)

    def show_marks(self) -> None:
        self._show()

    def go_to(self, memory_id: int) -> None:
        self._prefer = ("memory", memory_id)
        self._end_search()
        self.refresh_data()

    def on_changes(self, changes: Sequence[Change]) -> None:
        if any(change.table in TABLES for change in changes):
            self.refresh_data()

    # ---- details

    def on_rows_highlighted(self, event: Rows.Highlighted) -> None:
        event.stop()
        self._show_details()
        self.refresh_bindings()

    def on_rows_selected(self, event: Rows.Selected) -> None:
        event.stop()
        self.action_edit()

    def _show_details(self) -> None:
        pane = self.query_one(DetailPane)
        if not pane.display or not self.ready:
            return
        now, service = self.planner.clock(), self.planner.memory
        if (memory := self.memory) is not None:
            pane.show(memory_details(memory, self._memories, now, service.space))
        elif (turn := self.turn) is not None:
            pane.show(turn_details(turn, now, "" if service.has_model else WHY))
        else:
            pane.show(())

    # ---- searching

    def action_search(self) -> None:
        self.query_one(FilterBar).open()

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        event.stop()
        if self._typing is not None:
            self._typing.stop()
        self._question = event.text.strip()
        if not self._question:
            self._found = None
            if self.ready:
                self._show()
                self.refresh_bindings()
        elif self.ready:
            search = partial(self._search_patiently, self._question)
            self._typing = self.set_timer(REST, lambda: self.run_task(search, group="search", exclusive=True) and None)

    async def _search_patiently(self, question: str) -> None:
        """By words and with the built-in vectors at once; with the model's when they are there."""
        await self._search(question)
        if self.planner.memory.has_model:
            await self._search(question, PATIENCE)

    async def _search(self, question: str, patience: float = 0.0) -> None:
        found = await self.planner.memory.search(question, FOUND, patience=patience)
        if question != self._question:
            return
        self._found = found
        self._distances = {one.memory.id: one.distance for one in found}
        self._memories |= {one.memory.id: one.memory for one in found}
        self._show()

    def on_filter_bar_left(self, event: FilterBar.Left) -> None:
        event.stop()
        self.rows.focus(scroll_visible=False)

    def _end_search(self) -> None:
        self._question, self._found = "", None
        self.query_one(FilterBar).close()

    def action_clear(self) -> None:
        if self._question:
            self._end_search()
        else:
            self.marked.clear()
        self._show()
        self.refresh_bindings()

    # ---- what can be done

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ON_A_MEMORY:
            return self.memory is not None
        match action:
            case "add":
                return self.ready
            case "forget":
                return self.memory is not None or self.turn is not None
            case "clear":
                return bool(self._question or self.marked)
            case "read_again":
                return bool(self._turns)
            case "search":
                return bool(self._memories) and not self.query_one(FilterBar).has_focus_within
            case "export" | "forget_everything":
                return bool(self._memories or self._turns)
            case "details" | "scroll_details":
                return bool(self._memories or self._turns)
        return super().check_action(action, parameters)

    def action_refresh(self) -> None:
        self.refresh_data()
