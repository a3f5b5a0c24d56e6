"""How commands, context menus, components and modals end: by kind, with a name, and the host none the wiser."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import discord
import pytest
import pytest_asyncio

from cogs._failures import LOGGERS
from cogs._interactions import first_word
from cogs.listeners import Listeners
from monitoring.model import CommandRan, ErrorKind
from monitoring.sandbox.interactions import COMMAND

from .conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="module")
Asked = discord.Interaction[Any]


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def nothing_yet(house: House) -> AsyncIterator[None]:
    """Each test begins with no facts."""
    house.facts.clear()
    yield


async def ended(house: House, name: str) -> CommandRan:
    """The one thing of this name that ended."""

    def found() -> list[CommandRan]:
        return [fact for fact in ran(house) if fact.name == name]

    await house.until(f"the end of {name}", found)
    assert len(found()) == 1
    return found()[0]


def ran(house: House) -> list[CommandRan]:
    """All that ended."""
    return [fact for fact in house.facts if isinstance(fact, CommandRan)]


def ours(house: House) -> Listeners:
    """The cog that listens; its class may be another than ours, as loading an extension imports it anew."""
    return cast(Listeners, house.bot.get_cog("Greenroom listeners"))


@asynccontextmanager
async def command(house: House, name: str, does: Callable[[Asked], Awaitable[None]]) -> AsyncIterator[Any]:
    """A slash command of the host's, for a while."""

    async def callback(interaction: Asked) -> None:
        await does(interaction)

    made: Any = discord.app_commands.Command(name=name, description="x", callback=callback)
    house.bot.tree.add_command(made)
    await house.bot.http.upsert_global_command(house.bot.application_id or 0, made.to_dict(house.bot.tree))
    yield made
    house.bot.tree.remove_command(name)


@asynccontextmanager
async def menu(house: House, does: Callable[[Asked], Awaitable[None]]) -> AsyncIterator[Any]:
    """A context menu of the host's on users, for a while; answers with what uses it."""

    async def callback(interaction: Asked, user: discord.User) -> None:
        await does(interaction)

    made: Any = discord.app_commands.ContextMenu(name="Poke", callback=callback)
    house.bot.tree.add_command(made)
    user = str(house.people["member"])
    data = {"id": "7", "name": "Poke", "type": 2, "target_id": user}
    data |= {"resolved": {"users": {user: {"id": user, "username": "m", "discriminator": "0", "avatar": None}}}}
    sandbox = house.sandbox

    def use() -> None:
        channel = sandbox.state.channel(house.talk)
        opened = sandbox.interactions.open(COMMAND, house.people["manager"], channel, data, name="Poke")
        payload = sandbox.interactions.payload(opened, None)
        sandbox.gateway.dispatch("INTERACTION_CREATE", payload, guild_id=house.ops)

    yield made, use
    house.bot.tree.remove_command("Poke", type=discord.AppCommandType.user)


async def raises(interaction: Asked) -> None:
    """As a callback that asks a slow service."""
    raise TimeoutError("too slow")


async def answers_late(interaction: Asked) -> None:
    """As a callback that takes its time."""
    await interaction.response.defer()
    await asyncio.sleep(0.05)


async def test_failed_slash_commands_have_the_kind_of_their_failure(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """discord.py only logs them: its line stays as it is, and tells why."""
    async with command(house, "stumble", raises):
        with caplog.at_level(logging.ERROR):
            await house.sandbox.command(house.people["manager"], house.talk, "stumble", timeout=0.1)
            fact = await ended(house, "stumble")

        ours(house)._running.sweep()

    assert (fact.kind, fact.error, fact.guild_id) == ("slash", ErrorKind.TIMEOUT, house.ops)
    assert [record.getMessage() for record in caplog.records] == ["Ignoring exception in command 'stumble'"]


async def test_a_failure_that_the_hosts_own_handler_takes_is_unknown(house: House) -> None:
    """Then nothing is logged, and the command is only marked; it lasted until the mark was found."""
    taken: list[Exception] = []

    async def take(interaction: Asked, error: Exception) -> None:
        taken.append(error)

    async with command(house, "quietly", raises) as made:
        made.error(take)
        await house.sandbox.command(house.people["manager"], house.talk, "quietly", timeout=0.1)
        await house.until("the handler", lambda: taken)
        ours(house)._running.sweep()
        assert not ran(house), "a handler may still be at work, and tell"
        ours(house)._running.sweep()
        fact = await ended(house, "quietly")

    assert fact.error is ErrorKind.UNKNOWN
    assert fact.duration < 1


async def test_the_hosts_own_handler_may_tell_what_failed(house: House) -> None:
    """One line of it, whether what it has is wrapped or not; telling twice is telling once."""

    async def take(interaction: Asked, error: Exception) -> None:
        ours(house).command_failed(interaction, error)
        ours(house).command_failed(interaction, error)

    async with command(house, "spoken", raises) as made:
        made.error(take)
        await house.sandbox.command(house.people["manager"], house.talk, "spoken", timeout=0.1)
        fact = await ended(house, "spoken")
        ours(house)._running.sweep()

    assert fact.error is ErrorKind.TIMEOUT


async def test_f17_telling_nonsense_of_a_failure_harms_nobody(house: House) -> None:
    """The host's handler is never interrupted by us."""
    strange: Any = object()
    ours(house).command_failed(strange, ValueError())
    assert not ran(house)


async def test_context_menus_are_a_kind_of_their_own(house: House) -> None:
    """Ended well, or by an exception."""
    async with menu(house, answers_late) as (_, use):
        use()
        well = await ended(house, "Poke")

    house.facts.clear()
    async with menu(house, raises) as (_, use):
        use()
        badly = await ended(house, "Poke")

    assert (well.kind, well.error) == ("context_menu", None)
    assert (badly.kind, badly.error) == ("context_menu", ErrorKind.TIMEOUT)


async def test_a_context_menu_that_the_host_handles_is_found_when_its_task_is_gone(house: House) -> None:
    """discord.py does not even mark it."""
    failing = asyncio.Event()

    async def waits(interaction: Asked) -> None:
        await failing.wait()
        raise TimeoutError

    async def take(interaction: Asked, error: Exception) -> None:
        pass

    running = ours(house)._running
    async with menu(house, waits) as (made, use):
        made.error(take)
        use()
        await house.until("it", lambda: running._began)
        house.clock.ahead += 2
        running.sweep()
        running.sweep()
        assert not ran(house), "it is under way"
        failing.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        running.sweep()
        running.sweep()
        fact = await ended(house, "Poke")

    assert (fact.kind, fact.error) == ("context_menu", ErrorKind.UNKNOWN)
    assert fact.duration > 2


class Vote(discord.ui.View):
    """A view of the host's."""

    def __init__(self, does: Callable[[Asked], Awaitable[None]], custom_id: str | None) -> None:
        super().__init__(timeout=None)
        button: Any = discord.ui.Button(label="x")
        button.custom_id = custom_id or button.custom_id
        button.callback = does
        self.custom_id = button.custom_id
        self.add_item(button)


async def pressed(house: House, view: Vote) -> None:
    """A person presses the button of a message of the host's."""
    channel: Any = house.bot.get_channel(house.talk)
    message = await channel.send("vote", view=view)
    await house.sandbox.click(house.people["member"], message.id, view.custom_id, timeout=0.3)


async def test_components_are_named_by_the_first_word_of_their_id(house: House) -> None:
    """How long the callback took, not only the first answer."""
    await pressed(house, Vote(answers_late, "vote:1234567:up"))
    fact = await ended(house, "vote")

    assert (fact.kind, fact.error, fact.user_id) == ("component", None, house.people["member"])
    assert 0.05 <= fact.duration < 2


async def test_components_without_an_id_of_their_own_are_named_by_their_view(house: House) -> None:
    """discord.py makes a random id for each."""
    await pressed(house, Vote(answers_late, None))
    fact = await ended(house, "Vote")

    assert (fact.kind, fact.error) == ("component", None)


@pytest.mark.parametrize("custom_id", ["quick:1", None])
async def test_failed_components_have_the_kind_of_their_failure(
    house: House, caplog: pytest.LogCaptureFixture, custom_id: str | None
) -> None:
    """At once, before their begin was heard of."""
    with caplog.at_level(logging.ERROR):
        await pressed(house, Vote(raises, custom_id))
        fact = await ended(house, "quick" if custom_id else "Vote")

    assert (fact.kind, fact.error) == ("component", ErrorKind.TIMEOUT)
    assert len(caplog.records) == 1


async def test_a_component_whose_hosts_handler_breaks_is_told_by_its_task(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """And asyncio still tells of the exception that nobody took."""

    async def breaks(interaction: Asked) -> None:
        await interaction.response.defer()
        raise KeyError

    class Careless(Vote):
        async def on_error(self, interaction: Asked, error: Exception, item: Any, /) -> None:
            raise PermissionError("not allowed")

    with caplog.at_level(logging.ERROR):
        await pressed(house, Careless(breaks, "careless"))
        fact = await ended(house, "careless")
        await house.until("asyncio", lambda: "never retrieved" in caplog.text)

    assert fact.error is ErrorKind.PERMISSION


@pytest.mark.parametrize("pause", [0, 0.01])
async def test_a_component_that_nobody_answers_timed_out(house: House, pause: float) -> None:
    """Discord tells the one who pressed so after three seconds; whether a check refused it or it was forgotten."""

    async def sleeps(interaction: Asked) -> None:
        await asyncio.sleep(pause)

    await pressed(house, Vote(sleeps, "nobody"))
    running = ours(house)._running
    await house.until("it", lambda: running._began and not running._tasks)
    running.sweep()
    assert not ran(house)
    house.clock.ahead += 5
    running.sweep()
    fact = await ended(house, "nobody")

    assert (fact.kind, fact.error, fact.duration) == ("component", ErrorKind.TIMEOUT, 4.0)


async def test_modals_sent_in(house: House) -> None:
    """By their id, or their class; never by what was written."""

    class Confession(discord.ui.Modal, title="Tell"):
        what: Any = discord.ui.TextInput(label="what")

        async def on_submit(self, interaction: Asked, /) -> None:
            await interaction.response.send_message("thanks")
            if str(self.what) == "badly":
                raise TimeoutError

    async def opens(interaction: Asked) -> None:
        await interaction.response.send_modal(Confession())

    for words, error in (("well", None), ("badly", ErrorKind.TIMEOUT)):
        async with command(house, "confess", opens) as made:
            house.facts.clear()
            asked = await house.sandbox.command(house.people["manager"], house.talk, made.name)
            assert asked.modal is not None
            field = asked.modal["components"][0]["components"][0]["custom_id"]
            await house.sandbox.submit_modal(house.people["manager"], asked, {field: words})
            fact = await ended(house, "Confession")

        assert (fact.kind, fact.error) == ("modal", error)


async def test_our_own_buttons_are_not_counted(house: House) -> None:
    """The monitor's own are no use of the bot."""
    answer = await house.sandbox.command(house.people["manager"], house.talk, "health")
    await house.sandbox.click(house.people["manager"], answer.message["id"], "mon:health:refresh")
    await ended(house, "health")
    ours(house)._running.sweep()

    assert not [fact for fact in ran(house) if fact.kind != "slash"]


async def test_f17_after_unloading_discord_pys_loggers_are_as_before(house: House) -> None:
    """No filter stays, whatever was under way."""
    cog = ours(house)
    forever = asyncio.Event()

    async def waits(interaction: Asked) -> None:
        await forever.wait()

    await pressed(house, Vote(waits, "waits"))
    await house.until("its task", lambda: cog._running._tasks)
    await cog.cog_unload()
    assert not [heard for name in LOGGERS for heard in logging.getLogger(name).filters]
    assert not cog._running._tasks
    forever.set()
    await asyncio.sleep(0.01)
    assert not ran(house)
    await cog.cog_load()


async def test_names_are_few_and_no_users() -> None:
    """Ids, random numbers and whatever follows the first word are left out."""
    names = {
        "vote": "vote",
        "open_ticket": "open_ticket",
        "open-ticket:17": "open_ticket",
        "page_2": "page_*",
        "page2": "*",
        "vote 123": "vote",
        "1234567890": "*",
        "poll_1234567890_3": "poll_*",
        "d41d8cd98f00b204e9800998ecf8427e": "*",
        "deadbeef": "*",
        "550e8400-e29b-41d4-a716-446655440000": "*",
        "straße": "stra",
        "": "*",
        "🌧️": "*",
        "x" * 100: "*",
    }
    assert {custom_id: first_word(custom_id) for custom_id in names} == names
