"""Services as stored probes left them."""

from __future__ import annotations

from monitoring.analysis.last_probes import last_probes
from monitoring.model import MINUTE, Health
from monitoring.rollup import Labels, Rollup, Series


def _asked(seconds: float | None, times: int = 2) -> Rollup:
    found = Rollup()
    for _ in range(times):
        found.add(seconds, failed=seconds is None)

    return found


def _series(*steps: dict[Labels, Rollup]) -> Series:
    starts = tuple(number * MINUTE for number in range(len(steps)))
    return Series("probe", starts, tuple(at + MINUTE for at in starts), steps)


def test_the_newest_step_counts_and_since_when_it_is_so() -> None:
    """With when it was last well; a step of which nothing is told changes nothing."""
    well, bad = {("llm", "healthy"): _asked(0.5)}, {("llm", "unhealthy"): _asked(None)}
    (found,) = last_probes(_series(well, well, bad, {}, bad), ["llm"])
    assert (found.name, found.health, found.critical) == ("llm", Health.UNHEALTHY, True)
    assert (found.since, found.succeeded_at, found.probed_at) == (2 * MINUTE, MINUTE, 4 * MINUTE)
    assert found.response_time is None

    (found,) = last_probes(_series(bad, well), [])
    assert (found.health, found.since, found.response_time, found.critical) == (Health.HEALTHY, MINUTE, 0.5, False)


def test_of_several_answers_in_a_step_the_worst_counts() -> None:
    """So that nothing that was away for half a minute is called well; one that is always so began before."""
    both = {("llm", "healthy"): _asked(0.5), ("llm", "degraded"): _asked(4.0), ("rag", "healthy"): _asked(0.1)}
    llm, rag = last_probes(_series(both, both), [])
    assert (llm.health, llm.since) == (Health.DEGRADED, None)
    assert (rag.name, rag.health) == ("rag", Health.HEALTHY)


def test_nothing_is_known_of_what_was_not_probed() -> None:
    """Nor of a health that another version knows."""
    assert last_probes(_series({}, {}), ["llm"]) == []
    (found,) = last_probes(_series({("llm", "splendid"): _asked(0.5)}), [])
    assert found.health is Health.UNKNOWN
