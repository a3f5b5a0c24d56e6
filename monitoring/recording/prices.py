"""What a call of a model costs, in whole micro-dollars: own prices first, else those of genai-prices at that time.

genai-prices carries its prices along; it would go to the network only through its `UpdatePrices`, which is not used.
A price in dollars per million tokens is micro-dollars per token, so that money stays exact.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from monitoring.model import HOUR, Instant, OperationDone
from monitoring.narrow import Ints
from monitoring.operations import UNKNOWN, Mask, Operations
from monitoring.recording.label_numbers import Part

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

MODELS_KNOWN = 1_000
"""Models whose price is remembered; names beyond that have an unknown price, since no bot has as many."""
Rates: TypeAlias = tuple[int, int, int]
_FINE = 1_000_000
"""Rates are counted in millionths of a micro-dollar per token: all prices there are are whole in it."""
_FEES = frozenset({"requests_kcount"})
"""Prices of something else than tokens that every call has: such models go through the library, 100 µs a call."""
_VERSIONED = re.compile(r"v\d+:\d+$")
"""How Amazon Bedrock ends its names, the only ones with a colon that have a price."""


@dataclass(frozen=True, slots=True)
class Price:
    """An own price, in dollars per million tokens; `cached` is for prompt tokens read from a cache."""

    input: Decimal
    output: Decimal
    cached: Decimal | None = None
    """None: as other prompt tokens."""


class Prices:
    """Tells costs. `own` prices go before the library's; `local` names models that run on an own machine."""

    def __init__(self, own: Mapping[str, Price] | None = None, local: Collection[str] = ()) -> None:
        self._own = {name.casefold(): price for name, price in (own or {}).items()}
        self._local = frozenset(name.casefold() for name in local)
        self._models: dict[str, PriceCalculation | None] = {}
        self._told: dict[tuple[str, int, int], Rates | None] = {}

    def load(self) -> None:
        """Read the price table now (a third of a second), before there is an event loop that would feel it."""
        _look_up("gpt-4o")

    @property
    def loaded(self) -> bool:
        """Whether the price table was read."""
        return "genai_prices" in sys.modules

    def reads(self, model: object) -> bool:
        """Whether the cost of an operation of this model needs the price table, as far as nobody asked for it yet."""
        if type(model) is not str or not model or model in self._models:
            return False

        return model.casefold() not in self._own and model.casefold() not in self._local and _may_be_priced(model)

    def cost(self, done: OperationDone) -> int | None:
        """The cost of one operation in micro-dollars; None where the price is unknown (never 0 by mistake)."""
        if done.local or done.model.casefold() in self._local:
            return 0

        return self.cost_of(done.model, done.prompt_tokens, done.completion_tokens, done.cached_tokens, done.at)

    def cost_of(self, model: str, prompt: int, completion: int, cached: int, at: Instant) -> int | None:
        """The cost of so many tokens at that time in micro-dollars; `cached` ones are part of `prompt`."""
        own = self._own.get(model.casefold())
        if own is not None:
            again = own.input if own.cached is None else own.cached
            return _whole(own.input * (prompt - cached) + again * cached + own.output * completion)

        known = self._find(model)
        return None if known is None else _of(known, prompt, completion, cached, datetime.fromtimestamp(at / 1000, UTC))

    def told(self, done: Operations, part: Part | None = None) -> Ints:
        """The cost of each of many operations, as `cost` gives it; −1: unknown, or nothing to pay.

        `part` has the models of their labels, where those are numbered already.
        """
        costs = done.cost.copy()
        wanted = (costs == UNKNOWN) & (done.prompt + done.completion > 0)
        if not wanted.any():
            return costs

        if part is None:
            part = Part(2)
            for labels in done.labels:
                part.add(labels)

        model = part.of(done.which)
        hours = int(done.at.min()) // HOUR, int(done.at.max()) // HOUR
        rates = [self._rates(name, *hours) for (name,) in part.labels]
        table = np.array([one or (0, 0, 0) for one in rates], dtype=np.int64)
        new, again, output = table[model].T
        fine = new * (done.prompt - done.cached) + again * done.cached + output * done.completion
        costs = np.where(wanted, _rounded(fine), costs)
        costs[wanted & done.of_manner(lambda manner: manner.local)] = 0
        self._one_by_one(done, costs, wanted & self._intricate(done, rates, model))

        return costs

    def _intricate(self, done: Operations, rates: Sequence[Rates | None], model: Ints) -> Mask:
        """Those whose price is not so much a token, or whose tokens are so many that their cost might not fit."""
        unlike = np.array([one is None for one in rates], dtype=bool)[model]
        dearest = max((max(one) for one in rates if one), default=0)
        many = np.maximum(done.prompt, done.completion) > 2**60 // max(dearest, 1)
        # What costs nothing, a local model, costs that however much it was.
        many &= np.array([one is not None and max(one) > 0 for one in rates], dtype=bool)[model]
        return (unlike | many) & ~done.of_manner(lambda manner: manner.local)

    def _one_by_one(self, done: Operations, costs: Ints, which: Mask) -> None:
        for at in np.flatnonzero(which).tolist():
            numbers = (int(column[at]) for column in (done.prompt, done.completion, done.cached, done.at))
            cost = self.cost_of(done.labels[done.which[at]][2], *numbers)
            costs[at] = UNKNOWN if cost is None else cost

    def _rates(self, model: str, first: int, last: int) -> Rates | None:
        """What a new, a cached and a completion token cost in these hours, in `_FINE` parts; None: not so simple."""
        key = model, first, last
        if key not in self._told:
            if len(self._told) >= MODELS_KNOWN:
                self._told.clear()

            self._told[key] = self._look(model, first, last)

        return self._told[key]

    def _look(self, model: str, first: int, last: int) -> Rates | None:
        if model.casefold() in self._local:
            return 0, 0, 0

        own = self._own.get(model.casefold())
        if own is not None:
            return _fine(own.input, own.input if own.cached is None else own.cached, own.output)

        known = self._find(model)
        if known is None:
            return None

        times = [datetime.fromtimestamp(hour * HOUR / 1000, UTC) for hour in (first, last + 1)]
        prices, later = (vars(known.model.get_prices(when)) for when in times)
        named = {name: price for name, price in prices.items() if price is not None}
        if prices != later or "input_mtok" not in named or _FEES & named.keys():
            return None

        new = named["input_mtok"]
        return _fine(new, named.get("cache_read_mtok", new), named.get("output_mtok", Decimal(0)))

    def _find(self, model: str) -> PriceCalculation | None:
        """What the library knows under that name, or None; asked once for each name."""
        if model in self._models:
            return self._models[model]

        if not model or len(self._models) >= MODELS_KNOWN:
            return None

        self._models[model] = found = _look_up(model)
        return found


def _may_be_priced(model: str) -> bool:
    # `llama3:8b` is how Ollama names what runs on an own machine: a price of the same name elsewhere is not its price.
    return ":" not in model or _VERSIONED.search(model) is not None


def _look_up(model: str) -> PriceCalculation | None:
    if not _may_be_priced(model):
        return None

    # Imported at the first use: its table takes a third of a second to load.
    from genai_prices import Usage, calc_price

    provider, slash, name = model.partition("/")
    usage = Usage(input_tokens=1, output_tokens=1)
    try:
        return calc_price(usage, name, provider_id=provider) if slash else calc_price(usage, model)
    except (LookupError, ValueError):
        return None


def _of(known: PriceCalculation, prompt: int, completion: int, cached: int, when: datetime) -> int | None:
    prices = vars(known.model.get_prices(when))
    named = {name: price for name, price in prices.items() if price is not None}
    if "input_mtok" in named and not _FEES & named.keys():
        new, again = named["input_mtok"], named.get("cache_read_mtok", named["input_mtok"])
        money = _rate(new, prompt) * (prompt - cached) + _rate(again, prompt) * cached
        return _whole(money + _rate(named.get("output_mtok", Decimal(0)), prompt) * completion)

    from genai_prices import Usage

    usage = Usage(input_tokens=prompt, output_tokens=completion, cache_read_tokens=cached)
    try:
        price = known.model.calc_price(usage, known.provider, genai_request_timestamp=when)
    except ValueError:
        return None

    return _whole(price.total_price * 1_000_000)


def _rate(price: Any, prompt: int) -> Decimal:
    """The price of a token; a tiered one is that of the highest tier which the whole prompt is above."""
    tiers = getattr(price, "tiers", None)
    if tiers is None:
        return Decimal(price)

    above = [tier.price for tier in tiers if prompt > tier.start]
    return Decimal(above[-1] if above else price.base)


def _fine(*prices: Any) -> Rates | None:
    """Prices per million tokens in `_FINE` parts; None for tiers, and for what is not whole in them."""
    if any(hasattr(price, "tiers") for price in prices):
        return None

    fine = [Decimal(price) * _FINE for price in prices]
    if any(price != int(price) for price in fine):
        return None

    new, again, output = map(int, fine)
    return new, again, output


def _rounded(fine: Ints) -> Ints:
    """Whole micro-dollars, a half to the even one."""
    whole = fine // _FINE
    rest = fine - whole * _FINE
    up = (2 * rest > _FINE) | ((2 * rest == _FINE) & (whole % 2 == 1))
    result: Ints = whole + up
    return result


def _whole(micro: Decimal) -> int:
    return int(micro.quantize(Decimal(1), ROUND_HALF_EVEN))
