"""The user's own prices: one line typed for a model becomes a row of `prices.toml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tripsage_tui.model_choices import Unusable

HINT = "2.50 0.25 10.00 USD"
_WORDS = re.compile(r"[\s,;/]+(?=\S)")
_NUMBER = re.compile(r"\d{1,7}(\.\d{1,6})?")


@dataclass(frozen=True)
class OwnPrice:
    """Amounts per million tokens as they were typed; `currency` is empty where none was."""

    input: str
    cached: str
    output: str
    currency: str = ""


def read_price(text: str) -> OwnPrice | None:
    """`2.50 0.25 10 USD`: input, cached input, output; without the middle one cached input costs what input does.

    None for an empty line. Raises Unusable.
    """
    words = [word for word in _WORDS.split(text.strip()) if word]
    if not words:
        return None
    currency = words.pop().upper() if words[-1].isalpha() else ""
    fits = len(words) in {2, 3} and all(_NUMBER.fullmatch(word) for word in words)
    if not fits or (currency and (len(currency) != 3 or not currency.isascii())):
        raise Unusable(f"A price is what a million tokens cost: input, cached input, output, such as {HINT}.")
    return OwnPrice(words[0], words[1] if len(words) == 3 else words[0], words[-1], currency)


def set_price(path: Path, model: str, price: OwnPrice | None, today: date) -> None:
    """Write or remove the row of a model, keeping what else is in the file. Raises Unusable, OSError."""
    import tomlkit
    from tomlkit.exceptions import ParseError

    try:
        table = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
    except (ParseError, UnicodeDecodeError) as error:
        raise Unusable(f"{path} cannot be read: correct it or move it away.") from error
    models: Any = table.get("models")
    if models is not None and not isinstance(models, dict):
        raise Unusable(f"{path} cannot be read: correct it or move it away.")
    if price is not None and price.currency and models:
        before = str(table.get("currency", "USD")).upper()
        if before != price.currency:
            raise Unusable(f"The prices in {path} are in {before}, and one file has one currency.")
    if price is not None:
        if price.currency:
            table["currency"] = price.currency
        if not models:
            # One date for all rows: that of the oldest, which claims too little rather than too much.
            table["as_of"] = today
        if models is None:
            models = table["models"] = tomlkit.table()
        row = tomlkit.inline_table()
        for name in ("input", "cached", "output"):
            row[name] = tomlkit.value(getattr(price, name))
        models[model] = row
    elif models is not None:
        models.pop(model, None)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_suffix(".toml.part")
    partial.write_text(tomlkit.dumps(table), encoding="utf-8")
    partial.replace(path)
