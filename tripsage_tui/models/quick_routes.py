"""A line about a journey: `FRA 13:40 > MUC 14:35 / MUC 15:50 > HND 11:30+1`, `taxi from HND to Ginza`."""

from __future__ import annotations

import re
from datetime import timedelta

from tripsage_tui.models.connections import write_connections
from tripsage_tui.models.quick_line import GLUE
from tripsage_tui.models.quick_reading import Reading
from tripsage_tui.models.quick_stations import Station, connection_of, find_stations, flight_numbers, take_change
from tripsage_tui.models.quick_words import CLASSES, FLIGHT, IN_A_SEAT, SEAT_WORDS

_SEAT = re.compile(r"[0-9]{1,3}[A-Z]?|[A-Z][0-9]{1,3}", re.IGNORECASE)
_LEAVING = frozenset({"dep", "dep.", "departs", "leaves", "at", "from", "on"})
_LANDING = frozenset({"arr", "arr.", "arrives", "lands", "until"})


def read_route(reading: Reading, kind: str) -> None:
    """Everything that a flight or a transport says: the route with its times, the day, the seat, the class."""
    line = reading.line
    if kind == FLIGHT:
        _put_class(reading)
    _put_seat(reading)
    reading.put_zones("departure_zone", "arrival_zone")
    reading.put_price()
    reading.put_states(kind, anywhere=True)
    stations = find_stations(line)
    if len(stations) == 1:
        _put_codes(reading, kind)
    if kind == FLIGHT:
        _put_numbers(reading, stations)
    for station in stations:
        station.times = [span for span in reading.times if station.first <= span.first < station.last]
    _put_times(reading, stations)
    _put_places(reading, stations, kind)
    _put_days(reading, stations, kind)
    for station in stations[1:-1]:
        if not station.place:
            reading.line.refuse_all("via", station.first, station.last, "where does one change?")
    via = [connection_of(station) for station in stations[1:-1] if station.place]
    if via:
        reading.values["via"] = write_connections(via)


def _put_class(reading: Reading) -> None:
    line = reading.line
    for words, value in CLASSES.items():
        for place in range(len(line.words)):
            if line.free(place, len(words)) and line.folded(place, len(words)) == words:
                reading.put("flight_class", place, len(words), value)
                return


def _put_seat(reading: Reading) -> None:
    """`seat 12E`, `seat car 7 12E`, `seats 12E, 12F`."""
    line = reading.line
    for place, word in enumerate(line.words):
        if word.taken or word.folded.rstrip(":") not in SEAT_WORDS:
            continue
        last = place + 1
        while line.free(last) and (line.folded(last)[0] in IN_A_SEAT | {","} or _SEAT.fullmatch(line.words[last].text)):
            last += 1
        while last > place + 1 and line.words[last - 1].text == ",":
            last -= 1
        if last > place + 1:
            line.take(GLUE, place)
            reading.put("seat", place + 1, last - place - 1)
            return


def _put_codes(reading: Reading, kind: str) -> None:
    """Two airports without an arrow: from the first to the second."""
    codes = [
        place for place, word in enumerate(reading.line.words) if not word.taken and _is_airport(reading, word.text)
    ]
    if kind == FLIGHT and len(codes) >= 2:
        reading.put("origin", codes[0])
        reading.put("destination", codes[1])
    elif kind == FLIGHT and codes:
        before = codes[0] - 1
        reading.put("destination" if reading.glue(before, frozenset({"to"})) else "origin", codes[0])


def _is_airport(reading: Reading, text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isupper() and bool(reading.context.zone_of(text))


def _put_numbers(reading: Reading, stations: list[Station]) -> None:
    for first, count in flight_numbers(reading.line):
        station = next((each for each in stations[1:-1] if each.first <= first < each.last), None)
        if station is None or "flight_number" not in reading.values:
            reading.put("flight_number", first, count)
        elif not station.number:
            station.number = reading.line.take("via", first, count).replace(" ", "")


def _put_times(reading: Reading, stations: list[Station]) -> None:
    first, last = stations[0], stations[-1]
    for station in stations:
        for span in station.times:
            reading.glue(span.first - 1, frozenset({"-", "–", "at", "@"}))
    if len(stations) == 1:
        for name, span in zip(("departure_time", "arrival_time"), first.times, strict=False):
            reading.put(name, span.first, span.count)
        return
    if first.times:
        reading.glue(first.times[0].first - 1, _LEAVING)
        reading.put("departure_time", first.times[0].first, first.times[0].count)
    left = list(last.times)
    if left and not any(station.times for station in stations[:-1]):
        landing = len(left) == 1 and bool(reading.glue(left[0].first - 1, _LANDING))
        if not landing:
            span = left.pop(0)
            reading.glue(span.first - 1, _LEAVING)
            reading.put("departure_time", span.first, span.count)
    if left:
        reading.glue(left[0].first - 1, _LANDING | {"at"})
        reading.put("arrival_time", left[0].first, left[0].count)
    for station in stations[1:-1]:
        for span in station.times[:2]:
            reading.line.take("via", span.first, span.count)


def _put_places(reading: Reading, stations: list[Station], kind: str) -> None:
    line = reading.line
    if len(stations) == 1:
        return
    for station in (stations[0], stations[-1]):
        for place in range(station.first, station.last):
            if line.free(place) and line.words[place].text == ",":
                line.take(GLUE, place)
    _put_origin(reading, stations[0], kind)
    for station in stations[1:-1]:
        take_change(line, station)
    runs = list(line.runs(stations[-1].first, stations[-1].last))
    if not runs and len(stations) == 2:
        _put_both(reading, stations[0])
    if runs:
        first, count = runs[0]
        if kind == FLIGHT and count > 1 and _is_airport(reading, line.words[first].text):
            count = 1
        reading.put_words("destination", first, count)


def _put_origin(reading: Reading, station: Station, kind: str) -> None:
    """The place is what stands closest to the arrow; of a flight, words before it are the airline."""
    line = reading.line
    for place in range(station.first, station.last):
        if line.free(place) and line.folded(place) == ("from",):
            line.take(GLUE, place)
    runs = list(line.runs(station.first, station.last))
    if not runs:
        return
    first, count = runs.pop()
    codes = [place for place in range(first, first + count) if _is_airport(reading, line.words[place].text)]
    if kind == FLIGHT and codes:
        reading.put("origin", codes[-1])
        runs = list(line.runs(station.first, station.last))
    else:
        reading.put_words("origin", first, count)
    if kind == FLIGHT and runs:
        reading.put_words("airline", *runs[-1])


def _put_both(reading: Reading, station: Station) -> None:
    """`Osaka to Beppu 19:05 > 6:55`: both places stand before the arrow."""
    line = reading.line
    for place in range(station.first + 1, station.last - 1):
        if line.words[place].field == "origin" and line.folded(place) == ("to",):
            first = next(n for n in range(station.first, place + 1) if line.words[n].field == "origin")
            last = next((n for n in range(place, station.last) if line.words[n].field != "origin"), station.last)
            if first < place < last - 1:
                line.take(GLUE, place)
                reading.values["origin"] = line.take("origin", first, place - first)
                reading.put("destination", place + 1, last - place - 1)
            return


def _put_days(reading: Reading, stations: list[Station], kind: str) -> None:
    days = reading.days
    for span in days:
        reading.glue(span.first - 1, frozenset({"on", "dep", "departs", "leaves"}))
    if not days:
        return
    leaves = days[0]
    reading.put("departure_date", leaves.first, leaves.count, leaves.text)
    others = days[1:]
    if leaves.last:
        if kind == FLIGHT:
            reading.values.pop("departure_date")
            reading.line.refuse(leaves.first, leaves.count, "a flight leaves on one day")
        else:
            reading.values["arrival_date"] = leaves.last.isoformat()
    elif others and others[0].first >= stations[-1].first and not others[0].last:
        lands = others.pop(0)
        if kind != FLIGHT:
            reading.put("arrival_date", lands.first, lands.count, lands.text)
        else:
            _land_on(reading, lands.first, lands.count, lands.day - leaves.day)
    for span in others:
        reading.line.refuse(span.first, span.count, "the day was said before")


def _land_on(reading: Reading, first: int, count: int, later: timedelta) -> None:
    """The form of a flight has no day of arrival: it is written behind the time, as in `08:55+1`."""
    time = reading.values.get("arrival_time", "")
    if time and not re.search(r"[+-]", time) and -1 <= later.days <= 3:
        reading.values["arrival_time"] = f"{time}{later.days:+d}"
        reading.line.take("arrival_time", first, count)
    else:
        reading.line.refuse(first, count, "write the day behind the time of arrival, as in 08:55+1")
