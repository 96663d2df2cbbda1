"""A line about something to do: `dinner sat 19:30 Gion`."""

from __future__ import annotations

from tripsage_tui.models.quick_reading import Reading
from tripsage_tui.models.quick_words import ITEM, PLACE_WORDS


def read_item_line(reading: Reading) -> None:
    """Title, place, day, times and price of something to do."""
    line = reading.line
    for number, day in enumerate(reading.days):
        reading.glue(day.first - 1, frozenset({"on"}))
        if number or day.last:
            why = "the day was said before" if number else "this has one day; say when it ends as in 19:30-02:00"
            line.refuse(day.first, day.count, why)
        else:
            reading.put("day", day.first, day.count, day.text)
    for span in reading.times:
        before = reading.glue(span.first - 1, frozenset({"at", "@", "from", "until", "till", "to", "-", "–"}))
        later = before in {"until", "till", "to", "-", "–"} or "start_time" in reading.values
        reading.put("end_time" if later else "start_time", span.first, span.count)
    reading.put_price()
    reading.put_zones("time_zone")
    if reading.nights:
        line.release(reading.nights.first, reading.nights.count)
    reading.put_states(ITEM, anywhere=False)
    for first, count in list(line.runs()):
        _put_text(reading, first, count)


def _put_text(reading: Reading, first: int, count: int) -> None:
    """A stretch of words: the title, then the place; `at` begins a place within it."""
    line = reading.line
    led = reading.glue(first, PLACE_WORDS)
    if led:
        first, count = first + 1, count - 1
    split = next((n for n in range(1, count - 1) if line.folded(first + n)[0] in {"at", "@"}), None)
    if split is not None and not led and "title" not in reading.values:
        reading.put_words("title", first, split)
        _put_text(reading, first + split, count - split)
    elif count and led and "location" not in reading.values:
        reading.put_words("location", first, count)
    elif count:
        name = "location" if "title" in reading.values else "title"
        reading.put_words(name, first, count)
