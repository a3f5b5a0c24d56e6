"""Four characters, each speaking in another way, and the pipeline that stands for a model."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord.ext import commands

LINES = {
    "scav": "cheeki breeki, friend",
    "glados": "the cake is still in the oven",
    "hal": "I am sorry, I can do that",
    "sage": "patience is a stream that finds its own way to the sea",
}


class Personas(commands.Cog):
    """Who is named answers."""

    def __init__(self, bot: Any) -> None:
        self.bot = bot
        self.shared: dict[int, discord.Webhook] = {}
        self.own: dict[int, discord.Webhook] = {}
        self.speak: dict[str, Callable[[discord.Message], Awaitable[Any]]] = {
            "scav": self.by_shared_webhook,
            "glados": self.by_own_webhook,
            "hal": self.by_prefix,
            "sage": self.by_streaming,
        }

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer as whoever is named."""
        self.bot.heard["message"] += 1
        if message.author.bot or message.guild is None:
            return

        for name, speak in self.speak.items():
            if name in message.content.lower():
                await speak(message)

    async def by_shared_webhook(self, message: discord.Message) -> None:
        """One webhook for all, under the character's name."""
        hook = await self.webhook(self.shared, message.channel, "characters")
        await hook.send(LINES["scav"], username="Scav")

    async def by_own_webhook(self, message: discord.Message) -> None:
        """A webhook of its own, which bears its name."""
        hook = await self.webhook(self.own, message.channel, "GLaDOS")
        await hook.send(LINES["glados"])

    async def by_prefix(self, message: discord.Message) -> None:
        """The bot's account, with the name in front."""
        await message.reply(f"**[HAL]**: {LINES['hal']}", mention_author=False)

    async def by_streaming(self, message: discord.Message) -> None:
        """A placeholder that fills word by word."""
        hook = await self.webhook(self.shared, message.channel, "characters")
        sent = await hook.send("*thinking…*", username="Sage", wait=True)
        words = LINES["sage"].split()
        for end in (4, 8, len(words)):
            await asyncio.sleep(0.02)
            await sent.edit(content=" ".join(words[:end]))

    async def webhook(self, known: dict[int, discord.Webhook], channel: Any, name: str) -> discord.Webhook:
        """The channel's webhook of this name, made where there is none."""
        if channel.id not in known:
            there = [hook for hook in await channel.webhooks() if hook.name == name and hook.user == self.bot.user]
            known[channel.id] = there[0] if there else await channel.create_webhook(name=name)

        return known[channel.id]


async def setup(bot: Any) -> None:
    """Add it."""
    await bot.add_cog(Personas(bot))
