"""Recommendations: each only with its evidence; and the questions that load what they are made of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitoring.analysis.advice import Clues, Priority, Recommendation
from monitoring.analysis.ahead import History, month
from monitoring.analysis.forecast import Reach
from monitoring.analysis.insights import recommendations
from monitoring.analysis.series import only
from monitoring.analysis.why import FIGURES, Compared
from monitoring.model import DAY, HOUR, MINUTE, ErrorKind, Health, OperationDone, ProbeResult, Seen
from monitoring.monitor import Monitor
from monitoring.phrasing import NB, duration
from monitoring.rollup import Rollup
from monitoring.settings import Settings
from monitoring.window import Scope, Window
from tests.analysis.tables import at, empty, many, one, series, times

NOTHING = Compared(empty("response"), empty("response"))
ANSWER = ("Mira", "1", "reported")
NOW = at("2026-03-20 12:00")


def compared(
    metric: str, now: dict[tuple[str, ...], Rollup], before: dict[tuple[str, ...], Rollup] | None = None
) -> Compared:
    """A metric in both windows."""
    return Compared(one(metric, now), one(metric, before or {}))


def advised(**clues: object) -> list[Recommendation]:
    """What is recommended by these clues alone."""
    return list(recommendations(replace(Clues(now=NOW), **clues)))  # type: ignore[arg-type]  # of several types


def used(
    count: int,
    *,
    seconds: float = 1.0,
    prompt: int = 500,
    completion: int = 100,
    cost: int = 0,
    failures: int = 0,
    cached: int = 0,
) -> Rollup:
    """So many calls of a model, each with these tokens and micro-dollars; times differ by a tenth."""
    rollup = Rollup()
    for k in range(count - failures):
        rollup.add(seconds * (0.9 + 0.2 * (k % 2)), sketch=True)

    rollup.add(failed=True, weight=failures)
    rollup.prompt, rollup.completion, rollup.cost = prompt * count, completion * count, cost * count
    rollup.cached = cached * count
    return rollup


def call(model: str, *, feature: str = "", operation: str = "llm_inference") -> tuple[str, ...]:
    """The labels of an operation."""
    return ("llm", operation, model, "", "1", feature)


def test_a_healthy_bot_needs_no_advice() -> None:
    """Fast, sound, answered, cheap; and nothing at all."""
    fine = {
        "response": compared("response", {ANSWER: times(*[1.0] * 200)}),
        "operation": compared("operation", {call("llama"): used(500)}),
        "message": compared("message", {("user", "", "1", "c"): many(500)}),
        "answered": compared("answered", {("Mira", "1"): many(450)}),
        "probe": one("probe", {("llm", "healthy"): many(1_000), ("llm", "unhealthy"): many(2)}),
    }

    assert advised(**fine) == []
    assert advised() == []


def test_slow_answers_with_the_part_that_takes_longest() -> None:
    """Six seconds on average, five of them the model's."""
    parts = {("response", "", "1"): many(100, total=600), ("llm_inference", "", "1"): many(100, total=500)}
    found = advised(response=compared("response", {ANSWER: times(*[6.0] * 100)}), component=one("component", parts))

    assert [(r.what, r.subject, r.priority, r.n) for r in found] == [("slow", "llm_inference", Priority.HIGH, 100)]
    assert found[0].evidence == (
        f"Mean 6.0{NB}s, critical from 5.0{NB}s, of 100{NB}answers. "
        f"`llm_inference` takes 5.0{NB}s of a mean response of 6.0{NB}s."
    )
    assert "model" in found[0].action


def test_few_answers_prove_nothing() -> None:
    """Forty slow and failing ones."""
    assert advised(response=compared("response", {ANSWER: times(*[9.0] * 30, failed=10)})) == []


def test_failures_with_their_kind() -> None:
    """A tenth fails, most of it by rate limits; the response's own failure is told by what is inside."""
    failures = {("llm", "llm_inference", "rate_limit", "1"): many(15), ("tts", "speak", "timeout", "1"): many(5),
                ("bot", "response", "unknown", "1"): many(20)}  # fmt: skip
    response = compared("response", {ANSWER: times(*[1.0] * 180, failed=20)})
    found = advised(response=response, failure=one("failure", failures))

    assert [(r.what, r.subject, r.priority) for r in found] == [("failing", "rate_limit", Priority.HIGH)]
    assert "15 of 20 failures are `rate_limit`" in found[0].evidence
    assert "back-off" in found[0].action


def day(n: int) -> str:
    """So many days."""
    return duration(n * 86_400)


def test_a_gauge_on_its_way_to_the_limit() -> None:
    """Memory in nine days; the disk tomorrow is more urgent."""
    memory = Reach(NOW + 9 * DAY, NOW + 7 * DAY, NOW + 13 * DAY, 60.0, 3.9, 95.0, 160)
    disk = Reach(NOW + DAY, NOW + 20 * HOUR, None, 92.0, 3.0, 95.0, 160)
    found = advised(reaches={"memory_percent": memory, "disk_percent": disk})

    assert [(r.what, r.priority) for r in found] == [("disk", Priority.HIGH), ("memory", Priority.MEDIUM)]
    assert found[1].evidence == (
        f"60.0{NB}% now and 3.9{NB}% more a day; 95.0{NB}% in {day(9)} ({day(7)} to {day(13)}). Of 160{NB}readings."
    )
    assert "to never" in found[0].evidence


def test_a_service_that_is_often_away() -> None:
    """Four percent of its probes failed; unknown ones are not counted."""
    found = advised(
        probe=one(
            "probe", {("tts", "healthy"): many(480), ("tts", "unhealthy"): many(20), ("tts", "unknown"): many(900)}
        )
    )
    assert [(r.what, r.subject, r.n) for r in found] == [("service", "tts", 500)]
    assert f"Up 96{NB}%" in found[0].evidence


@pytest.mark.parametrize(
    ("now", "before", "title"),
    [
        ((500, 200), (500, 450), "Fewer user messages are answered"),
        ((500, 200), (500, 210), "Few user messages are answered"),
        ((500, 450), (500, 460), None),
        ((90, 10), (500, 400), "Users write less"),
        ((500, 0), (500, 0), None),
    ],
)
def test_engagement(now: tuple[int, int], before: tuple[int, int], title: str | None) -> None:
    """Answered of written; far fewer of them; or fewer messages. Where nothing is ever answered, nothing is known."""
    user, mira = ("user", "", "1", "c"), ("Mira", "1")
    found = advised(
        message=compared("message", {user: many(now[0])}, {user: many(before[0])}),
        answered=compared("answered", {mira: many(now[1])}, {mira: many(before[1])}),
    )

    assert [r.title for r in found] == ([title] if title else [])


def test_a_dear_model_beside_a_cheap_one_that_does_as_well() -> None:
    """Ten times the price for most of the money, unless the cheap one fails more often or is liked less."""
    dear, cheap = used(400, cost=6_000), used(300, cost=600)
    found = advised(operation=compared("operation", {call("big"): dear, call("small"): cheap}))
    assert [(r.what, r.subject) for r in found] == [("expensive", "big")]
    assert "up to $2.16 less" in found[0].action

    poor = {call("big"): dear, call("small"): used(300, cost=600, failures=20)}
    assert advised(operation=compared("operation", poor)) == []
    liked = {("big", "1"): many(20, total=96), ("small", "1"): many(20, total=60)}
    fair = compared("operation", {call("big"): dear, call("small"): cheap})
    assert advised(operation=fair, liking=one("model_liking", liked)) == []


def test_waste_long_prompts_and_missed_caches() -> None:
    """Each with its figures; five caches that miss are one recommendation."""
    calls = {
        call("torn"): used(200, failures=40),
        call("long", feature="quiz"): used(150, prompt=6_000, completion=100),
    }
    asks = {("rag", f"f{k}", "", "1"): many(100, failures=60 + k) for k in range(5)}
    found = advised(operation=compared("operation", calls), cache=one("cache", asks))

    assert [r.what for r in found] == ["prompts", "wasteful", "cache"]
    assert found[0].evidence.startswith("Prompts of `quiz` to `long` have 6,000 tokens on average, 60 times the answer")
    assert found[2].title == "The cache of `rag` for `f4` misses"
    assert advised(operation=compared("operation", {call("long"): used(150, prompt=6_000, cached=5_000)})) == []


def test_a_better_model_for_a_feature() -> None:
    """Half of the time, as sound and not dearer; for another operation, or when it fails, it is not said."""
    both = {
        call("old", feature="grammar"): used(300, seconds=2.0),
        call("new", feature="grammar"): used(120, seconds=1.0),
    }
    found = advised(operation=compared("operation", both))

    assert [(r.what, r.subject, r.priority) for r in found] == [("model", "grammar", Priority.LOW)]
    assert found[0].action == "Use `new` for grammar."
    both[call("new", feature="grammar")] = used(150, seconds=1.0, failures=30, prompt=10)
    assert "model" not in [r.what for r in advised(operation=compared("operation", both))]


def test_names_of_strangers_are_inert() -> None:
    """A model's name cannot ping or break out of its backticks."""
    nasty = {call("a`@everyone"): used(400, cost=6_000), call("small"): used(300, cost=600)}
    (found,) = advised(operation=compared("operation", nasty))
    assert "aˋ@everyone" in found.title


def test_the_month_is_counted_from_its_first_day() -> None:
    """Ten a day since the first of February, told on the 20th of March at noon: 20 × 10 so far, and 11.5 days more."""
    start = at("2026-02-01 00:00")
    key = call("m")
    days = series("operation", start, DAY, *[{key: many(10)} for _ in range(47)], {key: many(5)})
    history = History(Window(start, NOW), days, (), start)
    found = month(history, only("operation"), lambda rollup: float(rollup.count))

    assert found is not None
    assert found.value == pytest.approx(19 * 10 + 10 + 11 * 10, rel=0.01)
    assert month(replace(history, first_at=None), only("operation"), lambda rollup: 1.0) is None
    assert month(history, only("operation"), lambda rollup: None) is None


# --- from the store


@pytest.fixture
async def monitor(tmp_path: Path) -> AsyncIterator[Monitor]:
    """A monitor that was told of two hours, in the second of which the model is slow and tts fails."""
    it = Monitor(Settings(database_url=f"sqlite:///{tmp_path / 's.sqlite3'}", _env_file=None))  # type: ignore[call-arg]
    await it.start()
    end = it.clock.now() - MINUTE
    facts: list[Seen] = [
        fact for k in range(240) for fact in answer(end - 2 * HOUR + k * MINUTE // 2, k, slow=k >= 120)
    ]
    facts += [ProbeResult("llm", Health.HEALTHY, end - k * MINUTE, 0.1) for k in range(30)]
    await it.recorder.replay(facts)
    it.first_at = end - 2 * HOUR
    yield it
    await it.close()


def answer(began: int, k: int, *, slow: bool) -> list[OperationDone]:
    """A response with the inference inside it."""
    took = (6.0 if slow else 1.0) * (0.8 + 0.4 * (k * 7 % 10) / 10)
    error = ErrorKind.TIMEOUT if slow and k % 4 == 0 else None
    inside = OperationDone("llm", "llm_inference", began, took, error, "", "Mira", "llama", "chat", 1, 2, k + 1, k + 1)
    whole = OperationDone("bot", "response", began, took + 0.2, error, "", "Mira", "", "chat", 1, 2, k + 1, k + 1)
    return [inside, whole]


async def test_why_is_answered_from_the_store(monitor: Monitor) -> None:
    """Of the bot and of a guild; a guild without records has no answer; a strange figure is refused."""
    now = monitor.clock.now()
    window = Window(now - 61 * MINUTE, now)
    told = await monitor.insight.why("mean", window, Scope(1))

    assert told.sure
    assert told.top is not None
    assert dict(told.top.where)["component"] == "llm_inference"
    assert (await monitor.insight.why("mean", window, Scope(9))).top is None
    earlier = Window(now - 3 * HOUR, window.start)
    late = await monitor.insight.why("p95", Window(now - 31 * MINUTE, now), Scope(1), against=earlier)
    assert (late.against, late.n_before) == (earlier, told.n_before)
    assert late.top is not None
    assert all([(await monitor.insight.why(figure, window, Scope(None))).figure == figure for figure in FIGURES])
    with pytest.raises(KeyError):
        await monitor.insight.why("charm", window, Scope(None))


async def test_promises_and_insights_are_answered_from_the_store(monitor: Monitor) -> None:
    """Timeouts break the promise of success; the uptime of what is probed is told."""
    window = Window(monitor.clock.now() - 61 * MINUTE, monitor.clock.now())
    promised = {(one.what, one.subject): one for one in await monitor.insight.slo(window, Scope(None))}
    assert promised["success", ""].n == 240
    assert (promised["success", ""].budget or 0) < 0
    assert promised["uptime", "llm"].value == 1

    found = await monitor.insight.insights(window, Scope(None))
    assert "slow" in [r.what for r in found.recommendations]
    assert (found.tokens, found.reaches, found.anomalies) == (None, (), ())
    assert (await monitor.insight.insights(window, Scope(9))).recommendations == ()
