"""What a transfer file is: a zip of JSON lines, the bytes of attachments, and a manifest that vouches for both.

docs/transfer.md describes it for people.
"""

from __future__ import annotations

import re

FORMAT = "tripsage transfer"
VERSION = 1
MANIFEST = "manifest.json"
README = "README.txt"
LINEAGE = "data/lineage.jsonl"
MEMBER = re.compile(
    r"data/(?P<table>[a-z_]{1,40})\.jsonl|attachments/(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/(?P<name>[^/\0]{1,255})"
)

LONGEST_LINE = 8 * 2**20
"""Bytes of one row: a vector takes 20 kB, a message at most 130 kB."""
MOST_DATA = 2 * 2**30
"""Bytes of all rows."""
MOST_MEMBERS = 100_000
LARGEST_MANIFEST = 32 * 2**20
MOST_INFLATION = 500
"""Times that a member may be larger than what it takes in the zip; JSON lines come to 5 to 50."""
SMALL = 2**20
"""Bytes that a member may always have, however well it was packed."""
DEEPEST = 64
"""Levels of JSON within a row."""


class ArchiveError(Exception):
    """A file cannot be written or read; one sentence."""


def member_of(table: str) -> str:
    """The member that holds the rows of a table."""
    return f"data/{table}.jsonl"
