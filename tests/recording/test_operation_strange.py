"""Whatever a host tells (F17): nothing is raised, the host's code runs, and each thing is recorded or counted."""

from __future__ import annotations

import inspect
import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from monitoring.recording.operation import Instruments

from .notebook import Spiteful
from .standins import NOON, Desk

CYCLE: dict[str, Any] = {}
CYCLE["self"] = CYCLE


class Sly(str):
    """A str that is not one, and lies."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no")

    __hash__ = str.__hash__


class SlyFloat(float):
    """A float that raises when it is compared."""

    def __le__(self, other: object) -> bool:
        raise RuntimeError("no")

    __lt__ = __gt__ = __ge__ = __le__


STRANGE: list[Any] = [
    math.nan, math.inf, -math.inf, -1, -1.0, -0.001, 10**400, 2**63, 1e300, 5e-324, Decimal("NaN"), Decimal("-1"),
    Fraction(1, 3), True, None, "", "x" * 300, "a\x00b", "\ud800", b"x", 1j, [], {}, CYCLE, Spiteful(), object(), int,
    Sly("llm"), SlyFloat(1.0), np.float64(1.5), np.int64(3), np.nan, np.array([1, 2]), ValueError("x"), ...,
]  # fmt: skip
PARAMETERS = [name for name in inspect.signature(Instruments.record_operation).parameters if name != "self"]


@pytest.fixture
async def desk():
    desk = Desk()
    yield desk
    await desk.recorder.close()


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("inside", [False, True], ids=["alone", "inside a response"])
async def test_f17_a_strange_value_in_any_place_is_recorded_or_counted(desk, name, inside):
    """By call, by handle, by block: as many facts and refusals as there were tellings, and the books are right."""
    tools, ran = Instruments(desk.recorder, clock=desk.clock), 0
    block = inspect.signature(Instruments.operation).parameters
    bound = inspect.signature(Instruments.bind).parameters
    told = inspect.signature(type(tools.bind("a", "b")).record).parameters

    def tell(value: Any) -> None:
        nonlocal ran
        said = {"service": "llm", "operation": "x", "duration": 1.0, name: value}
        tools.record_operation(**said)
        handle = {key: said[key] for key in said if key in bound}
        tools.bind(**handle).record(**{key: said[key] for key in said if key in told})
        with tools.operation(**{key: said[key] for key in said if key in block}):
            ran += 1

    for value in STRANGE:
        if inside:
            with tools.response(persona="Luna"):
                tell(value)
        else:
            tell(value)

    await desk.recorder.flush()
    assert ran == len(STRANGE)
    assert desk.recorder.counts.total_accepted == (4 if inside else 3) * len(STRANGE)
    assert desk.adds_up()
    assert all(one.at > 0 and 0 <= one.duration < 1e7 for one in desk.shelf.operations)


async def test_f17_what_is_out_of_range_never_reaches_the_store(desk):
    """Though the call itself looks at types only, for speed: the flush refuses it, and it is counted."""
    tools = Instruments(desk.recorder, clock=desk.clock)
    tools.record_operation("llm", "x", -1.0)
    tools.record_operation("llm", "x", math.nan)
    tools.record_operation("llm", "x", math.nan, at=NOON)
    tools.record_operation("llm", "x", math.inf)
    tools.record_operation("llm", "x", 1.0, first_token=math.nan)
    tools.record_operation("llm", "x", 1.0, prompt_tokens=-5)
    tools.record_operation("llm", "x", 1.0, prompt_tokens=1, cached_tokens=2)
    tools.record_operation("llm", "x", 1.0, at=5)
    tools.record_operation("llm", "x", 1.0)
    await desk.recorder.flush()
    assert [one.duration for one in desk.shelf.operations] == [1.0]
    assert sum(n for (_, reason), n in desk.recorder.counts.dropped.items() if reason == "invalid") == 8
    assert desk.adds_up()


async def test_numbers_of_other_libraries_are_taken_for_what_they_are(desk):
    """numpy's and Decimal are numbers too."""
    tools = Instruments(desk.recorder, clock=desk.clock)
    tools.record_operation("llm", "x", np.float64(1.5), prompt_tokens=np.int64(3), cost=Decimal("0.5"))
    tools.record_operation("llm", "x", Decimal("1.5"), first_token=1)
    await desk.recorder.flush()
    first, second = desk.shelf.operations
    assert (first.duration, first.prompt_tokens, first.cost) == (1.5, 3, 500_000)
    assert (second.duration, second.first_token) == (1.5, 1.0)
