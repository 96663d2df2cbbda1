"""Who may let a call through: the user, call by call or for one tool in one conversation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tripsage_tui.assistant.toolbox import Arguments, Effect, Prepared, Tool, fingerprint
from tripsage_tui.models.chats import Decision


@dataclass(frozen=True)
class Proposal:
    """A write that waits for an answer."""

    tool: Tool
    arguments: Arguments
    prepared: Prepared
    fingerprint: str

    @property
    def may_be_general(self) -> bool:
        """Whether "in this chat" can be answered: deleting is asked about each time."""
        return self.tool.effect is Effect.WRITE


@dataclass(frozen=True)
class Verdict:
    """The user's answer to a proposal, bound to it; `reason` goes to the model with a denial."""

    decision: Decision
    fingerprint: str
    reason: str = ""


Ask = Callable[[Proposal], Awaitable[Verdict]]


@dataclass
class Approvals:
    """What the user has allowed in one conversation. Nothing is allowed that was not asked for."""

    ask: Ask
    general: dict[str, frozenset[str]] = field(default_factory=dict)
    """Names of the tools that may write in this conversation without being asked about again, each with what stood
    beside the conversation when that was allowed."""
    beside: frozenset[str] = frozenset()
    """Texts beside the conversation that others may have written: memories, the head of the trip. What was not there
    when a tool was allowed cannot have it write unasked."""
    tainted: bool = False
    """Whether text that others may have written was read since the user last spoke: then each write is asked about."""

    def user_spoke(self) -> None:
        """A new turn: what comes next is what the user wants, until something else is read."""
        self.tainted = False

    async def decide(self, tool: Tool, arguments: Arguments, prepared: Prepared) -> Verdict:
        """The verdict on a call; one whose fingerprint is another call's is a denial."""
        mark = fingerprint(tool.name, arguments)
        if tool.effect is Effect.READ:
            return Verdict(Decision.NONE, mark)
        allowed = self.general.get(tool.name)
        if tool.effect is Effect.WRITE and allowed is not None and self.beside <= allowed and not self.tainted:
            return Verdict(Decision.SESSION, mark)
        proposal = Proposal(tool, arguments, prepared, mark)
        verdict = await self.ask(proposal)
        if verdict.fingerprint != mark:
            return Verdict(Decision.DENIED, mark, "The approval was for another call.")
        if verdict.decision is Decision.SESSION:
            if not proposal.may_be_general:
                return Verdict(Decision.ONCE, mark)
            self.general[tool.name] = self.beside
        if verdict.decision not in {Decision.ONCE, Decision.SESSION}:
            return Verdict(Decision.DENIED, mark, verdict.reason)
        return verdict
