"""Tokens and cost by hand: parts, what is usual by this time of day, the month so far and where it is heading."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.analysis.figure import Figure, Gap, Point
from monitoring.analysis.series import only
from monitoring.analysis.spending import Bills, Used, bill_span, cost, month_of, per_second, shares, used
from monitoring.analysis.tokens import Step, Usage, latest_start, tokens, usual_span
from monitoring.model import DAY, HOUR
from monitoring.rollup import Rollup, Series
from monitoring.window import Window
from tests.analysis.tables import BERLIN, at, empty, many, one, series, spent, window

WEEK = window("2026-03-05 12:00", "2026-03-12 12:00")
START = at("2026-03-05 00:00")
NOTHING = Usage(empty("operation"), empty("operation"), empty("operation"), empty("operation"), first_at=0)


def of(model: str = "", persona: str = "", feature: str = "", operation: str = "llm_inference") -> tuple[str, ...]:
    """Labels of an operation of a model."""
    return ("llm", operation, model, persona, "1", feature)


def hours(start: int, days: int, each: int) -> Series:
    """So many tokens in each hour."""
    return series("operation", start, HOUR, *({of(): spent(each)} for _ in range(24 * days)))


# --- tokens


def test_tokens_are_split_by_model_persona_and_feature() -> None:
    """1,000 of 1,500 tokens are gpt's, all of Mira's cost is known, and what bears no name is in no list."""
    table = {
        of("gpt", "Mira", "quiz"): spent(700, 300, cost=2_000),
        of("llama", "Rex", "chat"): spent(300, 100),
        of("", "", ""): spent(100, 0, unpriced=1),
    }
    found = tokens(WEEK, replace(NOTHING, by_what=one("operation", table), slots={"Mira": 4}))

    assert (found.used.total, found.used.cost, found.used.unpriced) == (1_500, 2_000, 1)
    assert [(row.name, row.used.total, row.share) for row in found.models] == [
        ("gpt", 1_000, 1_000 / 1_400),
        ("llama", 400, 400 / 1_400),
    ]
    assert [(row.name, row.slot, row.cost_share) for row in found.personas] == [("Mira", 4, 1.0), ("Rex", 0, 0.0)]
    assert [row.name for row in found.features] == ["quiz", "chat"]


def test_cached_tokens_are_part_of_the_prompt() -> None:
    """So that parts add up to the total: 500 new ones, 200 cached ones, 300 written."""
    found = used(Rollup(count=1, prompt=700, completion=300, cached=200))

    assert (found.fresh, found.cached, found.completion) == (500, 200, 300)
    assert found.fresh + found.cached + found.completion == found.total == 1_000


def test_speed_counts_only_what_writes() -> None:
    """300 tokens in 3 s; embeddings write none, and a response holds what was counted already."""
    table = {
        of("gpt"): spent(700, 300, seconds=3),
        of("embed"): spent(700, 0, seconds=50),
        of("gpt", operation="response"): spent(700, 300, seconds=9),
    }

    assert per_second(one("operation", table), only("operation")) == 100.0
    assert per_second(one("operation", {of("embed"): spent(700, 0)}), only("operation")) is None


def test_price_of_a_thousand_is_known_or_not() -> None:
    """$0.002 for 1,000 tokens is known; a part without a price, or no token, leaves it open; 0 is an own machine."""
    assert Used(600, 400, 0, 2_000).per_1k == 2_000.0
    assert Used(600, 400, 0, 2_000, unpriced=1).per_1k is None
    assert Used(600, 400, 0, None, unpriced=1).per_1k is None
    assert Used(0, 0, 0, 0).per_1k is None
    assert (Used(600, 400, 0, 0).per_1k, Used(600, 400, 0, 0).local) == (0.0, True)
    assert not Used(600, 400, 0, None, unpriced=1).local
    assert not Used(0, 0, 0, 0).local


def test_unknown_price_is_no_zero() -> None:
    """Nothing priced: n/a and counted. Some priced: what is known, and how many are not."""
    assert used(spent(10, unpriced=3)).cost is None
    assert (used(spent(10, cost=5, unpriced=3)).cost, used(spent(10, cost=5, unpriced=3)).unpriced) == (5, 3)
    assert used(spent(10)).cost == 0


def test_usual_is_the_median_of_the_same_hours_of_fourteen_days() -> None:
    """100 tokens an hour, and it is noon: 1,200 by now, not 2,400; today brought 1,500."""
    today = at("2026-03-12 00:00")
    found = tokens(
        WEEK,
        replace(
            NOTHING,
            step=series("operation", today, DAY, {of(): spent(1_500)}),
            days_before=hours(today - 14 * DAY, 14, 100),
        ),
    )

    assert (found.latest_from, found.latest.total, found.usual) == (today, 1_500, 1_200)


def test_a_short_window_is_compared_with_the_same_hours() -> None:
    """Half past two to half past three: two halves of hours that had 100 and 300 tokens."""
    asked = window("2026-03-12 14:30", "2026-03-12 15:30")
    day = [{of(): spent(300 if hour == 15 else 100)} for hour in range(24)]
    before = series("operation", at("2026-02-26 00:00"), HOUR, *(day * 14))
    found = tokens(asked, replace(NOTHING, days_before=before))

    assert (found.latest_from, found.usual) == (asked.start, 200)


def test_days_without_monitoring_are_not_usual() -> None:
    """A gap of ten days leaves four to take the median of; a record of two days leaves nothing to say."""
    today = at("2026-03-12 00:00")
    dark = Gap(today - 14 * DAY, today - 4 * DAY)
    half = hours(today - 4 * DAY, 4, 100)
    told = replace(NOTHING, days_before=half, gaps_before=(dark,))

    assert tokens(WEEK, told).usual == 1_200
    assert tokens(WEEK, replace(told, gaps_before=(), first_at=today - 2 * DAY)).usual is None


def test_usual_follows_the_clock_when_clocks_change() -> None:
    """Noon on the day after the change is compared with noons, 13 of which are an hour later in UTC."""
    asked = window("2026-03-23 12:00", "2026-03-30 12:00", BERLIN)
    today = at("2026-03-30 00:00", BERLIN)
    span = usual_span(asked)

    assert latest_start(asked) == today
    assert (span.start, span.end) == (at("2026-03-16 00:00", BERLIN), today)
    told = replace(NOTHING, days_before=hours(span.start, 14, 100))
    assert tokens(asked, told).usual == 1_200


def test_steps_without_monitoring_are_dark() -> None:
    """A quiet day used nothing; a day in the dark is not known."""
    steps = series("operation", START, DAY, {of(): spent(10)}, {}, {})
    told = replace(NOTHING, step=steps, gaps=(Gap(START + 2 * DAY, START + 3 * DAY),))

    assert tokens(WEEK, told).steps == (
        Step(START, Used(10, 0, 0, 0)),
        Step(START + DAY, Used(0, 0, 0, 0)),
        Step(START + 2 * DAY, None),
    )


def test_a_guild_sees_its_own_tokens() -> None:
    """The other guild's are not counted."""
    table = {of("gpt"): spent(10), ("llm", "x", "gpt", "", "2", ""): spent(99)}

    assert tokens(WEEK, replace(NOTHING, by_what=one("operation", table)), guild="1").used.total == 10


def test_window_before_the_first_record_is_no_yardstick() -> None:
    """Recording began within it."""
    told = replace(NOTHING, by_what=one("operation", {of(): spent(10)}), before=one("operation", {of(): spent(5)}))

    assert tokens(WEEK, told).total == Figure(10.0, 5.0, 1)
    assert tokens(WEEK, replace(told, first_at=WEEK.start - DAY)).total.before is None


names = st.sampled_from(("a", "b", ""))
work = st.tuples(names, names, names, st.integers(0, 900), st.integers(0, 900), st.integers(0, 50))


@given(st.lists(work, max_size=12), st.integers(0, 12))
def test_a_window_split_anywhere_adds_up(done: list[tuple[str, str, str, int, int, int]], at_most: int) -> None:
    """Whether the store gives a span as one step or as two, tokens, cost and shares are the same."""

    def table(part: list[tuple[str, str, str, int, int, int]]) -> dict[tuple[str, ...], Rollup]:
        result: dict[tuple[str, ...], Rollup] = {}
        for model, persona, feature, prompt, completion, micro in part:
            result.setdefault(of(model, persona, feature), Rollup()).merge(spent(prompt, completion, cost=micro))

        return result

    whole = one("operation", table(done))
    parts = series("operation", 0, HOUR, table(done[:at_most]), table(done[at_most:]))

    assert shares(whole, "model", only("operation")) == shares(parts, "model", only("operation"))
    a, b = (tokens(WEEK, replace(NOTHING, by_what=found)) for found in (whole, parts))
    assert a == b
    bills = replace(BILLS, first_at=None)
    assert cost(WEEK, replace(bills, by_what=whole)) == cost(WEEK, replace(bills, by_what=parts))


# --- cost

MARCH = at("2026-03-01 00:00")
BILLS = Bills(empty("operation"), empty("operation"), empty("operation"), first_at=0)


def dollars(start: int, *amounts: float) -> Series:
    """Local days with so many dollars each."""
    return series("operation", start, DAY, *({of("gpt"): spent(100, cost=round(one * 1e6))} for one in amounts))


def test_month_so_far_and_today_whatever_the_window() -> None:
    """$2 on each of eleven days and $1 by noon of the twelfth, asked with a window of a week."""
    found = cost(WEEK, replace(BILLS, days=dollars(MARCH, *[2.0] * 11, 1.0)))

    assert (found.today, found.month.cost) == (1_000_000, 23_000_000)
    assert (found.month_start, found.month_end) == (MARCH, at("2026-04-01 00:00"))
    assert found.running[:3] == (Point(MARCH, 0.0), Point(MARCH + DAY, 2e6), Point(MARCH + 2 * DAY, 4e6))
    assert found.running[-1] == Point(WEEK.end, 23e6)


def test_days_of_last_month_are_not_spent_again() -> None:
    """They tell what a day costs, no more: $2 a day is heading for $62 in March."""
    start = MARCH - 28 * DAY
    found = cost(WEEK, replace(BILLS, days=dollars(start, *[2.0] * 39, 1.0), budget=100.0, first_at=start))

    assert found.month.cost == 23_000_000
    assert found.budget == 100e6
    assert found.forecast is not None
    assert found.forecast.value == pytest.approx(62e6, rel=0.01)
    assert found.forecast.low <= found.forecast.value <= found.forecast.high


def test_forecast_needs_seven_known_days() -> None:
    """Before the first record, in the dark, and where no price is known, a day is not known: it is no free day."""
    days = dollars(MARCH, *[2.0] * 12)
    unpriced = series("operation", MARCH, DAY, *({of("x"): spent(100, unpriced=1)} for _ in range(12)))

    assert cost(WEEK, replace(BILLS, days=days, first_at=at("2026-03-05 00:00"))).forecast is not None
    assert cost(WEEK, replace(BILLS, days=days, first_at=at("2026-03-05 00:01"))).forecast is None
    assert cost(WEEK, replace(BILLS, days=unpriced, first_at=MARCH)).forecast is None
    assert cost(WEEK, replace(BILLS, days=dollars(MARCH, 2.0), gaps=(Gap(0, at("2026-03-11 00:00")),))).forecast is None


def test_models_are_listed_by_what_they_cost() -> None:
    """The dear one first, though the local one used more tokens."""
    table = {of("llama"): spent(9_000), of("gpt"): spent(100, cost=500), of("mystery"): spent(100, unpriced=1)}
    found = cost(WEEK, replace(BILLS, by_what=one("operation", table), before=one("operation", {of(): many(3)})))

    assert [row.name for row in found.models] == ["gpt", "llama", "mystery"]
    assert [row.used.local for row in found.models] == [False, True, False]
    assert found.total == Figure(500, None)
    assert found.used.unpriced == 1


def test_nothing_priced_costs_an_unknown_amount() -> None:
    """n/a, never $0."""
    found = cost(WEEK, replace(BILLS, days=series("operation", MARCH, DAY, {of("x"): spent(100, unpriced=2)})))

    assert (found.month.cost, found.month.unpriced) == (None, 2)


@pytest.mark.parametrize(
    ("moment", "zone", "first", "following"),
    [
        ("2026-12-31 23:59", "UTC", "2026-12-01 00:00", "2027-01-01 00:00"),
        ("2026-03-01 00:00", BERLIN, "2026-03-01 00:00", "2026-04-01 00:00"),
        ("2026-02-28 12:00", "America/New_York", "2026-02-01 00:00", "2026-03-01 00:00"),
    ],
)
def test_months_are_those_of_the_zone(moment: str, zone: str, first: str, following: str) -> None:
    """From local midnight to local midnight, also where clocks change between."""
    assert month_of(at(moment, zone), zone) == (at(first, zone), at(following, zone))


def test_first_moment_of_a_month_has_spent_nothing_yet() -> None:
    """At midnight sharp the month is empty, and today too."""
    midnight = window("2026-03-31 00:00", "2026-04-01 00:00")
    found = cost(midnight, replace(BILLS, days=dollars(MARCH, *[2.0] * 31), first_at=MARCH))

    assert (found.today, found.month.cost, found.running) == (0, 0, (Point(midnight.end, 0.0),))
    assert found.forecast is not None
    assert found.forecast.value == pytest.approx(60e6, rel=0.01)


def test_history_begins_eight_weeks_before_today() -> None:
    """At local midnight, and never after the month's own start."""
    span = bill_span(Window(WEEK.start, WEEK.end, "UTC"))

    assert (span.start, span.end) == (at("2026-01-15 00:00"), WEEK.end)
