"""Who invites to what, in one line above the list of trips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from tripsage_tui.widgets.safe_text import one_line

if TYPE_CHECKING:
    from tripsage_tui.models.people import ReceivedInvitation


class InvitationLine(Static):
    """Takes no room where nobody invites."""

    DEFAULT_CSS = """
    InvitationLine { display: none; height: 1; padding: 0 1; color: $text-accent; text-style: bold; }
    InvitationLine:ansi { color: ansi_default; text-style: bold; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.invitations: tuple[ReceivedInvitation, ...] = ()

    def show(self, invitations: Sequence[ReceivedInvitation]) -> None:
        """Show the first of these; an empty sequence takes the line away."""
        self.invitations = tuple(invitations)
        self.display = bool(invitations)
        if invitations:
            more = f" (+{len(invitations) - 1})" if len(invitations) > 1 else ""
            self.update(Content(f"i answers{more}: {one_line(invitations[0].sentence)}"))
