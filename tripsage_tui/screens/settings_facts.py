"""What the settings screen says of the assistant's key and model, in words. No key is ever part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from pydantic import SecretStr

from tripsage_tui.assistant.endpoint import endpoint_of, is_local
from tripsage_tui.assistant.prices import Prices, users_file
from tripsage_tui.memory.models_at_hand import OPENAI, ModelAccess
from tripsage_tui.models.when import distance_in_days
from tripsage_tui.stored_keys import Source, StoredKeys

WIRE_NAMES = {"responses": "Responses", "chat": "Chat Completions"}
LABELS = {
    "key": "Key",
    "address": "Address",
    "model": "Model",
    "window": "Context window",
    "wire": "Wire",
    "price": "Price",
    "kept": "Keys are kept",
}


@dataclass(frozen=True)
class Line:
    """One thing that can be set: what it is now, and what there is to know about it."""

    name: str
    value: str
    about: str = ""

    @property
    def label(self) -> str:
        return LABELS[self.name]


def lines(keys: StoredKeys, now: datetime, *, kept: str, window: str, prices: Prices) -> Sequence[Line]:
    """All of them; `kept` says where keys are kept, `window` what is known of the model's."""
    access = keys.current()
    model = access.chat_model if access else keys.choices.model or ModelAccess.chat_model
    return (
        Line("key", _key(keys, now), _about_key(keys)),
        Line("address", keys.base_url + ("" if keys.choices.base_url or keys.base_url != OPENAI else " (standard)"),
             _about_address(keys)),
        Line("model", model if keys.choices.model else f"{model} (standard)",
             "T asks the server which models it has; enter chooses one of them or takes a name."),
        Line("window", window, "How many tokens the model reads. Older turns are summarised when it fills up."),
        Line("wire", _wire(keys, access), _about_wire(keys)),
        Line("price", _price(prices, model, keys.base_url),
             prices.trouble or _about_price(prices, model, keys.base_url)),
        Line("kept", keys.place or "not decided", kept),
    )  # fmt: skip


def _key(keys: StoredKeys, now: datetime) -> str:
    match keys.source:
        case Source.ENVIRONMENT:
            return "from the environment"
        case Source.SESSION:
            return "set, until the program ends"
        case Source.STORED:
            used = f"last used {when(keys.last_used, now)}" if keys.last_used else "not used yet"
            return f"stored, {used}"
    if keys.trouble:
        return "stored, but cannot be used"
    return "stored for another server" if keys.other_server else "none"


def _wire(keys: StoredKeys, access: ModelAccess | None) -> str:
    endpoint = endpoint_of(access or ModelAccess(SecretStr(""), keys.base_url))
    how = "as configured" if keys.configured_wire else "as chosen" if endpoint.wire else "by the address"
    return f"{WIRE_NAMES[endpoint.speaks.value]} ({how})"


def _about_wire(keys: StoredKeys) -> str:
    if keys.configured_wire:
        return f"wire = {keys.configured_wire} in the configuration file or TRIPSAGE_WIRE comes before a choice here."
    return "How the server is spoken to: openai.com knows Responses, nearly every other server Chat Completions."


def _price(prices: Prices, model: str, base_url: str) -> str:
    price = prices.of(model)
    if price is None:
        return "local" if is_local(base_url) else "not known"
    return f"{price.input} in, {price.cached} cached, {price.output} out {price.currency} per million tokens"


def _about_price(prices: Prices, model: str, base_url: str) -> str:
    price = prices.of(model)
    if price is None and not is_local(base_url):
        return (
            f"What {model} costs is not known, and none is guessed: enter takes its price. It goes into {users_file()}."
        )
    day = f"As of {price.as_of}. " if price is not None and price.as_of else ""
    return f"{day}Prices are read from {users_file()}; enter sets that of this model."


def _about_key(keys: StoredKeys) -> str:
    if keys.source is Source.ENVIRONMENT:
        return "OPENAI_API_KEY and OPENAI_BASE_URL come before anything that is stored here."
    if keys.trouble:
        return keys.trouble
    if keys.other_server:
        return f"The stored key is for {keys.other_server} and is sent nowhere else: set one for this address."
    if keys.source is Source.STORED and keys.set_at is not None:
        return f"Set on {keys.set_at:%Y-%m-%d}. It is sent to {urlsplit(keys.base_url).netloc} only. d removes it."
    if keys.base_url != OPENAI:
        return "A server of your own may need none."
    return "enter takes the key of your account at openai.com; it is never shown again."


def _about_address(keys: StoredKeys) -> str:
    local = is_local(keys.base_url)
    if keys.base_url.startswith("http://") and not local:
        return "! http is not encrypted: others on the way can read key and questions. Take https where you can."
    if local:
        return "A server of your own: questions do not leave your network."
    return "Where questions, and what the assistant reads of your trips, are sent."


def when(moment: datetime, now: datetime) -> str:
    """A moment of the past in words."""
    local = moment.astimezone(now.tzinfo)
    if local.date() == now.date():
        return f"today {local:%H:%M}"
    return distance_in_days(local.date(), now.date())
