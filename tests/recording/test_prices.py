"""Prices: exact, at the time of the call, from the carried list or one's own; unknown is never free."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from genai_prices import Usage
from genai_prices.data import providers

from monitoring.recording.prices import Price, Prices, _of

from .standins import NOON, done


def test_known_models_cost_what_the_list_says():
    """In whole micro-dollars, cached tokens at their own price."""
    prices = Prices()
    assert prices.cost_of("gpt-4o", 1_000, 500, 200, NOON) == 7_250
    assert prices.cost_of("openai/gpt-4o", 1_000, 500, 200, NOON) == 7_250
    assert prices.cost_of("gpt-4o-mini", 1_000, 500, 0, NOON) == 450


@pytest.mark.parametrize("name", ["", "my-own-model", "llama3:8b", "deepseek-r1:7b", "ollama/mistral", "gpt-oss:20b"])
def test_unknown_prices_are_unknown(name):
    """Also for names as Ollama writes them, unless the host says that they run on an own machine."""
    prices = Prices()
    assert prices.cost(done(model=name, prompt_tokens=10)) is None
    assert prices.cost(done(model=name, prompt_tokens=10, local=True)) == 0


def test_own_prices_and_local_models_come_first():
    """Whatever the list says of that name; case does not matter."""
    prices = Prices(
        {"GPT-4o": Price(Decimal(1), Decimal(2)), "x": Price(Decimal(1), Decimal(2), Decimal("0.1"))}, ["Y"]
    )
    assert prices.cost_of("gpt-4o", 1_000, 500, 200, NOON) == 2_000
    assert prices.cost_of("X", 1_000, 500, 200, NOON) == 1_820
    assert prices.cost(done(model="y", prompt_tokens=10)) == 0


def test_every_price_is_what_the_library_computes():
    """Our quick arithmetic and the library agree on each model of each provider, below and above its tiers."""
    when = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)
    tried = 0
    for provider in providers:
        for model in provider.models[::3]:
            for prompt, completion, cached in ((1_234, 567, 89), (300_001, 1_000, 0)):
                usage = Usage(input_tokens=prompt, output_tokens=completion, cache_read_tokens=cached)
                try:
                    known = model.calc_price(usage, provider, genai_request_timestamp=when)
                except ValueError:
                    continue

                expected = round(known.total_price * 1_000_000)
                assert _of(known, prompt, completion, cached, when) == expected, f"{provider.id} {model.id}"
                tried += 1

    assert tried > 100


def test_prices_never_go_to_the_network(monkeypatch):
    """They are asked with every socket forbidden."""

    def forbidden(*_: object) -> None:
        raise AssertionError("A socket was opened.")

    monkeypatch.setattr(socket, "socket", forbidden)
    assert Prices().cost_of("claude-sonnet-4-5", 1_000, 500, 0, NOON) is not None
    assert Prices().cost_of("never heard of", 1_000, 500, 0, NOON) is None
