"""Cutting a file into statements where PostgreSQL would."""

from __future__ import annotations

import pytest

from tripsage_tui.data.statements import split_statements


@pytest.mark.parametrize(
    "statement",
    [
        "select 'a;b'",
        "select 'it''s;'",
        r"select e'\';'",
        "select ';\\'",
        'select 1 as ";"',
        "select $$;$$",
        "select $a$ ; $$ ; $b$ ; $a$",
        "do $$ begin perform 1; end $$",
        "select 1 -- no; end",
        "select 1 /* no; /* nested; */ end; */",
        "create function f() returns int language sql begin atomic select 1; select case when true then 2 end; end",
        "select a$b$c from t",
        "select 1 as begin_atomic",
        "-- why\nselect 1",
        "/* why; */ select 1",
        f"-- {'-' * 100}\nselect 1",
        "create table größe (atomic int)",
    ],
)
def test_what_hides_a_semicolon(statement: str) -> None:
    assert split_statements(f"{statement}\n;\n\nselect 2;") == [statement, "select 2"]


def test_nothing_is_made_of_nothing() -> None:
    assert split_statements("") == []
    assert split_statements(" ;; -- the end\n;\n-- really") == []


def test_an_open_comment_is_an_error() -> None:
    with pytest.raises(ValueError, match="not closed"):
        split_statements("select 1; /* for ever")
