"""Search over everything, as one types: trips, bookings, notes, expenses, conversations and memories."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.found import Found, FoundKind, grouped, words_of
from tripsage_tui.models.searches import Destination, DestinationQuery
from tripsage_tui.models.when import format_date, format_range
from tripsage_tui.screens.forms.dialog import FormDialog
from tripsage_tui.screens.palette import Choices
from tripsage_tui.widgets.form_text import TextLine
from tripsage_tui.widgets.safe_text import clean, fit, one_line

if TYPE_CHECKING:
    from tripsage_tui.planner import Planner

REST = 0.15
"""Seconds of rest after which what was typed is looked for."""
TITLE = 34
"""Columns of what was found; the rest of the line says when and where."""
PLACES = 5
"""Places that are offered."""
HINT = "Beginnings of words, in any order; a confirmation code whole."


class SearchDialog(FormDialog[Found | Destination | None]):
    """Returns what to go to; None when left. One query per rest in typing, and a later one makes it void."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Command("search.leave", "escape", "leave", "Leave"),
            Command("search.down", "down", "move(1)", "Down", palette=False, footer=False),
            Command("search.up", "up", "move(-1)", "Up", palette=False, footer=False),
            Command("search.page-down", "pagedown", "page(1)", "Page down", palette=False, footer=False),
            Command("search.page-up", "pageup", "page(-1)", "Page up", palette=False, footer=False),
        )
    )

    def __init__(self, planner: Planner) -> None:
        super().__init__("Search everything", "", "↑ ↓ choose · enter goes there · esc leaves", large=True)
        self._planner = planner
        self._choices: dict[str, Found | Destination] = {}
        self._complained: set[str] = set()
        self._timer: Timer | None = None

    def compose_content(self) -> ComposeResult:
        yield TextLine("", placeholder="granvia, dinner gion, lh716, X7K2QM")
        yield Static(HINT, id="search-state", markup=False)
        yield Choices(compact=True, markup=False)

    def on_mount(self) -> None:
        self._options.can_focus = False
        self.query_one(TextLine).focus()

    @property
    def _options(self) -> Choices:
        return self.query_one(Choices)

    @property
    def waiting(self) -> bool:
        """Whether what was typed has not been looked for yet."""
        return self._timer is not None

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(REST, self._search)

    def _search(self) -> None:
        self._timer = None
        text = self.query_one(TextLine).value
        self.run_worker(self._look(text), exclusive=True, exit_on_error=False)

    async def _look(self, text: str) -> None:
        from tripsage_tui.data.errors import DataError

        if not words_of(text):
            self._show({}, HINT)
            return
        try:
            found = await self._planner.search.find(text)
        except DataError as error:
            self._show({}, str(error))
            return
        self._show(grouped(found), "" if found else f"Nothing found for “{one_line(text)}”.")
        await self._look_for_places(text)

    async def _look_for_places(self, text: str) -> None:
        """What the providers know stands below what the user has."""
        answers = await self._planner.providers.search(DestinationQuery(query=" ".join(text.split())[:60]))
        for problem in answers.problems:
            if problem not in self._complained:
                self._complained.add(problem)
                self.notify(clean(problem), severity="warning", markup=False)
        places = [place for place in answers.results if isinstance(place, Destination)][:PLACES]
        if not places:
            return
        options = self._options
        first = not self._choices
        options.add_option(Option(Content.styled(" Places: enter plans a trip there", "bold"), disabled=True))
        for number, place in enumerate(places):
            key = f"place-{number}"
            self._choices[key] = place
            about = (place.what, place.country or "", place.code or "", place.time_zone or "", place.currency or "")
            rest = " · ".join(one_line(part) for part in dict.fromkeys(about) if part and part != place.name)
            options.add_option(Option(Content(f"   {fit(one_line(place.name), TITLE)}  {rest}"), id=key))
        self.add_class("-filled")
        if first:
            self.add_class("-only-places")
            options.highlighted = 1

    def _show(self, groups: dict[FoundKind, list[Found]], state: str) -> None:
        self.query_one("#search-state", Static).update(Content(clean(state)))
        options = self._options
        options.clear_options()
        self._choices = {}
        for kind, group in groups.items():
            options.add_option(Option(Content.styled(f" {kind.plural}", "bold"), disabled=True))
            for found in group:
                key = f"{kind}-{found.id}"
                self._choices[key] = found
                options.add_option(Option(self._line(found), id=key))
        self.set_class(bool(groups), "-filled")
        self.remove_class("-only-places")
        if groups:
            options.highlighted = 1
            options.scroll_to(y=0, animate=False)

    def _line(self, found: Found) -> Content:
        today = self._planner.today
        when = ""
        if found.day and found.last_day:
            when = format_range(found.day, found.last_day, today)
        elif found.day:
            when = format_date(found.day, today)
        trip = found.trip_name if found.kind is not FoundKind.TRIP else ""
        about = (when, trip, "archived" if found.archived else "", found.place)
        rest = " · ".join(one_line(part) for part in about if part)
        return Content(f"   {fit(one_line(found.title), TITLE)}  {rest}".rstrip())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._timer is not None:
            self._timer.stop()
            self._search()
            return
        option = self._options.highlighted_option
        if option is not None and option.id in self._choices:
            self.dismiss(self._choices[option.id])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id in self._choices:
            self.dismiss(self._choices[event.option_id])

    def action_move(self, by: int) -> None:
        if by > 0:
            self._options.action_cursor_down()
        else:
            self._options.action_cursor_up()

    def action_page(self, by: int) -> None:
        if not self._choices:
            return
        if by > 0:
            self._options.action_page_down()
        else:
            self._options.action_page_up()

    def action_leave(self) -> None:
        self.dismiss(None)
