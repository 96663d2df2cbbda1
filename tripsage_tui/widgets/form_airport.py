"""An airport by code, city or name, completed while typing."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, time
from typing import ClassVar, Protocol

from textual import on, work
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Offset
from textual.message import Message
from textual.widgets import Input
from textual_autocomplete import AutoComplete, DropdownItem, TargetState

from tripsage_tui.models.zones import offset_text
from tripsage_tui.widgets.form_field import FormField
from tripsage_tui.widgets.form_text import TextField
from tripsage_tui.widgets.safe_text import clean, fit


class AirportLike(Protocol):
    """What a completion shows of an airport."""

    @property
    def iata(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def city(self) -> str: ...
    @property
    def country(self) -> str: ...
    @property
    def zone(self) -> str: ...


_IN_BRACKETS = re.compile(r"\((.+)\)")
_SAID_ANYWAY = re.compile(r"\b(?:International|Intl|Airport|Regional|Municipal|Field)\b")

Search = Callable[[str], Awaitable[Sequence[AirportLike]]]


def short_name(airport: AirportLike) -> str:
    """What tells an airport from the others of its city: `Haneda`, `Narita`; empty where the city says it all."""
    if match := _IN_BRACKETS.search(airport.name):
        return match[1]
    name = " ".join(_SAID_ANYWAY.sub(" ", airport.name).split())
    return "" if name.casefold() == airport.city.casefold() else name


class AirportItem(DropdownItem):
    """A row of the list; choosing it types the code."""

    def __init__(self, airport: AirportLike, on_day: date) -> None:
        columns = (
            fit(clean(airport.city or airport.name), 16),
            fit(clean(short_name(airport)) if airport.city else "", 22),
            airport.country,
            offset_text(datetime.combine(on_day, time(12), UTC), airport.zone),
        )
        super().__init__(Content(f"{airport.iata}  {'  '.join(columns)} "))
        self.airport = airport

    @property
    def value(self) -> str:
        return self.airport.iata


class AirportList(AutoComplete):
    """Shows the answers of the search that belong to the text as it stands, and nothing while there are none."""

    BINDINGS: ClassVar[list[BindingType]] = []

    class Chosen(Message):
        """A row was chosen and its code typed."""

    def __init__(self, target: Input) -> None:
        super().__init__(target, candidates=())
        self._asked = ""
        self._found: list[DropdownItem] = []

    def offer(self, asked: str, found: list[DropdownItem]) -> None:
        """Take the answers to `asked`."""
        self._asked, self._found = asked, found
        if self.target.has_focus and self.target.value == asked:
            self._handle_target_update()

    def get_candidates(self, target_state: TargetState) -> list[DropdownItem]:
        return self._found if target_state.text == self._asked else []

    def get_matches(
        self, target_state: TargetState, candidates: list[DropdownItem], search_string: str
    ) -> list[DropdownItem]:
        return candidates

    def _align_to_target(self) -> None:
        """Below the field's first cell, or above it where there is no room: the list does not wander while typing."""
        field, screen = self.target.region, self.screen.scrollable_content_region
        width, height = self.outer_size
        above = field.bottom + height > screen.bottom and field.y - height >= screen.y
        x = max(min(field.x - 1, screen.right - width), screen.x)
        self.absolute_offset = Offset(x, field.y - height if above else field.bottom)

    def post_completion(self) -> None:
        super().post_completion()
        # Chosen is done: on to the next field, as enter and tab do where there is no list.
        self.post_message(self.Chosen())

    def should_show_dropdown(self, search_string: str) -> bool:
        text = self.target.value.strip()
        codes = [item.value for item in self._found]
        return bool(text) and self.option_list.option_count > 0 and codes != [text]


class AirportField(TextField):
    """A text that becomes an IATA code by choosing from the list; anything else stays as typed."""

    DEFAULT_CSS = """
    AirportField AirportList { max-height: 10; background: $panel; border: round $border; }
    AirportField AutoCompleteList {
        max-height: 8;
        & > .option-list--option-highlighted {
            background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
        }
        &:ansi > .option-list--option-highlighted { text-style: reverse; }
    }
    """

    def __init__(
        self,
        key: str,
        label: str,
        value: str = "",
        *,
        search: Search,
        get: Callable[[str], AirportLike | None],
        on_day: Callable[[], date],
        required: bool = False,
    ) -> None:
        """`search` finds airports for the list, `get` is the one of a code (None while they are not loaded)."""
        super().__init__(key, label, value, hint="code, city or name", required=required)
        self._search = search
        self._get = get
        self._on_day = on_day
        self._list: AirportList | None = None

    def on_descendant_focus(self) -> None:
        super().on_descendant_focus()
        if self._list is None:
            self._list = AirportList(self.target)
            self.mount(self._list)

    @property
    def meaning(self) -> str:
        airport = self._get(self.value)
        if airport is None or not self.value.strip():
            return ""
        parts = (airport.city or airport.name, short_name(airport) if airport.city else "")
        offset = offset_text(datetime.combine(self._on_day(), time(12), UTC), airport.zone)
        return f"{' '.join(clean(part) for part in parts if part)}, {offset}"

    @property
    def is_choosing(self) -> bool:
        """Whether the list is open, so that the arrows and escape belong to it."""
        return self._list is not None and bool(self._list.display)

    @on(Input.Changed)
    def _look_up(self, event: Input.Changed) -> None:
        if self.target.has_focus and event.value.strip():
            self._ask(event.value)

    @work(exclusive=True, group="airports", exit_on_error=False)
    async def _ask(self, text: str) -> None:
        found = await self._search(text)
        if self._list is not None and self._list.is_mounted and text == self.value:
            day = self._on_day()
            self._list.offer(text, [AirportItem(airport, day) for airport in found])

    def on_airport_list_chosen(self, event: AirportList.Chosen) -> None:
        event.stop()
        self.post_message(self.Changed(self))
        self.post_message(self.Leave(self))

    @on(FormField.Left)
    def _write_code_in_capitals(self) -> None:
        text = self.value.strip()
        if len(text) == 3 and text.isascii() and text.isalpha() and text != self.value.upper():
            self.value = text.upper()
