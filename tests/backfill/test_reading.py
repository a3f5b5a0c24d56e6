"""`/monitoring backfill` from the command to the figures, over Discord's API as the stand-in speaks it."""

from __future__ import annotations

from monitoring.model import DAY, Instant
from monitoring.sandbox import Answer
from tests.backfill.conftest import Town, ended
from tests.conftest import Stage, until

PAGES = "GET /channels/{channel_id}/messages"


async def counted(stage: Stage, since: Instant) -> int:
    """Messages in the figures."""
    now = stage.monitor.clock.now()
    await stage.monitor.recorder.flush()
    steps = (await stage.monitor.store.series("message", since, now + DAY, 0)).steps
    return sum(rollup.count for step in steps for rollup in step.values())


async def begin(town: Town, stage: Stage, **options: object) -> Answer:
    """The owner asks for it."""
    return await stage.command(town.world.owner_id, town.world.ops_channel.id, "monitoring backfill", dict(options))


def shown(town: Town) -> dict[str, object]:
    """The message in the ops channel, if it is there."""
    messages = town.sandbox.messages(town.world.ops_channel.id)
    found = [one for one in messages if one["embeds"] and "istory" in one["embeds"][0]["title"]]
    assert len(found) <= 1, "one message, edited"
    return dict(found[0]) if found else {}


async def test_thousands_of_messages_are_counted(town: Town) -> None:
    """All channels are read to the end, and the message says how many."""
    for channel in town.world.channels:
        town.talk(channel, 700)

    async with town.bot() as bot:
        answer = await begin(town, bot)
        assert answer.ephemeral
        await ended(bot)
        assert await counted(bot, town.now - 30 * DAY) == town.total
        await until("the last word", lambda: f"{town.total:,} messages counted" in str(shown(town)))
        assert not shown(town)["components"], "nothing is left to stop"
        assert bot.monitor.first_at is not None
        assert bot.monitor.first_at < town.now - DAY
        said = [deed.text for deed in await bot.monitor.audit.newest()]
        assert "History of 30 days is read." in said


async def test_f15_a_second_reading_asks_for_nothing_that_was_read(town: Town) -> None:
    """Run again, it takes up where it ended; no message counts twice."""
    town.talk(town.world.channels[0], 250)
    async with town.bot() as bot:
        await begin(town, bot)
        await ended(bot)
        pages = town.sandbox.requests[PAGES]
        await begin(town, bot)
        await ended(bot)
        assert await counted(bot, town.now - 30 * DAY) == town.total
        assert town.sandbox.requests[PAGES] - pages <= 2, "one for each channel with news, the ops channel among them"
        job = bot.monitor.backfill.job
        assert job is not None
        assert job.counts.read == 0


async def test_only_one_reading_at_a_time(town: Town) -> None:
    """Asked again while it reads, it shows the one that runs."""
    town.talk(town.world.channels[0], 900)
    async with town.bot() as bot:
        bot.monitor.backfill.pause = 0.05
        await begin(town, bot)
        first = bot.monitor.backfill.job
        again = await begin(town, bot, days=2)
        assert "being read already" in str(again.message)
        assert bot.monitor.backfill.job is first
        await ended(bot)


async def test_stop_ends_it_and_the_next_goes_on(town: Town) -> None:
    """The owner's click ends it; what was read stays, and a new reading takes up the rest."""
    town.talk(town.world.channels[0], 900)
    async with town.bot() as bot:
        bot.monitor.backfill.pause = 0.05
        await begin(town, bot)
        await until("some pages", lambda: bot.monitor.backfill.job and bot.monitor.backfill.job.counts.read >= 300)
        message = shown(town)
        stranger = await town.sandbox.click(town.world.people[5].id, message["id"], "mon:backfill:stop")
        assert bot.monitor.backfill.running, stranger
        await town.sandbox.click(town.world.owner_id, message["id"], "mon:backfill:stop")
        assert not bot.monitor.backfill.running
        assert 300 <= await counted(bot, town.now - 30 * DAY) < town.total
        assert "was stopped" in str(shown(town))
        bot.monitor.backfill.pause = 0.0
        await begin(town, bot)
        await ended(bot)
        assert await counted(bot, town.now - 30 * DAY) == town.total


async def test_channels_closed_to_the_bot_are_named(town: Town) -> None:
    """One that it may not read is left out and named; the others are read."""
    first, second, *_ = town.world.guilds[0].channels
    town.talk(first, 120)
    town.talk(second, 120)
    everybody = town.world.guilds[0].id
    town.sandbox.overwrite(second.id, everybody, deny=["read_message_history"])
    town.sandbox.overwrite(second.id, town.sandbox.bot_user_id, deny=["read_message_history"])
    async with town.bot() as bot:
        await begin(town, bot)
        await ended(bot)
        assert await counted(bot, town.now - 30 * DAY) == 120
        await until("its name", lambda: f"<#{second.id}>" in str(shown(town)))


async def test_threads_are_read_also_those_that_ended(town: Town) -> None:
    """A thread that goes on and one that is archived."""
    channel = town.world.guilds[0].channels[0]
    for number, ended_at in enumerate((None, town.now)):
        thread = town.thread(channel, f"thread {number}", archived=ended_at is not None)
        town.talk(thread, 30)

    async with town.bot() as bot:
        await begin(town, bot, channel=str(channel.id))
        await ended(bot)
        assert await counted(bot, town.now - 30 * DAY) == town.total == 60


async def test_limits_of_discord_are_waited_for(town: Town) -> None:
    """429s, and a server that fails for a moment, delay it and lose nothing."""
    town.talk(town.world.channels[0], 450)
    async with town.bot() as bot:
        path = rf"/channels/{town.world.channels[0].id}/messages"
        town.sandbox.faults.rate_limit(path, 0.2, times=3)
        await begin(town, bot)
        await ended(bot)
        assert await counted(bot, town.now - 30 * DAY) == town.total


async def test_f15_what_was_heard_live_is_not_counted_again(town: Town) -> None:
    """Messages that come while the bot listens, and while it reads, count once."""
    channel = town.world.channels[0]
    town.talk(channel, 300)
    async with town.bot() as bot:
        for number in range(5):
            await town.sandbox.say(channel.id, town.world.people[1].id, f"live {number}")

        await begin(town, bot)
        for number in range(5):
            await town.sandbox.say(channel.id, town.world.people[2].id, f"meanwhile {number}")

        await ended(bot)
        await until("all heard", lambda: bot.monitor.recorder.counts.total_buffered == 0)
        assert await counted(bot, town.now - 30 * DAY) == 310


async def test_how_long_an_edited_answer_took_is_not_guessed(town: Town) -> None:
    """It may have been a placeholder: the answer counts, its time does not."""
    channel = town.world.channels[0]
    begun, name = town.now - DAY, town.world.personas[0].name
    for number, edited in enumerate((None, begun + 60_000)):
        at = begun + number * 600_000
        town.sandbox.remember(channel.id, town.world.people[0].id, f"{name}, are you there?", at)
        town.sandbox.remember(
            channel.id, 0, "I am.", at + 4_000, webhook_id=channel.webhook_id, name=name,
            edited_ms=None if edited is None else at + 9_000,
        )  # fmt: skip

    async with town.bot() as bot:
        await begin(town, bot)
        await ended(bot)
        store, now = bot.monitor.store, bot.monitor.clock.now()
        answers = (await store.series("response", begun - DAY, now, 0)).steps[0]
        answered = (await store.series("answered", begun - DAY, now, 0)).steps[0]
        assert [(r.count, r.total) for r in answers.values()] == [(1, 4_000_000)]
        assert sum(r.count for r in answered.values()) == 2
