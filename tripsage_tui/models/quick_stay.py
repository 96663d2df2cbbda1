"""A line about a stay: `hotel Granvia 14-18 oct 4x180`."""

from __future__ import annotations

from datetime import date

from tripsage_tui.models.quick_amounts import BARE, AmountSpan
from tripsage_tui.models.quick_reading import Reading
from tripsage_tui.models.quick_words import PLACE_WORDS, STAY


def read_stay_line(reading: Reading) -> None:
    """Name, days, times and price of a stay."""
    line = reading.line
    _put_nights(reading)
    reading.put_zones("time_zone")
    amounts = list(reading.amounts)
    for span in amounts:
        if span.times > 1 and not span.nightly:
            _put_nightly(reading, span)
        else:
            reading.glue(span.first + span.count, frozenset({"total", "altogether"}))
            reading.glue(span.first - 1, frozenset({"total"}))
            reading.put("price_per_night" if span.nightly else "total_price", span.first, span.count, span.text)
    names = ["check_in_time", "check_out_time"]
    for time in reading.times:
        before = reading.glue(time.first - 1, frozenset({"in", "from", "out", "until", "till", "by", "at", "-", "–"}))
        for label, name in (("check-in", "check_in_time"), ("check-out", "check_out_time")):
            if line.free(time.first - 1) and line.folded(time.first - 1)[0].rstrip(":") == label:
                before = reading.glue(time.first - 1, frozenset({label}))
                names = [name, *names]
        name = "check_out_time" if before in {"out", "until", "till", "by"} else names[0]
        reading.put(name, time.first, time.count)
        names = [each for each in names if each not in reading.values] or ["check_out_time"]
    reading.put_states(STAY, anywhere=False)
    for first, count in list(line.runs()):
        led = reading.glue(first, PLACE_WORDS)
        if led and count > 1:
            reading.put_words("address", first + 1, count - 1)
        elif not led and _is_price(reading, first, count):
            line.refuse(first, count, "in which currency?")
        elif not led and "name" not in reading.values:
            reading.put_words("name", first, count)
    if "name" not in reading.values and reading.kind_word is not None:
        reading.put("name", reading.kind_word)


def _is_price(reading: Reading, first: int, count: int) -> bool:
    """Whether it is a number alone behind the days, as in `hotel Granvia 14-18 oct 480`; `Motel 6` is a name."""
    behind = bool(reading.days) and first > reading.days[0].first
    return count == 1 and behind and bool(BARE.fullmatch(reading.line.words[first].text))


def _put_nights(reading: Reading) -> None:
    """The two days: a range, two days, or a day and a number of nights."""
    days, nights = reading.days, reading.nights
    for span in days:
        reading.glue(span.first - 1, frozenset({"from", "in", "until", "out", "to", "-", "–", "check-in", "check-out"}))
    out: date | None = None
    if days:
        first = days[0]
        reading.put("check_in_date", first.first, first.count, first.text)
        out = first.last
    if out:
        reading.values["check_out_date"] = out.isoformat()
    elif len(days) > 1 and not days[1].last:
        second = days.pop(1)
        reading.put("check_out_date", second.first, second.count, second.day.isoformat())
        out = second.day
    for span in days[1:]:
        reading.line.refuse(span.first, span.count, "the days were said before")
    if nights:
        _agree(reading, nights.nights, nights.first, nights.count)


def _agree(reading: Reading, nights: int, first: int, count: int) -> None:
    """The number of nights is the way out, or it says again what the days say."""
    days = reading.days
    if "check_out_date" not in reading.values:
        reading.put("check_out_date", first, count, f"{nights} night{'' if nights == 1 else 's'}")
        return
    out = date.fromisoformat(reading.values["check_out_date"]) if days and days[0].last else None
    if (
        out is None
        and reading.values["check_out_date"][:1].isdigit()
        and "night" not in reading.values["check_out_date"]
    ):
        out = date.fromisoformat(reading.values["check_out_date"])
    if out and days and (out - days[0].day).days == nights:
        reading.line.take("check_out_date", first, count)
    else:
        reading.line.refuse(first, count, "the days make another number of nights")


def _put_nightly(reading: Reading, span: AmountSpan) -> None:
    """`4x180`: so many nights at so much."""
    _agree(reading, span.times, span.first - 2, 1)
    reading.put("price_per_night", span.first, span.count, span.text)
