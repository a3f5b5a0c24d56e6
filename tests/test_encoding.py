"""Frozen values as JSON: every answer is as its schema says, and no figure is lost or made up."""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs
import pytest

from monitoring.analysis.figure import Figure, Timing
from monitoring.analysis.spending import Cost, Used
from monitoring.encoding import dumps, encode, iso
from monitoring.encoding_schema import Schemas
from monitoring.monitor import Monitor
from monitoring.sandbox.demo import Demo
from monitoring.settings import load_settings
from monitoring.window import Scope, Window

Ask = Callable[[Monitor, Window, Scope], Awaitable[Any]]
ASKED: dict[str, Ask] = {
    "overview": lambda m, w, s: m.overview(w, s),
    "performance": lambda m, w, s: m.performance(w, s),
    "persona": lambda m, w, s: m.persona("Nyx", w, s),
    "persona table": lambda m, w, s: m.persona_table(w, s),
    "relationships": lambda m, w, s: m.relationships(w, s),
    "banter": lambda m, w, s: m.banter(w, s),
    "activity": lambda m, w, s: m.activity(w, s),
    "resources": lambda m, w, s: m.resources(w),
    "health": lambda m, w, s: m.health(host=True, scope=s),
    "error rate": lambda m, w, s: m.errors(w, s),
    "errors": lambda m, w, s: m.work.errors(w, s),
    "service": lambda m, w, s: m.work.service("llm", w, s),
    "services": lambda m, w, s: m.work.services(w, s),
    "throughput": lambda m, w, s: m.work.throughput(w, s),
    "uptime": lambda m, w, s: m.work.uptime(w),
    "incidents": lambda m, w, s: m.work.incidents(w),
    "models": lambda m, w, s: m.llm.models(w, s),
    "tokens": lambda m, w, s: m.llm.tokens(w, s),
    "cost": lambda m, w, s: m.llm.cost(w, s),
    "features": lambda m, w, s: m.llm.features(w, s),
    "users": lambda m, w, s: m.audience.users(w, s),
    "channels": lambda m, w, s: m.audience.channels(w, s),
    "commands": lambda m, w, s: m.audience.commands(w, s, {}),
    "conversations": lambda m, w, s: m.audience.conversations(w, s),
    "scenarios": lambda m, w, s: m.audience.scenarios(w, s),
    "person": lambda m, w, s: m.audience.person(1, w),
    "tree": lambda m, w, s: m.bonds.tree(w, s),
    "spend": lambda m, w, s: m.bonds.spend(w, s),
    "insights": lambda m, w, s: m.insight.insights(w, s),
    "promises": lambda m, w, s: m.insight.slo(w, s),
    "why p95": lambda m, w, s: m.insight.why("p95", w, s),
    "why errors": lambda m, w, s: m.insight.why("errors", w, s),
    "why cost": lambda m, w, s: m.insight.why("cost", w, s),
    "digest": lambda m, w, s: m.digest(),
}


async def asked(folder: Path, history: bool) -> dict[str, Any]:
    """Every answer, of an empty store or of two lively days."""
    settings = load_settings(
        _env_file=None, database_url=f"sqlite:///{folder / 'store.sqlite3'}", timezone="Asia/Tokyo"
    )
    monitor = Monitor(settings)
    await monitor.start()
    try:
        if history:
            async with Demo(days=2) as demo:
                await demo.prepare(monitor)

        window, scope = monitor.window("24h"), Scope()
        names = [name for name in ASKED if history or name != "persona"]
        found = {name: await ASKED[name](monitor, window, scope) for name in names}
        return found | {
            "realtime": monitor.realtime(),
            "all incidents": tuple(await monitor.incidents(open_only=False)),
        }
    finally:
        await monitor.close()


@pytest.mark.parametrize("history", [False, True], ids=["empty", "lively"])
async def test_every_answer_is_as_its_schema_says(tmp_path: Path, history: bool) -> None:
    """Each field is there, of its type; numbers are numbers; nothing more than the schema names."""
    for name, value in (await asked(tmp_path, history)).items():
        for one in value if isinstance(value, tuple) else (value,):
            if one is None:
                continue

            schemas = Schemas("#/$defs/")
            whole = schemas.of(type(one)) | {"$defs": schemas.known}
            told = json.loads(dumps(one), parse_constant=_never)
            assert told == encode(one)
            problem = next(jsonschema_rs.validator_for(whole).iter_errors(told), None)
            assert problem is None, f"{name}: {problem}"


def _never(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


def test_unknown_is_null_and_never_zero() -> None:
    """None stays null; what is no number is null too."""
    assert encode(Figure(None, None, 3)) == {"value": None, "before": None, "n": 3, "band": "unknown"}
    assert encode((math.nan, math.inf, 0.0)) == [None, None, 0]


def test_numbers_are_round() -> None:
    """Six decimals; whole ones are whole."""
    assert encode((0.1 + 0.2, 2.0, 1e-9, 123456.7891234, -0.0, 1e300)) == [0.3, 2, 0, 123456.789123, 0, 1e300]


def test_figures_that_follow_from_fields_are_told_too() -> None:
    """So that nobody works them out again: a rate, a level."""
    told = encode(Timing(n=4, failures=1, mean=0.7))
    assert (told["rate"], told["level"]) == (0.25, "good")  # type: ignore[index, call-overload]


def test_money_is_micro_dollars_with_the_dollars_beside_it() -> None:
    """Also inside figures; unknown is unknown in both."""
    told: Any = encode(Cost(Window(0, 1), Figure(1_500_000.0), Used(cost=12), today=None))
    assert (told["total"]["value"], told["total_dollars"]) == (1_500_000, 1.5)
    assert (told["used"]["cost"], told["used"]["cost_dollars"]) == (12, 0.000012)
    assert (told["today"], told["today_dollars"]) == (None, None)


def test_moments_and_ids_can_be_read_by_every_program() -> None:
    """Milliseconds with the ISO form beside them; ids as text."""

    class Colour(StrEnum):
        RED = "red"

    class Pair(NamedTuple):
        guild_id: int
        colour: Colour

    @dataclass(frozen=True)
    class Thing:
        seen_at: int | None
        pair: Pair
        sets: frozenset[str]
        by: dict[int, float]

    Thing.__annotations__ = {"seen_at": int | None, "pair": Pair, "sets": frozenset[str], "by": dict[int, float]}
    Pair.__annotations__ = {"guild_id": int, "colour": Colour}
    assert encode(Thing(1_795_158_000_000, Pair(1 << 60, Colour.RED), frozenset("ba"), {1: 2.0})) == {
        "seen_at": 1_795_158_000_000,
        "seen_at_iso": "2026-11-20T07:00:00.000Z",
        "pair": {"guild_id": str(1 << 60), "colour": "red"},
        "sets": ["a", "b"],
        "by": {"1": 2},
    }
    assert iso(10**18) is None


def test_what_has_no_place_in_an_answer_is_refused() -> None:
    """Rather than told as text."""
    with pytest.raises(TypeError, match="object has no place"):
        encode(object())

    with pytest.raises(TypeError, match="no place"):
        Schemas().of(bytes)
