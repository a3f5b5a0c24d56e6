"""All of recording together: instruments, recorder, conversations, ring."""

from __future__ import annotations

import random
from collections.abc import Iterator

from monitoring.interfaces import Batch
from monitoring.model import HOUR, MINUTE, SECOND, ErrorKind, MessageSeen, OperationDone, Seen
from monitoring.recording.conversation import Conversations
from monitoring.recording.identity import UserHash
from monitoring.recording.operation import Instruments
from monitoring.recording.personas import PersonaConfig, Personas
from monitoring.rollup import Table, merge_tables

from .standins import NOON, Desk, added

BOT, HOOK = 900, 901


def follow() -> Conversations:
    """Conversations of Luna and Rex, who speak through the bot's webhook."""
    known = Personas(configured=[PersonaConfig("Luna"), PersonaConfig("Rex")], own_application_id=BOT, own_user_id=BOT)
    return Conversations(known, UserHash(bytes(range(32))))


def evening() -> Iterator[Seen]:
    """Two hours of talk in three channels, with answers, silence, banter, failures and what the host reports."""
    dice, at, number = random.Random(4), NOON - 3 * HOUR, 1_000
    while at < NOON - HOUR:
        at += dice.choice([2, 5, 20, 70, 400]) * SECOND
        channel, number, persona = dice.randrange(20, 23), number + 1, dice.choice(["Luna", "Rex"])
        if dice.random() < 0.5:
            text = dice.choice(["Hi all", f"{persona}, are you there?", "What a day 🎉"])
            yield MessageSeen(number, 10, channel, dice.randrange(100, 104), "Ada", text, at)
        else:
            error = ErrorKind.TIMEOUT if dice.random() < 0.2 else None
            yield OperationDone(
                "llm", "llm_inference", at - 900, 0.8, error, persona=persona, guild_id=10, model="gpt-4o",
                prompt_tokens=300, completion_tokens=40, first_token=0.2, feature="chat",
            )  # fmt: skip
            text = "That is *very* nice!"
            yield MessageSeen(
                number, 10, channel, HOOK, persona, text, at, bot=True, webhook_id=HOOK, application_id=BOT
            )


def figures(batches: list[Batch]) -> dict[str, Table]:
    """All rollups of each metric by minute, added up."""
    whole: dict[str, Table] = {}
    for batch in batches:
        for (metric, minute), table in added(batch).items():
            merge_tables(whole.setdefault(f"{metric} {minute}", {}), table)

    return whole


async def test_f15_history_gives_the_very_figures_it_gave_live():
    """Flushed at odd moments as it happens, or replayed in chunks: the same rollups, rows and exchanges."""
    live, replayed = Desk(conversations=follow()), Desk(conversations=follow())
    dice = random.Random(5)
    for seen in evening():
        while live.clock.at < seen.at - MINUTE:
            live.clock.at += MINUTE
            await live.recorder.flush()

        live.clock.at = seen.at
        live.recorder.record(seen)
        if dice.random() < 0.4:
            await live.recorder.flush()

    live.clock.at = NOON
    await live.recorder.flush()
    await replayed.recorder.replay(evening(), chunk=37)

    ours, theirs = figures(live.shelf.batches), figures(replayed.shelf.batches)
    assert ours == theirs
    assert {name.split()[0] for name in ours} >= {"response", "operation", "message", "exchange", "failure"}
    assert sorted(map(repr, live.shelf.operations)) == sorted(map(repr, replayed.shelf.operations))
    for rows in ("messages", "exchanges"):
        mine = {repr(row) for batch in live.shelf.batches for row in getattr(batch, rows)}
        assert {repr(row) for batch in replayed.shelf.batches for row in getattr(batch, rows)} == mine

    await live.recorder.close()
    await replayed.recorder.close()


async def test_a_reported_response_is_counted_with_its_components():
    """The host's own timing is a response of its persona; what ran inside bears its number and has a price."""
    desk = Desk(conversations=follow())
    instruments = Instruments(desk.recorder, clock=desk.clock)
    desk.recorder.record(MessageSeen(5, 10, 20, 100, "Ada", "Luna, hello", desk.clock.at))
    with instruments.response(persona="Luna", guild_id=10, channel_id=20, message_id=5):
        with instruments.operation("llm", "llm_inference", model="gpt-4o") as call:
            desk.clock.pass_by(1.5)
            call.tokens(1_000, 500)

        desk.clock.pass_by(0.5)

    await desk.recorder.flush()

    component, response = desk.shelf.operations
    assert component.response_id == response.response_id
    assert (component.persona, component.cost) == ("Luna", 7_500)
    assert desk.shelf.total("response").mean == 2.0
    assert desk.shelf.total("operation").cost == 7_500
    heard = desk.recent.rollup("operation", NOON - MINUTE, NOON + MINUTE)
    assert (heard.count, heard.cost, heard.prompt) == (2, 7_500, 1_000)
    assert desk.recent.rollup("response", NOON - MINUTE, NOON + MINUTE).count == 1
    await desk.recorder.close()
