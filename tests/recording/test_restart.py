"""What holds for every conversation: decided once, counted as the rows say, and the same with a restart inside."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.rollup import Rollup
from tests.recording.stage import USERS, Stage, when
from tests.thorough import examples

SPEAKERS = ("ann", "ben", "Luna", "Max", "Luna", "Max")
TEXTS = (
    "hm",
    "ok then?",
    "luna, listen",
    "Max and Luna!",
    "I love it",
    "*typing...*",
    "❌ **Error:** gone",
    "!play jazz",
)
GAPS = (0, 0.5, 3, 9.5, 10, 11, 31, 59, 60, 60.5, 119, 130, 620, 899, 901)


@dataclass(frozen=True)
class Line:
    """One line of a script: who says what, how long after the line before, and to which line it replies."""

    gap: float
    speaker: str
    text: str
    reply: int | None
    mention: str | None


def lines() -> st.SearchStrategy[list[Line]]:
    """Scripts of up to 14 lines."""
    return st.lists(
        st.builds(
            Line,
            st.sampled_from(GAPS),
            st.sampled_from(SPEAKERS),
            st.sampled_from(TEXTS),
            st.none() | st.integers(1, 4),
            st.none() | st.none() | st.sampled_from(["ann", "ben"]),
        ),
        min_size=1,
        max_size=14,
    )


def play(stage: Stage, script: list[Line], restart_after: int | None = None, rest: float = 0) -> Stage:
    """Play a script to its end and let a day pass, with a restart some seconds after one of the lines if wanted."""
    at = 0.0
    for number, line in enumerate(script, 1):
        at += line.gap
        more: dict[str, Any] = {}
        names_persona = "luna" in line.text.lower()
        if line.reply is not None and number > line.reply and not names_persona:
            # Rows do not tell a reply that names the persona too from one that only replies.
            more["reference_id"] = number - line.reply

        if line.mention and line.speaker not in USERS:
            more["mention_ids"] = (USERS[line.mention],)

        speak = stage.user if line.speaker in USERS else stage.persona
        speak(at, line.text, number, by=line.speaker, **more)
        if number == restart_after:
            following = script[number].gap if number < len(script) else rest
            stage.settle(at + min(rest, following)).restart(at + min(rest, following))

    return stage.settle()


def written(stage: Stage) -> dict[str, Any]:
    """Everything that was decided, in a form that does not depend on the order of writing."""
    tables = {
        (metric, minute, labels): rollup
        for (metric, minute), table in stage.batch.deltas.items()
        for labels, rollup in table.items()
        if metric not in ("topic", "banter_topic")
    }
    changes = Counter(stage.batch.changes)
    exchanges = {row.id: row for row in stage.batch.exchanges}
    return {"tables": tables, "changes": changes, "exchanges": exchanges, "people": stage.batch.presences}


@settings(deadline=None, max_examples=examples(150))
@given(lines(), st.data())
def test_a_restart_changes_nothing(script: list[Line], data: st.DataObject) -> None:
    """Whatever the moment of the restart: the same rows, decisions and figures, none twice and none lost."""
    cut = data.draw(st.integers(1, len(script)))
    rest = data.draw(st.sampled_from([0, 7, 45, 61, 200, 650, 901]))
    whole, broken = play(Stage(), script), play(Stage(), script, cut, rest)
    assert broken.rows == whole.rows
    for what, expected in written(whole).items():
        assert written(broken)[what] == expected, what


def said(*lines: tuple[float, str, str]) -> list[Line]:
    """A script without replies."""
    return [Line(gap, speaker, text, None, None) for gap, speaker, text in lines]


SCRIPTS = {
    "unanswered": said((0, "ann", "luna, listen"), (901, "Luna", "hm")),
    "oldest named first": said((0, "ann", "luna, listen"), (3, "ben", "hm"), (20, "Luna", "ok"), (20, "Max", "ok")),
    "chunks": said((0, "ann", "hm"), (3, "Luna", "hm"), (9, "Luna", "hm"), (9.5, "Luna", "hm")),
    "exchange": said((0, "Luna", "hm"), (31, "Max", "I love it"), (59, "Luna", "ok"), (61, "Max", "hm")),
    "outcome": said((0, "Luna", "hm"), (3, "Max", "hm"), (500, "ann", "hm")),
    "ignored": said((0, "Max", "luna, listen"), (3, "Max", "hm"), (50, "Luna", "ok"), (70, "Max", "luna, listen")),
    "failed": said((0, "ann", "luna, listen"), (9, "Luna", "❌ **Error:** gone"), (20, "Luna", "hm")),
    "unfilled": said((0, "ann", "hm"), (3, "Luna", "*typing...*"), (9, "Max", "hm"), (31, "Luna", "hm")),
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_a_restart_at_any_moment_changes_nothing(script: list[Line]) -> None:
    """Each kind of decision, with the restart after each line and some time after."""
    expected = written(play(Stage(), script))
    for cut in range(1, len(script) + 1):
        for rest in (0, 5, 40, 200, 950):
            assert written(play(Stage(), script, cut, rest)) == expected, (cut, rest)


@settings(deadline=None, max_examples=examples(60))
@given(lines())
def test_each_addressed_message_is_decided_exactly_once(script: list[Line]) -> None:
    """Answered or unanswered; in the total once, for each persona addressed once."""
    stage = play(Stage(), script)
    addressed = {row.id: row for row in stage.rows.values() if row.user and row.addressed}
    decided = stage.decided
    assert set(addressed) <= set(decided)
    assert len(stage.batch.changes) == len({(change.id, change.answered) for change in stage.batch.changes})
    expected = Counter(persona for row in addressed.values() for persona in ("", *row.addressed))
    assert {labels[0]: count for labels, (count, _) in stage.counts("addressed").items()} == expected
    unanswered = sum(not decided[id] for id in addressed)
    assert stage.total("addressed", "").failures == unanswered


@settings(deadline=None, max_examples=examples(60))
@given(lines())
def test_one_message_has_one_answer(script: list[Line]) -> None:
    """No user's message is answered twice, by itself or by the figures."""
    stage = play(Stage(), script)
    assert len(set(stage.answers.values())) == len(stage.answers)
    assert stage.total("answered").count == len(stage.answers)
    assert stage.total("response").successes == len(stage.answers)
    assert stage.total("response").failures == sum(row.failed for row in stage.rows.values())


@settings(deadline=None, max_examples=examples(60))
@given(lines())
def test_figures_equal_a_recount_of_the_rows(script: list[Line]) -> None:
    """Messages, what they bear, and moods, under the minutes of their rows (F15)."""
    stage = play(Stage(), script)
    recount: dict[tuple[str, int, tuple[str, ...]], Rollup] = {}

    def count(metric: str, at: int, labels: tuple[str, ...], value: float) -> None:
        recount.setdefault((metric, at - at % 60_000, labels), Rollup()).add(value)

    for row in stage.rows.values():
        if row.placeholder or row.failed:
            continue

        count("message", row.at, ("persona" if row.persona else "user", row.persona, "10", "20"), row.length)
        bears = {"question": row.question, "emoji": row.emoji, "mention": row.mentions, "word": row.words}
        for what, number in bears.items():
            if number:
                count("detail", row.at, (what, row.persona, "10"), number)

    tables = written(stage)["tables"]
    assert {key: one for key, one in tables.items() if key[0] in ("message", "detail")} == recount


@settings(deadline=None, max_examples=examples(60))
@given(lines())
def test_exchanges_add_up(script: list[Line]) -> None:
    """Each exchange is counted once, has an outcome in the end, and its messages are the banter."""
    stage = play(Stage(), script)
    rows = {row.id: row for row in stage.batch.exchanges}
    assert all(row.success is not None and len(row.personas) > 1 for row in rows.values())
    assert stage.total("exchange").count == stage.total("exchange_outcome").count == len(rows)
    assert stage.total("exchange").total == sum(row.turns for row in rows.values()) * 1_000_000
    assert stage.total("banter").count == sum(row.messages for row in rows.values())


@settings(deadline=None, max_examples=examples(60))
@given(lines(), st.integers(1, 60))
def test_settling_more_often_changes_nothing(script: list[Line], every: int) -> None:
    """Figures do not depend on when the flush looks: only on the times of the events."""
    often = Stage()
    take = often.take

    def settled_take(seen: Any) -> None:
        for before in range(int(every), 0, -7):
            often.conversations.settle(seen.at - before * 1000, often.batch)

        take(seen)

    often.take = settled_take  # type: ignore[method-assign]
    assert written(play(often, script))["tables"] == written(play(Stage(), script))["tables"]


def test_text_that_was_coming_in_counts_after_a_restart() -> None:
    """A placeholder with its first text when the process ended: message and answer count, the time is not known."""
    stage = Stage()
    stage.user(0, "luna?", 1)
    stage.persona(2, "*typing...*", 2)
    stage.edit(5, 2, "I thi")
    stage.restart(6)
    stage.edit(8, 2, "I think so")
    stage.settle()
    assert stage.decided == {1: True}
    assert stage.total("response").count == 0
    assert stage.total("message", "persona", at=0).total == 10_000_000
    assert stage.rows[2].length == 10
    assert stage.batch.messages[0].at == when(0)
