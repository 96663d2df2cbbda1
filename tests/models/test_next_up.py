"""What comes next, in words."""

from __future__ import annotations

import pytest

from tripsage_tui.models.next_up import COLUMNS, Moment, NextUp, countdown, place_of, sentence

NOW = 1_000_000


def moment(**given: object) -> Moment:
    base: dict[str, object] = {
        "group": "event",
        "trip_id": 1,
        "trip": "Japan",
        "kind": "flight",
        "id": 7,
        "moment": "departure",
        "title": "FRA → HND",
        "detail": "LH716",
        "at": NOW + 7800,
        "zone": "Europe/Berlin",
        "day": "2027-10-02",
        "day_text": "Sat 2 Oct 2027",
        "time": "12:15",
        "in_days": 0,
    }
    row = {**base, **given}
    return Moment([None if row.get(name) is None else str(row[name]) for name in COLUMNS])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "in 2 h 10 min"),
        ({"at": NOW + 59}, "now"),
        ({"at": NOW + 60}, "in 1 min"),
        ({"at": NOW + 3600}, "in 1 h"),
        ({"at": NOW + 90_000, "in_days": 1}, "tomorrow"),
        ({"at": NOW + 30_000, "in_days": 1}, "in 8 h 20 min"),
        ({"at": NOW + 9_000_000, "in_days": 104}, "in 104 days"),
        ({"at": None, "time": None}, "today"),
        (
            {"group": "now", "ends": NOW + 9, "ends_day_text": "Sun 3 Oct 2027", "ends_time": "08:55"},
            "until Sun 3 Oct 2027 08:55",
        ),
    ],
)
def test_countdowns(given: dict[str, object], said: str) -> None:
    assert countdown(moment(**given), NOW) == said


def test_sentences() -> None:
    assert sentence(moment(), NOW) == "in 2 h 10 min · flight FRA → HND LH716 · Sat 2 Oct 2027 12:15 Berlin · Japan"
    staying = moment(
        group="now", moment="check-in", kind="stay", title="Granvia", detail=None, ends_day_text="Mon 4 Oct 2027"
    )
    assert sentence(staying, NOW) == "now · staying at Granvia · until Mon 4 Oct 2027 · Japan"
    paying = moment(group="deadline", moment="pay by", title="Granvia", at=None, time=None, in_days=3)
    assert sentence(paying, NOW) == "in 3 days · pay by: Granvia · Sat 2 Oct 2027 · Japan"
    assert place_of("America/New_York") == "New York"


def test_a_single_line_is_what_comes_else_what_is_else_what_is_due() -> None:
    event, now, due = moment(), moment(group="now"), moment(group="deadline")
    assert NextUp([now, due, event]).first is event
    assert NextUp([due, now]).first is now
    assert NextUp([due]).first is due
    assert NextUp([]).first is None
    assert not NextUp([])
