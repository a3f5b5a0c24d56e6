"""Thirty days of the demo at once: what a monitor would have seen of two lively guilds.

The acts come in the order in which they become known (an operation when it ends) and are the same for the same
world, moment and seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from operator import itemgetter
from random import Random

from monitoring.model import DAY, HOUR, Instant, Seen
from monitoring.sandbox import phrases, scenes
from monitoring.sandbox.banter import banter
from monitoring.sandbox.host_tells import Host
from monitoring.sandbox.instruments_panel import readings
from monitoring.sandbox.ledger import Ledger
from monitoring.sandbox.ledger_people import ZONE
from monitoring.sandbox.stage import Place, Stage
from monitoring.sandbox.voice_evenings import voice_day
from monitoring.sandbox.weather import forecast
from monitoring.sandbox.world import World

Scene = Callable[[Stage, Place, Instant], None]
_SCENES: tuple[tuple[Scene, float, bool], ...] = (
    (scenes.dialogue, 0.55, False),
    (scenes.chatter, 0.16, False),
    (scenes.crossing, 0.04, False),
    (scenes.aside, 0.03, False),
    (banter, 0.10, True),
    (scenes.duet, 0.03, False),
    (scenes.ignored, 0.025, False),
    (scenes.command, 0.045, False),
    (scenes.unprompted, 0.015, True),
    (scenes.feed, 0.015, False),
)
"""Scene, how often, and whether a persona begins it unasked."""
_PLAYED = tuple(scene for scene, _, _ in _SCENES)
_SHARES = tuple(share for _, share, _ in _SCENES)
_UNASKED = frozenset(scene for scene, _, unasked in _SCENES if unasked)
_A_DAY_AND_CHANNEL = 32.0
"""Scenes a day in a channel of weight one; about five messages each."""


def history(
    world: World, *, now_ms: Instant, days: int = 30, seed: int = 7, ledger: Ledger | None = None
) -> Iterable[Seen]:
    """Everything seen in the `days` before `now_ms`, in order; the ledger, if given, learns the truth as it goes."""
    ledger = Ledger() if ledger is None else ledger
    start = now_ms - days * DAY
    rng = Random(f"{seed}:{now_ms}")
    stage = Stage(world, forecast(rng, start, now_ms), rng, Random(f"told:{seed}:{now_ms}"), ledger)
    host = Host(stage)
    places = [Place(channel, ready=start + 60_000) for channel in world.channels]
    stage.new_day(start)
    _hello(stage, places, start)
    for begin, end in _local_days(start, now_ms):
        stage.new_day(begin)
        for place in places:
            _play_day(stage, place, begin, end)

        for at, reading in readings(stage.rng, stage.weather, begin, end):
            stage.emit(at, reading)

        stage.commit()
        host.day(begin, end)
        voice_day(stage, begin, end)
        stage.commit()
        ledger.now = end
        yield from _known_by(stage, end)

    yield from _known_by(stage, now_ms + 1)


def _known_by(stage: Stage, end: Instant) -> Iterator[Seen]:
    """What became known before `end`, in order; the rest waits."""
    stage.acts.sort(key=itemgetter(0, 1))
    ready = [entry for entry in stage.acts if entry[0] < end]
    stage.acts = stage.acts[len(ready) :]
    for _, _, act in ready:
        yield act


def _hello(stage: Stage, places: list[Place], start: Instant) -> None:
    """Each persona says a first word in a channel of its own, so that its name is known from then on."""
    for number, persona in enumerate(stage.world.personas):
        place = places[number % len(places)]
        stage.persona_says(place, start + 1_000 + 700 * number, persona, phrases.hello(persona))
        place.ready = place.quiet = start + 80_000

    stage.commit()


def _play_day(stage: Stage, place: Place, begin: Instant, end: Instant) -> None:
    """Plays the scenes of one channel that begin on this day."""
    at = begin
    while True:
        at = _next_beginning(stage, place, max(at, begin), end)
        if at >= end:
            return

        scene = stage.rng.choices(_PLAYED, _SHARES)[0]
        if scene in _UNASKED:
            at = max(at, place.quiet)

        before = (place.quiet, place.open_until, place.last)
        place.ready = at + 5_000
        scene(stage, place, at)
        if stage.latest >= stage.weather.end:
            stage.drop()
            place.ready = stage.weather.end
            return

        if not (stage.weather.monitored(at) and stage.weather.monitored(stage.latest)):
            stage.drop()
            place.ready = stage.weather.gap[1]
            place.quiet, place.open_until, place.last = before
        else:
            stage.commit()


def _next_beginning(stage: Stage, place: Place, at: Instant, end: Instant) -> Instant:
    """When the next scene begins: by chance, at the hour's own rate, not before the place is ready."""
    at = max(at, place.ready)
    while at < end:
        rate = _A_DAY_AND_CHANNEL * place.channel.weight * stage.weather.crowd(at) / DAY
        hour_ends = at - at % HOUR + HOUR
        chosen = at + int(stage.rng.expovariate(rate)) + 1
        if chosen < hour_ends:
            return chosen

        at = hour_ends

    return end


def _local_days(start: Instant, end: Instant) -> Iterator[tuple[Instant, Instant]]:
    """The local days between two moments, the first and last of them in part."""
    begin = start
    while begin < end:
        local = datetime.fromtimestamp(begin / 1000, ZONE)
        midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        after = min(int(midnight.timestamp() * 1000), end)
        yield begin, after
        begin = after
