"""The people of a trip: who shares it and may do what, who is invited, who travels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.people import Collaborator, Invitation, Traveller, TripPeople
from tripsage_tui.models.trips import Access, Trip
from tripsage_tui.screens.people_rows import COLUMNS, Key, Person, cells, index, sections
from tripsage_tui.screens.reloading import ReloadingScreen
from tripsage_tui.widgets.columns import Cell
from tripsage_tui.widgets.rows import Rows
from tripsage_tui.widgets.safe_text import one_line
from tripsage_tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from tripsage_tui.changes.people import PeopleChanges
    from tripsage_tui.data.live import Change
    from tripsage_tui.planner import Planner

COMMANDS = (
    Command("people.invite", "i", "invite", "Invite", "Invite somebody by e-mail address or profile name."),
    Command("people.add", "a", "add", "Add traveller", "Add somebody who travels along, with or without an account."),
    Command("people.edit", "e", "edit", "Edit", "Change what a member may do, or a traveller's papers."),
    Command("people.remove", "d", "remove", "Remove", "Remove a member, take an invitation back, delete a traveller."),
    Command("people.members", "A", "add_members", "All travel", "Make every member a traveller.", footer=False),
    Command("people.leave", "L", "leave", "Leave trip", "Leave a trip that somebody shares with you."),
    Command("people.refresh", "r", "refresh_people", "Refresh", "Fetch the people again.", footer=False),
    Command("people.back", "escape,backspace", "back", "Back", "Back to the trip."),
)
_KEYS_OF_CHANGES = {"i", "a", "e", "d", "A"}
_TABLES = {"trips", "trip_collaborators", "trip_invitations", "travellers", "*"}


class PeopleScreen(ReloadingScreen[str | None]):
    """Loaded with one call, and again when anything of it changes. Returns "left" when the user left the trip."""

    AUTO_FOCUS = "Rows"
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS)

    def __init__(self, planner: Planner, trip: Trip) -> None:
        super().__init__(planner)
        self.trip = trip
        self.people: TripPeople | None = None
        self._shown: dict[Key, Person] = {}

    def compose_body(self) -> ComposeResult:
        yield Rows[Key](COLUMNS, self._cells)

    @property
    def person(self) -> Person | None:
        """Who is under the cursor."""
        key = self.query_one(Rows).key if self.is_mounted else None
        return self._shown.get(key) if key is not None else None

    @property
    def access(self) -> Access:
        """The user's own level; that of the trip until the people are there."""
        return self.people.access if self.people else self.trip.access

    @property
    def changes(self) -> PeopleChanges:
        from tripsage_tui.changes.people import PeopleChanges

        return PeopleChanges(self.planner, self.trip)

    def _cells(self, key: Key) -> Sequence[Cell]:
        return cells(self._shown[key], self.trip, self.planner.profile.id, self.planner.today)

    async def load(self) -> None:
        from tripsage_tui.data.errors import NotFound

        try:
            people = await self.planner.people.of_trip(self.trip.id)
        except NotFound:
            # The trip's own screen below says what became of it.
            self.dismiss(None)
            return
        self.show_people(people)

    def show_people(self, people: TripPeople) -> None:
        """Bring the list to these; the cursor stays on its person."""
        self.people = people
        self._shown = index(people)
        rows = self.query_one(Rows)
        rows.show(sections(self._shown))
        rows.refresh()
        note = "" if self.access.may_edit else "shared to look at"
        self.query_one(TopBar).show(trail=f"{self.trip.name} \u203a people", note=note)
        self.refresh_bindings()

    def on_changes(self, changes: Sequence[Change]) -> None:
        if any(change.table in _TABLES and change.trip_id in {self.trip.id, None} for change in changes):
            self.refresh_data()

    def on_rows_highlighted(self, event: Rows.Highlighted) -> None:
        event.stop()
        self.refresh_bindings()

    def on_rows_selected(self, event: Rows.Selected) -> None:
        event.stop()
        if self.check_action("edit", ()):
            self.action_edit()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        match action:
            case "invite":
                return self.access.may_invite
            case "add" | "add_members":
                return self.access.may_edit
            case "edit" | "remove":
                return self._may_change(self.person)
            case "leave":
                return self.access is not Access.OWNER
        return super().check_action(action, parameters)

    def _may_change(self, person: Person | None) -> bool:
        match person:
            case Collaborator():
                return self.access.may_invite and person.user_id != self.planner.profile.id
            case Invitation():
                return self.access.may_invite
            case Traveller():
                return self.access.may_edit
        return False

    def on_key(self, event: events.Key) -> None:
        """Someone who may not is told so, rather than left to wonder about a dead key."""
        if self.people is None or event.key not in _KEYS_OF_CHANGES or self.access is Access.OWNER:
            return
        event.stop()
        if not self.access.may_edit:
            self.say(f"{self.trip.name} was shared with you to look at, not to change.", "warning")
        elif event.key == "i" or isinstance(self.person, Collaborator):
            self.say("Who owns the trip, or may edit and invite, decides who else shares it.", "warning")

    def action_refresh_people(self) -> None:
        self.refresh_data()

    def action_back(self) -> None:
        self.dismiss(None)

    # ---- changing

    def action_invite(self) -> None:
        from tripsage_tui.screens.people_dialogs import InviteDialog

        async def invite(whom: str, level: Access) -> None:
            asked = await self.changes.invite(whom, level)
            self.say(f"{asked.invitee} is invited to {self.trip.name}.")
            self.refresh_data()

        if self.may_write():
            self.app.push_screen(InviteDialog(self.trip.name, invite))

    def action_add(self) -> None:
        self._open_form(None)

    def _open_form(self, traveller: Traveller | None) -> None:
        from tripsage_tui.screens.forms.traveller_form import TravellerForm

        self.app.push_screen(TravellerForm(self.planner, self.trip, traveller), lambda _: self.refresh_data())

    def action_add_members(self) -> None:
        async def add() -> None:
            added = await self.changes.add_members()
            names = ", ".join(one_line(traveller.name) for traveller in added)
            self.say(f"Travelling now: {names}." if added else "Every member is a traveller already.")
            self.refresh_data()

        if self.may_write():
            self.run_task(add(), group="write")

    def action_edit(self) -> None:
        from tripsage_tui.screens.people_dialogs import LevelDialog

        person = self.person
        if isinstance(person, Traveller):
            self._open_form(person)
        elif isinstance(person, Collaborator | Invitation) and self.may_write():
            name = person.name if isinstance(person, Collaborator) else person.invitee

            def answered(level: Access | None) -> None:
                if level is not None:
                    self.run_task(self._change_level(person, level), group="write")

            self.app.push_screen(LevelDialog(name, person.permission_level), answered)

    async def _change_level(self, person: Collaborator | Invitation, level: Access) -> None:
        if isinstance(person, Invitation):
            await self.changes.invite(person.email, level)
        else:
            await self.changes.change_level(person, level)
        self.refresh_data()

    def action_remove(self) -> None:
        from tripsage_tui.screens.forms.ask import AskDialog

        person = self.person
        if person is None or not self.may_write():
            return
        if isinstance(person, Collaborator):

            def answered(yes: bool | None) -> None:
                if yes:
                    self.run_task(self._remove(person), group="write")

            name = one_line(person.name)
            text = f"{name} no longer sees {one_line(self.trip.name)}. What {name} wrote in it stays."
            self.app.push_screen(AskDialog(f"Remove {name}?", text, "remove"), answered)
        else:
            self.run_task(self._remove(person), group="write")

    async def _remove(self, person: Person) -> None:
        match person:
            case Collaborator():
                await self.changes.remove(person)
                self.say(f"Removed {person.name}. Press u to bring them back.")
            case Invitation():
                await self.changes.revoke(person)
                self.say(f"{person.invitee} is no longer invited.")
            case Traveller():
                await self.changes.delete_traveller(person)
                self.say(f"Deleted {person.name}. Press u to bring them back.")
        self.refresh_data()

    def action_leave(self) -> None:
        from tripsage_tui.screens.forms.ask import AskDialog

        def answered(yes: bool | None) -> None:
            if yes:
                self.run_task(self._leave(), group="write")

        if self.may_write():
            text = "You no longer see it, and only an invitation brings you back. What you wrote in it stays."
            self.app.push_screen(AskDialog(f"Leave {one_line(self.trip.name)}?", text, "leave the trip"), answered)

    async def _leave(self) -> None:
        await self.planner.people.leave(self.trip.id)
        self.dismiss("left")
