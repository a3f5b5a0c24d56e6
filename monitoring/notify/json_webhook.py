"""Any webhook: JSON by POST, with a key by which a second try is known, signed where a secret is set.

The signature is that of the Standard Webhooks specification, for which libraries exist in most languages.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json

from monitoring.incident import Notice
from monitoring.notify.courier import Courier, Desk, When, at_iso, refused
from monitoring.notify.news import News
from monitoring.notify.outgoing import post
from monitoring.notify.table import Table

PREFIX = "whsec_"
"""A secret that begins so is base64, as that specification writes secrets; others are taken as they are."""


class JsonWebhook(Courier):
    """Posts what happened as data."""

    def __init__(
        self, name: str, kind: When, desk: Desk, url: str, *, secret: str = "", public_only: bool = False
    ) -> None:
        super().__init__(name, kind, desk)
        self._url = url
        self._key = key_of(secret)
        self._public_only = public_only

    async def carry(self, news: News, notice: Notice) -> None:
        """Post it; the key is the same at each try."""
        body = json.dumps(payload(news), ensure_ascii=False, allow_nan=False, default=str).encode()
        sent = str(self._desk.clock.now() // 1000)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": notice.nonce,
            "webhook-id": notice.nonce,
            "webhook-timestamp": sent,
        }
        if self._key:
            headers["webhook-signature"] = signature(self._key, notice.nonce, sent, body)

        answer = await post(self._url, body, headers, what="The webhook", public_only=self._public_only)
        if not 200 <= answer.status < 300:
            raise refused(answer.status, "The webhook", retry_after=answer.retry_after)


def payload(news: News) -> dict[str, object]:
    """What is posted: `alert_type`, `severity`, `message`, `details`, `timestamp` (of the event)."""
    extra = {"kind": news.kind, "lines": list(news.lines), "advice": news.advice, "runbook": news.runbook}
    return {
        "alert_type": news.about,
        "severity": news.severity.value,
        "message": " ".join((news.title, *news.lines[:1])),
        "details": dict(news.details) | {name: value for name, value in extra.items() if value} | _link(news),
        "timestamp": at_iso(news.at),
    }


def signature(key: bytes, identity: str, sent: str, body: bytes) -> str:
    """`v1,` and the HMAC-SHA256 over "id.seconds.body" in base64."""
    signed = f"{identity}.{sent}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


def key_of(secret: str) -> bytes:
    """The bytes that a secret stands for; ValueError for one that is not what its prefix says."""
    if not secret.startswith(PREFIX):
        return secret.encode()

    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("is no base64 after whsec_") from None


def make(table: Table, desk: Desk) -> JsonWebhook | None:
    """Of a table with `url`, and `secret` to sign with."""
    url, secret = table.address(), table.secret("secret")
    try:
        weak = bool(secret) and len(key_of(secret)) < 16
    except ValueError as error:
        table.wrong("secret", str(error))
        return None

    if weak:
        table.wrong("secret", "must have 16 characters at least")

    return JsonWebhook(table.name, table.when, desk, url, secret=secret)


def _link(news: News) -> dict[str, object]:
    return {"link": news.link} if news.link else {}
