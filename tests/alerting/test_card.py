"""What people are told about an incident reads well."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitoring.alerting import cause
from monitoring.alerting.card import card, details, rule_words, usual_range
from monitoring.alerting.documents import incident_document, incident_of
from monitoring.alerting.rules import built_in
from monitoring.incident import Incident, Stage
from monitoring.model import Health, Service, Severity
from monitoring.rollup import Rollup

from .scene import NOON, SLOW

OPEN = Incident(
    4127,
    "slow",
    "",
    Stage.OPEN,
    Severity.WARNING,
    since=NOON,
    title="Mean response",
    unit="s",
    opened_at=NOON + 60_000,
    value=4.2,
    peak=8.6,
    peak_at=NOON + 90_000,
    count=61,
    history=((NOON + 60_000, "opened, 3.9 s"),),
    told=(("discord", 0.4), ("mail", 12.0)),
)


def rollup(value: float, n: int, *, failures: int = 0) -> Rollup:
    """So many successes of one value, and failures."""
    found = Rollup()
    for _ in range(n):
        found.add(value, sketch=True)

    for _ in range(failures):
        found.add(failed=True)

    return found


FACES = [
    (OPEN, "open"),
    (replace(OPEN, severity=Severity.CRITICAL, value=8.3), "critical"),
    (replace(OPEN, acknowledged_by="olivia"), "acknowledged"),
    (
        replace(OPEN, acknowledged_by="olivia", silenced_until=NOON + 10**6),
        "silenced",
    ),
    (
        replace(OPEN, stage=Stage.RECOVERING, clear_since=NOON, silenced_until=NOON + 10**6),
        "recovering",
    ),
    (
        replace(OPEN, stage=Stage.RESOLVED, resolved_at=NOON, value=2.2),
        "resolved",
    ),
    (
        replace(OPEN, stage=Stage.RESOLVED, resolved_at=NOON, reason="the rule was removed"),
        "resolved",
    ),
]


@pytest.mark.parametrize(("incident", "face"), FACES)
def test_each_stage_has_its_face(incident: Incident, face: str) -> None:
    """The newest thing that somebody should know first."""
    shown = card(incident, SLOW, NOON + 120_000, "Europe/Berlin")
    assert shown.face == face


def test_a_recovering_card_says_when_it_resolves() -> None:
    """If it stays so, after the rule's recovery time."""
    shown = card(replace(OPEN, stage=Stage.RECOVERING, clear_since=NOON), SLOW, NOON + 30_000, "UTC")
    assert shown.resolves_at == NOON + 60_000


def test_details_tell_the_course_and_who_was_told() -> None:
    """In order of time, with the limit and the peak in it."""
    found = details(card(OPEN, SLOW, NOON + 120_000, "UTC"), failures=[("timeout", 3)])
    assert [words.replace("\u00a0", " ") for _, words in found.course] == [
        "above 3.0 s",
        "opened, 3.9 s",
        "highest, 8.6 s",
    ]
    assert [words.replace("\u00a0", " ") for words in found.told] == ["discord at once", "mail after 12 s"]


def test_the_cause_names_what_explains_most_of_the_change() -> None:
    """The part that takes longer, what it usually takes, and its share of the change."""
    now = {"llm_inference": rollup(3.1, 10), "tts_generation": rollup(0.7, 10)}
    before = {"llm_inference": rollup(0.4, 50), "tts_generation": rollup(0.5, 50)}
    found = cause.contributions(now, before, rollup(4.2, 10), rollup(1.2, 50))
    assert [(c.name, round(c.change, 3), round(c.part, 3)) for c in found] == [
        ("llm_inference", 2.7, 0.9),
        ("tts_generation", 0.2, 0.067),
    ]
    assert cause.why_slower(found).replace("\u00a0", " ") == (
        "`llm_inference` takes **3.1 s**, usually 0.40 s. That is 90 % of the change."
    )


def test_no_cause_is_named_where_none_stands_out() -> None:
    """Nothing rose, or nothing explains enough: better silent than wrong."""
    steady = {"llm_inference": rollup(1.0, 10)}
    assert cause.contributions(steady, steady, rollup(1.2, 10), rollup(1.2, 10)) == ()
    assert cause.why_slower(cause.contributions(steady, steady, rollup(4.0, 10), rollup(1.2, 10))) == ""
    assert cause.contributions(steady, steady, rollup(4.0, 10), Rollup()) == ()


def test_what_fell_back_is_why_it_is_better() -> None:
    """The broken time against the time after it; what is gone altogether is said."""
    broken, after = {"llm": rollup(3.1, 10), "tts": rollup(0.3, 10)}, {"llm": rollup(0.4, 5), "tts": rollup(0.3, 5)}
    found = cause.contributions(broken, after, rollup(4.2, 10), rollup(1.2, 5))
    assert cause.why_better(found).replace("\u00a0", " ") == (
        "`llm` takes **0.40 s** again, after 3.1 s. That is 90 % of the way back."
    )
    gone = cause.contributions(broken, {"tts": rollup(0.3, 5)}, rollup(4.2, 10), rollup(1.2, 5))
    assert cause.why_better(gone).startswith("`llm` is not used any more, after 3.1")
    assert cause.why_better(cause.contributions(after, broken, rollup(1.2, 5), rollup(4.2, 10))) == ""


def test_a_kind_of_failure_is_named_if_it_is_most_of_them() -> None:
    """By kind and service, with its share; ties and small shares stay unnamed."""
    words = cause.why_failing({("timeout", "llm"): 14, ("network", "tts"): 2}).replace("\u00a0", " ")
    assert words == "`timeout` in `llm`: **14** of 16 failures, 88 %."
    assert cause.why_failing({("timeout", "llm"): 3, ("network", "tts"): 3, ("memory", "llm"): 3}) == ""
    assert cause.why_failing({}) == ""


def test_strange_names_stay_names() -> None:
    """Nothing that strangers chose becomes markup."""
    hit = cause.hit_most({"**x**": rollup(9.0, 5), "fast": rollup(1.0, 5), "few": rollup(9.0, 1)}, 3.0)
    assert hit.replace("\u00a0", " ") == "Slowest: **\\*\\*x\\*\\*** 9.0 s."
    sick = Service("llm", Health.UNHEALTHY, detail="refused `now` @everyone", failures=4)
    words = cause.why_unhealthy(sick).replace("\u00a0", " ")
    assert words.endswith("4 failures in a row.")
    assert "@everyone" not in words


def test_every_rule_reads_as_a_sentence() -> None:
    """Limits, patience and samples in words; no rule is without a title and advice."""
    for rule in built_in():
        assert rule.title
        assert rule.advice.endswith((".", "it."))
        words = rule_words(rule)
        assert "None" not in words
        assert "cooldown 5" in words

    slow = rule_words(SLOW).replace("\u00a0", " ")
    assert slow == (
        "Mean response above 3.0 s for 1 min, over below 2.5 s for 1 min, at least 5 samples, cooldown 5 min"
    )


def test_usual_is_what_lies_between_the_tenths() -> None:
    """Tenth to ninetieth percentile; too few values are none."""
    assert usual_range([float(n) for n in range(1, 11)]) == (1.0, 10.0)
    assert usual_range([float(n) for n in range(1, 101)]) == (10.0, 91.0)
    assert usual_range([1.0] * 9) is None


def test_an_incident_comes_back_from_its_document_as_it_was() -> None:
    """Everything is kept; what a newer version of this program added is left out."""
    full = replace(OPEN, targets=("discord",), silenced_until=NOON, version=3)
    document = incident_document(full)
    assert incident_of(document) == full
    assert incident_of(replace(document, body=document.body | {"mood": "new"})) == full
