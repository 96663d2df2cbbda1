"""The one door for text that we did not write: names, notes, error texts, anything out of the database.

Stored text stays as it is; what is shown carries no escape sequence, no control or direction-changing character and
is never read as markup. Wherever Textual takes a `str` it may parse it as markup, so widgets are given `Content`.
"""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from tripsage_tui.models.showing import clean, one_line

__all__ = ["clean", "fit", "fit_right", "line", "one_line", "template"]


def line(text: str) -> Content:
    """`one_line` as content: for labels, titles, tooltips, wherever a plain `str` would be read as markup."""
    return Content(one_line(text))


def template(markup: str, **values: object) -> Content:
    """Markup of ours with values of others: `template("[b]$who[/b] left", who=name)`."""
    return Content.from_markup(markup, **{name: clean(str(value)) for name, value in values.items()})


def fit(text: str, width: int) -> str:
    """The text on exactly `width` terminal cells; what does not fit ends in an ellipsis."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(set_cell_size(text, width - 1).rstrip() + "…", width)


def fit_right(text: str, width: int) -> str:
    """`fit`, aligned to the right."""
    used = cell_len(text)
    return " " * (width - used) + text if used < width else fit(text, width)
