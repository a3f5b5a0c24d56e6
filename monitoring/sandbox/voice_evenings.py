"""Who sits in the voice channels of the demo's history: some people, mostly in the evening."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

from monitoring.model import MINUTE, SECOND, Instant
from monitoring.sandbox.ledger_people import ZONE
from monitoring.sandbox.stage import Stage
from monitoring.seen import VoiceStay

_HOURS = (17, 18, 19, 20, 20, 21, 21, 22)
_LONGEST = 5 * MINUTE
"""Of what is told at once, as a bot does that looks every few minutes."""


def voice_day(stage: Stage, begin: Instant, end: Instant) -> None:
    """The voice channels of all guilds on one local day."""
    for guild in stage.world.guilds:
        people = [person for person in stage.world.people if person.id in guild.member_ids]
        stays = [
            stay
            for _ in stage.extra.sample(people, stage.extra.randint(1, 5))
            if (stay := _stay(stage, begin, end)) is not None
        ]
        for start, until in stays:
            stage.note(stage.ledger.in_voice, start, until)

        _tell(stage, guild.id, stays)


def _stay(stage: Stage, begin: Instant, end: Instant) -> tuple[Instant, Instant] | None:
    """When somebody comes and goes that day; None if not at all."""
    day, extra = datetime.fromtimestamp(begin / 1000, ZONE), stage.extra
    came = int(day.replace(hour=extra.choice(_HOURS), minute=extra.randint(0, 59)).timestamp() * 1000)
    came += extra.randint(0, 59_999)
    left = min(came + round(extra.lognormvariate(3.4, 0.7) * MINUTE), end - SECOND)
    heard = all(stage.weather.monitored(at) for at in range(came, left, MINUTE))
    return (came, left) if begin <= came < left and heard else None


def _tell(stage: Stage, guild_id: int, stays: list[tuple[Instant, Instant]]) -> None:
    """What is seen of them: whiles in which the number of people stays the same."""
    moments = sorted({moment for stay in stays for moment in stay})
    for start, until in pairwise(moments):
        people = sum(came <= start < left for came, left in stays)
        joined = sum(came == start for came, _ in stays)
        while people and start < until:
            end = min(start + _LONGEST, until)
            stage.emit(end, VoiceStay(guild_id, start, end, people, joined))
            start, joined = end, 0
