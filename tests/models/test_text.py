"""What a text field takes: everything that can be stored, exactly as typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripsage_tui.models.text import InvalidText, clean_input, shown

HOSTILE = [
    "[@click=app.quit]x[/]",
    "[bold",
    "\x1b[31mred\x1b[0m",
    "\u202eevil\u202c",
    "👩‍👩‍👧‍👦 family",
    "'; drop table trips; --",
    "{{7*7}} %s %n",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_kept_as_it_is(text: str) -> None:
    assert clean_input(text) == text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a\0b", "This text contains a NUL character, which cannot be stored."),
        ("a\ud800b", "This text contains half a character (a lone surrogate), which cannot be stored."),
        ("x" * 10_000, "This text is 10,000 characters long; at most 200 fit here."),
    ],
)
def test_refused_with_a_reason(text: str, sentence: str) -> None:
    with pytest.raises(InvalidText) as refused:
        clean_input(text, 200)
    assert str(refused.value) == sentence


@given(st.text())
def test_never_altered(text: str) -> None:
    try:
        assert clean_input(text, 50) == text
    except InvalidText:
        assert "\0" in text or len(text) > 50


@given(st.text(st.characters()))
def test_a_quote_in_a_sentence_is_one_short_printable_line(text: str) -> None:
    quoted = shown(text)
    assert quoted.isprintable()
    assert len(quoted) <= 42
