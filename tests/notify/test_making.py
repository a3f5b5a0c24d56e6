"""Notifiers of the settings and of tables: what is wrong is said in words, all at once, and no secret with it."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import pytest

from monitoring.errors import SettingError, StoreError
from monitoring.incident import Incident, Notice, Stage
from monitoring.interfaces import Notifier
from monitoring.model import Severity
from monitoring.notify import NAMES
from monitoring.notify.courier import Courier
from monitoring.notify.making import made
from monitoring.notify.news import News, news_of
from monitoring.notifying import Reader, always_told, notifiers_of, said_at_start, tried
from monitoring.settings import load_settings
from tests.alerting.scene import ManualClock

from .receiver import ZONE, Receiver, desk, opening, recovery

SECRET = "s3cr3t"


def problems(values: Mapping[str, object], environment: Mapping[str, str] | None = None) -> str:
    """What is wrong with a table."""
    found, wrong = made([values], desk(), environment or {})
    assert bool(found) != bool(wrong)
    return " ".join(wrong)


GOOD: list[dict[str, object]] = [
    {"type": "discord", "url": "https://discord.com/api/webhooks/1/s3cr3t"},
    {"type": "slack", "url": "https://hooks.slack.com/services/s3cr3t", "when": "fallback"},
    {"type": "email", "smtp": "mail.example.com", "recipients": ["a@example.com", "b@example.com"]},
    {"type": "email", "name": "boss", "smtp": "m", "port": 465, "username": "x@example.com", "password": SECRET,
     "recipients": "a@example.com", "sender": "y@example.com", "security": "plain"},
    {"type": "webhook", "name": "pager", "url": "http://10.0.0.7/hook", "secret": "s3cr3t s3cr3t s3cr3t"},
    {"type": "console", "when": "fallback"},
    {"type": "apprise", "url": ["json://127.0.0.1:1/s3cr3t"]},
]  # fmt: skip


def test_every_type_can_be_made_of_a_table() -> None:
    """With its name, or its type's; and no secret in what is shown of it."""
    found, wrong = made(GOOD, desk(), {})
    assert not wrong
    assert [one.name for one in found] == ["discord_webhook", "slack", "email", "boss", "pager", "console", "apprise"]
    assert [one.name for one in found if one.kind == "fallback"] == ["slack", "console"]
    assert {str(table["type"]) for table in GOOD} == set(NAMES)
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("values", "hint"),
    [
        ({}, "type must be one of discord, slack, email, webhook, console, apprise"),
        ({"type": "pigeon"}, "type must be one of"),
        ({"type": "slack", "name": "Über", "url": "https://x.example"}, "lower-case letters"),
        ({"type": "slack", "name": "discord", "url": "https://x.example"}, "the ops channel's; choose another"),
        ({"type": "slack"}, "Notifier slack: url is missing."),
        ({"type": "slack", "url": "hooks.slack.com/s3cr3t"}, "must be an address that begins with https://"),
        ({"type": "slack", "url": "https://h:port/s3cr3t"}, "must be an address that begins with https://"),
        ({"type": "slack", "url": 7}, "url must be a text"),
        ({"type": "slack", "url": "https://x.example", "when": "never"}, "when must be always or fallback"),
        ({"type": "slack", "url": "https://x.example", "colour": "red"}, "colour is not known; known are"),
        ({"type": "discord", "url": "https://discord.com"}, "must be a webhook's address"),
        ({"type": "webhook", "url": "https://x.example", "secret": SECRET}, "secret must have 16 characters"),
        ({"type": "webhook", "url": "https://x.example", "secret": "whsec_s3cr3t"}, "no base64 after whsec_"),
        ({"type": "email", "recipients": ["a@b.c"]}, "smtp is missing"),
        ({"type": "email", "smtp": "m", "recipients": []}, "recipients must not be empty"),
        ({"type": "email", "smtp": "m", "recipients": [7]}, 'such as ["ops@example.com"]'),
        ({"type": "email", "smtp": "m", "recipients": "Olivia <a@b.c>"}, "recipients must be addresses such as"),
        ({"type": "email", "smtp": "m", "recipients": "a@b.c\r\nBcc: x@y.z"}, "recipients must be addresses such as"),
        ({"type": "email", "smtp": "m", "recipients": "a@b.c", "sender": "me"}, "sender must be addresses"),
        ({"type": "email", "smtp": "m", "recipients": "a@b.c", "port": 70000}, "whole number from 1 to 65535"),
        ({"type": "email", "smtp": "m", "recipients": "a@b.c", "port": "x"}, "whole number from 1 to 65535"),
        ({"type": "email", "smtp": "m", "recipients": "a@b.c", "username": "u"}, "password is missing"),
        ({"type": "email", "smtp": "m", "recipients": "a@b.c", "security": "ssl"}, "starttls, tls or plain"),
        ({"type": "apprise", "url": "pigeon://s3cr3t"}, "an address that Apprise does not know"),
        ({"type": "slack", "url": "env:NOWHERE"}, "names the environment variable NOWHERE, which is not set"),
    ],
)
def test_what_is_wrong_with_a_table_is_said_with_how_to_mend_it(values: dict[str, object], hint: str) -> None:
    """And the secret in it is not repeated."""
    said = problems(values)
    assert hint in said
    assert SECRET not in said


def test_a_secret_may_stand_in_the_environment() -> None:
    """So that the file can be shown around."""
    table = {"type": "slack", "url": "env:MY_SLACK"}
    found, wrong = made([table], desk(), {"MY_SLACK": "https://hooks.slack.com/services/s3cr3t"})
    assert (len(found), wrong) == (1, ())


def test_two_of_one_name_are_one_too_many() -> None:
    """The second is refused."""
    _, wrong = made([GOOD[1], GOOD[1]], desk(), {})
    assert wrong == ("Notifier slack: the name is another notifier's; choose another one.",)


def reader() -> Reader:
    """One that knows no incident."""

    async def nothing(_: object) -> None:
        raise AssertionError

    return Reader(ZONE, incident=nothing, digest=nothing, link=lambda c, m: "")  # type: ignore[arg-type]


def of_settings(**settings: object) -> dict[str, Notifier]:
    """The notifiers that settings make."""
    return notifiers_of(load_settings(_env_file=None, **settings), ManualClock(), reader(), environment={})


def test_settings_make_notifiers() -> None:
    """Each that has its address; the console stands in unless it is not wanted."""
    assert list(of_settings()) == ["console"]
    found = of_settings(
        alert_discord_webhook="https://discord.com/api/webhooks/1/s3cr3t", alert_slack_webhook="https://s.example/s3cr3t",
        alert_webhook_url="https://w.example/s3cr3t", alert_webhook_secret="s3cr3t s3cr3t s3cr3t",
        alert_email_smtp="mail.example.com", alert_email_recipients="a@example.com,b@example.com",
        alert_email_username="u", alert_email_password=SECRET, alert_fallbacks="email,slack",
    )  # fmt: skip
    assert list(found) == ["discord_webhook", "slack", "webhook", "email"]
    assert always_told(found, ops=True) == ["discord", "discord_webhook", "webhook"]
    assert SECRET not in repr(found)
    words = said_at_start(found, ops=True)
    assert words == ("Notices go to the ops channel, discord_webhook and webhook; where that fails: email and slack.")


@pytest.mark.parametrize(
    ("settings", "hint"),
    [
        ({"alert_slack_webhook": "s3cr3t"}, "ALERT_SLACK_WEBHOOK must be an address"),
        ({"alert_discord_webhook": "s3cr3t"}, "ALERT_DISCORD_WEBHOOK must be an address"),
        ({"alert_webhook_url": "https://w.example", "alert_webhook_secret": SECRET}, "ALERT_WEBHOOK_SECRET must have"),
        ({"alert_email_smtp": "m"}, "ALERT_EMAIL_RECIPIENTS must not be empty"),
        ({"alert_email_smtp": "m", "alert_email_recipients": "a"}, "ALERT_EMAIL_RECIPIENTS must be addresses"),
        ({"alert_fallbacks": "pigeon"}, "ALERT_FALLBACKS must be names of"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, object], hint: str) -> None:
    """By its own name, as all settings are."""
    with pytest.raises(SettingError) as caught:
        of_settings(**settings)

    assert hint in str(caught.value)
    assert SECRET not in str(caught.value)


def test_with_nobody_else_the_stand_ins_are_told_everything() -> None:
    """And the start says that there is no ops channel."""
    found = of_settings()
    assert always_told(found, ops=False) == ["console"]
    assert said_at_start(found, ops=False) == "Notices go to console. No ops channel is set (ALERT_DISCORD_CHANNEL_ID)."
    assert said_at_start({}, ops=False).startswith("Notices go to nobody.")


async def test_the_console_says_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """Critical openings as critical; whatever the names hold, it stays one line."""
    (console,), _ = made([{"type": "console"}], desk(), {})
    await console.deliver(opening())
    await console.deliver(recovery())
    await console.deliver(opening(minor=True))
    assert [record.levelno for record in caplog.records] == [logging.CRITICAL, logging.WARNING]
    assert caplog.messages[0] == (
        "🟥 Open, critical: P95 response 8.3 s | Limit 5.0 s. Since 12:00. | "
        "What to do: Look at /why, then at the model's queue. | 11 Mar, 12:00 CET"
    )
    assert not [message for message in caplog.messages if "\n" in message]


async def test_apprise_tells_too(place: Receiver) -> None:
    """By one of its addresses, for everything that has no notifier of its own."""
    url = place.url.replace("http://", "json://")
    (apprise,), wrong = made([{"type": "apprise", "url": [url]}], desk(), {})
    assert not wrong
    await apprise.deliver(opening())
    assert "Open, critical: P95 response 8.3 s" in place.came[0][1].decode("unicode_escape", "ignore")
    place.status = 500
    found = await tried([apprise])
    assert found == [("apprise", "Apprise could not deliver it.")]


class Odd:
    """A host's notifier that offers no trial."""

    name = "odd"

    async def deliver(self, notice: Notice) -> None:
        """Does nothing."""


class Broken(Courier):
    """Raises what nobody expects."""

    async def carry(self, news: News, notice: Notice) -> None:
        """Breaks."""
        raise ZeroDivisionError(SECRET)


async def test_each_notifier_is_tried_by_itself(place: Receiver) -> None:
    """Whatever one of them does, all are reported; none waits for another, and no secret is said."""
    couriers, _ = made([GOOD[5], {"type": "webhook", "url": place.url}], desk(), {})
    found = await tried([*couriers, Odd(), Broken("broken", "always", desk())])
    assert found == [
        ("console", ""),
        ("webhook", ""),
        ("odd", "It offers no trial."),
        ("broken", "It broke (ZeroDivisionError)."),
    ]


async def test_the_link_to_its_message_is_told_where_it_is_known() -> None:
    """And where the store does not answer, the news goes without it."""

    async def known(number: int) -> Incident:
        return Incident(number, "slow", "", Stage.OPEN, Severity.WARNING, 1, channel_id=2, message_id=3)

    async def broken(number: int) -> Incident:
        raise StoreError("the disk is gone")

    def link(channel: int, message: int) -> str:
        return f"https://discord.com/channels/1/{channel}/{message}"

    for incident, expected in ((known, link(2, 3)), (broken, "")):
        found = Reader(ZONE, incident=incident, digest=broken, link=link)  # type: ignore[arg-type]  # not asked here
        assert (await found.read(opening())).link == expected

    assert news_of(opening(), ZONE).link == ""
