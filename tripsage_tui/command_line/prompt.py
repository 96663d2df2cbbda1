"""`tripsage-tui next` in a few milliseconds, for a shell prompt or a status bar.

It reads three small files and asks one query, importing next to nothing. Whatever is unusual (no running server,
several profiles, an option it does not know, a setting written in an uncommon way) is left to the ordinary command,
which says what is wrong or starts what is missing.
"""

from __future__ import annotations

import os
import sys
import time

from tripsage_tui.data.next_up_query import NoAnswer, ask_at_once
from tripsage_tui.models.next_up import Moment, NextUp, countdown, read, sentence

SOMETHING, NOTHING = 0, 1
"""Exit codes."""
_FLAGS = frozenset({"--json", "--short"})
_VALUES = frozenset({"--data-dir", "--profile"})


def answer(words: list[str]) -> int | None:
    """Print what comes next and return the exit code; None when the ordinary command has to do it."""
    options = _options(words)
    if options is None:
        return None
    try:
        folder, wanted = _settings(options)
        found = ask_at_once(_socket_of(folder), _profile_of(folder, wanted))
    except (NoAnswer, OSError, UnicodeDecodeError):
        return None
    try:
        code = show(read(found), time.time(), as_json="--json" in options, short="--short" in options)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _options(words: list[str]) -> dict[str, str] | None:
    """The options by name; None where one is not known here."""
    options: dict[str, str] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if word in _FLAGS:
            options[word] = ""
        elif name in _VALUES and (equals or rest):
            options[name] = value if equals else rest.pop(0)
        else:
            return None
    return options


def _settings(options: dict[str, str]) -> tuple[str, str]:
    """The data folder and the profile that is asked for, from the same places as `settings` reads them.

    Raises NoAnswer where a hosted project is to be asked.
    """
    environ = os.environ
    folder = options.get("--data-dir") or environ.get("TRIPSAGE_DATA_DIR", "")
    profile = options.get("--profile") or environ.get("TRIPSAGE_PROFILE", "")
    project = environ.get("TRIPSAGE_PROJECT", "")
    if not folder or not profile or not project:
        written = _written(environ.get("TRIPSAGE_CONFIG") or f"{_base('XDG_CONFIG_HOME', '.config')}/config.toml")
        project = project or written.get("project", "")
        folder = folder or written.get("data_dir", "")
        profile = profile or written.get("profile", "")
    if project not in {"", "local"}:
        raise NoAnswer
    return os.path.expanduser(folder or _base("XDG_DATA_HOME", ".local/share")), profile  # noqa: PTH111 - pathlib costs 7 ms


def _base(variable: str, fallback: str) -> str:
    value = os.environ.get(variable, "")
    return f"{value if value.startswith('/') else os.path.expanduser('~/' + fallback)}/tripsage_tui"  # noqa: PTH111


def _written(path: str) -> dict[str, str]:
    """Plain `name = "value"` lines before the first table. Raises NoAnswer for what only a TOML reader understands."""
    written: dict[str, str] = {}
    try:
        text = _text(os.path.expanduser(path))  # noqa: PTH111
    except FileNotFoundError:
        return written
    for line in text.splitlines():
        name, _, value = (part.strip() for part in line.partition("="))
        if name.startswith("["):
            break
        if name in {"data_dir", "profile", "project"}:
            inside, closed, after = value[1:].partition('"')
            if not value.startswith('"') or not closed or "\\" in inside or after.strip()[:1] not in {"", "#"}:
                raise NoAnswer
            written[name] = inside
    return written


def _socket_of(folder: str) -> str:
    """The socket of the server that runs for a data folder. Raises NoAnswer, OSError."""
    note = _text(f"{folder}/server/state.json")
    cluster = os.stat(f"{folder}/postgres")  # noqa: PTH116
    if _string(note, "cluster") != f"{cluster.st_dev}:{cluster.st_ino}":
        raise NoAnswer
    return f"{_string(note, 'socket_dir')}/.s.PGSQL.5432"


def _profile_of(folder: str, wanted: str) -> str:
    """The id of the profile used last, if that is who is asked for. Raises NoAnswer, OSError."""
    note = _text(f"{folder}/state/last-profile.json")
    if wanted and _string(note, "name").casefold() != wanted.casefold():
        raise NoAnswer
    identity = _string(note, "id")
    if not identity.replace("-", "").isalnum():
        raise NoAnswer
    return identity


def _string(note: str, name: str) -> str:
    """A string of a JSON object that this program wrote. Raises NoAnswer where it is not a plain one."""
    _, found, rest = note.partition(f'"{name}": "')
    value, closed, _ = rest.partition('"')
    if not found or not closed or "\\" in value:
        raise NoAnswer
    return value


def _text(path: str) -> str:
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        return file.read(100_000)


def show(found: NextUp, now: float, *, as_json: bool, short: bool) -> int:
    """Print what comes next: three lines at most, one where `short`. Returns the exit code."""
    if as_json:
        import json

        whole: dict[str, object] = {"now": [as_object(each, now) for each in found.now]}
        for name, group in (("next", found.events), ("deadline", found.deadlines)):
            whole[name] = as_object(group[0], now) if group else None
        print(json.dumps(whole, indent=2))
    elif short:
        if found.first is not None:
            print(safe(sentence(found.first, now)))
    else:
        for moment in (*found.now, *found.events[:1], *found.deadlines[:1]):
            print(safe(sentence(moment, now)))
        if not found:
            print("Nothing is coming up.")
    return SOMETHING if found else NOTHING


def as_object(moment: Moment, now: float) -> dict[str, object]:
    """What `--json` says of it."""
    return {**moment.as_json(), "what": moment.what, "countdown": countdown(moment, now)}


def safe(line: str) -> str:
    """The line as it may be shown. The import is left out where it can be: it is a third of the time of `next`."""
    if line.replace("→", "").replace("·", "").isascii() and line.isprintable():
        return line
    from tripsage_tui.models.showing import one_line

    return " " * (len(line) - len(line.lstrip(" "))) + one_line(line)
