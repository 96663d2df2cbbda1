"""A text in the user's editor."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from tripsage_tui.screens.base import Tasks


def edited(screen: Tasks, text: str) -> str | None:
    """What the file says after the editor; None where it could not be used."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "message.md"
        path.write_text(text, encoding="utf-8", errors="replace")
        try:
            with screen.app.suspend():
                subprocess.run([*shlex.split(editor), str(path)], check=False)  # noqa: S603  the user's own editor
            return path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            screen.say(f"{editor} could not be started: {error.strerror}.", "error")
        except Exception as error:  # noqa: BLE001  Textual has no class for a terminal that cannot be left
            screen.say(str(error) or "This terminal cannot be left for an editor.", "error")
    return None
