"""What an answer to "why" is said to be: findings, what is shown of the parts, and advice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitoring.analysis.why import Cause, Contribution, Ranking, Why
from monitoring.analysis.why_findings import (
    advice,
    explains,
    leading,
    moved,
    named,
    part_text,
    rows,
    share_text,
    telling,
    verdict,
    waterfall,
)
from monitoring.window import Window

OVER = Window(60_000_000, 62_820_000)


def ranking(dimension: str, *changes: float, whole: float, sure: bool = True) -> Ranking:
    """Groups a, b, … that add so much each."""
    found = (
        Contribution(dimension, chr(97 + k), change, change / whole, significant=sure)
        for k, change in enumerate(changes)
    )
    return Ranking(dimension, tuple(found), whole - sum(changes))


def why(figure: str = "mean", now: float | None = 4.6, before: float | None = 1.4) -> Why:
    """The looks' story: waiting for the model."""
    change = (now or 0) - (before or 0)
    return Why(
        OVER,
        OVER.before,
        figure,
        now,
        before,
        580,
        610,
        True,
        (ranking("component", 2.9, 0.2, 0.1, whole=change), ranking("model", 2.4, 0.7, 0.1, whole=change)),
        (("llm_inference", 2.9), ("tts_generation", 0.2), ("context_building", 0.05), ("discord_send", 0.05), ("", 0)),
        Cause((("component", "llm_inference"), ("model", "llama3.1:8b")), "own", 2.9 / 3.2, 3.9, 1.0, 560),
    )


def said(words: str) -> str:
    """With plain spaces."""
    return words.replace("\u00a0", " ")


def same(name: str) -> str:
    """The name as it is."""
    return name


def test_a_finding_has_its_figure() -> None:
    """2.9 of the 3.2 s; nearly all is all."""
    whole = replace(why(), top=Cause((("service", "llm"),), "own", 1.08, 3.9, 1.0))

    assert said(explains(why(), same)) == "llama3.1:8b explains 2.9 of the 3.2 s"
    assert said(explains(whole, same)) == "llm explains all of the 3.2 s"
    assert verdict(why(), same) == "llama3.1:8b made it slow"
    assert verdict(whole, same) == "llm made it slow, nothing else"


@pytest.mark.parametrize(
    ("figure", "now", "before", "share", "words"),
    [
        ("mean", 0.9, 0.4, 0.6, "x explains 0.30 of the 0.5 s"),
        ("errors", 0.12, 0.02, 0.8, "x explains 8.0 of the 10.0 points"),
        ("tokens", 24_100_000, 9_800_000, 0.8, "x explains 11.4 of the 14.3 M"),
        ("tokens", 1_300_000, 200_000, 0.6, "x explains 660 k of the 1.1 M"),
        ("cost", 2_630_000, 310_000, 0.5, "x explains $1.16 of the $2.32"),
        ("messages", 1_000, 3_000, 0.75, "x explains 1,500 of the 2,000"),
    ],
)
def test_a_part_is_told_in_the_unit_of_the_whole(
    figure: str, now: float, before: float, share: float, words: str
) -> None:
    """By figure."""
    value = replace(why(figure, now, before), top=Cause((("persona", "x"),), "own", share, now, before))

    assert said(explains(value, same)).replace("0.3 of", "0.30 of") == words


def test_what_is_not_sure_is_as_usual_and_what_is_not_known_is_said() -> None:
    """Three different things."""
    assert explains(replace(why(), sure=False, top=None), same) == "Nothing changed beyond what is usual"
    assert explains(replace(why(), before=None), same) == "Too few answers to compare"
    assert explains(replace(why("cost"), before=None), same) == "No whole window before to compare with"
    assert explains(Why(OVER, OVER.before, "mean", None, None), same) == "Nothing to compare yet"


def test_without_a_cause_it_is_said_what_moved() -> None:
    """Worse, better, and more."""
    worse, better = replace(why(), top=None), replace(why(now=1.4, before=4.6), top=None)

    assert said(explains(worse, same)) == "Mean response rose from 1.4 s to 4.6 s, no single part explains it"
    assert said(explains(better, same)) == "Mean response fell from 4.6 s to 1.4 s"
    assert verdict(better, same) == "Faster than before"
    assert said(moved(why(now=4.6, before=4.61))) == "Mean response stayed at 4.6 s"


def test_a_waterfall_adds_up() -> None:
    """The three largest, the rest as one, whatever its sign."""
    value = replace(why(now=2.0, before=1.0), parts=(("a", 2.0), ("b", 0.1), ("c", 0.05), ("d", -1.15), ("", 0.0)))
    parts = waterfall(value)

    assert [name for name, _ in parts] == ["a", "b", "d", ""]
    assert sum(change for _, change in parts) == pytest.approx(1.0)
    assert parts[-1][1] == pytest.approx(0.05)


def test_rankings_of_one_group_say_nothing() -> None:
    """The two that explain most beside the waterfall's own are shown."""
    one, wide, narrow = (
        ranking("guild", 3.2, whole=3.2),
        ranking("persona", 1.3, 0.9, 0.5, 0.5, whole=3.2),
        ranking("model", 2.4, 0.8, whole=3.2),
    )
    value = replace(why(), rankings=(why().rankings[0], one, wide, narrow))

    assert [found.dimension for found in telling(value)] == ["model", "persona"]
    assert [(row.name, row.others) for row in rows(wide)] == [("a", 0), ("b", 0), ("", 2)]
    assert rows(wide)[-1].change == pytest.approx(1.0)
    assert [found.dimension for found in leading(value)] == ["component", "model", "persona"]


def test_services_and_components_are_told_once() -> None:
    """They hold the same operations: where the waterfall is by component, a ranking by service says nothing new."""
    value = replace(why(), rankings=(why().rankings[0], ranking("service", 2.8, 0.4, whole=3.2), why().rankings[1]))

    assert [found.dimension for found in telling(value)] == ["model"]
    assert [found.dimension for found in leading(value)] == ["component", "model"]


def test_shares_are_never_more_than_all_and_never_minus_nothing() -> None:
    """Parts can outweigh others that fell."""
    assert [said(share_text(one)) for one in (1.4, -0.001, -0.0, -0.3, None)] == ["100 %", "0 %", "0 %", "−30 %", "n/a"]


def test_guilds_are_called_by_their_names() -> None:
    """In rankings and in the cause; nothing else is renamed."""
    value = replace(
        why(),
        rankings=(ranking("guild", 3.0, 0.2, whole=3.2),),
        top=Cause((("persona", "a"), ("guild", "a")), "own", 0.9, 3.0, 1.0),
        parts=(("a", 3.0), ("", 0.2)),
    )
    shown = named(value, {"a": "Tavern"})

    assert [row.name for row in shown.rankings[0].rows] == ["Tavern", "b"]
    assert shown.top is not None
    assert shown.top.where == (("persona", "a"), ("guild", "Tavern"))
    assert shown.parts == (("Tavern", 3.0), ("", 0.2))


def test_what_rounds_to_nothing_has_no_sign() -> None:
    """0.00 s, not +0.00 s."""
    assert said(part_text("mean", 0.0004)) == "0.00 s"
    assert said(part_text("mean", -0.2)) == "−0.2 s"


def test_advice_fits_the_cause() -> None:
    """By component or kind of failure; none where it got better or nothing is known to help."""
    failing = replace(why("errors", 0.2, 0.01), top=Cause((("service", "llm"),), "own", 0.9, 0.2, 0.01, 9, "timeout"))
    by_model = replace(
        why(),
        rankings=(Ranking("component", (Contribution("component", "tts_generation", 2.0, 0.6),)),),
        top=Cause((("model", "xtts"),), "own", 0.9, 2.0, 1.0),
    )

    assert "model loaded on each GPU" in advice(why())
    assert "time limit" in advice(failing)
    assert advice(by_model).startswith("Speak shorter texts")
    assert advice(why(now=1.4, before=4.6)) == ""
    assert advice(replace(why(), top=None)) == ""
