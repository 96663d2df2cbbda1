"""Texts that attack a terminal program: markup, escape sequences, direction marks, floods, joiners."""

from __future__ import annotations

HOSTILE = {
    "markup action": "[@click=app.quit]x[/]",
    "unclosed markup": "[bold",
    "closing markup": "[/] [/b] \\[b] [[b]]",
    "colour sequence": "\x1b[31mred\x1b[0m",
    "clipboard": "\x1b]52;c;aGFja2Vk\x07copied",
    "title": "\x1b]0;owned\x1b\\title",
    "unfinished": "cut \x1b]52;c;aGFja2Vk",
    "device control": "\x1bPq#0\x1b\\dcs",
    "C1 introducer": "\x9b31mred \x9d0;x\x9c",
    "direction": "\u202egnp.exe\u202c \u2066x\u2069 \u200fr",
    "controls": "a\x00b\x07c\x08d\x0be\x7ff\rg",
    "lines": "one\ntwo\r\nthree\u2028four\tfive",
    "long": "W" * 10_000,
    "long wide": "漢" * 5_000,
    "joined emoji": "👨‍👩‍👧‍👦 family 🏳️‍🌈 ❤️ 🇯🇵",
    "combining flood": "Z" + "\u0301" * 500 + "algo",
    "tags": "flag\U000e0041\U000e007f",
    "surrogate": "half \ud83d",
    "empty": "",
    "blank": "   ",
}
STEERING = {chr(code) for code in (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0))} | set(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u2028\u2029\ufeff"
)
"""Characters that must never be drawn."""


def steers(text: str) -> set[str]:
    """The characters of a drawn text that steer the terminal or cannot be encoded."""
    return {character for character in text if character in STEERING or 0xD800 <= ord(character) < 0xE000}
