"""Conversations as a whole, by hand: a model in mid-answer, what is found, what is put away and brought back."""

from __future__ import annotations

from tests.assistant.scripted import HANG, Reply, ScriptedServer, chunk, said, sse
from tests.screens.planning import said as told
from tests.screens.planning import settled, shown, type_into, until
from tests.screens.test_chat import ask, chat_with, screen_of
from tripsage_tui.assistant.events import Usage
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.planner import Planner
from tripsage_tui.screens.chat_results import result_text
from tripsage_tui.screens.chat_state import ChatState
from tripsage_tui.widgets.composer import Suggestions


async def test_another_model_leaves_the_answer_under_way_alone(planner: Planner) -> None:
    slow = Reply([*sse(chunk({"content": "Kyo"})), 0.3, *said("to, of course.")])
    async with ScriptedServer(slow, Reply(said("Nara."))) as server:
        app = chat_with(planner, server)
        async with app.run_test(size=(80, 24)) as pilot:
            await ask(pilot, "Where to?")
            await until(pilot, "Kyo", "answering")
            screen_of(pilot).use_model("m-2")
            await until(pilot, "Kyoto, of course.")
            await settled(pilot)
            assert "m-2 is asked from the next question on." in told(app)
            assert "lost" not in shown(app)
            await ask(pilot, "And then?")
            await until(pilot, "Nara.")
            await settled(pilot)
        assert [request.body["model"] for request in server.requests] == ["m-1", "m-2"]


async def test_a_command_typed_in_full_is_run(planner: Planner) -> None:
    async with ScriptedServer(Reply(said("Kyoto."))) as server:
        app = chat_with(planner, server)
        async with app.run_test(size=(80, 24)) as pilot:
            await ask(pilot, "Where to?")
            await until(pilot, "Kyoto.")
            await settled(pilot)
            await type_into(pilot, "/delete")
            await until(pilot, "▸ /delete ", "  /delete_booking")
            await pilot.press("enter")
            await until(pilot, "Ask about your trips")
            await settled(pilot)
            assert "Put away. /undo brings it back" in told(app)
            assert await planner.chats.sessions() == []
            await type_into(pilot, "/undo")
            assert not screen_of(pilot).query_one(Suggestions).offers
            await pilot.press("enter")
            await settled(pilot)
            assert "Undone: deleting the conversation" in told(app)
    assert len(await planner.chats.sessions()) == 1


async def test_a_conversation_is_put_away_and_brought_back_in_the_list(planner: Planner) -> None:
    async with ScriptedServer(Reply([*sse(chunk({"content": "Kyoto."})), HANG])) as server:
        app = chat_with(planner, server)
        async with app.run_test(size=(80, 24)) as pilot:
            await ask(pilot, "Where to?")
            await until(pilot, "Kyoto.")
            await pilot.press("escape")
            await settled(pilot)
            await pilot.press("ctrl+o")
            await until(pilot, "Where to?  ")
            await pilot.press("ctrl+d")
            await until(pilot, "There is no conversation yet.")
            await pilot.press("ctrl+z")
            await until(pilot, "Where to?  ")
            await pilot.press("ctrl+z")
            await settled(pilot)
            assert "Nothing was put away last" in told(app)
            await type_into(pilot, "zebra")
            await until(pilot, "No conversation has these words.")
            await pilot.press("enter")
            await until(pilot, "Conversations")


async def test_a_name_is_given_and_what_was_said_and_counted_stays(planner: Planner) -> None:
    wrong = Reply([*sse(chunk({"content": "Half"}))], cut=True)
    async with ScriptedServer(Reply(said("Kyoto.")), wrong, Reply(said("Nara."))) as server:
        app = chat_with(planner, server)
        async with app.run_test(size=(120, 40)) as pilot:
            await ask(pilot, "Where to?")
            await until(pilot, "Kyoto.", "5 out", "context")
            await settled(pilot)
            for command in ("/title", "/title Autumn"):
                await ask(pilot, command)
                await settled(pilot)
            assert "Say the name as well" in told(app)
            await until(pilot, "Chat  4 Memory ▸ Autumn", "5 out", "context")
            await ask(pilot, "/end")
            await until(pilot, "Autumn (ended)")
            await pilot.press("ctrl+o")
            await until(pilot, "Autumn  ")
            await pilot.press("enter")
            await until(pilot, "Kyoto.", "tokens 11 in (3 cached), 5 out")
            await settled(pilot)
            await pilot.press("tab", "r")
            await until(pilot, "was lost in the middle of the answer", "2/2")
            await settled(pilot)
            await pilot.press("left_square_bracket")
            await until(pilot, "Kyoto.", "1/2")
            await settled(pilot)
            assert "was lost" not in shown(app)


async def test_what_was_found_by_hand_is_there_to_read(planner: Planner, plan: TripPlan) -> None:
    app = chat_with(planner, None)
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "/list_trips")
        await until(pilot, "By hand", "✓ list_trips", "name Japan in autumn", "start date 2027-10-02")
        await settled(pilot)
        await pilot.press("tab", "y")
        assert "name Japan in autumn" in app.clipboard
        await pilot.press("tab")
        await ask(pilot, "/read_trip trip_id=999")
        await until(pilot, "✗ read_trip")
        await settled(pilot)


def test_a_result_as_a_list() -> None:
    found = {"trip": {"name": "A *b* [c](d)", "notes": "", "ideas": []}, "days": [{"day": 1, "items": ["x", "<y>"]}]}
    assert result_text(found).splitlines() == [
        "- trip:",
        r"  - name: A \*b\* \[c\](d)",
        "- days:",
        r"  - day 1 · items x, \<y\>",
    ]
    assert result_text([]) == "Nothing was found."
    assert "There is more" in result_text(["long"] * 4_000)[-80:]


def test_the_line_of_a_narrow_terminal_says_how_full_the_window_is() -> None:
    state = ChatState("gpt-5-mini", Usage(2_310, 412, 1_024), "cost 0.0012 USD, 0.0023 USD in all", 0.394, 2)
    assert "context 39% · tokens 2,310 in (1,024 cached), 412 out · cost " in state.text()[:78]
    assert state.text().endswith("0.0023 USD in all · 2 older turns left out")
