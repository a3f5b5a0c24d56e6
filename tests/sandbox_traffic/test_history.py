"""The demo's history: the same every time, as lively as it should be, and meaning what the ledger says."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from datetime import datetime
from itertools import pairwise
from random import Random
from statistics import mean

import pytest

from monitoring.analysis.series import gaps
from monitoring.model import (
    DAY,
    HOUR,
    MINUTE,
    TOLD,
    CommandRan,
    MessageSeen,
    OperationDone,
    ReactionSeen,
    Sample,
    Seen,
    Told,
)
from monitoring.rollup import Rollup, Series
from monitoring.sandbox.ledger import Ledger
from monitoring.sandbox.ledger_people import ZONE
from monitoring.sandbox.traffic import history
from monitoring.sandbox.trials import VARIANTS
from monitoring.sandbox.weather import forecast
from monitoring.sandbox.world import World, fixed_world
from monitoring.seen import VoiceStay
from monitoring.window import Window
from tests.sandbox_traffic.recount import Recount

NOW = 1_795_262_400_000
DAYS = 10


@pytest.fixture(scope="module")
def world() -> World:
    return fixed_world()


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture(scope="module")
def acts(world: World, ledger: Ledger) -> list[Seen]:
    return list(history(world, now_ms=NOW, days=DAYS, ledger=ledger))


@pytest.fixture(scope="module")
def recount(world: World, acts: list[Seen]) -> Recount:
    return Recount(world, acts)


def test_same_seed_same_history(world: World) -> None:
    """The same world, moment and seed give the same acts; another seed gives others."""
    first, again = (list(history(world, now_ms=NOW, days=2)) for _ in range(2))
    assert first == again
    assert first != list(history(world, now_ms=NOW, days=2, seed=8))


def test_in_order_and_within_the_days(acts: list[Seen]) -> None:
    """Acts come in the order in which they became known, none after now."""
    known = [_known(act) for act in acts]
    assert all(later - earlier >= -2 for earlier, later in pairwise(known)), "operations may differ by rounding"
    assert known[0] >= NOW - DAYS * DAY
    assert known[-1] <= NOW


def test_volume_and_speed(world: World) -> None:
    """Thirty days are 21,000 to 24,500 messages and less than 150,000 acts, and quick to make."""
    begun = time.process_time()
    every = list(history(world, now_ms=NOW))
    assert 21_000 <= sum(isinstance(act, MessageSeen) for act in every) <= 24_500
    assert len(every) < 150_000
    assert time.process_time() - begun < 6.0


def test_ids_carry_the_time(acts: list[Seen]) -> None:
    """A message's id says when it was written, and no id comes twice."""
    messages = [act for act in acts if isinstance(act, MessageSeen)]
    assert all((act.message_id >> 22) + 1_420_070_400_000 == act.at for act in messages)
    assert len({act.message_id for act in messages}) == len(messages)


def test_evenings_are_busy(acts: list[Seen]) -> None:
    """People write most in the evening of Berlin, least before dawn."""
    hours = Counter(datetime.fromtimestamp(a.at / 1000, ZONE).hour for a in acts if _by_user(a))
    assert sum(hours[h] for h in (19, 20, 21)) > 8 * sum(hours[h] for h in (2, 3, 4))


def test_users_are_answered_as_meant(recount: Recount, ledger: Ledger) -> None:
    """Who answered whom, recounted from what is seen, is what the generator meant."""
    meant = {mid: entry.answered_by for mid, entry in ledger.asked.items()}
    found = {mid: asked.answered_by.strip("?") for mid, asked in recount.asked.items()}
    assert found == meant


def test_addressed_as_meant(recount: Recount, ledger: Ledger) -> None:
    """Whom a user addressed, recounted from text and replies, is what the generator meant."""
    assert {mid: a.addressed for mid, a in recount.asked.items()} == {
        mid: set(entry.addressed) for mid, entry in ledger.asked.items()
    }


def test_persona_messages_as_meant(recount: Recount, ledger: Ledger) -> None:
    """Messages of each persona: placeholders once they are filled, failures and other webhooks never."""
    counts = ledger.counts(NOW - DAYS * DAY, NOW)
    assert dict(recount.by_persona()) == counts.persona_messages
    assert len(counts.persona_messages) == 6


def test_exchanges_as_meant(recount: Recount, ledger: Ledger) -> None:
    """Exchanges, their turns, their first messages and their success."""
    counts = ledger.counts(NOW - DAYS * DAY, NOW)
    found = sorted((run[0].messages[0].at, run[-1].messages[-1].at, len(run)) for run in recount.exchanges)
    assert found == sorted((e.first, e.last, e.turns) for e in ledger.exchanges)
    assert recount.successes() == counts.succeeded
    assert counts.exchanges > counts.succeeded > 0


def test_durations_are_those_reported(acts: list[Seen], ledger: Ledger) -> None:
    """Response times are the reported ones, from the user's message to the end of the answer."""
    told: dict[str, list[float]] = defaultdict(list)
    failed = 0
    for act in acts:
        if isinstance(act, OperationDone) and act.operation == "response":
            failed += act.error is not None
            if act.error is None:
                told[act.persona].append(act.duration)
                assert act.message_id is not None
                assert ledger.asked[act.message_id].at == act.at

    counts = ledger.counts(NOW - DAYS * DAY, NOW)
    assert {p: sorted(d) for p, d in told.items()} == {p: sorted(d) for p, d in counts.durations.items()}
    assert failed == sum(counts.failed.values()) > 0


def test_components_fill_the_response(acts: list[Seen]) -> None:
    """The components of a one-message response add up to it."""
    parts: dict[int, float] = defaultdict(float)
    whole: dict[int, float] = {}
    for act in acts:
        if isinstance(act, OperationDone) and act.response_id is not None and act.error is None:
            if act.operation == "response":
                whole[act.response_id] = act.duration
            else:
                parts[act.response_id] += act.duration

    equal = sum(abs(parts[number] - seconds) < 0.002 for number, seconds in whole.items())
    assert equal > 0.85 * len(whole)


def test_tokens_as_meant(acts: list[Seen], ledger: Ledger) -> None:
    """Tokens of a window are those of the operations that began in it."""
    start, end = NOW - 3 * DAY, NOW - DAY
    told = sum(a.prompt_tokens for a in acts if isinstance(a, OperationDone) and start <= a.at < end)
    assert ledger.counts(start, end).prompt_tokens == told > 0


def test_users_of_a_persona(recount: Recount, ledger: Ledger) -> None:
    """A persona's users are those it answered or who addressed it; repeat ones on two local days."""
    days: dict[str, dict[int, set[object]]] = defaultdict(lambda: defaultdict(set))
    for asked in recount.asked.values():
        for name in (asked.addressed | {asked.answered_by}) - {"", "?"}:
            days[name][asked.seen.author_id].add(datetime.fromtimestamp(asked.seen.at / 1000, ZONE).date())

    counts = ledger.counts(NOW - DAYS * DAY, NOW)
    assert counts.users == {name: len(users) for name, users in days.items()}
    assert counts.repeat_users == {n: sum(len(d) > 1 for d in users.values()) for n, users in days.items()}


def test_reactions_as_meant(acts: list[Seen], recount: Recount, ledger: Ledger) -> None:
    """Reactions are given to persona messages, by persona, and some are taken back."""
    given = [a for a in acts if isinstance(a, ReactionSeen) and a.added]
    found = Counter(recount.spoken[a.message_id].author_name for a in given)
    counts = ledger.counts(NOW - DAYS * DAY, NOW)
    assert dict(found) == counts.reactions
    assert sum(len(votes) for votes in counts.votes.values()) < len(given)


def test_all_that_a_host_can_tell_is_told(acts: list[Seen]) -> None:
    """Of every kind something; affinity of one pair, day by day, which grows."""
    told = [act for act in acts if isinstance(act, Told)]
    assert {one.what for one in told} == set(TOLD)
    affinity = [one for one in told if one.what == "affinity"]
    assert {(one.persona, one.other) for one in affinity} == {("Brine", "Tansy")}
    assert len({datetime.fromtimestamp(one.at / 1000, ZONE).date() for one in affinity}) == len(affinity) >= DAYS
    first, last = (one.value for one in (affinity[0], affinity[-1]))
    assert first is not None
    assert last is not None
    assert last - first > 20


def test_every_page_has_something_to_show(acts: list[Seen]) -> None:
    """Features, caches, prompts kept, paid and local models, two prompts on trial, and failures of many kinds."""
    done = [act for act in acts if isinstance(act, OperationDone)]
    assert {one.feature for one in done} >= {"chat", "quiz", "grammar", "scenario", "voice", "banter"}
    asked = [one for one in done if one.cache_hit is not None]
    assert 0.3 < sum(bool(one.cache_hit) for one in asked) / len(asked) < 0.7
    assert {one.service for one in asked} == {"llm", "rag"}
    assert any(one.cached_tokens for one in done)
    assert len({(one.model, one.local) for one in done if one.service == "llm"}) == 4
    assert len({one.error for one in done if one.error}) >= 4
    ran = [act for act in acts if isinstance(act, CommandRan)]
    assert {act.kind for act in ran} == {"slash", "component", "modal", "context_menu"}


def test_the_short_prompt_is_quicker(acts: list[Seen]) -> None:
    """By far more than chance, in seconds and in tokens."""
    of = {
        name: [a for a in acts if isinstance(a, OperationDone) and a.variant == name and not a.error]
        for name in VARIANTS
    }
    long, short = ([one.duration for one in of[name]] for name in VARIANTS)
    assert min(len(long), len(short)) > 100
    assert mean(short) < 0.8 * mean(long)
    assert mean(o.prompt_tokens for o in of["short prompt"]) < 0.6 * mean(o.prompt_tokens for o in of["long prompt"])


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_the_story_is_in_the_last_day_whenever_the_demo_begins(hour: int) -> None:
    """Fifty minutes, well over, in an hour in which people are there."""
    end = NOW + hour * HOUR
    story = forecast(Random(1), end - 30 * DAY, end).story
    assert story.end - story.start == 50 * MINUTE
    assert end - 20 * HOUR <= story.start
    assert story.end <= end - 90 * MINUTE
    assert datetime.fromtimestamp(story.start / 1000, ZONE).hour in (12, 16, 20)


def test_the_last_two_days_have_nothing_but_the_story(acts: list[Seen]) -> None:
    """So that what went wrong in the last day has one reason."""
    weather = forecast(Random(3), NOW - DAYS * DAY, NOW)
    assert all(spell.end <= NOW - 2 * DAY for spell in weather.spells)


def test_one_gap_without_monitoring(acts: list[Seen]) -> None:
    """For forty minutes nothing at all is seen; what follows from marks of life that are told by the quarter."""
    alive = [a.at for a in acts if isinstance(a, Sample) and a.metric == "alive"]
    holes = [b - a for a, b in pairwise(alive) if b - a > 15 * MINUTE]
    assert len(holes) == 1
    assert 40 * MINUTE <= holes[0] <= 55 * MINUTE


def test_every_hour_and_late_minute_is_monitored(acts: list[Seen]) -> None:
    """By the product's own rule: whole hours but the one of the gap, single minutes in the last two days, midnight too.

    The minutes are those of charts up to two days; the hours those of charts beyond.
    """
    marks = Counter(a.at - a.at % MINUTE for a in acts if isinstance(a, Sample) and a.metric == "alive")
    start = (NOW - DAYS * DAY + HOUR) // HOUR * HOUR
    for width, begin, expected in ((HOUR, start, 1), (MINUTE, NOW - 2 * DAY, 0)):
        steps = tuple(range(begin, NOW, width))
        counts = (sum(marks[minute] for minute in range(at, at + width, MINUTE)) for at in steps)
        tables = tuple({("alive",): Rollup(count=count)} for count in counts)
        series = Series("gauge", steps, tuple(at + width for at in steps), tables)
        assert len(gaps(series, Window(begin, NOW), None)) == expected


def test_lively_until_now(acts: list[Seen]) -> None:
    """The last hour before now is as busy as any, so that the live traffic goes on from it."""
    assert sum(_by_user(act) for act in acts if _known(act) > NOW - HOUR) >= 3


def _by_user(act: Seen) -> bool:
    return isinstance(act, MessageSeen) and not act.bot


def _known(act: Seen) -> int:
    if isinstance(act, OperationDone | CommandRan):
        return act.at + round(act.duration * 1000)

    return act.until if isinstance(act, VoiceStay) else act.at
