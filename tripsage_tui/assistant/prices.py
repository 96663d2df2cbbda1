"""What an answer costs, where the price of the model is known: a packaged table with its date, and the user's own.

Amounts are Decimal, in the currency of their table. Nothing is converted and nothing is guessed.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from tripsage_tui.assistant.endpoint import Endpoint, is_local
from tripsage_tui.assistant.events import Usage
from tripsage_tui.models.chats import ChatMessage
from tripsage_tui.settings import config_file

MILLION = Decimal(1_000_000)
PACKAGED = Path(__file__).with_name("prices.toml")
_PARTS = ("input", "cached", "output")


@dataclass(frozen=True)
class Price:
    """Per million tokens. `cached` is what input costs that the server still had."""

    input: Decimal
    cached: Decimal
    output: Decimal
    currency: str
    as_of: date | None = None

    def of(self, usage: Usage) -> Decimal:
        """The price of so many tokens; cached ones are part of the input."""
        cached = min(usage.cached_tokens or 0, usage.input_tokens or 0)
        fresh = (usage.input_tokens or 0) - cached
        return (fresh * self.input + cached * self.cached + (usage.output_tokens or 0) * self.output) / MILLION


@dataclass(frozen=True)
class Prices:
    """Tables of prices by the beginning of a model's name, the strongest table first."""

    tables: Sequence[Mapping[str, Price]] = ()
    trouble: str = ""
    """What is wrong with the user's file; empty when nothing is."""

    @classmethod
    def load(cls, users: Path | None = None) -> Prices:
        """The packaged table and the user's file, which need not be there. `users`: another than the standard one."""
        users = users or users_file()
        packaged = _read(PACKAGED.read_text(encoding="utf-8"))
        try:
            return cls((_read(users.read_text(encoding="utf-8")), packaged))
        except FileNotFoundError:
            return cls((packaged,))
        except (OSError, ValueError) as error:
            return cls((packaged,), f"{users} was left out: {' '.join(str(error).split())}.")

    def of(self, model: str) -> Price | None:
        """The price of a model: of the longest beginning of its name, in the first table that has one."""
        for table in self.tables:
            fitting = [start for start in table if model.startswith(start)]
            if fitting:
                return table[max(fitting, key=len)]
        return None


def users_file() -> Path:
    """Where the user's own prices are: beside the configuration."""
    return config_file().with_name("prices.toml")


@dataclass
class Spending:
    """What was spent, by currency, and what of it is not known."""

    known: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    unknown: bool = False
    local: bool = False

    def add(self, usage: Usage, price: Price | None, *, local: bool) -> None:
        """Count one answer."""
        if price is not None:
            self.known[price.currency] += price.of(usage)
        elif local:
            self.local = True
        else:
            self.unknown = True

    def __str__(self) -> str:
        """`0.0041 USD`, `0.0041 USD + n/a`, `local`; empty where nothing was counted."""
        parts = [f"{amount(value)} {currency}" for currency, value in self.known.items()]
        if self.unknown:
            parts.append("n/a")
        return " + ".join(parts) or ("local" if self.local else "")


def used(message: ChatMessage) -> Usage:
    """The tokens that were noted with an answer; none for anything else."""
    counts = [_count(message.metadata.get(f"{name}_tokens")) for name in _PARTS]
    if counts[0] is None and counts[2] is None:
        return Usage()
    return Usage(input_tokens=counts[0], cached_tokens=counts[1], output_tokens=counts[2])


def spent(messages: Iterable[ChatMessage], prices: Prices, base_url: str) -> Spending:
    """What the answers of a conversation cost, all versions of them; those of an unnamed host were of `base_url`."""
    total = Spending()
    for message in messages:
        about, usage = message.metadata, used(message)
        if usage == Usage():
            continue
        host = about.get("host")
        where = f"http://{host}" if isinstance(host, str) and host else base_url
        total.add(usage, prices.of(str(about.get("model") or "")), local=is_local(where))
    return total


def in_words(usage: Usage, messages: Iterable[ChatMessage], prices: Prices, endpoint: Endpoint) -> str:
    """For the line of a conversation: what the newest answer cost, and all of them together where that is more."""
    whole = str(spent(messages, prices, endpoint.base_url))
    last = Spending()
    if usage.input_tokens is not None or usage.output_tokens is not None:
        last.add(usage, prices.of(endpoint.model), local=endpoint.is_local)
    newest = str(last)
    if not whole or whole == "local":
        return whole or (newest if newest in {"", "local"} else f"cost {newest}")
    if newest in {"", whole}:
        return f"cost {whole}" if newest else f"cost {whole} in all"
    return f"cost {newest}, {whole} in all" if newest != "local" else f"local, cost {whole} in all"


def amount(value: Decimal) -> str:
    """Small amounts with four places, others with two."""
    if 0 < value < Decimal("0.0001"):
        return "<0.0001"
    return f"{value:.4f}" if value < 1 else f"{value:,.2f}"


def _read(text: str) -> dict[str, Price]:
    """A table. Raises ValueError with what is wrong."""
    found = tomllib.loads(text, parse_float=Decimal)
    as_of, currency, models = found.get("as_of"), found.get("currency", "USD"), found.get("models", {})
    if not isinstance(currency, str) or not (currency.isascii() and currency.isalpha() and len(currency) == 3):
        raise ValueError("currency takes three letters, such as USD")
    if not isinstance(models, dict):
        raise ValueError("models takes a table")  # noqa: TRY004  all that is wrong is refused in one way
    day = as_of if isinstance(as_of, date) else None
    return {start: _price(start, row, currency.upper(), day) for start, row in models.items() if start}


def _price(start: str, row: Any, currency: str, as_of: date | None) -> Price:
    if not isinstance(row, dict) or "input" not in row or "output" not in row:
        raise ValueError(f"{start!r} takes a table with input and output, such as {{input = 1.0, output = 4.0}}")
    values: dict[str, Any] = {name: row.get(name, row["input"]) for name in _PARTS}
    for value in values.values():
        number = Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else Decimal("NaN")
        if not number.is_finite() or not 0 <= number <= 1_000_000:
            raise ValueError(f"{start!r} takes amounts per million tokens")
    fresh, cached, output = (Decimal(values[name]) for name in _PARTS)
    return Price(fresh, cached, output, currency, as_of)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
