"""The incidents of a window: which count, for how long they lasted, how soon they were taken and over."""

from __future__ import annotations

from dataclasses import replace

from monitoring.analysis.incidents import incident_log, marks
from monitoring.incident import Incident, Stage
from monitoring.model import HOUR, MINUTE, Severity

from .tables import window

OVER = window("2026-03-11 12:00", "2026-03-11 18:00")


def incident(number: int, opened: int, ended: int | None, *, title: str = "Mean response", **more: object) -> Incident:
    """One that opened and ended so many minutes into the window."""
    made = Incident(
        number,
        "response_time",
        "",
        Stage.RESOLVED if ended is not None else Stage.OPEN,
        Severity.WARNING,
        OVER.start + (opened - 1) * MINUTE,
        title=title,
        unit="s",
        opened_at=OVER.start + opened * MINUTE,
        resolved_at=None if ended is None else OVER.start + ended * MINUTE,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def test_means_are_of_what_opened_in_the_window() -> None:
    """Taken after 10 and 20 minutes, over after 30 and 60; the one of before counts for neither."""
    log = incident_log(
        OVER,
        [
            incident(1, -60, 30, acknowledged_at=OVER.start),
            incident(2, 60, 90, acknowledged_at=OVER.start + 70 * MINUTE),
            incident(3, 120, 180, acknowledged_at=OVER.start + 140 * MINUTE),
        ],
    )

    assert (log.opened.value, len(log.courses)) == (2, 3)
    assert (log.to_acknowledge.value, log.to_acknowledge.n) == (900, 2)
    assert (log.to_resolve.value, log.to_resolve.n) == (2700, 2)


def test_what_nobody_took_has_no_mean() -> None:
    """Unknown is none, not zero."""
    log = incident_log(OVER, [incident(1, 60, None)])

    assert (log.to_acknowledge.value, log.to_resolve.value, log.still_open) == (None, None, 1)


def test_only_the_windows_part_lasts() -> None:
    """Half an hour of one that came before, and the last hour of one that is open."""
    log = incident_log(OVER, [incident(1, -60, 30), incident(2, 300, None, title="Error rate")])

    assert [(rule.title, rule.seconds) for rule in log.rules] == [("Error rate", 3600), ("Mean response", 1800)]


def test_others_are_left_out() -> None:
    """What was over before, what came after, and what was pending and never told."""
    pending = replace(incident(3, 60, None), stage=Stage.PENDING, opened_at=None)

    assert incident_log(OVER, [incident(1, -60, -30), incident(2, 400, None), pending]).rules == ()


def test_the_window_before_is_a_yardstick_where_it_was_recorded() -> None:
    """Else there is none."""
    told = [incident(1, -60, -30), incident(2, 60, 70)]

    assert incident_log(OVER, told, OVER.start - 7 * HOUR).opened.before == 1
    assert incident_log(OVER, told, OVER.start - HOUR).opened.before is None


def test_critical_ones_are_counted() -> None:
    """By what they are, which they stay until they are over."""
    assert incident_log(OVER, [incident(1, 5, 9, severity=Severity.CRITICAL), incident(2, 20, 30)]).critical == 1


def test_marks_are_openings_of_rules_with_the_charts_unit() -> None:
    """Within the window, in order."""
    told = [incident(3, 90, None), incident(1, 30, 40), incident(2, 50, 60, unit="rate"), incident(4, -5, 60)]

    assert marks(OVER, told, ("s",)) == (OVER.start + 30 * MINUTE, OVER.start + 90 * MINUTE)
