"""The cap on label sets: a label that explodes costs no memory and no count."""

from __future__ import annotations

import logging
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.metrics import METRICS
from monitoring.model import HOUR
from monitoring.recording.label_cap import MOST, LabelCap
from monitoring.rollup import Rollup, Table
from monitoring.steps import columns
from monitoring.store.segments import MOST_LABELS, bounded
from tests.thorough import examples

OTHERS = ("other", "other", "other")
LABELS = st.tuples(st.sampled_from("abc"), st.integers(0, 12).map(str), st.just("1"))
THINGS = st.lists(st.tuples(st.sampled_from(["component", "first_token"]), st.integers(0, 5), LABELS), max_size=200)


@settings(max_examples=examples(200), deadline=None)
@given(things=THINGS, most=st.integers(2, 8), hours=st.integers(1, 4), total=st.integers(1, 30))
def test_f3_totals_with_and_without_the_cap_are_equal(things, most, hours, total):
    """Nothing is lost or counted twice: a thing counts under its own labels, or under `other`."""
    cap = LabelCap(most, hours=hours, total=total)
    given_, kept = Counter(), Counter()
    for metric, hour, labels in things:
        found = cap.within(metric, hour, labels)
        assert found in (labels, OTHERS)
        given_[metric, hour] += 1
        kept[metric, hour, found] += 1

    by_hour = Counter()
    for (metric, hour, _), n in kept.items():
        by_hour[metric, hour] += n

    assert by_hour == given_


@settings(max_examples=examples(200), deadline=None)
@given(things=THINGS, most=st.integers(2, 8), hours=st.integers(1, 4), total=st.integers(16, 60))
def test_f3_never_more_label_sets_than_the_cap(things, most, hours, total):
    """In hours that come in order, a metric has at most so many label sets, `other` among them; memory is bounded.

    As long as there is room for the hour at hand of every metric.
    """
    cap = LabelCap(most, hours=hours, total=total)
    seen: dict[tuple[str, int], set[tuple[str, ...]]] = {}
    for metric, hour, labels in sorted(things, key=lambda thing: thing[1]):
        seen.setdefault((metric, hour), set()).add(cap.within(metric, hour, labels))
        assert len(cap) <= min(total, 2 * hours * most)

    assert all(len(sets) <= most for sets in seen.values())


@given(things=THINGS, most=st.integers(2, 8))
def test_f3_the_first_label_sets_stay_and_what_was_let_in_stays_in(things, most):
    """Within an hour, the same labels are always counted at the same place."""
    cap = LabelCap(most, hours=10)
    first: dict[tuple[object, ...], tuple[str, ...]] = {}
    for metric, hour, labels in things:
        found = cap.within(metric, hour, labels)
        assert first.setdefault((metric, hour, labels), found) == found


def test_f3_each_hour_begins_anew():
    """A label set that found no room in one hour has it in the next."""
    cap = LabelCap(3)
    for name in "abcd":
        cap.within("component", 1, (name, "", "1"))

    assert cap.within("component", 1, ("d", "", "1")) == OTHERS
    assert cap.within("component", 2, ("d", "", "1")) == ("d", "", "1")
    assert cap.within("component", 1, ("a", "", "1")) == ("a", "", "1"), "late facts of the hour before are known"


def test_f3_what_is_other_already_takes_no_room():
    """A fact that comes with `other` everywhere, from another process, joins the rest."""
    cap = LabelCap(3)
    assert cap.within("component", 1, OTHERS) == OTHERS
    assert len(cap) == 0


def test_f3_a_year_of_history_leaves_three_hours_behind():
    """Replay goes through thousands of hours and remembers the newest."""
    cap = LabelCap(20)
    for hour in range(24 * 365):
        for name in range(25):
            cap.within("component", hour, (str(name), "", "1"))

    assert len(cap) == 3 * 19


def test_f3_a_late_hour_of_history_does_not_push_out_the_present():
    """The oldest hour gives way, not the newest."""
    cap = LabelCap(3, hours=2)
    for name in "abc":
        cap.within("component", 1_000, (name, "", "1"))

    for hour in range(50):
        cap.within("component", hour, ("x", "", "1"))

    assert cap.within("component", 1_000, ("c", "", "1")) == OTHERS


def test_f3_the_label_that_exploded_is_named_once(caplog):
    """The owner reads which metric and which of its labels, and reads it once."""
    cap = LabelCap(100)
    with caplog.at_level(logging.WARNING):
        for number in range(1_000):
            cap.within("operation", number // 500, ("llm", "chat", "m", "Luna", "1", f"user {number}"))

    assert len(caplog.records) == 1
    assert "operation" in caplog.text
    assert "feature" in caplog.text


def test_f3_recording_and_store_agree_on_the_cap():
    """An hour that recording capped is stored as it is: the fold finds nothing to cap, so that hours stay exact."""
    assert MOST == MOST_LABELS
    cap, hour = LabelCap(), 470_000
    table: Table = {}
    arity = len(METRICS["component"].labels)
    for number in range(3 * MOST):
        labels = cap.within("component", hour, (f"part {number}", "", "1"))
        table.setdefault(labels, Rollup()).add(1.0)

    assert len(table) == MOST
    start = hour * HOUR
    folded = bounded(start, columns([(start, table)])).tables()[start]
    assert {labels: rollup.count for labels, rollup in folded.items()} == {
        labels: rollup.count for labels, rollup in table.items()
    }
    assert folded[("other",) * arity].count == 2 * MOST + 1
