"""What the demo's host tells that no event shows: growth, friendship, scenarios, scores, and what is beside answers.

It goes by a chance of its own (`stage.extra`), so that who says what when is the same with and without it.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice

from monitoring.model import DAY, HOUR, MINUTE, ErrorKind, Instant, OperationDone, Told
from monitoring.sandbox.answering import Subject
from monitoring.sandbox.stage import Stage

SCENARIOS = ("harbour mystery", "tavern quiz", "midnight chess", "garden party", "opera rehearsal")
FRIENDS = ("Brine", "Tansy")
"""The pair whose affinity the host tells itself."""
_FIRST, _LAST = 46.0, 78.0
_TRAITS = (("curious", 0.3, 0.5), ("patient", 0.8, -0.3), ("playful", 0.5, 0.2))
"""A trait, how strong it is at the begin of the month, and how much it grows."""
_XP = 12
_LEVEL = 2_500
_QUALITIES = (("coherence", 0.86), ("relevance", 0.8), ("helpfulness", 0.74))
_MILESTONES = (100, 500, 1_000, 2_500, 5_000)
_STAGES = ((80, "besties"), (60, "friends"), (40, "frenemies"), (20, "acquaintances"), (0, "strangers"))


class Host:
    """Tells what a day brought, in the first guild."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._guild = stage.world.guilds[0].id
        self._spoken: Counter[str] = Counter()
        self._counted = 0
        self._passed: Counter[str] = Counter()
        self._level: dict[str, int] = {}

    def day(self, begin: Instant, end: Instant) -> None:
        """One local day: growth at its end, affinity in the evening, scenarios whenever somebody plays."""
        for at, name, _ in islice(self._stage.ledger.spoken.values(), self._counted, None):
            self._spoken[name] += at < end

        self._counted = len(self._stage.ledger.spoken)
        last = end - MINUTE
        for number, persona in enumerate(self._stage.world.personas):
            self._grow(persona.name, last - number * 1_000)

        self._befriend(min(begin + 21 * HOUR, last))
        for guild in self._stage.world.guilds:
            for _ in range(self._stage.extra.randint(1, 4)):
                self._scenario(guild.id, begin, end)

    def _grow(self, persona: str, at: Instant) -> None:
        """XP by what it said, levels by XP, milestones as they are passed, and now and then a trait."""
        said = self._spoken[persona]
        points, level = said * _XP, 1 + said * _XP // _LEVEL
        self._told(Told("xp", at, persona, value=points))
        if self._level.get(persona) != level:
            self._level[persona] = level
            self._told(Told("level", at, persona, value=level))

        for messages in _MILESTONES[self._passed[persona] :]:
            if said >= messages:
                self._passed[persona] += 1
                self._told(Told("milestone", at, persona, name=f"{messages:,} messages"))

        if self._stage.extra.random() < 0.3:
            name, first, grown = self._stage.extra.choice(_TRAITS)
            strength = first + grown * self._stage.weather.progress(at) + self._stage.extra.uniform(-0.05, 0.05)
            self._told(Told("trait", at, persona, name=name, value=round(min(1.0, max(0.0, strength)), 3)))

    def _befriend(self, at: Instant) -> None:
        """Two personas grow closer, day by day and not evenly."""
        progress = self._stage.weather.progress(at)
        affinity = round(_FIRST + (_LAST - _FIRST) * progress + self._stage.extra.uniform(-2, 2), 1)
        stage = next(name for least, name in _STAGES if affinity >= least)
        one, other = FRIENDS
        self._told(Told("affinity", at, one, other, value=affinity))
        self._told(Told("stage", at, one, other, name=stage))

    def _scenario(self, guild_id: int, begin: Instant, end: Instant) -> None:
        """Somebody plays one; most come to its end, some give it up, and of a few nothing more is heard."""
        stage, extra = self._stage, self._stage.extra
        start = begin + round(extra.triangular(9 * HOUR, 23 * HOUR, 20 * HOUR))
        name = extra.choices(SCENARIOS, (5, 4, 3, 2, 1))[0]
        persona = stage.some_by(extra).name
        seconds = round(extra.lognormvariate(6.4, 0.6), 3)
        chance = extra.random()
        outcome = "completed" if chance < 0.7 else "abandoned" if chance < 0.92 else ""
        over = start + round(seconds * 1000)
        if over >= min(end, begin + DAY) or not (stage.weather.monitored(start) and stage.weather.monitored(over)):
            return

        stage.emit(start, Told("scenario_started", start, persona, name=name, guild_id=guild_id))
        stage.note(stage.ledger.played, start, name, "started", 0.0)
        if outcome:
            stage.emit(over, Told(f"scenario_{outcome}", over, persona, name=name, value=seconds, guild_id=guild_id))
            stage.note(stage.ledger.played, over, name, outcome, seconds)

    def _told(self, told: Told) -> None:
        if self._stage.weather.monitored(told.at):
            self._stage.emit(told.at, told._replace(guild_id=self._guild))


def after_answer(stage: Stage, subject: Subject, ended: Instant) -> None:
    """Beside an answer: documents are looked up, a voice fails, and now and then it is judged or scored."""
    extra, latest = stage.extra, stage.latest
    if extra.random() < 0.3:
        stage.report([_looked_up(stage, subject)])

    if subject.persona.aloud and extra.random() < 0.015:
        stage.report([_unspoken(stage, subject, ended)])

    if extra.random() < 0.05:
        _judge(stage, subject, ended)

    if extra.random() < 0.02:
        _score(stage, subject, ended)

    stage.latest = latest


def _looked_up(stage: Stage, subject: Subject) -> tuple[Instant, OperationDone]:
    """A search among documents, which a cache answers half of the time."""
    hit = stage.extra.random() < 0.55
    seconds = stage.extra.lognormvariate(-5.5 if hit else -2.4, 0.4)
    done = OperationDone(
        "rag", "retrieval", subject.at, seconds, persona=subject.persona.name, model="nomic-embed-text",
        feature=subject.feature, guild_id=subject.channel.guild_id, channel_id=subject.channel.id, local=True,
        cache_hit=hit,
    )  # fmt: skip
    return subject.at + round(seconds * 1000), done


def _unspoken(stage: Stage, subject: Subject, ended: Instant) -> tuple[Instant, OperationDone]:
    """An answer that could not be read aloud."""
    kind = stage.extra.choice((ErrorKind.NETWORK, ErrorKind.TIMEOUT, ErrorKind.UNKNOWN))
    done = OperationDone(
        "tts", "tts_generation", ended, 2.0, kind, f"tts-{kind}", subject.persona.name, feature="voice",
        guild_id=subject.channel.guild_id, channel_id=subject.channel.id,
    )  # fmt: skip
    return ended + 2_000, done


def _judge(stage: Stage, subject: Subject, ended: Instant) -> None:
    """How good it was, in three respects."""
    at, name = ended + 500, subject.persona.name
    if not _heard(stage, at):
        return

    for quality, usual in _QUALITIES:
        value = round(min(1.0, max(0.0, stage.extra.gauss(usual, 0.08))), 3)
        stage.emit(at, Told("quality", at, name, name=quality, value=value, guild_id=subject.channel.guild_id))
        stage.note(stage.ledger.judged, at, name, quality, value)


def _score(stage: Stage, subject: Subject, ended: Instant) -> None:
    """How content somebody was, asked by the host; its model is known."""
    at = ended + 4_000
    if _heard(stage, at):
        model, guild = subject.persona.model.name, subject.channel.guild_id
        score = stage.extra.choices((5, 4, 3, 2, 1), (9, 7, 3, 1, 1))[0]
        stage.emit(at, Told("satisfaction", at, subject.persona.name, name=model, value=score, guild_id=guild))
        stage.note(stage.ledger.scored, at, subject.persona.name, model, score)


def _heard(stage: Stage, at: Instant) -> bool:
    return at < stage.weather.end and stage.weather.monitored(at)
