"""Secrets that were sent during a test, looked for where none may be: in logs, errors, reports, lists of processes.

`HostedProject.secrets` grows with every password, token, ticket and code that passes; `plant` adds others.

    found = leaks(hosted.secrets, {"the log": caplog.text, "the process list": ps})
    assert not found, found
"""

from __future__ import annotations

import base64
import traceback
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote


def leaks(secrets: Iterable[str], texts: Mapping[str, str]) -> list[str]:
    """Where a secret stands, plainly or as it looks in a URL or in base64; names the place, not the secret."""
    found = []
    for secret in sorted(secrets):
        forms = {secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode().rstrip("=")}
        for name, text in texts.items():
            if any(_stands_in(form, text) for form in forms):
                found.append(f"{secret[:3]}… ({len(secret)} characters) in {name}")
    return found


def everything_in(error: BaseException) -> str:
    """All that an error and those behind it say, also those that are not shown: texts, arguments, attributes."""
    parts = ["".join(traceback.format_exception(error))]
    for each in _chain(error):
        parts += [str(each), repr(each), repr(each.args), repr(vars(each))]
    return "\n".join(parts)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions


def _stands_in(form: str, text: str) -> bool:
    # Six digits occur by chance inside longer numbers; a code would stand by itself.
    if not form.isdigit():
        return form in text
    return any(form == word for word in "".join(c if c.isalnum() else " " for c in text).split())
