"""From one database into another: everything arrives as it was, once, and says what it refers to."""

from __future__ import annotations

from tests.database import Database
from tests.transfer.belongings import everything, fill, plain
from tests.transfer.conftest import Enter
from tripsage_tui.transfer.moving import Moving


async def test_everything_arrives_as_it_was(database: Database, other: Database, enter: Enter) -> None:
    ada, there = await database.create_user("Ada"), await other.create_user("Ada")
    await fill(await database.client(ada), ada)
    source, target = await enter(database, ada), await enter(other, there)

    preview = await Moving(source, target).look()
    assert preview.comparison.new == preview.comparison.rows > 60
    assert preview.comparison.counts["trips"].new == 3
    assert plain(await everything(target)) == {name: [] for name in preview.comparison.counts}

    outcome = await Moving(source, target, most_rows=20).move()
    assert outcome.complete, (outcome.wrong, outcome.failures)
    assert outcome.written == outcome.verified == preview.comparison.rows
    assert outcome.after.differences == []
    before = await everything(source)
    after = await everything(target)
    assert plain(after, without=()) == plain(before, without=())

    again = await Moving(source, target).move()
    assert again.complete
    assert (again.written, again.verified) == (0, outcome.written)
    assert await everything(target) == after
