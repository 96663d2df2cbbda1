"""The chat screen with the real SDK, a scripted model and a real database: what the traveller sees and what is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from textual import events
from textual.pilot import Pilot

from tests.assistant.scripted import HANG, Reply, ScriptedServer, called, chunk, refusal, said, sse
from tests.assistant.test_answering import DINNER, call
from tests.screens.planning import JAPAN, Host, a_trip, settled, shown, type_into, until
from tests.screens.planning import said as told
from tripsage_tui.memory.models_at_hand import ModelAccess
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.planner import Planner
from tripsage_tui.screens.chat import ChatScreen
from tripsage_tui.widgets.approval_bar import ApprovalBar
from tripsage_tui.widgets.composer import Composer, Suggestions


class Keys:
    def __init__(self, server: ScriptedServer | None) -> None:
        self.access = ModelAccess(SecretStr("sk-test"), server.url, "m-1") if server is not None else None

    def current(self) -> ModelAccess | None:
        return self.access


def chat_with(planner: Planner, server: ScriptedServer | None, trip_id: int | None = None) -> Host:
    import dataclasses

    if server is not None and server.models is None:
        server.models = refusal(404, "no such path")
    return Host(lambda: ChatScreen(dataclasses.replace(planner, keys=Keys(server)), trip_id))


def screen_of(pilot: Pilot[Any]) -> ChatScreen:
    screen = next(each for each in pilot.app.screen_stack if isinstance(each, ChatScreen))
    assert isinstance(screen, ChatScreen)
    return screen


async def ask(pilot: Pilot[Any], text: str) -> None:
    await settled(pilot)
    screen_of(pilot).composer.take(text)
    await pilot.press("enter")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_question_and_its_answer(planner: Planner, size: tuple[int, int]) -> None:
    async with ScriptedServer(Reply(said("# Kyoto\n\n", "- quiet\n- [b]old[/b]"))) as server:
        app = chat_with(planner, server)
        async with app.run_test(size=size) as pilot:
            await until(pilot, "Ask about your trips")
            await ask(pilot, "Where to?")
            screen = await until(pilot, "You", "Where to?", "quiet", "[b]old[/b]", "tokens 11 in (3 cached), 5 out")
            assert "context" in screen
            assert screen_of(pilot).composer.text == ""
    (session,) = await planner.chats.sessions()
    assert (session.title, session.messages) == ("Where to?", 2)


async def test_no_key_keeps_the_question_and_the_tools_work_by_hand(planner: Planner, plan: TripPlan) -> None:
    app = chat_with(planner, None, plan.trip.id)
    async with app.run_test(size=(120, 40)) as pilot:
        await ask(pilot, "Where to?")
        await until(pilot, "No model yet. F2 sets a key")
        assert screen_of(pilot).composer.text == "Where to?"
        await ask(pilot, "/search_places haneda")
        await until(pilot, "✓ search_places haneda  done")
        await ask(pilot, '/add_item "Tea" item_type=meal day=2027-10-08')
        await until(pilot, "Add Tea to Japan in autumn", "+ title")
        await pilot.press("a")
        await until(pilot, "✓ add_item Tea")
        await settled(pilot)
    assert [item.title for item in (await planner.trips.plan(plan.trip.id)).items] == ["Tea"]


async def test_a_write_is_shown_and_approved(planner: Planner, plan: TripPlan) -> None:
    async with ScriptedServer(Reply(called(call("add_item", DINNER))), Reply(said("It is in."))) as server:
        app = chat_with(planner, server, plan.trip.id)
        async with app.run_test(size=(120, 40)) as pilot:
            await ask(pilot, "Add a dinner in Gion")
            await until(pilot, "Add Dinner in Gion to Japan in autumn", "Fri 8 Oct", "a once")
            assert app.screen.focused is screen_of(pilot).query_one(ApprovalBar)
            await pilot.press("a")
            await until(pilot, "It is in.")
            await settled(pilot)
            assert isinstance(app.screen.focused, Composer)
    assert len((await planner.trips.plan(plan.trip.id)).items) == 1
    assert await planner.undo.undo() == "adding the meal Dinner in Gion"


async def test_a_denial_carries_its_reason(planner: Planner, plan: TripPlan) -> None:
    async with ScriptedServer(Reply(called(call("add_item", DINNER))), Reply(said("All right."))) as server:
        app = chat_with(planner, server, plan.trip.id)
        async with app.run_test(size=(80, 24)) as pilot:
            await ask(pilot, "Add a dinner")
            await until(pilot, "d deny")
            await pilot.press("d")
            await type_into(pilot, "too late")
            assert "a once" not in shown(app), "keys that are letters of the reason now"
            await pilot.press("enter")
            await until(pilot, "All right.")
            await settled(pilot)
    assert "too late" in json.dumps(server.requests[1].body)
    assert (await planner.trips.plan(plan.trip.id)).items == ()


async def test_escape_stops_and_c_continues(planner: Planner) -> None:
    async with ScriptedServer(Reply([*sse(chunk({"content": "Kyo"})), HANG]), Reply(said("to."))) as server:
        app = chat_with(planner, server)
        async with app.run_test(size=(80, 24)) as pilot:
            await ask(pilot, "Where to?")
            await until(pilot, "Kyo", "answering")
            await pilot.press("escape")
            await until(pilot, "stopped")
            await settled(pilot)
            await pilot.press("tab", "c")
            await until(pilot, "to.")
            await settled(pilot)


async def test_versions_and_editing(planner: Planner) -> None:
    async with ScriptedServer(Reply(said("Kyoto.")), Reply(said("Nara.")), Reply(said("Rome."))) as server:
        app = chat_with(planner, server)
        async with app.run_test(size=(120, 40)) as pilot:
            await ask(pilot, "Where to?")
            await until(pilot, "Kyoto.")
            await settled(pilot)
            await pilot.press("tab", "r")
            await until(pilot, "Nara.", "‹2/2›")
            await settled(pilot)
            await pilot.press("left_square_bracket")
            await until(pilot, "Kyoto.", "‹1/2›")
            await pilot.press("up", "e")
            await settled(pilot)
            await type_into(pilot, " In spring?")
            await pilot.press("enter")
            await until(pilot, "Where to? In spring?", "Rome.")
            await settled(pilot)


async def test_offers_while_typing(planner: Planner, plan: TripPlan) -> None:
    app = chat_with(planner, None, plan.trip.id)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await type_into(pilot, "/se")
        await until(pilot, "▸ /search_places")
        await pilot.press("tab")
        assert screen_of(pilot).composer.text == "/search_places "
        assert not screen_of(pilot).query_one(Suggestions).has_class("-open")
        screen_of(pilot).composer.take("")
        await type_into(pilot, "what on @day")
        await until(pilot, "@day 1")
        await pilot.press("down", "enter")
        assert "day 2 (2027-10-03)" in screen_of(pilot).composer.text
        await pilot.press("ctrl+j")
        assert screen_of(pilot).composer.text.endswith("\n")


async def test_an_earlier_conversation_is_found_and_opened(planner: Planner) -> None:
    async with ScriptedServer(Reply(said("A ryokan in Kinosaki."))) as server:
        app = chat_with(planner, server)
        async with app.run_test(size=(120, 40)) as pilot:
            await ask(pilot, "Where to stay?")
            await until(pilot, "Kinosaki")
            await settled(pilot)
            await pilot.press("ctrl+n")
            await settled(pilot)
            assert "Kinosaki" not in shown(app)
            await pilot.press("ctrl+o")
            await settled(pilot)
            await type_into(pilot, "kinos")
            await until(pilot, "Where to stay?", "Kinosaki")
            await pilot.press("enter")
            await until(pilot, "A ryokan in Kinosaki.")
            await settled(pilot)


async def test_an_unfinished_question_is_still_there(planner: Planner) -> None:
    for text in ("What about", "What about [b]Nara"):
        app = chat_with(planner, None)
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            screen_of(pilot).composer.take(text)
            await pilot.pause()
    app = chat_with(planner, None)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert screen_of(pilot).composer.text == "What about [b]Nara"
        assert told(app) == ""


async def test_the_window_is_what_the_server_says_and_the_cost_is_said(
    planner: Planner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIPSAGE_CONFIG", str(tmp_path / "config.toml"))
    listed = {"object": "list", "data": [{"id": "m-1", "object": "model", "meta": {"n_ctx": 4096}}]}
    too_long = refusal(400, "maximum context length is 2048 tokens", "context_length_exceeded")
    async with ScriptedServer(Reply(said("Kyoto.")), too_long, Reply(said("Nara."))) as server:
        server.models = Reply([json.dumps(listed).encode()], kind="application/json")
        app = chat_with(planner, server)
        async with app.run_test(size=(120, 40)) as pilot:
            await ask(pilot, "Where to?")
            await until(pilot, "Kyoto.", "5 out · local")
            await settled(pilot)
            talk = screen_of(pilot).talk
            assert talk.window == 4096
            await ask(pilot, "And then?")
            await until(pilot, "It reads 2,048 tokens", "r asks again")
            await settled(pilot)
            assert talk.window == 2048
            await pilot.press("tab", "r")
            await until(pilot, "Nara.")
            await settled(pilot)


async def test_another_key_is_used_from_the_next_question_on(planner: Planner) -> None:
    from tripsage_tui.identity.keeping import Place
    from tripsage_tui.model_choices import ModelChoices

    keys = planner.stored_keys
    await keys.keeping.choose(Place.FILE)
    async with ScriptedServer(Reply(said("Kyoto."))) as server:
        server.models = refusal(404, "no such path")
        app = Host(lambda: ChatScreen(planner))
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, "No model yet. F2 sets a key, or the address of a server of your own.")
            keys.choose(ModelChoices(base_url=server.url, model="m-9"))
            await keys.set(SecretStr("sk-later"))
            await settled(pilot)
            assert "No model" not in shown(app)
            await ask(pilot, "Where to?")
            await until(pilot, "Kyoto.")
            await settled(pilot)
        (request,) = server.requests
        assert (request.headers["authorization"], request.body["model"]) == ("Bearer sk-later", "m-9")
    await keys.reload()
    assert keys.last_used is not None


async def test_trips_memories_and_files_are_offered_and_go_along(
    planner: Planner, plan: TripPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "my notes"
    folder.mkdir()
    (folder / "gion.txt").write_text("The [b]tea house[/b] opens at ten.\x1b[2J")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0\0")
    (folder / "bad\x1b[2Jname").write_text("x")
    monkeypatch.chdir(folder)
    await a_trip(planner, JAPAN.model_copy(update={"name": "Rome at Easter"}))
    await planner.memory.remember("Hates red-eye flights")
    async with ScriptedServer(Reply(said("At ten."))) as server:
        app = chat_with(planner, server, plan.trip.id)
        async with app.run_test(size=(100, 30)) as pilot:
            await settled(pilot)
            composer = screen_of(pilot).composer
            await type_into(pilot, "@rome")
            await until(pilot, "▸ @Rome at Easter  trip, Sat 2 Oct")
            await pilot.press("enter")
            assert composer.text.startswith("“Rome at Easter” (trip ")
            await type_into(pilot, "@flights")
            await until(pilot, "▸ @Hates red-eye flights  memory")
            await pilot.press("enter")
            assert "“Hates red-eye flights” (memory " in composer.text
            await type_into(pilot, "@./")
            screen = await until(pilot, "▸ @gion.txt  file, 38 B", "@photo.jpg")
            assert "badname" not in screen
            await pilot.press("down", "enter")
            assert "photo.jpg is not a text: only texts go along." in told(app)
            await type_into(pilot, "g")
            await until(pilot, "▸ @gion.txt")
            await pilot.press("enter")
            assert composer.text.endswith(f'@"{folder}/gion.txt" ')
            await type_into(pilot, "When?")
            await pilot.press("enter")
            await until(pilot, "At ten.", "with gion.txt (38 characters)")
            await settled(pilot)
    sent = server.requests[0].body["messages"][-1]["content"]
    assert "(trip " in sent
    assert "The [b]tea house[/b] opens at ten." in sent


async def test_a_file_that_was_only_pasted_is_not_sent(planner: Planner, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("Nobody may know.")
    async with ScriptedServer(Reply(said("Which file?"))) as server:
        app = chat_with(planner, server)
        async with app.run_test(size=(100, 30)) as pilot:
            text = f"Look at @{tmp_path}/secret.txt"
            await ask(pilot, text)
            await settled(pilot)
            assert "secret.txt is only named" in told(app)
            assert (screen_of(pilot).composer.text, server.requests) == (text, [])
            await pilot.press("enter")
            await until(pilot, "Which file?")
            await settled(pilot)
    assert "Nobody may know" not in json.dumps([each.body for each in server.requests])


async def test_copying_an_answer_and_its_code_and_pasting_much(planner: Planner) -> None:
    answer = "Run *this*:\n\n```sh\necho \x1b[2Jtemple\n```\n\nThat is all."
    async with ScriptedServer(Reply(said(answer))) as server:
        app = chat_with(planner, server)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, "Ask about your trips")
            await ask(pilot, "How?")
            await until(pilot, "That is all.", "tokens")
            await pilot.press("tab", "Y")
            await settled(pilot)
            assert app.clipboard.startswith("echo ")
            assert app.clipboard.endswith("temple\n")
            assert "\x1b" not in app.clipboard
            await pilot.press("y")
            assert "```sh" in app.clipboard
            assert app.clipboard.endswith("That is all.")
            await pilot.press("tab")
            pasted = "temple 旅 " * 11_000
            app.screen.post_message(events.Paste(pasted))
            await settled(pilot)
            assert screen_of(pilot).composer.text == pasted
            await pilot.resize_terminal(40, 12)
            await pilot.press("end", "x")
            assert screen_of(pilot).composer.text == f"{pasted}x"
