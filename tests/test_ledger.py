"""The product's figures against the traffic generator's own ledger of what it did."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from math import dist
from random import Random

import numpy as np
import pytest
import pytest_asyncio

from monitoring.charts.relationships import nodes
from monitoring.metrics import METRICS
from monitoring.model import DAY, HOUR, Instant
from monitoring.monitor import Monitor
from monitoring.rollup import Rollup
from monitoring.sandbox.ledger import Ledger
from monitoring.sandbox.traffic import history
from monitoring.sandbox.weather import STORY_MODEL, forecast
from monitoring.sandbox.world import fixed_world
from monitoring.settings import load_settings
from monitoring.window import Scope, Window

from .thorough import THOROUGH

NOW = 1_795_262_400_000
"""A Saturday at 15:20 in Berlin."""
DAYS = 3
EVERYTHING = Scope(None)


class StillClock:
    """Stands at NOW, so that every run asks the same of the same."""

    def now(self) -> Instant:
        """Always the same moment."""
        return NOW

    def monotonic(self) -> float:
        """Durations are real."""
        return time.monotonic()


@dataclass
class Played:
    """A monitor that was told a few days of traffic, and the truth about them."""

    monitor: Monitor
    ledger: Ledger
    window: Window


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=[7, 11] if THOROUGH else [7])
async def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Played]:
    """Traffic that ended an hour ago, so that everything in it is decided."""
    store = tmp_path_factory.mktemp("ledger") / "store.sqlite3"
    settings = load_settings(_env_file=None, database_url=f"sqlite:///{store}", timezone="Europe/Berlin")
    monitor, ledger = Monitor(settings, clock=StillClock()), Ledger()
    try:
        await monitor.store.open()
        start = await told(monitor, ledger, seed=request.param)
        yield Played(monitor, ledger, Window(start, NOW, "Europe/Berlin", "7d"))
    finally:
        # Whatever happened: their threads would keep the test run from ending.
        await monitor.recorder.close()
        monitor.questions.close()
        await monitor.store.close()


async def told(monitor: Monitor, ledger: Ledger, seed: int) -> Instant:
    """Tell monitor and ledger the same traffic; gives the full hour in which it begins."""
    world, end = fixed_world(), NOW - HOUR
    monitor.identify(user_id=world.bot_user_id, application_id=world.application_id, name="Greenroom")
    acts = list(history(world, now_ms=end, days=DAYS, seed=seed, ledger=ledger))
    await monitor.replay(acts, since=end - DAYS * DAY)
    ledger.now = NOW
    return (end - DAYS * DAY) // HOUR * HOUR


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_message_counts(played: Played) -> None:
    """Every message of users and of each persona is counted once."""
    truth = played.ledger.counts(played.window.start, played.window.end)
    overview = await played.monitor.overview(played.window, EVERYTHING)
    assert overview.messages.value == truth.user_messages + sum(truth.persona_messages.values())
    assert {row.name: row.count for row in overview.personas} == truth.persona_messages


async def test_unanswered_and_exchanges(played: Played) -> None:
    """Who was left alone, and how often personas bantered and drew users in."""
    truth = played.ledger.counts(played.window.start, played.window.end)
    overview = await played.monitor.overview(played.window, EVERYTHING)
    assert overview.unanswered.n == truth.addressed
    assert overview.unanswered.value == pytest.approx(truth.unanswered / truth.addressed)
    banter = await played.monitor.banter(played.window, EVERYTHING)
    assert banter.exchanges.value == truth.exchanges
    assert banter.mean_turns == pytest.approx(truth.turns / truth.exchanges)
    assert banter.joined.value == pytest.approx(truth.succeeded / truth.decided)


async def test_response_times(played: Played) -> None:
    """Percentiles within one per cent of the exact nearest-rank ones, means exact, over all and by persona."""
    truth = played.ledger.counts(played.window.start, played.window.end)
    found = await played.monitor.performance(played.window, EVERYTHING)
    assert found.now.n - found.now.failures == truth.answered
    assert found.now.failures == sum(truth.failed.values())
    for q, value in ((0.5, found.now.p50), (0.95, found.now.p95), (0.99, found.now.p99)):
        assert value == pytest.approx(truth.percentile(q), rel=0.01)

    every = [d for durations in truth.durations.values() for d in durations]
    assert found.now.mean == pytest.approx(sum(every) / len(every), rel=1e-4)
    for row in found.personas:
        assert row.timing.n - row.timing.failures == truth.answered_by[row.persona]
        if row.timing.p95 is not None:
            assert row.timing.p95 == pytest.approx(truth.percentile(0.95, row.persona), rel=0.01)


async def test_users_and_repeat_users(played: Played) -> None:
    """Distinct users of each persona, and those who came on two local days or more."""
    truth = played.ledger.counts(played.window.start, played.window.end)
    for name in truth.users:
        page = await played.monitor.persona(name, played.window, EVERYTHING)
        assert page.users.value == truth.users[name]
        assert page.repeat == truth.repeat_users[name]
        assert page.votes == len(truth.votes.get(name, []))


async def test_tokens(played: Played) -> None:
    """Prompt and completion tokens of all models."""
    truth = played.ledger.counts(played.window.start, played.window.end)
    overview = await played.monitor.overview(played.window, EVERYTHING)
    assert overview.tokens.value == truth.prompt_tokens + truth.completion_tokens


async def totals(played: Played, metric: str, *by: str) -> dict[tuple[str, ...], Rollup]:
    """Everything of a metric in the window, by the labels named."""
    series = await played.monitor.store.series(metric, played.window.start, played.window.end, 0, by)
    places = [METRICS[metric].labels.index(name) for name in by]
    return series.total(lambda labels: tuple(labels[place] for place in places))


async def test_conversations(played: Played) -> None:
    """How many, how long, in messages and seconds, and in how many a user asked after a persona spoke."""
    truth = played.ledger.counts(played.window.start, played.window.end).conversations
    found = await totals(played, "conversation", "what")
    assert {rollup.count for rollup in found.values()} == {truth.number}
    assert truth.number > 100
    assert found["length",].total == truth.messages * 1_000_000
    assert found["duration",].total / 1e6 == pytest.approx(truth.seconds, abs=1e-3)
    assert found["follow_up",].successes == truth.follow_ups > 20


async def test_votes_by_model(played: Played) -> None:
    """Each vote on an answer, by reaction or reported, is one for the model that wrote it."""
    truth = played.ledger.counts(played.window.start, played.window.end).votes_by_model
    found = await totals(played, "model_liking", "model")
    assert {model: (one.count, one.total) for (model,), one in found.items() if one.count} == {
        model: (len(votes), sum(votes) * 1_000_000) for model, votes in truth.items()
    }
    assert len(truth) == 4


async def test_voice_scenarios_and_qualities(played: Played) -> None:
    """Seconds in voice and who joined; scenarios by outcome with their lengths; how good answers were."""
    truth = played.ledger.counts(played.window.start, played.window.end)
    (voice,) = (await totals(played, "voice")).values()
    assert (voice.count, voice.total / 1e6) == (truth.voice_joins, pytest.approx(truth.voice_seconds, abs=1e-3))
    assert truth.voice_seconds > 3_600
    scenarios = await totals(played, "scenario", "scenario", "outcome")
    assert {key: (one.count, one.total / 1e6) for key, one in scenarios.items()} == {
        key: (len(seconds), pytest.approx(sum(seconds), abs=1e-3)) for key, seconds in truth.scenarios.items()
    }
    qualities = await totals(played, "quality", "persona", "quality")
    assert {key: (one.count, one.total / 1e6) for key, one in qualities.items()} == {
        key: (len(values), pytest.approx(sum(values), abs=1e-3)) for key, values in truth.qualities.items()
    }


async def test_the_story_is_there_to_be_found(played: Played) -> None:
    """In the last day one model took far longer for fifty minutes, and it alone."""
    story = forecast(Random(0), NOW - HOUR - DAYS * DAY, NOW - HOUR).story
    end = played.window.end - HOUR
    assert end - DAY < story.start < story.end < end
    store = played.monitor.store
    inside = await store.series("operation", story.start, story.end, 0, ("service", "model"))
    before = await store.series("operation", story.start - DAY, story.start, 0, ("service", "model"))
    took = {labels: rollup.mean for labels, rollup in inside.total(lambda labels: (labels[0], labels[2])).items()}
    usual = {labels: rollup.mean for labels, rollup in before.total(lambda labels: (labels[0], labels[2])).items()}
    slower = {
        model: mean / (usual["llm", model] or 1)
        for (service, model), mean in took.items()
        if service == "llm" and mean is not None
    }
    assert slower.pop(STORY_MODEL.name) > 5
    assert all(ratio < 2 for ratio in slower.values())


async def test_guilds_sum_to_the_bot(played: Played) -> None:
    """Counts of the two guilds add up to those of the whole bot."""
    world = fixed_world()
    whole = await played.monitor.overview(played.window, EVERYTHING)
    parts = [await played.monitor.overview(played.window, Scope(guild.id)) for guild in world.guilds]
    assert sum(part.messages.value or 0 for part in parts) == whole.messages.value
    assert sum(part.exchanges.value or 0 for part in parts) == whole.exchanges.value
    assert sum(part.mean.n for part in parts) == whole.mean.n


async def test_a_window_split_in_two_gives_the_same_sums(played: Played) -> None:
    """Nothing is counted twice or lost at a border."""
    middle = (played.window.start + 2 * DAY) // HOUR * HOUR
    zone = played.window.zone
    first = Window(played.window.start, middle, zone)
    second = Window(middle, played.window.end, zone)
    whole = await played.monitor.overview(played.window, EVERYTHING)
    halves = [await played.monitor.overview(part, EVERYTHING) for part in (first, second)]
    assert sum(half.messages.value or 0 for half in halves) == whole.messages.value
    assert sum(half.mean.n for half in halves) == whole.mean.n


async def test_what_banter_used_is_found_by_channel_persona_and_time(played: Played) -> None:
    """Within a fiftieth of the tokens of the operations that the host itself calls banter."""
    spend = await played.monitor.bonds.spend(played.window, EVERYTHING)
    done = await played.monitor.store.operations(played.window.start, played.window.end)
    banter = np.array([labels[5] == "banter" for labels in done.labels])[done.which]
    truth = int(((done.prompt + done.completion) * done.weight)[banter].sum())
    assert spend is not None
    assert truth > 100_000
    assert spend.tokens == pytest.approx(truth, rel=0.02)
    assert (spend.whole, spend.exchanges) == (True, played.ledger.counts(played.window.start, NOW).exchanges)


async def test_longest_exchange_has_its_turns(played: Played) -> None:
    """Who spoke, in as many turns as were played."""
    tree = await played.monitor.bonds.tree(played.window, EVERYTHING, "longest")
    truth = [one for one in played.ledger.exchanges if tree is not None and one.first == tree.at]
    assert tree is not None
    assert tree.turns is not None
    assert (len(truth), truth[0].turns, set(truth[0].personas)) == (1, len(tree.turns), set(tree.personas))
    assert tree.length == max(one.turns for one in played.ledger.exchanges)


async def test_graph_of_relationships_stands_still_from_day_to_day(played: Played) -> None:
    """Nodes move by less than a twentieth of the picture's width, although the affinities moved."""
    days = [Window(end - DAY, end, "Europe/Berlin", "24h") for end in (NOW - DAY, NOW)]
    before, after = [await played.monitor.relationships(day, EVERYTHING) for day in days]
    here, there = nodes(before, 440, 310), nodes(after, 440, 310)
    moved = [dist(here[name], there[name]) for name in here]
    assert set(here) == set(there)
    assert sum(moved) / len(moved) < 0.05 * 1200
    assert after.movers
