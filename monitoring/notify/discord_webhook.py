"""A Discord webhook: an embed in our looks, by plain JSON, for places where the bot itself is not."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from monitoring.incident import Notice
from monitoring.notify.courier import Courier, Desk, When, at_iso, refused
from monitoring.notify.news import News
from monitoring.notify.outgoing import Answer, post
from monitoring.notify.table import Table
from monitoring.safe_text import safe_text

COLOURS = {"good": 0x1F9E7A, "warning": 0xD99A10, "critical": 0xDC3E49, "unknown": 0x868B96}
"""The stripes of the bot's own embeds."""
TITLE, DESCRIPTION, NAME, VALUE, FOOTER, WHOLE = 256, 4096, 256, 1024, 2048, 6000
"""What Discord takes of each part, and of all together, in UTF-16 units."""


class DiscordWebhook(Courier):
    """Posts by a webhook's address.

    Discord's webhooks take no nonce: after an answer that was lost on the way a notice may show twice, never not once.
    """

    def __init__(self, name: str, kind: When, desk: Desk, url: str, *, public_only: bool = False) -> None:
        super().__init__(name, kind, desk)
        self._url = _waiting(url)
        self._public_only = public_only

    async def carry(self, news: News, notice: Notice) -> None:
        """Post it and wait for Discord's word that it stands."""
        body = json.dumps(payload(news), ensure_ascii=False, allow_nan=False).encode()
        headers = {"Content-Type": "application/json", "User-Agent": "DiscordBot (greenroom, 1)"}
        answer = await post(self._url, body, headers, what="Discord's webhook", public_only=self._public_only)
        if not 200 <= answer.status < 300:
            raise refused(answer.status, "Discord's webhook", retry_after=_wait(answer))


def payload(news: News) -> dict[str, object]:
    """The JSON of a message; it pings nobody."""
    advice = " ".join(
        part for part in (safe_text(news.advice, 500) if news.advice else "", _link("Runbook", news.runbook)) if part
    )
    fields = [(name, safe_text(value, 300)) for name, value in news.fields[:3]] if len(news.fields) >= 3 else []
    wide = [("What to do", advice)] if advice else []
    lines = [safe_text(line, 300) for line in news.lines]
    lines += [link] if (link := _link("Its message", news.link)) else []
    room = WHOLE - 1000 - sum(_units(value) for _, value in (*fields, *wide))
    embed: dict[str, object] = {
        "title": _cut(safe_text(news.title, 120), TITLE),
        "description": _cut("\n".join(lines), min(DESCRIPTION, room)),
        "color": COLOURS[news.state],
        "timestamp": at_iso(news.at),
        "fields": [
            *({"name": _cut(name, NAME), "value": _cut(value, VALUE), "inline": True} for name, value in fields),
            *({"name": name, "value": _cut(value, VALUE), "inline": False} for name, value in wide),
        ],
    }
    if news.footer:
        embed["footer"] = {"text": _cut(news.footer, FOOTER)}

    return {"embeds": [embed], "allowed_mentions": {"parse": []}}


def make(table: Table, desk: Desk) -> DiscordWebhook:
    """Of a table with `url`."""
    url = table.address()
    if url and not urlsplit(url).path.strip("/"):
        table.wrong("url", "must be a webhook's address, as the channel's settings in Discord show it")

    return DiscordWebhook(table.name, table.when, desk, url)


def _waiting(url: str) -> str:
    """The address with `wait=true`: without it Discord answers before it has tried."""
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "wait"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("wait", "true")])))


def _wait(answer: Answer) -> float | None:
    """Seconds to wait: the body has the fraction that the header rounds."""
    if answer.status != 429:
        return answer.retry_after

    try:
        return float(json.loads(answer.body)["retry_after"])
    except (ValueError, KeyError, TypeError):
        return answer.retry_after


def _link(words: str, url: str) -> str:
    safe = url.startswith(("http://", "https://")) and len(url) <= 400 and not set(url) & set(" ()<>\n")
    return f"[{words}]({url})" if safe else ""


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _cut(text: str, most: int) -> str:
    """The text within so many UTF-16 units."""
    while _units(text) > most:
        text = text[: max(0, len(text) - max(2, _units(text) - most + 1))].rstrip() + "…"

    return text
