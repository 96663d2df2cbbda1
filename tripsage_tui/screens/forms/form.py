"""The ground of all forms: reading while typing, errors beside the fields, drafts, saving, conflicts.

A form passes the raw strings of its fields to a rule of the models and shows what that says. It never judges a value
itself. What was typed survives an error, a lost connection and the end of the program: it is kept as a draft until
it is saved or thrown away.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID, uuid4

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ScreenResultType
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Button, Static

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.form_reading import Draft
from tripsage_tui.screens.base import PlannerScreen
from tripsage_tui.screens.forms.keeping import Keeper
from tripsage_tui.screens.forms.leave import Leave, LeaveDialog
from tripsage_tui.screens.forms.resume import ResumeDialog
from tripsage_tui.widgets.form_field import FormField
from tripsage_tui.widgets.safe_text import clean
from tripsage_tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from tripsage_tui.data.errors import DataError, NotFound
    from tripsage_tui.planner import Planner

SEPARATOR = " \u203a "
DRAFT_DELAY = 0.3
"""Seconds of rest after which what was typed is written down."""

WIDE, TALL = 116, 36
"""From this size on the fields stand in two columns, and a line is kept for each message."""

SAVE = Command("form.save", "ctrl+s", "save", "Save", "Save what was typed.", display="^s", priority=True)
CANCEL = Command("form.cancel", "escape", "cancel", "Leave", "Leave the form; asks when something was typed.")
NEXT = Command("form.next", "tab", "app.focus_next", "Next field", palette=False)
KEYS = Command("form.help", "f1", "help", "Keys", "Show the keys that are valid right now.", display="F1")


class NotNow(Exception):
    """The user thought better of saving: the form stays open."""


class FormScreen(PlannerScreen[ScreenResultType]):
    """Subclasses say which fields there are, what reads them and what saves them."""

    CSS_PATH: ClassVar[str] = "forms.tcss"
    BINDING_GROUP_TITLE = "Form"
    BINDINGS: ClassVar[list[BindingType]] = bindings((SAVE, NEXT, CANCEL, KEYS))
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012  declared so by Textual
    VERTICAL_BREAKPOINTS = [(0, "-short"), (TALL, "-tall")]  # noqa: RUF012  declared so by Textual
    AUTO_FOCUS = ""

    def __init__(self, planner: Planner, *, draft_key: str, title: str, resume: bool = False) -> None:
        """`draft_key` names this form, its trip and record; `title` says in words what is being typed.

        `resume` puts an earlier draft into the fields without asking.
        """
        super().__init__(planner)
        self._planner = planner  # fields are composed before the screen follows it
        self.key: UUID = uuid4()
        """The idempotency key of the insert; it stays the same however often saving is tried."""
        self._title = title
        self._resume = resume
        self._keeper = Keeper(planner.drafts, draft_key, title)
        self._fields: dict[str, FormField] = {}
        self._baseline: dict[str, str] = {}
        self.begin_at = ""
        """The field in which the cursor stands at first, where that is not the first one."""
        self._touched: set[str] = set()
        self._refused: dict[str, tuple[str, str]] = {}
        self._saving = False
        self._settled = False
        self._complains = False
        self._timer: Timer | None = None
        self._unsaved: dict[str, str] | None = None
        self._prepared = False
        self._save_awaits_preparing = False

    @abstractmethod
    def compose_columns(self) -> Iterable[Iterable[Widget]]:
        """The fields, in columns of which the first is read first."""

    @abstractmethod
    def review(self, values: Mapping[str, str]) -> Draft[Any]:
        """What the models say about the strings of the fields."""

    @abstractmethod
    async def write(self) -> ScreenResultType:
        """Save what `values` says; errors of the data layer pass through."""

    @property
    def trail(self) -> tuple[str, ...]:
        """Where the form stands, for the top bar: the trip and what is done with it."""
        return (self._title,)

    def refresh_data(self) -> None:
        """A form shows what is typed: nothing is loaded into it again."""

    async def prepare(self) -> None:
        """Load what reading needs (airports); notes appear when it is there."""

    def compose(self) -> ComposeResult:
        # Known before the first layout, so that the fields need not be styled a second time for it.
        size = self.app.size
        self.set_class(size.width >= WIDE, "-wide")
        self.set_class(size.width < WIDE, "-narrow")
        self.set_class(size.height >= TALL, "-tall")
        self.set_class(size.height < TALL, "-short")
        yield from super().compose()

    def compose_body(self) -> ComposeResult:
        yield Static("", id="form-banner", markup=False)
        with VerticalScroll(id="form-body", can_focus=False):
            with Container(id="form-columns"):
                for column in self.compose_columns():
                    with Vertical(classes="form-column"):
                        yield from column
            with Horizontal(id="form-buttons"):
                yield Button("Save", id="form-save", compact=True, variant="primary")
                yield Button("Leave", id="form-leave", compact=True)
                yield from self.more_buttons()

    def more_buttons(self) -> Iterable[Widget]:
        """Buttons beside those to save and to leave."""
        return ()

    @property
    def fields(self) -> dict[str, FormField]:
        """All fields by key, in their order."""
        if not self._fields:
            self._fields = {field.key: field for field in self.query(FormField)}
        return self._fields

    @property
    def values(self) -> dict[str, str]:
        """What stands in the fields, as typed."""
        return {key: field.value for key, field in self.fields.items()}

    @property
    def typed(self) -> dict[str, str]:
        """The fields that differ from how the form opened."""
        return {key: value for key, value in self.values.items() if value != self._baseline.get(key, "")}

    @property
    def draft_values(self) -> dict[str, str]:
        """What a draft keeps; nothing where nothing was typed."""
        return self.typed

    @property
    def is_saving(self) -> bool:
        """Whether what happens now is our own doing."""
        return self._saving or self._settled

    def is_typed(self, key: str) -> bool:
        """Whether a field differs from how the form opened."""
        return self.fields[key].value != self._baseline.get(key, "")

    def begin_with(self, key: str, value: str) -> None:
        """Change what the form opened with; that is nothing typed."""
        self._baseline[key] = value
        self.fields[key].value = value

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # A letter typed on a choice must not undo the last change of the trip.
        return False if action in {"undo", "redo"} else super().check_action(action, parameters)

    def on_mount(self) -> None:
        super().on_mount()
        # Nothing may cover the fields, and what was said belongs to the screen before.
        self.app.clear_notifications()
        self.query_one(TopBar).show(trail=SEPARATOR.join(self.trail))
        self._baseline = self.values
        first = self.fields.get(self.begin_at) or next(iter(self.fields.values()), None)
        if first is not None:
            first.target.focus(scroll_visible=False)
        self.show_review()
        self.run_task(self._prepare(), group="prepare")
        self.offer_draft()

    async def _prepare(self) -> None:
        try:
            await self.prepare()
        finally:
            self._prepared = True
        self.show_review()
        if self._save_awaits_preparing:
            self.action_save()

    def offer_draft(self) -> None:
        """Put an earlier draft into the fields, if it is wanted."""
        kept = self._keeper.load()
        if kept is None:
            return
        if self._resume:
            self._take(kept.values)
            return

        def decide(resume: bool | None) -> None:
            if resume:
                self._take(kept.values)
            elif resume is False:
                self._keeper.discard()

        self.app.push_screen(ResumeDialog(kept, self.planner.clock()), decide)

    def _take(self, kept: Mapping[str, str]) -> None:
        """Put a draft into the fields."""
        self.key = self._keeper.key_in(kept) or self.key
        self.fill(kept, "This is what you had typed. Nothing of it is saved yet.")

    def fill(self, values: Mapping[str, str], sentence: str) -> None:
        """Put values into the fields as if they had been typed, and say so."""
        for key, field in self.fields.items():
            if key in values:
                field.value = values[key]
        self._touched.update(self.typed)
        self.show_review()
        self.banner(sentence)

    def banner(self, text: str, *, bad: bool = False) -> None:
        """A sentence above the fields; empty takes it away."""
        self._complains = False
        banner = self.query_one("#form-banner", Static)
        banner.set_class(bad, "-bad")
        banner.display = bool(text)
        banner.update(Content(clean(f"! {text}" if bad else text)))

    def show_review(self) -> Draft[Any]:
        """Read the fields and show the notes, and the errors of those that were left."""
        read = self.review(self.values)
        for key, field in self.fields.items():
            field.note = read.notes.get(key, "") or field.meaning
            error = read.errors.get(key, "") if key in self._touched else ""
            refused = self._refused.get(key)
            if not error and refused:
                error = refused[1]
            field.error = error
        if self._complains:
            self._complain(sum(bool(field.error) for field in self.fields.values()))
        return read

    def _complain(self, count: int) -> None:
        """Say how many fields are wrong, as long as there are some."""
        words = "One field needs a look." if count == 1 else f"{count} fields need a look."
        self.banner(words if count else "", bad=True)
        self._complains = count > 0

    def on_form_field_changed(self, event: FormField.Changed) -> None:
        event.stop()
        if self._settled:
            return
        self._refused.pop(event.field.key, None)
        self.show_review()
        self._unsaved = self.draft_values
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(DRAFT_DELAY, self.keep_draft)

    def on_form_field_left(self, event: FormField.Left) -> None:
        event.stop()
        if self.is_current:
            self._touched.add(event.field.key)
            self.show_review()

    def on_form_field_leave(self, event: FormField.Leave) -> None:
        event.stop()
        if event.by > 0:
            self.focus_next()
        else:
            self.focus_previous()

    def keep_draft(self) -> None:
        """Write down what was typed; nothing typed, nothing kept."""
        typed, self._unsaved = self._unsaved, None
        if self._settled or typed is None:
            return
        if typed:
            self._keeper.keep(typed, self.key)
        else:
            self._keeper.discard()

    def on_unmount(self) -> None:
        # The program may end between a key and the draft of it.
        self.keep_draft()
        super().on_unmount()

    def on_key(self, event: events.Key) -> None:
        """What no field takes is not for the program either: a letter typed on a choice must not quit it."""
        if event.is_printable and event.character != "?":
            event.stop()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "form-save":
            self.action_save()
        elif event.button.id == "form-leave":
            self.action_cancel()

    def action_save(self) -> None:
        if self._saving or not self.is_current:
            return
        if not self._prepared:
            # Read without the airports, a good time looks like one without a zone.
            self._save_awaits_preparing = True
            self.banner("Saving…")
            return
        self._touched.update(self.fields)
        read = self.show_review()
        if read.errors:
            self._show_first_error(read.errors)
            return
        self._saving = True
        self.keep_draft()
        self.banner("Saving…")
        self.run_task(self._save(), group="save")

    async def _save(self) -> None:
        from tripsage_tui.data.errors import DataError, InvalidValue, NotFound, StaleRow

        try:
            saved = await self.write()
        except NotNow:
            self.banner("Not saved yet.")
        except InvalidValue as error:
            self.refuse(error.field, error.sentence)
        except StaleRow as error:
            await self.resolve(error)
        except NotFound as error:
            await self.missing(error)
        except DataError as error:
            self.not_saved(error)
        else:
            self.finish(saved)
        finally:
            self._saving = False

    def task_failed(self, error: BaseException) -> None:
        self.banner("This could not be saved; what you typed is kept.", bad=True)
        super().task_failed(error)

    def finish(self, saved: ScreenResultType | None) -> None:
        """The record is in the database: forget the draft and close."""
        self._settle()
        self._keeper.discard()
        self.dismiss(saved)

    async def resolve(self, error: Any) -> None:
        """Someone else was faster; forms of records that can be edited show both versions."""
        self.not_saved(error)

    async def missing(self, error: NotFound) -> None:
        """What was to be written to is gone."""
        self.not_saved(error)

    def not_saved(self, error: DataError) -> None:
        """Stay open and say why; the next try is the same request."""
        self.banner(f"{error} What you typed is kept: ctrl+s tries again.", bad=True)

    def refuse(self, field: str | None, sentence: str) -> None:
        """The database refused a value."""
        if field in self.fields:
            self._refused[field] = (self.fields[field].value, sentence)
            self.banner("")
            self.show_review()
            self._show_first_error({field: sentence})
        else:
            self.banner(sentence, bad=True)

    def _show_first_error(self, errors: Mapping[str, str]) -> None:
        count = len(errors)
        first = next((field for key, field in self.fields.items() if key in errors), None)
        if first is None:
            self.banner(next(iter(errors.values())), bad=True)
            return
        self._complain(count)
        first.target.focus()

    def action_cancel(self) -> None:
        if self._saving:
            self.banner("Saving is under way: wait for its answer.")
            return
        if not self.typed:
            self._settle()
            self.dismiss(None)
            return
        self.keep_draft()
        self.app.push_screen(LeaveDialog(self._title), self._leave)

    def _leave(self, how: Leave | None) -> None:
        if how is None:
            return
        self._settle()
        if how is Leave.DISCARD:
            self._keeper.discard()
        self.dismiss(None)

    def _settle(self) -> None:
        self._settled = True
        if self._timer is not None:
            self._timer.stop()
