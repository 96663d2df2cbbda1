"""Files of trips and bookings by keyboard, on a real database and a real folder."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from syrupy.assertion import SnapshotAssertion
from textual import events

from tests.assistant.scripted import Reply, ScriptedServer
from tests.assistant.scripted import said as said_by_model
from tests.data.booking_samples import FLIGHT
from tests.database import Database
from tests.hostile import HOSTILE, steers
from tests.screens.planning import Host, planner_of, said, settled, shown, type_into, until
from tests.screens.test_chat import ask, chat_with
from tripsage_tui.models.attachments import Subject
from tripsage_tui.models.bookings import Flight
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.planner import Planner
from tripsage_tui.screens.file_dialogs import AttachDialog
from tripsage_tui.screens.file_shelves import TripShelf, subject_of
from tripsage_tui.screens.files import FilesScreen
from tripsage_tui.widgets.folder_entries import entries
from tripsage_tui.widgets.path_field import PathField

PDF = b"%PDF-1.7\n" + b"x" * 5_000


@pytest.fixture
async def flight(planner: Planner, plan: TripPlan) -> Flight:
    return await planner.flights.add(plan.trip.id, FLIGHT, key=uuid4())


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    (folder / "inner").mkdir(parents=True)
    (folder / "e ticket.pdf").write_bytes(PDF)
    (folder / "receipt.txt").write_text("12 EUR\n")
    (folder / "virus.exe").write_bytes(b"MZ\x00\x01")
    (folder / ".hidden.pdf").write_bytes(PDF)
    return folder


async def files_of(planner: Planner, plan: TripPlan, flight: Flight | None = None) -> Host:
    fresh = await planner.trips.plan(plan.trip.id)
    return Host(lambda: FilesScreen(planner, TripShelf(fresh, flight)))


async def attached(planner: Planner, path: Path, subject: Subject) -> None:
    await (await planner.attachments.add(path, subject)).done()


async def test_a_ticket_is_attached_saved_deleted_and_brought_back(
    planner: Planner, plan: TripPlan, flight: Flight, papers: Path, tmp_path: Path
) -> None:
    app = await files_of(planner, plan, flight)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "attaches the first")
        await pilot.press("a")
        await settled(pilot)
        assert "Attach to Flight" in shown(app)
        await pilot.press("ctrl+u")
        await type_into(pilot, f"{papers}/E")
        await pilot.press("tab", "enter")
        await until(pilot, "e ticket.pdf", "unscanned", "5 kB")
        await settled(pilot)
        (file,) = await planner.attachments.of(Subject.trip(plan.trip.id))
        assert (file.subject, file.filename) == (subject_of(flight), "e ticket.pdf")
        await pilot.press("s", "ctrl+u")
        await type_into(pilot, str(tmp_path))
        await pilot.press("enter")
        await settled(pilot)
        assert (tmp_path / "e ticket.pdf").read_bytes() == PDF
        await pilot.press("d")
        await until(pilot, "attaches the first")
        assert await planner.attachments.of(Subject.trip(plan.trip.id)) == []
        await pilot.press("u")
        await until(pilot, "e ticket.pdf", "5 kB")


async def test_what_cannot_be_attached_is_said_and_what_was_typed_stays(
    planner: Planner, plan: TripPlan, papers: Path
) -> None:
    app = await files_of(planner, plan)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, "attaches the first")
        await pilot.press("a", "ctrl+u")
        for typed, sentence in (
            (f"{papers}/nothing.pdf", "There is no file"),
            (f"{papers}/inner", "inner is a folder"),
            ("file://nas/a.pdf", "nas is another computer"),
            ("~nobody-of-this-name/a.pdf", "is nobody on this computer"),
        ):
            await type_into(pilot, typed)
            await pilot.press("enter")
            assert sentence in await until(pilot, sentence)
            assert app.screen.query_one(PathField).line.value == typed
            await pilot.press("ctrl+u")
            assert sentence not in shown(app)
        await type_into(pilot, f"{papers}/virus.exe")
        await pilot.press("enter")
        await settled(pilot)
        assert "cannot be attached" in said(app)
        assert await planner.attachments.of(Subject.trip(plan.trip.id)) == []


async def test_dropped_files_come_as_a_paste(planner: Planner, plan: TripPlan, papers: Path) -> None:
    app = await files_of(planner, plan)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "attaches the first")
        app.screen.post_message(events.Paste(f"'{papers}/e ticket.pdf' '{papers}/receipt.txt' "))
        await settled(pilot)
        assert isinstance(app.screen, AttachDialog)
        await pilot.press("enter")
        await until(pilot, "e ticket.pdf", "receipt.txt")
        await settled(pilot)
        assert len(await planner.attachments.of(Subject.trip(plan.trip.id))) == 2


async def test_a_file_moves_to_a_booking_and_back(
    planner: Planner, plan: TripPlan, flight: Flight, papers: Path
) -> None:
    await attached(planner, papers / "receipt.txt", Subject.trip(plan.trip.id))
    app = await files_of(planner, plan)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "receipt.txt")
        await pilot.press("m", "down", "enter")
        await settled(pilot)
        (file,) = await planner.attachments.of(Subject.trip(plan.trip.id))
        assert file.subject == subject_of(flight)
        await pilot.press("u")
        await settled(pilot)
        (file,) = await planner.attachments.of(Subject.trip(plan.trip.id))
        assert file.subject == Subject.trip(plan.trip.id)


async def test_who_may_only_look_opens_and_saves(
    planner: Planner, plan: TripPlan, papers: Path, database: Database, tmp_path: Path
) -> None:
    await attached(planner, papers / "receipt.txt", Subject.trip(plan.trip.id))
    bob = await database.create_user("Bob")
    await (await database.owner()).execute(
        "insert into public.trip_collaborators (trip_id, user_id, permission_level, added_by) "
        "values ($1, $2, 'view', $3)",
        plan.trip.id,
        bob.id,
        planner.profile.id,
    )
    async with planner_of(database, bob, tmp_path / "drafts") as theirs:
        app = await files_of(theirs, plan)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, "receipt.txt", "shared to look at")
            keys = shown(app).splitlines()[-1]
            assert "s Save" in keys
            assert "a Attach" not in keys
            assert "d Delete" not in keys
            await pilot.press("d", "a")
            await settled(pilot)
            assert len(await theirs.attachments.of(Subject.trip(plan.trip.id))) == 1


async def test_hostile_names_are_shown_harmless(planner: Planner, plan: TripPlan, papers: Path) -> None:
    for number, text in enumerate(HOSTILE.values()):
        name = f"{number}{text[:60]}.txt".replace("/", "").replace("\0", "").encode(errors="ignore").decode()
        path = papers / name
        path.write_text("x")
        await attached(planner, path, Subject.trip(plan.trip.id))
    app = await files_of(planner, plan)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, "files")
        assert not steers(shown(app))
        await pilot.press("a", "ctrl+u")
        await type_into(pilot, f"{papers}/")
        assert not steers(shown(app))


def test_what_is_offered_for_a_path(papers: Path) -> None:
    names = [entry.name for entry in entries(f"{papers}/")]
    assert names == ["inner", "e ticket.pdf", "receipt.txt", "virus.exe"]
    assert [entry.name for entry in entries(f"{papers}/.")] == [".hidden.pdf"]
    assert [entry.name for entry in entries(f"{papers}/", folders_only=True)] == ["inner"]
    assert entries(f"{papers}/none/") == []


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
async def test_look(
    planner: Planner,
    plan: TripPlan,
    flight: Flight,
    papers: Path,
    database: Database,
    size: tuple[int, int],
    snapshot: SnapshotAssertion,
) -> None:
    await attached(planner, papers / "e ticket.pdf", subject_of(flight))
    await attached(planner, papers / "receipt.txt", Subject.trip(plan.trip.id))
    owner = await database.owner()
    await owner.execute("update public.file_attachments set created_at = '2027-09-01 12:00Z'")
    await owner.execute(
        "update public.file_attachments set virus_scan_status = 'infected', "
        "virus_scan_result = '{\"threat\": \"Test.Sample\"}' where filename = 'receipt.txt'"
    )
    app = await files_of(planner, plan)
    async with app.run_test(size=size) as pilot:
        await until(pilot, "INFECTED", "e ticket.pdf")
        assert "\n".join(shown(app).splitlines()[:-2]) == snapshot


async def test_a_message_keeps_its_files(planner: Planner, papers: Path) -> None:
    async with ScriptedServer(Reply(said_by_model("Noted."))) as server:
        app = chat_with(planner, server)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, "Ask about your trips")
            await ask(pilot, "Here is my visa")
            await until(pilot, "Noted.")
            await settled(pilot)
            await pilot.press("tab", "k", "P")
            await until(pilot, "attaches the first")
            await pilot.press("a", "ctrl+u")
            await type_into(pilot, f"{papers}/receipt.txt")
            await pilot.press("enter")
            text = await until(pilot, "receipt.txt", "unscanned")
            assert "You: Here is my visa" in text
            assert "m Move" not in text
            await settled(pilot)
    (file,) = await planner.attachments.all()
    assert file.chat_message_id is not None
    assert file.file_path.startswith(f"chat/{planner.profile.id}/")
