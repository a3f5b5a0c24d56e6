"""Banter in the demo's history: personas that talk with each other, and users who join them."""

from __future__ import annotations

from dataclasses import dataclass

from monitoring.model import Instant
from monitoring.sandbox import answering, phrases
from monitoring.sandbox.answering import Subject
from monitoring.sandbox.cast import Persona
from monitoring.sandbox.ledger import Exchange
from monitoring.sandbox.stage import Place, Stage


@dataclass(frozen=True, slots=True)
class Run:
    """Turns that were played: times of the first and last message, how many turns, who."""

    first: Instant
    last: Instant
    turns: int
    personas: tuple[str, ...]


def play_turns(stage: Stage, place: Place, at: Instant, cast: list[Persona], turns: int, *, refer: bool = False) -> Run:
    """The cast speaks in turn, beginning some seconds after `at`; with `refer` each turn replies to the one before."""
    rng = stage.rng
    moment, first, names = at, 0, []
    for number in range(turns):
        speaker, other = cast[number % len(cast)], cast[(number - 1) % len(cast)]
        text = phrases.turn(rng, speaker, other)
        timing = answering.draw(rng, speaker, stage.weather.slowness(speaker.model, moment), len(text.split()))
        begun = moment + rng.randint(900, 22_000)
        moment = begun + min(round(timing.total * 1000), 30_000)
        safe = refer or moment < place.open_until or rng.random() < 0.25
        before = place.last[0] if place.last and safe else None
        message_id = stage.persona_says(place, moment, speaker, text, reply_to=before)
        stage.report(answering.reported(timing, Subject(speaker, place.channel, begun, feature="banter"), 0.0))
        first = first or moment
        names.append(speaker.name)
        if rng.random() < 0.08:
            moment += rng.randint(800, 5_000)
            stage.persona_says(place, moment, speaker, phrases.unprompted(rng, speaker))

        if rng.random() < 0.06:
            stage.react(place.channel, message_id, moment, glad=0.9)

    return Run(first, moment, turns, tuple(dict.fromkeys(names)))


def exchange_of(stage: Stage, place: Place, first: Instant, run: Run, *, turns: int) -> None:
    """Tells the ledger of an exchange, and keeps the place still until no further turn could belong to it.

    Often a user joins soon after; else the channel's own life decides whether one speaks in time.
    """
    exchange = Exchange(place.channel.id, first, run.last, turns, run.personas)
    stage.note(stage.ledger.exchanges.append, exchange)
    place.ready = max(place.ready, run.last + 20_000)
    place.spoken(run.last)
    if stage.rng.random() < 0.45:
        at = run.last + stage.rng.randint(5_000, 420_000)
        stage.user_says(place.channel, at, stage.somebody(place.channel), phrases.join(stage.rng))
        place.ready = max(place.ready, at + 10_000)
        place.left_open(at)


def banter(stage: Stage, place: Place, at: Instant) -> None:
    """Two or three personas talk unasked; sometimes a user breaks in and they go on, replying to each other."""
    rng = stage.rng
    if stage.weather.factor(at) == 0.0:
        place.ready = at + 60_000
        return

    cast = [stage.some_persona()]
    for _ in range(rng.choice((1, 1, 1, 2))):
        cast.append(stage.some_persona(*cast))

    run = play_turns(stage, place, at, cast, rng.randint(len(cast), 7))
    if rng.random() < 0.15:
        run = _interrupted(stage, place, run, cast)

    exchange_of(stage, place, run.first, run, turns=run.turns)


def _interrupted(stage: Stage, place: Place, run: Run, cast: list[Persona]) -> Run:
    """A user speaks inside, which ends the one exchange; the next is made of replies, so that none answers the user."""
    exchange = Exchange(place.channel.id, run.first, run.last, run.turns, run.personas)
    stage.note(stage.ledger.exchanges.append, exchange)
    at = run.last + stage.rng.randint(2_000, 15_000)
    stage.user_says(place.channel, at, stage.somebody(place.channel), phrases.join(stage.rng))
    place.left_open(at)
    return play_turns(stage, place, at, cast, stage.rng.randint(len(cast), 4), refer=True)
