"""Columns share the width there is; the least important one goes first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tripsage_tui.widgets.columns import Cell, Column, arrange

NAME = Column("Name", 10, 40, rank=9, good=20)
DATES = Column("Dates", 8, 16, rank=8)
STATUS = Column("Status", 1, 11, rank=7)
PAX = Column("Pax", 3, 3, rank=1, right=True)


def test_a_short_form_stays_until_the_long_one_fits() -> None:
    assert arrange([NAME, DATES, STATUS], 24) == (11, 8, 1)
    assert arrange([NAME, DATES, STATUS], 33) == (20, 8, 1)
    assert arrange([NAME, DATES, STATUS], 41) == (20, 16, 1)
    assert arrange([NAME, DATES, STATUS], 51) == (20, 16, 11)
    assert arrange([NAME, DATES, STATUS], 90) == (40, 16, 11)


def test_the_least_important_column_goes_first() -> None:
    assert arrange([NAME, DATES, STATUS, PAX], 27) == (10, 8, 1, 3)
    assert arrange([NAME, DATES, STATUS, PAX], 26)[3] == 0
    assert arrange([NAME, DATES, STATUS, PAX], 5) == (10, 0, 0, 0)


columns = st.builds(
    lambda least, more, rank, stretches: Column(
        "x", least, least + more, rank, good=least + more // 2 if stretches else 0
    ),
    st.integers(1, 20),
    st.integers(1, 20),
    st.integers(0, 9),
    st.booleans(),
)


@given(st.lists(columns, min_size=1, max_size=8), st.integers(1, 200))
def test_kept_columns_fit_and_have_a_useful_width(found: list[Column], width: int) -> None:
    sizes = arrange(found, width)
    kept = [(column, size) for column, size in zip(found, sizes, strict=True) if size]
    assert kept
    assert len(kept) == 1 or sum(size + 1 for _, size in kept) < width
    for column, size in kept:
        assert column.least <= size <= column.most
        assert column.good or size in {column.least, column.most}


def test_a_cell_says_most_in_the_room_there_is() -> None:
    cell = Cell("● booked", short="●")
    assert cell.text_for(8) == "● booked"
    assert cell.text_for(7) == "●"
    assert Cell("long text").text_for(3) == "long text"
