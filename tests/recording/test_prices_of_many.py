"""The cost of many operations at once: to the micro-dollar what each costs by itself."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from monitoring.model import DAY, OperationDone
from monitoring.recording.columns import gather
from monitoring.recording.prices import Price, Prices

NOW = 1_780_000_000_000
OWN = {
    "house": Price(Decimal("0.15"), Decimal("0.6"), Decimal("0.075")),
    "odd": Price(Decimal("0.0000001"), Decimal("1") / 3),
}
PRICES = Prices(OWN, local=["llama3"])
MODELS = ["gpt-4o", "gpt-4o-mini", "claude-3-5-sonnet-latest", "gemini-1.5-pro", "house", "HOUSE", "odd", "llama3",
          "llama3:8b", "no-such-model", ""]  # fmt: skip


@st.composite
def calls(draw: st.DrawFn) -> OperationDone:
    """A call of a model, at any time of the last two years, with few or very many tokens."""
    most = draw(st.sampled_from([3, 5_000, 10**12]))
    prompt = draw(st.integers(0, most))
    return OperationDone(
        "llm",
        "llm_inference",
        NOW - draw(st.integers(0, 730)) * DAY,
        1.0,
        model=draw(st.sampled_from(MODELS)),
        prompt_tokens=prompt,
        completion_tokens=draw(st.integers(0, most)),
        cached_tokens=draw(st.integers(0, prompt)),
        cost=draw(st.sampled_from([None, None, None, 7])),
        local=draw(st.booleans()),
    )


@given(st.lists(calls(), max_size=12))
def test_many_cost_what_each_costs(done: list[OperationDone]) -> None:
    """Own prices, listed ones, tiers, local models, unknown ones, and those of which the host told the cost."""
    columns, _ = gather(done, NOW)
    expected = []
    for one in done:
        known = one.cost if one.cost is not None or not one.prompt_tokens + one.completion_tokens else PRICES.cost(one)
        expected.append(-1 if known is None else known)

    assert PRICES.told(columns).tolist() == expected
