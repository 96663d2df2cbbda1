"""The files of a trip with its bookings, or of a conversation: attach, open, save, move, delete."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol
from uuid import UUID

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType

from tripsage_tui.commands import Command, bindings
from tripsage_tui.models.attachments import Attachment, Subject
from tripsage_tui.models.when import count_of
from tripsage_tui.screens.file_lines import Section, file_lines
from tripsage_tui.screens.reloading import ReloadingScreen
from tripsage_tui.widgets.agenda_list import AgendaList
from tripsage_tui.widgets.notice import Notice
from tripsage_tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from tripsage_tui.attachments.uploads import Upload
    from tripsage_tui.data.live import Change
    from tripsage_tui.planner import Planner

COMMANDS = (
    Command("files.attach", "a", "attach", "Attach", "Attach a file to what is under the cursor."),
    Command("files.save", "s", "save", "Save", "Put a copy of the file into a folder."),
    Command("files.move", "m", "move", "Move", "Let the file belong to another booking, or to the trip."),
    Command("files.delete", "d", "delete", "Delete", "Delete the file, or stop its upload; u brings it back."),
    Command("files.scan", "x", "scan", "Scan", "Ask the virus scanner about the file now.", footer=False),
    Command("files.refresh", "r", "refresh_files", "Refresh", "Fetch the list again.", footer=False),
    Command("files.back", "escape,backspace", "back", "Back", "Back to where you came from."),
)
_CHANGING = {"attach", "move", "delete"}
_ON_A_FILE = {"save", "move", "delete", "scan"}
_EMPTY = "No files yet: tickets, vouchers, passports, a picture of the address.\n\n{add}  esc   goes back"
_ADD = "  a     attaches the first; or drop one on the window\n"


class FileList(AgendaList):
    """Enter opens."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (Command("agenda.open", "enter", "select", "Open", "Open the file with the program for its kind."),)
    )


class Shelf(Protocol):
    """Whose files are shown."""

    @property
    def title(self) -> str: ...
    @property
    def may_edit(self) -> bool: ...
    @property
    def sections(self) -> Sequence[Section]: ...
    @property
    def start(self) -> Subject:
        """Where the cursor begins, and what a file is attached to while there is none."""

    async def read(self, planner: Planner) -> list[Attachment]:
        """The files, oldest first."""

    def concerns(self, change: Change) -> bool:
        """Whether a changed row may change what is shown."""


class FilesScreen(ReloadingScreen[None]):
    """One list; what is on its way shows how far it is, in place."""

    AUTO_FOCUS = "AgendaList"
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS)
    DEFAULT_CSS = """
    FilesScreen AgendaList { display: none; margin: 1 0 0 0; }
    FilesScreen.-filled AgendaList { display: block; }
    FilesScreen.-filled Notice { display: none; }
    #path-objection { height: auto; min-height: 1; margin: 1 0 0 0; color: $text-error; }
    #path-objection:ansi { color: ansi_default; }
    """

    def __init__(self, planner: Planner, shelf: Shelf) -> None:
        super().__init__(planner)
        self._shelf = shelf
        self._files: list[Attachment] = []
        self._prefer: UUID | Subject | None = shelf.start
        self._redraw_waits = False

    def compose_body(self) -> ComposeResult:
        yield Notice("")
        yield FileList()

    def follow(self, planner: Planner) -> None:
        super().follow(planner)
        self._forget.append(planner.attachments.on_change(self._upload_changed))

    # ---- showing

    async def load(self) -> None:
        self._files = await self._shelf.read(self.planner)
        self._show()

    def _show(self) -> None:
        shelf = self._shelf
        note = count_of(len(self._files), "file") if shelf.may_edit else "shared to look at"
        self.query_one(TopBar).show(trail=f"{shelf.title} ▸ files", note=note)
        self.query_one(Notice).show(_EMPTY.format(add=_ADD if shelf.may_edit else ""))
        self.set_class(bool(self._files), "-filled")
        uploads = {upload.attachment.id: upload for upload in self.planner.attachments.uploads}
        lines = file_lines(shelf.sections, self._files, uploads, self.planner.today)
        prefer: Hashable | None = self._prefer
        if isinstance(prefer, Subject):
            # A section with files has its first file to stand on.
            prefer = next((line.key for line in lines if line.key and line.section == self._prefer), prefer)
        self._list.set_lines(lines, prefer=prefer)
        self._prefer = None
        if self._files and not self._list.has_focus and self.is_current:
            self._list.focus(scroll_visible=False)
        self.refresh_bindings()

    @property
    def _list(self) -> AgendaList:
        return self.query_one(AgendaList)

    @property
    def file(self) -> Attachment | None:
        """The one under the cursor."""
        line = self._list.line
        return next((file for file in self._files if line and file.id == line.key), None)

    @property
    def subject(self) -> Subject:
        """What a file is attached to now."""
        line = self._list.line
        return line.section if line and isinstance(line.section, Subject) else self._shelf.start

    def _upload_changed(self, upload: Upload) -> None:
        """Called for every piece that arrives: drawn at most ten times a second."""
        if upload.state.over:
            self._later(self.refresh_data)
        elif not self._redraw_waits:
            self._redraw_waits = True
            self._later(self.set_timer, 0.1, self._redraw)

    def _redraw(self) -> None:
        self._redraw_waits = False
        self._show()

    def on_changes(self, changes: Sequence[Change]) -> None:
        if any(change.table == "*" or self._shelf.concerns(change) for change in changes):
            self.refresh_data()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in _CHANGING and not self._shelf.may_edit:
            return False
        if action == "move" and self._shelf.start.trip_id is None:
            return False
        if action in _ON_A_FILE:
            return self.is_mounted and self.file is not None
        return super().check_action(action, parameters)

    # ---- doing

    def action_back(self) -> None:
        self.dismiss(None)

    def action_refresh_files(self) -> None:
        self.refresh_data()

    def on_agenda_list_highlighted(self, event: AgendaList.Highlighted) -> None:
        event.stop()
        self.refresh_bindings()

    def on_paste(self, event: events.Paste) -> None:
        """A file that is dropped on the window comes as its path."""
        if event.text.strip() and self._shelf.may_edit:
            event.stop()
            self.action_attach(" ".join(event.text.split("\n")).strip())

    def action_attach(self, value: str = "") -> None:
        from tripsage_tui.screens.file_dialogs import AttachDialog, shortened

        subject = self.subject
        title = next((each.title for each in self._shelf.sections if each.subject == subject), self._shelf.title)

        def answered(paths: list[Path] | None) -> None:
            if paths:
                self.planner.preferences.set("attach-from", shortened(paths[-1].parent))
                self.run_task(self._attach_files(paths, subject), group="attach")

        if self.may_write():
            start = value or self.planner.preferences.text("attach-from", shortened(Path.cwd()))
            self.app.push_screen(AttachDialog(title, start), answered)

    async def _attach_files(self, paths: Sequence[Path], subject: Subject) -> None:
        from tripsage_tui.attachments.errors import AttachmentError

        refused = []
        for path in paths:
            try:
                upload = await self.planner.attachments.add(path, subject)
            except AttachmentError as error:
                refused.append(str(error))
            else:
                self._prefer = upload.attachment.id
        if refused:
            self.say("\n".join(refused), "error", timeout=12)
        self.refresh_data()

    def on_agenda_list_selected(self, event: AgendaList.Selected) -> None:
        """A double click."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Open a file; begin with one where there is none."""
        file = self.file
        if file is not None:
            self.run_task(self._open_file(file), group="open")
        elif self._shelf.may_edit:
            self.action_attach()

    async def _open_file(self, file: Attachment) -> None:
        self.tell(f"Opening {file.filename} …")
        await self.planner.attachments.open(file)

    def action_save(self) -> None:
        from tripsage_tui.screens.file_dialogs import SaveDialog

        file = self.file
        if file is None:
            return
        if file.objection:
            self.say(file.objection, "warning")
            return
        downloads = Path.home() / "Downloads"

        def answered(folders: list[Path] | None) -> None:
            if folders:
                self.run_task(self._save(file, folders[0]), group="open")

        self.app.push_screen(SaveDialog(file.filename, downloads if downloads.is_dir() else Path.cwd()), answered)

    async def _save(self, file: Attachment, folder: Path) -> None:
        path = await self.planner.attachments.save(file, folder)
        self.tell(f"Saved as {path}.")

    def action_move(self) -> None:
        from tripsage_tui.screens.file_dialogs import BelongsDialog

        file = self.file
        if file is None or not self.may_write():
            return

        def answered(subject: Subject | None) -> None:
            if subject is not None and subject != file.subject:
                self.run_task(self._move(file, subject), group="write")

        choices = [(each.subject, each.title) for each in self._shelf.sections]
        self.app.push_screen(BelongsDialog(file.filename, choices, file.subject), answered)

    async def _move(self, file: Attachment, subject: Subject) -> None:
        from tripsage_tui.changes.attachments import AttachmentChanges

        self._prefer = (await AttachmentChanges(self.planner).link(file, subject)).id
        self.refresh_data()

    def action_delete(self) -> None:
        file = self.file
        if file is not None and self.may_write():
            self.run_task(self._delete(file), group="write")

    async def _delete(self, file: Attachment) -> None:
        from tripsage_tui.changes.attachments import AttachmentChanges

        under_way = self.planner.attachments.upload_of(file.id) is not None
        await AttachmentChanges(self.planner).delete(file)
        self.tell(f"{file.filename} is not attached." if under_way else f"Deleted {file.filename}. u brings it back.")
        self.refresh_data()

    def action_scan(self) -> None:
        file = self.file
        if file is not None:
            self.run_task(self._scan(file), group="write")

    async def _scan(self, file: Attachment) -> None:
        scanned = await self.planner.attachments.scan(file)
        self.tell(f"{file.filename}: {scanned.scan.label}{f' ({scanned.threat})' if scanned.threat else ''}.")
        self.refresh_data()

    def task_failed(self, error: BaseException) -> None:
        from tripsage_tui.attachments.errors import AttachmentError

        self.app.clear_notifications()
        if isinstance(error, AttachmentError):
            self.say(str(error), "error", timeout=12)
            return
        super().task_failed(error)
        self.refresh_data()
