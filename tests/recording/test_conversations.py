"""Conversations as scenes worked by hand, and the same whatever the moment of a restart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.interfaces import Batch
from monitoring.recording.agenda import Agenda
from monitoring.recording.conversation_runs import ConversationRuns
from monitoring.rollup import Rollup
from tests.recording.stage import CHANNEL, Stage, when
from tests.thorough import examples

QUARTER = 900


def figures(stage: Stage, at: float | None = None) -> tuple[int, float, float, int]:
    """Number, seconds, messages, and how many in which a user asked after a persona spoke."""
    found = [stage.total("conversation", what, at=at) for what in ("duration", "length", "follow_up")]
    assert len({rollup.count for rollup in found}) == 1, "each conversation is under every name"
    duration, length, follow_up = found
    return duration.count, duration.total / 1e6, length.total / 1e6, follow_up.successes


def test_a_user_and_a_persona_are_a_conversation() -> None:
    """From the first to the last message, filed under the first, and not before 15 minutes are over."""
    stage = Stage()
    stage.user(10, "hello")
    stage.persona(15, "hi there")
    stage.user(70, "how are you?")
    stage.settle(70 + QUARTER)
    assert figures(stage) == (0, 0, 0, 0)
    stage.settle(70 + QUARTER + 0.001)
    assert figures(stage, at=10) == (1, 60, 3, 1)
    assert figures(stage.settle()) == (1, 60, 3, 1)


@pytest.mark.parametrize(("gap", "expected"), [(QUARTER, (1, 915, 3, 0)), (QUARTER + 0.001, (1, 5, 2, 0))])
def test_gaps_are_at_most_fifteen_minutes(gap: float, expected: tuple[int, float, float, int]) -> None:
    """A message right at the limit still belongs to it; what comes later is alone."""
    stage = Stage()
    stage.user(0, "hello")
    stage.persona(5, "hi there")
    stage.persona(5 + gap, "still there")
    number, seconds, messages, asked = figures(stage.settle())
    assert (number, messages, asked) == (expected[0], expected[2], expected[3])
    assert seconds == pytest.approx(5 + gap if gap == QUARTER else 5)


def test_users_or_personas_alone_are_none() -> None:
    """People among themselves, and banter that nobody joins."""
    stage = Stage()
    stage.user(0, "hello")
    stage.user(5, "hi Ann", by="ben")
    stage.persona(2_000, "anybody?")
    stage.persona(2_030, "me", by="Max")
    assert figures(stage.settle()) == (0, 0, 0, 0)


def test_a_question_before_the_persona_speaks_is_no_follow_up() -> None:
    """Only one that comes after; and a persona's own question is none."""
    stage = Stage()
    stage.user(0, "who is there?")
    stage.persona(5, "it is me. And you?")
    stage.user(9, "ann")
    stage.user(12, "!ask why?")
    assert figures(stage.settle()) == (1, 12, 4, 0)


def test_failed_responses_and_empty_placeholders_are_no_messages() -> None:
    """They hold a conversation up, and do not prolong it."""
    stage = Stage()
    stage.user(0, "luna, hello")
    stage.persona(5, "hi there")
    stage.persona(60, "❌ **Error:** gone")
    stage.persona(80, "*typing...*", 7)
    assert figures(stage.settle()) == (1, 5, 2, 0)


def test_a_placeholder_counts_at_its_creation_once_it_is_filled() -> None:
    """Its text comes when the quarter hour after the last message is over: the run waits for it."""
    stage = Stage()
    stage.user(0, "luna, tell me a story")
    stage.persona(895, "*typing...*", 7, reference_id=1_001)
    stage.edit(899, 7, "Once upon a time")
    stage.edit(925, 7, "Once upon a time there was a")
    stage.edit(950, 7, "Once upon a time there was a goose.")
    stage.user(1_700, "more?")
    assert figures(stage) == (0, 0, 0, 0)
    assert figures(stage.settle(), at=0) == (1, 1_700, 3, 1)


def test_each_channel_has_its_own() -> None:
    """A user here and a persona there do not talk with each other."""
    stage = Stage()
    stage.user(0, "hello")
    stage.persona(5, "hi", channel_id=CHANNEL + 1)
    stage.user(9, "hello", channel_id=CHANNEL + 1)
    assert figures(stage.settle()) == (1, 4, 2, 0)


def test_those_going_on_are_known_by_guild() -> None:
    """From the first answer until the quarter hour is over."""
    stage = Stage()
    stage.user(0, "hello")
    stage.persona(5, "hi")
    runs = stage.conversations.runs
    assert (runs.open(when(10)), runs.open(when(10), 10), runs.open(when(10), 11)) == (1, 1, 0)
    stage.settle()
    assert runs.open(when(10)) == 0


@pytest.mark.parametrize("cut", range(0, 7_200, 450))
def test_a_conversation_of_hours_outlives_a_restart(cut: int) -> None:
    """A restart replays one hour of messages; what lies before is in the mark."""
    stage = Stage()
    for number, at in enumerate(range(0, 7_200, 400)):
        if at - 400 < cut <= at:
            stage.settle(cut - 0.001).restart(cut - 0.001)

        (stage.user if number % 2 == 0 else stage.persona)(at, "and then?", number + 1)

    assert figures(stage.settle(), at=0) == (1, 6_800, 18, 1)


@pytest.mark.parametrize("cut", [890, 896, 900, 902, 930, 955, 985, 1_200, 1_790, 1_800])
def test_a_conversation_that_waits_for_a_placeholder_outlives_a_restart(cut: int) -> None:
    """Before its text, in the middle of it, and after."""
    stage = Stage()
    story: list[tuple[float, Callable[[], object]]] = [
        (0, lambda: stage.user(0, "luna, tell me a story", 1)),
        (895, lambda: stage.persona(895, "*typing...*", 7, reference_id=1)),
        (899, lambda: stage.edit(899, 7, "Once upon a time")),
        (925, lambda: stage.edit(925, 7, "Once upon a time there was a")),
        (950, lambda: stage.edit(950, 7, "Once upon a time there was a goose.")),
    ]
    for at, happens in story:
        if at <= cut:
            happens()

    stage.settle(cut).restart(cut)
    for at, happens in story:
        if at > cut:
            happens()

    assert figures(stage.settle(), at=0) == (1, 895, 2, 0)


def test_what_a_mark_says_wrongly_is_left_out() -> None:
    """Whatever a document holds, the start goes on."""
    runs = ConversationRuns(Agenda())
    for strange in (None, 5, "x", [[]], [[1] * 8], [["a"] * 9], {"a": 1}, [None]):
        runs.recall(strange)

    assert runs.told(when(0)) == []


LATE = st.sampled_from([0, 30, 299, 300, 600, 899, 900, 901, 1_500])
TALK = st.lists(st.tuples(LATE, st.sampled_from(["ann", "ben", "Luna", "Max"]), st.booleans()), min_size=1, max_size=25)


@settings(deadline=None, max_examples=examples(120))
@given(TALK, st.data())
def test_f15_the_same_whatever_the_moment_of_a_restart(talk: list[tuple[int, str, bool]], data: st.DataObject) -> None:
    """Talks of many hours, with two restarts somewhere: each conversation once, as a plain recount says."""
    cuts = data.draw(st.sets(st.integers(1, len(talk)), max_size=2))
    rest = data.draw(st.sampled_from([0, 5, 200, 880]))
    stage, at, said = Stage(), 0.0, []
    for number, (gap, who, asks) in enumerate(talk, 1):
        at += gap
        speak = stage.user if who in ("ann", "ben") else stage.persona
        speak(at, "really?" if asks else "hm", number, by=who)
        said.append((at, who in ("Luna", "Max"), asks))
        if number in cuts:
            pause = min(rest, talk[number][0] if number < len(talk) else rest)
            stage.settle(at + pause).restart(at + pause)

    assert figures(stage.settle()) == recounted(said)


def recounted(said: list[tuple[float, bool, bool]]) -> tuple[int, float, float, int]:
    """The same from the list of what was said alone."""
    runs: list[list[tuple[float, bool, bool]]] = []
    for one in said:
        if not runs or one[0] - runs[-1][-1][0] > QUARTER:
            runs.append([])

        runs[-1].append(one)

    talks = [run for run in runs if len({persona for _, persona, _ in run}) == 2]
    first = [next(at for at, persona, _ in run if persona) for run in talks]
    asked = [
        any(asks and not persona and at > spoke for at, persona, asks in run)
        for run, spoke in zip(talks, first, strict=True)
    ]
    return len(talks), sum(run[-1][0] - run[0][0] for run in talks), sum(map(len, talks)), sum(asked)


@settings(deadline=None, max_examples=examples(80))
@given(st.permutations(range(8)), st.lists(st.integers(0, 1_800), min_size=8, max_size=8))
def test_the_order_in_which_messages_become_known_changes_nothing(order: list[int], times: list[int]) -> None:
    """A message that becomes known late may join two runs to one."""
    assert told(times, range(8)) == told(times, order)


def told(times: list[int], order: Any) -> dict[tuple[str, int, tuple[str, ...]], Rollup]:
    """What runs write of messages of these seconds, known in this order."""
    agenda, batch = Agenda(), Batch()
    runs = ConversationRuns(agenda)
    for number in order:
        runs.add(CHANNEL, 10, when(times[number]), persona=number % 2 == 0, question=number % 3 == 0)

    agenda.run(when(90_000), batch)
    return {
        (metric, minute, labels): rollup
        for (metric, minute), table in batch.deltas.items()
        for labels, rollup in table.items()
    }
