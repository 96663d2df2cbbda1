"""The undo stack."""

from __future__ import annotations

import asyncio

import pytest

from tripsage_tui.data.errors import StaleRow, Unavailable
from tripsage_tui.undo import UndoStack


async def test_newest_first() -> None:
    stack, done = UndoStack(), []

    def step(name: str) -> None:
        async def undo() -> None:
            done.append(name)

        stack.push(name, undo)

    step("adding a stay")
    step("deleting a flight")
    assert stack.label == "deleting a flight"
    assert await stack.undo() == "deleting a flight"
    assert await stack.undo() == "adding a stay"
    assert await stack.undo() is None
    assert stack.label is None
    assert done == ["deleting a flight", "adding a stay"]


async def test_a_step_that_failed_for_the_moment_can_be_tried_again() -> None:
    stack, away = UndoStack(), [True]

    async def undo() -> None:
        if away:
            away.clear()
            raise Unavailable

    stack.push("deleting a stay", undo)
    with pytest.raises(Unavailable):
        await stack.undo()
    assert await stack.undo() == "deleting a stay"


async def test_a_hopeless_step_does_not_bar_those_below() -> None:
    stack = UndoStack()

    async def good() -> None:
        pass

    async def stale() -> None:
        raise StaleRow

    stack.push("editing a trip", good)
    stack.push("editing a stay", stale)
    with pytest.raises(StaleRow):
        await stack.undo()
    assert await stack.undo() == "editing a trip"


async def test_a_cancelled_undo_is_kept() -> None:
    stack, started = UndoStack(), asyncio.Event()

    async def slow() -> None:
        started.set()
        await asyncio.Event().wait()

    stack.push("moving a day", slow)
    task = asyncio.create_task(stack.undo())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert stack.label == "moving a day"


async def test_two_keys_at_once_undo_two_steps_one_after_the_other() -> None:
    stack, running, order = UndoStack(), [0], []

    def step(name: str) -> None:
        async def undo() -> None:
            running[0] += 1
            assert running[0] == 1
            await asyncio.sleep(0)
            running[0] -= 1
            order.append(name)

        stack.push(name, undo)

    step("one")
    step("two")
    assert await asyncio.gather(stack.undo(), stack.undo()) == ["two", "one"]
    assert order == ["two", "one"]


async def test_the_oldest_steps_are_forgotten() -> None:
    stack = UndoStack(depth=2)

    async def nothing() -> None:
        pass

    for name in ("one", "two", "three"):
        stack.push(name, nothing)
    assert len(stack) == 2
    assert [await stack.undo() for _ in range(3)] == ["three", "two", None]


async def test_what_was_undone_can_be_done_again_and_undone_again() -> None:
    stack, there = UndoStack(), ["stay"]

    def can_take_back() -> None:
        async def undo() -> None:
            there.remove("stay")

        async def redo() -> None:
            there.append("stay")
            can_take_back()

        stack.push("adding a stay", undo, redo)

    can_take_back()
    for _ in range(2):
        assert await stack.redo() is None
        assert await stack.undo() == "adding a stay"
        assert there == []
        assert await stack.redo() == "adding a stay"
        assert there == ["stay"]


async def test_a_new_change_or_a_step_without_a_way_forward_ends_redoing() -> None:
    stack = UndoStack()

    async def nothing() -> None:
        pass

    stack.push("one", nothing, nothing)
    await stack.undo()
    stack.push("two", nothing)
    assert await stack.redo() is None
    stack.push("three", nothing, nothing)
    await stack.undo()
    await stack.undo()
    assert await stack.redo() is None


async def test_a_redo_that_failed_for_the_moment_stays() -> None:
    stack, away = UndoStack(), [True]

    async def nothing() -> None:
        pass

    async def redo() -> None:
        if away:
            away.clear()
            raise Unavailable

    stack.push("one", nothing, redo)
    await stack.undo()
    with pytest.raises(Unavailable):
        await stack.redo()
    assert await stack.redo() == "one"


async def test_several_writes_of_one_change_are_one_step() -> None:
    stack, own, there = UndoStack(), UndoStack(), {"fields", "stops"}

    def can_take_back(name: str) -> None:
        async def undo() -> None:
            there.remove(name)

        async def redo() -> None:
            there.add(name)
            can_take_back(name)

        own.push(name, undo, redo)

    can_take_back("fields")
    can_take_back("stops")
    stack.absorb(own, "editing the trip")
    for _ in range(2):
        assert await stack.undo() == "editing the trip"
        assert there == set()
        assert await stack.redo() == "editing the trip"
        assert there == {"fields", "stops"}
    assert len(stack) == 1
