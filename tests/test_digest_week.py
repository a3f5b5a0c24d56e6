"""The digest of a week: against the week before, and which alerts were worth their noise."""

from __future__ import annotations

import datetime as dates
from dataclasses import replace

from monitoring.alerting.rules import built_in
from monitoring.analysis.figure import Figure
from monitoring.analysis.overview import Overview
from monitoring.digest.dates import week_window
from monitoring.digest.day import Told
from monitoring.digest.hygiene import hygiene, proposal
from monitoring.digest.plain import digest_text
from monitoring.digest.week import Week, week
from monitoring.incident import Incident, Rule, Stage
from monitoring.model import DAY, HOUR, MINUTE, Band, Severity

BERLIN, SUNDAY = "Europe/Berlin", "2026-03-08"
WINDOW = week_window(dates.date.fromisoformat(SUNDAY), BERLIN)
RULE = Rule("errors", "Error rate", "response", "rate", above=0.05, recovery=0.04, critical_above=0.25, unit="rate")


def incident(number: int, after: int, minutes: float = 4, *, ack: float | None = None, peak: float = 0.06) -> Incident:
    """One of the rule, so long after the week began; acknowledged after so many minutes."""
    since = WINDOW.start + after
    taken = {} if ack is None else {"acknowledged_by": "olivia", "acknowledged_at": since + round(ack * MINUTE)}
    found = Incident(
        number, RULE.name, "", Stage.RESOLVED, Severity.WARNING, since, opened_at=since, unit="rate", peak=peak
    )
    return replace(found, resolved_at=since + round(minutes * MINUTE), **taken)  # type: ignore[arg-type]


def told(*incidents: Incident, rules: tuple[Rule, ...] = (RULE,), since: int = WINDOW.start - 30 * DAY) -> Week:
    """The week of these incidents."""
    overview = Overview(
        WINDOW,
        messages=Figure(251_000, 244_000, 251_000),
        persona_messages=Figure(90_000, 90_000),
        p95=Figure(2.4, 2.6, 70_000, Band.GOOD),
        mean=Figure(1.2, 1.2, 70_000, Band.GOOD),
        errors=Figure(0.009, 0.009, 70_000, Band.GOOD),
        users=Figure(900, 890),
        cost=Figure(18_200_000, 17_900_000),
    )
    return week(SUNDAY, BERLIN, overview, Told(incidents=incidents, rules=rules), first_at=since)


def plain(text: str) -> str:
    """With plain spaces."""
    return text.replace("\u00a0", " ")


def test_a_rule_is_told_with_how_often_it_fired_who_came_and_how_soon() -> None:
    """Times are medians; noise is what was over before anybody acted; symptoms of another incident do not count."""
    found = [incident(n, n * HOUR, minutes) for n, minutes in ((1, 2), (2, 4), (3, 60))]
    found.append(incident(4, 5 * HOUR, 30, ack=8))
    found.append(replace(incident(5, 6 * HOUR, 10, ack=20), reopened_at=WINDOW.start + 6 * HOUR + MINUTE))
    found.append(replace(incident(6, 7 * HOUR), suppressed_by=3))
    found.append(incident(7, -HOUR))
    (row,) = hygiene(found, WINDOW)
    assert (row.rule, row.fired, row.acknowledged, row.flapped, row.noise) == ("errors", 5, 2, 1, 0.6)
    assert (row.to_acknowledge, row.to_recover) == (14 * 60, 10 * 60)


def test_a_noisy_rule_is_given_a_limit_that_keeps_what_mattered() -> None:
    """Nine openings that nobody cared for, of which one went high: at that limit it would have fired once."""
    peaks = (0.06, 0.061, 0.063, 0.065, 0.07, 0.071, 0.072, 0.074, 0.12)
    found = [incident(n, n * HOUR, peak=peak) for n, peak in enumerate(peaks, 1)]
    better = proposal(hygiene(found, WINDOW), found, WINDOW, [RULE])
    assert better is not None
    assert (better.rule, better.limit, better.fired, better.left) == ("errors", 0.073, 9, 2)
    assert plain(better.words) == (
        "`errors` fired 9 times and nobody acted. At 7.3 % instead of 5.0 % it would have fired twice."
    )

    mattered = [*found, incident(10, 20 * HOUR, ack=3, peak=0.07)]
    assert proposal(hygiene(mattered, WINDOW), mattered, WINDOW, [RULE]) is None, "what was acted on must still open"
    high = [replace(one, peak=0.4) for one in found]
    assert proposal(hygiene(high, WINDOW), high, WINDOW, [RULE]) is None, "more than twice the limit is another rule"
    assert proposal(hygiene(found[:2], WINDOW), found[:2], WINDOW, [RULE]) is None, "two are no habit"
    assert proposal(hygiene(found, WINDOW), found, WINDOW, []) is None, "the rule is gone"


def test_a_lower_limit_is_proposed_for_what_must_not_fall() -> None:
    """The other way round for a rule with a limit below."""
    falling = Rule("errors", "Success", "operation", "success", below=0.9, unit="rate")
    found = [incident(n, n * HOUR, peak=peak) for n, peak in enumerate((0.89, 0.88, 0.87, 0.86, 0.7), 1)]
    better = proposal(hygiene(found, WINDOW), found, WINDOW, [falling])
    assert better is not None
    assert (better.limit, better.left) == (0.85, 1)
    assert falling.with_limit(better.limit).below == 0.85


def test_another_limit_moves_the_recovery_limit_along() -> None:
    """In the same proportion."""
    changed = RULE.with_limit(0.1)
    assert (changed.above, changed.recovery) == (0.1, 0.08)


def test_a_week_says_how_it_compares_with_the_one_before() -> None:
    """Calmer, rougher, or much the same; how many alerts a person was needed for."""
    now = [incident(n, n * HOUR, 30, ack=5 if n < 3 else None) for n in range(1, 5)]
    before = [incident(n, n * HOUR - 7 * DAY, 50) for n in range(11, 14)]
    calm = told(*now, *before)
    assert calm.title == "Week 10: 4 alerts, 2 needed a person"
    assert plain(calm.line) == "Calmer than the week before: 4 alerts after 3, 2 h broken after 2 h 30 min."
    assert plain(told(*now).line) == "Rougher than the week before, which had none: 2 h broken."
    assert plain(told(*now, since=WINDOW.start).line) == "2 h broken.", "the week before was not watched"
    assert told().title == "Week 10: no alerts, 251 k messages".replace(" k", "\u00a0k")
    assert told().line == "Nothing was broken, as in the week before."


def test_a_week_that_does_not_end_on_sunday_is_named_by_its_last_day() -> None:
    """Weeks have numbers from Monday to Sunday only."""
    tuesday = week("2026-03-10", BERLIN, told().overview, Told())
    assert tuesday.title.startswith("Week to 10 Mar: no alerts")


def test_rules_that_are_well_set_are_said_so() -> None:
    """Every opening acknowledged; and noisy ones without a better limit are named too."""
    well = told(*(incident(n, n * HOUR, 30, ack=5) for n in range(1, 5)))
    assert well.noise == ("`errors` is well set: always acknowledged.",)
    noisy = told(*(incident(n, n * HOUR, peak=0.9) for n in range(1, 5)))
    assert plain(noisy.noise[0]) == "`errors` fired 4 times and nobody acted."


def test_a_week_in_plain_words() -> None:
    """For places without embeds."""
    text = plain(digest_text(told(*(incident(n, n * HOUR, 30, ack=5) for n in range(1, 5)), rules=built_in())))
    assert text.splitlines()[:2] == [
        "Week 10: 4 alerts, 4 needed a person",
        "Rougher than the week before, which had none: 2 h broken.",
    ]
    assert "  errors: fired 4, acknowledged 4 after 5 min, over after 30 min, noise 0 %" in text
    assert "Against the week before:" in text
