"""The file beside the database: what came is in it at once, a running answer's is left alone, damage costs its end."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

import pytest

from tripsage_tui.answer_journals import AnswerJournals, Begun


def begun() -> Begun:
    return Begun(session_id=uuid4(), key=uuid4(), parent_id=7, about={"model": "m-1"})


def test_what_came_is_left_behind_until_it_is_done(tmp_path: Path) -> None:
    journals = AnswerJournals(tmp_path / "answers")
    begin = begun()
    journal = journals.begin(begin)
    assert not journals.any
    journal.thought("Hm.")
    journal.text("Kyo")
    journal.text("to \ud800\x1b[2J\nit is")
    (file,) = (tmp_path / "answers").iterdir()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert list(AnswerJournals(tmp_path / "answers").left()) == []  # somebody still writes it
    journal.ended("stopped", {"finish": "stop"})
    journal.release()
    (left,) = journals.left()
    assert (left.begun, left.text, left.thinking) == (begin, "Kyoto \ud800\x1b[2J\nit is", "Hm.")
    assert (left.status, left.about) == ("stopped", {"finish": "stop"})
    assert list(journals.left()) == []  # somebody has taken it up
    left.release()
    (again,) = journals.left()
    again.done()
    assert not journals.any


def test_a_stored_answer_leaves_nothing(tmp_path: Path) -> None:
    journals = AnswerJournals(tmp_path)
    journal = journals.begin(begun())
    journal.ended("complete", {})
    assert not journals.any
    journal.text("Kyoto")
    journal.sync()
    journal.done()
    journal.text("more")
    assert not journals.any


@pytest.mark.parametrize("end", [b'["text", "it', b'["text", 7]\n', b"\xff\n", b"[" * 100_000 + b"\n", b'{"a": 1}\n'])
def test_a_torn_end_costs_only_itself(tmp_path: Path, end: bytes) -> None:
    journals = AnswerJournals(tmp_path)
    journal = journals.begin(begun())
    journal.text("Kyoto ")
    journal.release()
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes() + end)
    (tmp_path / "no.jsonl").write_bytes(end)
    (left,) = journals.left()
    assert (left.text, left.status) == ("Kyoto ", None)
    left.release()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_costs_the_journal(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    journal = AnswerJournals(tmp_path / "answers").begin(begun())
    journal.text("Kyoto")
    journal.ended("complete", {})
    journal.done()


def test_a_file_in_the_way_costs_the_journal(tmp_path: Path) -> None:
    (tmp_path / "answers").write_text("a file")
    journals = AnswerJournals(tmp_path / "answers")
    journal = journals.begin(begun())
    journal.text("Kyoto")
    journal.done()
    assert list(journals.left()) == []
