"""What failures said: kept only in part, and never what is secret or personal in it.

Cases are imported where they are used: collecting would otherwise load the libraries that raise them.
"""

from __future__ import annotations

import string
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitoring.recording.redact import detail_of, redacted
from tests.thorough import examples

DIGITS = st.integers(1000, 9999).map(str)
WORD = string.ascii_letters + string.digits


def some(alphabet: str, least: int, most: int) -> st.SearchStrategy[str]:
    """Characters of an alphabet, four digits among them, as random keys have."""
    letters = st.text(alphabet, min_size=least - 4, max_size=most - 4)
    return st.builds(
        lambda text, digits, at: text[: at % 7] + digits + text[at % 7 :], letters, DIGITS, st.integers(0, 6)
    )


NUMBER = st.integers(10**16, 10**20).map(str)
SECRETS: dict[str, st.SearchStrategy[str]] = {
    "a bot's token": st.builds("{}.{}.{}".format, some(WORD, 24, 28), some(WORD, 6, 7), some(WORD + "-_", 27, 38)),
    "a key of OpenAI": some(WORD, 20, 60).map("sk-proj-{}".format),
    "a key of Anthropic": some(WORD, 30, 60).map("sk-ant-api03-{}".format),
    "a key of Google": some(WORD, 35, 35).map("AIza{}".format),
    "a key of GitHub": some(WORD, 36, 36).map("ghp_{}".format),
    "a token of JSON": st.builds("eyJ{}.eyJ{}.{}".format, some(WORD, 20, 40), some(WORD, 20, 40), some(WORD, 20, 40)),
    "hexadecimal digits": some("0123456789abcdef", 24, 64),
    "a UUID": st.uuids().map(str),
    "a snowflake": NUMBER,
    "a webhook": st.builds("https://discord.com/api/webhooks/{}/{}".format, NUMBER, some(WORD + "-_", 60, 68)),
    "an address of mail": st.builds(
        "{}@{}.org".format, st.text(string.ascii_lowercase + ".-", min_size=1, max_size=12), some(WORD, 6, 12)
    ),
    "an address of the internet": st.ip_addresses(v=4).map(str),
    "an address of the new internet": st.ip_addresses(v=6).map(str).filter(lambda a: len(a) > 4),
    "a path": st.text(string.ascii_lowercase, min_size=5, max_size=12).map("/home/{}/bot/.env".format),
    "a path of Windows": st.text(string.ascii_lowercase, min_size=5, max_size=12).map("C:\\Users\\{}\\bot".format),
    "a phone number": st.integers(1000, 9999).map("+49 170 123 {}".format),
}
BETWEEN = st.sampled_from(
    [
        "{}",
        "with {} it failed",
        "got {}.",
        "({})",
        "[{}]",
        "key={}",
        "for {}, try again",
        "error: {}\n",
        "x\t{}\tx",
        "<{}>",
    ]
)
PASSWORD = st.text(string.ascii_letters + string.digits + "!#%*+-./:?@^_~", min_size=4, max_size=30).filter(
    lambda s: s.lower() not in "invalid expired missing required wrong incorrect empty revoked unknown null none"
)


def hidden(secret: str, text: str) -> None:
    """Nothing of a secret is left: no stretch of six of its characters."""
    for start in range(max(len(secret) - 5, 1)):
        assert secret[start : start + 6] not in text


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_is_left(name):
    """Wherever it stands, alone or between words."""

    @settings(max_examples=examples(30))
    @given(SECRETS[name], BETWEEN)
    def planted(secret: str, around: str) -> None:
        text = redacted(around.format(secret))
        assert secret not in text
        assert not any(part in text for part in secret.split("/") if len(part) > 9 and any(map(str.isdigit, part)))

    planted()


@example("a!bcd", "password={}")
@example("not.a/9", "the token is {}")
@given(
    PASSWORD,
    st.sampled_from(
        ["password={}", "Password: {} refused", "api_key={};x=1", "OPENAI_API_KEY={}", "the token is {}", "secret = {}",
         "postgresql://ada:{}@db.example/x", "redis://:{}@10.0.0.1:6379/0", "user=ada password={} host=db",
         "{{'password': '{}'}}", 'Authorization: "{}"', "cookie={}", "PIN: {}", "client_secret={}"],
    ),
)  # fmt: skip
def test_what_is_called_a_secret_is_one(password, around):
    """Whatever it looks like: what stands before it tells."""
    hidden(password, redacted(around.format(password)))


@example("0000':", "a 'b' {!r} c")
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=60).filter(lambda s: len(s.strip()) > 5),
    st.sampled_from(
        ["cannot answer {!r}", "cannot answer {!r}, sorry", "{!r} and {!r}", "a 'b' {!r} c", "x={!r} it's"]
    ),
)
def test_what_users_said_is_not_left_between_quotes(said, around):
    """As `{text!r}` writes it, apostrophes and line breaks included."""
    text = redacted(around.replace("{!r}", "{0!r}").format("Zq" + said + "qZ"))
    assert "Zq" not in text
    assert "qZ" not in text


@given(st.text(max_size=3_000))
def test_any_text_becomes_a_short_line(text):
    """At most 200 characters, no line break, and done once is done for good."""
    once = redacted(text)
    assert len(once) <= 200
    assert "\n" not in once
    assert "\u202e" not in once


def test_a_secret_that_was_cut_in_half_is_not_left():
    """What is read of a very long text ends with a whole word."""
    secret = "Ab1Cd2Ef3Gh4" * 3
    addresses = "https://x.example/yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy " * 20
    for cut in range(960, 1_001):
        hidden(secret, redacted(f"{addresses[:cut]} {secret} and so on"))

    assert redacted("A1b2" * 10_000) == ""


@pytest.mark.parametrize(
    "unit", ["a", "1 ", ":", "'", " '", '"', "<@", "key=", "_pass", "a@", "a.", "/", "«", "a://", "token is "]
)
def test_f16_no_text_takes_long(unit):
    """Whatever users write over and over: a few milliseconds at the most, as it happens in the event loop."""
    taken = []
    for _ in range(3):
        began = time.thread_time()
        redacted(unit * 5_000)
        taken.append(time.thread_time() - began)

    assert min(taken) < 0.02


def test_secrets_are_found_though_something_unseen_is_in_them():
    """Zero-width characters and turns of the reading direction are taken out first."""
    assert redacted("sk-proj-\u200bAb1Cd2Ef3\u200dGh4Ij5Kl6") == "[secret]"
    assert redacted("pass\u00adword=hunter2") == "[secret]"
    assert redacted("-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----") == "[secret]"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Rate limit reached for gpt-4o: Limit 30000, Used 29000. Try again in 1.2s.", None),
        ("This model's maximum context length is 8192 tokens. However, you asked for 9120 tokens.", None),
        ("[Errno 111] Connection refused", None),
        ("Cannot connect to host api.openai.com:443 ssl:default [Connection refused]", None),
        ("403 Forbidden (error code: 50013): Missing Permissions", None),
        ("Your API key is invalid", None),
        ("max_tokens: Field required", None),
        ("disk I/O error", None),
        ("model 'llama3' not found", "model [quoted] not found"),
        ("No such file: /home/ada/.env", "No such file: [path]"),
        ("User 1180000000000000001 wasn't there", "User [id] wasn't there"),
        ("<object at 0x7fbe0f990b90>", "<object at [id]>"),
    ],
)
def test_what_helps_is_kept(text, kept):
    """Words, short numbers, statuses, names of models and hosts."""
    assert redacted(text) == (text if kept is None else kept)


def test_a_detail_begins_with_the_type_that_failed():
    """Of what libraries raise: the type inside of wrappers, its status, and what it said."""
    from .failure_cases import CASES

    for name, error in CASES.items():
        detail = detail_of(error)
        assert detail[0].isalpha(), name
        assert len(detail) <= 200, name


def test_details_of_api_answers_are_their_message():
    """And not the printed form of the whole answer."""
    from .failure_cases import CASES

    assert detail_of(CASES["anthropic.BadRequestError prompt is too long"]) == (
        "BadRequestError 400: prompt is too long: 210000 tokens > 200000 maximum"
    )
    assert detail_of(CASES["commands.CommandInvokeError of discord.Forbidden"]) == (
        "Forbidden 403: 403 reason (error code: 50013): It failed"
    )


def test_f17_exceptions_that_raise_when_asked_have_no_detail_but_their_name():
    """Their text may do anything."""

    class Hostile(Exception):
        body = property(lambda self: 1 / 0)

        def __str__(self) -> str:
            raise RuntimeError

    assert detail_of(Hostile()) == "Hostile"
