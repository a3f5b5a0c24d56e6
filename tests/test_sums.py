"""What adds, through the real store: two halves of a window are the whole of it, and all guilds are the bot."""

from __future__ import annotations

import asyncio
import contextlib
import math
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.interfaces import People
from monitoring.model import DAY, HOUR, MINUTE, CommandRan, Instant, MessageSeen, OperationDone, ReactionSeen, Seen
from monitoring.monitor import Monitor
from monitoring.rollup import ACCURACY, MICRO
from monitoring.settings import load_settings
from monitoring.window import Scope, Window, step_start
from tests.scripted.play import APPLICATION, BOT, USERS, ZONE, Play, when
from tests.sums import PAGES, PERSONAS, Page, Sums
from tests.thorough import examples

NOW = when("Thu 12:34")
DAYS = 4
BEGAN = step_start(NOW - DAYS * DAY, HOUR, ZONE)
CHANNELS = ("tavern", "lounge", "attic")
"""One of each guild."""
EVERYTHING = Scope(None)


class StillClock:
    """Stands at NOW."""

    def now(self) -> Instant:
        """Always the same moment."""
        return NOW

    def monotonic(self) -> float:
        """Durations are real."""
        return time.monotonic()


class Scene(NamedTuple):
    """Something that happens in a minute since BEGAN; `k` is how long, how good, which kind of it."""

    what: str
    minute: int
    place: int
    """Which guild."""
    persona: str
    user: str
    k: int


def play(scenes: Iterable[Scene]) -> list[Seen]:
    """All facts of some scenes."""
    stage = Play()
    for number, scene in enumerate(scenes, 1):
        ACTS[scene.what](stage, scene, BEGAN + scene.minute * MINUTE, CHANNELS[scene.place], number)

    return stage.facts


def asked(stage: Play, scene: Scene, at: Instant, channel: str, number: int) -> None:
    """A question; mostly answered after k seconds, now and then by a failure, with what the host reports of it."""
    stage.user(at, channel, scene.user, f"{scene.persona}, is the soup in the pot?", name := f"q{number}")
    if scene.k % 5 == 0:
        return

    feature = "chat" if scene.k % 2 else ""
    work = {"persona": scene.persona, "feature": feature, "response_id": number, "message": name}
    error = {"error": "timeout"} if scene.k % 7 == 0 else {}
    used = {"prompt_tokens": 10 * scene.k, "completion_tokens": scene.k, "first_token": 0.1 * scene.k, "model": "oak"}
    stage.operation(at, channel, "llm llm_inference", 0.7 * scene.k, **work, **used, **error)
    if scene.k % 2:
        stage.operation(at, channel, "bot response", float(scene.k), **work, **error)

    if error:
        stage.persona(at + scene.k * 1_000, channel, scene.persona, "❌ **Error:** no soup", to=name)
        return

    stage.persona(at + scene.k * 1_000, channel, scene.persona, "Good soup 🎂, is it not?", f"a{number}", to=name)
    if scene.k % 3 == 0:
        stage.react(at + 30_000, f"a{number}", scene.user, "👍" if scene.k % 2 else "👎")


def bantered(stage: Play, scene: Scene, at: Instant, channel: str, number: int) -> None:
    """A few turns of two personas, k seconds apart, sometimes with a user after them."""
    others = [name for name in PERSONAS if name != scene.persona]
    work = {"persona": scene.persona, "model": "elm", "feature": "banter", "prompt_tokens": 30, "completion_tokens": 10}
    stage.operation(at, channel, "llm llm_inference", 1.0, **work)
    for turn in range(2 + scene.k % 4):
        who = others[scene.k % 2] if turn % 2 else scene.persona
        stage.persona(at + turn * scene.k * 1_000, channel, who, "The table is bad, and good.")

    if scene.k % 2:
        stage.user(at + 300_000, channel, scene.user, "ha, good one")


def commanded(stage: Play, scene: Scene, at: Instant, channel: str, number: int) -> None:
    """A command is used; one of k = 3, 6, … fails."""
    kind, name = (("slash", "play"), ("prefix", "roll"), ("component", "vote"))[scene.k % 3]
    more = {} if scene.k % 3 else {"error": "permission"}
    stage.command(at, kind, name, scene.user, 0.1 * scene.k, channel=channel, **more)


def worked(stage: Play, scene: Scene, at: Instant, channel: str, number: int) -> None:
    """Work of one of two models, or of a cache."""
    model = ("elm", "nimbus-x", "")[scene.k % 3]
    if model:
        used = {"model": model, "prompt_tokens": scene.k, "completion_tokens": 2 * scene.k, "feature": model}
        error = {"error": "rate_limit"} if scene.k % 7 == 0 else {}
        stage.operation(at, channel, "llm translate", 0.3 * scene.k, variant="short", **used, **error)
    else:
        stage.operation(at, channel, "rag lookup", 0.01 * scene.k, feature="quiz", cache_hit=scene.k % 2 == 0)


def told(stage: Play, scene: Scene, at: Instant, channel: str, number: int) -> None:
    """The host tells a score, a quality, a scenario, or somebody is in a voice channel."""
    guild = scene.place + 1
    stage.told(at, "satisfaction", scene.persona, 1 + scene.k % 5, name="oak", guild_id=guild)
    stage.told(at, "quality", scene.persona, scene.k / 30, name="coherence", guild_id=guild)
    stage.told(at, "scenario_started", scene.persona, name="quest", guild_id=guild)
    stage.told(at, "scenario_completed", scene.persona, scene.k, name="quest", guild_id=guild)
    if guild == 1:
        stage.voice(at, at + scene.k * 10_000, people=scene.k, joined=1)


ACTS: dict[str, Callable[[Play, Scene, Instant, str, int], None]] = {
    "asked": asked,
    "bantered": bantered,
    "commanded": commanded,
    "worked": worked,
    "told": told,
}
MINUTES = (NOW - HOUR - BEGAN) // MINUTE
"""In which things happen: they end an hour before NOW, so that all is decided."""


def scenes(guilds: int) -> st.SearchStrategy[list[Scene]]:
    """A few scenes over the days, some of them close to each other."""
    minute = st.integers(0, MINUTES) | st.integers(MINUTES - 90, MINUTES)
    one = st.builds(
        Scene,
        st.sampled_from(sorted(ACTS)),
        minute,
        st.integers(0, guilds - 1),
        st.sampled_from(PERSONAS),
        st.sampled_from(sorted(USERS)),
        st.integers(1, 29),
    )
    return st.lists(one, min_size=3, max_size=25)


@contextlib.asynccontextmanager
async def told_of(facts: Sequence[Seen]) -> AsyncIterator[Monitor]:
    """A monitor with a store of its own that was told these facts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.sqlite3"
        monitor = Monitor(
            load_settings(
                _env_file=None,
                database_url=f"sqlite:///{path}",
                timezone=ZONE,
                persona_names=",".join(PERSONAS),
                own_price="oak=1/4,elm=2/8",
            ),
            clock=StillClock(),
        )
        try:
            await monitor.store.open()
            monitor.identify(user_id=BOT, application_id=APPLICATION, name="Inn")
            await monitor.replay(facts, since=BEGAN)
            yield monitor
        finally:
            await monitor.recorder.close()
            monitor.questions.close()
            await monitor.store.close()


class Cut(NamedTuple):
    """A window and where it is split: at a minute up to 48 h, at an hour up to 90 days, at midnight beyond."""

    start: Instant
    middle: Instant

    @property
    def whole(self) -> Window:
        """All of it."""
        return Window(self.start, NOW, ZONE)

    @property
    def halves(self) -> tuple[Window, Window]:
        """Before and after the split."""
        return Window(self.start, self.middle, ZONE), Window(self.middle, NOW, ZONE)


_minutes = st.tuples(st.integers(2, 47 * 60), st.integers(1, 47 * 60)).map(
    lambda ago: Cut(NOW - (max(ago) + 1) * MINUTE, NOW - min(ago) * MINUTE)
)
_hours = st.integers(1, DAYS * 24).map(lambda hour: Cut(BEGAN, BEGAN + hour * HOUR))
_midnights = st.integers(0, DAYS - 1).map(
    lambda day: Cut(step_start(NOW - 95 * DAY, DAY, ZONE), step_start(NOW - day * DAY, DAY, ZONE))
)
cuts = st.one_of(_minutes, _hours, _midnights)


async def halves_add_up(monitor: Monitor, pages: Sequence[Page], cut: Cut, scope: Scope) -> None:
    """Every sum of a window is that of its two halves put together."""
    for page in pages:
        found = await page(monitor, cut.whole, scope)
        _same(page, found, [await page(monitor, half, scope) for half in cut.halves])


async def guilds_add_up(monitor: Monitor, pages: Sequence[Page], window: Window) -> None:
    """Every sum of the bot is that of its guilds put together."""
    for page in pages:
        found = await page(monitor, window, EVERYTHING)
        _same(page, found, [await page(monitor, window, Scope(guild)) for guild in (1, 2, 3)])


def _same(page: Page, whole: Sums, parts: Sequence[Sums]) -> None:
    for name in {name for sums in (whole, *parts) for name in sums}:
        assert sum(part[name] for part in parts) == pytest.approx(whole[name], abs=1e-4), (page.__name__, name)


def there(facts: Iterable[Seen], window: Window, guild: int | None = None) -> set[int]:
    """The users who did something in the hours that a window touches."""
    first, found = step_start(window.start, HOUR, ZONE), set()
    for seen in facts:
        if isinstance(seen, MessageSeen):
            user = 0 if seen.bot else seen.author_id
        else:
            user = seen.user_id if isinstance(seen, ReactionSeen | CommandRan) else 0

        mine = guild is None or getattr(seen, "guild_id", None) == guild
        if user and mine and first <= step_start(seen.at, HOUR, ZONE) < window.end:
            found.add(user)

    return found


async def people_are_exact(monitor: Monitor, facts: Sequence[Seen], cut: Cut, guild: int | None) -> None:
    """Distinct users are those of the set; of the whole no more than of both halves, no fewer than of either."""
    found = []
    for window in (cut.whole, *cut.halves):
        page = await monitor.audience.users(window, Scope(guild))
        people = await monitor.store.people(window.start, window.end, guild)
        assert page.users.value == people.get("", People()).users == len(there(facts, window, guild))
        found.append(people)

    for persona in ("", *PERSONAS):
        whole, *halves = (people.get(persona, People()).users for people in found)
        assert max(halves) <= whole <= sum(halves)


async def quantiles_merge(monitor: Monitor, facts: Sequence[Seen], cut: Cut) -> None:
    """Merged halves tell each quantile of the operations as the whole does, within 1 % of the exact nearest rank."""
    exact = sorted(
        seen.duration
        for seen in facts
        if isinstance(seen, OperationDone) and seen.error is None and cut.start <= seen.at < NOW
    )
    first, second = [
        (await monitor.store.series("operation", half.start, half.end, 0, ())).sum() for half in cut.halves
    ]
    whole, merged = (await monitor.store.series("operation", cut.start, NOW, 0, ())).sum(), first + second
    assert merged == whole
    assert merged.successes == len(exact)
    for percent in (50, 95, 99):
        found = merged.quantile(percent / 100)
        if exact:
            value = exact[math.ceil(Fraction(percent, 100) * len(exact)) - 1]
            assert found == pytest.approx(value, rel=ACCURACY * 1.000001, abs=1 / MICRO)
        else:
            assert found is None


pages = st.lists(st.sampled_from(PAGES), min_size=3, max_size=3, unique=True)
"""A question takes some 25 ms: each example asks a few of them, in turn all."""


@settings(max_examples=examples(6))
@given(st.integers(1, 3).flatmap(scenes), pages, cuts)
def test_whatever_happens_adds_up(scenes: list[Scene], pages: list[Page], cut: Cut) -> None:
    """A window split anywhere, and the bot split into its guilds, with a few things that happened at any time."""
    facts = play(scenes)

    async def story() -> None:
        async with told_of(facts) as monitor:
            await halves_add_up(monitor, pages, cut, EVERYTHING)
            await guilds_add_up(monitor, pages, cut.whole)
            await people_are_exact(monitor, facts, cut, None)
            await quantiles_merge(monitor, facts, cut)

    asyncio.run(story())


class Busy(NamedTuple):
    """A monitor that was told of many scenes, and the loop in which it lives."""

    run: asyncio.Runner
    monitor: Monitor
    facts: list[Seen]


@pytest.fixture(scope="module")
def busy() -> Iterator[Busy]:
    """Four days full of scenes in three guilds."""
    random, kinds, users = Random(4), sorted(ACTS), sorted(USERS)
    facts = play(
        Scene(random.choice(kinds), minute, random.randrange(3), random.choice(PERSONAS), random.choice(users), k)
        for minute in range(0, MINUTES, 15)
        for k in [random.randint(1, 29)]
    )
    with asyncio.Runner() as run:
        story = told_of(facts)
        yield Busy(run, run.run(story.__aenter__()), facts)
        run.run(story.__aexit__(None, None, None))


@settings(max_examples=examples(12))
@given(pages, cuts, st.sampled_from([None, 1, 2, 3]))
def test_busy_days_add_up_wherever_they_are_split(busy: Busy, pages: list[Page], cut: Cut, guild: int | None) -> None:
    """Hundreds of scenes: at any minute of two days, any hour, any midnight, in each guild and in all of them."""

    async def story() -> None:
        await halves_add_up(busy.monitor, pages, cut, Scope(guild))
        await people_are_exact(busy.monitor, busy.facts, cut, guild)
        await quantiles_merge(busy.monitor, busy.facts, cut)

    busy.run.run(story())


def test_guilds_of_busy_days_add_up(busy: Busy) -> None:
    """Every page of three guilds put together is that of the bot."""
    busy.run.run(guilds_add_up(busy.monitor, PAGES, Window(BEGAN, NOW, ZONE)))
