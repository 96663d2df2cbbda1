"""How many tokens models read, as servers say it: in their list of models, or when a conversation was too long.

Kept between starts, because the list costs a request and the other way a refused question.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tripsage_tui.model_choices import WINDOWS, origin

_NAMES = ("context_window", "max_model_len", "context_length", "max_context_length")
"""Of OpenRouter and Groq, vLLM, LM Studio; llama.cpp says `meta.n_ctx`."""
_SAID = re.compile(
    r"n_ctx\W{1,4}(\d+)|maximum context length (?:is|of) (\d+)|context size \(?(\d+)|context window (?:is|of) (\d+)",
    re.IGNORECASE,
)
MOST = 500
"""Models that are remembered."""


class ModelWindows:
    """Windows in tokens, by server and model. What a server lists counts more than what it once complained of."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._known: dict[str, int] | None = None

    def known(self, base_url: str, model: str) -> int | None:
        """What the server said; None when it never did."""
        known = self._read()
        place = f"{origin(base_url)} {model}"
        return known.get(f"listed {place}") or known.get(f"learned {place}")

    def listed(self, base_url: str, windows: Mapping[str, int]) -> None:
        """Take what a list of models says."""
        self._take({f"listed {origin(base_url)} {model}": tokens for model, tokens in windows.items()})

    def learned(self, base_url: str, model: str, tokens: int) -> None:
        """Take what a refusal says. It comes from where the conversation was sent, so the list was wrong."""
        place = f"{origin(base_url)} {model}"
        self._read().pop(f"listed {place}", None)
        self._take({f"learned {place}": tokens})

    def _take(self, news: dict[str, int]) -> None:
        before = self._read()
        if all(before.get(name) == tokens for name, tokens in news.items()):
            return
        self._known = dict(list({**before, **news}.items())[-MOST:])
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                partial = self._path.with_suffix(".part")
                partial.write_text(json.dumps(self._known), encoding="utf-8")
                partial.replace(self._path)

    def _read(self) -> dict[str, int]:
        if self._known is None:
            self._known = {}
            with contextlib.suppress(OSError, ValueError, AttributeError):
                found = json.loads(self._path.read_text(encoding="utf-8")) if self._path else {}
                self._known = {str(name): tokens for name, tokens in found.items() if usable(tokens) is not None}
        return self._known


def usable(tokens: object) -> int | None:
    """A number of tokens that can be a window; None for anything else."""
    return tokens if isinstance(tokens, int) and not isinstance(tokens, bool) and tokens in WINDOWS else None


def window_in(listed: Mapping[str, Any]) -> int | None:
    """What an entry of a server's list of models says about it."""
    meta = listed.get("meta")
    candidates = [meta.get("n_ctx") if isinstance(meta, Mapping) else None, *(listed.get(name) for name in _NAMES)]
    return next((tokens for each in candidates if (tokens := usable(each)) is not None), None)


def window_said(words: str) -> int | None:
    """The window in a server's complaint that a conversation was too long."""
    found = _SAID.search(words)
    digits = next((group for group in found.groups() if group), "") if found else ""
    return usable(int(digits)) if 0 < len(digits) < 10 else None
