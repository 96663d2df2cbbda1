"""Colours and attributes for the terminal, as the difference from what it has already.

Rich writes all of a style before each piece of text and resets it afterwards: 42 bytes a piece in true colour, half of
what a screen costs.
"""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color, ColorSystem
from rich.color_triplet import ColorTriplet
from rich.style import Style

Look = tuple[tuple[str, ...], tuple[str, ...], frozenset[str]]
"""Codes of foreground, of background, and of the attributes."""

PLAIN: Look = ((), (), frozenset())
_ATTRIBUTES = {
    "bold": "1",
    "dim": "2",
    "italic": "3",
    "underline": "4",
    "blink": "5",
    "reverse": "7",
    "strike": "9",
}
_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "7": "27", "9": "29"}


@lru_cache(maxsize=4096)
def look_of(style: Style, system: ColorSystem) -> Look:
    """The codes of a style in the colours that the terminal has."""
    return (
        _color(style.color, system, foreground=True),
        _color(style.bgcolor, system, foreground=False),
        frozenset(code for name, code in _ATTRIBUTES.items() if getattr(style, name)),
    )


def _color(color: Color | None, system: ColorSystem, *, foreground: bool) -> tuple[str, ...]:
    if color is None or color.is_default:
        return ()
    if system is ColorSystem.EIGHT_BIT and color.triplet is not None:
        return ("38" if foreground else "48", "5", str(_of_256(color.triplet)))
    return tuple(color.downgrade(system).get_ansi_codes(foreground))


_STEPS = (0, 95, 135, 175, 215, 255)


@lru_cache(maxsize=1024)
def _of_256(wanted: ColorTriplet) -> int:
    """The number of the colour of 256 that looks most like the wanted one.

    Rich takes each channel by itself, so a dark bluish grey (#222a36, our fields) becomes a loud teal (#005f5f).
    """
    cube = [_nearest(_STEPS, channel) for channel in wanted]
    grey = min(max((sum(wanted) // 3 - 3) // 10, 0), 23)
    candidates = {16 + 36 * cube[0] + 6 * cube[1] + cube[2]: ColorTriplet(*(_STEPS[step] for step in cube))}
    candidates |= {232 + each: ColorTriplet(*[8 + 10 * each] * 3) for each in {grey, min(grey + 1, 23)}}
    return min(candidates, key=lambda number: _distance(wanted, candidates[number]))


def _nearest(steps: tuple[int, ...], value: int) -> int:
    return min(range(len(steps)), key=lambda step: abs(steps[step] - value))


def _distance(one: ColorTriplet, other: ColorTriplet) -> float:
    """How different two colours look. Source: compuphase.com/cmetric.htm."""
    red = (one.red + other.red) / 2
    dr, dg, db = one.red - other.red, one.green - other.green, one.blue - other.blue
    return (2 + red / 256) * dr * dr + 4 * dg * dg + (2 + (255 - red) / 256) * db * db


@lru_cache(maxsize=4096)
def switch(old: Look, new: Look) -> str:
    """The shortest sequence that turns one look into another."""
    if old == new:
        return ""
    if new == PLAIN:
        return "\x1b[0m"
    codes: list[str] = []
    removed = old[2] - new[2]
    off = {_OFF[code] for code in removed}
    codes += sorted(off)
    # 22 ends bold and dim alike, so the one that stays is begun again.
    codes += sorted(code for code in new[2] if code not in old[2] or _OFF[code] in off)
    for before, after, default in ((old[0], new[0], "39"), (old[1], new[1], "49")):
        if before != after:
            codes += after or (default,)
    return f"\x1b[{';'.join(codes)}m"
