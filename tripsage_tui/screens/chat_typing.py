"""The line where a question is typed: what is sent, commands by hand, offers, what was left unfinished."""

from __future__ import annotations

import os
from typing import Any

from textual.timer import Timer

from tripsage_tui.assistant import by_hand
from tripsage_tui.assistant.events import ToolCall
from tripsage_tui.assistant.toolbox import ToolRefused
from tripsage_tui.assistant.tools import toolbox
from tripsage_tui.screens.chat_conversations import ChatConversations
from tripsage_tui.screens.chat_editor import edited
from tripsage_tui.screens.chat_offers import offers
from tripsage_tui.widgets.composer import Composer, Suggestions

DRAFT_DELAY = 0.3


class ChatTyping(ChatConversations):
    """What is typed and what becomes of it."""

    _typed: Timer | None = None
    _unfinished: str | None = None

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
        self.sent(text)
        self.follow_steps(lambda: self.talk.say_next(text, self.waiting), question=text)

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
        self._offer(offers(event.text, event.word, self.plan, box, self.planner.today))

    def _offer(self, found: list[Any]) -> None:
        self.query_one(Suggestions).show(found)
        self.composer.offering = bool(found)

    def on_composer_pick(self, event: Composer.Pick) -> None:
        event.stop()
        suggestions = self.query_one(Suggestions)
        if event.what in {"up", "down"}:
            suggestions.move(-1 if event.what == "up" else 1)
            return
        if event.what == "take" and suggestions.chosen is not None:
            self.composer.replace_word(suggestions.chosen.insert)
        self._offer([])

    def keep_typed(self) -> None:
        """Write down the unfinished question."""
        if self._unfinished is not None and self._planner is not None:
            self.planner.questions.keep(self.trip_id or 0, self._unfinished)
        self._unfinished = None

    def on_unmount(self) -> None:
        self.keep_typed()
        super().on_unmount()
