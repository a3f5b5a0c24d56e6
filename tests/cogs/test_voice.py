"""Time in voice channels, as the real client hears of it and as whiles add it up."""

from __future__ import annotations

import random
from typing import Any

import pytest

from cogs._voice_rooms import AT_MOST, VoiceRooms
from monitoring.model import MINUTE
from monitoring.seen import VoiceStay

from .conftest import House

asyncio_here = pytest.mark.asyncio(loop_scope="module")


class Hall:
    """Voice rooms with a clock that is set by hand, and what they told."""

    def __init__(self) -> None:
        self.now = 1_000_000
        self.told: list[VoiceStay] = []
        self.rooms = VoiceRooms(self.told.append, lambda: self.now)

    @property
    def seconds(self) -> float:
        return sum(stay.people * (stay.until - stay.at) for stay in self.told) / 1000

    @property
    def joins(self) -> int:
        return sum(stay.joined for stay in self.told)


def test_a_stay_is_from_joining_to_leaving() -> None:
    """Moving to another channel or muting goes on; each comes and goes by itself."""
    hall = Hall()
    hall.rooms.moved(7, 1, here=True)
    hall.now += 10_000
    hall.rooms.moved(7, 1, here=True)
    hall.rooms.moved(7, 2, here=True)
    hall.now += 5_000
    hall.rooms.moved(7, 1, here=False)
    hall.now += 1_000
    hall.rooms.moved(7, 2, here=False)
    hall.rooms.moved(7, 2, here=False)
    hall.now += 50_000
    hall.rooms.tell()
    assert [(stay.people, stay.until - stay.at, stay.joined) for stay in hall.told] == [
        (1, 10_000, 1),
        (2, 5_000, 1),
        (1, 1_000, 0),
    ]


def test_those_there_at_a_start_count_from_the_start() -> None:
    """Not as joining; and until the stop."""
    hall = Hall()
    hall.rooms.found(7, {1, 2, 3})
    hall.now += 20_000
    hall.rooms.found(7, {2})
    hall.now += 7_000
    hall.rooms.tell()
    assert (hall.seconds, hall.joins) == (67.0, 0)


def test_a_guild_that_is_lost_is_counted_until_then() -> None:
    """And forgotten."""
    hall = Hall()
    hall.rooms.moved(7, 1, here=True)
    hall.now += 4_000
    hall.rooms.lost(7)
    hall.rooms.lost(8)
    hall.now += 4_000
    hall.rooms.tell()
    assert (hall.seconds, hall.joins) == (4.0, 1)


@pytest.mark.parametrize("leap", [-3_600_000, AT_MOST + 1, 8 * 3_600_000])
def test_f13_a_leap_of_the_clock_is_nobodys_time(leap: int) -> None:
    """A clock that is set, or a machine that slept: who was there meanwhile is not known. A join still counts."""
    hall = Hall()
    hall.rooms.moved(7, 1, here=True)
    hall.now += leap
    hall.rooms.tell()
    hall.now += 3_000
    hall.rooms.tell()
    assert (hall.seconds, hall.joins) == (3.0, 1)
    assert all(stay.at <= stay.until for stay in hall.told)


def test_whiles_add_up_to_everybodys_stays() -> None:
    """However people come and go, and whenever it is looked at."""
    dice, hall, since, truth, joins = random.Random(2), Hall(), dict[tuple[int, int], int](), 0, 0
    for _ in range(2_000):
        hall.now += dice.randint(0, 30_000)
        key = (dice.randint(1, 3), dice.randint(1, 20))
        if dice.random() < 0.3:
            hall.rooms.tell()
        elif key in since and dice.random() < 0.6:
            truth += hall.now - since.pop(key)
            hall.rooms.moved(*key, here=False)
        else:
            joins += key not in since
            since.setdefault(key, hall.now)
            hall.rooms.moved(*key, here=True)

    hall.rooms.tell()
    truth += sum(hall.now - begun for begun in since.values())
    assert (hall.seconds, hall.joins) == (truth / 1000, joins)
    assert max(stay.until - stay.at for stay in hall.told) <= 5 * MINUTE


@asyncio_here
async def test_people_in_voice_are_heard_and_bots_are_not(house: House) -> None:
    """Joining and leaving through the gateway, with the intent that a bot has anyway."""
    box, member = house.sandbox, house.people["member"]
    parrot = box.add_user("parrot", bot=True)
    box.add_member(house.ops, parrot)
    talk, quiet = box.add_channel(house.ops, "talk", "voice"), box.add_channel(house.ops, "quiet", "voice")
    guild: Any = house.bot.get_guild(house.ops)
    for person, channel in ((parrot, talk), (member, talk), (member, quiet)):
        box.voice(house.ops, person, channel)
        await house.until("them", lambda who=person, where=channel: in_voice(guild, where, who))

    box.voice(house.ops, member, None)
    await house.until("the stay", lambda: stays(house))
    assert [(stay.guild_id, stay.people, stay.joined) for stay in stays(house)] == [(house.ops, 1, 1)]


@asyncio_here
async def test_those_in_voice_when_the_cog_comes_are_counted_until_it_goes(house: House) -> None:
    """A cog that is loaded late, and unloaded."""
    box, viewer = house.sandbox, house.people["viewer"]
    hall = box.add_channel(house.ops, "hall", "voice")
    box.voice(house.ops, viewer, hall)
    guild: Any = house.bot.get_guild(house.ops)
    await house.until("her", lambda: in_voice(guild, hall, viewer))
    house.facts.clear()
    loaded: Any = house.bot.get_cog("Greenroom voice")
    cog = type(loaded)(house.bot)
    await cog.cog_load()
    began = house.monitor.clock.now()
    await house.until("some time", lambda: house.monitor.clock.now() > began)
    await cog.cog_unload()
    found = [stay for stay in stays(house) if not stay.joined]
    assert [stay.people for stay in found] == [1]
    assert found[0].at <= began < found[0].until
    box.voice(house.ops, viewer, None)


@asyncio_here
async def test_f9_what_is_no_voice_state_harms_nothing(house: House) -> None:
    """Whatever the client hands in, the host's own listeners go on."""
    cog: Any = house.bot.get_cog("Greenroom voice")
    await cog.on_voice_state_update(object(), None, None)
    await cog.on_guild_available(None)
    await cog.on_guild_remove(5)


def in_voice(guild: Any, channel_id: int, user_id: int) -> bool:
    """Whether the client knows that somebody is there."""
    channel = guild.get_channel(channel_id)
    return channel is not None and user_id in channel.voice_states


def stays(house: House) -> list[VoiceStay]:
    """What was told so far."""
    return [fact for fact in house.facts if isinstance(fact, VoiceStay)]
