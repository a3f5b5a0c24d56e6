"""The driver's part that uses interactions: commands, buttons, menus and forms, as a person does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from monitoring.sandbox.building import Id
from monitoring.sandbox.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    FIRST_ANSWER_S,
    MODAL_SUBMIT,
    Answer,
    Interaction,
)
from monitoring.sandbox.invoking import (
    Invocation,
    NotOffered,
    chosen,
    command_data,
    filled,
    find_command,
    offered_in,
    pressed,
)
from monitoring.sandbox.people import People
from monitoring.sandbox.permissions import BITS
from monitoring.sandbox.refusals import JSON

SILENT = "The application did not respond"
_DEFERRED_UPDATE = 6


class Asking(People):
    """What people do with commands and components.

    Nothing here raises for what a person is refused: the answer's `error` says it.
    """

    async def command(
        self, user_id: Id, channel_id: Id, name: str, options: Mapping[str, Any] | None = None, *, timeout: float = 15
    ) -> Answer:
        """Uses a slash command, such as "stats persona", and waits for the answer that a person would see."""
        channel = self.state.channel(int(channel_id))
        try:
            found = self._found(int(user_id), channel, name)
            data = command_data(self.state, self.state.guild_of(channel), found, options or {})
        except NotOffered as error:
            return Answer(error=str(error))

        words = " ".join([found.command["name"], *(step["name"] for step in found.path)])
        return await self._ask(self.interactions.open(COMMAND, int(user_id), channel, data, name=words), timeout)

    def _found(self, user_id: int, channel: JSON, name: str) -> Invocation:
        """The command of that name, as offered to this person here."""
        guild = self.state.guild_of(channel)
        offered = self.commands.offered(None if guild is None else guild.id)
        offered = [command for command in offered if offered_in(command, direct=guild is None)]
        return find_command(offered, name, self.state.permissions(user_id, channel))

    async def autocomplete(
        self, user_id: Id, channel_id: Id, name: str, option: str, text: str,
        options: Mapping[str, Any] | None = None, *, timeout: float = 5,
    ) -> list[JSON]:  # fmt: skip
        """The choices offered while a person types `text` into an option; empty when the bot is silent.

        NotOffered is raised for a command or option that is not there or does not complete.
        """
        channel = self.state.channel(int(channel_id))
        found = self._found(int(user_id), channel, name)
        asked = next((entry for entry in found.options if entry["name"] == option), None)
        if asked is None or not asked.get("autocomplete"):
            raise NotOffered(f"{option} does not complete")

        given = dict(options or {}) | {option: text}
        data = command_data(self.state, self.state.guild_of(channel), found, given, focused=option)
        interaction = self.interactions.open(AUTOCOMPLETE, int(user_id), channel, data, name=name)
        await self._ask(interaction, timeout)
        return interaction.choices or []

    async def click(self, user_id: Id, message_id: Id, custom_id: str, *, timeout: float = 15) -> Answer:
        """Presses a button."""
        try:
            message = self._seen(message_id, int(user_id))
            button = pressed(message, custom_id)
        except NotOffered as error:
            return Answer(error=str(error))

        data = {"custom_id": custom_id, "component_type": button["type"], "id": button["id"]}
        return await self._press(int(user_id), message, data, timeout)

    async def select(
        self, user_id: Id, message_id: Id, custom_id: str, values: Sequence[Id], *, timeout: float = 15
    ) -> Answer:
        """Chooses from a menu; values of a menu of users, roles or channels are ids."""
        try:
            message = self._seen(message_id, int(user_id))
            channel = self.state.channel(int(message["channel_id"]))
            menu = pressed(message, custom_id)
            data = chosen(self.state, self.state.guild_of(channel), menu, [str(value) for value in values])
        except NotOffered as error:
            return Answer(error=str(error))

        return await self._press(int(user_id), message, data, timeout)

    async def submit_modal(
        self, user_id: Id, answer: Answer | Id, values: Mapping[str, Any], *, timeout: float = 15
    ) -> Answer:
        """Fills in and sends the form that an answer brought."""
        interaction_id = answer.interaction_id if isinstance(answer, Answer) else int(answer)
        opened = self.interactions.get(interaction_id)
        if opened is None or opened.modal is None or opened.user_id != int(user_id):
            return Answer(error="There is no form to send")

        try:
            data = filled(opened.modal, values)
        except NotOffered as error:
            return Answer(error=str(error))

        interaction = self.interactions.open(
            MODAL_SUBMIT, int(user_id), opened.channel, data, source=opened.source, parent=opened
        )
        return await self._ask(interaction, timeout)

    def _seen(self, message_id: Id, user_id: int) -> JSON:
        """A message that this person sees."""
        message = self.shelves.get(int(message_id))
        if message is None or self.shelves.only_for(int(message_id)) not in (None, user_id):
            raise NotOffered("There is no such message")

        if not self.state.permissions(user_id, self.state.channel(int(message["channel_id"]))) & BITS["view_channel"]:
            raise NotOffered("There is no such message")

        return message

    async def _press(self, user_id: int, message: JSON, data: JSON, timeout: float) -> Answer:
        """Sends an interaction with a component of a message."""
        channel = self.state.channel(int(message["channel_id"]))
        interaction = self.interactions.open(COMPONENT, user_id, channel, data, source=int(message["id"]))
        return await self._ask(interaction, timeout)

    async def _ask(self, interaction: Interaction, timeout: float) -> Answer:
        """Tells the bot, waits for what a person would see, and gives it."""
        source = None if interaction.source is None else self.shelves.get(interaction.source)
        message = None if source is None else self.post.serve(source)
        if message is not None and self.shelves.only_for(int(message["id"])) is None:
            message = message | {key: interaction.channel[key] for key in ("guild_id",) if key in interaction.channel}

        guild_id = int(interaction.channel["guild_id"]) if "guild_id" in interaction.channel else None
        self.gateway.dispatch("INTERACTION_CREATE", self.interactions.payload(interaction, message), guild_id=guild_id)
        try:
            await asyncio.wait_for(interaction.responded.wait(), min(timeout, FIRST_ANSWER_S))
            await asyncio.wait_for(interaction.done.wait(), timeout)
        except TimeoutError:
            if interaction.response is None:
                return Answer(interaction.id, error=SILENT)

            if interaction.response != _DEFERRED_UPDATE:
                return self._answer(interaction, error=f"Still thinking after {timeout} s")

        if interaction.modal is not None:
            self.feed.tell("MODAL", interaction.modal | {"interaction": str(interaction.id)}, interaction.user_id)

        return self._answer(interaction)

    def _answer(self, interaction: Interaction, error: str | None = None) -> Answer:
        """What became of an interaction so far."""
        shown = None if interaction.shown is None else self.shelves.get(interaction.shown)
        message = {} if shown is None else self.post.serve(shown, viewer=interaction.user_id)
        return Answer(
            interaction_id=interaction.id,
            message=message,
            ephemeral=shown is not None and self.shelves.only_for(int(shown["id"])) is not None,
            first_ms=_since(interaction, interaction.first_at),
            done_ms=_since(interaction, interaction.done_at),
            modal=interaction.modal,
            error=error,
        )


def _since(interaction: Interaction, moment: float | None) -> float | None:
    """Milliseconds from the beginning of an interaction to a moment."""
    return None if moment is None else (moment - interaction.began) * 1000
