"""Models side by side by hand, differences with their intervals, and when another model is worth a try."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.analysis.difference import newcombe, student, welch, wilson
from monitoring.analysis.figure import Bands
from monitoring.analysis.models import Models, Work, models
from monitoring.model import Band
from monitoring.rollup import Rollup
from tests.analysis.tables import empty, many, one, series, times, window

DAY_ASKED = window("2026-03-11 00:00", "2026-03-12 00:00")
WORK = Work(empty("operation"), empty("first_token"), empty("model_liking"), first_at=0)
BANDS = Bands()


def of(model: str, persona: str = "Mira", operation: str = "llm_inference", guild: str = "1") -> tuple[str, ...]:
    """Labels of a model's operation."""
    return ("llm", operation, model, persona, guild, "")


def calls(*seconds: float, failed: int = 0, prompt: int = 0, completion: int = 0, cost: int = 0) -> Rollup:
    """Operations that took so long, with the tokens and micro-dollars of all of them."""
    rollup = times(*seconds, failed=failed)
    rollup.prompt, rollup.completion, rollup.cost = prompt, completion, cost
    return rollup


def asked(table: dict[tuple[str, ...], Rollup], **more: object) -> Models:
    """The models of a day."""
    return models(DAY_ASKED, replace(WORK, operation=one("operation", table), **more), bands=BANDS)


# --- side by side


def test_models_are_compared_by_hand() -> None:
    """gpt: 20 of 1 s, 500 tokens for $0.01, 50 a second; llama: 20 of 3 s on an own machine and 10 failures."""
    found = asked(
        {
            of("gpt"): calls(*[1.0] * 20, prompt=4_000, completion=1_000, cost=10_000),
            of("llama"): calls(*[3.0] * 20, failed=10, prompt=900, completion=600),
            ("tts", "tts_generation", "", "Mira", "1", ""): calls(9.0),
        },
        first_token=one("first_token", {("gpt", "Mira", "1"): times(0.4, 0.6)}),
        liking=one("model_liking", {("gpt", "1"): many(2, total=9), ("llama", "1"): many(4, total=18)}),
    )
    gpt, llama = found.rows

    assert (found.n, gpt.name, gpt.share, llama.share) == (50, "gpt", 0.4, 0.6)
    assert (gpt.timing.mean, gpt.timing.p95, gpt.band) == (1.0, pytest.approx(1.0, rel=0.01), Band.GOOD)
    assert (gpt.per_second, gpt.used.per_1k, gpt.used.local) == (50.0, 2_000.0, False)
    assert (llama.per_second, llama.used.per_1k, llama.used.local) == (10.0, 0.0, True)
    assert (llama.timing.rate, llama.error_band, llama.band) == (1 / 3, Band.CRITICAL, Band.WARNING)
    assert (gpt.first_token.mean, llama.first_token.mean) == (0.5, None)
    assert (gpt.liking, gpt.votes, llama.liking, llama.votes) == (None, 2, 4.5, 4)


def test_best_needs_enough() -> None:
    """Nineteen fast answers win nothing, two votes neither; the most used is counted by operations."""
    found = asked(
        {
            of("new"): calls(*[0.1] * 19),
            of("gpt"): calls(*[1.0] * 20),
            of("llama"): calls(*[2.0] * 21),
        },
        liking=one("model_liking", {("new", "1"): many(2, total=10), ("llama", "1"): many(3, total=9)}),
    )

    assert [row.name for row in found.rows] == ["gpt", "llama", "new"]
    assert found.fastest is not None
    assert found.liked is not None
    assert found.most_used is not None
    assert (found.fastest.name, found.liked.name, found.most_used.name) == ("gpt", "llama", "llama")


def test_a_model_that_writes_nothing_is_not_the_fastest_writer() -> None:
    """An embedding takes 40 ms; it stands after those that write, and wins nothing, unless none says what it wrote."""
    table = {of("embed"): calls(*[0.04] * 40), of("gpt"): calls(*[1.0] * 20), of("llama"): calls(*[2.0] * 20)}
    silent = asked(table)
    table[of("gpt")].completion = table[of("llama")].completion = 4_000
    found = asked(table)

    assert [row.name for row in found.rows] == ["gpt", "llama", "embed"]
    assert found.fastest is not None
    assert silent.fastest is not None
    assert (found.fastest.name, silent.fastest.name) == ("gpt", "embed")


def test_a_single_model_is_not_the_fastest() -> None:
    """There is nothing to be faster than."""
    found = asked({of("gpt"): calls(*[1.0] * 40)})

    assert (found.fastest, found.liked) == (None, None)
    assert asked({}).most_used is None


def test_a_response_that_names_its_model_is_not_counted_again() -> None:
    """The operation inside is."""
    found = asked({of("gpt"): calls(1.0), of("gpt", operation="response"): calls(9.0)})

    assert (found.n, found.rows[0].timing.mean) == (1, 1.0)


def test_a_guild_sees_its_own_models() -> None:
    """And the votes of its own people."""
    work = replace(
        WORK,
        operation=one("operation", {of("gpt"): calls(1.0), of("llama", guild="2"): calls(2.0)}),
        liking=one("model_liking", {("gpt", "2"): many(9, total=45), ("gpt", "1"): many(3, total=9)}),
    )
    found = models(DAY_ASKED, work, guild="1", bands=BANDS)

    assert [(row.name, row.liking) for row in found.rows] == [("gpt", 3.0)]


def test_without_money_nothing_of_it_is_shown() -> None:
    """The rest stays."""
    found = asked({of("gpt"): calls(1.0, cost=5)})

    assert found.money
    assert not found.without_money().money
    assert found.without_money().rows == found.rows


call = st.tuples(st.sampled_from(("a", "b")), st.floats(0.01, 60), st.booleans())


@given(st.lists(call, max_size=40), st.integers(0, 40))
def test_a_window_split_anywhere_tells_the_same(done: list[tuple[str, float, bool]], at_most: int) -> None:
    """Whether a span comes as one step or as two, means, quantiles and moves are the same."""

    def table(part: list[tuple[str, float, bool]]) -> dict[tuple[str, ...], Rollup]:
        result: dict[tuple[str, ...], Rollup] = {}
        for model, seconds, failed in part:
            result.setdefault(of(model), Rollup()).add(seconds, failed=failed, sketch=True)

        return result

    parts = series("operation", DAY_ASKED.start, 1, table(done[:at_most]), table(done[at_most:]))

    assert asked(table(done)) == models(DAY_ASKED, replace(WORK, operation=parts), bands=BANDS)


# --- worth a try

SLOW = calls(*[3.0, 3.2] * 30, prompt=60_000, completion=12_000)
FAST = calls(*[1.0, 1.2] * 30, prompt=60_000, completion=12_000, cost=72_000)


def test_a_clearly_faster_model_is_worth_a_try() -> None:
    """2 s less on the same operation, at $0.001 a thousand: 72,000 tokens a day are $2.19 a month more."""
    found = asked({of("qwen", "Hal"): SLOW, of("gpt", "Rex"): FAST})
    move = found.move

    assert move is not None
    assert (move.persona, move.operation, move.old, move.new, move.n) == ("Hal", "llm_inference", "qwen", "gpt", 60)
    assert (move.faster, move.month) == (pytest.approx(2.0), pytest.approx(72_000 * 365.25 / 12))
    assert move.low < 2.0 < move.high


@pytest.mark.parametrize(
    ("why", "mine", "theirs"),
    [
        ("fast already", calls(*[1.5, 1.6] * 30), calls(*[0.5, 0.6] * 30)),
        ("too few of its own", calls(*[3.0] * 19), FAST),
        ("too few of the other", SLOW, calls(*[1.0] * 19, completion=3_800)),
        ("hardly faster", SLOW, calls(*[2.8, 3.0] * 30, completion=12_000)),
        ("too uneven to tell", calls(*[0.2, 8.0] * 15), calls(*[0.2, 6.0] * 15)),
        ("fails more", SLOW, calls(*[1.0, 1.2] * 30, failed=20, completion=12_000)),
        ("writes much less", SLOW, calls(*[1.0, 1.2] * 30, completion=6_000)),
    ],
)
def test_no_move_without_evidence(why: str, mine: Rollup, theirs: Rollup) -> None:
    """What is not shown is not proposed."""
    assert asked({of("qwen", "Hal"): mine, of("gpt", "Rex"): theirs}).move is None, why


def test_other_work_is_no_evidence() -> None:
    """A model that is quick at rating says nothing about writing."""
    assert asked({of("qwen", "Hal"): SLOW, of("gpt", "Rex", operation="rating"): FAST}).move is None


def test_price_of_a_move_may_be_unknown() -> None:
    """Where either has none, or the window is too short to be scaled to a month."""
    unpriced = replace(FAST, unpriced=1)
    found = asked({of("qwen", "Hal"): SLOW, of("gpt", "Rex"): unpriced})
    short = models(
        window("2026-03-11 00:00", "2026-03-11 06:00"),
        replace(WORK, operation=one("operation", {of("qwen", "Hal"): SLOW, of("gpt", "Rex"): FAST})),
        bands=BANDS,
    )

    assert found.move is not None
    assert found.move.month is None
    assert short.move is not None
    assert short.move.month is None


# --- differences


def test_welch_by_hand() -> None:
    """Means 2 and 1, squared errors 0.05263 and 0.01316, 27.9 degrees of freedom: 1 ± 0.525."""
    found = welch(times(*[1.0, 3.0] * 10), times(*[0.5, 1.5] * 10))

    assert found is not None
    assert found.value == 1.0
    assert (found.low, found.high) == (pytest.approx(0.475, abs=0.01), pytest.approx(1.525, abs=0.01))
    assert found.shown


def test_equal_means_show_no_difference() -> None:
    """The interval holds 0; nineteen on either side have none."""
    same = welch(times(*[1.0, 3.0] * 10), times(*[1.1, 2.9] * 10))

    assert same is not None
    assert not same.shown
    assert welch(times(*[1.0] * 19), times(*[3.0] * 90)) is None


def test_newcombe_as_in_his_paper() -> None:
    """56 of 70 against 48 of 80: 0.0524 to 0.3339 (Statistics in Medicine 17, table II, method 10)."""
    found = newcombe(many(70, failures=56), many(80, failures=48))

    assert found is not None
    assert found.value == pytest.approx(0.2)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)
    assert newcombe(many(0), many(9)) is None


def test_wilson_as_in_the_literature() -> None:
    """81 of 263: 0.2553 to 0.3662; none of ten: 0 to 0.2775."""
    assert tuple(round(end, 4) for end in wilson(81, 263)) == (0.2553, 0.3662)
    assert tuple(round(end, 4) for end in wilson(0, 10)) == (0.0, 0.2775)


@pytest.mark.parametrize(("freedom", "quantile"), [(10, 2.2281), (19, 2.0930), (30, 2.0423), (120, 1.9799)])
def test_student_is_that_of_the_tables(freedom: float, quantile: float) -> None:
    """Within a thousandth."""
    assert student(freedom) == pytest.approx(quantile, abs=0.001)


@given(
    st.lists(st.floats(0.01, 100), min_size=20, max_size=60), st.lists(st.floats(0.01, 100), min_size=20, max_size=60)
)
def test_a_difference_turned_round_is_its_negative(a: list[float], b: list[float]) -> None:
    """And lies within its interval."""
    found, turned = welch(times(*a), times(*b)), welch(times(*b), times(*a))

    assert found is not None
    assert turned is not None
    assert found.low <= found.value <= found.high
    assert (turned.value, turned.low, turned.high) == pytest.approx((-found.value, -found.high, -found.low))
