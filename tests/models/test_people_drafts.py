"""The form of a traveller, and addresses as people type them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.hostile import HOSTILE
from tripsage_tui.models.people import Traveller, TravellerFields, read_address
from tripsage_tui.models.people_drafts import edit_traveller, read_traveller, traveller_values
from tripsage_tui.models.text import InputError

TODAY, END = date(2026, 11, 22), date(2027, 10, 15)
STAMP = datetime(2026, 11, 1, tzinfo=UTC)
KIM = TravellerFields(name="Kim", passport_expires=date(2031, 5, 14))


def stored(fields: TravellerFields) -> Traveller:
    return Traveller(**fields.model_dump(), id=1, trip_id=1, created_at=STAMP, updated_at=STAMP)


def test_what_is_read_is_written_again() -> None:
    draft = read_traveller({"name": " Kim ", "passport_expires": "14 may 2031"}, TODAY, END)
    assert draft.fields == KIM
    assert "14 May 2031" in draft.notes["passport_expires"]
    assert read_traveller(traveller_values(KIM), TODAY, END).fields == KIM


@pytest.mark.parametrize(
    ("typed", "note"),
    [
        ("2027-10-14", "before the trip ends"),
        ("2027-10-15", None),
        ("2026-11-21", "has expired"),
        ("2026-11-22", "before"),
    ],
)
def test_papers_that_do_not_last_are_noted(typed: str, note: str | None) -> None:
    draft = read_traveller({"name": "Kim", "visa_expires": typed}, TODAY, END)
    assert draft.fields is not None
    assert (note is None and not draft.notes) or (note or "-") in draft.notes["visa_expires"]


def test_bad_input_is_one_sentence_per_field() -> None:
    draft = read_traveller({"name": " ", "passport_expires": "never"}, TODAY, END)
    assert draft.fields is None
    assert set(draft.errors) == {"name", "passport_expires"}


def test_an_edit_writes_what_changed_only() -> None:
    assert edit_traveller(stored(KIM), {}, TODAY, END).changes == {}
    assert edit_traveller(stored(KIM), {"passport_expires": ""}, TODAY, END).changes == {"passport_expires": None}


@pytest.mark.parametrize("typed", ["Ben@Example.com ", "a.b+c@x.co", "ä@ö.de", "ben@local"])
def test_addresses(typed: str) -> None:
    assert read_address(typed) == typed.strip().lower()


@pytest.mark.parametrize(
    "typed", ["", "ben", "a@b@c", "a b@c", "a@", "@b", "<a@b>", "a@b,c@d", "a@" + "b" * 400, *HOSTILE.values()]
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(InputError):
        read_address(typed)
