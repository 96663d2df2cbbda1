"""What stands in a line whatever its kind: codes, states, times, days, amounts; and how a kind takes them."""

from __future__ import annotations

import re

from tripsage_tui.models.booking_reading import FormContext
from tripsage_tui.models.quick_amounts import AmountSpan, NightSpan, find_amounts, find_nights, total_of
from tripsage_tui.models.quick_dates import DaySpan, TimeSpan, find_days, find_times
from tripsage_tui.models.quick_line import GLUE, Line
from tripsage_tui.models.quick_words import CODE_WORDS, PAYMENT, SEPARATORS, STATUS_OF
from tripsage_tui.models.text import InputError
from tripsage_tui.models.zones import parse_zone

_CODE = re.compile(r"(?=\S{2,40}$)(?:\S*[0-9]\S*|[A-Z][A-Z-]{3,})")


class Reading:
    """A line being read: what was found, what it has been taken for so far (`values`)."""

    def __init__(self, text: str, context: FormContext) -> None:
        self.line = Line(text)
        self.context = context
        self.values: dict[str, str] = {}
        self.kind_word: int | None = None
        """The word that said the kind, where it was taken for nothing else."""
        self._take_code()
        self._take_deadline()
        self.times: list[TimeSpan] = find_times(self.line)
        self.days: list[DaySpan] = find_days(self.line, context)
        self.nights: NightSpan | None = find_nights(self.line)
        self.amounts: list[AmountSpan] = find_amounts(self.line, context.currency, self._people)
        self._take_people()

    def put(self, field: str, first: int, count: int = 1, value: str | None = None) -> None:
        """These words are the value of a field, or say it. What says a second one is not understood."""
        if field in self.values:
            self.line.refuse(first, count, "this was said before")
            return
        typed = self.line.take(field, first, count)
        self.values[field] = typed if value is None else value

    def glue(self, place: int, words: frozenset[str]) -> str:
        """Take the word at `place` as a connecting one if it is one of `words`; returns it, or nothing."""
        if self.line.free(place) and self.line.folded(place)[0].rstrip(":") in words:
            self.line.take(GLUE, place)
            return self.line.folded(place)[0].rstrip(":")
        return ""

    def put_price(self) -> None:
        """The one price of a kind that has one."""
        for span in self.amounts:
            first, count = (span.first - 2, span.count + 2) if span.times > 1 else (span.first, span.count)
            self.put("price", first, count, total_of(span, self.context.currency))

    def put_zones(self, *fields: str) -> None:
        """Time zones written in full (`Asia/Tokyo`), one for each field."""
        names = list(fields)
        for place, word in enumerate(self.line.words):
            if names and not word.taken and "/" in word.text and _is_zone(word.text):
                self.put(names.pop(0), place)

    def put_states(self, kind: str, *, anywhere: bool) -> None:
        """Words such as `booked` and `paid`; where there are names, only at the end of the line."""
        line = self.line
        for place in reversed(range(len(line.words))):
            if not line.free(place):
                continue
            word = line.words[place].text
            if word in STATUS_OF[kind] and "booking_status" not in self.values:
                self.put("booking_status", place)
            elif word in PAYMENT and "payment_status" not in self.values:
                self.put("payment_status", place)
            elif not anywhere:
                break
        for place in range(len(line.words) - 1):
            if line.free(place, 2) and line.words[place].text == "via" and (place or anywhere):
                line.take(GLUE, place)
                self.put("provider", place + 1)
                break

    def put_words(self, field: str, first: int, count: int) -> bool:
        """A stretch of words as text, without the commas and dashes at its ends. False where nothing is left."""
        line = self.line
        while count and line.words[first].text in SEPARATORS:
            line.take(GLUE, first)
            first, count = first + 1, count - 1
        while count and line.words[first + count - 1].text in SEPARATORS:
            line.take(GLUE, first + count - 1)
            count -= 1
        if not count:
            return False
        typed = line.slice(first, count)
        if not _is_text(typed):
            line.refuse(first, count, "in which currency?" if typed[-1:].isdigit() else "")
            return False
        self.put(field, first, count)
        return True

    @property
    def _people(self) -> int:
        return self.context.trip.travelers if self.context.trip else 1

    def _take_people(self) -> None:
        """`for 2`, `for 2 people`: that all who travel come along goes without saying."""
        line = self.line
        for place in range(len(line.words) - 1):
            if not line.free(place, 2) or line.folded(place, 2) != ("for", str(self._people)):
                continue
            last = place + 2
            if line.free(last) and line.folded(last)[0] in {"people", "persons", "pax", "adults"}:
                last += 1
            elif line.free(last) and line.words[last].text not in SEPARATORS:
                continue
            line.take(GLUE, place, last - place)

    def _take_code(self) -> None:
        """`ref ABC123`, `confirmation code: ABC123`, `#ABC123`."""
        line = self.line
        for place, word in enumerate(line.words):
            match = re.fullmatch(r"(?:#|(?P<label>[A-Za-z]{3,12}):)(?P<code>\S{2,40})", word.text)
            if match and (not match["label"] or match["label"].casefold() in CODE_WORDS):
                self.put("confirmation_code", place, value=match["code"])
                return
            if word.folded.rstrip(":") not in CODE_WORDS:
                continue
            last = place + 1
            while line.free(last) and line.folded(last)[0].rstrip(":") in CODE_WORDS | {"no", "no.", "number", "#"}:
                last += 1
            if line.free(last) and _CODE.fullmatch(line.words[last].text):
                line.take(GLUE, place, last - place)
                self.put("confirmation_code", last)
                return

    def _take_deadline(self) -> None:
        """`pay by 1 sep`."""
        line = self.line
        for place in range(len(line.words) - 2):
            if line.folded(place, 2) not in {("pay", "by"), ("pay", "until")}:
                continue
            apart = [span for span in find_days(line, self.context) if span.first == place + 2]
            for other in range(len(line.words)):
                if line.words[other].taken and line.words[other].field is None and not line.words[other].why:
                    line.release(other)
            if apart and not apart[0].last:
                line.take(GLUE, place, 2)
                self.put("pay_by", apart[0].first, apart[0].count, apart[0].text)
            return


def _is_zone(typed: str) -> bool:
    try:
        parse_zone(typed)
    except InputError:
        return False
    return True


def _is_text(typed: str) -> bool:
    """Whether it can be a name: a number such as `95,50` is a price without its currency."""
    return any(char.isalpha() for char in typed) or typed.isdigit()
