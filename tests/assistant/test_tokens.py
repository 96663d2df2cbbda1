"""The estimator: about as many tokens as there are, and more for more text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tripsage_tui.assistant.tokens import estimate


@given(st.text(max_size=300), st.text(max_size=300))
def test_more_text_is_never_fewer_tokens(one: str, other: str) -> None:
    assert 1 <= estimate(one) <= estimate(f"{one}\n{other}")


def test_scripts_cost_what_they_cost() -> None:
    english = "The train to Kyoto leaves at nine from platform fourteen, and the seats are reserved. "
    assert 14 <= estimate(english) <= 25
    assert estimate("東京駅から京都駅まで") > estimate("Tokyo to Kyoto")
    assert estimate('{"price": 13320, "currency": "JPY"}') >= 11
