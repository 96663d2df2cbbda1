"""Tools: what a model may ask for, with what effect, and the two steps in which a wish becomes a deed.

`prepare` reads the rows, checks the arguments and says what would change; nothing is written. What it returns knows how
to do exactly that and nothing else, so that what was approved is what happens.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

RESULT_LIMIT = 8_000
"""Characters of a result that a model is given."""


class Effect(StrEnum):
    """Reading runs, writing asks, deleting always asks."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"


class ToolRefused(Exception):
    """A call that cannot be done; the sentence is for the model and, in the transcript, for the user."""


class Arguments(BaseModel):
    """Base of argument models: unknown names are refused, as a strict schema promises."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class FieldChange:
    """One line of a diff, in words; `before` is empty for what is new, `after` for what goes."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Prepared:
    """A call that could be done: what it is about in words, what would change, and the doing of it."""

    title: str
    run: Callable[[], Awaitable[object]]
    changes: tuple[FieldChange, ...] = ()


@dataclass(frozen=True)
class Tool:
    """`prepare` raises ToolRefused. `untrusted`: results contain text that others may have written."""

    name: str
    description: str
    arguments: type[Arguments]
    effect: Effect
    prepare: Callable[[Any], Awaitable[Prepared]]
    untrusted: bool = False

    @property
    def schema(self) -> dict[str, Any]:
        """Name, description and strict JSON schema, as both wires want them."""
        return {"name": self.name, "description": self.description, "parameters": strict(self.arguments)}


class Toolbox:
    """The tools of one conversation, by name."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        self._tools = {tool.name: tool for tool in tools}

    def __iter__(self) -> Any:
        return iter(self._tools.values())

    @property
    def schemas(self) -> list[dict[str, Any]]:
        return [tool.schema for tool in self]

    def get(self, name: str) -> Tool:
        """Raises ToolRefused."""
        try:
            return self._tools[name]
        except KeyError:
            raise ToolRefused(f"There is no tool {name!r}. There are: {', '.join(self._tools)}.") from None

    def read(self, tool: Tool, arguments: str | Mapping[str, object]) -> Arguments:
        """The arguments of a call, checked. Raises ToolRefused with every complaint."""
        try:
            if isinstance(arguments, str):
                return tool.arguments.model_validate_json(arguments or "{}")
            return tool.arguments.model_validate(dict(arguments))
        except ValidationError as error:
            complaints = "; ".join(
                f"{'.'.join(map(str, each['loc'])) or 'arguments'}: {each['msg']}" for each in error.errors()
            )
            raise ToolRefused(f"The arguments do not fit: {complaints}") from None


def fingerprint(name: str, arguments: Arguments) -> str:
    """What an approval is bound to: the hash of name and arguments in one canonical form."""
    canonical = json.dumps([name, arguments.model_dump(mode="json")], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def strict(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of a model as strict function calling wants it: closed, everything required, no defaults."""
    schema: dict[str, Any] = _closed(model.model_json_schema())
    schema.pop("description", None)
    return schema


def _closed(node: Any) -> Any:
    if isinstance(node, list):
        return [_closed(each) for each in node]
    if not isinstance(node, dict):
        return node
    closed = {key: _closed(value) for key, value in node.items() if key not in {"default", "title"}}
    if "properties" in node:
        # The names of properties are not keywords: one may well be called title.
        closed["properties"] = {name: _closed(value) for name, value in node["properties"].items()}
        closed["required"] = list(node["properties"])
        closed["additionalProperties"] = False
    return closed


def as_text(result: object, limit: int = RESULT_LIMIT) -> str:
    """A result as JSON for the model; one that is too long is cut and says so."""
    text = json.dumps(result, ensure_ascii=False, default=str)
    if len(text) <= limit:
        return text
    return json.dumps({"cut": True, "characters": len(text), "beginning": text[:limit]}, ensure_ascii=False)
