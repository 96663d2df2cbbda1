"""Who else looks at a trip, in words that fit into a corner."""

from __future__ import annotations

import pytest

from tripsage_tui.models.company import Company


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ((), ""),
        (("Bob",), "Bob is looking"),
        (("Bob", "Cem"), "Bob, Cem are looking"),
        (("Bob", "Cem", "Dan"), "Bob, Cem +1 are looking"),
        (("Bob", "Cem", "Dan", "Eve"), "Bob, Cem +2 are looking"),
        (("Bartholomew Featherstonehaugh",), "Bartholomew Fea… is looking"),
        ((" Bob\n the  builder ",), "Bob the builder is looking"),
    ],
)
def test_names_and_how_many_more(names: tuple[str, ...], text: str) -> None:
    assert Company(shared=True, names=names).text == text
