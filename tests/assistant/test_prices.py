"""What answers cost, and how much models read: only what somebody said."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from tripsage_tui.assistant.endpoint import Endpoint, is_local
from tripsage_tui.assistant.events import Usage
from tripsage_tui.assistant.own_prices import read_price, set_price
from tripsage_tui.assistant.prices import PACKAGED, Price, Prices, in_words
from tripsage_tui.model_choices import Unusable
from tripsage_tui.model_windows import ModelWindows, window_in, window_said
from tripsage_tui.models.chats import ChatMessage, Role

MINE = """
as_of = 2026-11-01
currency = "EUR"
[models]
"gpt-x" = {input = 2, cached = 0.5, output = 8.0}
"gpt-x-mini" = {input = 0.2, output = 0.8}
"""
REMOTE = Endpoint("https://models.example.com/v1", model="gpt-x")


def message(id_: int, **about: object) -> ChatMessage:
    then = datetime(2027, 1, 1, tzinfo=UTC)
    return ChatMessage(
        id=id_,
        session_id=UUID(int=1),
        role=Role.ASSISTANT,
        content="",
        metadata=about,
        created_at=then,
        updated_at=then,
    )


@pytest.fixture
def prices(tmp_path: Path) -> Prices:
    file = tmp_path / "prices.toml"
    file.write_text(MINE)
    return Prices.load(file)


def test_the_longest_beginning_of_a_name_decides(prices: Prices) -> None:
    whole, mini = prices.of("gpt-x-2027-01-01"), prices.of("gpt-x-mini-2")
    assert whole is not None
    assert mini is not None
    assert (whole.output, whole.currency, whole.as_of) == (Decimal(8), "EUR", date(2026, 11, 1))
    assert (mini.input, mini.cached) == (Decimal("0.2"), Decimal("0.2"))
    assert prices.of("other") is None
    # 600 fresh at 2, 400 cached at 0.5 and 100 out at 8, each per million
    assert whole.of(Usage(1000, 100, 400)) == Decimal("0.0022")
    assert whole.of(Usage(10, None, 400)) == Decimal("0.000005")


def test_a_conversation_is_added_up_and_says_what_is_not_known(prices: Prices) -> None:
    usage = Usage(1000, 100, 400)
    about = {"model": "gpt-x", "input_tokens": 1000, "output_tokens": 100, "cached_tokens": 400}
    first, second = message(1, **about), message(2, **about)
    unknown = message(3, **{**about, "model": "other", "host": "models.example.com"})
    at_home = message(4, **{**about, "model": "qwen", "host": "127.0.0.1:8080"})
    question = message(5)
    assert in_words(usage, [first, question], prices, REMOTE) == "cost 0.0022 EUR"
    assert in_words(usage, [first, second], prices, REMOTE) == "cost 0.0022 EUR, 0.0044 EUR in all"
    assert in_words(usage, [first, unknown], prices, REMOTE) == "cost 0.0022 EUR, 0.0022 EUR + n/a in all"
    assert in_words(Usage(), [first], prices, REMOTE) == "cost 0.0022 EUR in all"
    assert in_words(usage, [unknown], prices, Endpoint(REMOTE.base_url, model="other")) == "cost n/a"
    local = Endpoint("http://localhost:8080/v1", model="qwen")
    assert in_words(usage, [at_home], prices, local) == "local"
    assert in_words(usage, [at_home, first], prices, local) == "local, cost 0.0022 EUR in all"
    assert in_words(Usage(), [], prices, REMOTE) == ""


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "currency = 5",
        "models = 3",
        '[models]\nx = {input = "a", output = 1}',
        "[models]\nx = {input = nan, output = 1}",
        "[models]\nx = {input = -1, output = 1}",
        "[models]\nx = 4",
        "[models]\nx = {input = true, output = 1}",
    ],
)
def test_a_broken_file_is_left_out_with_a_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(text)
    prices = Prices.load(file)
    assert prices.trouble.startswith(f"{file} was left out: ")
    assert "\n" not in prices.trouble
    assert prices.of("x") is None


def test_what_is_packaged_can_be_read(tmp_path: Path) -> None:
    prices = Prices.load(tmp_path / "none.toml")
    assert (prices.trouble, len(prices.tables)) == ("", 1)
    assert "as_of" in PACKAGED.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://localhost:11434/v1", True),
        ("http://[::1]:1/v1", True),
        ("http://192.168.1.4:8080/v1", True),
        ("http://box.local/v1", True),
        ("http://ollama:11434/v1", True),
        ("https://api.openai.com/v1", False),
        ("http://8.8.8.8/v1", False),
        ("", False),
    ],
)
def test_local_hosts(url: str, local: bool) -> None:
    assert is_local(url) is local


@pytest.mark.parametrize(
    ("entry", "tokens"),
    [
        ({"id": "a", "meta": {"n_ctx": 4096}}, 4096),
        ({"id": "a", "context_window": 131072}, 131072),
        ({"id": "a", "max_model_len": 32768, "meta": None}, 32768),
        ({"id": "a", "context_window": "many", "max_model_len": True, "context_length": -1}, None),
        ({"id": "a"}, None),
    ],
)
def test_a_window_in_a_list_of_models(entry: dict[str, object], tokens: int | None) -> None:
    assert window_in(entry) == tokens


@pytest.mark.parametrize(
    ("words", "tokens"),
    [
        ("This model's maximum context length is 8192 tokens. However, you requested 9001 tokens", 8192),
        ("{'code': 400, 'n_prompt_tokens': 5000, 'n_ctx': 4096}", 4096),
        ("the request exceeds the available context size (2048 tokens), try increasing it", 2048),
        ("maximum context length is 99999999999999999999 tokens", None),
        ("too long", None),
    ],
)
def test_a_window_in_a_complaint(words: str, tokens: int | None) -> None:
    assert window_said(words) == tokens


def test_windows_are_kept_by_server_and_a_complaint_corrects_the_list(tmp_path: Path) -> None:
    file = tmp_path / "state" / "windows.json"
    windows = ModelWindows(file)
    windows.listed("http://a:1/v1", {"m": 32768})
    assert ModelWindows(file).known("http://a:1/v1/", "m") == 32768
    assert windows.known("http://b:1/v1", "m") is None
    windows.learned("http://a:1/v1", "m", 4096)
    assert ModelWindows(file).known("http://a:1/v1", "m") == 4096
    file.write_text('{"listed http://a:1 m": "x", "learned http://a:1 n": 2048}')
    assert [ModelWindows(file).known("http://a:1/v1", name) for name in "mn"] == [None, 2048]
    file.write_text("[]")
    assert ModelWindows(file).known("http://a:1/v1", "m") is None


@pytest.mark.parametrize("line", ["1", "1 2 3 4", "a b", "-1 2", "1e3 2", "1 2 euro", "1.2.3 4", "inf 2", "1 2 €€€"])
def test_what_is_no_price_is_refused(line: str) -> None:
    with pytest.raises(Unusable, match=r"such as 2\.50"):
        read_price(line)


def test_a_typed_price_is_a_row_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "prices.toml"
    today = date(2026, 11, 23)
    set_price(file, "m-1", read_price("2.50, 10 eur"), today)
    file.write_text(f"# mine\n{file.read_text()}")
    set_price(file, "m-1.5", read_price("1 0.1 4"), date(2027, 1, 1))
    prices = Prices.load(file)
    assert prices.of("m-1-large") == Price(Decimal("2.50"), Decimal("2.50"), Decimal(10), "EUR", today)
    assert prices.of("m-1.5") == Price(Decimal(1), Decimal("0.1"), Decimal(4), "EUR", today)
    with pytest.raises(Unusable, match="are in EUR"):
        set_price(file, "m-2", read_price("1 4 USD"), today)
    set_price(file, "m-1", read_price(""), today)
    assert Prices.load(file).of("m-1-large") is None
    assert file.read_text().startswith("# mine\n")
    file.write_text("models = 3")
    with pytest.raises(Unusable, match="cannot be read"):
        set_price(file, "m-1", read_price("1 4"), today)
