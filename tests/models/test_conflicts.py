"""Comparing and merging two versions of a record."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tripsage_tui.models.conflicts import differences, merge

_records = st.fixed_dictionaries({name: st.integers(0, 2) for name in "abc"})


def test_a_field_touched_by_one_side_goes_to_that_side() -> None:
    found = differences({"price": 1, "notes": "x"}, {"price": 2, "notes": "x"}, {"price": 1, "notes": "y"})
    assert [(each.field, each.natural, each.both_changed) for each in found] == [
        ("price", "mine", False),
        ("notes", "theirs", False),
    ]
    assert merge(found, {}) == {"price": 2}


def test_a_field_touched_by_both_is_marked_and_can_be_decided() -> None:
    (found,) = differences({"price": 1}, {"price": 2}, {"price": 3})
    assert found.both_changed
    assert merge([found], {"price": "theirs"}) == {}
    assert merge([found], {"price": "mine"}) == {"price": 2}


def test_the_same_change_on_both_sides_is_no_difference() -> None:
    assert differences({"price": 1}, {"price": 2}, {"price": 2}) == ()


@given(base=_records, mine=_records, theirs=_records)
def test_a_merge_loses_no_change_that_only_one_side_made(
    base: dict[str, int], mine: dict[str, int], theirs: dict[str, int]
) -> None:
    merged = theirs | merge(differences(base, mine, theirs), {})
    for field, before in base.items():
        if mine[field] == before:
            assert merged[field] == theirs[field]
        else:
            assert merged[field] == mine[field]
