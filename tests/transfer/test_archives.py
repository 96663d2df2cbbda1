"""Into a file and out of it: nothing is lost, nothing that is not ours is believed."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import tempfile
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.database import Database
from tests.transfer.belongings import everything, fill, plain
from tests.transfer.conftest import Enter
from tripsage_tui.data.exact_json import dumps
from tripsage_tui.data.rows import decode
from tripsage_tui.data.transfer_tables import TABLES
from tripsage_tui.transfer.archive_format import ArchiveError
from tripsage_tui.transfer.archive_reading import ArchiveSource
from tripsage_tui.transfer.archive_writing import write_archive
from tripsage_tui.transfer.checking import read_row
from tripsage_tui.transfer.moving import Moving
from tripsage_tui.transfer.worlds import DatabaseWorld


@pytest.fixture
async def home(database: Database, enter: Enter) -> AsyncIterator[DatabaseWorld]:
    """Ada's world, with everything in it."""
    ada = await database.create_user("Ada")
    await fill(await database.client(ada), ada)
    return await enter(database, ada)


async def test_a_round_trip_by_way_of_a_file(
    database: Database, other: Database, enter: Enter, home: DatabaseWorld, tmp_path: Path
) -> None:
    """local -> file -> other -> back to local, where everything is known, and to somebody who starts anew."""
    path = tmp_path / "all of it.zip"
    counts = await write_archive(home, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert names_in(tmp_path) == [path.name]
    before = await everything(home)
    assert counts == {name: len(rows) for name, rows in before.items()}
    away = await enter(other, await other.create_user("Ada"))
    with ArchiveSource(path) as file:
        assert (await Moving(file, away).move()).complete
    assert plain(await everything(away), without=()) == plain(before, without=())

    # The way back: every row is known by where it had come from, also after another road.
    back = await Moving(away, home).move()
    assert (back.complete, back.written, back.after.differences) == (True, 0, [])
    straight = await Moving(home, away).move()
    assert (straight.complete, straight.written, straight.after.differences) == (True, 0, [])
    with ArchiveSource(path) as file:
        restored = await Moving(file, home).move()
    assert (restored.complete, restored.written) == (True, 0)

    anew = await enter(database, await database.create_user("Anew"))
    assert (await Moving(away, anew).move()).complete
    assert plain(await everything(anew), without=()) == plain(before, without=())
    assert await everything(home) == before


async def test_a_backup_brings_back_what_was_deleted(database: Database, home: DatabaseWorld, tmp_path: Path) -> None:
    path = tmp_path / "backup.zip"
    await write_archive(home, path)
    before = plain(await everything(home))
    owner = await database.owner()
    await owner.execute("delete from trips where name like 'Trip 0%'")
    await owner.execute("delete from chat_sessions where title = 'About 2'")
    with ArchiveSource(path) as file:
        told = await Moving(file, home).move()
        assert (told.written, told.complete) == (0, True)
        assert {gone.title for gone in told.after.gone if gone.kind in {"trips", "chat_sessions"}} == {
            "trip Trip 0 🗻",
            "conversation About 2",
        }
        assert (await Moving(file, home, again=True).move()).complete
        after = plain(
            await everything(home), without=("updated_at", "trip_id", "source_session_id", "source_message_id")
        )
        assert {kind: len(rows) for kind, rows in after.items()} == {kind: len(rows) for kind, rows in before.items()}
        assert (await Moving(file, home).move()).written == 0


async def test_a_file_is_never_half_written(home: DatabaseWorld, tmp_path: Path) -> None:
    path = tmp_path / "backup.zip"
    path.write_bytes(b"yesterday")
    with pytest.raises(ArchiveError, match="exists already"):
        await write_archive(home, path)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await write_archive(home, path, replace=True, say=stop)
    assert (path.read_bytes(), names_in(tmp_path)) == (b"yesterday", [path.name])
    (tmp_path / ".backup.zip.4194305.part").write_bytes(b"of a program that was killed")
    await write_archive(home, path, replace=True)
    ArchiveSource(path).close()
    assert names_in(tmp_path) == [path.name]
    with pytest.raises(ArchiveError, match="is a folder: name a file in it"):
        await write_archive(home, tmp_path, replace=True)
    with pytest.raises(ArchiveError, match="cannot be written"):
        await write_archive(home, tmp_path / "nowhere" / "backup.zip")


def names_in(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


def rewritten(path: Path, target: Path, **members: Any) -> Path:
    """The archive with other members, and a manifest that vouches for them; None takes one out."""
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(contents.pop("manifest.json"))
    manifest |= members.pop("manifest", {})
    for word, content in members.items():
        name = word.replace("__", "/").replace("_jsonl", ".jsonl")
        if content is None:
            contents.pop(name)
        else:
            contents[name] = content(contents.get(name, b"")) if callable(content) else content
    manifest["members"] = {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in contents.items()
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
        archive.writestr("manifest.json", json.dumps(manifest))
    return target


def line(change: Any) -> Any:
    """Change the first row of a member."""

    def work(content: bytes) -> bytes:
        first, _, rest = content.partition(b"\n")
        if change.get("name") == "\ud800":
            return json.dumps(change).encode()
        row = decode(first.decode()) | change
        return dumps(row).encode() + b"\n" + rest

    return work


HOSTILE = {
    "does not know": {"data__trips_jsonl": line({"owner_id": 1})},
    "newer version": {"manifest": {"version": 2}},
    "not a transfer file": {"manifest": {"format": "tar"}},
    "manifest is incomplete": {"manifest": {"who": {"user_id": "me"}}},
    "does not belong there: .*passwd": {"../../etc/passwd": b"root"},
    "does not belong there: .*evil": {"data/evil.jsonl": b"{}"},
    "budget is not a number": {"data__trips_jsonl": line({"budget": "lots"})},
    "id is not an id": {"data__trips_jsonl": line({"id": -1})},
    "start_date is not a date": {"data__trips_jsonl": line({"start_date": "now"})},
    "name is not a text": {"data__trips_jsonl": line({"name": ["x"]})},
    "it is not a row": {"data__trips_jsonl": line({"name": "\ud800"})},
    "it is not JSON": {"data__trips_jsonl": b'{"id": 1'},
    "not JSON|not a row": {"data__trips_jsonl": b"[" * 100_000},
    "belongs to something that is not in the file": {"data__flights_jsonl": line({"trip_id": 424242})},
    "refers to a row that is not in the file": {"data__memories_jsonl": line({"superseded_by": 424242})},
    "grow beyond measure": {"data__lineage_jsonl": b"\n" * 20_000_000},
    "where rows came from": {"data__lineage_jsonl": b'{"kind": "trips"}\n'},
    "there before": {"data__trips_jsonl": lambda content: content * 2},
}


async def test_what_is_hostile_is_refused_with_one_sentence(home: DatabaseWorld, tmp_path: Path) -> None:
    good = tmp_path / "good.zip"
    await write_archive(home, good)
    ArchiveSource(rewritten(good, tmp_path / "same.zip")).close()
    for sentence, members in HOSTILE.items():
        with pytest.raises(ArchiveError, match=sentence) as found:
            ArchiveSource(rewritten(good, tmp_path / "bad.zip", **members))
        assert "\n" not in str(found.value)
    with pytest.raises(ArchiveError, match="no such file"):
        ArchiveSource(tmp_path / "nothing.zip")
    with pytest.raises(ArchiveError):
        ArchiveSource(tmp_path)


async def test_a_damaged_file_is_read_right_or_refused(home: DatabaseWorld, tmp_path: Path) -> None:
    good = tmp_path / "good.zip"
    await write_archive(home, good)
    content = good.read_bytes()
    with ArchiveSource(good) as file:
        right = await everything(file)
    bad = tmp_path / "bad.zip"
    refused = 0
    for at in range(0, len(content), max(1, len(content) // 60)):
        for damage in (content[:at], content[:at] + bytes([content[at] ^ 0x41]) + content[at + 1 :]):
            bad.write_bytes(damage)
            try:
                with ArchiveSource(bad) as file:
                    assert await everything(file) == right
            except ArchiveError:
                refused += 1
    assert refused > 60


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


@given(
    table=st.sampled_from(sorted(TABLES)),
    values=st.lists(json_values, min_size=4, max_size=4),
    junk=st.one_of(st.none(), st.binary(max_size=80)),
)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_line_is_a_row_or_refused(table: str, values: list[Any], junk: bytes | None) -> None:
    names = TABLES[table].names
    row = {name: values[number % len(values)] for number, name in enumerate(names)}
    try:
        found = read_row(TABLES[table], junk if junk is not None else json.dumps(row).encode(), "line 1")
    except ArchiveError:
        return
    assert found.keys() == set(names)
    assert isinstance(found["id"], int | str)


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_file_is_refused(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.zip"
        path.write_bytes(content)
        with pytest.raises(ArchiveError):
            ArchiveSource(path)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("manifest.json", content)
        path.write_bytes(packed.getvalue())
        with pytest.raises(ArchiveError):
            ArchiveSource(path)
