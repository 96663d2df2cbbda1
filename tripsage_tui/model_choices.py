"""Which server and model the user chose, in a file of each profile. It holds no key."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

LONGEST = 500
WIRES = ("responses", "chat")
WINDOWS = range(1_024, 10_000_001)
"""Tokens that a context window may have."""


class Unusable(ValueError):
    """What was typed cannot be taken; the text is one sentence."""


@dataclass(frozen=True)
class ModelChoices:
    """What is empty was not chosen: the standard applies."""

    base_url: str = ""
    model: str = ""
    window: int | None = None
    """Tokens that the model reads."""
    wire: str = ""
    """`responses` or `chat`."""


class ChoicesFile:
    """Reads once and writes at once; without a path the choices last as long as the program."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._choices: ModelChoices | None = None

    @property
    def choices(self) -> ModelChoices:
        if self._choices is None:
            self._choices = self._read()
        return self._choices

    def choose(self, choices: ModelChoices) -> None:
        """Keep them. Raises OSError, and then they are the choices of this program."""
        self._choices = choices
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = self._path.with_suffix(".part")
        partial.write_text(json.dumps(asdict(choices)), encoding="utf-8")
        partial.replace(self._path)

    def _read(self) -> ModelChoices:
        try:
            found: Any = json.loads(self._path.read_text(encoding="utf-8")) if self._path else {}
            named = {field.name: found[field.name] for field in fields(ModelChoices) if found.get(field.name)}
            return ModelChoices(
                base_url=read_address(str(named.get("base_url", ""))),
                model=read_model(str(named.get("model", ""))),
                window=read_window(str(named.get("window", ""))),
                wire=read_wire(str(named.get("wire", ""))),
            )
        except (OSError, ValueError, AttributeError, TypeError):
            return ModelChoices()


def origin(base_url: str) -> str:
    """Scheme, host and port: where a key is sent to."""
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def read_address(text: str) -> str:
    """The base URL of a server; empty for the standard one. Raises Unusable."""
    address = text.strip().rstrip("/")
    if not address:
        return ""
    if len(address) > LONGEST or not address.isprintable() or " " in address:
        raise Unusable("This is no address of a server.")
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise Unusable("This is no address of a server.") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise Unusable("An address begins with https:// or http://, such as http://localhost:11434/v1.")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise Unusable("An address takes no user, password or question mark: the key has a line of its own.")
    return address


def read_model(text: str) -> str:
    """The name of a model; empty for the standard one. Raises Unusable."""
    name = text.strip()
    if len(name) > LONGEST or not (name.isprintable() or not name):
        raise Unusable("This is no name of a model.")
    return name


def read_window(text: str) -> int | None:
    """Tokens, also as 32k or 32,768; None for what the server says. Raises Unusable."""
    word = text.strip().lower().replace(",", "").replace("_", "").replace(" ", "")
    if not word:
        return None
    factor = 1_024 if word.endswith("k") else 1
    digits = word.removesuffix("k")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and int(digits) * factor in WINDOWS):
        raise Unusable("A context window is a number of tokens from 1,024 on, such as 32k or 131072.")
    return int(digits) * factor


def read_wire(text: str) -> str:
    """How a server is spoken to; empty where its address decides. Raises Unusable."""
    word = text.strip().casefold()
    if word in {"", "auto"}:
        return ""
    if word not in WIRES:
        raise Unusable("A server is spoken to by responses or by chat; auto lets its address decide.")
    return word


def read_key(text: str) -> str:
    """A key as it can be sent. Raises Unusable, which never repeats it."""
    key = text.strip()
    if not key:
        raise Unusable("There is no key in this.")
    if len(key) > LONGEST or not key.isascii() or not key.isprintable() or " " in key:
        raise Unusable("A key is one word of plain letters, digits and signs; this is something else.")
    return key
