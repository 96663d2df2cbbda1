"""How a shell command fails: one sentence on stderr and an exit code."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command."""

    OK = 0
    PROBLEM = 1
    USAGE = 2
    UNAVAILABLE = 3
    NOT_FOUND = 4
    REFUSED = 5
    INTERRUPTED = 130


class CommandError(Exception):
    """A command cannot go on; the text is one plain sentence with the remedy."""

    def __init__(self, sentence: str, code: Exit = Exit.PROBLEM) -> None:
        super().__init__(sentence)
        self.code = code
