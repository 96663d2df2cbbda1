"""`tripsage-tui ask "..."`: one question to the assistant, answered on standard output."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from contextlib import aclosing
from dataclasses import asdict

from tripsage_tui.assistant.answering import Called, Ended
from tripsage_tui.assistant.approval import Proposal, Verdict
from tripsage_tui.assistant.dialogue import Dialogue
from tripsage_tui.assistant.endpoint import endpoint_of
from tripsage_tui.assistant.events import Text, Usage
from tripsage_tui.assistant.model import Model
from tripsage_tui.assistant.prices import Prices
from tripsage_tui.assistant.recovery import recover
from tripsage_tui.assistant.toolbox import Effect, Toolbox
from tripsage_tui.assistant.tools import toolbox
from tripsage_tui.command_line.errors import CommandError, Exit
from tripsage_tui.command_line.running import say, signed_in
from tripsage_tui.command_line.trips import print_json, trip_id_of
from tripsage_tui.memory.models_at_hand import IN_THE_SHELL
from tripsage_tui.models.chats import CallStatus, Decision, StoredCall
from tripsage_tui.models.showing import clean, one_line
from tripsage_tui.planner import Planner

LONGEST = 100_000
"""Characters of a question."""


def run(arguments: argparse.Namespace) -> int:
    """Print the answer as it comes on a terminal, as a whole elsewhere. Exit code 1 when it is not whole."""
    question = " ".join(arguments.question).strip() or _from_stdin()
    if not question:
        raise CommandError('Ask something: tripsage-tui ask "what is missing in Japan?"', Exit.USAGE)
    return asyncio.run(_ask(arguments, question))


def _from_stdin() -> str:
    if sys.stdin.isatty():
        return ""
    text = sys.stdin.read(LONGEST + 1)
    if len(text) > LONGEST:
        raise CommandError(f"A question has at most {LONGEST:,} characters.", Exit.USAGE)
    return text.strip()


async def _ask(arguments: argparse.Namespace, question: str) -> int:
    async with signed_in(arguments) as planner:
        await planner.stored_keys.load()
        await recover(planner)
        endpoint = endpoint_of(planner.keys.current(), model=arguments.model or "")
        if not endpoint.usable:
            raise CommandError(f"There is no model to ask. {IN_THE_SHELL}", Exit.UNAVAILABLE)
        trip_id = await trip_id_of(planner, arguments.trip) if arguments.trip else None
        model = Model(endpoint)
        talk = Dialogue(
            planner, model, _tools(planner, trip_id, arguments.allow_writes), _decide, trip_id=trip_id, recall=None
        )
        try:
            return await _print_answer(talk, question, as_json=arguments.json)
        finally:
            await model.close()


def _tools(planner: Planner, trip_id: int | None, allow_writes: bool) -> Toolbox:
    """Reading, unless writing was allowed."""
    return Toolbox([tool for tool in toolbox(planner, trip_id) if allow_writes or tool.effect is Effect.READ])


async def _decide(proposal: Proposal) -> Verdict:
    """Writes were allowed on the command line; deleting is asked about, and without a terminal not done."""
    if proposal.tool.effect is Effect.WRITE:
        return Verdict(Decision.ONCE, proposal.fingerprint)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return Verdict(Decision.DENIED, proposal.fingerprint, "Nobody is there to be asked.")
    print(f"{one_line(proposal.prepared.title)}? [y/N] ", end="", file=sys.stderr, flush=True)
    answer = (await asyncio.to_thread(sys.stdin.readline)).strip().casefold()
    return Verdict(Decision.ONCE if answer in {"y", "yes"} else Decision.DENIED, proposal.fingerprint)


def _cost(talk: Dialogue, ended: Ended | None) -> dict[str, object] | None:
    price = Prices.load().of(talk.model.endpoint.model)
    if price is None or ended is None or ended.usage == Usage():
        return None
    return {"amount": str(price.of(ended.usage)), "currency": price.currency}


async def _print_answer(talk: Dialogue, question: str, *, as_json: bool) -> int:
    streaming = sys.stdout.isatty() and not as_json
    texts: list[str] = []
    calls: dict[int, StoredCall] = {}
    ended: Ended | None = None

    def waiting(seconds: float, why: Exception) -> None:
        say(f"{why} Trying again in {seconds:.0f} s.")

    async with aclosing(talk.say_next(question, waiting)) as steps:
        async for step in steps:
            match step:
                case Text(delta):
                    texts.append(delta)
                    if streaming:
                        print(clean(delta), end="", flush=True)
                case Called(call):
                    calls[call.id] = call
                    if call.status in {CallStatus.COMPLETED, CallStatus.FAILED}:
                        say(f"[{one_line(call.tool_name)}: {call.status.value}]")
                case Ended():
                    ended = step
    failure = ended.failure if ended else None
    if as_json:
        print_json(
            {
                "answer": "".join(texts),
                "conversation": str(talk.id),
                "finish": ended.finish.value if ended and ended.finish else None,
                "failure": str(failure) if failure else None,
                "usage": asdict(ended.usage) if ended else None,
                "cost": _cost(talk, ended),
                "calls": [json.loads(call.model_dump_json(exclude={"message_id"})) for call in calls.values()],
            }
        )
    elif texts:
        print("" if streaming else clean("".join(texts)))
    if failure is not None:
        raise CommandError(str(failure), Exit.UNAVAILABLE if not texts else Exit.PROBLEM)
    return Exit.OK
