"""Drafts on disk, with real processes that die."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tripsage_tui.drafts import DraftStore

OTHER_PROGRAM = """
import sys, pathlib
from tripsage_tui.drafts import DraftStore
store = DraftStore(pathlib.Path(sys.argv[1]))
store.save("flight:new:3", "New flight", {"origin": "FRA"})
print("saved", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "drafts"


@pytest.fixture
def other(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another program with a form open."""
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER_PROGRAM, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "saved\n"
    yield process
    process.kill()
    process.communicate()


def test_a_draft_comes_back_as_it_was(folder: Path) -> None:
    values = {"name": "[@click=app.quit]x[/]\x1b[31m\ud800 👩‍👩‍👧", "notes": "x" * 10_000}
    store = DraftStore(folder)
    assert store.save("trip:new", "New trip", values)
    draft = store.load("trip:new")
    assert draft is not None
    assert (draft.key, draft.title, draft.values) == ("trip:new", "New trip", values)
    store.discard("trip:new")
    assert store.load("trip:new") is None


def test_only_the_user_can_read_them(folder: Path) -> None:
    old = os.umask(0)
    try:
        DraftStore(folder).save("trip:new", "New trip", {"name": "x"})
    finally:
        os.umask(old)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_form_that_is_open_elsewhere_is_not_a_leftover(folder: Path, other: subprocess.Popen[str]) -> None:
    store = DraftStore(folder)
    assert store.pending() == []
    assert store.load("flight:new:3") is None
    store.discard("flight:new:3")
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert [draft.values for draft in store.pending()] == [{"origin": "FRA"}]


def test_after_a_kill_the_next_start_offers_the_draft_until_it_is_dealt_with(
    folder: Path, other: subprocess.Popen[str]
) -> None:
    other.send_signal(signal.SIGKILL)
    other.wait()
    store = DraftStore(folder)
    (draft,) = store.pending()
    assert (draft.key, draft.title) == ("flight:new:3", "New flight")
    store.save(draft.key, draft.title, {"origin": "MUC"})
    resumed = store.load(draft.key)
    assert resumed is not None
    assert resumed.values == {"origin": "MUC"}
    store.discard(draft.key)
    assert DraftStore(folder).pending() == []


def test_leaving_properly_makes_leftovers_too(folder: Path) -> None:
    store = DraftStore(folder)
    store.save("trip:new", "New trip", {"name": "Japan"})
    assert store.pending() == []
    store.close()
    assert [draft.key for draft in DraftStore(folder).pending()] == ["trip:new"]


def test_the_newest_of_one_form_is_offered(folder: Path) -> None:
    for name in ("first", "second"):
        store = DraftStore(folder)
        store.save("trip:new", "New trip", {"name": name})
        store.close()
    assert [draft.values["name"] for draft in DraftStore(folder).pending()] == ["second"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"x"',
        b"\xff\xfe",
        b'{"key": 1, "title": "", "values": {}, "saved_at": 0}',
        b'{"key": "a", "title": "", "values": {"b": 1}, "saved_at": 0}',
        b'{"key": "a", "title": "", "values": {}, "saved_at": 1e99}',
        b'{"key": "a", "title": "", "values": {}, "saved_at": "now"}',
        b"[" * 100_000,
    ],
)
def test_a_broken_file_is_set_aside(folder: Path, content: bytes) -> None:
    store = DraftStore(folder)
    store.save("trip:new", "New trip", {"name": "x"})
    store.close()
    (folder / "0123.gone.json").write_bytes(content)
    assert [draft.key for draft in DraftStore(folder).pending()] == ["trip:new"]
    assert (folder / "0123.gone.broken").read_bytes() == content


def test_a_disk_that_refuses_is_no_crash(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    store = DraftStore(blocked / "drafts")
    assert store.save("trip:new", "New trip", {"name": "x"}) is False
    assert store.load("trip:new") is None
    assert store.pending() == []
    store.discard("trip:new")


def test_a_failed_save_keeps_the_draft_before_it(folder: Path) -> None:
    store = DraftStore(folder)
    store.save("trip:new", "New trip", {"name": "before"})
    path = next(folder.glob("*.json"))
    path.with_suffix(".new").mkdir()
    assert store.save("trip:new", "New trip", {"name": "after"}) is False
    draft = store.load("trip:new")
    assert draft is not None
    assert draft.values == {"name": "before"}


def test_nothing_is_made_before_the_first_draft(folder: Path) -> None:
    store = DraftStore(folder)
    assert store.pending() == []
    store.close()
    assert not folder.exists()


@settings(deadline=None)
@given(st.text(max_size=40), st.dictionaries(st.text(max_size=10), st.text(max_size=50), max_size=5))
def test_any_key_and_any_values(tmp_path_factory: pytest.TempPathFactory, key: str, values: dict[str, str]) -> None:
    store = DraftStore(tmp_path_factory.getbasetemp() / "any")
    assert store.save(key, "title", values)
    draft = store.load(key)
    assert draft is not None
    assert (draft.key, draft.values) == (key, values)
    store.discard(key)
    store.close()
