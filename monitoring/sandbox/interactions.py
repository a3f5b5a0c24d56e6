"""Interactions: what a person started, what the bot is told of it, and how long it may take."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from monitoring.sandbox.message_limits import FILE_LIMIT
from monitoring.sandbox.refusals import JSON, Refusal, unknown
from monitoring.sandbox.state import State

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
FIRST_ANSWER_S = 3.0
TOKEN_LIFE_S = 15 * 60.0
_DEFERRED_UPDATE = 6
_KEPT = 2000


@dataclass(slots=True)
class Interaction:
    """One interaction and what became of it; times are of the monotonic clock, in seconds."""

    id: int
    kind: int
    token: str
    user_id: int
    channel: JSON
    data: JSON
    began: float
    name: str = ""
    source: int | None = None
    parent: Interaction | None = None
    response: int | None = None
    original: int | None = None
    ephemeral: bool = False
    loading: bool = False
    shown: int | None = None
    modal: JSON | None = None
    choices: list[JSON] | None = None
    first_at: float | None = None
    done_at: float | None = None
    responded: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def finish(self, now: float, shown: int | None = None) -> None:
        """Notes that the person now sees an answer; only the first time counts."""
        if not self.done.is_set():
            self.shown, self.done_at = shown, now
            self.done.set()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person got for a command, click or form.

    `message` is the message as Discord serves it, {} when none came; `first_ms` and `done_ms` are milliseconds to
    the first answer and to the visible one; `error` is what Discord would show instead of an answer.
    """

    interaction_id: int = 0
    message: JSON = field(default_factory=dict)
    ephemeral: bool = False
    first_ms: float | None = None
    done_ms: float | None = None
    modal: JSON | None = None
    error: str | None = None


class Interactions:
    """The interactions of late, by id and by token."""

    def __init__(self, state: State, monotonic: Callable[[], float]) -> None:
        self._state = state
        self._monotonic = monotonic
        self._by_id: OrderedDict[int, Interaction] = OrderedDict()
        self._by_token: dict[str, Interaction] = {}

    def open(
        self, kind: int, user_id: int, channel: JSON, data: JSON, *, name: str = "", source: int | None = None,
        parent: Interaction | None = None,
    ) -> Interaction:  # fmt: skip
        """Starts one; the oldest of too many is forgotten."""
        interaction = Interaction(
            self._state.ids.new(), kind, secrets.token_urlsafe(96), user_id, channel, data, self._monotonic(),
            name, source, parent,
        )  # fmt: skip
        self._by_id[interaction.id] = interaction
        self._by_token[interaction.token] = interaction
        if len(self._by_id) > _KEPT:
            _, oldest = self._by_id.popitem(last=False)
            del self._by_token[oldest.token]

        return interaction

    def get(self, interaction_id: int) -> Interaction | None:
        """One of late."""
        return self._by_id.get(interaction_id)

    def to_answer(self, interaction_id: int, token: str) -> Interaction:
        """The one that a first answer is for; late, foreign or answered ones are refused."""
        interaction = self._by_id.get(interaction_id)
        if interaction is None or interaction.token != token:
            raise unknown("Interaction")

        if self._monotonic() - interaction.began > FIRST_ANSWER_S:
            raise unknown("Interaction")

        if interaction.response is not None:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")

        return interaction

    def of_token(self, token: str) -> Interaction | None:
        """The answered interaction of a token; None when it is none, refused when its 15 minutes are over."""
        interaction = self._by_token.get(token)
        if interaction is None:
            return None

        if self._monotonic() - interaction.began > TOKEN_LIFE_S:
            raise Refusal(401, 50027, "Invalid Webhook Token")

        if interaction.response is None:
            raise unknown("Webhook")

        return interaction

    def source_changed(self, message_id: int) -> None:
        """Notes that a message with components changed: what its presses waited for after a silent deferral."""
        for interaction in self._by_id.values():
            if interaction.source == message_id and interaction.response == _DEFERRED_UPDATE:
                interaction.finish(self._monotonic(), message_id)

    def payload(self, interaction: Interaction, message: JSON | None) -> JSON:
        """What INTERACTION_CREATE carries."""
        state, channel = self._state, interaction.channel
        user = state.user(interaction.user_id)
        granted = state.permissions(interaction.user_id, channel)
        payload: JSON = {
            "id": str(interaction.id),
            "application_id": str(state.application_id),
            "type": interaction.kind,
            "token": interaction.token,
            "version": 1,
            "data": interaction.data,
            "channel_id": channel["id"],
            "channel": channel | {"permissions": str(granted)},
            "app_permissions": str(state.permissions(state.bot_id, channel)),
            "locale": "en-US",
            "entitlements": [],
            "entitlement_sku_ids": [],
            "attachment_size_limit": FILE_LIMIT,
        }
        guild = state.guild_of(channel)
        if guild is None:
            payload |= {"user": user, "context": 1, "authorizing_integration_owners": {"0": "0"}}
        else:
            payload |= {
                "guild_id": str(guild.id),
                "guild": {"id": str(guild.id), "locale": "en-US", "features": []},
                "guild_locale": "en-US",
                "member": guild.members[interaction.user_id] | {"permissions": str(granted)},
                "context": 0,
                "authorizing_integration_owners": {"0": str(guild.id)},
            }

        if message is not None:
            payload["message"] = message

        return payload

    def metadata(self, interaction: Interaction) -> JSON:
        """What a message that answers an interaction says of it."""
        user = self._state.user(interaction.user_id)
        metadata: JSON = {
            "id": str(interaction.id),
            "type": interaction.kind,
            "user": user,
            "authorizing_integration_owners": {"0": str(interaction.channel.get("guild_id", 0))},
        }
        if interaction.kind == COMMAND:
            metadata |= {"name": interaction.name, "command_type": interaction.data.get("type", 1)}

        if interaction.kind == COMPONENT and interaction.source is not None:
            metadata["interacted_message_id"] = str(interaction.source)

        if interaction.parent is not None:
            metadata["triggering_interaction_metadata"] = self.metadata(interaction.parent)

        return metadata
