"""Responses that the host reports take the place of those inferred."""

from __future__ import annotations

import pytest

from monitoring.model import ErrorKind
from tests.recording.stage import Stage


def sources(stage: Stage) -> dict[str, tuple[int, int]]:
    """Count and failures by source."""
    rollups = {source: stage.total("response", None, None, source) for source in ("reported", "inferred")}
    return {source: (rollup.count, rollup.failures) for source, rollup in rollups.items() if rollup.count}


@pytest.mark.parametrize("first", ["report", "message"])
@pytest.mark.parametrize("known", [True, False], ids=["by message", "by time"])
def test_reported_response_replaces_the_inferred_one(first: str, known: bool) -> None:
    """Whichever comes first, and with or without the id of the user's message, it is counted once."""
    stage = Stage()
    stage.user(0, "luna?", 1)
    more = {"message_id": 1} if known else {}
    if first == "report":
        stage.report(1, 2.5, **more)
        stage.persona(4, "yes", 2)
    else:
        stage.persona(4, "yes", 2)
        stage.report(1, 2.5, **more)

    stage.settle()
    assert sources(stage) == {"reported": (1, 0)}
    assert stage.total("response").mean == pytest.approx(2.5)
    assert stage.answers == {2: 1}
    assert stage.counts("answered") == {("Luna",): (1, 0)}


def test_the_host_knows_better_who_was_answered() -> None:
    """A report with a message's id decides whom the next message of that persona answers."""
    stage = Stage()
    stage.user(0, "one", 1)
    stage.user(1, "two", 2, by="ben")
    stage.report(2, 3, message_id=1)
    stage.persona(5, "yes", 3)
    assert stage.settle().answers == {3: 1}


def test_reports_of_other_personas_and_other_times_change_nothing() -> None:
    """Only the same persona, ending within 5 s of its message, is taken for the same response."""
    stage = Stage()
    stage.user(0, "luna?", 1)
    stage.persona(4, "yes", 2)
    stage.report(1, 3, by="Max")
    stage.report(1, 8.001)
    stage.settle()
    assert sources(stage) == {"reported": (2, 0), "inferred": (1, 0)}


def test_reported_failures_count_as_failures() -> None:
    """The failure and the excuse that the bot posts are one failed response; the question stays unanswered."""
    stage = Stage()
    stage.user(0, "luna?", 1)
    stage.report(1, 3, message_id=1, error=ErrorKind.TIMEOUT)
    stage.persona(4.5, "❌ **Error:** sorry", 2)
    stage.settle()
    assert sources(stage) == {"reported": (1, 1)}
    assert stage.decided == {1: False}


def test_report_alone_answers_its_message() -> None:
    """What was answered by voice leaves no message; the host's word is enough."""
    stage = Stage()
    stage.user(0, "luna?", 1)
    stage.report(61, 3, message_id=1)
    assert stage.settle().decided == {1: True}
    assert stage.total("response", "Luna", None, "reported", at=0).count == 1


def test_late_report_of_a_counted_response_is_left_out() -> None:
    """Nothing counted is taken back: a report that comes a minute after its twin was written does not count again."""
    stage = Stage()
    stage.user(0, "luna?", 1)
    stage.persona(4, "yes", 2)
    stage.settle(60)
    stage.report(1, 3, message_id=1)
    stage.settle()
    assert sources(stage) == {"inferred": (1, 0)}


def test_second_attempt_after_a_failure_counts() -> None:
    """A failure that was inferred and a later success that is reported are two attempts."""
    stage = Stage()
    stage.user(0, "luna?", 1)
    stage.persona(4, "❌ Error", 2)
    stage.settle(60)
    stage.report(70, 5, message_id=1)
    stage.persona(75, "now", 3)
    stage.settle()
    assert sources(stage) == {"inferred": (1, 1), "reported": (1, 0)}
    assert stage.answers == {3: 1}


def test_reported_first_token_is_not_inferred_as_well() -> None:
    """The placeholder's first text is the first token only where the host does not tell."""
    stage = Stage()
    stage.user(0, "luna?", 1)
    stage.persona(2, "*typing...*", 2)
    stage.edit(5, 2, "yes")
    stage.report(1, 4, message_id=1, first_token=0.5)
    stage.settle()
    assert stage.total("first_token").count == 0
    assert sources(stage) == {"reported": (1, 0)}


def test_weight_of_sampled_reports_is_kept() -> None:
    """A report that stands for three counts three times."""
    stage = Stage()
    stage.report(0, 2, weight=3)
    assert stage.settle().total("response").count == 3
