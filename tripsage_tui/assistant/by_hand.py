"""Tools and prompts typed as `/commands`: everything works without a model."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from tripsage_tui.assistant.toolbox import Tool, Toolbox, ToolRefused

PROMPTS: Mapping[str, tuple[str, str]] = {
    "plan": (
        "plan a day of the trip",
        "Plan {rest} of the open trip: read it, keep what is booked, group by neighbourhood, and propose entries.",
    ),
    "gaps": ("find what is missing", "Read the open trip and list what is missing or does not fit, day by day."),
    "unpaid": (
        "what is not paid yet",
        "What of the open trip is not paid yet, what is due when, and what does it sum to?",
    ),
    "pack": ("what to pack", "What should be packed for the open trip? Mind season, places and what is planned."),
    "summary": (
        "tell the group",
        "Summarise the open trip for the group: dates, flights, beds, what is planned each day.",
    ),
}
"""Name to what it is for and the question that it becomes; `{rest}` is what was typed after the name."""


@dataclass(frozen=True)
class Slash:
    """A line that begins with a slash."""

    name: str
    rest: str


def parse(text: str) -> Slash | None:
    """The command of a line; None for a question. `//` begins a question with a slash."""
    line = text.strip()
    if not line.startswith("/") or line.startswith("//") or "\n" in line:
        return None
    name, _, rest = line[1:].partition(" ")
    return Slash(name.casefold(), rest.strip())


def prompt(slash: Slash) -> str | None:
    """The question that a prompt of the library becomes."""
    found = PROMPTS.get(slash.name)
    if found is None:
        return None
    return " ".join(found[1].format(rest=slash.rest or "the first free day").split())


def arguments(tool: Tool, rest: str) -> str:
    """The JSON arguments of a tool from `name=value` words; words without a name are the first field.

    `change_booking kind=item id=7 day=2027-10-09` puts names that the tool does not know into its `values`.
    Raises ToolRefused.
    """
    fields: dict[str, Any] = dict(tool.arguments.model_fields)
    given: dict[str, Any] = {}
    loose: list[str] = []
    extra: list[dict[str, str]] = []
    try:
        words = shlex.split(rest)
    except ValueError as error:
        raise ToolRefused(f"The quotes do not match: {error}.") from error
    for word in words:
        name, sign, value = word.partition("=")
        if sign and name in fields:
            given[name] = value
        elif sign and name.isidentifier() and "values" in fields:
            extra.append({"field": name, "value": value})
        else:
            loose.append(word)
    if loose:
        first = next(iter(fields), None)
        if first is None or first in given:
            raise ToolRefused(f"{' '.join(loose)!r} is not understood; write name=value. {usage(tool)}")
        given[first] = " ".join(loose)
    if "values" in fields:
        given.setdefault("values", extra)
    for name, field in fields.items():
        if name not in given and field.annotation in {str, int}:
            given[name] = "" if field.annotation is str else 0
    missing = [name for name, field in fields.items() if name not in given and field.is_required()]
    if missing:
        raise ToolRefused(f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing: {usage(tool)}")
    return json.dumps(given)


def usage(tool: Tool) -> str:
    """How a tool is typed."""
    fields = {name: get_args(field.annotation) for name, field in tool.arguments.model_fields.items()}
    names = " ".join(f"{name}={'|'.join(choices) or '…'}" for name, choices in fields.items() if name != "values")
    return f"/{tool.name} {names}".strip()


def commands(toolbox: Toolbox) -> list[tuple[str, str]]:
    """Names and descriptions of prompts and tools."""
    prompts = [(name, about) for name, (about, _) in PROMPTS.items()]
    return prompts + [(tool.name, tool.description) for tool in toolbox]
