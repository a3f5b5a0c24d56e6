"""What banter costs, out of raw operations and exchanges."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.analysis.banter_spend import LEAD, BanterSpend, banter_spend, stays
from monitoring.model import MINUTE, SECOND, OperationDone
from monitoring.operations import Operations, Stay
from monitoring.recording.columns import gather
from monitoring.rollup import Rollup
from monitoring.rows import ExchangeRow
from tests.analysis.tables import at, window

NOON = at("2026-03-10 12:00")
ASKED = window("2026-03-10 00:00", "2026-03-11 00:00")
TALK = ExchangeRow(1, 1, 7, NOON, NOON + MINUTE, 4, 4, "Mira", "Rex", ("Mira", "Rex"))
ALL = Rollup(count=100, prompt=9_000, completion=1_000, cost=400)


def said(when: int, persona: str = "Mira", channel: int = 7, **more: object) -> OperationDone:
    """An inference of 100 tokens that answers no user and costs 10 micro-dollars."""
    facts: dict[str, object] = {"prompt_tokens": 90, "completion_tokens": 10, "cost": 10, **more}
    return OperationDone("llm", "inference", when, 1.0, persona=persona, model="m", channel_id=channel, **facts)  # type: ignore[arg-type]  # as given


def columns(*done: OperationDone) -> Operations:
    """As they are stored."""
    found, refused = gather(done, ASKED.end)
    assert not refused
    return found


def spend(*done: OperationDone, talks: tuple[ExchangeRow, ...] = (TALK,), guild: str | None = None) -> BanterSpend:
    """Of the whole day."""
    return banter_spend(ASKED, talks, columns(*done), ALL, whole=True, guild=guild)


def test_operations_inside_an_exchange_are_added_up_and_shared() -> None:
    """Two of 100 tokens are 2 % of 10,000; 20 micro-dollars are 5 % of 400."""
    found = spend(said(NOON + SECOND), said(NOON + MINUTE, "Rex"))

    assert found == BanterSpend(ASKED, True, 1, 2, 200, 20, 0, 0.02, 0.05)


@pytest.mark.parametrize(
    ("done", "counts"),
    [
        (said(NOON - LEAD), True),
        (said(NOON - LEAD - 1), False),
        (said(NOON + MINUTE), True),
        (said(NOON + MINUTE + 1), False),
        (said(NOON, channel=8), False),
        (said(NOON, "Zed"), False),
        (said(NOON, ""), False),
        (said(NOON, message_id=5), False),
    ],
    ids=["lead", "too early", "end", "too late", "elsewhere", "somebody else", "nobody", "answers a user"],
)
def test_an_operation_belongs_by_channel_persona_and_time(done: OperationDone, counts: bool) -> None:
    """From a minute before the first message until the end, in the same channel, of a persona that spoke there."""
    assert spend(done).operations == counts


def test_what_lies_between_two_exchanges_counts_once() -> None:
    """It may lead to the next and still be inside the one before; who spoke only in the first belongs to the first."""
    after = replace(TALK, id=2, at=NOON + MINUTE + 30 * SECOND, until=NOON + 3 * MINUTE, personas=("Rex", "Zed"))
    talks = (TALK, after)

    assert spend(said(NOON + 50 * SECOND, "Rex"), talks=talks).operations == 1
    assert spend(said(NOON + 50 * SECOND, "Mira"), talks=talks).operations == 1
    assert spend(said(NOON + 50 * SECOND, "Zed"), talks=talks).operations == 1
    assert spend(said(NOON + 2 * MINUTE, "Mira"), talks=talks).operations == 0


def test_local_models_cost_nothing_and_unknown_prices_are_no_zero() -> None:
    """Local: 0. Unknown alone: n/a, counted. Both known and unknown: what is known, and how many are not."""
    local, unknown = said(NOON, local=True, cost=0), said(NOON, cost=None)

    assert (spend(local).cost, spend(local).unpriced) == (0, 0)
    assert (spend(unknown).cost, spend(unknown).unpriced) == (None, 1)
    assert (spend(unknown, said(NOON)).cost, spend(unknown, said(NOON)).unpriced) == (10, 1)


def test_sampled_operations_stand_for_several() -> None:
    """One of weight three is three operations of 100 tokens."""
    found = spend(said(NOON, weight=3))

    assert (found.operations, found.tokens, found.cost) == (3, 300, 30)


def test_a_guild_pays_for_its_own_exchanges() -> None:
    """Another guild's exchange is none of it."""
    there = replace(TALK, id=2, guild_id=2, channel_id=9)
    found = spend(said(NOON), said(NOON, channel=9), talks=(TALK, there), guild="2")

    assert (found.exchanges, found.operations) == (1, 1)


def test_without_exchanges_or_operations_nothing_was_used() -> None:
    """And where nothing at all was used, no share is known."""
    assert spend(said(NOON), talks=()).tokens == 0
    nothing = banter_spend(ASKED, (TALK,), columns(said(NOON)).take(slice(0, 0)), Rollup(), whole=False)

    assert (nothing.tokens, nothing.cost, nothing.token_share, nothing.cost_share) == (0, 0, None, None)


talks = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 600), st.integers(0, 90), st.sampled_from(["MR", "RZ", "MZ"])),
    max_size=8,
)
operations = st.lists(
    st.tuples(st.integers(0, 3), st.integers(-90, 700), st.sampled_from("MRZ"), st.booleans()), min_size=1, max_size=25
)


@given(talks, operations)
def test_it_is_the_same_as_asking_each_operation(
    some: list[tuple[int, int, int, str]], done: list[tuple[int, int, str, bool]]
) -> None:
    """Against the definition, one by one; exchanges of a channel follow each other, as recorded."""
    rows: list[ExchangeRow] = []
    free: dict[int, int] = {}
    for number, (channel, start, length, who) in enumerate(sorted(some, key=lambda one: one[1])):
        if start > free.get(channel, -1):
            begin = NOON + start * SECOND
            rows.append(
                ExchangeRow(number, 1, channel, begin, begin + length * SECOND, 2, 2, who[0], who[1], tuple(who))
            )
            free[channel] = start + length

    ran = [
        said(NOON + second * SECOND, who, channel, message_id=9 if answers else None)
        for channel, second, who, answers in done
    ]
    expected = sum(
        any(
            row.channel_id == one.channel_id and row.at - LEAD <= one.at <= row.until and one.persona in row.personas
            for row in rows[:]
        )
        for one in ran
        if one.message_id is None
    )

    assert spend(*ran, talks=tuple(rows)).operations == expected
    near = [one for one in ran if any(_within(stay, one) for stay in stays(rows))]
    assert spend(*near, talks=tuple(rows)).operations == expected if near else expected == 0


def _within(stay: Stay, one: OperationDone) -> bool:
    return stay.channel_id == one.channel_id and stay.start <= one.at <= stay.end


def test_a_guild_looks_only_where_its_personas_were() -> None:
    """From a minute before an exchange until its end, in its channel; another guild's is left out."""
    there = replace(TALK, id=2, guild_id=2, channel_id=9)

    assert stays((TALK, there)) == [Stay(7, NOON - LEAD, NOON + MINUTE), Stay(9, NOON - LEAD, NOON + MINUTE)]
    assert stays((TALK, there), "2") == [Stay(9, NOON - LEAD, NOON + MINUTE)]
