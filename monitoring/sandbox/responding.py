"""How a persona responds in the demo's history: at once, in chunks, through a placeholder, or with a failure."""

from __future__ import annotations

from dataclasses import dataclass

from monitoring.model import ErrorKind, Instant
from monitoring.sandbox import answering, host_tells, phrases, trials
from monitoring.sandbox.answering import Subject, Timing
from monitoring.sandbox.cast import Persona
from monitoring.sandbox.stage import Place, Stage
from monitoring.sandbox.world import Person


@dataclass(frozen=True, slots=True)
class Asking:
    """A user's message that a persona is about to answer; `to` names the person in the answer."""

    message_id: int
    at: Instant
    person: Person
    refer: bool = False
    to: str = ""
    whole: bool = False
    """No placeholder and no chunks."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of it: when the last text arrived, whether it is an answer, when its first message was made."""

    at: Instant
    well: bool
    first: Instant = 0


def respond(stage: Stage, place: Place, persona: Persona, asking: Asking) -> Answered:
    """A persona answers a user's message, or fails to; the ledger is told what is meant."""
    rng = stage.rng
    parts = 1 if asking.whole or rng.random() < 0.88 else rng.randint(2, 3)
    texts = phrases.answer(rng, persona, parts, asking.to)
    slow = stage.weather.slowness(persona.model, asking.at)
    timing = answering.draw(rng, persona, slow, sum(len(text.split()) for text in texts))
    timing, variant = trials.tried(stage.extra, persona, timing)
    feature = trials.feature(stage.extra, timing)
    number = asking.message_id >> 12
    subject = Subject(persona, place.channel, asking.at, asking.message_id, number, feature, variant)
    kind = stage.fails(persona, asking.at)
    if kind is not None:
        return _fail(stage, place, asking, subject, timing, kind)

    if persona.placeholders and parts == 1 and not asking.whole and rng.random() < 0.7:
        posted, first, ended = _through_placeholder(stage, place, asking, persona, texts[0], timing)
    else:
        posted, first, ended = _say(stage, place, asking, persona, texts, timing)

    duration = (ended - asking.at) / 1000
    stage.report(answering.reported(timing, subject, duration))
    stage.note(stage.ledger.answered, asking.message_id, persona.name, duration)
    stage.note(stage.ledger.wrote, first, persona.model.name)
    host_tells.after_answer(stage, subject, ended)
    if rng.random() < 0.17:
        stage.react(place.channel, first, ended, glad=0.84 if duration < 5 else 0.5)

    return Answered(ended, well=True, first=posted)


def _say(
    stage: Stage, place: Place, asking: Asking, persona: Persona, texts: list[str], timing: Timing
) -> tuple[Instant, int, Instant]:
    """Posts the answer in one message or a few chunks; gives the first moment and id, and the last moment."""
    posted = at = asking.at + round(timing.total * 1000)
    refer = asking.message_id if asking.refer or timing.total > 100 else None
    mentions = (asking.person.id,) if asking.to.startswith("<@") else ()
    first = stage.persona_says(place, at, persona, texts[0], reply_to=refer, mentions=mentions)
    for text in texts[1:]:
        at += stage.rng.randint(700, 4_500)
        stage.persona_says(place, at, persona, text)

    return posted, first, at


def _through_placeholder(
    stage: Stage, place: Place, asking: Asking, persona: Persona, text: str, timing: Timing
) -> tuple[Instant, int, Instant]:
    """Posts a placeholder at once and fills it as the text comes, in one edit or two."""
    channel = place.channel
    posted = asking.at + round(min(timing.context + 0.12, timing.total / 2) * 1000)
    refer = asking.message_id if asking.refer else None
    sign = stage.rng.choice(phrases.PLACEHOLDERS)
    message_id = stage.persona_says(place, posted, persona, sign, reply_to=refer)
    ended = asking.at + round(timing.total * 1000)
    begun = asking.at + round((timing.context + timing.first_token + timing.processing) * 1000)
    if posted + 200 < begun < ended - 300:
        stage.edit(channel, begun, message_id, text[: max(30, len(text) // 2)])

    stage.edit(channel, ended, message_id, text)
    return posted, message_id, ended


def _fail(stage: Stage, place: Place, asking: Asking, subject: Subject, timing: Timing, kind: ErrorKind) -> Answered:
    """The model fails: an excuse is posted, or a placeholder stays; the user's message stays without an answer."""
    rng, persona = stage.rng, subject.persona
    waited = rng.uniform(14, 26) if kind == ErrorKind.TIMEOUT else rng.uniform(0.2, 2.5)
    lost = Timing(timing.context, 0.0, waited, 0.0, 0.0, 0.0, 0, 0, 0)
    done = answering.failed(lost, subject, kind)
    stage.report(done)
    refer = asking.message_id if asking.refer else None
    if persona.placeholders and kind == ErrorKind.TIMEOUT:
        posted = asking.at + round(timing.context * 1000) + 150
        stage.persona_says(place, posted, persona, phrases.PLACEHOLDERS[0], reply_to=refer, counts=False)
        ended = posted
    else:
        ended = done[-1][0] + rng.randint(80, 300)
        stage.persona_says(place, ended, persona, phrases.FAILURES[kind.value], reply_to=refer, counts=False)

    stage.note(stage.ledger.failed, asking.at, persona.name)
    place.left_open(asking.at)
    place.ready = max(place.ready, place.open_until)
    return Answered(max(ended, done[-1][0]), well=False)
