"""What can go wrong between a question and its answer: a sentence and a way on for each.

Codes, types and messages are all looked at: servers put the HTTP status where OpenAI has a code, and wrap each other's
errors.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from tripsage_tui.model_windows import window_said

LONGEST_WAIT = 60.0
"""Seconds that the program waits by itself before another try; what takes longer is said and left to the user."""


class Kind(StrEnum):
    NO_KEY = "no-key"
    KEY_REFUSED = "key-refused"
    FORBIDDEN = "forbidden"
    NO_SUCH_MODEL = "no-such-model"
    UNREACHABLE = "unreachable"
    LOADING = "loading"
    RATE = "rate-limit"
    QUOTA = "quota"
    SERVER = "server-error"
    FILTERED = "filtered"
    TOO_LONG = "too-long"
    REFUSED = "bad-request"
    INTERRUPTED = "interrupted"
    STALLED = "stalled"
    MALFORMED = "malformed"
    NOT_AN_ENDPOINT = "not-an-endpoint"
    PAUSED = "paused"


class Remedy(StrEnum):
    """What the user is offered."""

    SETTINGS = "settings"
    RETRY = "retry"
    CONTINUE = "continue"
    MODELS = "models"
    EDIT = "edit"
    SHORTEN = "shorten"
    NONE = "none"


_REMEDIES = {
    Kind.NO_KEY: Remedy.SETTINGS,
    Kind.KEY_REFUSED: Remedy.SETTINGS,
    Kind.NOT_AN_ENDPOINT: Remedy.SETTINGS,
    Kind.NO_SUCH_MODEL: Remedy.MODELS,
    Kind.FILTERED: Remedy.EDIT,
    Kind.REFUSED: Remedy.EDIT,
    Kind.TOO_LONG: Remedy.SHORTEN,
    Kind.QUOTA: Remedy.NONE,
    Kind.FORBIDDEN: Remedy.NONE,
    Kind.INTERRUPTED: Remedy.CONTINUE,
    Kind.STALLED: Remedy.CONTINUE,
    Kind.MALFORMED: Remedy.CONTINUE,
}
_RETRYABLE = {Kind.UNREACHABLE, Kind.LOADING, Kind.RATE, Kind.SERVER, Kind.STALLED}
_COUNTED = {Kind.UNREACHABLE, Kind.SERVER, Kind.STALLED}


class AnswerFailed(Exception):
    """There is no answer, or not the whole of it; the text is one sentence for the user."""

    def __init__(
        self,
        kind: Kind,
        sentence: str,
        *,
        retry_after: float | None = None,
        parameter: str = "",
        window: int | None = None,
    ) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.retry_after = retry_after
        """Seconds that the server asks to wait."""
        self.parameter = parameter
        """The request's parameter that the server does not know."""
        self.window = window
        """Tokens that the model reads, where the server says so because there were more."""

    @property
    def remedy(self) -> Remedy:
        return _REMEDIES.get(self.kind, Remedy.RETRY)

    @property
    def retryable(self) -> bool:
        """Whether the same request may work shortly, provided that nothing of an answer has come yet."""
        return self.kind in _RETRYABLE and (self.retry_after or 0) <= LONGEST_WAIT

    @property
    def counts(self) -> bool:
        """Whether it says something about the health of the server."""
        return self.kind in _COUNTED


_TOO_LONG = (
    "context_length_exceeded",
    "exceed_context_size",
    "contextwindowexceeded",
    "maximum context length",
    "context size",
    "context window",
)
_FILTERED = ("content_filter", "content_policy", "contentpolicyviolation", "content management policy")
_BY_STATUS: tuple[tuple[Callable[[int, str], bool], Kind], ...] = (
    (lambda status, words: any(word in words for word in _TOO_LONG), Kind.TOO_LONG),
    (lambda status, words: any(word in words for word in _FILTERED), Kind.FILTERED),
    # A proxy that keeps its keys in a database answers so to one that it does not know.
    (lambda status, words: status == 401 or "no connected db" in words, Kind.KEY_REFUSED),
    (lambda status, words: status == 403, Kind.FORBIDDEN),
    (lambda status, words: status == 404, Kind.NO_SUCH_MODEL),
    (lambda status, words: status == 429 and "insufficient_quota" in words, Kind.QUOTA),
    (lambda status, words: status == 429, Kind.RATE),
    (lambda status, words: status == 503 and "loading" in words, Kind.LOADING),
    (lambda status, words: status >= 500 and "physical batch size" in words, Kind.TOO_LONG),
    (lambda status, words: status >= 500 or status in {408, 409}, Kind.SERVER),
)
"""What an answer with an error status means; the first that fits."""
_SENTENCES = {
    Kind.NO_KEY: "No key is set for the assistant.",
    Kind.KEY_REFUSED: "{host} does not accept the key.",
    Kind.FORBIDDEN: "{host} refuses: {said}",
    Kind.NO_SUCH_MODEL: "{host} does not know this model or address: {said}",
    Kind.UNREACHABLE: "{host} cannot be reached.",
    Kind.LOADING: "{host} is still loading the model.",
    Kind.RATE: "{host} asks to wait {wait}.",
    Kind.QUOTA: "The account at {host} has no credit left.",
    Kind.SERVER: "{host} has a problem of its own (status {status}).",
    Kind.FILTERED: "{host} blocked the answer by its content rules.",
    Kind.TOO_LONG: "The conversation is longer than this model can read.",
    Kind.REFUSED: "{host} did not take the request: {said}",
    Kind.INTERRUPTED: "{host} broke off the answer: {said}",
    Kind.STALLED: "{host} was silent for too long.",
    Kind.MALFORMED: "{host} sent something that is no answer of a model.",
    Kind.NOT_AN_ENDPOINT: "{host} answers, but not as a model does. Its address should end in /v1.",
}
_NOT_A_WIRE = (json.JSONDecodeError, UnicodeDecodeError, AttributeError, TypeError, KeyError)


def failure(kind: Kind, host: str = "", said: str = "") -> AnswerFailed:
    """A failure with its sentence; `said` are the server's own words."""
    words = _SENTENCES[kind].format(host=host, said=said, wait="a moment", status="")
    return AnswerFailed(kind, words)


def connection_lost(host: str) -> AnswerFailed:
    """The stream ended before the answer did."""
    return AnswerFailed(Kind.INTERRUPTED, f"The connection to {host} was lost in the middle of the answer.")


def classify(error: Exception, *, host: str, started: bool) -> AnswerFailed:
    """The failure behind an exception of the SDK. `started`: something of the answer had come. Others pass through."""
    import openai

    match error:
        case AnswerFailed():
            return error
        case openai.APIStatusError():
            return _status(error, host)
        case openai.APITimeoutError() | TimeoutError():
            return failure(Kind.STALLED, host)
        case openai.APIConnectionError():
            return connection_lost(host) if started else failure(Kind.UNREACHABLE, host)
        case openai.APIError():
            return failure(Kind.INTERRUPTED, host, _said(error))
    if isinstance(error, _NOT_A_WIRE):
        return failure(Kind.MALFORMED, host)
    raise error


def _status(error: Any, host: str) -> AnswerFailed:
    status: int = error.status_code
    words = f"{error.code or ''} {error.type or ''} {error.message}".casefold()
    kind = next((kind for fits, kind in _BY_STATUS if fits(status, words)), Kind.REFUSED)
    wait = {Kind.RATE: retry_after(error.response.headers), Kind.LOADING: 2.0}.get(kind)
    sentence = _SENTENCES[kind].format(host=host, said=_said(error), wait=_for(wait), status=status)
    window = window_said(f"{error.message} {error.body}") if kind is Kind.TOO_LONG else None
    return AnswerFailed(
        kind, sentence, retry_after=wait, parameter=str(getattr(error, "param", None) or ""), window=window
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait, whichever of the headers in use it says it with."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0), ("llm_provider-retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) * unit)
        except (KeyError, ValueError):
            continue
    return None


def _for(seconds: float | None) -> str:
    if seconds is None:
        return "a moment"
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"


def _said(error: Any) -> str:
    """The server's own words, one line of at most 200 characters."""
    text = " ".join(str(getattr(error, "message", "") or error).split())
    return text if len(text) <= 200 else f"{text[:199]}…"
