"""One line becomes a filled form: `dinner Sat 19:30 Gion`, `hotel Granvia 14-18 oct 4x180`, `FRA 13:40 > HND 08:55+1`.

The line is only cut up here: what stands in a field is what was typed, and the readers of the forms say what it means
and what is wrong with it. Every word goes into a field, connects others, or is named as not understood.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from tripsage_tui.models.booking_drafts import (
    BookingDraft,
    blank_values,
    read_flight,
    read_item,
    read_stay,
    read_transport,
)
from tripsage_tui.models.booking_reading import FormContext
from tripsage_tui.models.bookings import Accommodation, Booking, Flight, ItineraryItem, Transportation
from tripsage_tui.models.quick_item import read_item_line
from tripsage_tui.models.quick_line import GLUE, Line, Part
from tripsage_tui.models.quick_reading import Reading
from tripsage_tui.models.quick_routes import read_route
from tripsage_tui.models.quick_stations import arrows, flight_numbers
from tripsage_tui.models.quick_stay import read_stay_line
from tripsage_tui.models.quick_words import FLIGHT, ITEM, KINDS, LABELS, MOVING, ONLY_KIND, STAY, TRANSPORT

__all__ = ["DAY_FIELDS", "EXAMPLES", "LABELS", "Part", "QuickAdd", "form_values", "read_line", "review"]

EXAMPLES = (
    "flight LH716 FRA 13:40 > HND 08:55+1 12 oct 890 EUR ref ABC123",
    "hotel Granvia 14-18 oct 4x180",
    "train Tokyo 9:03 > Kyoto 11:15 7 oct 13320 JPY seat car 7 12E",
    "dinner sat 19:30 Gion",
    "museum day 3",
    "idea: teamLab",
)
_KIND_FIELD = {STAY: "", FLIGHT: "", TRANSPORT: "transport_type", ITEM: "item_type"}
_DAY_FIELD = {FLIGHT: "departure_date", STAY: "check_in_date", TRANSPORT: "departure_date", ITEM: "day"}
DAY_FIELDS = frozenset(_DAY_FIELD.values())
"""Where each kind has its (first) day."""
_MODELS: dict[str, type[Booking]] = {
    FLIGHT: Flight,
    STAY: Accommodation,
    TRANSPORT: Transportation,
    ITEM: ItineraryItem,
}


@dataclass(frozen=True)
class QuickAdd:
    """What a line says. `word` names the form ("" for a blank line), `values` are the strings of its fields.

    `parts` are the whole line in order; together they hold every character of it that is not blank.
    """

    line: str
    word: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()

    @property
    def unknown(self) -> tuple[Part, ...]:
        """The parts that were not understood."""
        return tuple(part for part in self.parts if part.field is None)

    def text_of(self, part: Part) -> str:
        return self.line[part.start : part.end]


def read_line(text: str, context: FormContext) -> QuickAdd:
    """What a line says, read against a trip. Never raises; what makes no sense is among the unknown parts."""
    reading = Reading(text, context)
    line = reading.line
    if not line.words:
        return QuickAdd(text, "", {}, line.parts())
    kind = _read_kind(reading)
    if kind in MOVING:
        read_route(reading, kind)
    elif kind == STAY:
        read_stay_line(reading)
    else:
        read_item_line(reading)
    return QuickAdd(text, kind, reading.values, line.parts())


def review(quick: QuickAdd, context: FormContext, day: date | None = None) -> BookingDraft:
    """What the form of the line says about it: fields, errors, notes. `day` is taken where the line names none."""
    values = form_values(quick, context, day)
    match quick.word:
        case "flight":
            return read_flight(values, context)
        case "stay":
            return read_stay(values, context)
        case "transport":
            return read_transport(values, context)
    return read_item(values, context)


def form_values(quick: QuickAdd, context: FormContext, day: date | None = None) -> dict[str, str]:
    """The strings that the new form begins with."""
    blank = blank_values(_MODELS.get(quick.word, ItineraryItem), context)
    if day and quick.word and not _is_idea(quick):
        blank[_DAY_FIELD[quick.word]] = day.isoformat()
    return {**blank, **quick.values}


def _is_idea(quick: QuickAdd) -> bool:
    return quick.word == ITEM and quick.line.split(maxsplit=1)[0].casefold().rstrip(":") == "idea"


def _read_kind(reading: Reading) -> str:
    """The kind of the line; its word is taken where it is not part of a name."""
    line = reading.line
    named = [(place, *KINDS[key]) for place, key in _kind_words(line)]
    goes = bool(arrows(line, words=False)) or _goes_to(line, named)
    nights = reading.nights is not None or any(span.nightly for span in reading.amounts)
    chosen = next((found for found in named if line.words[found[0]].text.endswith(":")), None)
    if chosen is None:
        chosen = next((found for found in named if (found[1] in MOVING) == goes), None)
    if chosen is None and named and (not goes or named[0][1] in MOVING):
        chosen = named[0]
    if any(day.last for day in reading.days) and not goes:
        chosen = next((found for found in named if found[1] == STAY), chosen)
    if nights and not goes and (chosen is None or chosen[1] == ITEM):
        chosen = next((found for found in named if found[1] == STAY), None) or (-1, STAY, "")
    if chosen is None:
        return _kind_without_word(reading, goes=goes)
    place, kind, value = chosen
    if kind == TRANSPORT and not goes:
        kind, value = ITEM, "transport"
    if _KIND_FIELD[kind] and value:
        reading.values[_KIND_FIELD[kind]] = value
    if place >= 0:
        _take_kind_word(line, place, kind)
        reading.kind_word = place if line.words[place].taken else None
    return kind


def _kind_words(line: Line) -> list[tuple[int, str]]:
    """The words that name a kind, by their place in the line."""
    found = []
    for place, word in enumerate(line.words):
        key = "train" if word.text == "ICE" else word.folded.rstrip(":")
        if not word.taken and key in KINDS:
            found.append((place, key))
    return found


def _goes_to(line: Line, named: list[tuple[int, str, str]]) -> bool:
    """Whether a `to` after a word for moving makes a route of the line: `taxi to Ginza`, not `walk to the temple`."""
    return bool(named) and named[0][1] in MOVING and bool(arrows(line, words=True))


def _kind_without_word(reading: Reading, *, goes: bool) -> str:
    line, zone_of = reading.line, reading.context.zone_of
    codes = sum(len(word.text) == 3 and word.text.isupper() and bool(zone_of(word.text)) for word in line.words)
    if flight_numbers(line) and (goes or codes):
        return FLIGHT
    if goes:
        return FLIGHT if codes > 1 else TRANSPORT
    return ITEM


def _take_kind_word(line: Line, place: int, kind: str) -> None:
    """Where it only says the kind it is no part of a name: `idea:`, the `hotel` before or behind one, `train`."""
    word = line.words[place]
    alone = word.folded.rstrip(":") in ONLY_KIND or word.text.endswith(":")
    if kind in MOVING:
        line.take(GLUE, place)
        following = place + 1
        if word.folded == "car" and line.free(following) and line.folded(following)[0] in {"rental", "hire"}:
            line.take(GLUE, following)
    elif alone or (kind == STAY and word.text.islower()):
        first, count = next(run for run in line.runs() if run[0] <= place < run[0] + run[1])
        at_an_edge = place in {first, first + count - 1}
        others = any(run != (place, 1) for run in line.runs())
        if at_an_edge and (others or alone):
            line.take(GLUE, place)
