"""What is kept of an unexpected error: a traceback without values of variables, secrets removed, for the owner only."""

from __future__ import annotations

import os
import re
import traceback
from datetime import UTC, datetime
from pathlib import Path

LIMIT = 1_000_000
"""Bytes; a longer log is started anew, one older part is kept."""

_SECRETS = (
    (re.compile(r"(?i)(postgres(?:ql)?://[^\s:/@]*):[^\s@]*@"), r"\1:***@"),
    (
        re.compile(
            r"(?i)\b((?:api[_-]?key|password|passwd|secret|token|ticket|authorization)\W{1,4})(?:bearer\s+)?\S+"
        ),
        r"\1***",
    ),
    (re.compile(r"\bsk-[\w-]{8,}"), "sk-***"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"), "eyJ***"),
    (re.compile(r"\b[0-9a-fA-F]{64}\b"), "***"),
)


def scrub(text: str) -> str:
    """The text without what looks like a password, a key, a token or a ticket."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def open_log(path: Path) -> int:
    """A file descriptor that appends to the log, readable by the owner only. OSError when it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists() and path.stat().st_size > LIMIT:
        path.replace(path.with_suffix(".old.log"))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor


def write_report(path: Path, error: BaseException) -> None:
    """Append the traceback of `error` and of its causes to the log. OSError when it cannot be written."""
    report = "".join(traceback.format_exception(error))
    with os.fdopen(open_log(path), "w", encoding="utf-8", errors="backslashreplace") as log:
        log.write(f"--- {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n{scrub(report)}\n")
