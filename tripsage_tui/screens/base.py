"""What all screens share: the planner, work in the background whose errors are said, live changes, the frame.

`PlannerScreen` is a full screen with top bar, status bar and key line; `PlannerDialog` is a modal one. A subclass
composes its own part in `compose_body`, loads in `load` (called once the planner is there, and again after a lost
connection came back) and reacts to changes of others in `on_changes`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ScreenResultType
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from tripsage_tui.commands import Command, bindings, offers
from tripsage_tui.screens.closing import ClosesOnce
from tripsage_tui.widgets.key_line import KeyHint, KeyLine
from tripsage_tui.widgets.safe_text import clean
from tripsage_tui.widgets.status_bar import Status, StatusBar
from tripsage_tui.widgets.top_bar import ModeTab, TopBar

if TYPE_CHECKING:
    from tripsage_tui.data.health import DatabaseHealth
    from tripsage_tui.data.live import Change
    from tripsage_tui.planner import Planner

logger = logging.getLogger(__name__)

T = TypeVar("T")
_FORWARD: ContextVar[bool] = ContextVar("redo instead of undo", default=False)
"""Of one task: every one has a context of its own."""
Severity = Literal["information", "warning", "error"]

SIGNED_OUT = "you are signed out; F6 signs in."
HELP = Command("app.help", "question_mark", "help", "Help", "Show the keys that are valid right now.", display="?")
UNDO = Command("app.undo", "u", "undo", "Undo", "Take back the last change made in this program.", footer=False)
REDO = Command("app.redo", "ctrl+r", "redo", "Redo", "Do again what u took back.", footer=False, display="^r")
BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (100, "-wide")]
"""From 100 columns on there is room for two panes."""
MODES = (("trips", "1", "Trips"), ("bookings", "2", "Bookings"), ("chat", "3", "Chat"), ("memory", "4", "Memory"))
"""Name, key and title of each mode."""


class Tasks(Widget):
    """Background work of a screen. An error becomes a sentence on the screen and never ends the program."""

    _planner: Planner | None = None
    _forget: list[Callable[[], None]]

    @property
    def planner(self) -> Planner:
        """The services of the signed-in user. RuntimeError before the database has been opened."""
        if self._planner is None:
            raise RuntimeError("the workspace is not open yet")
        return self._planner

    @property
    def ready(self) -> bool:
        """Whether the planner is there."""
        return self._planner is not None

    def run_task(
        self,
        work: Coroutine[Any, Any, T] | Callable[[], Coroutine[Any, Any, T]],
        *,
        group: str = "task",
        exclusive: bool = False,
        name: str = "",
    ) -> Worker[T]:
        """Run a coroutine beside the screen; `exclusive` cancels the group's earlier ones.

        Give an exclusive one as a function: it may be cancelled before it starts, and a coroutine would complain.
        """
        return self.run_worker(work, name=name, group=group, exclusive=exclusive, exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Worker events do not bubble: each screen has to look at those of its own workers."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.task_failed(event.worker.error)

    def task_failed(self, error: BaseException) -> None:
        """Say what went wrong; subclasses may know better what to do about it."""
        from tripsage_tui.data.errors import DataError, NotAuthorized

        if isinstance(error, NotAuthorized) and self._planner and self._planner.account and self._planner.account.why:
            return  # the sign-in, which is on its way over this screen, says so
        if isinstance(error, DataError):
            self.say(str(error), "error")
            return
        logger.error("a task of %s failed", type(self).__name__, exc_info=error)
        self.say(f"This did not work ({type(error).__name__}). The log has the details.", "error")

    def say(self, text: str, severity: Severity = "information", *, timeout: float | None = None) -> None:
        """A short message in the corner; the text may be anyone's."""
        self.notify(clean(text), severity=severity, timeout=timeout, markup=False)

    @property
    def refusal(self) -> str:
        """Why nothing can be changed now, as one sentence; empty when it can."""
        if self._planner is None:
            return "The database is still starting. Try again in a moment."
        if self._planner.account is not None and self._planner.account.why:
            return f"Nothing was changed: {SIGNED_OUT}"
        health = self._planner.database.health
        if health.state != "down":
            return ""
        reason = health.last_error or "The database cannot be reached."
        return f"Nothing was changed: {reason[:1].lower()}{reason[1:]}"

    def may_write(self) -> bool:
        """Whether changes can be made; says why when they cannot."""
        if refusal := self.refusal:
            self.say(refusal, "error")
        return not refusal

    def follow(self, planner: Planner) -> None:
        """Keep the planner and hear of changes and of the state of the database until the screen goes."""
        self._planner = planner
        # Both callbacks come from outside of Textual's message loop; call_later brings them into it.
        self._forget = [
            planner.live.subscribe(lambda changes: self._later(self.on_changes, changes)),
            planner.database.health.on_change(lambda health: self._later(self.on_health, health)),
        ]
        if planner.account is not None:
            self._forget.append(planner.account.on_change(lambda: self._later(self.on_account)))

    def _later(self, callback: Callable[..., object], *arguments: object) -> None:
        if self.is_running:
            self.call_later(callback, *arguments)

    def unfollow(self) -> None:
        for forget in getattr(self, "_forget", ()):
            forget()
        self._forget = []

    def on_changes(self, changes: Sequence[Change]) -> None:
        """Rows changed, here or in another program. Nothing by default."""

    def on_health(self, health: DatabaseHealth) -> None:
        """The connection changed its state. Nothing by default."""

    def on_account(self) -> None:
        """The sign-in to a hosted project has ended, or holds again. Nothing by default."""


class PlannerScreen(ClosesOnce[ScreenResultType], Tasks, inherit_bindings=True):
    """A full screen: top bar, body, status bar, key line."""

    BINDINGS: ClassVar[list[BindingType]] = bindings((UNDO, REDO, HELP))
    MODE: ClassVar[str] = "trips"
    HORIZONTAL_BREAKPOINTS = BREAKPOINTS

    def __init__(self, planner: Planner | None = None, *, name: str | None = None, id: str | None = None) -> None:  # noqa: A002
        super().__init__(name=name, id=id)
        self._given = planner
        self._down = False
        self._loading = False
        self._load_again = False
        self._begun = False
        self.progress = ""
        """What the program is doing while it has no planner yet."""
        self.loaded_at: datetime | None = None
        """When what is shown came from the database."""

    def compose(self) -> ComposeResult:
        # A trip can be opened from several modes.
        here = self.app.current_mode if any(name == self.app.current_mode for name, *_ in MODES) else self.MODE
        yield TopBar([ModeTab(key, title, name == here) for name, key, title in MODES])
        yield from self.compose_body()
        yield StatusBar()
        yield KeyLine()

    def compose_body(self) -> ComposeResult:
        """The screen's own widgets."""
        yield from ()

    async def load(self) -> None:
        """Fetch and show; runs as a task."""

    def refresh_data(self) -> None:
        """Load again, in the background. News that comes while a load runs makes one more, however much it is."""
        if not self.ready:
            return
        if self._loading:
            self._load_again = True
            return
        self._loading = True
        self.run_task(self._load, group="load")

    async def _load(self) -> None:
        try:
            self._load_again = True
            while self._load_again:
                self._load_again = False
                await self.load()
                self.loaded_at = self.planner.clock()
                self._show_status()
        finally:
            self._loading = False

    def attach(self, planner: Planner) -> None:
        """Give the planner to a screen that was painted before there was one."""
        self.follow(planner)
        self._down = planner.database.health.state == "down"
        self._show_status()
        self.refresh_bindings()
        self.refresh_data()

    def on_mount(self) -> None:
        # Textual calls this of every class of a screen, also after a subclass has called it itself.
        if self._begun:
            return
        self._begun = True
        self.bindings_updated_signal.subscribe(self, lambda _: self._show_keys())
        self._show_keys()
        self._show_status()
        if self._given is not None:
            self.attach(self._given)

    def on_unmount(self) -> None:
        self.unfollow()

    def on_health(self, health: DatabaseHealth) -> None:
        came_back = self._down and health.state == "up"
        self._down = health.state == "down"
        self._show_status()
        if came_back:
            self.refresh_data()

    def on_account(self) -> None:
        self._show_status()
        if self.planner.account is not None and not self.planner.account.why:
            self.refresh_data()

    def report_progress(self, text: str) -> None:
        """Say what the program is doing before it can show anything."""
        self.progress = text
        self._show_status()

    def _show_keys(self) -> None:
        if not (self.is_current and self.is_mounted):
            return
        hints = [
            KeyHint(offer.keys[0], offer.label, offer.press, offer.enabled, last=offer.action == HELP.action)
            for offer in offers(self)
            if offer.shown
        ]
        self.query_one(KeyLine).show(hints)

    def _show_status(self) -> None:
        bar = self.query_one(StatusBar)
        if self._planner is None:
            bar.show(Status(message=self.progress))
            return
        health, user = self._planner.database.health, self._planner.account
        signed_out = user is not None and bool(user.why)
        bar.show(
            Status(
                state="signed out" if signed_out else health.state.value,
                profile=user.account.email if user and user.account else self._planner.profile.name,
                database=self._planner.place,
                latency_ms=health.latency_ms,
                live=health.live,
                problem=SIGNED_OUT if signed_out else health.last_error or "",
                data_of=self._age(),
                message=self.progress,
            )
        )

    def _age(self) -> str:
        # A form loads nothing: what it shows was typed.
        return "" if self.loaded_at is None else f"the state of {self.loaded_at:%H:%M}"

    async def action_help(self) -> None:
        from tripsage_tui.screens.help import NAMES_FROM, HelpScreen

        self.app.push_screen(HelpScreen(offers(self), named=self.app.size.width >= NAMES_FROM))

    def action_undo(self) -> None:
        if self.may_write():
            self.run_task(self._undo(), group="undo")

    def action_redo(self) -> None:
        if self.may_write():
            self.run_task(self._redo(), group="undo")

    async def _redo(self) -> None:
        """What a screen does around an undo (loading again) belongs around a redo as well."""
        _FORWARD.set(True)
        await self._undo()

    async def _undo(self) -> None:
        stack = self.planner.undo
        if _FORWARD.get():
            label = await stack.redo()
            self.say(f"Redone: {label}" if label else "There is nothing to redo.")
        else:
            label = await stack.undo()
            self.say(f"Undone: {label}" if label else "There is nothing to undo.")
