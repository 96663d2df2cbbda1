"""What can be done with memories, besides looking at them."""

from __future__ import annotations

import asyncio
import json
import os
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tripsage_tui.changes.memories import MemoryChanges
from tripsage_tui.commands import Command
from tripsage_tui.models.memories import Memory, MemoryType, WaitingTurn
from tripsage_tui.models.memory_list import nearly_the_same
from tripsage_tui.models.text import shown
from tripsage_tui.models.when import count_of
from tripsage_tui.screens.reloading import ReloadingScreen

COMMANDS = (
    Command("memory.add", "a,n", "add", "Remember", "Remember something: a preference, an allergy, a fact."),
    Command("memory.edit", "e,enter", "edit", "Edit", "Change the memory; how it read before stays visible."),
    Command("memory.forget", "d", "forget", "Forget", "Forget the memory, or all that are marked; u brings them back."),
    Command("memory.search", "slash", "search", "Search", "Find memories by what they mean.", display="/"),
    Command("memory.mark", "space", "mark", "Mark", "Mark the memory, for forgetting, pinning or merging several."),
    Command("memory.pin", "p", "pin", "Pin", "Put the memory before all others, or no longer."),
    Command(
        "memory.merge", "m", "merge", "Merge",
        "Let this memory stand for the marked ones; with none marked, mark those that say nearly the same.",
    ),
    Command("memory.details", "v", "details", "Details", "Show or hide where a memory comes from."),
    Command("memory.read", "R", "read_again", "Read now", "Read the turns that wait, and those that were given up."),
    Command("memory.export", "X", "export", "Export", "Write all memories into a file, as JSON.", footer=False),
    Command(
        "memory.forget-everything", "F", "forget_everything", "Forget everything",
        "Remove all memories for good, after typing it out.", footer=False,
    ),
    Command("memory.refresh", "r", "refresh", "Refresh", "Fetch the memories again.", footer=False),
    Command("memory.clear", "escape", "clear", "All", "End the search, or take the marks away."),
    Command("memory.details-down", "J", "scroll_details(1)", "Scroll the details down", footer=False, palette=False),
    Command("memory.details-up", "K", "scroll_details(-1)", "Scroll the details up", footer=False, palette=False),
)  # fmt: skip
ON_A_MEMORY = {"edit", "pin", "merge", "mark"}
"""Actions that need a memory under the cursor."""


class MemoryActions(ReloadingScreen[None]):
    """The doing half of the list; the showing half says which memory is meant."""

    marked: set[int]

    @property
    @abstractmethod
    def memory(self) -> Memory | None:
        """The memory under the cursor."""

    @property
    @abstractmethod
    def turn(self) -> WaitingTurn | None:
        """The turn under the cursor."""

    @property
    @abstractmethod
    def memories(self) -> dict[int, Memory]:
        """All that are known here."""

    @abstractmethod
    def show_marks(self) -> None:
        """Draw the list again, after other memories were marked."""

    @abstractmethod
    def go_to(self, memory_id: int) -> None:
        """Load again and put the cursor on a memory."""

    @property
    def _changes(self) -> MemoryChanges:
        return MemoryChanges(self.planner)

    @property
    def _meant(self) -> list[Memory]:
        """The marked memories, else the one under the cursor."""
        if self.marked:
            return [self.memories[id_] for id_ in sorted(self.marked) if id_ in self.memories]
        return [self.memory] if self.memory is not None else []

    def action_add(self) -> None:
        from tripsage_tui.screens.memory_dialogs import MemoryDialog

        def answered(fact: tuple[str, MemoryType] | None) -> None:
            if fact is not None and self.may_write():
                self.run_task(self._add(*fact), group="write")

        if self.may_write():
            self.app.push_screen(MemoryDialog(), answered)

    async def _add(self, text: str, kind: MemoryType) -> None:
        memory, new = await self._changes.add(text, kind, list(self.memories))
        self.go_to(memory.id)
        self.say(f"Remembered: {shown(text, 60)}" if new else "This is remembered already.")

    def action_edit(self) -> None:
        from tripsage_tui.screens.memory_dialogs import MemoryDialog

        memory = self.memory
        if memory is None or not self.may_write():
            return
        if not memory.live:
            self.say("A newer memory replaced this one: edit that one, or forget it.", "warning")
            return

        def answered(fact: tuple[str, MemoryType] | None) -> None:
            if fact is not None and fact != (memory.content, memory.memory_type) and self.may_write():
                self.run_task(self._edit(memory, *fact), group="write")

        self.app.push_screen(MemoryDialog(memory), answered)

    async def _edit(self, memory: Memory, text: str, kind: MemoryType) -> None:
        edited = await self._changes.edit(memory, text, kind)
        self.go_to(edited.id)

    def action_forget(self) -> None:
        if not self.may_write():
            return
        if self.turn is not None and not self.marked:
            self.run_task(self._discard(self.turn), group="write")
        elif meant := self._meant:
            self.run_task(self._forget_these(meant), group="write")

    async def _forget_these(self, meant: Sequence[Memory]) -> None:
        count = await self._changes.forget(meant)
        self.marked.clear()
        self.refresh_data()
        more = (
            f", and {count_of(count - len(meant), 'memory', 'memories')} it had replaced" if count > len(meant) else ""
        )
        what = shown(meant[0].content) if len(meant) == 1 else count_of(len(meant), "memory", "memories")
        self.say(f"Forgot {what}{more}. Press u to bring it back.")

    async def _discard(self, turn: WaitingTurn) -> None:
        count = await self._changes.discard([turn.id])
        self.refresh_data()
        self.say("Removed, unread. Press u to bring it back." if count else "This is being read at the moment.")

    def action_mark(self) -> None:
        if (memory := self.memory) is not None and memory.live:
            self.marked ^= {memory.id}
            self.show_marks()

    def action_pin(self) -> None:
        meant = [memory for memory in self._meant if memory.live]
        if meant and self.may_write():
            self.run_task(self._pin(meant, not all(memory.pinned for memory in meant)), group="write")

    async def _pin(self, meant: Sequence[Memory], pinned: bool) -> None:
        await self._changes.pin(meant, pinned)
        self.marked.clear()
        self.refresh_data()

    def action_merge(self) -> None:
        keep = self.memory
        if keep is None or not keep.live or not self.may_write():
            return
        others = self.marked - {keep.id}
        work = self._merge(sorted(others), keep) if others else self._mark_alike(keep)
        self.run_task(work, group="write")

    async def _merge(self, ids: Sequence[int], keep: Memory) -> None:
        count = await self._changes.merge(ids, keep)
        self.marked.clear()
        self.go_to(keep.id)
        self.say(f"{shown(keep.content)} now stands for {count_of(count, 'other')}. u takes that back.")

    async def _mark_alike(self, keep: Memory) -> None:
        found = await self.planner.memory.search(keep.content, 20)
        alike = nearly_the_same(keep, [(one.memory, one.distance) for one in found])
        if not alike:
            self.say("No other memory says nearly the same. Mark some with space; m then merges them into this one.")
            return
        self.marked = set(alike)
        self.show_marks()
        self.say(f"Marked {count_of(len(alike), 'memory', 'memories')} that may say the same: m again merges, esc not.")

    def action_read_again(self) -> None:
        if not self.planner.memory.has_model:
            from tripsage_tui.memory.models_at_hand import HOW_TO

            self.say(f"There is no model to read with. {HOW_TO}", "warning")
        elif self.may_write():
            self.run_task(self.planner.memory.retry(), group="write")

    def action_export(self) -> None:
        from tripsage_tui.screens.memory_dialogs import ExportDialog

        file = Path.home() / f"tripsage-memories-{self.planner.today.isoformat()}.json"

        def answered(name: str | None) -> None:
            if name is not None:
                self.run_task(self._export(Path(name).expanduser()), group="write")

        self.app.push_screen(ExportDialog(file, len(self.memories)), answered)

    async def _export(self, file: Path) -> None:
        rows = await self.planner.memory.export()
        try:
            await asyncio.to_thread(write_export, file, rows)
        except OSError as error:
            self.say(f"Nothing was written to {file}: {error.strerror or error}.", "error")
        else:
            self.say(f"Wrote {count_of(len(rows), 'memory', 'memories')} to {file}.")

    def action_forget_everything(self) -> None:
        from tripsage_tui.screens.memory_dialogs import ForgetEverythingDialog

        def answered(words: str | None) -> None:
            if words is not None and self.may_write():
                self.run_task(self._forget_everything(), group="write")

        if self.may_write():
            self.app.push_screen(ForgetEverythingDialog(len(self.memories)), answered)

    async def _forget_everything(self) -> None:
        memories, turns = await self.planner.memory.forget_all()
        self.marked.clear()
        self.refresh_data()
        waiting = f" and {count_of(turns, 'turn')} of conversations" if turns else ""
        self.say(f"Forgot {count_of(memories, 'memory', 'memories')}{waiting}, for good.")


def write_export(file: Path, rows: Sequence[Any]) -> None:
    """Write JSON into a new file that only its owner may read. Raises OSError."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(rows, out, indent=2, ensure_ascii=False)
        out.write("\n")
