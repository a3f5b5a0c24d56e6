"""The scenes of the demo's history: each says who writes what when, so that who answers whom is never in doubt.

Each function plays one scene in a place from a moment on; `place.ready` and `place.quiet` say when more may come.
"""

from __future__ import annotations

from monitoring.model import CommandRan, ErrorKind, Instant, MessageDeleted, MessageEdited, MessageSeen
from monitoring.sandbox import phrases
from monitoring.sandbox.banter import exchange_of, play_turns
from monitoring.sandbox.cast import Persona
from monitoring.sandbox.responding import Answered, Asking, respond
from monitoring.sandbox.stage import Place, Stage
from monitoring.sandbox.world import Person

_REPLY_WITHIN = 480_000
_COMMANDS = ("ask", "roll", "persona list", "imagine", "quiz start")
_PRESSED = (
    ("quiz-answer", "component"),
    ("persona-pick", "component"),
    ("feedback", "modal"),
    ("Explain this", "context_menu"),
)


def dialogue(stage: Stage, place: Place, at: Instant) -> None:
    """A user talks with a persona for one to four rounds; sometimes another persona chimes in at the end."""
    rng, channel = stage.rng, place.channel
    person, persona = stage.somebody(channel), stage.some_persona()
    moment = at
    for turn in range(rng.choice((1, 1, 2, 2, 3, 4))):
        asking = _ask(stage, place, moment, person, persona, first=turn == 0)
        answered = respond(stage, place, persona, asking)
        moment = answered.at + rng.randint(6_000, 45_000)
        if not answered.well:
            if rng.random() < 0.5:
                _retry(stage, place, max(moment, answered.at + 3_000), person, persona)

            return

    place.ready = max(place.ready, moment)
    place.spoken(answered.at)
    if rng.random() < 0.13:
        _chime_in(stage, place, answered, persona)


def _ask(stage: Stage, place: Place, at: Instant, person: Person, persona: Persona, *, first: bool) -> Asking:
    """A user's message by name, by mention, as a reply, or to nobody in particular."""
    rng, channel, chance = stage.rng, place.channel, stage.rng.random()
    addressed: tuple[str, ...] = (persona.name,)
    reply_to: int | None = None
    mentions: tuple[int, ...] = ()
    may_reply = place.last is not None and place.last[1] == persona and at - place.last[2] < _REPLY_WITHIN
    if may_reply and chance < (0.15 if first else 0.4):
        assert place.last is not None
        reply_to, text = place.last[0], phrases.follow_up(rng)
    elif chance < (0.34 if first else 0.52):
        text = phrases.question(rng, persona, "name")
    elif chance < (0.40 if first else 0.54):
        text = phrases.question(rng, persona, f"mention:{stage.world.bot_user_id}")
        mentions = (stage.world.bot_user_id,)
    else:
        addressed = ()
        text = phrases.question(rng, persona, "") if first else phrases.follow_up(rng)

    asked = stage.user_says(channel, at, person, text, addressed, reply_to=reply_to, mentions=mentions)
    return Asking(asked, at, person, refer=rng.random() < 0.45)


def _retry(stage: Stage, place: Place, at: Instant, person: Person, persona: Persona) -> None:
    """Asks again; the answer refers to the new message, since the old one is still open."""
    asked = stage.user_says(place.channel, at, person, phrases.retry(stage.rng, persona), (persona.name,))
    answered = respond(stage, place, persona, Asking(asked, at, person, refer=True, whole=True))
    place.ready = max(place.ready, place.open_until, answered.at + 10_000)
    place.spoken(answered.at)


def _chime_in(stage: Stage, place: Place, answered: Answered, persona: Persona) -> None:
    """Another persona takes up the answer: an exchange that the answer opened."""
    others = [stage.some_persona(persona), persona]
    run = play_turns(stage, place, answered.at, others, stage.rng.randint(1, 3))
    exchange_of(stage, place, answered.first, run, turns=run.turns + 1)


def duet(stage: Stage, place: Place, at: Instant) -> None:
    """A user names two personas: the first answers, the second adds to it; or neither does."""
    rng, channel = stage.rng, place.channel
    person, one = stage.somebody(channel), stage.some_persona()
    two = stage.some_persona(one)
    text = f"{one.name} or {two.name}, {phrases.question(rng, one, '')}"
    asked = stage.user_says(channel, at, person, text, (one.name, two.name))
    if rng.random() < 0.2:
        place.left_open(at)
        place.ready = place.open_until
        return

    answered = respond(stage, place, one, Asking(asked, at, person, whole=True))
    place.ready = max(place.ready, answered.at + rng.randint(8_000, 60_000))
    place.spoken(answered.at)
    if answered.well and rng.random() < 0.7:
        run = play_turns(stage, place, answered.at, [two, one], rng.randint(1, 3))
        exchange_of(stage, place, answered.first, run, turns=run.turns + 1)


def chatter(stage: Stage, place: Place, at: Instant) -> None:
    """People talk among themselves; a few correct or delete what they wrote."""
    rng, channel = stage.rng, place.channel
    moment, last, before = at, at, None
    for _ in range(rng.choice((1, 1, 2, 2, 3, 4, 5))):
        person = stage.somebody(channel)
        text = phrases.chatter(rng, phrases.topic(rng, rng.choice(stage.world.personas)))
        reply = before if rng.random() < 0.15 else None
        message_id = stage.user_says(channel, moment, person, text, reply_to=reply, ping=reply is not None)
        where = (message_id, channel.guild_id, channel.id)
        if rng.random() < 0.04:
            after = moment + rng.randint(4_000, 90_000)
            stage.later(after, MessageEdited(*where, after, f"{text} (typo)"))
        elif rng.random() < 0.012:
            after = moment + rng.randint(20_000, 900_000)
            stage.later(after, MessageDeleted(*where, after))

        before, last = message_id, moment
        moment += rng.randint(4_000, 70_000)

    place.ready = moment
    place.left_open(last)


def crossing(stage: Stage, place: Place, at: Instant) -> None:
    """Two people ask at once, and each answer refers to its message."""
    rng, channel = stage.rng, place.channel
    first, one, two = stage.somebody(channel), stage.some_persona(), stage.some_persona()
    second, soon = stage.somebody(channel, first), at + rng.randint(250, 900)
    mine = Asking(_plain(stage, place, at, first, one), at, first, refer=True, whole=True)
    other = Asking(_plain(stage, place, soon, second, two), soon, second, refer=True, whole=True)
    latest = max(respond(stage, place, one, mine).at, respond(stage, place, two, other).at)
    place.ready = max(place.ready, latest + rng.randint(8_000, 60_000))
    place.spoken(latest)


def aside(stage: Stage, place: Place, at: Instant) -> None:
    """Somebody else talks in between; the answer says whom it is for instead of referring."""
    rng, channel = stage.rng, place.channel
    first, persona = stage.somebody(channel), stage.some_persona()
    second = stage.somebody(channel, first)
    named = second != first and first.name.isascii()
    to = rng.choice((first.name, f"<@{first.id}>")) if named else ""
    mine = Asking(_plain(stage, place, at, first, persona), at, first, refer=not named, to=to, whole=True)
    soon = at + rng.randint(250, 3_000)
    stage.user_says(channel, soon, second, phrases.chatter(rng, phrases.topic(rng, persona)))
    answered = respond(stage, place, persona, mine)
    place.ready = max(place.ready, answered.at + rng.randint(8_000, 60_000), soon + 1_000)
    place.spoken(answered.at)
    place.left_open(soon)


def _plain(stage: Stage, place: Place, at: Instant, person: Person, persona: Persona) -> int:
    """A question, half of them by name."""
    address = "name" if stage.rng.random() < 0.5 else ""
    text = phrases.question(stage.rng, persona, address)
    return stage.user_says(place.channel, at, person, text, (persona.name,) if address else ())


def ignored(stage: Stage, place: Place, at: Instant) -> None:
    """A user addresses a persona and gets nothing."""
    persona = stage.some_persona()
    text = phrases.question(stage.rng, persona, "name")
    stage.user_says(place.channel, at, stage.somebody(place.channel), text, (persona.name,))
    place.left_open(at)
    place.ready = place.open_until


def unprompted(stage: Stage, place: Place, at: Instant) -> None:
    """A persona speaks unasked."""
    persona = stage.some_persona()
    stage.persona_says(place, at, persona, phrases.unprompted(stage.rng, persona))
    place.ready = at + 65_000
    place.spoken(at)


def command(stage: Stage, place: Place, at: Instant) -> None:
    """A user runs a command of the host bot, which answers in the channel."""
    rng, channel, world = stage.rng, place.channel, stage.world
    person, seconds = stage.somebody(channel), rng.lognormvariate(-1.3, 0.6)
    error = rng.choice((ErrorKind.VALIDATION, ErrorKind.TIMEOUT)) if rng.random() < 0.03 else None
    ended = at + round(seconds * 1000)
    name, kind = rng.choice(_COMMANDS), "slash"
    if stage.extra.random() < 0.3:
        name, kind = stage.extra.choice(_PRESSED)

    if error is not None:
        error = stage.extra.choice((ErrorKind.VALIDATION, ErrorKind.TIMEOUT, ErrorKind.PERMISSION, ErrorKind.NOT_FOUND))

    stage.emit(ended, CommandRan(name, kind, channel.guild_id, channel.id, person.id, at, seconds, error))
    if error is None:
        stage.emit(
            ended,
            MessageSeen(
                stage.id_at(ended), channel.guild_id, channel.id, world.bot_user_id, "Greenroom", f"Done: {name}.",
                ended, bot=True, own=True, webhook_id=world.application_id, application_id=world.application_id,
                interaction=True,
            ),
        )  # fmt: skip

    place.ready = ended + 12_000


def feed(stage: Stage, place: Place, at: Instant) -> None:
    """Somebody else's webhook posts, now and then under a persona's name."""
    rng, channel, world = stage.rng, place.channel, stage.world
    name = stage.some_persona().name if rng.random() < 0.3 else "Release Feed"
    stage.emit(
        at,
        MessageSeen(
            stage.id_at(at), channel.guild_id, channel.id, channel.foreign_webhook_id, name, rng.choice(phrases.FEED),
            at, bot=True, webhook_id=channel.foreign_webhook_id, application_id=world.foreign_application_id,
        ),
    )  # fmt: skip
    place.ready = at + 12_000
