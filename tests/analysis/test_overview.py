"""How the whole bot is doing: amounts, shares, strips, money."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitoring.analysis.figure import Bands, Figure, Gap, Named, Spell
from monitoring.analysis.overview import Facts, overview, shares, strips
from monitoring.interfaces import People
from monitoring.model import HOUR, MINUTE, Band, Health
from monitoring.rollup import Rollup
from monitoring.window import Window
from tests.analysis.tables import at, empty, many, one, series, spent, times

NOON = at("2026-03-11 12:00")
ASKED = Window(NOON, NOON + 3 * HOUR)
LONG_AGO = NOON - 100 * HOUR
NOTHING = Facts(
    message=empty("message"),
    message_before=empty("message"),
    response=empty("response"),
    response_before=empty("response"),
    operation=empty("operation"),
    operation_before=empty("operation"),
    exchange=empty("exchange"),
    exchange_before=empty("exchange"),
    outcome=empty("exchange_outcome"),
    addressed=empty("addressed"),
    addressed_before=empty("addressed"),
    probe=empty("probe"),
    people={},
    people_before={},
    first_at=LONG_AGO,
)


def test_users_and_personas_are_counted_together_and_apart() -> None:
    """Ten messages of users and thirty of personas are forty; shares are of the thirty."""
    facts = replace(
        NOTHING,
        message=one(
            "message",
            {
                ("user", "", "1", "9"): many(10),
                ("persona", "Mira", "1", "9"): many(21),
                ("persona", "Rex", "1", "9"): many(6),
                ("persona", "Rex", "2", "8"): many(3),
            },
            NOON,
        ),
        message_before=one("message", {("persona", "Mira", "1", "9"): many(20)}),
        slots={"Mira": 1},
    )
    found = overview(ASKED, facts, bands=Bands())

    assert found.messages == Figure(40.0, 20.0, 40)
    assert found.persona_messages == Figure(30.0, 20.0, 30)
    assert found.personas == (Named("Mira", 21, 0.7, 1), Named("Rex", 9, 0.3, 0))
    assert overview(ASKED, facts, guild="2", bands=Bands()).messages.value == 3


def test_amounts_are_not_compared_with_a_window_that_recording_began_in() -> None:
    """Otherwise the first days after installation would look like a boom; times and rates compare all the same."""
    facts = replace(
        NOTHING,
        message=one("message", {("user", "", "1", "9"): many(30)}, NOON),
        message_before=one("message", {("user", "", "1", "9"): many(5)}),
        response=one("response", {("Mira", "1", "inferred"): times(2.0)}, NOON),
        response_before=one("response", {("Mira", "1", "inferred"): times(4.0)}),
        operation=one("operation", {("llm", "llm_inference", "m", "Mira", "1", ""): spent(9, 1, cost=50)}),
        operation_before=one("operation", {("llm", "llm_inference", "m", "Mira", "1", ""): spent(4, 1, cost=20)}),
        people={"": People(users=6, new=4)},
        people_before={"": People(users=2)},
        first_at=NOON - HOUR,
    )
    found = overview(ASKED, facts, bands=Bands())
    later = overview(ASKED, replace(facts, first_at=LONG_AGO), bands=Bands())

    assert [f.before for f in (found.messages, found.users, found.tokens, found.cost)] == [None] * 4
    assert [f.before for f in (later.messages, later.users, later.tokens, later.cost)] == [5, 2, 5, 20]
    assert (found.mean.value, found.mean.before) == (2.0, 4.0)
    assert (found.users.value, found.new_users) == (6, 4)


def test_response_figures_bear_their_band() -> None:
    """A mean of 4 s is a warning, a P95 of 9 s critical, one failure in twenty-six a warning."""
    facts = replace(
        NOTHING, response=one("response", {("Mira", "1", "inferred"): times(*[3.0] * 21, *[9.0] * 4, failed=1)})
    )
    found = overview(ASKED, facts, bands=Bands())

    assert (found.mean.value, found.mean.band, found.mean.n) == (3.96, Band.WARNING, 25)
    assert found.p95.value == pytest.approx(9.0, rel=0.01)
    assert found.p95.band is Band.CRITICAL
    assert (found.errors.value, found.errors.band, found.errors.n) == (1 / 26, Band.WARNING, 26)


def test_figures_of_nothing_are_unknown() -> None:
    """Without an answer there is no speed, no error rate and no band; nothing was spent."""
    found = overview(ASKED, NOTHING, bands=Bands())

    assert (found.p95, found.errors) == (Figure(None), Figure(None))
    assert (found.joined, found.unanswered.value) == (None, None)
    assert (found.cost.value, found.tokens.value) == (0.0, 0.0)


def test_joined_is_the_share_of_decided_exchanges() -> None:
    """Of eight decided exchanges users joined six; two more are undecided and left out."""
    facts = replace(
        NOTHING,
        exchange=one("exchange", {("Mira", "Rex", "1"): many(10, total=40)}),
        outcome=one("exchange_outcome", {("1",): many(8, failures=2)}),
    )
    found = overview(ASKED, facts, bands=Bands())

    assert (found.exchanges.value, found.joined) == (10.0, 0.75)


def test_message_to_two_personas_is_unanswered_once() -> None:
    """The total counts each message once, whoever it addressed."""
    facts = replace(
        NOTHING,
        addressed=one(
            "addressed", {("", "1"): many(4, failures=1), ("Mira", "1"): many(4, failures=1), ("Rex", "1"): many(3)}
        ),
    )

    assert overview(ASKED, facts, bands=Bands()).unanswered == Figure(0.25, None, 4)


@pytest.mark.parametrize(
    ("rollup", "cost", "unpriced"),
    [
        (spent(100, 10, cost=7), 7.0, 0),
        (spent(100, 10), 0.0, 0),
        (spent(100, 10, unpriced=1), None, 1),
        (spent(100, 10, cost=7) + spent(100, 10, unpriced=1), 7.0, 1),
    ],
)
def test_unknown_price_is_not_zero(rollup: Rollup, cost: float | None, unpriced: int) -> None:
    """A local model costs 0; of unknown prices alone the cost is unknown, and how many there are is told."""
    facts = replace(NOTHING, operation=one("operation", {("llm", "llm_inference", "m", "Mira", "1", ""): rollup}))
    found = overview(ASKED, facts, bands=Bands())

    assert (found.cost.value, found.unpriced) == (cost, unpriced)


def test_points_in_a_gap_are_unknown_unless_something_was_counted() -> None:
    """Zero where monitoring was on, nothing where it was off, and what came in all the same."""
    key = ("user", "", "1", "9")
    facts = replace(
        NOTHING,
        message=series("message", NOON, HOUR, {}, {}, {key: many(2)}),
        gaps=(Gap(NOON + HOUR, NOON + 3 * HOUR),),
    )
    found = overview(ASKED, facts, bands=Bands())

    assert [point.value for point in found.message_points] == [0.0, None, 2.0]


def test_small_lines_need_five_answers_a_step() -> None:
    """The course of P95 is drawn from five answers on, the error rate from one."""
    key = ("Mira", "1", "inferred")
    facts = replace(
        NOTHING, response=series("response", NOON, HOUR, {key: times(*[2.0] * 5)}, {key: times(2.0, failed=1)})
    )
    found = overview(ASKED, facts, bands=Bands())

    assert [point.value for point in found.p95_points] == [2.0, None]
    assert [point.value for point in found.error_points] == [0.0, 0.5]


def test_shares_are_of_everything_and_sorted() -> None:
    """What has no name counts in the whole, but is not listed; equals go by name."""
    found = shares({"Rex": many(2), "": many(4), "Ada": many(2)}, {"Rex": 3})

    assert found == (Named("Ada", 2, 0.25, 0), Named("Rex", 2, 0.25, 3))
    assert shares({}, {}) == ()


# --- strips


def test_equal_steps_are_one_spell_and_unprobed_time_is_left_out() -> None:
    """Two well minutes, one bad, one well, one without a probe, one well: four spells with a hole."""
    found = strips(
        series(
            "probe",
            NOON,
            MINUTE,
            {("llm", "healthy"): many(2)},
            {("llm", "healthy"): many(2)},
            {("llm", "unhealthy"): many(2)},
            {("llm", "healthy"): many(2)},
            {},
            {("llm", "healthy"): many(2)},
        )
    )

    assert [strip.service for strip in found] == ["llm"]
    assert found[0].spells == (
        Spell(NOON, NOON + 2 * MINUTE, Health.HEALTHY),
        Spell(NOON + 2 * MINUTE, NOON + 3 * MINUTE, Health.UNHEALTHY),
        Spell(NOON + 3 * MINUTE, NOON + 4 * MINUTE, Health.HEALTHY),
        Spell(NOON + 5 * MINUTE, NOON + 6 * MINUTE, Health.HEALTHY),
    )


@pytest.mark.parametrize(
    ("answers", "health"),
    [
        ({"healthy": 5, "unhealthy": 5}, Health.UNHEALTHY),
        ({"healthy": 6, "unhealthy": 5}, Health.DEGRADED),
        ({"healthy": 9, "degraded": 1}, Health.DEGRADED),
        ({"healthy": 1, "unknown": 9}, Health.HEALTHY),
        ({"unknown": 2}, Health.UNKNOWN),
    ],
)
def test_step_is_as_bad_as_half_of_its_probes(answers: dict[str, int], health: Health) -> None:
    """Half of the answers make it unhealthy, any bad one degraded; one good answer is worth more than none."""
    table = {("llm", name): many(count) for name, count in answers.items()}

    assert strips(one("probe", table))[0].spells[0].health is health
