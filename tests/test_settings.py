"""Settings from file, environment and command line, and what is said about unusable ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tripsage_tui.settings import SettingsError, load_settings, remember


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "folder" / "config.toml"
    monkeypatch.setenv("TRIPSAGE_CONFIG", str(path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in ("PROFILE", "THEME", "COLOR", "MOUSE", "DATA_DIR", "WIRE"):
        monkeypatch.delenv(f"TRIPSAGE_{name}", raising=False)
    return path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_the_stronger_source_wins(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().data_dir == tmp_path / "data" / "tripsage_tui"
    write(
        config,
        'profile = "file"\ntheme = "light"\nmouse = false\n[keymap]\n"trips.new" = "c"\n'
        "[minimum_connection]\nhnd = 90\ndefault = 60\n",
    )
    monkeypatch.setenv("TRIPSAGE_PROFILE", "environment")
    monkeypatch.setenv("TRIPSAGE_MOUSE", "yes")
    settings = load_settings({"profile": "line", "theme": None})
    assert (settings.profile, settings.theme, settings.mouse) == ("line", "light", True)
    assert settings.keymap == {"trips.new": "c"}
    assert settings.minimum_connection == {"HND": 90, "default": 60}
    assert load_settings().profile == "environment"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("profile = ", "TOML"),
        ("colour = 'auto'", "'colour'"),
        ("color = 'pink'", "truecolor"),
        ("mouse = 'perhaps'", "true or false"),
        ("profile = 3", "a text"),
        ("keymap = 'n'", "a table"),
        ("[keymap]\nx = 1", "a table"),
        ("minimum_connection = 60", "a table"),
        ("[minimum_connection]\nHanada = 60", "airport code"),
        ("[minimum_connection]\nHND = -1", "airport code"),
    ],
)
def test_an_unusable_file_is_named_with_its_fault(config: Path, text: str, said: str) -> None:
    write(config, text)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert said in str(caught.value)
    assert str(config) in str(caught.value)


def test_remembering_keeps_what_the_user_wrote(config: Path) -> None:
    remember("theme", "light")
    write(config, "# mine\nmouse = false  # no mouse\n")
    remember("theme", "dark")
    assert "# mine" in config.read_text()
    assert "# no mouse" in config.read_text()
    assert (load_settings().theme, load_settings().mouse) == ("dark", False)


def test_the_wire_is_of_the_configuration_or_the_environment(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().wire == "auto"
    write(config, 'wire = "chat"')
    assert load_settings().wire == "chat"
    monkeypatch.setenv("TRIPSAGE_WIRE", "Responses")
    assert load_settings().wire == "responses"
    monkeypatch.setenv("TRIPSAGE_WIRE", "websocket")
    with pytest.raises(SettingsError, match=r"'wire' in the environment .* it takes one of auto, responses, chat"):
        load_settings()
