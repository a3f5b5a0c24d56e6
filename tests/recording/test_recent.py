"""The ring of the last half hour, by which rules are judged."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.model import DAY, MINUTE, SECOND
from monitoring.recording.recent import KEPT, Recent
from monitoring.rollup import Rollup
from tests.thorough import examples

from .standins import NOON, HandClock


def event(at: int, name: str = "resume", weight: int = 1) -> tuple[str, int, tuple[str, ...], None, bool, int]:
    """A point of the metric `event`."""
    return ("event", at, (name, "0"), None, False, weight)


def test_a_window_holds_what_lies_in_it():
    """To the step of ten seconds; kept by labels, apart by one of them."""
    recent = Recent(HandClock())
    recent.feed([event(NOON - 5 * SECOND), event(NOON - 65 * SECOND, "join"), event(NOON - 65 * SECOND, "join")])

    assert recent.rollup("event", NOON - 30 * SECOND, NOON).count == 1
    assert recent.rollup("event", NOON - 5 * MINUTE, NOON).count == 3
    assert recent.rollup("event", NOON - 5 * MINUTE, NOON, lambda labels: labels[0] == "join").count == 2
    groups = recent.groups("event", NOON - 5 * MINUTE, NOON, 0)
    assert {name: rollup.count for name, rollup in groups.items()} == {"resume": 1, "join": 2}


def test_lines_are_whole_even_where_nothing_was():
    """Each step of the asked width is there, in order, and together they are the window."""
    recent = Recent(HandClock())
    recent.feed(event(NOON - n * SECOND) for n in (1, 29, 31, 299))
    lines = recent.lines("event", NOON - 5 * MINUTE, NOON, 30 * SECOND)

    assert [start for start, _ in lines] == list(range(NOON - 5 * MINUTE, NOON, 30 * SECOND))
    assert [rollup.count for _, rollup in lines] == [1, 0, 0, 0, 0, 0, 0, 0, 1, 2]


def test_values_make_quantiles():
    """Failures stay out of them, a weight counts as so many."""
    recent = Recent(HandClock())
    labels = ("llm", "x", "", "", "0", "")
    recent.feed([("operation", NOON, labels, 2.0, False, 99), ("operation", NOON, labels, 90.0, True, 1)])
    whole = recent.rollup("operation", NOON - MINUTE, NOON + 1)

    assert (whole.count, whole.failures, whole.mean, whole.quantile(0.99)) == (100, 1, 2.0, 2.0)


def test_it_forgets_what_is_older_than_half_an_hour():
    """And takes in neither the past nor a future that only a wrong clock knows."""
    clock = HandClock()
    recent = Recent(clock)
    recent.feed([event(NOON), event(NOON - KEPT - MINUTE), event(NOON + DAY)])
    assert recent.rollup("event", 0, NOON + 2 * DAY).count == 1

    clock.pass_by(KEPT / 1000 + 60)
    recent.feed([event(clock.now())])
    assert recent.rollup("event", 0, NOON + DAY).count == 1
    assert recent._cells == 1
    assert sum(len(steps) for steps in recent._steps.values()) == 1


def test_the_last_sample_of_a_gauge():
    """The newest by its own time, whatever came in last."""
    recent = Recent(HandClock())
    for at, value in ((NOON - SECOND, 40.0), (NOON - 2 * SECOND, 99.0)):
        recent.feed([("gauge", at, ("cpu_percent",), value, False, 1)])

    assert recent.last("cpu_percent") == (40.0, NOON - SECOND)
    assert recent.last("disk_percent") is None


@settings(max_examples=examples(50), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 40)), max_size=120))
def test_f3_label_sets_are_bounded_and_add_up(seen):
    """However many there are, the sum is exact: what has no place is in `other`."""
    clock = HandClock()
    recent = Recent(clock, label_sets=5, cells=20)
    for label, step in seen:
        recent.add("event", NOON - step * 10 * SECOND, (f"e{label}", "0"), Rollup(count=1))

    assert recent.rollup("event", NOON - KEPT, NOON + 1).count == len(seen)
    groups = recent.groups("event", NOON - KEPT, NOON + 1, 0)
    assert len(groups.keys() - {"other"}) <= 5
    assert recent._cells <= 20

    clock.pass_by(2 * KEPT / 1000)
    recent.feed([])
    assert recent._cells == 0
    assert not recent._known["event"]
