"""The digest of a day and of a week: what changed first, quiet when nothing happened, alerts that are worth it."""

from __future__ import annotations

import datetime as dates
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from monitoring.alerting.rules import built_in
from monitoring.analysis.advice import Priority, Recommendation
from monitoring.analysis.figure import Figure, Spell, Strip
from monitoring.analysis.overview import Overview
from monitoring.analysis.relationships import Pair, Relationships
from monitoring.digest.dates import day_window
from monitoring.digest.day import Told, digest
from monitoring.digest.plain import digest_text
from monitoring.digest.usual import DayFigures, Usual, day_figures, usual
from monitoring.incident import Incident, Stage
from monitoring.model import DAY, HOUR, MINUTE, Band, Health, Instant, Severity

BERLIN = "Europe/Berlin"
WEDNESDAY = "2026-03-11"


def at(text: str, zone: str = BERLIN) -> Instant:
    """A local time as an instant."""
    return round(dates.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def overview(**figures: Figure) -> Overview:
    """A usual day, but for these figures."""
    window = day_window(dates.date.fromisoformat(WEDNESDAY), BERLIN)
    usual: dict[str, Any] = {
        "messages": Figure(34_650, 34_000, 34_650),
        "persona_messages": Figure(17_000, 17_000, 17_000),
        "p95": Figure(2.3, 2.3, 9_000, Band.GOOD),
        "mean": Figure(1.2, 1.2, 9_000, Band.GOOD),
        "errors": Figure(0.009, 0.009, 9_000, Band.GOOD),
        "users": Figure(318, 310, 318),
        "cost": Figure(2_440_000, 2_400_000),
    }
    return Overview(window, **(usual | figures))


def incident(number: int, start: str, end: str | None, **more: object) -> Incident:
    """An incident of the mean response."""
    since = at(start)
    over = at(end) if end else None
    stage = Stage.RESOLVED if end else Stage.OPEN
    found = Incident(number, "response_time", "", stage, Severity.WARNING, since, opened_at=since, resolved_at=over)
    return replace(found, **more)  # type: ignore[arg-type]


def test_a_quiet_day_is_a_title_and_a_line() -> None:
    """Nothing beyond usual, no incident, nothing to do."""
    found = digest(WEDNESDAY, BERLIN, overview())
    assert found.quiet
    assert found.title == "Wed 11 Mar: a quiet day, all healthy"
    assert found.line == "34,650 messages, P95 2.3\u00a0s, errors 0.9\u00a0%, no incident, $2.44. Nothing needs you."
    assert found.band is Band.GOOD
    assert found.changes == ()


def test_what_changed_most_comes_first_and_at_most_three() -> None:
    """Worse before merely different; slower answers say what they were."""
    pair = Pair("a_b", "scav", 1, 2, affinity=41.0, before=52.0, stage="frenemies", interactions=9, trend="worsening")
    found = digest(
        WEDNESDAY,
        BERLIN,
        overview(
            p95=Figure(3.9, 2.3, 9_000, Band.WARNING),
            users=Figure(500, 300, 500),
            messages=Figure(60_000, 30_000, 60_000),
        ),
        Told(relationships=Relationships(overview().window, (), (pair,), None, None, 9)),
    )
    assert not found.quiet
    assert [words.replace("\u00a0", " ") for words in found.changes] == [
        "▲ **P95 3.9 s**, the day before 2.3 s",
        "▲ **Messages** 60,000, 100 % more",
        "▲ **Users** 500, 67 % more",
    ]
    assert found.movers == (pair,)


def test_a_mover_and_a_sick_service_are_named_safely() -> None:
    """Names that look like markup stay names."""
    pair = Pair("a*b", "scav", 1, 2, affinity=41.0, before=52.0, stage="frenemies", interactions=9, trend="worsening")
    begin = overview().window.start
    sick = Strip("llm", (Spell(begin + HOUR, begin + HOUR + 12 * MINUTE, Health.UNHEALTHY),))
    found = digest(
        WEDNESDAY,
        BERLIN,
        replace(overview(), strips=(sick,)),
        Told(relationships=Relationships(overview().window, (), (pair,), None, None, 9)),
    )
    assert [words.replace("\u00a0", " ") for words in found.changes] == [
        "▼ `llm` was unhealthy for **12 min**",
        "▼ **a\\*b** and **scav** fell to 41, frenemies",
    ]


def test_the_incidents_of_the_day_are_counted() -> None:
    """Opened, resolved, still open, how long until somebody came; those of other days are left out."""
    late = at("2026-03-11T14:24")
    found = digest(
        WEDNESDAY,
        BERLIN,
        overview(),
        Told(
            incidents=[
                incident(1, "2026-03-09T10:00", "2026-03-09T11:00"),
                incident(2, "2026-03-11T14:10", "2026-03-11T14:57", acknowledged_by="olivia", acknowledged_at=late),
                incident(3, "2026-03-11T14:20", "2026-03-11T14:40"),
                incident(4, "2026-03-12T01:00", None),
            ],
            rules=built_in(),
        ),
    )
    counted = found.incidents
    assert (counted.opened, counted.resolved, counted.open, counted.numbers) == (2, 2, 0, (2, 3))
    assert counted.acknowledge == 14 * 60
    assert found.title == "Wed 11 Mar: a good day but for 47\u00a0min"
    assert found.band is Band.WARNING
    assert len(found.worth_doing) == 1
    assert not found.quiet


def test_a_critical_incident_still_open_makes_the_day_critical() -> None:
    """What is still broken is said first."""
    open_one = incident(2, "2026-03-11T14:10", None, severity=Severity.CRITICAL)
    found = digest(WEDNESDAY, BERLIN, overview(), Told(incidents=[open_one]))
    assert found.band is Band.CRITICAL
    assert found.title == "Wed 11 Mar: 1\u00a0incident still open"


def test_a_day_without_anything_says_so() -> None:
    """No message, no answer: quiet, and not called healthy."""
    nothing = Figure(None)
    empty = overview(messages=Figure(0, 0), p95=nothing, mean=nothing, errors=nothing, users=Figure(0, 0), cost=nothing)
    found = digest(WEDNESDAY, BERLIN, empty)
    assert (found.quiet, found.band) == (True, Band.UNKNOWN)
    assert found.title == "Wed 11 Mar: nothing was said"
    assert found.window.length == DAY


def test_a_usual_day_is_the_median_of_the_four_weeks_before() -> None:
    """One odd week moves nothing; of fewer than three nothing is usual, figure by figure."""
    days = [DayFigures(messages=n, p95=2.0) for n in (100, 110, 120, 900)]
    found = usual("Wednesday", days)
    assert found is not None
    assert (found.figures.messages, found.figures.p95, found.figures.users, found.n) == (115, 2.0, None, 4)
    assert usual("Wednesday", days[:2]) is None
    part = usual("Wednesday", [DayFigures(messages=1), DayFigures(messages=2), DayFigures(messages=3, users=5)])
    assert part is not None
    assert (part.figures.messages, part.figures.users) == (2, None)


def test_figures_are_held_against_the_usual_weekday_and_the_day_before_stays_known() -> None:
    """Slower than the day before, but as on every Wednesday: that is no news."""
    ordinary = Usual("Wednesday", day_figures(overview()), 4)
    day = overview(p95=Figure(2.3, 1.1, 9_000, Band.GOOD))
    assert [words[0] for words in digest(WEDNESDAY, BERLIN, day).changes] == ["▲"]

    found = digest(WEDNESDAY, BERLIN, day, Told(usual=ordinary))
    assert found.quiet
    assert found.against == "a usual Wednesday"
    assert (found.shown.p95.before, found.overview.p95.before) == (2.3, 1.1)

    slow = digest(WEDNESDAY, BERLIN, overview(p95=Figure(3.9, 3.9, 9_000, Band.WARNING)), Told(usual=ordinary))
    assert [words.replace("\u00a0", " ") for words in slow.changes] == ["▲ **P95 3.9 s**, usually 2.3 s"]


def test_only_urgent_advice_ends_the_quiet() -> None:
    """What could be done some day does not make every morning a busy one; what cannot wait does."""
    idea = Recommendation("cache", "llm", Priority.MEDIUM, "The cache misses", "Half of 80.", "Cache longer.", 80)
    calm = digest(WEDNESDAY, BERLIN, overview(), Told(advice=[idea]))
    assert calm.quiet
    assert calm.line.endswith("Nothing urgent.")

    urgent = digest(WEDNESDAY, BERLIN, overview(), Told(advice=[replace(idea, priority=Priority.HIGH)]))
    assert not urgent.quiet
    assert urgent.worth_doing == ("**The cache misses**: Cache longer.",)


def test_a_digest_in_plain_words() -> None:
    """For places without embeds: no bold, no escapes, no links; a quiet day takes two lines there too."""
    quiet = digest_text(digest(WEDNESDAY, BERLIN, overview())).replace("\u00a0", " ")
    assert quiet.splitlines() == [
        "Wed 11 Mar: a quiet day, all healthy",
        "34,650 messages, P95 2.3 s, errors 0.9 %, no incident, $2.44. Nothing needs you.",
    ]

    pair = Pair("a*b", "scav", 1, 2, affinity=41.0, before=52.0, stage="frenemies", interactions=9, trend="worsening")
    told = Told(
        relationships=Relationships(overview().window, (), (pair,), None, None, 9),
        incidents=[incident(2, "2026-03-11T14:10", "2026-03-11T14:57", title="Mean response", peak=6.1, unit="s")],
        rules=built_in(),
    )
    text = digest_text(digest(WEDNESDAY, BERLIN, overview(), told, late=True)).replace("\u00a0", " ")
    assert text.splitlines()[:2] == [
        "Wed 11 Mar: a good day but for 47 min (sent late)",
        "▲ Mean response up to 6.1 s, for 47 min, incident 2",
    ]
    assert "▼ a*b and scav fell to 41, frenemies" in text
    assert "  Messages 34,650, = as usual" in text
    assert "  2 Mean response, 47 min, up to 6.1 s" in text
    assert "**" not in text
    assert "\\" not in text
