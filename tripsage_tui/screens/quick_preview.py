"""How a line is understood, field by field, and what of it is not."""

from __future__ import annotations

from datetime import date

from rich.cells import cell_len
from textual.content import Content

from tripsage_tui.models.booking_reading import FormContext
from tripsage_tui.models.quick_add import DAY_FIELDS, EXAMPLES, LABELS, QuickAdd, form_values, review
from tripsage_tui.models.text import shown
from tripsage_tui.widgets.safe_text import clean, fit

_LABEL = 18
_TYPED = 24
_ONCE = frozenset({"item_type", "transport_type"})


def preview(quick: QuickAdd, context: FormContext, day: date | None) -> Content:
    """The kind, a row for each field that is filled, what the form would object to, what was not understood."""
    if not quick.parts:
        rows = ["For example:", *(f"  {example}" for example in EXAMPLES)]
        return Content("\n".join(rows))
    draft = review(quick, context, day) if quick.word else None
    errors, notes = (draft.errors, draft.notes) if draft else ({}, {})
    lines = [_line_itself(quick)]
    if quick.word:
        kind = next((quick.values[name] for name in _ONCE if name in quick.values), "")
        lines.append(Content(f"{quick.word}{f', {kind}' if kind else ''}".replace("_", " ")).stylize("bold"))
    assumed = form_values(quick, context, day) if quick.word and day else {}
    for name, label in LABELS.items():
        value = quick.values.get(name, "")
        if not value and name in DAY_FIELDS and assumed.get(name):
            lines.append(_row(label, assumed[name], "the day under the cursor", bad=False))
            continue
        said = f"! {errors[name]}" if name in errors else notes.get(name, "") if value else ""
        if name not in _ONCE and (value or name in errors):
            lines.append(_row(label, value, said, bad=name in errors))
    lines.extend(
        _row(name.replace("_", " ").capitalize(), "", f"! {error}", bad=True)
        for name, error in errors.items()
        if name not in LABELS
    )
    for part in quick.unknown:
        why = f": {part.why}" if part.why else ""
        lines.append(
            Content(clean(f"? not understood{why}: {shown(quick.text_of(part))}")).stylize("bold $text-warning")
        )
    return Content("\n").join(lines)


def _row(label: str, value: str, said: str, *, bad: bool) -> Content:
    typed = shown(value, 60)[1:-1] if value else "-"
    typed = fit(clean(typed), max(_TYPED, cell_len(clean(typed)) + 1))
    message = Content(clean(said)).stylize("bold $text-error" if bad else "dim")
    return Content(fit(f"  {label}", _LABEL)).stylize("dim") + Content(typed) + message


def _line_itself(quick: QuickAdd) -> Content:
    """The line again with what was not understood underlined."""
    pieces: list[Content] = []
    end = 0
    for part in quick.parts:
        pieces.append(Content(" " if quick.line[end : part.start] else ""))
        text = Content(" ".join(clean(quick.text_of(part)).split()))
        pieces.append(text.stylize("bold underline $text-warning") if part.field is None else text)
        end = part.end
    return Content("").join(pieces)
