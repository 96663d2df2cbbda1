"""Who paid and who shares, as people type it: `Ann`, `Ann 60, Ben`, `all`, `all but Cem`, `Ann x2, Ben, Cem 10`.

A name stands for whoever is called so or begins so; `#7` is the traveller with that number, for names that cannot be
typed between commas.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tripsage_tui.models.expenses import ShareFields
from tripsage_tui.models.form_reading import FormReader
from tripsage_tui.models.money import format_amount, parse_amount, plain_amount, quantize
from tripsage_tui.models.people import Traveller
from tripsage_tui.models.settling import InvalidSplit, split
from tripsage_tui.models.text import InputError, shown

ALL = "all"
_PLAIN = re.compile(r"[^\d,;#=]+")
_ALL = re.compile(r"(?:all|everybody|everyone)(?:\s+(?:but|except|without)\s+(?P<but>.+))?", re.IGNORECASE)
_WEIGHED = re.compile(r"(?P<name>.+?)\s*(?:\s[x×]|\*)\s*(?P<weight>\d{1,3}(?:[.,]\d{1,3})?)", re.IGNORECASE)
_PRICED = re.compile(r"(?P<name>.+?)(?:\s*[=:]\s*|\s+)(?P<amount>\D{0,4}\d.*)")
_NAMES_SHOWN = 6


class InvalidShare(InputError):
    """Not a traveller of the trip, or not something that a person can have of an expense."""


@dataclass(frozen=True)
class _Part:
    traveller: Traveller
    weight: Decimal = Decimal(1)
    amount: Decimal | None = None


def read_shares(
    form: FormReader, amount: Decimal | None, currency: str, travellers: Sequence[Traveller]
) -> tuple[ShareFields, ...]:
    """The shares that the fields `paid_by` and `split` describe; none where both are blank.

    A blank split is everybody equally. Whoever paid stays in the split as long as it does not leave him out.
    """

    def parts(name: str) -> list[_Part] | None:
        return form.read(name, lambda typed: _parts(typed, currency, travellers))

    payers, sharers = parts("paid_by"), parts("split")
    if (payers is None and sharers is None) or amount is None or {"paid_by", "split"} & form.errors.keys():
        return ()
    if sharers is None:
        sharers = [_Part(each) for each in travellers]
    try:
        paid = _paid(payers or [], amount, currency)
    except InputError as error:
        form.fail("paid_by", str(error))
        return ()
    of = {part.traveller.id: part for part in sharers}
    shares = tuple(
        ShareFields(
            traveller_id=each.id,
            paid=paid.get(each.id, Decimal(0)),
            weight=_weight(of.get(each.id)),
            owed=of[each.id].amount if each.id in of else None,
        )
        for each in travellers
        if each.id in of or each.id in paid
    )
    try:
        owed = split(amount, currency, shares)
    except InvalidSplit as error:
        form.fail("split", str(error))
        return ()
    _tell(form, paid, owed, currency, travellers)
    return shares


def share_values(
    shares: Sequence[ShareFields], amount: Decimal, currency: str, travellers: Sequence[Traveller]
) -> dict[str, str]:
    """The strings for what `read_shares` reads."""
    label = {each.id: name_typed(each, travellers) for each in travellers}
    paid = [share for share in shares if share.paid > 0 and share.traveller_id in label]
    if len(paid) == 1 and quantize(paid[0].paid, currency) == quantize(amount, currency):
        payers = label[paid[0].traveller_id]
    else:
        payers = ", ".join(f"{label[each.traveller_id]} {plain_amount(each.paid, currency)}" for each in paid)
    sharing = [share for share in shares if share.traveller_id in label and (share.owed is not None or share.weight)]
    everybody = {share.traveller_id for share in sharing} == label.keys() and label
    if everybody and all(share.owed is None and share.weight == 1 for share in sharing):
        return {"paid_by": payers, "split": ALL}
    words = []
    for share in sharing:
        word = label[share.traveller_id]
        if share.owed is not None:
            word += f" {plain_amount(share.owed, currency)}"
        elif share.weight and share.weight != 1:
            word += f" x{share.weight.normalize():f}"
        words.append(word)
    return {"paid_by": payers, "split": ", ".join(words)}


def name_typed(traveller: Traveller, travellers: Sequence[Traveller]) -> str:
    """The name as it can be typed between commas and found again, else `#` and the number."""
    name = traveller.name
    same = [each for each in travellers if each.name.casefold() == name.casefold()]
    plain = _PLAIN.fullmatch(name) and name == " ".join(name.split()) and not _ALL.match(name)
    return name if plain and name.isprintable() and len(same) == 1 else f"#{traveller.id}"


def find_traveller(typed: str, travellers: Sequence[Traveller]) -> Traveller:
    """Who is meant: by number, by name, by the only name that begins so. Raises InvalidShare."""
    wanted = typed.strip().casefold()
    tests: tuple[Callable[[Traveller], bool], ...] = (
        lambda each: f"#{each.id}" == wanted,
        lambda each: each.name.casefold() == wanted,
        lambda each: each.name.casefold().startswith(wanted),
    )
    for test in tests:
        found = [each for each in travellers if test(each)] if wanted else []
        if len(found) == 1:
            return found[0]
        if found:
            numbers = ", ".join(f"#{each.id}" for each in found[:_NAMES_SHOWN])
            raise InvalidShare(f"Several travellers are called {shown(typed)} or begin so: write {numbers}.")
    if not travellers:
        raise InvalidShare("Nobody travels on this trip yet: add travellers first, then say who paid.")
    names = ", ".join(shown(each.name, 20)[1:-1] for each in travellers[:_NAMES_SHOWN])
    raise InvalidShare(f"{shown(typed)} is not a traveller. Travelling: {names}.")


def _parts(typed: str, currency: str, travellers: Sequence[Traveller]) -> list[_Part]:
    if match := _ALL.fullmatch(typed):
        out = {part.traveller.id for part in _parts(match["but"], currency, travellers)} if match["but"] else set()
        return [_Part(each) for each in travellers if each.id not in out]
    found: dict[int, _Part] = {}
    for piece in re.split(r";|,(?!\d)", typed):
        if piece.strip():
            part = _part(piece.strip(), currency, travellers)
            if part.traveller.id in found:
                raise InvalidShare(f"{shown(part.traveller.name)} is there twice.")
            found[part.traveller.id] = part
    if not found:
        raise InvalidShare("Type names with commas between them, or all.")
    return list(found.values())


def _part(piece: str, currency: str, travellers: Sequence[Traveller]) -> _Part:
    try:
        return _Part(find_traveller(piece, travellers))
    except InvalidShare as error:
        unknown = error
    if match := _WEIGHED.fullmatch(piece):
        weight = Decimal(match["weight"].replace(",", "."))
        return _Part(find_traveller(match["name"], travellers), weight=weight)
    if match := _PRICED.fullmatch(piece):
        who = find_traveller(match["name"], travellers)
        return _Part(who, amount=parse_amount(match["amount"], currency))
    raise unknown


def _paid(payers: Sequence[_Part], amount: Decimal, currency: str) -> dict[int, Decimal]:
    """What each payer paid: amounts as typed, the rest in equal parts by those without one."""
    if not payers:
        return {}
    shares = [
        ShareFields(
            traveller_id=part.traveller.id, weight=part.weight if part.amount is None else None, owed=part.amount
        )
        for part in payers
    ]
    try:
        return split(amount, currency, shares)
    except InvalidSplit:
        whole = format_amount(amount, currency)
        together = sum((part.amount for part in payers if part.amount is not None), Decimal(0))
        raise InvalidShare(f"Together they paid {format_amount(together, currency)}; the amount is {whole}.") from None


def _weight(part: _Part | None) -> Decimal | None:
    """The weight of a part; who has a fixed amount, or only paid, has none."""
    return None if part is None or part.amount is not None else part.weight


def _tell(
    form: FormReader,
    paid: Mapping[int, Decimal],
    owed: Mapping[int, Decimal],
    currency: str,
    travellers: Sequence[Traveller],
) -> None:
    """What was understood, where it is more than a name."""
    names = {each.id: shown(each.name, 16)[1:-1] for each in travellers}

    def listed(amounts: Mapping[int, Decimal]) -> str:
        words = [f"{names[each]} {format_amount(part, currency)}" for each, part in amounts.items() if part]
        more = f" and {len(words) - _NAMES_SHOWN} more" if len(words) > _NAMES_SHOWN else ""
        return ", ".join(words[:_NAMES_SHOWN]) + more

    if len(paid) > 1:
        form.note("paid_by", listed(paid))
    if not paid:
        form.note("paid_by", "nobody yet: it is left out of settling up")
    form.note("split", listed(owed))
    apart = [names[each] for each in paid if not owed.get(each)]
    if apart:
        form.note("split", f"{', '.join(apart)} paid and has no part")
