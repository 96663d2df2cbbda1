"""Slash commands: prompts, and tools typed by hand."""

from __future__ import annotations

import json

import pytest

from tripsage_tui.assistant.by_hand import PROMPTS, Slash, arguments, commands, parse, prompt
from tripsage_tui.assistant.toolbox import Toolbox, ToolRefused
from tripsage_tui.assistant.tools import toolbox as toolbox_of
from tripsage_tui.assistant.trip_tools import TripTools
from tripsage_tui.planner import Planner


@pytest.fixture
def toolbox(planner: Planner) -> Toolbox:
    return Toolbox(TripTools(planner, 1).tools())


def test_what_is_a_command() -> None:
    assert parse("/Plan day 3 ") == Slash("plan", "day 3")
    assert parse("Is 1/2 enough?") is None
    assert parse("//etc is a folder") is None
    assert parse("/one\ntwo") is None


def test_prompts_become_questions() -> None:
    assert "day 3" in (prompt(Slash("plan", "day 3")) or "")
    assert all("{" not in (prompt(Slash(name, "")) or "{") for name in PROMPTS)
    assert prompt(Slash("list_trips", "")) is None


async def test_a_fact_needs_no_more_than_its_words(planner: Planner) -> None:
    remember = toolbox_of(planner, None).get("remember")
    read = toolbox_of(planner, None).read(remember, arguments(remember, "hates early trains"))
    assert read.model_dump() == {"text": "hates early trains", "memory_type": "user_preference"}
    assert remember.schema["parameters"]["required"] == ["text", "memory_type"]


async def test_words_become_arguments(toolbox: Toolbox) -> None:
    item = toolbox.get("add_item")
    typed = '"Dinner in Gion" item_type=meal day=2027-10-08 start_time=19:30'
    read = json.loads(arguments(item, typed))
    assert (read["title"], read["item_type"], read["start_time"], read["price"]) == (
        "Dinner in Gion", "meal", "19:30", "",
    )  # fmt: skip
    toolbox.read(item, arguments(item, typed))
    change = json.loads(arguments(toolbox.get("change_booking"), "kind=item id=7 day=2027-10-09"))
    assert change["values"] == [{"field": "day", "value": "2027-10-09"}]
    assert json.loads(arguments(toolbox.get("search_places"), "new york")) == {"text": "new york"}
    for tool, words in (("add_item", '"open'), ("list_trips", "huh"), ("search_places", "text=a b")):
        with pytest.raises(ToolRefused):
            arguments(toolbox.get(tool), words)
    with pytest.raises(ToolRefused, match=r"item_type is missing: /add_item title=… item_type=activity\|meal\|"):
        arguments(item, "Tea")
    assert {name for name, _ in commands(toolbox)} >= {"plan", "add_item"}
