"""Names of staff on what they did: 90 days, then it was somebody."""

from __future__ import annotations

from dataclasses import replace

from monitoring.alerting.documents import incident_document, incident_of
from monitoring.alerting.life import acknowledged, silenced, unsilenced
from monitoring.alerting.silences import Silence, silence_document, silence_of
from monitoring.incident import Incident, Stage
from monitoring.model import DAY, HOUR, Severity
from monitoring.monitor import Monitor
from monitoring.rows import Change
from monitoring.staff_names import KEPT, nameless
from tests.conftest import PatientClock

NOW = 1_767_873_600_000


def incident(number: int = 1) -> Incident:
    """One that olivia took and silenced, over after an hour."""
    made = Incident(number, "slow", "", Stage.OPEN, Severity.WARNING, NOW, opened_at=NOW)
    made = silenced(acknowledged(made, "olivia, of Rome", NOW), "olivia, of Rome", 600, NOW)
    made = unsilenced(made, "tomasz", NOW + HOUR)
    return replace(made, stage=Stage.RESOLVED, resolved_at=NOW + HOUR, muted_why="silenced by olivia, of Rome")


def test_an_incident_forgets_who_acknowledged_and_silenced_it() -> None:
    """In its fields, its course and the reason of its quiet; what happened when stays."""
    document = incident_document(incident())
    without = nameless(document, NOW + HOUR + 1)

    assert without is not None
    assert "olivia" not in str(without.body)
    assert "tomasz" not in str(without.body)
    after = incident_of(without)
    assert after.acknowledged_by == "somebody"
    assert [words for _, words in after.history] == [
        "acknowledged, somebody", "silenced for 10\xa0min, somebody", "silence ended, somebody"
    ]  # fmt: skip
    assert after.muted_why == "silenced by somebody"
    assert nameless(without, NOW + HOUR + 1) is None, "once is enough"


def test_what_is_not_over_or_not_old_keeps_its_names() -> None:
    """An open incident, one of yesterday, a silence without an end."""
    made = incident()
    assert nameless(incident_document(made), NOW + HOUR) is None
    assert nameless(incident_document(replace(made, stage=Stage.OPEN, resolved_at=None)), NOW + DAY * 400) is None
    assert nameless(silence_document(Silence("a", "olivia")), NOW + DAY * 400) is None


def test_a_silence_forgets_who_made_and_ended_it() -> None:
    """Long after its end."""
    without = nameless(silence_document(Silence("a", "olivia", end=NOW, ended_by="tomasz")), NOW + 1)

    assert without is not None
    assert (silence_of(without).by, silence_of(without).ended_by) == ("somebody", "somebody")


async def test_it_is_done_by_itself_after_ninety_days(monitor: Monitor, clock: PatientClock) -> None:
    """Incidents, silences and the audit, in the store of a running bot."""
    now = monitor.clock.now()
    over = replace(incident(), resolved_at=now)
    silence = Silence("a", "olivia", start=now - 1, end=now)
    await monitor.store.save([Change(incident_document(over)), Change(silence_document(silence))])
    await monitor.audit.note("setup", "olivia", "olivia chose a zone.")
    clock.ahead += KEPT / 1000 - 60
    await monitor.privacy.tend()
    assert (await monitor.audit.newest(1))[0].who == "olivia"

    clock.ahead += 120
    await monitor.privacy.tend()

    deed = (await monitor.audit.newest(1))[0]
    assert (deed.who, deed.text) == ("somebody", "somebody chose a zone.")
    for kind in ("incident", "silence"):
        (document,) = await monitor.store.load(kind)
        assert "olivia" not in str(document.body)
