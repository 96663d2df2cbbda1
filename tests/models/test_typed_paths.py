"""What terminals paste when files are dropped on them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripsage_tui.models.sizes import size_text
from tripsage_tui.models.typed_paths import PathUnreadable, typed_paths


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("", []),
        ("  \n ", []),
        ("~/Downloads/e ticket.pdf", ["~/Downloads/e ticket.pdf"]),
        ("'/tmp/e ticket.pdf' ", ["/tmp/e ticket.pdf"]),
        ("\"/tmp/a.pdf\" '/tmp/b c.pdf'", ["/tmp/a.pdf", "/tmp/b c.pdf"]),
        (r"/tmp/e\ ticket.pdf", ["/tmp/e ticket.pdf"]),
        (r"/tmp/e\ ticket.pdf /tmp/b.png", ["/tmp/e ticket.pdf", "/tmp/b.png"]),
        ("file:///tmp/M%C3%BCnchen%20Hbf.pdf", ["/tmp/München Hbf.pdf"]),
        ("file://localhost/tmp/a.pdf", ["/tmp/a.pdf"]),
        ("/tmp/a.pdf\n/tmp/b.pdf\n/tmp/a.pdf", ["/tmp/a.pdf", "/tmp/b.pdf"]),
        ("/tmp/Ann's ticket.pdf", ["/tmp/Ann's ticket.pdf"]),
        ("'/tmp/not closed", ["/tmp/not closed"]),
    ],
)
def test_each_way_is_understood(text: str, paths: list[str]) -> None:
    assert typed_paths(text) == paths


def test_files_of_other_computers_are_refused() -> None:
    with pytest.raises(PathUnreadable, match="nas is another computer"):
        typed_paths("file://nas/share/a.pdf")


@given(st.text(max_size=200))
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    with suppress(PathUnreadable):
        assert all(isinstance(path, str) and "\n" not in path for path in typed_paths(text))


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1_000, "1 kB"), (999_499, "999 kB"), (999_500, "1.0 MB"), (52_428_800, "52.4 MB")],
)
def test_sizes_in_words(count: int, text: str) -> None:
    assert size_text(count) == text
