"""Days on which a place is closed, as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripsage_tui.models.closing_days import Closed, read_closed, write_closed
from tripsage_tui.models.text import InputError


@pytest.mark.parametrize(
    ("typed", "closed"),
    [
        ("mon, holidays", Closed((1,), holidays=True)),
        ("Mondays and public holidays", Closed((1,), holidays=True)),
        ("tue-thu", Closed((2, 3, 4))),
        ("sat - mon", Closed((1, 6, 7))),
        ("weekends", Closed((6, 7))),
        ("wed/fri wed", Closed((3, 5))),
    ],
)
def test_what_people_type(typed: str, closed: Closed) -> None:
    assert read_closed(typed) == closed


@pytest.mark.parametrize("typed", ["never", "mo", "mon-wed-fri", "13", "mon, someday"])
def test_what_is_no_day_is_said(typed: str) -> None:
    with pytest.raises(InputError, match="is no day of the week"):
        read_closed(typed)


@given(st.sets(st.integers(1, 7)), st.booleans())
def test_written_and_read_again(days: set[int], holidays: bool) -> None:
    closed = Closed(tuple(sorted(days)), holidays)
    assert read_closed(write_closed(closed)) == closed
