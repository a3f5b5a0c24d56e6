"""Personas whose names would ping, style, reorder and flood: every command shows them, and they do nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from monitoring.model import DAY, SECOND
from monitoring.sandbox import Sandbox
from monitoring.sandbox.world import World
from tests.conftest import Stage, on_stage, settings_for, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONG = "Endless " * 25
PREFIXED = "$\\frac{1}{0}$ " + "W" * 80
HOSTILE = (
    "@everyone",
    "<@1180000000000000001> <@&1180000000000000301>",
    "**b** _i_ ~~s~~ ||spoiler|| [x](https://evil.example)",
    "\u202eevil\u202c\u2066mirror\u2069",
    "Z" + "\u0301\u0489" * 39,
    "名前の長い人形遣いと猫" * 3,
    "🐸🧑‍🚀👩‍👩‍👧‍👦🏳️‍🌈" * 3,
    "`code` ```block``` ``",
    "$x_2$ ^{y} \\alpha $",
    "one\n# two\n> three\r\n- four",
)
KINDS = ("overview", "response times", "activity heatmap", "persona", "relationships", "banter", "resources")
SHOWN = frozenset({"content", "title", "description", "name", "value", "text"})
PRESSED = frozenset({"label", "placeholder", "description", "components"})
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LIVE = (
    re.compile(r"@(everyone|here)\b"),
    re.compile(r"(?<!\\)<(@[!&]?|#|a?:\w+:)\d+>"),
    re.compile(r"(?<!\\)\[x(?<!\\)\]\(https?://"),
    re.compile(r"(?<!\\)~~s"),
    re.compile(r"(?<!\\)\|\|spoiler"),
    re.compile(r"(?m)^(# two|> three|- four)"),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def crowd(sandbox: Sandbox, world: World, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Our bot, where all of them spoke yesterday and today, answered slowly, and bantered."""
    ops = world.ops_channel
    settings = settings_for(
        sandbox,
        tmp_path_factory.mktemp("crowd") / "store.sqlite3",
        alert_discord_channel_id=ops.id,
        persona_names=(LONG,),
    )
    async with on_stage(sandbox, settings) as stage:
        monitor = stage.monitor
        now = monitor.clock.now()
        await monitor.remember_first(now - 3 * DAY)
        for start in (now - DAY - 20 * 60 * SECOND, now - 20 * 60 * SECOND):
            await _meet(stage, world, start)

        for name in (PREFIXED, LONG[:100].strip()):
            await stage.bot.get_partial_messageable(world.channels[0].id).send(f"**[{name}]:** I come by text.")

        await until("all personas", lambda: len(monitor.registry.names()) >= len(HOSTILE) + 2)
        await monitor.recorder.flush()
        await monitor._notice_names()
        yield stage


async def _meet(stage: Stage, world: World, start: int) -> None:
    """Everybody is asked and answers, with the one before taking it up; a user reacts; times go on by the second."""
    sandbox, channel = stage.sandbox, world.channels[0]
    times = iter(range(start, start + DAY, 2 * SECOND))
    for index, name in enumerate(HOSTILE):
        other = HOSTILE[index - 1]
        user = world.people[index].id
        asked = await sandbox.say(channel.id, user, f"{name}, what do you say?"[:1900], at=next(times))
        for speaker in (name, other, name):
            asked = await sandbox.persona_say(
                channel.webhook_id, speaker, f"As {other} said: words.", reference=asked, at=next(times)
            )

        await sandbox.react(channel.id, asked, user, "👍")

    tools = stage.monitor.instruments
    for name in (*HOSTILE, LONG):
        async with (
            tools.response(persona=name, guild_id=channel.guild_id, channel_id=channel.id, message_id=0),
            tools.operation("`llm`", "llm_inference", persona=name, model="**gpt** @everyone $x$") as running,
        ):
            running.tokens(100, 20)


def pinged(sandbox: Sandbox) -> list[object]:
    """Whom the bot itself pinged, in answers and in the ops channel."""
    bot = str(sandbox.bot_user_id)
    return [ping for ping in sandbox.pings if sandbox.message(ping.message_id)["author"]["id"] == bot]


def texts(message: dict[str, Any]) -> Iterator[str]:
    """Every text of a message that Discord would style, without its code blocks, and the labels of what is pressed."""
    found = [message.get("content") or ""]
    for embed in message["embeds"]:
        found += [embed.get("title", ""), embed.get("description", ""), embed.get("author", {}).get("name", "")]
        found += [field[key] for field in embed.get("fields", []) for key in ("name", "value")]

    for text in found:
        yield re.sub(r"`[^`\n]+`", "", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def dangers(message: dict[str, Any]) -> list[str]:
    """What a name still does in a message; what is not styled (code, labels) may not reorder or pile up either."""
    found = []
    for text in texts(message):
        found += [f"{pattern.pattern} in {text!r}" for pattern in _LIVE if pattern.search(text)]

    for text in _strings(message):
        marks = "".join("m" if unicodedata.category(c) in ("Mn", "Me") else "." for c in text)
        if "mmm" in marks or text.count("```") % 2 or _BIDI.search(text):
            found.append(f"marks, an open block or another direction in {text!r}")

    return found


def _strings(message: Any, keys: frozenset[str] = SHOWN) -> list[str]:
    """Every string of a message that people see; the value of a menu's option is none."""
    found: list[str] = []
    if isinstance(message, list):
        return [text for part in message for text in _strings(part, keys)]

    if isinstance(message, dict):
        for key, part in message.items():
            if key == "components":
                found += _strings(part, PRESSED)
            elif isinstance(part, (dict, list)):
                found += _strings(part, keys)
            elif isinstance(part, str) and key in keys:
                found.append(part)

    return found


COMMANDS: list[tuple[str, dict[str, Any], bool]] = [
    ("health", {}, False),
    ("health", {"service": "`llm`"}, False),
    ("stats overview", {"window": "24h"}, False),
    ("stats relationships", {"window": "7d"}, True),
    ("stats banter", {"window": "7d"}, True),
    ("stats performance", {"window": "24h"}, True),
    ("stats performance", {"window": "24h", "service": "`llm`"}, True),
    ("alerts active", {}, False),
    *(("stats persona", {"name": name, "window": "7d"}, True) for name in (*HOSTILE, PREFIXED, LONG)),
    *(("report", {"kind": kind, "window": "7d"}, kind != "persona") for kind in KINDS),
]


@pytest.mark.parametrize(("name", "options", "picture"), COMMANDS, ids=lambda value: ascii(value)[:40])
async def test_hostile_names_do_nothing(
    crowd: Stage, world: World, name: str, options: dict[str, Any], picture: bool
) -> None:
    """Every answer is taken by Discord, pings nobody, shows names inert, and has its chart."""
    sandbox = crowd.sandbox
    answer = await crowd.command(world.owner_id, world.channels[0].id, name, options)
    assert answer.message.get("embeds"), answer.message
    assert "No data" not in answer.message["embeds"][0].get("title", "")
    assert not dangers(dict(answer.message))
    files = sandbox.files(answer.message)
    assert bool(files) >= picture, "the chart is missing"
    assert all(png.startswith(b"\x89PNG") for png in files.values())
    assert not pinged(sandbox)


async def test_hostile_names_in_the_digest(crowd: Stage, world: World) -> None:
    """The same of the digest, which comes to the ops channel by itself."""
    sandbox, ops = crowd.sandbox, world.ops_channel.id
    answer = await crowd.command(world.owner_id, ops, "digest now")
    assert answer.message["embeds"]

    def digests() -> list[dict[str, Any]]:
        return [one for one in sandbox.messages(ops) if one["embeds"] and "wrote" in str(one["embeds"]).lower()]

    await until("the digest", digests, timeout=20)
    assert not dangers(digests()[0])
    assert not sandbox.refused
    assert not pinged(sandbox)


async def test_hostile_names_are_completed(crowd: Stage, world: World) -> None:
    """While typing they are offered whole enough to be found again."""
    channel = world.channels[0].id
    offered = await crowd.sandbox.autocomplete(world.owner_id, channel, "stats persona", "name", "")
    assert len(offered) >= len(HOSTILE)
    assert not crowd.sandbox.refused
    for choice in offered:
        answer = await crowd.command(world.owner_id, channel, "stats persona", {"name": choice["value"]})
        assert answer.message["embeds"], choice
