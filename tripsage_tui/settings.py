"""What the user can set: the configuration file, the environment, the command line, each stronger than the last.

A plain pydantic model with a small loader of its own: pydantic-settings costs 45 ms at start (measured warm, beside
Textual and pydantic already imported), more than a tenth of the time to the first frame.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

APP = "tripsage_tui"
ENV_PREFIX = "TRIPSAGE_"


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


class Settings(BaseModel):
    """All settings with their defaults. Environment names are `TRIPSAGE_` and the upper-case field name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path = Field(default_factory=default_data_dir)
    profile: str | None = None
    theme: str | None = None
    color: Literal["auto", "16", "256", "truecolor", "none"] = "auto"
    mouse: bool = True
    keymap: dict[str, str] = {}

    @property
    def state_dir(self) -> Path:
        """Drafts, logs and what the program remembers between starts; beside the database."""
        return self.data_dir / "state"


def _from_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read as TOML ({error}). Correct it or move it away.") from error


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    simple = {name for name in Settings.model_fields if name != "keymap"}
    return {name: value for name in simple if (value := environ.get(ENV_PREFIX + name.upper(), "")) != ""}


def load_settings(command_line: Mapping[str, Any] | None = None) -> Settings:
    """Read all sources. Raises `SettingsError` with one sentence that says what is wrong and where."""
    path = config_file()
    sources = (
        (str(path), _from_file(path)),
        ("the environment", _from_environment(os.environ)),
        ("the command line", {k: v for k, v in (command_line or {}).items() if v is not None}),
    )
    merged: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for name, values in sources:
        merged.update(values)
        origin.update(dict.fromkeys(values, name))
    try:
        settings = Settings(**merged)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = str(first["loc"][0]) if first["loc"] else "?"
        raise SettingsError(f"The setting {key!r} in {origin.get(key, path)} is not usable: {first['msg']}.") from error
    return settings.model_copy(update={"data_dir": settings.data_dir.expanduser().absolute()})


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
