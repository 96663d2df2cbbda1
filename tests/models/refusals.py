"""Calling a parser that may refuse."""

from __future__ import annotations

from collections.abc import Callable

from tripsage_tui.models.text import InputError


def refusal(parse: Callable[[], object]) -> str | None:
    """The sentence with which `parse` refuses, None where it accepts. Any other exception is a failure of the test."""
    try:
        parse()
    except InputError as error:
        return str(error)
    return None


def is_sentence(text: str | None) -> bool:
    """Whether a refusal, if there is one, can be shown as it is."""
    return text is None or (text.isprintable() and text.endswith((".", "?")) and text[:1] != " ")
