"""Where which keys are valid together: needed only to check a keymap of the user's, as it imports every screen."""

from __future__ import annotations

from textual.dom import DOMNode

from tripsage_tui.keymap import Place, place


def places() -> list[Place]:
    """One place per screen, with the list that has the keyboard there and with what is valid everywhere."""
    from tripsage_tui.app import TripSageApp
    from tripsage_tui.screens.base import PlannerScreen
    from tripsage_tui.screens.bookings import BookingsScreen
    from tripsage_tui.screens.budget import BudgetScreen
    from tripsage_tui.screens.chat import ChatScreen
    from tripsage_tui.screens.files import FilesScreen
    from tripsage_tui.screens.finding_actions import FindingActions
    from tripsage_tui.screens.forms.form import FormScreen
    from tripsage_tui.screens.memory import MemoryScreen
    from tripsage_tui.screens.options import Cards, OptionsScreen
    from tripsage_tui.screens.people import PeopleScreen
    from tripsage_tui.screens.settings import SettingsScreen
    from tripsage_tui.screens.stops import StopsScreen
    from tripsage_tui.screens.trash import TrashScreen
    from tripsage_tui.screens.trip import TripScreen
    from tripsage_tui.screens.trips import TripsScreen
    from tripsage_tui.widgets.agenda_list import AgendaList
    from tripsage_tui.widgets.composer import Composer
    from tripsage_tui.widgets.rows import Rows
    from tripsage_tui.widgets.transcript import Transcript

    together: dict[str, tuple[type[DOMNode], ...]] = {
        "the list of trips": (Rows, TripsScreen, PlannerScreen, TripSageApp),
        "the list of bookings": (Rows, BookingsScreen, PlannerScreen, TripSageApp),
        "options": (Cards, OptionsScreen, PlannerScreen, TripSageApp),
        "the trash": (Rows, TrashScreen, PlannerScreen, TripSageApp),
        "the memory": (Rows, MemoryScreen, PlannerScreen, TripSageApp),
        "a trip": (AgendaList, TripScreen, FindingActions, PlannerScreen, TripSageApp),
        "a budget": (Rows, BudgetScreen, PlannerScreen, TripSageApp),
        "the stops of a trip": (AgendaList, StopsScreen, PlannerScreen, TripSageApp),
        "the files": (AgendaList, FilesScreen, PlannerScreen, TripSageApp),
        "a conversation": (Transcript, ChatScreen, PlannerScreen, TripSageApp),
        "a question": (Composer, ChatScreen, PlannerScreen, TripSageApp),
        "the people of a trip": (Rows, PeopleScreen, PlannerScreen, TripSageApp),
        "the settings": (SettingsScreen, PlannerScreen, TripSageApp),
        "a form": (FormScreen, PlannerScreen, TripSageApp),
    }
    return [place(name, *(node.BINDINGS for node in nodes)) for name, nodes in together.items()]
