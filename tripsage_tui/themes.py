"""Our two themes. Text keeps a contrast of at least 4.5 to 1 on every surface, also as grey levels (NO_COLOR)."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="tripsage-dark",
    primary="#7db4f5",
    secondary="#86d0c3",
    accent="#f5b862",
    success="#8fd6a0",
    warning="#f2c76b",
    error="#ff8f8f",
    foreground="#e4e8ef",
    background="#12161d",
    surface="#181e27",
    panel="#222a36",
    dark=True,
    variables={
        "block-cursor-background": "#2f5d95",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-blurred-background": "#2a3442",
        "border": "#4a6a94",
        "footer-key-foreground": "#f5b862",
    },
)
LIGHT = Theme(
    name="tripsage-light",
    primary="#1c5aa8",
    secondary="#1b6e63",
    accent="#8a4b00",
    success="#176b36",
    warning="#7a5200",
    error="#a8201a",
    foreground="#1b222c",
    background="#fbfbfa",
    surface="#f1f3f5",
    panel="#e2e7ed",
    dark=False,
    variables={
        "block-cursor-background": "#1c5aa8",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-blurred-background": "#d3deea",
        "border": "#8aa3c2",
        "footer-key-foreground": "#8a4b00",
    },
)
SHORT = {"dark": DARK.name, "light": LIGHT.name}
"""What the setting may say instead of a full name."""


def theme_name(setting: str | None) -> str:
    """The theme that a setting means: `dark`, `light`, or any name that Textual knows."""
    return SHORT.get(setting or "dark", setting or DARK.name)
