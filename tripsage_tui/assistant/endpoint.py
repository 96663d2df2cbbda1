"""Which server answers, with which key and model, and which of the two wires it speaks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import SecretStr

from tripsage_tui.memory.models_at_hand import ModelAccess

OPENAI = "https://api.openai.com/v1"
KEYLESS = "not-needed"
"""Sent where a server of one's own wants no key; the SDK refuses an empty one."""


class Wire(StrEnum):
    """`responses` is OpenAI's own; everybody else speaks `chat` (Chat Completions)."""

    RESPONSES = "responses"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where questions go. `wire` None chooses by the host."""

    base_url: str = OPENAI
    api_key: SecretStr | None = None
    model: str = ""
    wire: Wire | None = None

    @property
    def host(self) -> str:
        """Host and port, for messages."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]

    @property
    def is_openai(self) -> bool:
        name = urlsplit(self.base_url).hostname or ""
        return name == "openai.com" or name.endswith(".openai.com")

    @property
    def is_local(self) -> bool:
        return is_local(self.base_url)

    @property
    def speaks(self) -> Wire:
        return self.wire or (Wire.RESPONSES if self.is_openai else Wire.CHAT)

    @property
    def usable(self) -> bool:
        """Whether a question could be asked: openai.com needs a key, a server of one's own may not."""
        return bool(self.api_key and self.api_key.get_secret_value()) or not self.is_openai


def is_local(base_url: str) -> bool:
    """Whether a server is on this machine or in a network without a way from outside."""
    name = (urlsplit(base_url).hostname or "").rstrip(".")
    try:
        address = ip_address(name)
    except ValueError:
        return bool(name) and ("." not in name or name.endswith((".local", ".lan", ".internal", ".localhost")))
    return address.is_loopback or address.is_private


def endpoint_of(access: ModelAccess | None, *, model: str = "", wire: Wire | None = None) -> Endpoint:
    """The endpoint behind a key; without one the keyless endpoint of openai.com, which is not usable."""
    if access is None:
        return Endpoint(model=model, wire=wire)
    chosen = wire or (Wire(access.wire) if access.wire else None)
    return Endpoint(access.base_url.rstrip("/"), access.api_key, model or access.chat_model, chosen)
