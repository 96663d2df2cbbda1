"""What can be done in a chat, by key and by a line that begins with `/`."""

from __future__ import annotations

from collections.abc import Mapping

from tripsage_tui.commands import Command

STOP = Command("chat.stop", "escape", "stop", "Stop/back", "Stop the answer; with none, to the messages and back.")
SWAP = Command("chat.messages", "tab", "swap", "Messages", "To the messages, and back to the question.")
AGAIN = Command("chat.again", "r", "again", "Again", "Answer the same question once more.")
EDIT = Command("chat.edit", "e", "edit", "Edit", "Ask a question in other words; the old one is kept beside it.")
GO_ON = Command("chat.continue", "c", "go_on", "Continue", "Go on with an answer that was stopped or cut.")
COPY = Command("chat.copy", "y", "copy", "Copy", "Copy the message.")
COPY_CODE = Command("chat.copy-code", "Y", "copy_code", "Copy code", "Copy the last code in it.", footer=False)
WRITE = Command("chat.write", "f4", "write", "Editor", "Write the question in $EDITOR.", footer=False, display="F4")
OPEN = Command("chat.editor", "o", "editor", "Editor", "Open the message in $EDITOR.", footer=False)
BEFORE = Command(
    "chat.version-before", "left_square_bracket", "version(-1)", "Version before", footer=False, display="["
)
AFTER = Command("chat.version-after", "right_square_bracket", "version(1)", "Version after", footer=False, display="]")
MEMORIES = Command("chat.memories", "m", "memories", "Memories", "Show what was remembered for it.", footer=False)
FILES = Command("chat.files", "P", "files", "Papers", "Files of the message and of the conversation.", footer=False)
NEW = Command("chat.new", "ctrl+n", "new", "New", "Begin another conversation.", display="^n")
SESSIONS = Command("chat.sessions", "ctrl+o", "sessions", "Chats", "Earlier conversations.", display="^o")
MODELS = Command("chat.model", "ctrl+g", "models", "Model", "Choose a model.", display="^g", footer=False)
COMMANDS = (
    *(STOP, SWAP, NEW, SESSIONS, AGAIN, EDIT, GO_ON, COPY),
    *(COPY_CODE, WRITE, OPEN, BEFORE, AFTER, MEMORIES, FILES, MODELS),
)
ON_A_MESSAGE = {"again", "edit", "copy", "copy_code", "editor", "version", "memories", "go_on", "files"}
OWN: Mapping[str, str] = {
    "new": "begin another conversation",
    "chats": "earlier conversations",
    "model": "choose a model, or name one",
    "title": "name this conversation",
    "export": "write it to a file: md or json, and where",
    "end": "mark this conversation as ended",
    "delete": "put this conversation away; /undo brings it back",
    "undo": "take back the last change",
}
