"""Where the sealing key lies, and what a seal holds against."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import keyring
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyring.backends import null
from pydantic import SecretStr

from tests.identity import keyrings
from tripsage_tui.identity.keeping import CannotKeep, Keeping, MustChoose, Place
from tripsage_tui.identity.keyring_store import KeyringUnusable, SystemKeyring
from tripsage_tui.identity.secret_box import CannotOpen, SecretBox

ANN, BEN = uuid4(), uuid4()
ALLOWED = [f"{keyrings.__name__}.{name}" for name in ("FileKeyring", "HangingKeyring", "BrokenKeyring")]


@pytest.fixture(autouse=True)
def backend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The keyring of this test, in its own folder."""
    before = keyring.get_keyring()
    monkeypatch.setenv("TEST_KEYRING", str(tmp_path / "keyring.json"))
    keyring.set_keyring(keyrings.FileKeyring())
    yield
    keyring.set_keyring(before)


def keeping(folder: Path, **options: float) -> Keeping:
    return Keeping(folder / "state", SystemKeyring(allowed=ALLOWED, **options))


@settings(max_examples=30)
@given(st.text(max_size=200))
def test_what_is_sealed_opens_and_looks_different_each_time(text: str) -> None:
    box = SecretBox(b"k" * 32)
    sealed = box.seal(SecretStr(text), owner=ANN, service="openai")
    assert box.open(sealed, owner=ANN, service=" OpenAI ").get_secret_value() == text
    assert box.seal(SecretStr(text), owner=ANN, service="openai") != sealed


def test_a_seal_opens_for_its_owner_service_and_key_only() -> None:
    box = SecretBox(b"k" * 32)
    sealed = box.seal(SecretStr("sk-plain"), owner=ANN, service="openai")
    raw = bytearray(base64.b64decode(sealed.removeprefix("aesgcm1:")))
    raw[-20] ^= 1
    changed = "aesgcm1:" + base64.b64encode(raw).decode()
    attempts = [
        (box, sealed, BEN, "openai"),
        (box, sealed, ANN, "other"),
        (SecretBox(b"x" * 32), sealed, ANN, "openai"),
        *((box, text, ANN, "openai") for text in (changed, sealed[:-8], "aesgcm1:", "aesgcm1:%%", "sk-plain", "")),
    ]
    for other, text, owner, service in attempts:
        with pytest.raises(CannotOpen) as refused:
            other.open(text, owner=owner, service=service)
        assert "sk-plain" not in f"{refused.value!r}{refused.value.__context__!r}"


async def test_the_keyring_keeps_the_key_between_programs(tmp_path: Path) -> None:
    first = keeping(tmp_path)
    assert (first.place, await first.box()) == (None, None)
    box = await first.box(create=True)
    assert box is not None
    assert first.place is Place.KEYRING
    sealed = box.seal(SecretStr("sk-1"), owner=ANN, service="openai")
    later = await keeping(tmp_path).box()
    assert later is not None
    assert later.open(sealed, owner=ANN, service="openai").get_secret_value() == "sk-1"
    assert [file.name for file in (tmp_path / "state").iterdir()] == ["secrets-kept-in"]


async def test_without_a_keyring_nothing_happens_before_a_choice(tmp_path: Path) -> None:
    keyring.set_keyring(null.Keyring())
    kept = keeping(tmp_path)
    with pytest.raises(MustChoose, match=r"not known: keyring\.backends\.null\.Keyring"):
        await kept.box(create=True)
    assert not (tmp_path / "state").exists()

    await kept.choose(Place.SESSION)
    assert await keeping(tmp_path).box(create=True) is None
    assert "until it ends" in await kept.described()

    await kept.choose(Place.FILE)
    again = keeping(tmp_path)
    assert again.place is Place.FILE
    assert await again.box() is not None
    assert again.file.stat().st_mode & 0o777 == 0o600
    assert str(again.file) in await again.described()


async def test_a_place_that_fails_later_is_not_replaced(tmp_path: Path) -> None:
    await keeping(tmp_path).box(create=True)
    keyring.set_keyring(null.Keyring())
    with pytest.raises(CannotKeep) as failed:
        await keeping(tmp_path).box(create=True)
    assert not isinstance(failed.value, MustChoose)
    assert keeping(tmp_path).place is Place.KEYRING


async def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    await keeping(tmp_path).choose(Place.FILE)
    file = keeping(tmp_path).file
    file.chmod(0o644)
    with pytest.raises(CannotKeep, match="can be read by others"):
        await keeping(tmp_path).box()
    file.chmod(0o600)
    file.write_text("nonsense")
    with pytest.raises(CannotKeep, match="does not hold a key"):
        await keeping(tmp_path).box()
    target = tmp_path / "elsewhere"
    file.rename(target)
    file.symlink_to(target)
    with pytest.raises(CannotKeep):
        await keeping(tmp_path).box()


async def test_a_keyring_that_hangs_is_given_up_and_asked_again_when_it_is_free() -> None:
    keyring.set_keyring(keyrings.HangingKeyring())
    keyrings.HangingKeyring.let_go.clear()
    asked = SystemKeyring(allowed=ALLOWED, limit=0.05)
    with pytest.raises(KeyringUnusable, match="did not answer"):
        await asked.read("x")
    with pytest.raises(KeyringUnusable, match="unlock it"):
        await asked.read("x")
    (waiting,) = (thread for thread in threading.enumerate() if thread.name == "keyring")
    assert waiting.daemon
    keyrings.HangingKeyring.let_go.set()
    waiting.join()
    assert await asked.read("x") is None


async def test_what_a_keyring_complains_of_is_not_repeated(tmp_path: Path) -> None:
    keyring.set_keyring(keyrings.BrokenKeyring())
    with pytest.raises(MustChoose, match=r"does not work \(RuntimeError\)") as failed:
        await keeping(tmp_path).box(create=True)
    cause: BaseException | None = failed.value
    while cause is not None:
        assert "could not store" not in str(cause)
        cause = cause.__cause__
