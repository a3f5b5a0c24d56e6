"""Discord's webhooks, Slack's and any other: told once, within limits, signed, and without a secret said."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from monitoring.errors import DeliveryError
from monitoring.incident import Notice
from monitoring.notify.courier import Courier
from monitoring.notify.discord_webhook import DiscordWebhook
from monitoring.notify.json_webhook import JsonWebhook
from monitoring.notify.slack import Slack
from monitoring.sandbox import Sandbox

from .receiver import ALL, HOSTILE, NOON, Receiver, desk, late, opening, recovery

LINK = "https://discord.com/channels/1/2/3"


def made(place: Receiver) -> list[Courier]:
    """One of each."""
    return [
        DiscordWebhook("discord_webhook", "always", desk(), place.url),
        Slack("slack", "always", desk(), place.url),
        JsonWebhook("webhook", "always", desk(), place.url, secret="a secret of some length"),
    ]


def last(place: Receiver) -> Any:
    """What came last."""
    return json.loads(place.came[-1][1])


@pytest.mark.parametrize("notice", ALL, ids=lambda n: f"{n.kind}-{n.nonce}")
async def test_discord_takes_every_kind(notice: Notice) -> None:
    """The stand-in refuses what Discord would; nobody is pinged, whatever the names."""
    sandbox = Sandbox()
    await sandbox.start()
    try:
        channel = sandbox.add_channel(sandbox.add_guild("Town"), "elsewhere")
        hook = sandbox.add_webhook(channel, "alerts")
        token = sandbox.state.webhook(hook)["token"]
        webhook = DiscordWebhook("w", "always", desk(link=LINK), f"{sandbox.api_url}/webhooks/{hook}/{token}")
        await webhook.deliver(notice)
        (said,) = sandbox.messages(channel)
        assert not sandbox.refused
        assert not said["mentions"]
        assert not said["mention_everyone"]
        assert "[x](http" not in json.dumps(said["embeds"])
    finally:
        await sandbox.close()


async def test_discord_gets_an_embed_in_our_looks(place: Receiver) -> None:
    """Title, stripe, three fields, advice with the runbook, the link, footer, the time of the event."""
    place.status = 204
    await DiscordWebhook("w", "always", desk(link=LINK), place.url + "?thread_id=7&wait=false").deliver(opening())
    said = last(place)
    (embed,) = said["embeds"]
    assert said["allowed_mentions"] == {"parse": []}
    assert embed["title"] == "🟥 Open, critical: P95 response 8.3 s"
    assert embed["color"] == 0xDC3E49
    assert f"[Its message]({LINK})" in embed["description"]
    assert [field["name"] for field in embed["fields"]] == ["Now", "Limit", "Since", "What to do"]
    assert "[Runbook](https://wiki.example.com/slow)" in embed["fields"][-1]["value"]
    assert embed["timestamp"] == "2026-03-11T11:00:00.000Z"
    assert embed["footer"]["text"] == "Incident 4127"


async def test_slack_gets_text_colour_and_fields(place: Receiver) -> None:
    """The text is what a lock screen shows."""
    await Slack("slack", "always", desk(link=LINK), place.url).deliver(opening())
    said = last(place)
    (attachment,) = said["attachments"]
    assert said["text"] == "🟥 Open, critical: P95 response 8.3 s"
    assert attachment["color"] == "#dc3e49"
    assert {"title": "Limit", "value": "5.0 s", "short": True} in attachment["fields"]
    assert "*What to do:* Look at /why" in attachment["text"]
    assert "<https://wiki.example.com/slow|Runbook>" in attachment["text"]
    assert attachment["title_link"] == LINK
    assert attachment["ts"] == NOON // 1000


async def test_in_slack_no_name_pings_or_links(place: Receiver) -> None:
    """Its three control characters are entities."""
    await Slack("slack", "always", desk(), place.url).deliver(HOSTILE)
    assert "<!channel>" not in place.came[-1][1].decode()


async def test_any_webhook_gets_the_fields_that_programs_expect(place: Receiver) -> None:
    """alert_type, severity, message, details, timestamp; an opening and its end are told apart by `status`."""
    webhook = JsonWebhook("webhook", "always", desk(link=LINK), place.url)
    await webhook.deliver(opening())
    said = last(place)
    assert set(said) == {"alert_type", "severity", "message", "details", "timestamp"}
    assert (said["alert_type"], said["severity"]) == ("p95_response", "critical")
    assert said["message"] == "🟥 Open, critical: P95 response 8.3 s Limit 5.0 s. Since 12:00."
    assert said["timestamp"] == "2026-03-11T11:00:00.000Z"
    assert (said["details"]["number"], said["details"]["status"], said["details"]["link"]) == (4127, "open", LINK)
    await webhook.deliver(recovery())
    assert last(place)["details"]["status"] == "resolved"
    await webhook.deliver(late())
    assert last(place)["alert_type"] == "late"
    assert "webhook-signature" not in place.came[-1][0]


@pytest.mark.parametrize(
    ("secret", "key"),
    [("a secret of some length", b"a secret of some length"),
     ("whsec_" + base64.b64encode(b"twenty-four bytes of key").decode(), b"twenty-four bytes of key")],
)  # fmt: skip
async def test_a_secret_signs_what_is_posted(place: Receiver, secret: str, key: bytes) -> None:
    """HMAC-SHA256 over "id.seconds.body"; the key of a notice is the same at every try."""
    webhook = JsonWebhook("webhook", "always", desk(), place.url, secret=secret)
    await webhook.deliver(opening())
    await webhook.deliver(opening())
    headers, body = place.came[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-timestamp"] == str(NOON // 1000)
    assert {sent["Idempotency-Key"] for sent, _ in place.came} == {"nonce-1"}
    assert webhook.name in repr(webhook)
    assert secret not in repr(webhook)


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410])
async def test_f5_refusals_are_for_good(place: Receiver, status: int) -> None:
    """Trying again is no use; the reason is said, the address is not."""
    place.status = status
    for courier in made(place):
        with pytest.raises(DeliveryError, match=str(status)) as caught:
            await courier.deliver(opening())

        assert caught.value.permanent
        assert "s3cr3t" not in repr(caught.value)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
async def test_f5_what_may_pass_is_tried_again_when_told(place: Receiver, status: int) -> None:
    """With the pause that the other side asks for."""
    place.status, place.headers = status, {"Retry-After": "17"}
    for courier in made(place):
        with pytest.raises(DeliveryError) as caught:
            await courier.deliver(opening())

        assert (caught.value.permanent, caught.value.retry_after) == (False, 17.0)


async def test_of_discords_pause_the_fraction_counts(place: Receiver) -> None:
    """The header rounds it."""
    place.status, place.body = 429, b'{"retry_after": 0.35, "global": false}'
    with pytest.raises(DeliveryError) as caught:
        await made(place)[0].deliver(opening())

    assert caught.value.retry_after == 0.35


async def test_mere_edits_send_nothing(place: Receiver) -> None:
    """And a trial sends something harmless."""
    for courier in made(place):
        await courier.deliver(opening(minor=True))

    assert place.came == []
    for courier in made(place):
        await courier.test()

    assert len(place.came) == 3
    assert "There is nothing to do" in place.came[-1][1].decode()


async def test_no_secret_is_in_what_is_logged_or_shown(place: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    """Not even at the most talkative level."""
    caplog.set_level(0)
    place.status = 403
    for courier in made(place):
        with pytest.raises(DeliveryError):
            await courier.deliver(opening())

        assert "s3cr3t" not in repr(courier)

    assert "s3cr3t" not in caplog.text


async def test_addresses_that_strangers_entered_must_be_public(place: Receiver) -> None:
    """Whichever notifier they are for; nothing is sent."""
    guarded: list[Courier] = [
        DiscordWebhook("d", "always", desk(), place.url, public_only=True),
        Slack("s", "always", desk(), place.url, public_only=True),
        JsonWebhook("w", "always", desk(), place.url, public_only=True),
    ]
    for courier in guarded:
        with pytest.raises(DeliveryError, match="not a public one") as caught:
            await courier.deliver(opening())

        assert caught.value.permanent

    assert place.came == []
