"""Split a migration file into its statements, as PostgreSQL's own lexer would."""

from __future__ import annotations

import re
from collections.abc import Iterator

# What may hide a semicolon, and the semicolon itself. Block comments nest in PostgreSQL, so only their start is here.
_TOKEN = re.compile(
    r"""
      --[^\n]*                                        # comment to the end of the line
    | /\*                                             # start of a block comment
    | e'(?:[^'\\]|''|\\.)*'                        # string with backslashes
    | '(?:[^']|'')*'                                  # string
    | "(?:[^"]|"")*"                                  # quoted name
    | \$(?P<tag>[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*)?\$ .*? \$(?(tag)(?P=tag))\$   # dollar-quoted string
    | begin\s+atomic\b                                # start of a function body of the SQL standard form
    | [A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*   # word
    | ;
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_ATOMIC = re.compile(r"begin\s+atomic")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_ONLY_COMMENTS = re.compile(r"(?:\s|--[^\n]*(?:\n|\Z))*")
_ONLY_COMMENTS = re.compile(r"(?:\s|--[^\n]*+)*+")


def split_statements(sql: str) -> list[str]:
    """The statements of `sql` without their semicolons, each with the comments before it; the Supabase CLI cuts alike.

    Raises ValueError when a block comment is not closed.
    """
    statements = (sql[start:end].strip() for start, end in _spans(sql))
    return [statement for statement in statements if not _ONLY_COMMENTS.fullmatch(statement)]


def _spans(sql: str) -> Iterator[tuple[int, int]]:
    start = position = depth = 0
    while match := _TOKEN.search(sql, position):
        word = match.group().lower()
        position = _after_comment(sql, match.end()) if word == "/*" else match.end()
        # Inside BEGIN ATOMIC ... END semicolons belong to the body, and CASE ... END nests.
        if _ATOMIC.fullmatch(word) or (word == "case" and depth):
            depth += 1
        elif word == "end" and depth:
            depth -= 1
        elif word == ";" and not depth:
            yield start, match.start()
            start = position
    yield start, len(sql)


def _after_comment(sql: str, position: int) -> int:
    depth = 1
    while depth:
        edge = _COMMENT_EDGE.search(sql, position)
        if edge is None:
            raise ValueError("a block comment is not closed")
        depth += 1 if edge.group() == "/*" else -1
        position = edge.end()
    return position
