"""E-mail by SMTP: plain text and HTML, one thread for each incident."""

from __future__ import annotations

import html
import re
import socket
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal, TypeAlias, cast

import aiosmtplib

from monitoring.errors import DeliveryError
from monitoring.incident import Notice
from monitoring.model import Severity
from monitoring.notify.courier import Courier, Desk, When
from monitoring.notify.discord_webhook import COLOURS
from monitoring.notify.news import News
from monitoring.notify.table import Table

WITHIN = 10.0
"""Seconds for each step of the conversation with the server."""
Security: TypeAlias = Literal["starttls", "tls", "plain"]
ADDRESS = re.compile(r"[^@\s<>,;\"\\]+@[^@\s<>,;\"\\]+\Z")


@dataclass(frozen=True, slots=True)
class MailServer:
    """How mail is handed over. `security`: upgraded by STARTTLS, TLS from the start, or readable by all on the way."""

    host: str
    port: int
    security: Security = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    trust: ssl.SSLContext | None = field(default=None, repr=False)
    """What certificates are believed; the system's by default."""


class Mail(Courier):
    """Mails to some people. A second try bears the same Message-ID, by which mailboxes know it again."""

    def __init__(
        self, name: str, kind: When, desk: Desk, server: MailServer, sender: str, recipients: tuple[str, ...]
    ) -> None:
        super().__init__(name, kind, desk)
        self._server = server
        self._sender = sender
        self._recipients = recipients

    async def carry(self, news: News, notice: Notice) -> None:
        """Hand it to the server. Told is told as soon as the server took it for one of them."""
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=server.trust,
            # Its default looks up the machine's full name, which may block the event loop for long.
            local_hostname=socket.gethostname() or "localhost",
            timeout=WITHIN,
        )
        try:
            async with client:
                if server.username:
                    await client.login(server.username, server.password)

                await client.send_message(letter(news, notice, self._sender, self._recipients))
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            # Without the cause: servers repeat addresses and log-ins in their answers.
            raise failed(error) from None


def letter(news: News, notice: Notice, sender: str, recipients: tuple[str, ...]) -> EmailMessage:
    """The mail of some news."""
    domain = sender.rpartition("@")[2]
    found = EmailMessage(policy=SMTP)
    found["Subject"] = news.title
    found["From"] = sender
    found["To"] = ", ".join(recipients)
    found["Date"] = format_datetime(datetime.fromtimestamp(news.at / 1000, UTC))
    found["Message-ID"] = f"<{notice.nonce}@{domain}>"
    if news.status:
        # One that never was sent, so that opening and recovery stand in one thread whatever came first.
        found["References"] = f"<incident-{notice.subject}@{domain}>"

    # So that no absence assistant answers.
    found["Auto-Submitted"] = "auto-generated"
    if news.severity is Severity.CRITICAL and news.status == "open":
        found["Importance"] = "high"

    found.set_content(plain_letter(news))
    found.add_alternative(html_letter(news), subtype="html")
    return found


def plain_letter(news: News) -> str:
    """The mail for those who read text."""
    rows = [f"{name}: {value}" for name, value in news.fields]
    advice = [f"What to do: {news.advice}"] if news.advice else []
    links = [f"{words}: {url}" for words, url in _links(news)]
    parts = ["\n".join(part) for part in ((news.title,), news.lines, rows, advice, links, _end(news)) if part]
    return "\n\n".join(parts) + "\n"


def html_letter(news: News) -> str:
    """The mail for those who see pictures; every name in it is inert."""
    rows = "".join(
        f'<tr><td style="padding:2px 16px 2px 0;color:#5f6570">{_e(name)}</td><td>{_e(value)}</td></tr>'
        for name, value in news.fields
    )
    advice = f"<p><b>What to do</b><br>{_e(news.advice)}</p>" if news.advice else ""
    links = " · ".join(f'<a href="{_e(url)}">{words}</a>' for words, url in _links(news))
    return (
        '<div style="font-family:system-ui,sans-serif;font-size:15px;line-height:1.45;max-width:600px;'
        f'border-left:4px solid #{COLOURS[news.state]:06x};padding:4px 0 4px 16px">'
        f'<p style="font-size:18px;margin:0 0 8px"><b>{_e(news.title)}</b></p>'
        + (f"<p>{'<br>'.join(map(_e, news.lines))}</p>" if news.lines else "")
        + (f"<table>{rows}</table>" if rows else "")
        + advice
        + (f"<p>{links}</p>" if links else "")
        + f'<p style="color:#5f6570;font-size:13px">{_e(" · ".join(_end(news)))}</p></div>'
    )


def failed(error: Exception) -> DeliveryError:
    """What went wrong: codes from 500 on are for good, everything else may pass."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        codes = [one.code for one in error.recipients]
        permanent = bool(codes) and min(codes) >= 500
        return DeliveryError(f"The mail server takes none of the recipients ({max(codes)}).", permanent=permanent)

    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return DeliveryError(f"The mail server refuses the log-in ({error.code}).", permanent=error.code >= 500)

    if isinstance(error, aiosmtplib.SMTPResponseException):
        return DeliveryError(f"The mail server answered {error.code}.", permanent=error.code >= 500)

    if isinstance(error, aiosmtplib.SMTPNotSupported) or "not supported" in str(error):
        return DeliveryError("The mail server does not offer what is asked of it (STARTTLS or log-in).", permanent=True)

    if isinstance(error, ssl.SSLError) or "certificate" in str(error).lower():
        return DeliveryError("The mail server's certificate is not trusted.")

    if isinstance(error, TimeoutError):
        return DeliveryError(f"The mail server did not answer within {WITHIN:g} s.")

    if isinstance(error, aiosmtplib.SMTPServerDisconnected):
        return DeliveryError("The mail server broke the connection off.")

    return DeliveryError(f"The mail server cannot be reached ({type(error).__name__}).")


def make(table: Table, desk: Desk) -> Mail:
    """Of a table with `smtp`, `recipients` and what the server needs."""
    host, port = table.text("smtp"), table.number("port", 587, 65_535)
    username, password = table.secret("username"), table.secret("password")
    usual = "tls" if port == 465 else "starttls"
    security = table.choice("security", ("starttls", "tls", "plain"), usual)
    recipients = table.words("recipients")
    sender = table.text("sender", username if ADDRESS.match(username) else f"greenroom@{host or 'localhost'}")
    for key, addresses in (("recipients", recipients), ("sender", (sender,))):
        if not all(ADDRESS.match(address) for address in addresses):
            table.wrong(key, "must be addresses such as ops@example.com")

    if username and not password:
        table.wrong("password", "is missing for that username")

    server = MailServer(host, port, cast("Security", security), username, password)
    return Mail(table.name, table.when, desk, server, sender, recipients)


def _links(news: News) -> list[tuple[str, str]]:
    return [(words, url) for words, url in (("Runbook", news.runbook), ("Its message in Discord", news.link)) if url]


def _end(news: News) -> tuple[str, ...]:
    return tuple(part for part in (news.footer, news.when) if part)


def _e(text: str) -> str:
    return html.escape(text, quote=True)
