"""Ids of rows within rows: all of them follow, and none comes to mean another row."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripsage_tui.data.transfer_tables import TABLES
from tripsage_tui.transfer.references import Missing, remapped

# Rows below 50 are there; over there they have 1,000 more. Of everything else nothing is there.
KNOWN = 50


def find(kind: str, id_: str) -> str | None:
    assert kind in TABLES
    return str(int(id_) + 1000) if int(id_) < KNOWN else None


def row(kind: str, **values: Any) -> dict[str, Any]:
    return {**dict.fromkeys(TABLES[kind].names), "id": 1, **values}


def call(tool: str, arguments: Any, result: Any) -> tuple[Any, Any]:
    moved = remapped(
        "chat_tool_calls",
        row("chat_tool_calls", message_id=2, tool_name=tool, arguments=arguments, result=result),
        find,
    )
    return moved["arguments"], moved["result"]


@pytest.mark.parametrize(
    ("tool", "arguments", "result", "asked", "said"),
    [
        ("list_trips", {}, [{"id": 3, "name": "x"}, {"id": 77}], {}, [{"id": 1003, "name": "x"}, {"id": -77}]),
        ("read_trip", {"trip_id": 0}, {"trip": {"id": 3}, "stops": [{"id": 4}], "stay": [{"id": 5}], "item": []},
         {"trip_id": 0}, {"trip": {"id": 1003}, "stops": [{"id": 1004}], "stay": [{"id": 1005}], "item": []}),
        ("read_budget", {"trip_id": 3}, {"left": 4}, {"trip_id": 1003}, {"left": 4}),
        ("find_problems", {"trip_id": 99}, [{"items": [{"kind": "accommodation", "id": 5}, {"kind": "odd", "id": 5}]}],
         {"trip_id": -99}, [{"items": [{"kind": "accommodation", "id": 1005}, {"kind": "odd", "id": 5}]}]),
        ("add_stay", {"name": "x"}, {"added": "stay", "id": 6}, {"name": "x"}, {"added": "stay", "id": 1006}),
        ("change_booking", {"kind": "item", "id": 6, "values": []}, {"changed": "item", "id": 6},
         {"kind": "item", "id": 1006, "values": []}, {"changed": "item", "id": 1006}),
        ("delete_booking", {"kind": "flight", "id": 99}, None, {"kind": "flight", "id": -99}, None),
        ("recall_memories", {"query": "x"}, [{"id": 7}], {"query": "x"}, [{"id": 1007}]),
        ("remember", {"text": "x"}, {"remembered": 7}, {"text": "x"}, {"remembered": 1007}),
        ("forget_memory", {"memory_id": 7}, {"forgotten": 7}, {"memory_id": 1007}, {"forgotten": 1007}),
        ("somebody_elses", {"trip_id": 3}, {"id": 3}, {"trip_id": 3}, {"id": 3}),
    ],
)  # fmt: skip
def test_what_tools_were_asked_and_said(tool: str, arguments: Any, result: Any, asked: Any, said: Any) -> None:
    assert call(tool, arguments, result) == (asked, said)


def test_what_rows_are_about() -> None:
    trip = remapped(
        "trips", row("trips", known_findings=["double-bed:accommodation-3,item-99:2027-10-09", "x:y-3:"]), find
    )
    assert trip["known_findings"] == ["double-bed:accommodation-1003,item-0:2027-10-09", "x:y-3:"]
    paid = {"trip_id": 2, "booking_kind": "stay"}
    assert remapped("expenses", row("expenses", **paid, booking_id=3), find)["booking_id"] == 1003
    lost = remapped("expenses", row("expenses", **paid, booking_id=99), find)
    assert (lost["booking_kind"], lost["booking_id"]) == (None, None)
    message = remapped(
        "chat_messages",
        row("chat_messages", session_id="9", metadata={"memories": [[3, 0.5], [99, 1]], "part": 3}),
        find,
    )
    assert message["metadata"] == {"memories": [[1003, 0.5], [-99, 1]], "part": 3}
    memory = remapped("memories", row("memories", metadata={"trip_id": 3}, source_message_id=99), find)
    assert (memory["metadata"], memory["source_message_id"]) == ({"trip_id": 1003}, None)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("flights", {"trip_id": 99}),
        ("legs", {"trip_id": 1, "flight_id": 99}),
        ("chat_messages", {"session_id": "1", "parent_id": 99}),
        ("memories", {"superseded_by": 99}),
        ("flights", {"id": 99, "trip_id": 1}),
    ],
)
def test_a_row_does_not_come_without_what_it_hangs_on(kind: str, values: dict[str, Any]) -> None:
    with pytest.raises(Missing):
        remapped(kind, row(kind, **values), find)


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-100, 100) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "kind", "items", "trip", "trip_id", "x"]), inner, max_size=3)
    ),
    max_leaves=10,
)
TOOLS = ["list_trips", "read_trip", "find_problems", "add_x", "change_booking", "recall_memories", "remember", "other"]


@given(tool=st.sampled_from(TOOLS), arguments=anything, result=anything)
def test_whatever_a_tool_was_asked_can_be_moved(tool: str, arguments: Any, result: Any) -> None:
    """A model may have written anything; numbers are kept, moved or made nobody's, and nothing is lost."""
    for before, after in zip((arguments, result), call(tool, arguments, result), strict=True):
        assert len(_numbers(after)) == len(_numbers(before))
        for was, now in zip(_numbers(before), _numbers(after), strict=True):
            assert now in ({was, was + 1000} if was < KNOWN else {was, -was})


def _numbers(value: Any) -> list[int]:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return []
    if isinstance(value, int):
        return [value]
    inner = value.values() if isinstance(value, dict) else value
    return [number for each in inner for number in _numbers(each)]
