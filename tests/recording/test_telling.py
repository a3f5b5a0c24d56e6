"""What a host tells of its personas: taken only if it can be, kept, and counted."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.interfaces import Batch
from monitoring.metrics import METRICS
from monitoring.model import MINUTE, TOLD, Told
from monitoring.recording.operation import Instruments
from monitoring.recording.persona_instruments import PersonaInstruments
from monitoring.recording.telling import QUALITIES, count, is_told

from .notebook import Notebook, Spiteful
from .standins import NOON, HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def tools(notebook, clock) -> Instruments:
    return Instruments(notebook, clock=clock)


@pytest.fixture
def luna(tools) -> PersonaInstruments:
    return tools.persona("Luna", guild_id=7)


def test_everything_of_a_persona_can_be_told(luna, notebook, clock):
    """Each call is one fact, of now, in the persona's guild."""
    luna.level(12)
    luna.xp(3_400)
    luna.milestone("first hundred answers")
    luna.trait("curious", 0.8)
    luna.relationship("Rex", affinity=72, stage="friends")
    luna.satisfaction(4.5)
    luna.quality(coherence=0.9, helpfulness=Decimal("0.5"))
    with luna.scenario("picnic"):
        clock.pass_by(90)

    told = [(one.what, one.other, one.name, one.value) for one in notebook.told]
    assert told == [
        ("level", "", "", 12),
        ("xp", "", "", 3_400),
        ("milestone", "", "first hundred answers", None),
        ("trait", "", "curious", 0.8),
        ("affinity", "Rex", "", 72),
        ("stage", "Rex", "friends", None),
        ("satisfaction", "", "", 4.5),
        ("quality", "", "coherence", 0.9),
        ("quality", "", "helpfulness", 0.5),
        ("scenario_started", "", "picnic", None),
        ("scenario_completed", "", "picnic", 90.0),
    ]
    assert all((one.persona, one.guild_id) == ("Luna", 7) for one in notebook.told)
    assert notebook.told[0].at == NOON
    assert notebook.refused == 0


def test_the_guild_comes_from_the_response_around(tools, notebook):
    """Where none was said."""
    with tools.response(persona="Luna", guild_id=9):
        tools.persona("Luna").satisfaction(5)
        tools.persona("Luna", guild_id=7).satisfaction(5)

    tools.persona("Luna").satisfaction(5)
    assert [one.guild_id for one in notebook.told] == [9, 7, 0]


def test_a_score_counts_for_the_model_too(tools, notebook):
    """The one that is said, else that of the operation around; with a name that cannot be, for the persona alone."""
    luna = tools.persona("Luna", guild_id=7)
    luna.satisfaction(5, model="gpt-4o")
    with tools.operation("llm", "llm_inference", model="qwen3:8b"):
        luna.satisfaction(4)
        luna.satisfaction(3, "gpt-4o")

    with tools.operation("llm", "llm_inference", model="x" * 150):
        luna.satisfaction(2)

    assert [(one.name, one.value) for one in notebook.told] == [("gpt-4o", 5), ("qwen3:8b", 4), ("gpt-4o", 3), ("", 2)]
    batch = Batch()
    for told in notebook.told:
        count(told, batch)

    (liking,) = [table for (metric, _), table in batch.deltas.items() if metric == "model_liking"]
    votes = {labels[0]: rollup.count for labels, rollup in liking.items()}
    assert votes == {"gpt-4o": 2, "qwen3:8b": 1}


async def test_a_scenario_is_abandoned_where_an_exception_leaves_it_or_it_is_given_up(luna, notebook, clock):
    """With its seconds; the exception passes unchanged."""
    error = ValueError("no")

    async def live() -> None:
        async with luna.scenario("picnic"):
            clock.pass_by(5)
            raise error

    with pytest.raises(ValueError, match="no") as caught:
        await live()

    with luna.scenario("dance") as scene:
        scene.abandon()

    with pytest.raises(asyncio.CancelledError), luna.scenario("chess"):
        raise asyncio.CancelledError

    assert caught.value is error
    ends = [(one.what, one.name, one.value) for one in notebook.told if one.what != "scenario_started"]
    assert ends == [
        ("scenario_abandoned", "picnic", 5.0),
        ("scenario_abandoned", "dance", 0.0),
        ("scenario_abandoned", "chess", 0.0),
    ]


def test_a_scenario_that_spans_messages_is_told_by_calls(luna, notebook):
    """With or without seconds."""
    luna.scenario_started("quest")
    luna.scenario_completed("quest", seconds=86_400)
    luna.scenario_abandoned("quest")
    assert [(one.what, one.value) for one in notebook.told] == [
        ("scenario_started", None),
        ("scenario_completed", 86_400),
        ("scenario_abandoned", None),
    ]


def test_f17_a_scenario_entered_or_left_twice_is_refused_and_counted(luna, notebook):
    """It is told once."""
    with luna.scenario("picnic") as scene, scene:
        pass

    scene.__exit__(None, None, None)
    assert [one.what for one in notebook.told] == ["scenario_started", "scenario_completed"]
    assert notebook.refused == 3


CYCLE: list[object] = []
CYCLE.append(CYCLE)
STRANGE = [
    float("nan"), float("inf"), -float("inf"), -1, -0.001, 10**400, 10**13, 1e300, Decimal("NaN"), Decimal("Infinity"),
    True, "5", b"5", 1j, CYCLE, {"a": CYCLE}, Spiteful(), object(), int,
]  # fmt: skip
WEIRD_NAMES = ["", "x" * 101, "a\x00b", "a\nb", "\ud800", None, 5, CYCLE, Spiteful(), b"x"]


@pytest.mark.parametrize("value", STRANGE, ids=lambda v: type(v).__name__)
def test_f17_numbers_that_cannot_be_are_refused_and_counted(luna, notebook, value):
    """NaN, infinite, negative, huge, cyclic, or raising when they are asked: nothing is raised, nothing recorded."""
    calls = [
        lambda: luna.level(value),
        lambda: luna.xp(value),
        lambda: luna.trait("curious", value),
        lambda: luna.relationship("Rex", affinity=value),
        lambda: luna.satisfaction(value),
        lambda: luna.quality(coherence=value),
        lambda: luna.scenario_completed("picnic", value),
    ]
    for call in calls:
        call()

    assert notebook.seen == []
    assert notebook.refused == len(calls)


@pytest.mark.parametrize("name", WEIRD_NAMES, ids=lambda v: type(v).__name__)
def test_f17_names_that_cannot_be_are_refused_and_counted(tools, luna, notebook, name):
    """Of the persona, the other one, a milestone, trait, stage or scenario."""
    tools.persona(name).level(3)
    luna.milestone(name)
    luna.trait(name, 0.5)
    luna.relationship(name, affinity=3)
    if name is not None:
        luna.relationship("Rex", stage=name)

    with luna.scenario(name):
        pass

    assert notebook.seen == []
    assert notebook.refused == (7 if name is not None else 6)


def test_f17_out_of_range_is_refused(luna, tools, notebook):
    """Each kind has its own range; nobody stands to himself; a guild is a Discord id."""
    luna.satisfaction(0.5)
    luna.satisfaction(5.1)
    luna.trait("curious", 1.01)
    luna.quality(relevance=2)
    luna.relationship("Rex", affinity=100.5)
    luna.relationship("Luna", affinity=50)
    luna.relationship("Rex")
    luna.scenario_completed("picnic", 40 * 86_400)
    tools.persona("Luna", guild_id=-1).level(1)
    tools.persona("Luna", guild_id="7").level(1)
    assert notebook.seen == []
    assert notebook.refused == 10


@given(
    st.builds(
        Told,
        what=st.sampled_from((*TOLD, "mood", "")) | st.none() | st.integers(),
        at=st.just(NOON),
        persona=st.text() | st.none(),
        other=st.text() | st.integers(),
        name=st.sampled_from(QUALITIES) | st.text() | st.none(),
        value=st.none() | st.floats() | st.integers() | st.text() | st.booleans(),
        guild_id=st.integers() | st.none() | st.floats(),
    )
)
def test_f17_whatever_is_told_is_refused_or_can_be_counted(told):
    """Nothing raises; what passes has a finite value in its range and adds up."""
    if not is_told(told):
        return

    batch = Batch()
    count(told, batch)
    assert batch.told == [told]
    assert len(batch.deltas) == 1 + (told.what == "satisfaction" and bool(told.name))
    for table in batch.deltas.values():
        ((labels, rollup),) = table.items()
        assert rollup.count == 1
        assert rollup.total == round((told.value or 0) * 1_000_000)
        assert all(type(label) is str for label in labels)


def test_what_is_told_is_counted_under_its_metric():
    """With the labels that the metric has, in their order, in the minute in which it was told."""
    expected = {
        "level": ("evolution", ("Luna", "level", "", "7")),
        "xp": ("evolution", ("Luna", "xp", "", "7")),
        "milestone": ("evolution", ("Luna", "milestone", "n", "7")),
        "trait": ("evolution", ("Luna", "trait", "n", "7")),
        "affinity": ("affinity", ("Luna", "Rex", "7")),
        "stage": ("evolution", ("Luna", "stage", "n", "7")),
        "scenario_started": ("scenario", ("n", "started", "7")),
        "scenario_completed": ("scenario", ("n", "completed", "7")),
        "scenario_abandoned": ("scenario", ("n", "abandoned", "7")),
        "satisfaction": ("satisfaction", ("Luna", "7", "reported")),
        "quality": ("quality", ("Luna", "7", "n")),
    }
    assert set(expected) == set(TOLD)
    for what, (metric, labels) in expected.items():
        batch = Batch()
        other = "Rex" if what in ("affinity", "stage") else ""
        count(Told(what, NOON, "Luna", other, "n" if "n" in labels else "", 1.0, 7), batch)
        assert list(batch.deltas) == [(metric, NOON - NOON % MINUTE)]
        assert list(batch.deltas[metric, NOON - NOON % MINUTE]) == [labels]
        assert len(METRICS[metric].labels) == len(labels)


def test_every_kind_has_a_rule():
    """So that none that a host can tell is refused for want of one."""
    shapes = [
        {"value": 1.0}, {"name": "n"}, {"name": "n", "value": 1.0}, {"name": "coherence", "value": 1.0},
        {"other": "Rex", "value": 1.0}, {"other": "Rex", "name": "n"},
    ]  # fmt: skip
    for what in TOLD:
        assert any(is_told(Told(what, NOON, "Luna", **shape)) for shape in shapes), what
