"""Who is told: notifiers of settings and configuration file, what they are told, and what they say to a trial."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from monitoring.errors import DeliveryError, MonitoringError, SettingError, StoreError, UnknownName
from monitoring.incident import Incident, Notice
from monitoring.interfaces import Clock, Notifier
from monitoring.notify.courier import Desk
from monitoring.notify.making import made
from monitoring.notify.news import News, news_of, plain
from monitoring.settings import Settings

log = logging.getLogger(__name__)

OPS = "discord"
"""The ops channel's name as a target."""
KNOWN_WITHIN = 3.0
"""Seconds for what is only nice to know of an incident."""
MADE_WITHIN = 8.0
"""Seconds for a digest's figures."""
TRIED_WITHIN = 30.0
"""Seconds for the trial of one notifier."""
LINES = 60
"""Lines of a digest in places without embeds."""
OWN = ("discord_webhook", "slack", "webhook", "email", "console")
"""Names of the notifiers that settings can make."""


class Reader:
    """Reads notices for places outside Discord: what their bodies say, and what can be learnt besides."""

    def __init__(
        self,
        zone: str,
        *,
        incident: Callable[[int], Awaitable[Incident]],
        digest: Callable[[Notice], Awaitable[str]],
        link: Callable[[int, int], str],
    ) -> None:
        self._zone = zone
        self._incident = incident
        self._digest = digest
        self._link = link

    def move(self, zone: str) -> None:
        """Count days in another zone from now on."""
        self._zone = zone

    async def read(self, notice: Notice) -> News:
        """What it says. Raises DeliveryError (`own`) for a digest that cannot be made now."""
        news = news_of(notice, self._zone)
        if notice.kind == "digest":
            return await self._of_digest(notice, news)

        if not news.status:
            return news

        return replace(news, link=await self._place(notice))

    async def _place(self, notice: Notice) -> str:
        """Where the incident's message is in Discord; "" where that is not known just now."""
        try:
            async with asyncio.timeout(KNOWN_WITHIN):
                incident = await self._incident(int(str(notice.body["number"])))
        except (StoreError, UnknownName, TimeoutError, KeyError, ValueError):
            return ""

        if incident.channel_id is None or incident.message_id is None:
            return ""

        return self._link(incident.channel_id, incident.message_id)

    async def _of_digest(self, notice: Notice, news: News) -> News:
        try:
            async with asyncio.timeout(MADE_WITHIN):
                text = await self._digest(notice)
        except (StoreError, TimeoutError) as error:
            raise DeliveryError("The digest cannot be made: the store does not answer.", own=True) from error

        title, *lines = (plain(line, self._zone) for line in text.splitlines() if line.strip())
        return replace(news, title=f"📋 {title}", lines=tuple(lines[:LINES]))


def notifiers_of(
    settings: Settings,
    clock: Clock,
    reader: Reader,
    tables: Iterable[Mapping[str, object]] = (),
    environment: Mapping[str, str] | None = None,
) -> dict[str, Notifier]:
    """All notifiers but the ops channel, by name. Raises SettingError with a sentence for each mistake."""
    desk = Desk(reader.read, clock, settings.timezone)
    own, called = tables_of(settings)
    found, problems = made([*own, *tables], desk, os.environ if environment is None else environment, called)
    unknown = [name for name in settings.alert_fallbacks if name not in OWN]
    if unknown:
        problems = (*problems, f"ALERT_FALLBACKS must be names of {', '.join(OWN)}.")

    if problems:
        raise SettingError(list(problems))

    return {courier.name: courier for courier in found}


def tables_of(settings: Settings) -> tuple[list[dict[str, object]], dict[str, dict[str, str]]]:
    """What the settings say of notifiers, in the form of the file's tables; and which setting each key is from."""
    mail: dict[str, object] = {
        "smtp": settings.alert_email_smtp,
        "port": settings.alert_email_port,
        "username": settings.alert_email_username,
        "password": settings.alert_email_password.get_secret_value(),
        "recipients": settings.alert_email_recipients,
    }
    if settings.alert_email_security != "auto":
        mail["security"] = settings.alert_email_security

    if settings.alert_email_sender:
        mail["sender"] = settings.alert_email_sender

    secret = settings.alert_webhook_secret.get_secret_value()
    wanted: dict[str, tuple[str, dict[str, object], str]] = {
        "discord_webhook": ("discord", {"url": settings.alert_discord_webhook.get_secret_value()}, "url"),
        "slack": ("slack", {"url": settings.alert_slack_webhook.get_secret_value()}, "url"),
        "webhook": ("webhook", {"url": settings.alert_webhook_url.get_secret_value(), "secret": secret}, "url"),
        "email": ("email", mail, "smtp"),
    }
    tables: list[dict[str, object]] = [
        {"type": kind, "name": name, "when": "fallback" if name in settings.alert_fallbacks else "always"} | values
        for name, (kind, values, needed) in wanted.items()
        if values[needed]
    ]
    if "console" in settings.alert_fallbacks:
        tables.append({"type": "console", "name": "console", "when": "fallback"})

    return tables, _SETTINGS


_SETTINGS: dict[str, dict[str, str]] = {
    "discord_webhook": {"url": "ALERT_DISCORD_WEBHOOK"},
    "slack": {"url": "ALERT_SLACK_WEBHOOK"},
    "webhook": {"url": "ALERT_WEBHOOK_URL", "secret": "ALERT_WEBHOOK_SECRET"},
    "email": {
        key: f"ALERT_EMAIL_{key.upper()}"
        for key in ("smtp", "port", "username", "password", "recipients", "security", "sender")
    },
}


def kind_of(notifier: object) -> str:
    """always or fallback; hosts' own notifiers, which need not say, are always told."""
    return str(getattr(notifier, "kind", "always"))


def always_told(notifiers: Mapping[str, Notifier], *, ops: bool) -> list[str]:
    """The targets of every notice. The ops channel is one also while the bot is not there yet: the outbox waits."""
    named = {OPS} if ops else set()
    always = {name for name, notifier in notifiers.items() if kind_of(notifier) != "fallback"}
    if always or named:
        return sorted(always | named)

    # With nobody else to tell, those that stand in are told everything.
    return sorted(notifiers)


def said_at_start(notifiers: Mapping[str, Notifier], *, ops: bool) -> str:
    """Who will be told, in a sentence for the console."""
    always = [("the ops channel" if name == OPS else name) for name in always_told(notifiers, ops=ops)]
    others = sorted(set(notifiers) - set(always_told(notifiers, ops=ops)))
    instead = f"; where that fails: {_list(others)}" if others else ""
    missing = "" if ops else " No ops channel is set (ALERT_DISCORD_CHANNEL_ID)."
    return f"Notices go to {_list(always) if always else 'nobody'}{instead}.{missing}"


async def tried(notifiers: Sequence[Notifier], within: float = TRIED_WITHIN) -> list[tuple[str, str]]:
    """Each notifier's name and what is wrong with it, "" for nothing; all at once, none waits for another."""
    return list(await asyncio.gather(*(_try(notifier, within) for notifier in notifiers)))


async def _try(notifier: Notifier, within: float) -> tuple[str, str]:
    test = getattr(notifier, "test", None)
    if test is None:
        return notifier.name, "It offers no trial."

    try:
        async with asyncio.timeout(within):
            await test()
    except TimeoutError:
        return notifier.name, f"It did not answer within {within:g} s."
    except MonitoringError as error:
        return notifier.name, str(error)
    except Exception as error:
        # Its text may hold an address with a key.
        log.warning("the trial of %s broke: %s", notifier.name, type(error).__name__)
        return notifier.name, f"It broke ({type(error).__name__})."

    return notifier.name, ""


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
