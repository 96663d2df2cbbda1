"""The line where a question is typed: what is sent, commands by hand, offers, what was left unfinished."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.timer import Timer

from tripsage_tui.assistant import by_hand
from tripsage_tui.assistant.enclosures import Enclosure, NotEnclosed, named, read, read_all
from tripsage_tui.assistant.events import ToolCall
from tripsage_tui.assistant.toolbox import ToolRefused
from tripsage_tui.assistant.tools import toolbox
from tripsage_tui.screens.chat_conversations import ChatConversations
from tripsage_tui.screens.chat_editor import edited
from tripsage_tui.screens.chat_offers import more_offers, offers
from tripsage_tui.widgets.composer import Composer, Offer, Suggestions

if TYPE_CHECKING:
    from tripsage_tui.planner import Planner

DRAFT_DELAY = 0.3
OFFERS_DELAY = 0.1
"""Seconds of rest after which trips, memories and files are looked for."""


class ChatTyping(ChatConversations):
    """What is typed and what becomes of it."""

    _typed: Timer | None = None
    _unfinished: str | None = None
    _word = ""
    """The word before the cursor, for which offers are looked for."""
    _warned = ""

    def __init__(self, planner: Planner | None = None, trip_id: int | None = None) -> None:
        super().__init__(planner, trip_id)
        self._more: list[Offer] = []
        self._files: set[str] = set()
        """Paths that were chosen here: what was only pasted sends no file."""

    def on_composer_sent(self, event: Composer.Sent) -> None:
        event.stop()
        if self.answering:
            self.say("The answer is still coming: esc stops it.", "warning")
            return
        if not self.may_write() or self.dialogue is None:
            return
        text = event.text.strip()
        slash = by_hand.parse(text)
        if slash is not None:
            self.run_slash(slash, text)
        else:
            self.ask(text.removeprefix("/") if text.startswith("//") else text)

    def ask(self, text: str) -> None:
        """Send a question to the model."""
        if not self.has_model():
            self.say("Your question is kept in the line below.", "warning")
            return
        names = named(text)
        others = [name for name in names if name not in self._files and Path(name).expanduser().is_file()]
        if others and text != self._warned:
            self._warned = text
            self.say(
                f"{others[0]} is only named: tab takes it from the list after @, to send what it holds. "
                "enter once more sends the question as it is.",
                "warning",
            )
            return
        chosen = [name for name in names if name in self._files]
        if chosen:
            self.run_task(partial(self._ask_with, text, chosen), group="ask", exclusive=True)
        else:
            self._send(text, ())

    async def _ask_with(self, text: str, names: Sequence[str]) -> None:
        try:
            files = await asyncio.to_thread(read_all, names)
        except NotEnclosed as error:
            self.say(str(error), "warning")
        else:
            self._send(text, files)

    def _send(self, text: str, files: Sequence[Enclosure]) -> None:
        self.sent(text)
        self.follow_steps(lambda: self.talk.say_next(text, self.waiting, files), question=text)

    def sent(self, text: str) -> None:
        """A line left the composer."""
        self.planner.questions.finish(self.trip_id or 0, text)
        self.composer.remember(text)
        self.composer.take("")

    def run_slash(self, slash: by_hand.Slash, typed: str) -> None:
        """A command: a prompt becomes a question to look at, a tool runs, anything else belongs to the screen."""
        if (question := by_hand.prompt(slash)) is not None:
            self.composer.take(question)
            return
        if self.run_own(slash):
            self.sent(typed)
            return
        box = toolbox(self.planner, self.trip_id)
        try:
            tool = box.get(slash.name)
            arguments = by_hand.arguments(tool, slash.rest)
            box.read(tool, arguments)
        except ToolRefused as refusal:
            self.say(str(refusal), "warning")
            return
        self.sent(typed)
        call = ToolCall(f"hand_{os.urandom(6).hex()}", tool.name, arguments)
        self.follow_steps(lambda: self.talk.by_hand(typed, call))

    def action_write(self) -> None:
        """Write the question in the user's editor; saving brings it back into the line, nothing is sent."""
        composer = self.query_one(Composer)
        written = edited(self, composer.text)
        if written is not None and written.rstrip("\n") != composer.text.rstrip("\n"):
            composer.take(written.rstrip("\n"))
        composer.focus()

    def on_composer_edited(self, event: Composer.Edited) -> None:
        event.stop()
        self._unfinished = event.text
        if self._typed is not None:
            self._typed.stop()
        self._typed = self.set_timer(DRAFT_DELAY, self.keep_typed)
        if not self.ready:
            return
        box = toolbox(self.planner, self.trip_id)
        found = offers(event.text, event.word, self.plan, box, self.planner.today)
        typed = event.word.removeprefix("@").casefold()
        self._more = [offer for offer in self._more if event.word.startswith("@") and typed in offer.title.casefold()]
        self._offer([*found, *self._more])
        self._word = event.word
        if event.word.startswith("@"):
            self.run_task(partial(self._offer_more, event.word, found), group="offers", exclusive=True)

    async def _offer_more(self, word: str, found: list[Offer]) -> None:
        await asyncio.sleep(OFFERS_DELAY)
        more = await more_offers(self.planner, word, self.trip_id)
        if word == self._word:
            self._more = more
            self._offer([*found, *more])

    def _offer(self, found: list[Offer]) -> None:
        self.query_one(Suggestions).show(found)
        self.composer.offering = bool(found)

    def on_composer_pick(self, event: Composer.Pick) -> None:
        event.stop()
        suggestions = self.query_one(Suggestions)
        if event.what in {"up", "down"}:
            suggestions.move(-1 if event.what == "up" else 1)
            return
        chosen = suggestions.chosen
        whole = chosen is not None and chosen.insert.strip() == self._word
        self._offer([])
        if event.what == "enter" and whole:
            # Nothing is left to be completed: a path that was pasted is not taken by sending the question.
            self.composer.action_send()
        elif event.what in {"take", "enter"} and chosen is not None:
            self._take_offer(chosen.insert)
        self._word = ""

    def _take_offer(self, insert: str) -> None:
        for name in named(insert) if insert.endswith(" ") else ():
            try:
                read(name)
            except NotEnclosed as error:
                self.say(str(error), "warning")
                return
            self._files.add(name)
        self.composer.replace_word(insert)

    def keep_typed(self) -> None:
        """Write down the unfinished question."""
        if self._unfinished is not None and self._planner is not None:
            self.planner.questions.keep(self.trip_id or 0, self._unfinished)
        self._unfinished = None

    def on_unmount(self) -> None:
        self.keep_typed()
        super().on_unmount()
