"""`tripsage-tui memory list|search|add|forget|export`."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tripsage_tui.command_line.errors import CommandError, Exit
from tripsage_tui.command_line.running import signed_in
from tripsage_tui.models.memories import Memory, MemoryType, Recalled
from tripsage_tui.models.memory_list import source_in_words
from tripsage_tui.models.showing import one_line
from tripsage_tui.models.text import InputError
from tripsage_tui.models.when import count_of
from tripsage_tui.planner import Planner

MOST = 10
"""Memories that a search prints when nobody says how many."""


def list_memories(arguments: argparse.Namespace) -> int:
    """What is remembered, newest first; with --all also what newer memories replaced."""

    async def run() -> list[Memory]:
        async with signed_in(arguments) as planner:
            return await planner.memory.list(_types(arguments.type))

    memories = [memory for memory in asyncio.run(run()) if memory.live or arguments.all]
    if arguments.json:
        _print_json([_as_json(memory) for memory in memories])
    elif not memories:
        print('Nothing is remembered yet. Add something: tripsage-tui memory add "Prefers aisle seats"')
    for memory in () if arguments.json else memories:
        sign = "*" if memory.pinned else " " if memory.live else "-"
        print(f"{memory.id:>6} {sign} {one_line(memory.content)}  [{one_line(source_in_words(memory))}]")
    return Exit.OK


def search(arguments: argparse.Namespace) -> int:
    """The memories that fit a question best, each with its cosine distance."""

    async def run() -> list[Recalled]:
        async with _with_keys(arguments) as planner:
            service = planner.memory
            return await service.search(arguments.question, arguments.limit, _types(arguments.type), patience=5.0)

    found = asyncio.run(run())
    if arguments.json:
        _print_json([{**_as_json(one.memory), "distance": one.distance, "score": one.score} for one in found])
        return Exit.OK
    if not found:
        print("Nothing that is remembered fits.")
    for one in found:
        distance = "words" if one.distance is None else f"{one.distance:.3f}"
        print(f"{one.memory.id:>6} {distance:>6}  {one_line(one.memory.content)}")
    return Exit.OK


def add(arguments: argparse.Namespace) -> int:
    """Remember a fact; prints its id alone, so that scripts can go on with it."""

    async def run() -> Memory:
        async with _with_keys(arguments, create=True) as planner:
            kind = MemoryType(arguments.type or MemoryType.PREFERENCE)
            try:
                return await planner.memory.remember(arguments.fact, kind)
            except InputError as error:
                raise CommandError(str(error), Exit.USAGE) from error

    memory = asyncio.run(run())
    if arguments.json:
        _print_json(_as_json(memory))
    else:
        print(memory.id)
    return Exit.OK


def forget(arguments: argparse.Namespace) -> int:
    """Forget memories by their ids, or everything."""
    if bool(arguments.ids) == arguments.everything:
        raise CommandError("Name the ids of the memories, or say --everything.", Exit.USAGE)

    async def run() -> tuple[int, list[int]]:
        async with signed_in(arguments) as planner:
            if arguments.everything:
                return (await planner.memory.forget_all())[0], []
            known = {memory.id for memory in await planner.memory.list()}
            missing = [id_ for id_ in arguments.ids if id_ not in known]
            if missing:
                return 0, missing
            return (await planner.memory.forget(arguments.ids)).count, []

    count, missing = asyncio.run(run())
    if missing:
        ids = ", ".join(map(str, missing))
        raise CommandError(f"There is no memory {ids}; nothing was forgotten. See tripsage-tui memory list.",
                           Exit.NOT_FOUND)  # fmt: skip
    if arguments.json:
        _print_json({"forgotten": count})
    else:
        print(f"Forgot {count_of(count, 'memory', 'memories')}.")
    return Exit.OK


def export(arguments: argparse.Namespace) -> int:
    """Everything that is remembered, as JSON."""

    async def run() -> Sequence[Any]:
        async with signed_in(arguments) as planner:
            return await planner.memory.export()

    _print_json(asyncio.run(run()))
    return Exit.OK


@asynccontextmanager
async def _with_keys(arguments: argparse.Namespace, *, create: bool = False) -> AsyncIterator[Planner]:
    """The planner with the stored key, which searching by meaning may need."""
    async with signed_in(arguments, create=create) as planner:
        await planner.stored_keys.load()
        yield planner


def _types(word: str | None) -> list[MemoryType] | None:
    return None if word is None else [MemoryType(word)]


def _as_json(memory: Memory) -> dict[str, Any]:
    return memory.model_dump(mode="json")


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))
