"""Keys of users on a real database: stored sealed, opened by their owner only, for one server only."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.data.conftest import SignIn, sign_in  # noqa: F401  a fixture
from tests.database import Database, User
from tests.hosted.vault import take_any_text
from tripsage_tui.assistant.endpoint import Wire, endpoint_of
from tripsage_tui.data.api_keys import ApiKeyRepository
from tripsage_tui.data.errors import InvalidValue
from tripsage_tui.identity.keeping import Keeping, MustChoose, Place
from tripsage_tui.identity.keyring_store import SystemKeyring
from tripsage_tui.memory.models_at_hand import ModelAccess
from tripsage_tui.model_choices import ChoicesFile, ModelChoices
from tripsage_tui.stored_keys import SERVICE, Source, StoredKeys

KEY = "sk-proj-Abc123-very-secret"
LOCAL = ModelChoices(base_url="http://127.0.0.1:1/v1", model="m-1", window=32_000)


class Session:
    """What one program of a user holds."""

    def __init__(self, enter: SignIn, folder: Path) -> None:
        self._sign_in = enter
        self._folder = folder

    async def open(self, user: User, *, wire: str = "auto", vault: str = "", **environ: str) -> StoredKeys:
        keeping = Keeping(self._folder / "state", SystemKeyring(allowed=()))
        repository = ApiKeyRepository(await self._sign_in(user))
        file = ChoicesFile(self._folder / f"{user.id}.json")
        keys = StoredKeys(repository, user.id, keeping, file, lambda: environ, wire=wire, vault=vault)
        await keys.load()
        return keys


@pytest.fixture
def session(sign_in: SignIn, tmp_path: Path) -> Session:  # noqa: F811
    return Session(sign_in, tmp_path)


@pytest.fixture
async def ann(database: Database) -> User:
    return await database.create_user("Ann")


def key_of(keys: StoredKeys) -> str | None:
    access = keys.current()
    return access.api_key.get_secret_value() if access else None


async def test_a_key_is_kept_for_its_owner_and_leaves_no_trace(
    session: Session, database: Database, ann: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    keys = await session.open(ann)
    assert (keys.current(), keys.source) == (None, Source.NONE)
    with pytest.raises(MustChoose):
        await keys.set(SecretStr(KEY))
    assert keys.source is Source.NONE
    await keys.keeping.choose(Place.FILE)
    await keys.set(SecretStr(KEY))
    await keys.used()
    later = await session.open(ann)
    assert (key_of(later), later.source) == (KEY, Source.STORED)
    assert later.set_at is not None
    assert later.last_used is not None

    await (await database.superuser()).execute("checkpoint")
    needles = (KEY.encode(), SecretStr(KEY).get_secret_value()[8:].encode())
    files = [file for folder in (database.server.folder, session._folder) for file in folder.rglob("*")]
    searched = 0
    for file in files:
        if file.is_file():
            content = file.read_bytes()
            searched += len(content)
            assert not any(needle in content for needle in needles), file
    assert searched > 10_000_000
    told = caplog.text + repr(later.current()) + repr(later._entry) + repr(await later.remove())
    assert KEY not in told
    assert key_of(await session.open(ann)) is None


async def test_another_user_and_a_changed_row_open_nothing(session: Session, database: Database, ann: User) -> None:
    keys = await session.open(ann)
    await keys.keeping.choose(Place.FILE)
    await keys.set(SecretStr(KEY))
    ben = await database.create_user("Ben")
    theirs = await session.open(ben)
    assert theirs.current() is None
    assert await theirs._repository.stored(SERVICE) is None
    assert await theirs._repository.delete(SERVICE) is False

    # Even where the seal is carried over by hand it does not open.
    owner = await database.superuser()
    sealed = await owner.fetchval("select secret from vault.secrets")
    await theirs._repository.put(SERVICE, SecretStr(sealed))
    carried = await session.open(ben)
    assert carried.current() is None
    assert "cannot be opened" in carried.trouble

    broken = sealed[:20] + ("A" if sealed[20] != "A" else "B") + sealed[21:]
    await owner.execute("update vault.secrets set secret = $1 where name like $2", broken, f"%{ann.id}")
    tampered = await session.open(ann)
    assert tampered.current() is None
    assert "cannot be opened" in tampered.trouble

    # A key that is set again makes all well.
    await tampered.set(SecretStr("sk-new"))
    assert (key_of(tampered), tampered.trouble) == ("sk-new", "")


async def test_the_server_takes_no_plaintext_and_does_not_repeat_it(session: Session, ann: User) -> None:
    keys = await session.open(ann)
    with pytest.raises(InvalidValue) as refused:
        await keys._repository.put(SERVICE, SecretStr(KEY))
    assert KEY not in f"{refused.value!r}{refused.value}"


async def test_undo_brings_the_key_before_back(session: Session, ann: User) -> None:
    keys = await session.open(ann)
    await keys.keeping.choose(Place.FILE)
    first = await keys.set(SecretStr("sk-1"))
    second = await keys.set(SecretStr("sk-2"))
    await keys.put_back(second)
    assert (key_of(keys), key_of(await session.open(ann))) == ("sk-1", "sk-1")
    removed = await keys.remove()
    assert removed is not None
    assert keys.current() is None
    await keys.put_back(removed)
    assert key_of(await session.open(ann)) == "sk-1"
    await keys.put_back(first)
    assert (keys.current(), key_of(await session.open(ann))) == (None, None)


async def test_a_key_is_sent_to_the_server_it_was_set_for_only(session: Session, ann: User) -> None:
    keys = await session.open(ann)
    heard: list[str | None] = []
    keys.on_change(lambda: heard.append(key_of(keys)))
    await keys.keeping.choose(Place.FILE)
    await keys.set(SecretStr(KEY))
    keys.choose(LOCAL)
    access = keys.current()
    assert access is not None
    assert (access.base_url, access.chat_model, access.window) == ("http://127.0.0.1:1/v1", "m-1", 32_000)
    assert (access.api_key.get_secret_value(), keys.other_server) == ("none", "https://api.openai.com")
    assert key_of(await session.open(ann)) == "none"
    keys.choose(ModelChoices())
    assert heard[-3:] == [KEY, "none", KEY]


async def test_the_environment_comes_first_and_its_key_stays_with_its_server(session: Session, ann: User) -> None:
    keys = await session.open(ann)
    await keys.keeping.choose(Place.FILE)
    await keys.set(SecretStr(KEY))
    keys.choose(LOCAL)
    both = await session.open(ann, OPENAI_API_KEY="sk-env")
    access = both.current()
    assert access is not None
    assert both.source is Source.ENVIRONMENT
    assert (access.api_key.get_secret_value(), access.base_url) == ("sk-env", "https://api.openai.com/v1")
    same = (await session.open(ann, OPENAI_BASE_URL="http://127.0.0.1:1/v1")).current()
    assert same is not None
    assert (same.chat_model, same.window) == ("m-1", 32_000)


async def test_a_database_that_is_away_takes_no_key_away(session: Session, ann: User) -> None:
    keys = await session.open(ann)
    await keys.keeping.choose(Place.FILE)
    await keys.set(SecretStr(KEY))
    await keys._repository._database.close()
    await keys.reload()
    assert key_of(keys) == KEY
    assert keys.trouble


async def test_a_key_of_this_session_is_not_stored(session: Session, ann: User) -> None:
    keys = await session.open(ann)
    await keys.keeping.choose(Place.SESSION)
    await keys.set(SecretStr(KEY))
    assert (key_of(keys), keys.source) == (KEY, Source.SESSION)
    await keys.reload()
    assert key_of(keys) == KEY
    assert (await session.open(ann)).current() is None
    assert await keys.remove() is not None
    assert keys.current() is None


async def test_the_configured_wire_comes_before_the_chosen_one(session: Session, ann: User) -> None:
    keys = await session.open(ann)
    keys.choose(replace(LOCAL, wire="responses"))
    assert [endpoint_of((await session.open(ann, wire=wire)).current()).speaks for wire in ("auto", "chat")] == [
        Wire.RESPONSES,
        Wire.CHAT,
    ]
    elsewhere = await session.open(ann, wire="chat", OPENAI_API_KEY="sk-1")
    assert endpoint_of(elsewhere.current()).speaks is Wire.CHAT
    # What was chosen was chosen for another server.
    assert endpoint_of((await session.open(ann, OPENAI_BASE_URL="http://127.0.0.1:2/v1")).current()).wire is None


async def test_a_projects_vault_takes_the_key_itself(
    sign_in: SignIn,  # noqa: F811
    database: Database,
    ann: User,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    await take_any_text(database)
    here, elsewhere = Session(sign_in, tmp_path / "here"), Session(sign_in, tmp_path / "elsewhere")
    keys = await here.open(ann, vault="team")
    assert keys.place == "vault"
    before = await keys.set(SecretStr(KEY))
    assert await (await database.superuser()).fetchval("select secret from vault.secrets") == KEY
    await keys.used()
    other = await elsewhere.open(ann, vault="team")
    assert (key_of(other), other.source, other.trouble) == (KEY, Source.STORED, "")
    assert other.last_used is not None
    assert "Vault of team" in await other.described()

    # One for another server says so, and goes there only.
    other.choose(LOCAL)
    assert key_of(other) == "none"
    replaced = await other.set(SecretStr("sk-local"))
    assert key_of(await elsewhere.open(ann, vault="team")) == "sk-local"
    assert (await here.open(ann, vault="team")).other_server == "http://127.0.0.1:1"
    await other.put_back(replaced)
    assert key_of(await here.open(ann, vault="team")) == KEY

    removed = await keys.remove()
    assert (await elsewhere.open(ann, vault="team")).current() == ModelAccess(
        SecretStr("none"), "http://127.0.0.1:1/v1", "m-1", window=32_000
    )
    assert await (await database.superuser()).fetchval("select count(*) from vault.secrets") == 0
    assert KEY not in caplog.text + f"{keys.current()!r}{other._entry!r}{before!r}{removed!r}{replaced!r}"
    assert not (tmp_path / "here" / "state").exists()


async def test_what_was_sealed_on_a_computer_does_not_open_in_a_vault(session: Session, ann: User) -> None:
    keys = await session.open(ann)
    await keys.keeping.choose(Place.FILE)
    await keys.set(SecretStr(KEY))
    hosted = await session.open(ann, vault="team")
    assert hosted.current() is None
    assert "set the key again" in hosted.trouble
