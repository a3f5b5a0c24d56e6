"""Slack's incoming webhooks: `text` for the lock screen, and an attachment with colour and fields."""

from __future__ import annotations

import json

from monitoring.errors import DeliveryError
from monitoring.incident import Notice
from monitoring.notify.courier import Courier, Desk, When, refused
from monitoring.notify.discord_webhook import COLOURS
from monitoring.notify.news import News
from monitoring.notify.outgoing import post
from monitoring.notify.table import Table


class Slack(Courier):
    """Posts by an incoming webhook's address; Mattermost and others that speak its language too."""

    def __init__(self, name: str, kind: When, desk: Desk, url: str, *, public_only: bool = False) -> None:
        super().__init__(name, kind, desk)
        self._url = url
        self._public_only = public_only

    async def carry(self, news: News, notice: Notice) -> None:
        """Post it. Slack knows no key by which a second try could be told from the first."""
        body = json.dumps(payload(news), ensure_ascii=False, allow_nan=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": notice.nonce}
        answer = await post(self._url, body, headers, what="Slack", public_only=self._public_only)
        if not 200 <= answer.status < 300:
            raise refused(answer.status, "Slack", retry_after=answer.retry_after)

        if answer.body[:32].lstrip().startswith(b'{"ok":false'):
            raise DeliveryError("Slack did not take it.", permanent=True)


def payload(news: News) -> dict[str, object]:
    """The JSON of a message, in which no name can ping or link."""
    advice = f"*What to do:* {_inert(news.advice)}" if news.advice else ""
    runbook = f"<{_inert(news.runbook)}|Runbook>" if news.runbook and "|" not in news.runbook else ""
    text = "\n".join(line for line in (*map(_inert, news.lines), advice, runbook) if line)
    attachment: dict[str, object] = {
        "color": f"#{COLOURS[news.state]:06x}",
        "fallback": _inert(" ".join((news.title, *news.lines)))[:1000],
        "text": text[:7000],
        "mrkdwn_in": ["text"],
        "fields": [{"title": name, "value": _inert(value), "short": True} for name, value in news.fields],
        "footer": " · ".join(part for part in (news.footer, news.when) if part),
        "ts": news.at // 1000,
    }
    if news.link:
        attachment["title"], attachment["title_link"] = "Its message in Discord", news.link

    return {"text": _inert(news.title), "attachments": [attachment]}


def make(table: Table, desk: Desk) -> Slack:
    """Of a table with `url`."""
    return Slack(table.name, table.when, desk, table.address())


def _inert(text: str) -> str:
    """Slack's three control characters as entities: nothing can ping `<!channel>` or hide a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
