"""What `doctor` finds out: one sentence per thing, with its remedy where something is wrong."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One checked thing: `level` is ok, warning or error."""

    level: str
    topic: str
    sentence: str
