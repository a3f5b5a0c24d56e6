"""A real mail server on 127.0.0.1, as friendly or unfriendly as a test wants it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

CERTIFICATE = Path(__file__).parent / "localhost.pem"
"""For localhost, signed by itself; its key is of no use anywhere else."""
USER, PASSWORD = "greenroom", "s3cr3t"


@dataclass
class Post:
    """Takes mail, or does what the test says instead."""

    rcpt: dict[str, str] = field(default_factory=dict)
    """Answers to recipients, other than yes."""
    data: str = "250 OK"
    cut: bool = False
    """Ends the connection in the middle of a mail."""
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(  # noqa: N802 - the server's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """One recipient."""
        if answer := self.rcpt.get(address):
            return answer

        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """One mail."""
        if self.cut and server.transport is not None:
            server.transport.abort()
            return "250 OK"

        if self.data.startswith("2"):
            found = message_from_bytes(envelope.content or b"", policy=policy.default)  # type: ignore[arg-type]
            self.mails.append(found)  # type: ignore[arg-type]
            self.envelopes.append(envelope)
            self.encrypted.append(session.ssl is not None)

        return self.data


def trust() -> ssl.SSLContext:
    """Believes the test server's certificate."""
    return ssl.create_default_context(cafile=str(CERTIFICATE))


def _lets_in(server: Any, session: Any, envelope: Any, mechanism: str, told: Any) -> AuthResult:
    right = isinstance(told, LoginPassword) and (told.login, told.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


@contextmanager
def mail_server(*, security: str = "plain", login: bool = False) -> Iterator[Post]:
    """A server in a thread of its own. `security` as the setting: plain, starttls, or tls."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    post = Post()
    controller = Controller(
        post,
        hostname="127.0.0.1",
        port=_free_port(),
        server_hostname="localhost",
        ssl_context=context if security == "tls" else None,
        tls_context=context if security == "starttls" else None,
        require_starttls=security == "starttls",
        authenticator=_lets_in if login else None,
        auth_required=login,
        auth_require_tls=security == "starttls",
    )
    controller.start()
    try:
        post.port = controller.port
        yield post
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
