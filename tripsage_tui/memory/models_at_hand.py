"""Which language model may be used, and with which key. Another source of keys only has to have `current`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from pydantic import SecretStr

OPENAI = "https://api.openai.com/v1"
HOW_TO = "F2 sets a key, or the address of a server of your own."
IN_THE_SHELL = "Set OPENAI_API_KEY or OPENAI_BASE_URL, or store a key: tripsage-tui keys set openai"


@dataclass(frozen=True)
class ModelAccess:
    """An OpenAI-compatible server, the key for it, and the models to use there."""

    api_key: SecretStr
    base_url: str = OPENAI
    chat_model: str = "gpt-5-mini"
    embedding_model: str = "text-embedding-3-small"
    window: int | None = None
    """Tokens that the chat model reads, where the user said so."""
    wire: str = ""
    """`responses` or `chat`, where the user said so; empty: the address decides."""

    @property
    def space(self) -> str:
        """The name of the space in which this embedding model's vectors can be compared."""
        host = "openai" if self.base_url.rstrip("/") == OPENAI else urlsplit(self.base_url).netloc or self.base_url
        return f"{host}:{self.embedding_model}"


class Keys(Protocol):
    """Where keys come from."""

    def current(self) -> ModelAccess | None:
        """What may be used now; None when nothing was set up. Called often, so it must not wait."""
        ...


class EnvironmentKeys:
    """OPENAI_API_KEY, OPENAI_BASE_URL; TRIPSAGE_MODEL and TRIPSAGE_EMBEDDING_MODEL name other models."""

    def __init__(self, environ: Callable[[], Mapping[str, str]] = lambda: os.environ) -> None:
        self._environ = environ

    def current(self) -> ModelAccess | None:
        environ = self._environ()
        key = environ.get("OPENAI_API_KEY", "").strip()
        base_url = environ.get("OPENAI_BASE_URL", "").strip()
        if not key and not base_url:
            return None
        standard = ModelAccess(SecretStr(""))
        return ModelAccess(
            api_key=SecretStr(key or "none"),
            base_url=base_url or OPENAI,
            chat_model=environ.get("TRIPSAGE_MODEL", "").strip() or standard.chat_model,
            embedding_model=environ.get("TRIPSAGE_EMBEDDING_MODEL", "").strip() or standard.embedding_model,
        )
