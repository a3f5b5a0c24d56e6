"""How each persona is doing: its page, and all of them side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitoring.analysis.figure import Bands, Figure, Gap
from monitoring.analysis.personas import Bond, PersonaPage, Personas, Traces, persona_page, personas
from monitoring.analysis.relationships import relationships
from monitoring.interfaces import People
from monitoring.model import DAY, HOUR
from monitoring.rollup import Labels, Rollup
from monitoring.window import Window
from tests.analysis.tables import BERLIN, at, empty, many, one, series, spent, times, window

START = at("2026-03-09 00:00")
ASKED = window("2026-03-09 00:00", "2026-03-13 00:00")
MIRA, REX, USER = ("persona", "Mira", "1", "9"), ("persona", "Rex", "1", "9"), ("user", "", "1", "9")
OPERATION = ("llm", "llm_inference", "m", "Mira", "1", "")
NOTHING = Traces(
    message=empty("message"),
    message_hours=empty("message"),
    message_before=empty("message"),
    response=empty("response"),
    response_before=empty("response"),
    addressed=empty("addressed"),
    addressed_before=empty("addressed"),
    banter=empty("banter"),
    sentiment=empty("sentiment"),
    satisfaction=empty("satisfaction"),
    detail=empty("detail"),
    topic=empty("topic"),
    operation=empty("operation"),
    people={},
    people_before={},
    first_at=START - 90 * DAY,
)
WROTE = replace(
    NOTHING,
    message=series(
        "message",
        START,
        DAY,
        {MIRA: many(10, total=1000), REX: many(30)},
        {},
        {MIRA: many(20, total=800), USER: many(99)},
        {REX: many(40)},
    ),
    message_before=one("message", {MIRA: many(20), REX: many(80)}),
)


def page(traces: Traces, asked: Window = ASKED) -> PersonaPage:
    """Mira's page."""
    return persona_page(asked, "Mira", traces, bands=Bands())


# --- how much


def test_share_and_length_are_of_persona_messages() -> None:
    """30 of 100 persona messages, 1,800 characters: 30 % and 60 a message; it was 20 %."""
    found = page(WROTE)

    assert found.messages == Figure(30.0, 20.0, 30)
    assert found.share == Figure(0.3, 0.2, 100)
    assert found.length == 60


def test_messages_per_day_count_from_the_first_record() -> None:
    """30 messages in four days; if recording began two days ago, in two, and there is nothing to compare with."""
    assert page(WROTE).per_day == Figure(7.5, 5.0, 30)
    assert page(replace(WROTE, first_at=START + 2 * DAY)).per_day == Figure(15.0, None, 30)
    assert page(replace(WROTE, first_at=START - DAY)).messages.before is None


def test_bars_are_dark_where_nothing_is_known() -> None:
    """A quiet day is zero, a day before the first record or in a gap is unknown."""
    assert [point.value for point in page(WROTE).days] == [10, 0, 20, 0]
    dark = replace(WROTE, gaps=(Gap(START + DAY, START + 2 * DAY), Gap(START + 3 * DAY, START + 4 * DAY)))

    assert [point.value for point in page(dark).days] == [10, None, 20, None]


def test_hours_are_means_of_the_days_of_the_zone() -> None:
    """Eight messages at 20:00 in Berlin on two days make four, although the clocks change between them."""
    asked = window("2026-03-28 00:00", "2026-03-30 00:00", BERLIN)
    evening = (at("2026-03-28 20:00", BERLIN), at("2026-03-29 20:00", BERLIN))
    tables: list[dict[Labels, Rollup]] = [
        {MIRA: many(4)} if start in evening else {} for start in range(asked.start, asked.end, HOUR)
    ]
    found = page(replace(NOTHING, message_hours=series("message", asked.start, HOUR, *tables)), asked).hours

    assert len(found) == 24
    assert found[20] == 4
    assert sum(found) == 4


def test_part_of_banter_and_unanswered_are_shares() -> None:
    """Six of 30 messages were banter; one of four messages to Mira found no answer, before it was one of two."""
    traces = replace(
        WROTE,
        banter=one("banter", {("Mira", "1"): many(6), ("Rex", "1"): many(50)}),
        addressed=one("addressed", {("Mira", "1"): many(4, failures=1), ("", "1"): many(9, failures=9)}),
        addressed_before=one("addressed", {("Mira", "1"): many(2, failures=1)}),
    )

    assert page(traces).banter_share == 0.2
    assert page(traces).unanswered == Figure(0.25, 0.5, 4)


def test_style_is_counted_a_message() -> None:
    """Nine of 30 messages ask; 60 emoji are two a message, 3 mentions a tenth."""
    traces = replace(
        WROTE,
        detail=one(
            "detail",
            {
                ("question", "Mira", "1"): many(9, total=9),
                ("emoji", "Mira", "1"): many(20, total=60),
                ("mention", "Mira", "1"): many(3, total=3),
                ("emoji", "", "1"): many(50, total=500),
            },
        ),
    )
    found = page(traces)

    assert (found.questions, found.emoji, found.mentions) == (0.3, 2.0, 0.1)


# --- people


def test_growth_compares_thirty_days_with_thirty() -> None:
    """53 users after 50 are 6 % more; without sixty days, or nobody before, there is no growth."""
    assert page(replace(WROTE, growth=(53, 50))).growth == pytest.approx(0.06)
    assert page(replace(WROTE, growth=None)).growth is None
    assert page(replace(WROTE, growth=(53, 0))).growth is None


def test_users_are_its_own() -> None:
    """Those of the persona, not of the bot."""
    traces = replace(
        WROTE,
        people={"": People(99, 50), "Mira": People(users=12, repeat=5)},
        people_before={"Mira": People(users=10)},
    )
    found = page(traces)

    assert (found.users, found.repeat) == (Figure(12.0, 10.0, 12), 5)


@pytest.mark.parametrize(("votes", "mean"), [((5.0, 5.0), None), ((5.0, 5.0, 2.0), 4.0), ((), None)])
def test_satisfaction_needs_three_votes(votes: tuple[float, ...], mean: float | None) -> None:
    """How many voted is told, what two of them felt is not."""
    found = page(replace(WROTE, satisfaction=one("satisfaction", {("Mira", "1", "reaction"): times(*votes)})))

    assert (found.satisfaction, found.votes) == (mean, len(votes))


def test_votes_taken_back_no_longer_count() -> None:
    """Three votes of which one was withdrawn are two: too few."""
    votes = times(5.0, 5.0, 2.0)
    votes.merge(Rollup(count=-1, total=-5_000_000))
    found = page(replace(WROTE, satisfaction=one("satisfaction", {("Mira", "1", "reaction"): votes})))

    assert (found.satisfaction, found.votes) == (None, 2)


def test_sentiment_is_the_mean_of_all_moods() -> None:
    """Two glad messages and one sad one; silence has no mood."""
    moods = {("Mira", "1", "positive"): many(2, total=1.2), ("Mira", "1", "negative"): many(1, total=-0.3)}

    assert page(replace(WROTE, sentiment=one("sentiment", moods))).sentiment == pytest.approx(0.3)
    assert page(WROTE).sentiment is None


# --- money


@pytest.mark.parametrize(
    ("rollup", "cost", "local"),
    [
        (spent(900, 100, cost=70), 70, False),
        (spent(900, 100), 0, True),
        (spent(900, 100, unpriced=1), None, False),
        (spent(900, 100, cost=70) + spent(0, 0, unpriced=1), 70, False),
        (Rollup(), 0, False),
    ],
)
def test_unknown_price_is_no_local_model(rollup: Rollup, cost: int | None, local: bool) -> None:
    """A local model costs 0; where no price is known the cost is unknown; who used no tokens used no local model."""
    found = page(replace(WROTE, operation=one("operation", {OPERATION: rollup})))

    assert (found.cost, found.local_only) == (cost, local)


def test_tokens_per_day_count_from_the_first_record() -> None:
    """A thousand tokens in the two days that were recorded."""
    traces = replace(WROTE, operation=one("operation", {OPERATION: spent(900, 100)}), first_at=START + 2 * DAY)

    assert (page(traces).tokens, page(traces).tokens_per_day) == (1000, 500)
    assert page(WROTE).tokens_per_day is None


# --- bonds and topics


def test_bonds_are_those_of_the_persona() -> None:
    """Whoever comes first in the pair; the closest first."""
    days = series(
        "interaction",
        START,
        DAY,
        {
            ("Ada", "Mira", "1"): many(5, total=-5),
            ("Mira", "Rex", "1"): many(5, total=5),
            ("Ada", "Rex", "1"): many(5, total=5),
        },
    )
    found = page(replace(WROTE, bonds=relationships(ASKED, days, slots={"Rex": 4}))).bonds

    assert [(bond.other, bond.slot) for bond in found] == [("Rex", 4), ("Ada", 0)]
    assert isinstance(found[0], Bond)
    assert found[0].affinity > 50 > found[1].affinity


def test_three_topics_are_its_own() -> None:
    """The most frequent words of this persona alone."""
    topic = one(
        "topic",
        {
            ("Mira", "1", "tea"): many(9),
            ("Mira", "1", "chess"): many(5),
            ("Mira", "1", "rain"): many(7),
            ("Mira", "1", "cats"): many(1),
            ("Rex", "1", "bones"): many(99),
        },
    )

    assert page(replace(WROTE, topic=topic)).topics == (("tea", 9), ("rain", 7), ("chess", 5))


def test_persona_that_did_nothing_has_an_empty_page() -> None:
    """Nothing is divided by nothing."""
    found = page(NOTHING)

    assert (found.messages.value, found.share.value, found.length, found.questions) == (0.0, None, None, None)
    assert (found.banter_share, found.response.n, found.votes, found.topics, found.bonds) == (None, 0, 0, (), ())


# --- side by side


def table(
    messages: dict[str, int], response: dict[str, Rollup] | None = None, votes: dict[str, Rollup] | None = None
) -> Personas:
    """All personas of one guild."""
    return personas(
        ASKED,
        one("message", {("persona", name, "1", "9"): many(n) for name, n in messages.items()}),
        one("response", {(name, "1", "inferred"): rollup for name, rollup in (response or {}).items()}),
        one("satisfaction", {(name, "1", "reaction"): rollup for name, rollup in (votes or {}).items()}),
        {"Mira": People(users=7)},
        slots={"Mira": 1},
    )


def test_most_messages_come_first() -> None:
    """Who only failed to answer is there too; equals go by name."""
    found = table({"Rex": 10, "Mira": 30, "Ada": 10}, {"Zed": times(failed=2)})

    assert [(row.name, row.messages, row.share) for row in found.rows] == [
        ("Mira", 30, 0.6),
        ("Ada", 10, 0.2),
        ("Rex", 10, 0.2),
        ("Zed", 0, 0.0),
    ]
    assert (found.rows[0].slot, found.rows[0].users) == (1, 7)
    assert found.most_engaged == "Mira"


def test_most_liked_needs_three_votes() -> None:
    """Two votes of five do not beat three of four."""
    found = table({"Mira": 1, "Rex": 1}, votes={"Mira": times(5, 5), "Rex": times(4, 4, 4)})

    assert found.most_liked == "Rex"
    assert [row.satisfaction for row in found.rows] == [None, 4.0]


def test_fastest_needs_twenty_answers() -> None:
    """Nineteen quick answers and a failure are nineteen answers."""
    found = table({}, {"Mira": times(*[1.0] * 19, failed=1), "Rex": times(*[2.0] * 20)})

    assert found.fastest == "Rex"


def test_nobody_is_popular_where_nobody_spoke() -> None:
    """Empty names, and no award for silence."""
    found = table({}, {"Mira": times(2.0)})

    assert (found.most_engaged, found.most_liked, found.fastest) == ("", "", "")
