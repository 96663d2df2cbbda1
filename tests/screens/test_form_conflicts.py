"""Two people edit the same record: both versions are shown, nothing is overwritten silently."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from textual.pilot import Pilot

from tests.database import Database, User
from tests.hostile import HOSTILE, steers
from tests.screens.planning import Host, planner_of, settled, shown
from tripsage_tui.data.errors import NotFound
from tripsage_tui.models.bookings import ItineraryItem, ItineraryItemFields
from tripsage_tui.models.plans import TripPlan
from tripsage_tui.planner import Planner
from tripsage_tui.screens.forms.conflict import ConflictDialog
from tripsage_tui.screens.forms.deleted import DeletedDialog
from tripsage_tui.screens.forms.form import FormScreen
from tripsage_tui.screens.forms.item_form import ItemForm
from tripsage_tui.screens.forms.trip_form import TripForm


@pytest.fixture
async def item(planner: Planner, plan: TripPlan) -> ItineraryItem:
    fields = ItineraryItemFields(title="Tea ceremony", price=Decimal(40), currency="EUR", location="Kyoto")
    return await planner.items.add(plan.trip.id, fields, key=uuid4())


async def edit_against(pilot: Pilot[Any], typed: dict[str, str]) -> None:
    """Fill the open form and save it; someone else was faster."""
    await settled(pilot)
    form = pilot.app.screen
    assert isinstance(form, FormScreen)
    for key, value in typed.items():
        form.fields[key].value = value
    await settled(pilot)
    await pilot.press("ctrl+s")
    await until(pilot, ConflictDialog | DeletedDialog)


async def until(pilot: Pilot[Any], screen: Any) -> None:
    """Saving waits for the answer of the dialog, so the worker does not end."""
    for _ in range(200):
        await pilot.pause(0.01)
        if isinstance(pilot.app.screen, screen):
            await pilot.pause()
            return
    raise AssertionError(f"{pilot.app.screen} is not {screen}")


async def theirs(planner: Planner, item: ItineraryItem, **changes: object) -> ItineraryItem:
    return await planner.items.update(item.id, changes, based_on=item.updated_at)


async def test_both_versions_are_shown_and_each_side_keeps_what_only_it_changed(
    planner: Planner, plan: TripPlan, item: ItineraryItem
) -> None:
    await theirs(planner, item, price=Decimal(55), location="Uji")
    app = Host(lambda: ItemForm(planner, plan.trip, plan.stops, item))
    async with app.run_test(size=(80, 24)) as pilot:
        await edit_against(pilot, {"title": "Tea with Keiko", "price": "45"})
        screen = shown(app)
        lines = {line.lstrip("│ ▸*").split()[0]: line for line in screen.splitlines() if "○" in line}
        assert "Tea with Keiko" in lines["What"]
        assert "Tea ceremony" in lines["What"]
        assert lines["Place"].index("Kyoto") < lines["Place"].index("● Uji")
        assert "* Price" in screen.replace("*Price", "* Price")
        await pilot.press("enter")
        await settled(pilot)
    (saved,) = app.results
    assert (saved.title, saved.price, saved.location) == ("Tea with Keiko", Decimal(45), "Uji")
    assert await planner.undo.undo() == "editing the activity Tea ceremony"
    undone = await planner.items.get(item.id)
    assert (undone.title, undone.price, undone.location) == ("Tea ceremony", Decimal(55), "Uji")


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["m", "enter"], ("Mine", Decimal(45), "Kyoto")),
        (["t", "enter"], ("Tea ceremony", Decimal(55), "Uji")),
        (["right", "down", "space", "enter"], ("Tea ceremony", Decimal(45), "Kyoto")),
    ],
)
async def test_keep_mine_take_theirs_or_choose_field_by_field(
    planner: Planner, plan: TripPlan, item: ItineraryItem, keys: list[str], expected: tuple[str, Decimal, str]
) -> None:
    await theirs(planner, item, price=Decimal(55), location="Uji")
    app = Host(lambda: ItemForm(planner, plan.trip, plan.stops, item))
    async with app.run_test(size=(80, 24)) as pilot:
        await edit_against(pilot, {"title": "Mine", "price": "45"})
        await pilot.press(*keys)
        await settled(pilot)
    saved = await planner.items.get(item.id)
    assert (saved.title, saved.price, saved.location) == expected
    assert app.results == [saved]


async def test_going_back_keeps_the_form_and_shows_both_again(
    planner: Planner, plan: TripPlan, item: ItineraryItem
) -> None:
    await theirs(planner, item, title="Theirs")
    app = Host(lambda: ItemForm(planner, plan.trip, plan.stops, item))
    async with app.run_test(size=(80, 24)) as pilot:
        await edit_against(pilot, {"title": "Mine"})
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(app.screen, ItemForm)
        assert app.screen.values["title"] == "Mine"
        assert "Not saved" in shown(app)
        await pilot.press("ctrl+s")
        await until(pilot, ConflictDialog)
    assert (await planner.items.get(item.id)).title == "Theirs"


async def test_a_third_change_while_the_dialog_is_open_is_shown_too(
    planner: Planner, plan: TripPlan, item: ItineraryItem
) -> None:
    second = await theirs(planner, item, title="Second")
    app = Host(lambda: ItemForm(planner, plan.trip, plan.stops, item))
    async with app.run_test(size=(80, 24)) as pilot:
        await edit_against(pilot, {"title": "Mine"})
        await theirs(planner, second, title="Third")
        await pilot.press("m", "enter")
        for _ in range(100):
            await pilot.pause(0.01)
            if "Third" in shown(app):
                break
        assert isinstance(app.screen, ConflictDialog)
        await pilot.press("m", "enter")
        await settled(pilot)
    assert (await planner.items.get(item.id)).title == "Mine"


async def test_a_deleted_record_can_be_saved_again_as_a_new_one(
    planner: Planner, plan: TripPlan, item: ItineraryItem
) -> None:
    await planner.items.delete(item.id, based_on=item.updated_at)
    app = Host(lambda: ItemForm(planner, plan.trip, plan.stops, item))
    async with app.run_test(size=(80, 24)) as pilot:
        await edit_against(pilot, {"title": "Still wanted"})
        assert isinstance(app.screen, DeletedDialog)
        await pilot.press("enter")
        await settled(pilot)
    (saved,) = app.results
    assert (saved.title, saved.location) == ("Still wanted", "Kyoto")
    assert saved.id != item.id


async def test_a_deleted_record_can_be_let_go(planner: Planner, plan: TripPlan, item: ItineraryItem) -> None:
    await planner.items.delete(item.id, based_on=item.updated_at)
    app = Host(lambda: ItemForm(planner, plan.trip, plan.stops, item))
    async with app.run_test(size=(80, 24)) as pilot:
        await edit_against(pilot, {"title": "Mine"})
        await pilot.press("x")
        await settled(pilot)
    assert app.results == [None]
    with pytest.raises(NotFound):
        await planner.items.get(item.id)


async def test_the_stops_of_a_trip_take_part(planner: Planner, plan: TripPlan) -> None:
    await planner.trips.update(plan.trip.id, {"budget": Decimal(8000)}, based_on=plan.trip.updated_at)
    app = Host(lambda: TripForm(planner, plan.trip, plan.stops))
    async with app.run_test(size=(80, 24)) as pilot:
        await edit_against(pilot, {"name": "Japan again", "stops": "Tokyo, Nagoya"})
        assert "Tokyo, Nagoya" in shown(app)
        await pilot.press("enter")
        await settled(pilot)
    after = await planner.trips.plan(plan.trip.id)
    assert (after.trip.name, after.trip.budget) == ("Japan again", Decimal(8000))
    assert [stop.place for stop in after.stops] == ["Tokyo", "Nagoya"]


@pytest.fixture
async def here(database: Database, ann: User, tmp_path: Path) -> AsyncIterator[Planner]:
    """The same user in another program that hears of changes."""
    async with planner_of(database, ann, tmp_path / "here", live=True) as here:
        await here.trips.list()
        yield here


async def test_a_change_of_others_is_said_while_the_form_is_open(
    planner: Planner, here: Planner, plan: TripPlan, item: ItineraryItem
) -> None:
    app = Host(lambda: ItemForm(here, plan.trip, plan.stops, item))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("X")
        changed = await theirs(planner, item, title="Theirs")
        await until_shown(pilot, "was just changed by someone else")
        await planner.items.delete(item.id, based_on=changed.updated_at)
        await until_shown(pilot, "was just deleted by someone else")
        assert isinstance(app.screen, ItemForm)
        assert app.screen.values["title"] == "X"


async def until_shown(pilot: Pilot[Any], words: str) -> None:
    for _ in range(300):
        await pilot.pause(0.01)
        if words in " ".join(shown(pilot.app).split()):
            return
    raise AssertionError(f"{words!r} is not on the screen:\n{shown(pilot.app)}")


async def test_hostile_versions_are_shown_harmless(planner: Planner, plan: TripPlan, item: ItineraryItem) -> None:
    storable = "".join(HOSTILE[name] for name in ("markup action", "colour sequence", "clipboard", "direction"))
    await theirs(planner, item, title=storable, location=storable)
    app = Host(lambda: ItemForm(planner, plan.trip, plan.stops, item))
    async with app.run_test(size=(80, 24)) as pilot:
        await edit_against(pilot, {"title": "Mine"})
        assert not steers(shown(app))
        assert "[@click=app.quit]x[/]" in shown(app)
