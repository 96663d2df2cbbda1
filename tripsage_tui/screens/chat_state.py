"""The line under the transcript: which model, what it cost in tokens, how full its window is, what is going on."""

from __future__ import annotations

from dataclasses import dataclass, field

from tripsage_tui.assistant.events import Usage


@dataclass(frozen=True)
class ChatState:
    """What is known; the text leaves out what is not."""

    model: str = ""
    usage: Usage = field(default_factory=Usage)
    cost: str = ""
    """In words; empty where nothing was counted."""
    share: float | None = None
    left_out: int = 0
    doing: str = ""
    problem: str = ""

    def text(self) -> str:
        """One line."""
        if self.problem:
            return f"! {self.problem}"
        # A narrow terminal cuts the end: what decides how to go on comes before what it cost.
        share = f"context {min(self.share, 9.99):.0%}" if self.share is not None else ""
        parts = [self.doing, self.model, share, self._tokens(), self.cost]
        if self.left_out:
            parts.append(f"{self.left_out} older turns left out")
        return " · ".join(part for part in parts if part)

    def _tokens(self) -> str:
        usage = self.usage
        if usage.input_tokens is None and usage.output_tokens is None:
            return ""
        cached = f" ({usage.cached_tokens:,} cached)" if usage.cached_tokens else ""
        return f"tokens {usage.input_tokens or 0:,} in{cached}, {usage.output_tokens or 0:,} out"
