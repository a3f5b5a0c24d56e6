"""Promises: what is kept, what is left of the budget, and how fast it goes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.analysis.slo import SHORT, SPAN, Tally, failed, slo, too_slow, unhealthy
from monitoring.model import DAY, HOUR, MINUTE, Band
from tests.analysis.tables import many, times

NOW = 100 * DAY


def tallies(month: tuple[int, float], **short: tuple[int, float]) -> dict[int, Tally]:
    """Tallies of all windows; m5, m30, h1, h6, d3 in place of nothing bad at all."""
    names = dict(zip(("m5", "m30", "h1", "h6", "d3"), SHORT, strict=True))
    found = {width: Tally(max(width // MINUTE, 5), 0.0) for width in SHORT}
    for name, given_ in short.items():
        found[names[name]] = Tally(*given_)

    return {**found, SPAN: Tally(*month)}


def test_half_of_the_budget_is_spent() -> None:
    """Of 10,000 answers 100 may fail, and 50 did."""
    found = slo("success", 0.99, tallies((10_000, 50)), now=NOW)

    assert found.value == pytest.approx(0.995)
    assert found.budget == pytest.approx(0.5)
    assert (found.state, found.few, found.gone_at) == (Band.GOOD, False, None)


def test_a_fast_burn_is_told_while_it_goes_on() -> None:
    """A fifth fails in the last hour and in its last minutes: at twenty times the pace of the budget."""
    burning = tallies((10_000, 20), h1=(300, 60), m5=(25, 5))
    assert slo("success", 0.99, burning, now=NOW).state is Band.CRITICAL

    over = tallies((10_000, 20), h1=(300, 60), m5=(25, 0))
    assert slo("success", 0.99, over, now=NOW).state is Band.GOOD


@pytest.mark.parametrize(
    ("short", "state"),
    [
        ({"h6": (1_000, 70), "m30": (80, 6)}, Band.CRITICAL),
        ({"h6": (1_000, 50), "m30": (80, 6)}, Band.GOOD),
        ({"d3": (9_000, 100), "h6": (1_000, 11)}, Band.WARNING),
        ({"d3": (9_000, 100), "h6": (1_000, 9)}, Band.GOOD),
    ],
)
def test_slower_burns_need_longer_windows(short: dict[str, tuple[int, float]], state: Band) -> None:
    """Six over six hours and half an hour; one over three days and six hours."""
    assert slo("success", 0.99, tallies((50_000, 100), **short), now=NOW).state is state


def test_one_failure_in_a_quiet_hour_is_no_incident() -> None:
    """A single answer in the night failed: a burn of a hundred, of one."""
    found = slo("success", 0.99, tallies((400, 1), h1=(1, 1), m5=(1, 1)), now=NOW)

    assert found.burn(HOUR) == pytest.approx(100)
    assert found.state is Band.GOOD
    assert found.few


def test_a_broken_promise_is_critical_and_has_nothing_left() -> None:
    """Twice as many failed as may."""
    found = slo("success", 0.99, tallies((10_000, 200)), now=NOW)

    assert found.budget == pytest.approx(-1)
    assert (found.state, found.gone_at) == (Band.CRITICAL, None)


def test_when_the_budget_will_be_gone() -> None:
    """Half is left, and the last six hours burn at three times the pace: half of thirty days ÷ 3."""
    found = slo("success", 0.99, tallies((10_000, 50), h6=(1_000, 30)), now=NOW)
    assert found.gone_at == NOW + 5 * DAY


def test_nothing_is_known_of_nothing() -> None:
    """No answers: no share, no budget, no state."""
    found = slo("uptime", 0.99, {}, now=NOW, subject="tts")
    assert (found.value, found.budget, found.state, found.gone_at) == (None, None, Band.UNKNOWN, None)


def test_the_course_is_the_budget_left_by_day() -> None:
    """It ends where the budget stands; a day without answers is a hole."""
    days = [(0, Tally(5_000, 30)), (DAY, Tally()), (2 * DAY, Tally(5_000, 20))]
    found = slo("success", 0.99, tallies((10_000, 50)), days, now=NOW)

    assert [point.value for point in found.course] == [pytest.approx(0.7), None, pytest.approx(0.5)]


def test_what_counts_as_bad() -> None:
    """Failures; slow successes; probes that found a service unhealthy, of those whose outcome is known."""
    assert failed(many(10, failures=3)) == Tally(10, 3)
    assert too_slow(times(1, 2, 6, 9, failed=4), 5.0) == Tally(4, 2)
    assert unhealthy({"healthy": many(7), "unknown": many(5), "unhealthy": many(3)}) == Tally(10, 3)


@given(st.lists(st.floats(0.01, 60), min_size=1, max_size=40), st.floats(0.05, 50))
def test_the_share_of_slow_ones_is_right_but_for_the_limit_s_own_bin(values: list[float], limit: float) -> None:
    """Values within two percent of the limit may fall on either side; all others do not."""
    tally = too_slow(times(*values), limit)
    surely = sum(value > limit * 1.021 for value in values)
    maybe = sum(value > limit / 1.021 for value in values)

    assert tally.total == len(values)
    assert surely <= tally.bad <= maybe
