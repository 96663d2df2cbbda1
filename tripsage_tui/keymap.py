"""The user's own keys: which of them can be used, and one sentence about each that cannot.

Textual takes unknown names, nonsense keys and some clashes without a word (8.2.8), so a keymap is checked before it is
given to Textual.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from textual.binding import Binding, BindingType
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, _character_to_key

SWALLOWED = {
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+h": "backspace",
    "ctrl+left_square_bracket": "escape",
}
"""Keys that terminals cannot tell from another one."""
_MODIFIERS = {"ctrl", "shift", "alt", "super", "meta", "hyper"}
_NAMES = {key.value for key in Keys} | {*KEY_NAME_REPLACEMENTS.values(), "space", "comma"}


@dataclass(frozen=True, slots=True)
class Place:
    """Bindings that can be active together: those of a screen, of the widgets on it and of the program."""

    name: str
    bindings: tuple[Binding, ...]


def place(name: str, *groups: Iterable[BindingType]) -> Place:
    """A place from the `BINDINGS` of its classes."""
    return Place(name, tuple(binding for group in groups for binding in Binding.make_bindings(group)))


def key_name(key: str) -> str | None:
    """Textual's name of a key as people write it (`?`, `ctrl+n`, `f2`); None when there is no such key."""
    key = key.strip()
    *modifiers, last = key.split("+") if key != "+" else [key]
    if key.endswith("++"):
        last, modifiers = "+", [part for part in modifiers if part]
    if not last or any(modifier not in _MODIFIERS for modifier in modifiers):
        return None
    name = _character_to_key(last) if len(last) == 1 else last
    if len(last) > 1 and name not in _NAMES and not _is_character_name(name):
        return None
    return "+".join([*modifiers, name])


def _is_character_name(name: str) -> bool:
    import unicodedata

    try:
        unicodedata.lookup(name.replace("_", " ").upper())
    except KeyError:
        return False
    return True


def check_keymap(wanted: Mapping[str, str], places: Sequence[Place]) -> tuple[dict[str, str], list[str]]:
    """The entries of the user's keymap that can be used, and a sentence for each that cannot."""
    known = {binding.id for each in places for binding in each.bindings if binding.id}
    usable: dict[str, str] = {}
    problems: list[str] = []
    for name, text in wanted.items():
        if name not in known:
            problems.append(f"There is no command {name!r}.")
            continue
        keys, wrong = _read_keys(name, text)
        problems.extend(wrong)
        if keys:
            usable[name] = ",".join(keys)
    for name in list(usable):
        if problem := _clash(name, usable, places):
            del usable[name]
            problems.append(problem)
    return usable, problems


def _read_keys(name: str, text: str) -> tuple[list[str], list[str]]:
    keys: list[str] = []
    problems: list[str] = []
    for written in text.split(",") if text != "," else [text]:
        key = key_name(written)
        if key is None:
            problems.append(f"{written.strip()!r} for {name!r} is not a key.")
        elif key in SWALLOWED:
            problems.append(f"{key!r} for {name!r} reaches the program as {SWALLOWED[key]!r}.")
        else:
            keys.append(key)
    return keys, problems


def _clash(name: str, usable: Mapping[str, str], places: Sequence[Place]) -> str | None:
    mine = set(usable[name].split(","))
    for each in places:
        if all(binding.id != name for binding in each.bindings):
            continue
        for other in each.bindings:
            if other.id == name:
                continue
            moved = usable.get(other.id or "")
            theirs = set(moved.split(",")) if moved else {other.key}
            if both := sorted(mine & theirs):
                what = repr(other.id) if other.id else repr(other.description or other.action)
                return f"{both[0]!r} for {name!r} is taken by {what} in {each.name}."
    return None
