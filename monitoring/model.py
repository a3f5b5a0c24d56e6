"""The words of the product as frozen values: what is seen of Discord and the pipeline.

Imports only `seen` of ours. What is kept of it: `rows`; spans of time: `window`; rules and incidents: `incident`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, NamedTuple, TypeAlias

from monitoring.seen import VoiceStay

Instant: TypeAlias = int
"""A point in time: whole milliseconds since 1970 in UTC."""

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000


class Health(StrEnum):
    """What a probe says of a service; *idle is not dead*."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    UNKNOWN = "unknown"


class Band(StrEnum):
    """How a figure stands against its limits."""

    GOOD = "good"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    """How much an incident matters."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class ErrorKind(StrEnum):
    """The kinds of failure."""

    TIMEOUT = "timeout"
    RATE_LIMIT = "rate_limit"
    MEMORY = "memory"
    NETWORK = "network"
    VALIDATION = "validation"
    PERMISSION = "permission"
    NOT_FOUND = "not_found"
    INTERRUPTED = "interrupted"
    UNKNOWN = "unknown"

    @property
    def severity(self) -> Literal["low", "medium", "high"]:
        """How bad one failure of this kind is, for the order in which kinds are shown."""
        if self in (ErrorKind.RATE_LIMIT, ErrorKind.MEMORY):
            return "high"

        return "low" if self in (ErrorKind.VALIDATION, ErrorKind.NOT_FOUND, ErrorKind.INTERRUPTED) else "medium"


# --- what is seen: lives in memory only, and may hold text


class MessageSeen(NamedTuple):
    """A message as Discord sent it. `content` is dropped once its facts are derived.

    Made for each message beside the host's own work, so a tuple: it is made in a quarter of the time.
    """

    message_id: int
    guild_id: int
    channel_id: int
    author_id: int
    author_name: str
    content: str
    at: Instant
    bot: bool = False
    own: bool = False
    """Written by the account this bot is logged in as."""
    webhook_id: int | None = None
    application_id: int | None = None
    """The application that owns the webhook, if a webhook wrote it."""
    reference_id: int | None = None
    mention_ids: tuple[int, ...] = ()
    """Users mentioned in the text; the ping that a reply makes is left out."""
    mention_names: tuple[str, ...] = ()
    role_ids: tuple[int, ...] = ()
    reply_ping: bool = False
    interaction: bool = False
    """An answer of an application to a command or component."""
    has_content: bool = True
    """False where the message-content intent is missing, so that an empty text means nothing."""


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """An edit; `content` is None where Discord did not send the text."""

    message_id: int
    guild_id: int
    channel_id: int
    at: Instant
    content: str | None = None


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    """One message was deleted."""

    message_id: int
    guild_id: int
    channel_id: int
    at: Instant


class ReactionSeen(NamedTuple):
    """A reaction given or taken back; `emoji` is its Unicode text or name.

    With `user_id` 0 everybody's were taken away by a moderator: those of one emoji, or with "" all of them.
    """

    message_id: int
    guild_id: int
    channel_id: int
    user_id: int
    emoji: str
    added: bool
    at: Instant
    bot: bool = False

    @property
    def everybody(self) -> bool:
        """Whether everybody's were taken away."""
        return self.user_id == 0 and not self.added


@dataclass(frozen=True, slots=True)
class CommandRan:
    """A command, component or modal that ended; `duration` in seconds.

    `kind` is slash, prefix, context_menu, component or modal; of the last two, `name` is the first word of their id.
    """

    name: str
    kind: str
    guild_id: int
    channel_id: int
    user_id: int
    at: Instant
    duration: float
    error: ErrorKind | None = None


class OperationDone(NamedTuple):
    """A timed piece of work that ended; times in seconds, money in micro-dollars (None: unknown).

    A named tuple, since there may be thousands a second: it is made in a third of the time, and many of them turn into
    columns at once.
    """

    service: str
    operation: str
    at: Instant
    """When it began."""
    duration: float
    error: ErrorKind | None = None
    fingerprint: str = ""
    persona: str = ""
    model: str = ""
    feature: str = ""
    guild_id: int = 0
    channel_id: int = 0
    message_id: int | None = None
    """The user's message that is being answered, where known."""
    response_id: int | None = None
    """Number of the response this is a component of (unique in this process)."""
    first_token: float | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cost: int | None = None
    local: bool = False
    """Runs on an own machine, so that it costs nothing."""
    weight: int = 1
    """How many operations this one stands for, when others were dropped."""
    cache_hit: bool | None = None
    """It was answered from a cache; None: no cache was asked."""
    variant: str = ""
    """Which of several prompts, models or settings that are tried against each other it used."""
    detail: str = ""
    """What the failure said, redacted; empty unless that is switched on."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One reading of a gauge, in the unit of its metric."""

    metric: str
    value: float
    at: Instant
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that is only counted: a reconnect, a guild joined."""

    event: str
    at: Instant
    guild_id: int = 0


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """The answer of a service to "are you well?"; `response_time` in seconds."""

    service: str
    health: Health
    at: Instant
    response_time: float | None = None
    detail: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    """What the service said of itself: model, GPU, voice, …"""


class Told(NamedTuple):
    """What the host reports of its personas, which no event shows: a level, a relationship, a scenario, a score."""

    what: str
    """One of TOLD."""
    at: Instant
    persona: str = ""
    other: str = ""
    """The other persona of a relationship."""
    name: str = ""
    """Of a milestone, trait, scenario, stage or quality; of a score, the model that is meant."""
    value: float | None = None
    """A level, XP, strength of a trait (0-1), affinity (0-100), seconds of a scenario, score (1-5) or quality (0-1)."""
    guild_id: int = 0


TOLD: tuple[str, ...] = (
    "level", "xp", "milestone", "trait", "affinity", "stage", "scenario_started", "scenario_completed",
    "scenario_abandoned", "satisfaction", "quality",
)  # fmt: skip
"""What a host can tell."""


class ServiceTold(NamedTuple):
    """Facts that a service (RAG, TTS, …) has about itself: documents, collections, engine, voice, …"""

    service: str
    at: Instant
    facts: tuple[tuple[str, str], ...]


Seen: TypeAlias = (
    MessageSeen
    | MessageEdited
    | MessageDeleted
    | ReactionSeen
    | CommandRan
    | OperationDone
    | Sample
    | Happening
    | ProbeResult
    | Told
    | ServiceTold
    | VoiceStay
)
Recorded: TypeAlias = Seen | tuple[Any, ...]
"""What the recorder takes: a plain tuple is the fields of an OperationDone in order, which a hot path need not make.
In the place of `at` it may have the second (a float) at which it ended: the flush works out when it began."""


@dataclass(frozen=True, slots=True)
class Service:
    """The health of one service as last known, with its uptime (0..1, None: never probed) over three windows."""

    name: str
    health: Health
    probed_at: Instant | None = None
    succeeded_at: Instant | None = None
    since: Instant | None = None
    response_time: float | None = None
    detail: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    critical: bool = False
    failures: int = 0
    uptime_24h: float | None = None
    uptime_7d: float | None = None
    uptime_30d: float | None = None
