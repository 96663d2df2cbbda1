"""What the user can set: the configuration file, the environment, the command line, each stronger than the last.

A dataclass with a small loader of its own: pydantic-settings costs 45 ms at start and building a pydantic model of
these fields 19 ms (warm, beside Textual and pydantic already imported): a sixth of the time to the first frame.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

APP = "tripsage_tui"
ENV_PREFIX = "TRIPSAGE_"
LOCAL = "local"
"""The project that is none: the embedded database."""
COLORS = ("auto", "16", "256", "truecolor", "none")
WIRES = ("auto", "responses", "chat")
SWITCH = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}


class SettingsError(Exception):
    """The configuration cannot be used; the text is one sentence that names the place and the remedy."""


def _xdg(variable: str, fallback: str) -> Path:
    value = os.environ.get(variable, "")
    base = Path(value) if value.startswith("/") else Path.home() / fallback
    return base / APP


def default_data_dir() -> Path:
    """Where the embedded database lives: `$XDG_DATA_HOME/tripsage_tui`."""
    return _xdg("XDG_DATA_HOME", ".local/share")


def config_file() -> Path:
    """The configuration file: `$TRIPSAGE_CONFIG`, else `$XDG_CONFIG_HOME/tripsage_tui/config.toml`."""
    if named := os.environ.get("TRIPSAGE_CONFIG"):
        return Path(named).expanduser()
    return _xdg("XDG_CONFIG_HOME", ".config") / "config.toml"


def projects_folder() -> Path:
    """Where the connection files of hosted projects are kept."""
    return config_file().parent / "projects"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings with their defaults. Environment names are `TRIPSAGE_` and the upper-case field name."""

    data_dir: Path = field(default_factory=default_data_dir)
    profile: str | None = None
    project: str | None = None
    """A hosted project by its name; None is the database on this computer."""
    theme: str | None = None
    color: str = "auto"
    mouse: bool = True
    wire: str = "auto"
    """How the assistant's server is spoken to; `auto` leaves it to F2 and to the address."""
    keymap: Mapping[str, str] = field(default_factory=dict)
    minimum_connection: Mapping[str, int] = field(default_factory=dict)
    """Minutes that changing between two flights needs, by IATA code of the airport and for `default`."""
    clamd: str | None = None
    """The virus scanner: path of clamd's socket, `host:port`, or `off`; None looks where clamd usually listens."""

    @property
    def state_dir(self) -> Path:
        """Drafts, logs and what the program remembers between starts; beside the database."""
        return self.data_dir / "state"


NAMES = frozenset(setting.name for setting in fields(Settings))


def _from_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read as TOML ({error}). Correct it or move it away.") from error


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: value
        for name in NAMES - {"keymap", "minimum_connection"}
        if (value := environ.get(ENV_PREFIX + name.upper(), "")) != ""
    }


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("it takes a text")  # noqa: TRY004 - all readers refuse in one way
    return value


def _project(value: object) -> str | None:
    name = _text(value)
    return None if name == LOCAL else name


def _folder(value: object) -> Path:
    return (value if isinstance(value, Path) else Path(_text(value))).expanduser().absolute()


def _color(value: object) -> str:
    if value not in COLORS:
        raise ValueError(f"it takes one of {', '.join(COLORS)}")
    return str(value)


def _wire(value: object) -> str:
    if str(value).casefold() not in WIRES:
        raise ValueError(f"it takes one of {', '.join(WIRES)}")
    return str(value).casefold()


def _switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).casefold()
    if word not in SWITCH:
        raise ValueError("it takes true or false")
    return SWITCH[word]


def _keymap(value: object) -> Mapping[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(word, str) for pair in value.items() for word in pair):
        raise ValueError('it takes a table such as {"trips.new" = "n"}')
    return dict(value)


def _minutes(value: object) -> Mapping[str, int]:
    if not isinstance(value, Mapping):
        raise ValueError("it takes a table such as {HND = 90, default = 60}")  # noqa: TRY004 - all readers refuse in one way
    for name, minutes in value.items():
        known = name == "default" or (len(name) == 3 and name.isascii() and name.isalpha())
        if not known or not isinstance(minutes, int) or isinstance(minutes, bool) or not 0 <= minutes <= 1440:
            raise ValueError("it takes minutes by airport code and for default, such as {HND = 90, default = 60}")
    return {name if name == "default" else name.upper(): minutes for name, minutes in value.items()}


READERS: Mapping[str, Callable[[object], Any]] = {
    "data_dir": _folder,
    "profile": _text,
    "project": _project,
    "theme": _text,
    "color": _color,
    "mouse": _switch,
    "wire": _wire,
    "keymap": _keymap,
    "minimum_connection": _minutes,
    "clamd": _text,
}


def load_settings(command_line: Mapping[str, Any] | None = None) -> Settings:
    """Read all sources. Raises `SettingsError` with one sentence that says what is wrong and where."""
    path = config_file()
    sources = (
        (str(path), _from_file(path)),
        ("the environment", _from_environment(os.environ)),
        ("the command line", {k: v for k, v in (command_line or {}).items() if v is not None}),
    )
    read: dict[str, Any] = {}
    for origin, values in sources:
        for name, value in values.items():
            if name not in NAMES:
                raise SettingsError(f"{origin} has a setting {name!r} that does not exist: {', '.join(sorted(NAMES))}.")
            try:
                read[name] = READERS[name](value)
            except ValueError as error:
                raise SettingsError(f"The setting {name!r} in {origin} is not usable: {error}.") from error
    return Settings(**read)


def remember(name: str, value: str) -> None:
    """Write one setting into the configuration file, keeping the user's comments and order."""
    import tomlkit

    path = config_file()
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
    document[name] = value
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_suffix(".toml.part")
    partial.write_text(tomlkit.dumps(document), encoding="utf-8")
    partial.replace(path)
