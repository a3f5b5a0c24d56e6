"""E-mail against a real mail server: friendly, strict, greylisting, refusing, and gone in the middle."""

from __future__ import annotations

import time

import pytest

from monitoring.errors import DeliveryError
from monitoring.notify.email import Mail, MailServer, Security

from .mail_server import PASSWORD, USER, Post, mail_server, trust
from .receiver import ALL, EVIL, HOSTILE, desk, opening, recovery

# The test's server means it: a log-in without encryption is what some tests are about.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
LINK = "https://discord.com/channels/1/2/3"
OPS, EVE = "ops@example.com", "second@example.com"


def mail(post: Post, security: Security = "plain", *, password: str = "", recipients: tuple[str, ...] = (OPS,)) -> Mail:
    """A notifier for that server."""
    user = USER if password else ""
    server = MailServer("127.0.0.1", post.port, security, user, password, trust() if security != "plain" else None)
    return Mail("email", "always", desk(link=LINK), server, "greenroom@example.com", recipients)


async def test_a_mail_says_it_in_text_and_in_html() -> None:
    """With the time of the event, an id of its own, and no answers from absence assistants."""
    with mail_server() as post:
        await mail(post, recipients=(OPS, EVE)).deliver(opening())

    (found,) = post.mails
    assert found["Subject"] == "🟥 Open, critical: P95 response 8.3 s"
    assert (found["From"], found["To"]) == ("greenroom@example.com", f"{OPS}, {EVE}")
    assert post.envelopes[0].rcpt_tos == [OPS, EVE]
    assert found["Message-ID"] == "<nonce-1@example.com>"
    assert found["Date"] == "Wed, 11 Mar 2026 11:00:00 +0000"
    assert (found["Auto-Submitted"], found["Importance"]) == ("auto-generated", "high")
    text, page = (found.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    for part in ("Limit 5.0 s. Since 12:00.", "Look at /why, then at the model's queue.", LINK, "11 Mar, 12:00 CET"):
        assert part in text
        assert part.replace("'", "&#x27;") in page


async def test_opening_and_recovery_are_one_thread() -> None:
    """Both refer to the incident, whatever came first."""
    with mail_server() as post:
        await mail(post).deliver(opening())
        await mail(post).deliver(recovery())

    assert {found["References"] for found in post.mails} == {"<incident-4127@example.com>"}
    assert len({found["Message-ID"] for found in post.mails}) == 2


async def test_f5_a_second_try_bears_the_same_id() -> None:
    """By which mailboxes know it again."""
    with mail_server() as post:
        await mail(post).deliver(opening())
        await mail(post).deliver(opening())

    assert len({found["Message-ID"] for found in post.mails}) == 1


async def test_every_kind_is_mailed_and_names_are_inert() -> None:
    """No header can be forged by a name, and no markup in the page."""
    with mail_server() as post:
        for notice in ALL:
            await mail(post).deliver(notice)

    assert len(post.mails) == len(ALL)
    assert not [found for found in post.mails if found["Bcc"]]
    with mail_server() as post:
        await mail(post).deliver(HOSTILE)

    page = post.mails[0].get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "<!channel>" in EVIL
    assert "<!channel>" not in page


@pytest.mark.parametrize("security", ["starttls", "tls", "plain"])
async def test_it_is_encrypted_as_wanted_and_logs_in(security: Security) -> None:
    """STARTTLS, TLS from the start, and readable where somebody asked for that."""
    with mail_server(security=security, login=True) as post:
        await mail(post, security, password=PASSWORD).deliver(opening())

    assert len(post.mails) == 1
    # Of TLS from the start the server knows nothing; a client that did not speak it would have got nowhere.
    assert post.encrypted == [security == "starttls"]


async def test_a_server_that_cannot_encrypt_gets_no_password() -> None:
    """Where STARTTLS is wanted and not offered, nothing is sent, and that is for good."""
    with mail_server(login=True) as post, pytest.raises(DeliveryError, match="STARTTLS") as caught:
        await mail(post, "starttls", password=PASSWORD).deliver(opening())

    assert caught.value.permanent
    assert post.mails == []


async def test_a_certificate_of_somebody_else_is_not_believed() -> None:
    """What is not trusted gets neither password nor mail; it is tried again, since certificates are renewed."""
    with mail_server(security="tls") as post:
        server = MailServer("127.0.0.1", post.port, "tls")
        stranger = Mail("email", "always", desk(), server, "greenroom@example.com", (OPS,))
        with pytest.raises(DeliveryError, match="certificate") as caught:
            await stranger.deliver(opening())

    assert not caught.value.permanent
    assert post.mails == []


async def test_a_wrong_password_is_for_good_and_not_repeated() -> None:
    """The error says what is wrong, never with what."""
    with mail_server(security="starttls", login=True) as post, pytest.raises(DeliveryError) as caught:
        await mail(post, "starttls", password="wr0ng").deliver(opening())

    assert caught.value.permanent
    assert "refuses the log-in (535)" in str(caught.value)
    assert "wr0ng" not in repr(caught.value) + repr(mail(post, password="wr0ng"))


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [("451 4.7.1 greylisted, come back later", False), ("550 5.1.1 no such user", True)],
)
async def test_f5_greylisting_is_waited_for_and_refusal_is_not(answer: str, permanent: bool) -> None:
    """4xx passes, 5xx does not; of the recipient and of the mail."""
    with mail_server() as post:
        post.rcpt = {OPS: answer}
        with pytest.raises(DeliveryError, match=answer[:3]) as caught:
            await mail(post).deliver(opening())

        assert caught.value.permanent is permanent
        post.rcpt, post.data = {}, answer
        with pytest.raises(DeliveryError, match=answer[:3]) as caught:
            await mail(post).deliver(opening())

        assert caught.value.permanent is permanent
        post.data = "250 OK"
        await mail(post).deliver(opening())

    assert len(post.mails) == 1


async def test_one_refused_recipient_of_two_does_not_mail_the_other_twice() -> None:
    """Told is told as soon as one mailbox took it."""
    with mail_server() as post:
        post.rcpt = {EVE: "550 no such user"}
        await mail(post, recipients=(OPS, EVE)).deliver(opening())

    assert [envelope.rcpt_tos for envelope in post.envelopes] == [[OPS]]


async def test_f5_a_server_that_goes_in_the_middle_is_tried_again(unused_tcp_port: int) -> None:
    """Or is not there at all; neither takes long."""
    began = time.monotonic()
    with mail_server() as post:
        post.cut = True
        with pytest.raises(DeliveryError) as caught:
            await mail(post).deliver(opening())

    assert not caught.value.permanent
    post.port = unused_tcp_port
    with pytest.raises(DeliveryError, match="cannot be reached") as caught:
        await mail(post).deliver(opening())

    assert not caught.value.permanent
    assert time.monotonic() - began < 5


async def test_a_trial_mails_something_harmless() -> None:
    """And an edit mails nothing."""
    with mail_server() as post:
        await mail(post).deliver(opening(minor=True))
        await mail(post).test()

    (found,) = post.mails
    assert found["Subject"] == "🟢 Test of email"
