"""A Markdown text in pieces: the same ones however it comes, nothing lost, code and tables go on in the next one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tripsage_tui.widgets.pieces import LONGEST, MOST, Pieces, code_blocks

LINES = st.sampled_from(
    ["```py\n", "x = 1\n", "\n", "- item one\n", "1. foo\n", "| a | b |\n", "|---|---|\n", "words here " * 20 + "\n",
     "```\n", "~~~\n", "    indented\n", "# Head\n", "w " * 2000 + "\n", "日本" * 60 + "\n", "no end"]
)  # fmt: skip
TEXTS = st.lists(LINES, max_size=60).map("".join)


@given(TEXTS, st.lists(st.integers(1, 900), min_size=1, max_size=20))
def test_an_answer_is_cut_in_the_same_places_while_it_comes(text: str, sizes: list[int]) -> None:
    grown, at = Pieces(), 0
    while at < len(text):
        size = sizes[at % len(sizes)]
        grown.add(text[at : at + size])
        at += size
    assert grown.all == Pieces(text).all
    assert "".join("".join(piece.text.split()) for piece in grown.all) == "".join(text.split())


@given(TEXTS)
def test_no_piece_is_too_long_to_be_drawn_at_once(text: str) -> None:
    assert all(len(piece.text) <= MOST + LONGEST + 1 for piece in Pieces(text).all)


def test_code_and_tables_go_on_in_the_next_piece() -> None:
    code = Pieces("Look:\n\n```py\n" + "x = 1\n\n" * 600 + "```\n\nDone.").all
    assert len(code) > 3
    assert all(piece.lead == "```py\n" and piece.joined for piece in code[1:-1])
    assert code[-1].text.strip().endswith("Done.")
    table = Pieces("| a | b |\n|---|---|\n" + "| one | two |\n" * 300).all
    assert len(table) > 2
    assert all(piece.lead == "| a | b |\n|---|---|\n" for piece in table[1:])


def test_plain_text_knows_no_code() -> None:
    text = "```\n" + "word\n" * 900
    assert {piece.lead for piece in Pieces(text, plain=True).all} == {""}


def test_code_for_copying() -> None:
    assert code_blocks("a\n```sh\nls\n```\nb\n~~~\nx\n~~~\n") == ["ls\n", "x\n"]
    assert code_blocks("````\n```\nin\n```\n````\n```py\nnot over") == ["```\nin\n```\n", "not over"]
