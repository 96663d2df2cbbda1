"""The form of a traveller: a name, and until when the papers are valid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tripsage_tui.models.form_reading import Draft, FormReader, changes
from tripsage_tui.models.people import Traveller, TravellerFields

TRAVELLER_FIELDS = ("name", "passport_expires", "visa_expires")
TravellerDraft = Draft[TravellerFields]


@dataclass(frozen=True)
class TravellerEdit:
    """What saving an edited form has to write."""

    draft: TravellerDraft
    changes: dict[str, object]


def read_traveller(values: Mapping[str, str], today: date, until: date) -> TravellerDraft:
    """The traveller that a form describes. Keys: TRAVELLER_FIELDS; `until` is the last day of the trip."""
    form = FormReader(values, today)
    name = form.text("name", required="Who travels? Type a name.")
    passport = _read_expiry(form, "passport_expires", until)
    visa = _read_expiry(form, "visa_expires", until)
    if form.errors or name is None:
        return TravellerDraft(None, form.errors, form.notes)
    return TravellerDraft(
        TravellerFields(name=name, passport_expires=passport, visa_expires=visa), form.errors, form.notes
    )


def _read_expiry(form: FormReader, name: str, until: date) -> date | None:
    """A date without a year is the first one after today."""
    day = form.day(name, after=form.today)
    if day and day < form.today:
        form.note(name, "has expired")
    elif day and day < until:
        form.note(name, "expires before the trip ends")
    return day


def traveller_values(traveller: TravellerFields) -> dict[str, str]:
    """The strings of the form; `read_traveller` of them gives the traveller again."""
    return {
        "name": traveller.name,
        "passport_expires": traveller.passport_expires.isoformat() if traveller.passport_expires else "",
        "visa_expires": traveller.visa_expires.isoformat() if traveller.visa_expires else "",
    }


def edit_traveller(traveller: Traveller, values: Mapping[str, str], today: date, until: date) -> TravellerEdit:
    """What changed between a stored traveller and the edited form; an account stays linked."""
    shown = traveller_values(traveller)
    before = read_traveller(shown, today, until)
    after = read_traveller({**shown, **values}, today, until)
    if after.fields is None:
        return TravellerEdit(after, {})
    return TravellerEdit(after, changes(before.fields or traveller, after.fields))
