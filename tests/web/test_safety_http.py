"""What docs/promises.md says of HTTP, sentence by sentence."""

from __future__ import annotations

import hmac
import itertools
import os
import re
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from monitoring.errors import SettingError
from monitoring.settings import load_settings
from monitoring.web.cached import Cached
from monitoring.web.guard import Policy
from monitoring.web.keys import Right, keys_of
from monitoring.web.server import WebServer, application
from monitoring.web.serving import Serving
from tests.web.serving import EXPORT_KEY, KEY, READ_KEY, Site, site


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Site]:
    """A site with keys."""
    async with site(tmp_path) as it:
        yield it


@pytest.fixture
async def keyless(tmp_path: Path) -> AsyncIterator[Site]:
    """A site of this machine alone, without a key."""
    async with site(tmp_path, analytics_api_key="", analytics_api_keys="") as it:
        yield it


# --- keys


async def test_it_listens_on_this_machine_unless_told_otherwise(tmp_path: Path) -> None:
    """The standard address is 127.0.0.1:8000, and off."""
    settings = load_settings(_env_file=None)
    assert (settings.analytics_enabled, settings.analytics_host, settings.analytics_port) == (False, "127.0.0.1", 8000)


@pytest.mark.parametrize("more", [{"analytics_host": "0.0.0.0"}, {"analytics_allowed_hosts": ("bot.example.org",)}])
def test_reachable_from_elsewhere_it_makes_itself_a_key_that_only_its_owner_reads(
    tmp_path: Path, more: dict[str, object]
) -> None:
    """On the first start, beside the store, 0600; later starts take the same."""
    settings = load_settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 's.sqlite3'}", **more)
    keys = keys_of(settings)
    path = tmp_path / "s.api-key"
    secret = path.read_text().strip()
    assert len(secret) >= 32
    assert keys.find(secret) is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 or os.name != "posix"
    assert keys_of(settings).find(secret) is not None


@pytest.mark.parametrize(
    ("weak", "why"),
    [
        ("tiny-0ne", "shorter than 32"),
        ("change-me-change-me-change-me-change-me", "example"),
        ("abababababababababababababababababababab", "regular"),
        ("Qm7fXw2LrT9vBz4 NcJ8sHd6PgYa1UeKl8Vb3", "header"),
    ],
)
def test_weak_and_example_keys_are_refused_in_words_that_do_not_repeat_them(weak: str, why: str) -> None:
    """The sentence names the setting and how to make a good one."""
    for setting in ({"analytics_api_key": weak}, {"analytics_api_keys": f"read={weak}"}):
        with pytest.raises(SettingError) as caught:
            keys_of(load_settings(_env_file=None, **setting))

        assert why in str(caught.value)
        assert str(caught.value).startswith("ANALYTICS_API_KEY")
        assert weak not in str(caught.value)


def test_a_kept_key_that_somebody_made_weak_is_refused(tmp_path: Path) -> None:
    """Also where it stands in the file."""
    (tmp_path / "s.api-key").write_text("hello\n")
    settings = load_settings(
        _env_file=None, database_url=f"sqlite:///{tmp_path / 's.sqlite3'}", analytics_host="0.0.0.0"
    )
    with pytest.raises(SettingError, match=r"s\.api-key is shorter"):
        keys_of(settings)


async def test_programs_bring_their_key_in_either_header(here: Site) -> None:
    """`Authorization: Bearer` or `X-API-Key`; without one, or with a wrong one, 401."""
    assert (await here.ask("/api/models")).status == 200
    assert (await here.ask("/api/models", key=None, headers={"X-API-Key": KEY})).status == 200
    missing = await here.ask("/api/models", key=None)
    assert (missing.status, missing.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert (await here.ask("/api/models", key="wrong" * 9)).status == 401
    assert (await here.ask("/api/models", key=None, headers={"Authorization": f"Basic {KEY}"})).status == 401


def test_keys_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """As digests, each with every key, whether one of them is right or none: the time tells nothing."""
    keys = keys_of(load_settings(_env_file=None, analytics_api_key=KEY, analytics_api_keys=f"read={READ_KEY}"))
    compared: list[tuple[int, int]] = []

    def compare(a: bytes, b: bytes) -> bool:
        compared.append((len(a), len(b)))
        return real(a, b)

    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", compare)
    for secret in (KEY, READ_KEY, "", "x", KEY[:-1], KEY + "x", "ключ" * 9, "\udc80" * 40):
        compared.clear()
        assert (keys.find(secret) is not None) == (secret in (KEY, READ_KEY))
        assert compared == [(32, 32)] * 2


async def test_a_key_may_do_what_it_was_given(here: Site) -> None:
    """One that reads does not write."""
    assert (await here.ask("/api/models", key=READ_KEY)).status == 200
    refused = await here.ask("/api/operations", "POST", key=READ_KEY, json={})
    assert (refused.status, refused.json["error"]) == (403, "That needs a key with the right write.")


async def test_without_a_key_this_machine_may_read_and_nobody_behind_a_proxy(keyless: Site) -> None:
    """A proxy says so, or speaks HTTP/1.0; the program's inside needs a key in any case."""
    assert (await keyless.ask("/api/models")).status == 200
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert (await keyless.ask("/api/models", headers={name: "203.0.113.7"})).status == 401


async def test_every_path_says_who_may_use_it_and_nothing_is_open_by_accident(here: Site) -> None:
    """Open to all are the sign-in and the word on health; a path without a policy would be for admins only."""
    guard = here.server.guard
    app = application(Serving(here.monitor, guard, Cached(here.clock.monotonic)))
    paths = {(r.method, r.resource.canonical) for r in app.router.routes() if r.resource and r.method != "HEAD"}
    assert paths == set(guard.policies)
    open_to_all = {path for (_, path), policy in guard.policies.items() if policy.right is None}
    looks = {
        path for path in open_to_all if path.startswith("/dashboard/") and Path(path).suffix in (".js", ".css", ".svg")
    }
    assert open_to_all - looks == {"/api/health", "/sign-in", "/sign-out"}
    assert Policy().right is Right.READ


# --- browsers


async def test_browsers_sign_in_and_get_a_cookie_that_scripts_and_other_sites_cannot_use(here: Site) -> None:
    """HttpOnly, SameSite=Strict, not the key itself; Secure where TLS is spoken before us. It ends at the sign-out."""
    site_of_ours = {"Origin": here.server.url}
    entered = await here.ask("/sign-in", "POST", key=None, data={"key": READ_KEY}, headers=site_of_ours)
    assert (entered.status, entered.headers["Location"]) == (303, "/")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(entered.cookie.split("; "))
    assert "Secure" not in entered.cookie
    assert READ_KEY not in entered.cookie

    cookie = {"Cookie": entered.cookie.partition(";")[0]}
    assert (await here.ask("/api/models", key=None, headers=cookie)).status == 200
    assert (await here.ask("/api/operations", "POST", key=None, json={}, headers=cookie | site_of_ours)).status == 403
    assert (await here.ask("/sign-out", "POST", key=None, headers=cookie | site_of_ours)).status == 303
    assert (await here.ask("/api/models", key=None, headers=cookie)).status == 401

    tls = site_of_ours | {"X-Forwarded-Proto": "https"}
    assert "Secure" in (await here.ask("/sign-in", "POST", key=None, data={"key": KEY}, headers=tls)).cookie


async def test_a_session_lasts_over_a_restart_but_not_for_ever(tmp_path: Path) -> None:
    """Twelve hours; and not longer than the key it was made with is one."""
    async with site(tmp_path) as here:
        entered = await here.ask("/sign-in", "POST", key=None, data={"key": READ_KEY})
        cookie = {"Cookie": entered.cookie.partition(";")[0]}

    async with site(tmp_path) as again:
        assert (await again.ask("/api/models", key=None, headers=cookie)).status == 200
        again.clock.ahead += 12 * 3600
        assert (await again.ask("/api/models", key=None, headers=cookie)).status == 401
        again.clock.ahead = 0

    async with site(tmp_path, analytics_api_keys="") as later:
        assert (await later.ask("/api/models", key=None, headers=cookie)).status == 401


async def test_wrong_sign_ins_are_counted_by_address_and_a_right_key_always_passes(here: Site) -> None:
    """Twenty in a minute, then 429 with the time to wait; a minute later again."""
    here.clock.ahead += 60 - here.clock.monotonic() % 60
    wrong = {"data": {"key": "wrong" * 9}}
    statuses = [(await here.ask("/sign-in", "POST", key=None, **wrong)).status for _ in range(21)]
    assert statuses == [401] * 20 + [429]
    refused = await here.ask("/api/models", key="wrong" * 9)
    assert refused.status == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert (await here.ask("/sign-in", "POST", key=None, data={"key": KEY})).status == 303
    here.clock.ahead += 121
    assert (await here.ask("/api/models", key="wrong" * 9)).status == 401


async def test_wrong_keys_of_one_address_keep_no_other_waiting(here: Site) -> None:
    """Not even for wrong keys of their own; and what a proxy or a liar says in a header is no address."""
    here.clock.ahead += 60 - here.clock.monotonic() % 60
    for number in range(21):
        told = {"X-Forwarded-For": f"203.0.113.{number}", "X-Real-IP": f"203.0.113.{number}"}
        refused = await here.ask("/api/models", key="wrong" * 9, headers=told)

    assert refused.status == 429
    elsewhere = aiohttp.TCPConnector(local_addr=("127.0.0.2", 0))
    wrong = {"Authorization": "Bearer " + "wrong" * 9}
    async with (
        aiohttp.ClientSession(connector=elsewhere) as other,
        other.get(f"{here.server.url}/api/models", headers=wrong) as answer,
    ):
        assert answer.status == 401


async def test_a_key_exports_ten_times_a_minute(here: Site) -> None:
    """Then 429, while it may still read; counted by key."""
    here.clock.ahead += 60 - here.clock.monotonic() % 60
    path = next(path for (_, path), policy in here.server.guard.policies.items() if policy.right is Right.EXPORT)
    statuses = [(await here.ask(path, key=EXPORT_KEY)).status for _ in range(11)]
    assert 429 not in statuses[:10]
    assert statuses[10] == 429
    assert (await here.ask("/api/alerts", key=EXPORT_KEY)).status == 200
    assert (await here.ask(path)).status != 429
    assert (await here.ask(path, key=READ_KEY)).status == 403


async def test_a_key_reads_six_hundred_times_a_minute(here: Site) -> None:
    """Then 429; another key is not touched by it."""
    here.clock.ahead += 60 - here.clock.monotonic() % 60
    statuses = [(await here.ask("/api/alerts", key=READ_KEY)).status for _ in range(601)]
    assert statuses == [200] * 600 + [429]
    assert (await here.ask("/api/alerts", key=EXPORT_KEY)).status == 200


# --- keys in URLs


IN_URLS = (
    "/api/models?key=x", "/api/models?api_key=x", "/nowhere?APIKEY=x", "/?token=", "/sign-in?access_token=x",
    f"/api/models?window={KEY}", f"/api/models?{KEY}", f"/{KEY}", f"/api/health/{KEY}?x=1", "/api/models?a=1;key=x",
    "/api/health?%6bey=x", "/ws/metrics?token=x", f"/ws/metrics?x={KEY}", "/metrics?api_key=x", "/?%20KEY=x",
    f"/api/operations?x={READ_KEY}", f"/dashboard/{EXPORT_KEY}",
)  # fmt: skip


async def test_a_key_in_a_url_is_refused_with_a_hint_before_anything_else(
    here: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """On every path, with or without a right key in the header; it is neither taken nor logged."""
    caplog.set_level("DEBUG")
    for path, key in itertools.product(IN_URLS, (KEY, None)):
        refused = await here.ask(path, key=key, headers={"Host": "evil.example"})
        assert refused.status == 400, path
        assert "URL" in refused.json["error"]
        assert "Authorization" in refused.json["hint"]
        assert KEY.encode() not in refused.body

    assert KEY not in caplog.text


# --- names and origins


async def test_it_answers_to_its_own_names_only(here: Site) -> None:
    """Against names that were rebound to this address."""
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "192.168.0.7"):
        assert (await here.ask("/api/models", headers={"Host": host})).status == 421

    assert (await here.ask("/api/models", headers={"Host": f"localhost:{here.port}"})).status == 200


async def test_a_name_of_its_own_can_be_set(tmp_path: Path) -> None:
    """By which a proxy passes it on."""
    async with site(tmp_path, analytics_allowed_hosts=("bot.example.org",)) as here:
        assert (await here.ask("/api/models", headers={"Host": "bot.example.org"})).status == 200
        assert (await here.ask("/api/models", headers={"Host": "other.example.org"})).status == 421


ASKED_FROM: tuple[tuple[dict[str, str], int], ...] = (
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "null"}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200),
    ({"Sec-Fetch-Site": "same-origin"}, 200),
    ({"Sec-Fetch-Site": "none"}, 200),
    ({}, 200),
)


async def test_pages_of_other_origins_may_not_ask(keyless: Site) -> None:
    """Though the browser that shows them is on this machine."""
    for headers, status in ASKED_FROM:
        assert (await keyless.ask("/api/models", headers=headers)).status == status, headers


async def test_what_changes_something_is_never_asked_from_another_page(keyless: Site) -> None:
    """A form of another page posts what a navigation may not; and a cookie alone is no proof."""
    for headers in (
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {"Cookie": "greenroom=x"},
    ):
        assert (await keyless.ask("/api/operations", "POST", json={}, headers=headers)).status == 403


async def test_other_origins_are_not_told_that_they_may_read_unless_they_are_named(tmp_path: Path, here: Site) -> None:
    """No CORS header by default; a named origin gets its own, without cookies."""
    plain = await here.ask("/api/models")
    assert not [name for name in plain.headers if name.lower().startswith("access-control")]
    origin = {"Origin": "https://status.example.org"}
    asked = origin | {"Access-Control-Request-Method": "GET"}
    assert (await here.ask("/api/models", "OPTIONS", key=None, headers=asked)).status == 403
    (tmp_path / "b").mkdir()
    async with site(tmp_path / "b", analytics_cors_origins=("https://status.example.org",)) as open_one:
        before = await open_one.ask("/api/models", "OPTIONS", key=None, headers=asked)
        assert (before.status, before.headers["Access-Control-Allow-Origin"]) == (204, origin["Origin"])
        found = await open_one.ask("/api/models", headers=origin)
        assert found.headers["Access-Control-Allow-Origin"] == origin["Origin"]
        assert "Access-Control-Allow-Credentials" not in found.headers
        assert (await open_one.ask("/api/models", headers={"Origin": "https://evil.example"})).status == 403


async def test_every_answer_tells_the_browser_to_load_nothing_from_elsewhere(here: Site) -> None:
    """The content policy starts from nothing; no sniffing, no framing, no version of what it runs on."""
    for path in ("/sign-in", "/api/models", "/api/health", "/nowhere", "/api/models?x=1", "/metrics"):
        headers = (await here.ask(path)).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Server"] == "greenroom"


# --- what is told


async def test_health_without_a_key_is_one_word(here: Site) -> None:
    """`ok` with 200, `degraded` with 503, and nothing else."""
    await here.monitor.rounds.ask_all()
    answer = await here.ask("/api/health", key=None)
    assert (answer.status, answer.body) == (200, b'{"status":"ok"}')

    here.clock.ahead += 3
    here.monitor.add_probe(DeadProbe(here))
    await here.monitor.rounds.ask_all()
    answer = await here.ask("/api/health", key=None)
    assert (answer.status, answer.body) == (503, b'{"status":"degraded"}')
    assert (await here.ask("/api/health")).json["services"]["llm"]["status"] == "degraded"
    assert (await here.ask("/api/health/llm", key=None)).status == 401


class DeadProbe:
    """A service that does not answer."""

    service, critical, slow = "llm", True, 1.0

    def __init__(self, here: Site) -> None:
        self._clock = here.clock

    async def ask(self) -> object:
        """No answer."""
        from monitoring.model import Health, ProbeResult

        return ProbeResult("llm", Health.UNHEALTHY, self._clock.now(), None, "refused")


async def test_nothing_shows_environment_paths_or_traces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither what is told to admins, nor what is said of a fault of ours: that is in the log."""
    monkeypatch.setenv("A_SECRET_OF_THE_HOST", "xyzzy-of-the-host")
    told = {
        "discord_token": "very-secret-token",
        "probe_http": ("llm=http://user:pa55@127.0.0.1:11434/api/tags?token=abc",),
        "analytics_admin": True,
    }
    async with site(tmp_path, **told) as here:
        here.monitor.llm.models = None  # type: ignore[assignment]  # a fault of ours
        answers = [await here.ask(path) for path in ("/api/debug", "/api/config", "/api/tasks", "/api/models", "/x")]

    assert [answer.status for answer in answers] == [200, 200, 200, 500, 404]
    text = b"\n".join(answer.body for answer in answers).decode()
    hidden = (
        str(tmp_path), "xyzzy-of-the-host", "very-secret-token", KEY, READ_KEY, "pa55", "token=abc", "Traceback",
        ".py", "site-packages", os.getcwd(),
    )  # fmt: skip
    assert not [word for word in hidden if word in text]
    assert answers[1].json["settings"]["probe_http"] == ["llm=http://127.0.0.1:11434/***"]
    assert answers[1].json["settings"]["discord_token"] == "***"
    assert "TypeError" in caplog.text


async def test_the_inside_is_not_there_unless_it_is_switched_on(here: Site) -> None:
    """Not even for the right key."""
    for path in ("/api/debug", "/api/config", "/api/tasks", "/api/profiling/x"):
        assert (await here.ask(path)).status == 404

    assert (await here.ask("/api/profiling", "POST", json={})).status == 404


async def test_an_admin_action_leaves_a_row_in_the_audit(tmp_path: Path) -> None:
    """Who, by the name of the key, and what; a profile names functions, no files."""
    async with site(tmp_path, analytics_admin=True) as here:
        begun = await here.ask("/api/profiling", "POST", json={"seconds": 1})
        assert begun.status == 202
        assert (await here.ask("/api/profiling", "POST", json={"seconds": 1})).status == 409
        found = await here.ask(begun.headers["Location"])
        assert found.json["id"] == begun.json["id"]
        assert b"/" not in found.body
        rows = [row.body for row in await here.monitor.store.load("audit")]

    assert [row["what"] for row in rows] == ["profiling"]
    assert KEY not in str(rows)


# --- sizes and times


async def test_a_body_has_at_most_64_kb(here: Site) -> None:
    """Whether it says its length or not."""
    large = b"x" * 70_000

    async def piecewise() -> AsyncIterator[bytes]:
        yield large

    json = {"Content-Type": "application/json"}
    assert (await here.ask("/api/operations", "POST", data=large, headers=json)).status == 413
    assert (await here.ask("/api/operations", "POST", data=piecewise(), headers=json)).status == 413


def test_a_server_with_a_weak_key_is_not_made(tmp_path: Path) -> None:
    """What would stop the start says so before anything begins."""
    from monitoring.monitor import Monitor

    settings = load_settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 's.sqlite3'}", analytics_api_key="x")
    with pytest.raises(SettingError, match="ANALYTICS_API_KEY is shorter"):
        WebServer(Monitor(settings))


def test_every_promise_names_tests_that_exist() -> None:
    """The table of docs/api.md is held by what it names."""
    folder = Path(__file__).parent
    page = (folder.parent.parent / "docs/api.md").read_text("utf-8").partition("## What is promised")[2]
    written = "\n".join(file.read_text("utf-8") for file in folder.glob("test_*.py"))
    named = re.findall(r"`(test_\w+)`", page)
    assert len(named) > 30
    assert [name for name in named if f"def {name}(" not in written] == []
