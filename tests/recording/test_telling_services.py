"""What a host tells of its services: kept, shown, and carried over a restart."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from monitoring.model import MINUTE, ServiceTold
from monitoring.recording.operation import Instruments
from monitoring.recording.recent import Recent
from monitoring.recording.service_facts import SERVICES, ServiceFacts
from monitoring.recording.telling import FACTS, is_service_told
from monitoring.rollup import Rollup

from .notebook import Notebook, Spiteful
from .standins import NOON, HandClock


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def tools(notebook) -> Instruments:
    return Instruments(notebook, clock=HandClock())


def test_facts_are_told_by_service_or_inside_an_operation(tools):
    """Words, numbers, truths and moments; what comes later takes the place of what was told before."""
    tools.facts("rag", documents=1234, dimension=768, embedding_model="nomic-embed-text", reranking=True)
    with tools.operation("rag", "query") as call:
        call.facts(documents=1_300, collections=4)

    tools.facts("tts", voice="af_bella", since=datetime(2026, 11, 21, 9, 5, tzinfo=UTC), price=Decimal("0.5"))
    assert tools.service_facts.of("rag") == (
        ("documents", "1,300"),
        ("dimension", "768"),
        ("embedding model", "nomic-embed-text"),
        ("reranking", "yes"),
        ("collections", "4"),
    )
    assert tools.service_facts.of("tts")[1:] == (("since", "2026-11-21 09:05 UTC"), ("price", "0.5"))
    assert tools.service_facts.of("llm") == ()


def test_none_takes_a_fact_back(tools):
    """And a service without any is not known any more."""
    tools.facts("rag", documents=3)
    tools.facts("rag", documents=None)
    assert tools.service_facts.of("rag") == ()
    assert tools.service_facts.services() == []


@pytest.mark.parametrize(
    "value",
    [[1], {"a": 1}, Spiteful(), object(), "x" * 101, "a\nb", 10**5000, float("nan"), Decimal("Infinity"), b"x"],
    ids=lambda value: type(value).__name__,
)
def test_f17_facts_that_cannot_be_are_refused_and_counted(tools, notebook, value):
    """Nothing of that call is taken, and nothing is raised."""
    tools.facts("rag", documents=3, strange=value)
    assert tools.service_facts.of("rag") == ()
    assert notebook.refused == 1


def test_f17_strange_services_are_refused(tools, notebook):
    """A name is a word."""
    for name in ("", None, 5, Spiteful(), "x" * 101):
        tools.facts(name, documents=3)

    assert tools.service_facts.services() == []
    assert notebook.refused == 5


def test_f3_facts_are_bounded(tools, notebook):
    """In number for each service, and in services."""
    tools.facts("rag", **{f"fact_{n}": n for n in range(FACTS)})
    tools.facts("rag", one_more=1)
    tools.facts("rag", fact_0=5)
    assert len(tools.service_facts.of("rag")) == FACTS
    assert tools.service_facts.of("rag")[0] == ("fact 0", "5")
    for number in range(SERVICES + 3):
        tools.facts(f"service {number}", n=1)

    assert len(tools.service_facts.services()) == SERVICES
    assert notebook.refused == 1 + 4


def test_f17_made_by_hand_they_are_looked_at_too():
    """As they may come from elsewhere than from the host's own process."""
    assert is_service_told(ServiceTold("rag", NOON, (("documents", "3"),)))
    for facts in ([("a", "b")], (("a",),), (("a", 3),), (("", "b"),), (("a", "b", "c"),), ("ab",), None):
        assert not is_service_told(ServiceTold("rag", NOON, facts))


def test_facts_are_there_again_after_a_restart():
    """What was told meanwhile is newer, and stays."""
    before, after = ServiceFacts(), ServiceFacts()
    before.take(ServiceTold("rag", NOON, (("documents", "3"), ("collections", "1"))))
    assert before.changed
    after.take(ServiceTold("rag", NOON, (("documents", "4"),)))
    after.recall(before.document(), NOON)
    after.recall({"rag": "nonsense", "": {}, "tts": {"voice": 5}}, NOON)
    assert after.of("rag") == (("documents", "4"), ("collections", "1"))
    assert after.services() == ["rag"]


def test_when_a_service_last_worked_follows_from_its_operations():
    """Queries, indexing and speech, to ten seconds; failures did not work; of other services nothing follows."""
    clock = HandClock()
    recent, facts = Recent(clock), ServiceFacts()

    def did(service: str, operation: str, minutes: int, *, failed: bool = False) -> None:
        labels = (service, operation, "", "", "7", "")
        rollup = Rollup()
        rollup.add(1.0, failed=failed)
        recent.add("operation", NOON - minutes * MINUTE, labels, rollup)

    facts.note_work(recent, NOON)
    assert not facts.changed
    did("rag", "query", 4)
    did("rag", "search", 2)
    did("rag", "reindex", 3)
    did("rag", "query", 1, failed=True)
    did("tts", "tts_generation", 1)
    did("llm", "llm_inference", 1)
    facts.note_work(recent, NOON)
    asked, indexed, spoken = (datetime.fromtimestamp(NOON / 1000 - 60 * n, UTC) for n in (2, 3, 1))
    assert facts.of("rag") == (
        ("last query", f"{asked:%Y-%m-%d %H:%M} UTC"),
        ("last indexed", f"{indexed:%Y-%m-%d %H:%M} UTC"),
    )
    assert facts.of("tts") == (("last generation", f"{spoken:%Y-%m-%d %H:%M} UTC"),)
    assert facts.of("llm") == ()
