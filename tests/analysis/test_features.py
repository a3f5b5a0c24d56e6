"""Features and variants by hand: which operations are requests, caches, and what a trial shows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.analysis.features import Uses, features
from monitoring.analysis.figure import Bands
from monitoring.model import Band
from monitoring.rollup import Rollup
from tests.analysis.tables import empty, many, one, series, times, window

ASKED = window("2026-03-11 00:00", "2026-03-12 00:00")
USES = Uses(empty("operation"), empty("cache"), empty("variant"), first_at=0)
BANDS = Bands()


def of(feature: str, operation: str = "response", model: str = "", guild: str = "1") -> tuple[str, ...]:
    """Labels of a feature's operation."""
    return ("llm", operation, model, "", guild, feature)


def paid(rollup: Rollup, prompt: int, cost: int) -> Rollup:
    """The same with tokens and micro-dollars."""
    return replace(rollup, prompt=prompt, cost=cost)


def test_requests_are_responses_and_spending_is_of_all() -> None:
    """Three quizzes, one of which failed, with an operation of a model in each: three requests, not six."""
    table = {
        of("quiz"): times(2.0, 4.0, failed=1),
        of("quiz", "llm_inference", "gpt"): paid(times(1.0, 2.0, 1.5), 900, 30),
        of("grammar", "llm_inference", "gpt"): paid(times(0.5), 100, 10),
        of("", "llm_inference", "gpt"): times(9.0),
    }
    found = features(ASKED, replace(USES, operation=one("operation", table)), bands=BANDS)
    quiz, grammar = found.rows

    assert (found.n, quiz.name, quiz.timing.n, quiz.timing.mean, quiz.timing.rate) == (4, "quiz", 3, 3.0, 1 / 3)
    assert (quiz.used.total, quiz.used.cost, quiz.share) == (900, 30, 0.75)
    assert (quiz.band, quiz.error_band) == (Band.WARNING, Band.CRITICAL)
    assert (grammar.timing.n, grammar.timing.mean, grammar.used.total) == (1, 0.5, 100)


def test_without_responses_and_models_the_most_frequent_operation_is_a_request() -> None:
    """Voice: ten joins, each with a tick or none."""
    table = {of("voice", "join"): many(10, total=10), of("voice", "tick"): many(4, total=40)}
    found = features(ASKED, replace(USES, operation=one("operation", table)), bands=BANDS)

    assert [(row.timing.n, row.timing.mean) for row in found.rows] == [(10, 1.0)]


def test_cache_hits_are_of_the_asks() -> None:
    """Three of four were answered; what asked none has no rate, rather than 0."""
    table = {of("quiz"): times(1.0), of("chat"): times(1.0)}
    cache = {("llm", "quiz", "gpt", "1"): many(3, failures=1), ("llm", "quiz", "llama", "1"): many(1)}
    uses = replace(USES, operation=one("operation", table), cache=one("cache", cache))
    chat, quiz = features(ASKED, uses, bands=BANDS).rows

    assert (quiz.hits, quiz.asks) == (0.75, 4)
    assert (chat.hits, chat.asks) == (None, 0)


def test_a_guild_sees_its_own_features() -> None:
    """And its own trials."""
    table = {of("quiz"): times(1.0), of("voice", guild="2"): times(1.0)}
    tried = {
        ("a", "llm", "ask", "2"): times(1.0),
        ("b", "llm", "ask", "2"): times(1.0),
        ("a", "llm", "ask", "1"): times(1.0),
    }
    uses = replace(USES, operation=one("operation", table), variant=one("variant", tried))

    assert [row.name for row in features(ASKED, uses, guild="1", bands=BANDS).rows] == ["quiz"]
    assert features(ASKED, uses, guild="1", bands=BANDS).trials == ()
    assert len(features(ASKED, uses, guild="2", bands=BANDS).trials) == 1


def test_variants_are_compared_with_the_most_used() -> None:
    """Short takes 1 s less, and its interval says so; both fail alike; a variant alone is no trial."""
    tried = {
        ("long", "llm", "ask", "1"): paid(times(*[1.9, 2.1] * 15, failed=1), 900, 30),
        ("short", "llm", "ask", "1"): times(*[0.9, 1.1] * 10, failed=1),
        ("short", "llm", "rate", "1"): times(1.0),
        ("new", "llm", "ask", "1"): times(1.0),
    }
    (trial,) = features(ASKED, replace(USES, variant=one("variant", tried)), bands=BANDS).trials
    long, short, new = trial.variants

    assert (trial.service, trial.operation, trial.n) == ("llm", "ask", 53)
    assert (long.name, long.mean, long.errors, long.used.cost) == ("long", None, None, 30)
    assert short.mean is not None
    assert (short.mean.value, short.mean.shown) == (pytest.approx(-1.0), True)
    assert short.errors is not None
    assert not short.errors.shown
    assert (new.name, new.mean) == ("new", None)


def test_a_difference_within_the_noise_is_not_shown() -> None:
    """Means of 2.0 and 2.1 s among times from 1 to 3 s."""
    tried = {
        ("a", "llm", "ask", "1"): times(*[1.0, 3.0] * 11),
        ("b", "llm", "ask", "1"): times(*[1.1, 3.1] * 10),
    }
    (trial,) = features(ASKED, replace(USES, variant=one("variant", tried)), bands=BANDS).trials

    assert trial.variants[1].mean is not None
    assert not trial.variants[1].mean.shown


def test_nothing_is_no_feature() -> None:
    """No rows, no trials, no requests."""
    found = features(ASKED, USES, bands=BANDS)

    assert (found.rows, found.trials, found.n) == ((), (), 0)


call = st.tuples(st.sampled_from(("quiz", "chat")), st.sampled_from(("response", "ask")), st.floats(0.01, 60))


@given(st.lists(call, max_size=30), st.integers(0, 30))
def test_a_window_split_anywhere_tells_the_same(done: list[tuple[str, str, float]], at_most: int) -> None:
    """Whether a span comes as one step or as two."""

    def table(part: list[tuple[str, str, float]]) -> dict[tuple[str, ...], Rollup]:
        result: dict[tuple[str, ...], Rollup] = {}
        for feature, operation, seconds in part:
            result.setdefault(of(feature, operation), Rollup()).add(seconds, sketch=True)

        return result

    whole = one("operation", table(done))
    parts = series("operation", 0, 1, table(done[:at_most]), table(done[at_most:]))

    assert features(ASKED, replace(USES, operation=whole), bands=BANDS) == features(
        ASKED, replace(USES, operation=parts), bands=BANDS
    )
