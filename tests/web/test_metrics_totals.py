"""What is added up since the start: single things and columns alike, from any thread, and bounded."""

from __future__ import annotations

import threading

import pytest

from monitoring.metrics import METRICS
from monitoring.model import MINUTE, SECOND
from monitoring.published import FAMILIES, VIEWS, View
from monitoring.recording.recent import Point
from monitoring.recording.totals import MOST, OTHER, WAITING, Totals
from monitoring.rollup import Labels, Rollup, Table
from monitoring.steps import columns

NOON = 1_795_262_400_000
LABELS = ("llm", "chat", "m-1", "Mira", "7", "")


def test_single_things_and_columns_add_up_to_the_same() -> None:
    """Whichever way a flush brings them, and over minutes."""
    one, other = Totals(), Totals()
    for number in range(50):
        labels = (*LABELS[:3], f"p{number % 7}", *LABELS[4:])
        point: Point = ("operation", NOON + number * SECOND, labels, 0.1 * number, number % 5 == 0, 1)
        one.feed([point])
        table: Table = {labels: Rollup()}
        table[labels].add(point[3], failed=point[4], sketch=True)
        other.feed([], [("operation", columns([(NOON + number * MINUTE, table)]))])

    assert one.tables() == other.tables()
    assert one.tables()["llm"][("m-1",)].count == 50
    assert one.tables()["work"][("llm", "chat")].failures == 10


def test_what_waits_is_added_up_before_it_is_much() -> None:
    """Memory does not grow with the time between two scrapes."""
    totals = Totals()
    wide: Table = {(*LABELS[:3], f"p{number}", *LABELS[4:]): Rollup(1) for number in range(100)}
    rows = columns([(NOON, wide)])
    for _ in range(1_000):
        totals.feed([], [("operation", rows)])
        assert sum(map(len, totals._waiting["operation"])) <= WAITING

    assert totals.tables()["work"][("llm", "chat")].count == 100_000


def test_names_that_are_shown_alike_are_one_series() -> None:
    """Two series of the same labels would spoil a whole scrape."""
    totals = Totals()
    for end in "ab":
        totals.feed([("event", NOON, ("x" * 200 + end, "1"), None, False, 1)])

    (cell,) = totals.tables()["event"].values()
    assert cell.count == 2


def test_what_has_no_model_is_no_request_of_one() -> None:
    """Such work is only among the operations."""
    totals = Totals()
    totals.feed([("operation", NOON, ("tts", "speak", "", "", "0", ""), 1.0, False, 1)])
    assert totals.tables()["llm"] == {}
    assert totals.tables()["work"][("tts", "speak")].count == 1


def test_f4_what_explodes_ends_in_other(caplog: pytest.LogCaptureFixture) -> None:
    """The first ones keep their names; it is said once."""
    totals = Totals()
    for number in range(1_000):
        totals.feed([("event", NOON, (f"e{number}", "1"), None, False, 1)])

    table = totals.tables()["event"]
    assert len(table) == MOST
    assert table[(OTHER,)].count == 1_000 - MOST + 1
    assert caplog.text.count('published as "other"') == 1


def test_f17_threads_lose_nothing() -> None:
    """A flush and a scrape at the same time."""
    totals = Totals({"event": View("event", ("event",))})

    def tell() -> None:
        for _ in range(2_000):
            totals.feed([("event", NOON, ("resume", "1"), None, False, 1)])

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()

    seen = 0
    while any(thread.is_alive() for thread in threads):
        now = totals.tables()["event"].get(("resume",), Rollup()).count
        assert now >= seen
        seen = now

    for thread in threads:
        thread.join()

    assert totals.tables()["event"][("resume",)].count == 8_000


def test_every_view_and_figure_exists() -> None:
    """Labels of its metric; histograms only of metrics that carry a sketch."""
    for view in VIEWS.values():
        assert {*view.by, *filter(None, [view.named])} <= set(METRICS[view.metric].labels)

    for family in FAMILIES.values():
        if family.view:
            labels: Labels = VIEWS[family.view].by
            assert family.labels == labels
            assert family.kind != "histogram" or METRICS[VIEWS[family.view].metric].sketch
            assert not family.field or hasattr(Rollup(), family.field)
