"""Settings: a key is typed unseen, tested, kept where the user says, removed and brought back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.assistant.scripted import Reply, ScriptedServer, refusal
from tests.database import Database
from tests.hosted.vault import take_any_text
from tests.screens.planning import Host, said, settled, shown, type_into
from tripsage_tui.assistant.endpoint import Wire, endpoint_of
from tripsage_tui.assistant.prices import Prices
from tripsage_tui.data.api_keys import ApiKeyRepository
from tripsage_tui.identity.keeping import Keeping, Place
from tripsage_tui.model_choices import ChoicesFile, ModelChoices
from tripsage_tui.planner import Planner
from tripsage_tui.screens.settings import SettingsScreen
from tripsage_tui.stored_keys import Source, StoredKeys

KEY = "sk-proj-unseen-1"


def models(*names: str) -> Reply:
    listed = {"object": "list", "data": [{"id": name, "object": "model"} for name in names]}
    return Reply([json.dumps(listed).encode()], kind="application/json")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_key_is_set_tested_removed_and_brought_back(planner: Planner, size: tuple[int, int]) -> None:
    keys = planner.stored_keys
    async with ScriptedServer(models("m-1", "m-2"), refusal(401, "no", "invalid_api_key")) as server:
        keys.choose(ModelChoices(base_url=server.url, model="m-1"))
        app = Host(lambda: SettingsScreen(planner))
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            assert "A server of your own" in shown(app)
            await pilot.press("enter")
            await type_into(pilot, KEY)
            assert "•" * len(KEY) in shown(app)
            await pilot.press("home", "shift+end", "ctrl+c")
            assert KEY not in app.clipboard
            await pilot.press("enter")
            await settled(pilot)
            # The tests have no keyring: the question comes before anything is stored.
            assert "This computer has no keyring" in shown(app) or "not known" in shown(app)
            assert keys.source is Source.NONE
            await pilot.press("down", "down", "enter")
            await settled(pilot)
            screen = shown(app)
            assert "stored, not used yet" in screen
            assert "✓ The server answers and has 2 models." in screen
            assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
            assert (keys.source, keys.keeping.place) == (Source.STORED, Place.FILE)

            await pilot.press("T")
            await settled(pilot)
            assert "does not accept the key" in shown(app)
            await pilot.press("d")
            await settled(pilot)
            assert keys.source is Source.NONE
            await pilot.press("u")
            await settled(pilot)
            assert keys.source is Source.STORED
            assert KEY not in shown(app) + said(app)


async def test_address_model_and_window(planner: Planner) -> None:
    keys = planner.stored_keys
    app = Host(lambda: SettingsScreen(planner))
    async with ScriptedServer(models("m-1", "m-2")) as server, app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("j", "enter")
        await type_into(pilot, "localhost")
        await pilot.press("enter")
        assert "An address begins with https://" in shown(app)
        await pilot.press("ctrl+u")
        await type_into(pilot, server.url)
        await pilot.press("enter")
        await settled(pilot)
        assert keys.choices.base_url == server.url
        await pilot.press("T")
        await settled(pilot)
        assert "gpt-5-mini is not among them" in shown(app)
        await pilot.press("j", "enter", "down", "enter")
        await settled(pilot)
        assert keys.choices.model in {"m-1", "m-2"}
        await pilot.press("j", "enter")
        await type_into(pilot, "32k")
        await pilot.press("enter")
        await settled(pilot)
        assert "32,768 tokens" in shown(app)
        await pilot.press("u", "u", "u")
        await settled(pilot)
        assert keys.choices == ModelChoices()


async def test_the_wire_is_chosen_for_one_address(planner: Planner) -> None:
    keys = planner.stored_keys
    keys.choose(ModelChoices(base_url="http://127.0.0.1:1/v1"))
    app = Host(lambda: SettingsScreen(planner))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "Chat Completions (by the address)" in shown(app)
        await pilot.press("j", "j", "j", "j", "enter", "down", "down", "enter")
        await settled(pilot)
        assert "Responses (as chosen)" in shown(app)
        assert endpoint_of(keys.current()).speaks is Wire.RESPONSES
        await pilot.press("u")
        await settled(pilot)
        assert "by the address" in shown(app)
        keys.choose(ModelChoices(base_url="http://127.0.0.1:1/v1", wire="responses"))
        await pilot.press("k", "k", "k", "enter", "ctrl+u")
        await type_into(pilot, "http://127.0.0.1:2/v1")
        await pilot.press("enter")
        await settled(pilot)
        assert keys.choices.wire == ""
        keys.configured_wire = "responses"
        await pilot.press("j", "j", "j", "enter")
        await settled(pilot)
        assert "would change nothing" in said(app)


async def test_the_price_of_a_model_is_typed(planner: Planner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIPSAGE_CONFIG", str(tmp_path / "config.toml"))
    app = Host(lambda: SettingsScreen(planner))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("j", "j", "j", "j", "j")
        assert "What gpt-5-mini costs is not known" in shown(app)
        await pilot.press("enter")
        await type_into(pilot, "cheap")
        await pilot.press("enter")
        assert "A price is what a million tokens cost" in shown(app)
        await pilot.press("ctrl+u")
        await type_into(pilot, "0.25 0.025 2 usd")
        await pilot.press("enter")
        await settled(pilot)
        assert "0.25 in, 0.025 cached, 2 out USD per million tokens\n" in shown(app)
        assert f"As of {planner.today}. Prices are read from" in shown(app)
        assert str(Prices.load().of("gpt-5-mini-2026")) == str(Prices.load().of("gpt-5-mini"))
        await pilot.press("u")
        await settled(pilot)
        assert "not known" in shown(app)
        assert not (tmp_path / "prices.toml").exists()


async def test_a_project_keeps_keys_in_its_vault(planner: Planner, database: Database, tmp_path: Path) -> None:
    await take_any_text(database)
    repository = ApiKeyRepository(planner.database)
    keys = StoredKeys(repository, planner.profile.id, Keeping(tmp_path), ChoicesFile(), dict, vault="team")
    hosted = replace(planner, keys=keys, stored_keys=keys)
    async with ScriptedServer(models("m-1")) as server:
        keys.choose(ModelChoices(base_url=server.url, model="m-1"))
        app = Host(lambda: SettingsScreen(hosted))
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            await pilot.press("enter")
            await type_into(pilot, KEY)
            await pilot.press("enter")
            await settled(pilot)
            assert "stored, not used yet" in shown(app), "nobody is asked where to keep it"
            assert "vault" in shown(app)
            await pilot.press("end")
            assert "the operator of the project could" in " ".join(shown(app).split())
            await pilot.press("enter")
            assert "there is nothing to choose" in said(app)
            assert KEY not in shown(app) + said(app)
