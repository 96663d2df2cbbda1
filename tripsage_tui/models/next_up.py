"""What happens next, what is under way and what has to be done by when, over all trips.

Read from rows of text, so that a shell prompt can show it without loading anything: this module imports nothing.
Instants are seconds since 1970 (UTC); days and times of day are those of the place.
"""

from __future__ import annotations

COLUMNS = (
    *("group", "trip_id", "trip", "kind", "id", "moment", "title", "detail", "at", "zone", "day", "day_text", "time"),
    *("in_days", "ends", "ends_zone", "ends_day_text", "ends_time"),
)
"""The texts of a row, in this order; None where there is nothing."""
_NUMBERS = frozenset({"trip_id", "id", "at", "in_days", "ends"})
_UNDER_WAY = {"check-in": "staying at", "departure": "on the way", "pick-up": "in use"}
_SAID_BY_KIND = frozenset({"departure", "item"})
MINUTE, HOUR, DAY = 60, 3600, 86_400
"""Seconds."""


class Moment:
    """One thing that happens: a departure, a check-in, a dinner, a deadline. `at` is None where only its day is known.

    `group` is now (has begun and not ended), event or deadline; `in_days` counts calendar days at the place.
    """

    __slots__ = COLUMNS
    group: str
    trip_id: int
    trip: str
    kind: str
    id: int
    moment: str
    title: str
    detail: str | None
    at: int | None
    zone: str | None
    day: str
    day_text: str
    time: str | None
    in_days: int
    ends: int | None
    ends_zone: str | None
    ends_day_text: str | None
    ends_time: str | None

    def __init__(self, row: tuple[str | None, ...] | list[str | None]) -> None:
        """A row of texts in the order of COLUMNS."""
        for name, text in zip(COLUMNS, row, strict=True):
            setattr(self, name, int(text) if name in _NUMBERS and text is not None else text)

    @property
    def what(self) -> str:
        """`flight FRA → HND LH716`, `check-in Granvia`, `pay by: Granvia`."""
        if self.group == "deadline":
            return f"{self.moment}: {self.title}"
        if self.group == "now" and self.moment in _UNDER_WAY:
            return " ".join(part for part in (_UNDER_WAY[self.moment], self.title, self.detail) if part)
        word = self.kind if self.moment in _SAID_BY_KIND else self.moment
        return " ".join(part for part in (word, self.title, self.detail) if part)

    def as_json(self) -> dict[str, object]:
        """The fields by name."""
        return {name: getattr(self, name) for name in COLUMNS}


class NextUp:
    """The moments of one look, each group in its order."""

    __slots__ = ("deadlines", "events", "now")

    def __init__(self, moments: list[Moment]) -> None:
        self.now = [moment for moment in moments if moment.group == "now"]
        self.events = [moment for moment in moments if moment.group == "event"]
        self.deadlines = [moment for moment in moments if moment.group == "deadline"]

    def __bool__(self) -> bool:
        return bool(self.now or self.events or self.deadlines)

    @property
    def first(self) -> Moment | None:
        """What a single line shows: what comes next, else what is under way, else what has to be done."""
        for group in (self.events, self.now, self.deadlines):
            if group:
                return group[0]
        return None


def read(rows: list[list[str | None]]) -> NextUp:
    """The moments of rows as the database gives them."""
    return NextUp([Moment(row) for row in rows])


def countdown(moment: Moment, now: float) -> str:
    """`in 2 h 10 min`, `in 12 days`, `today`, `tomorrow`; `until 18 Oct 11:00` for what is under way."""
    if moment.group == "now":
        return f"until {clock(moment.ends_day_text, moment.ends_time)}"
    if moment.at is None or moment.in_days > 1 or moment.at - now >= DAY:
        return {0: "today", 1: "tomorrow"}.get(moment.in_days, f"in {moment.in_days} days")
    left = moment.at - now
    if left < MINUTE:
        return "now"
    hours, minutes = divmod(int(left) // MINUTE, 60)
    return "in " + " ".join(f"{number} {unit}" for number, unit in ((hours, "h"), (minutes, "min")) if number)


def clock(day: str | None, time: str | None) -> str:
    """`Sat 2 Oct 2027 12:15`, or the day alone."""
    return " ".join(part for part in (day, time) if part)


def place_of(zone: str | None) -> str:
    """What people call a zone: `Tokyo` for `Asia/Tokyo`."""
    return (zone or "UTC").rpartition("/")[2].replace("_", " ")


def sentence(moment: Moment, now: float) -> str:
    """One line: `in 2 h 10 min · flight FRA → HND LH716 · Sat 2 Oct 2027 12:15 Berlin · Japan`."""
    if moment.group == "now":
        parts = ("now", moment.what, countdown(moment, now), moment.trip)
    else:
        when = clock(moment.day_text, moment.time)
        where = f" {place_of(moment.zone)}" if moment.time else ""
        parts = (countdown(moment, now), moment.what, f"{when}{where}", moment.trip)
    return " · ".join(part for part in parts if part)
