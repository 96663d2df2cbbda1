"""Forms of journeys on which one may change: a block of fields for each connection, added and removed by a key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Button

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.leg_chains import (
    MOST_CONNECTIONS,
    PARTS,
    connection_key,
    connection_of,
    connections_in,
    with_typed_connections,
    without_connection,
)
from tripsage_tui.screens.forms.booking_form import BookingForm, section
from tripsage_tui.widgets.form_field import FormField

CONNECT = Command("form.connect", "f2", "connect", "Connection", "Add a change on the way.", display="F2")
DISCONNECT = Command(
    "form.disconnect", "f3", "disconnect", "Remove it", "Remove the connection that the cursor is in.", display="F3"
)


class ConnectingForm(BookingForm):
    """Subclasses lay out each direction with `journey`; a plain journey looks as if there were no connections."""

    BINDINGS: ClassVar[list[BindingType]] = bindings((CONNECT, DISCONNECT))
    PREFIXES: ClassVar[tuple[str, ...]] = ("",)
    """Of the directions: blank, `return_`."""
    FLIES: ClassVar[bool] = False

    _here = ""
    """The field that had the keyboard last."""
    _dropped: frozenset[str] = frozenset()
    """Fields of connections that were taken out."""

    def journey(
        self, prefix: str, leaving: Sequence[FormField], arriving: Sequence[FormField], rest: Sequence[FormField] = ()
    ) -> list[Widget]:
        """The fields of one direction. What is on the way comes between leaving and arriving."""
        count = connections_in(self.shown, prefix)
        blocks = [self._block(prefix, number) for number in range(1, count + 1)]
        between = Vertical(*blocks, id=f"{prefix}connections".replace("_", "-"), classes="form-connections")
        self._arriving = {**getattr(self, "_arriving", {}), prefix: [field.key for field in arriving]}
        first = self.first_leg() if count and not prefix else ()
        if count:
            return [*leaving, *rest, *first, between, *arriving]
        return [*leaving, *arriving, *rest, between]

    def first_leg(self) -> Sequence[FormField]:
        """Fields that the first leg gets where there is a second one."""
        return ()

    @property
    def values(self) -> dict[str, str]:
        # What was taken out is blank, not unknown: an edit writes that.
        return dict.fromkeys(self._dropped, "") | super().values

    def more_buttons(self) -> Iterable[Widget]:
        yield Button("Add a connection", id="form-connect", compact=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "disconnect":
            return any(self._count(prefix) for prefix in self.PREFIXES)
        return super().check_action(action, parameters)

    @on(FormField.Left)
    def _remember(self, event: FormField.Left) -> None:
        self._here = event.field.key

    @on(Button.Pressed, "#form-connect")
    async def _connect_by_button(self) -> None:
        await self.action_connect()

    async def action_connect(self) -> None:
        """One more connection in the direction where the cursor is, behind the others."""
        prefix = self._prefix()
        number = self._count(prefix) + 1
        if number > MOST_CONNECTIONS:
            self.banner(f"At most {MOST_CONNECTIONS} connections fit in one direction.", bad=True)
            return
        await self._add(prefix)
        self.fields[connection_key(prefix, number, "at")].target.focus()
        self._show()

    async def action_disconnect(self) -> None:
        """Take out the connection that the cursor is in, else the last one; those behind it move up."""
        key, prefix = self._key_here(), self._prefix()
        if not self._count(prefix):
            prefix = next(each for each in self.PREFIXES if self._count(each))
        count = self._count(prefix)
        at = connection_of(key)
        number = at[1] if at and at[0] == prefix else count
        for name, value in without_connection(self.values, prefix, number, count).items():
            if name in self.fields:
                self.fields[name].value = value
        await self._remove(prefix)
        back = connection_key(prefix, min(number, count - 1), "at") if count > 1 else f"{prefix}departure_time"
        self.fields[back].target.focus()
        self._show()

    def _show(self) -> None:
        self.refresh_bindings()
        self.show_review()

    def fill(self, values: Mapping[str, str], sentence: str) -> None:
        """Put values into the fields, after as many connections have been made as they have."""
        values = {key: value for key, value in with_typed_connections(values).items() if key != "via"}
        wanted = {prefix: connections_in({**self.values, **values}, prefix) for prefix in self.PREFIXES}
        if all(self._count(prefix) == count for prefix, count in wanted.items()):
            super().fill(values, sentence)
        else:
            self.call_later(self._fill_all, values, sentence, wanted)

    async def _fill_all(self, values: Mapping[str, str], sentence: str, wanted: Mapping[str, int]) -> None:
        for prefix, count in wanted.items():
            while self._count(prefix) > count:
                await self._remove(prefix)
            while self._count(prefix) < count:
                await self._add(prefix)
        super().fill(values, sentence)

    def _key_here(self) -> str:
        here = self.focused
        field = next((node for node in here.ancestors_with_self if isinstance(node, FormField)), None) if here else None
        return field.key if field else self._here

    def _prefix(self) -> str:
        key = self._key_here()
        return next((prefix for prefix in reversed(self.PREFIXES) if key.startswith(prefix)), "")

    def _count(self, prefix: str) -> int:
        """How many blocks there are."""
        return sum(connection_key(prefix, number, "at") in self.fields for number in range(1, MOST_CONNECTIONS + 1))

    def _between(self, prefix: str) -> Widget:
        return self.query_one(f"#{prefix}connections".replace("_", "-"))

    async def _add(self, prefix: str) -> None:
        number, between = self._count(prefix) + 1, self._between(prefix)
        await between.mount(self._block(prefix, number))
        changed = set(_keys(prefix, number))
        if number == 1 and isinstance(between.parent, Widget):
            first = self.first_leg() if not prefix else ()
            await between.parent.mount(*first, before=between)
            changed.update(field.key for field in first)
            self._arrive_after(prefix, between)
        self._renew(changed, self._dropped - changed)

    async def _remove(self, prefix: str) -> None:
        """Take away the last block."""
        number, between = self._count(prefix), self._between(prefix)
        await between.children[-1].remove()
        gone = set(_keys(prefix, number))
        if number == 1:
            self._arrive_after(prefix, self.fields[f"{prefix}departure_time"])
            for field in (
                [] if prefix else [self.fields[key] for key in ("first_carrier", "first_number") if key in self.fields]
            ):
                await field.remove()
                gone.add(field.key)
        self._renew(gone, self._dropped | gone)

    def _arrive_after(self, prefix: str, spot: Widget) -> None:
        for key in self._arriving[prefix]:
            field = self.fields[key]
            if isinstance(field.parent, Widget):
                field.parent.move_child(field, after=spot)
            spot = field

    def _renew(self, changed: set[str], dropped: frozenset[str]) -> None:
        """Fields came or went."""
        self._dropped = frozenset(dropped)
        self._touched -= changed
        self._fields = {}

    def _block(self, prefix: str, number: int) -> Widget:
        def key(part: str) -> str:
            return connection_key(prefix, number, part)

        day = f"{prefix}date" if prefix else "departure_date"
        at = (
            self.airport(key("at"), "Change at", day=day)
            if self.FLIES
            else self.text(key("at"), "Change at", required=True)
        )
        return Vertical(
            section(f"Connection {number}"),
            at,
            self.time_field(key("arrival_time"), "Arrives there", hint="e.g. 14:15"),
            self.time_field(key("departure_time"), "Departs", hint="e.g. 15:40"),
            self.short(
                key("number"),
                "Flight number" if self.FLIES else "Number",
                hint="e.g. AY61" if self.FLIES else "e.g. ICE 12",
            ),
            self.short(key("seat"), "Seat"),
            self.text(key("carrier"), "Airline" if self.FLIES else "Company", hint="the same"),
            self.date_field(key("departure_date"), "Goes on", after=day, hint="as the times say"),
            self.text(key("from"), "Goes on from", hint="the same place"),
            self.text(key("zone"), "Time zone", hint="that of the place"),
        )


def _keys(prefix: str, number: int) -> list[str]:
    return [connection_key(prefix, number, part) for part in PARTS]
