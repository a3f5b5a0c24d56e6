"""The proxies of docs/run.md, as they are written there: real ones with TLS, where they are installed."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from tests.web.serving import KEY, Site, site

NAME = "bot.example.org"
PAGE = Path(__file__).parent.parent.parent / "docs/run.md"


class Here(AbstractResolver):
    """Every name is this machine's."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Where it is."""
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is held."""


def written(proxy: str) -> str:
    """What the page says for it."""
    found = re.search(rf"<!-- {proxy} -->\n```{proxy}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def replaced(text: str, **words: object) -> str:
    """With the words of this machine; each has to be there."""
    for old, new in words.items():
        assert old in text, old
        text = text.replace(old, str(new))

    return text


def nginx(folder: Path, port: int, behind: int) -> list[str]:
    """The call of nginx."""
    words = {
        "127.0.0.1:8000": f"127.0.0.1:{behind}",
        "listen 443": f"listen 127.0.0.1:{port}",
        "/etc/ssl/bot.example.org.pem": folder / "a.pem",
        "/etc/ssl/bot.example.org.key": folder / "a.key",
    }
    kept = "".join(f"{kind}_temp_path {folder};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    text = f"events {{}}\nhttp {{ access_log off; {kept}\n{replaced(written('nginx'), **words)}}}"
    (folder / "nginx.conf").write_text(text)
    said = f"daemon off; master_process off; pid {folder}/pid; error_log stderr warn;"
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", said]


def caddy(folder: Path, port: int, behind: int) -> list[str]:
    """The call of Caddy."""
    words = {
        "127.0.0.1:8000": f"127.0.0.1:{behind}",
        f"{NAME} {{": f"https://{NAME}:{port} {{\n\tbind 127.0.0.1\n\ttls {folder}/a.pem {folder}/a.key",
    }
    own = f"{{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system {folder}\n}}\n"
    (folder / "Caddyfile").write_text(own + replaced(written("caddy"), **words))
    return ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


def certify(folder: Path) -> None:
    """A certificate that it gives itself."""
    made = f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN={NAME}"
    more = f"-addext subjectAltName=DNS:{NAME} -keyout {folder}/a.key -out {folder}/a.pem"
    subprocess.run(f"{made} {more}".split(), check=True, capture_output=True)


def started(call: list[str], folder: Path) -> subprocess.Popen[bytes]:
    """The proxy; what it says is kept."""
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(call, stdout=log, stderr=log, cwd=folder)


@asynccontextmanager
async def behind(proxy: str, folder: Path) -> AsyncIterator[tuple[Site, str, aiohttp.ClientSession]]:
    """A site behind a proxy: it, the address, and a client that believes the proxy's certificate only."""
    if shutil.which(proxy) is None or shutil.which("openssl") is None:
        pytest.skip(f"needs {proxy} and openssl")

    certify(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    call = {"nginx": nginx, "caddy": caddy}[proxy]
    async with site(folder, analytics_allowed_hosts=(NAME,), analytics_websocket_update_interval=0.2) as here:
        process = started(call(folder, port, here.port), folder)
        try:
            context = ssl.create_default_context(cafile=str(folder / "a.pem"))
            connector = aiohttp.TCPConnector(resolver=Here(), ssl=context)
            async with aiohttp.ClientSession(connector=connector) as client:
                await answering(client, url := f"https://{NAME}:{port}", folder)
                yield here, url, client
        finally:
            process.terminate()
            process.wait(10)


async def answering(client: aiohttp.ClientSession, url: str, folder: Path) -> None:
    """Wait until the proxy answers."""
    for _ in range(100):
        with suppress(aiohttp.ClientConnectionError):
            async with client.get(f"{url}/api/health") as answer:
                if answer.status == 200:
                    return

        await asyncio.sleep(0.05)

    pytest.fail((folder / "log").read_text())


@pytest.mark.parametrize("proxy", ["nginx", "caddy"])
async def test_the_dashboard_works_behind_a_proxy(proxy: str, tmp_path: Path) -> None:
    """A browser signs in, keeps its cookie to TLS, gets pages and live figures, and may sign out."""
    async with behind(proxy, tmp_path) as (_, url, client):
        async with client.get(f"{url}/", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")

        ours: dict[str, Any] = {"headers": {"Origin": url, "Sec-Fetch-Site": "same-origin"}, "allow_redirects": False}
        async with client.post(f"{url}/sign-in", data={"key": KEY}, **ours) as answer:
            assert answer.status == 303
            assert "Secure" in answer.headers["Set-Cookie"].split("; ")

        async with client.get(f"{url}/api/performance") as answer:
            assert answer.status == 200
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")

        async with client.ws_connect(f"{url.replace('https', 'wss')}/ws/metrics", origin=url) as live:
            kinds = [(await live.receive_json(timeout=5))["type"] for _ in range(3)]
            assert kinds == ["snapshot", "metrics_update", "metrics_update"]

        async with client.post(f"{url}/sign-out", **ours) as answer:
            assert answer.status == 303


@pytest.mark.parametrize("proxy", ["nginx", "caddy"])
async def test_a_proxy_opens_no_door(proxy: str, tmp_path: Path) -> None:
    """Without a key nothing, though the proxy is on this machine; no key in a URL; no page of another origin."""
    async with behind(proxy, tmp_path) as (here, url, client):
        for path, headers, status in (
            ("/api/performance", {}, 401),
            ("/api/performance", {"Authorization": f"Bearer {KEY}"}, 200),
            (f"/api/performance?key={KEY}", {}, 400),
            ("/api/performance", {"Authorization": f"Bearer {KEY}", "Origin": "https://evil.example"}, 403),
        ):
            async with client.get(url + path, headers=headers) as answer:
                assert answer.status == status, (path, headers)

        async with client.post(f"{url}/api/operations", data=b"x" * 100_000, headers={"X-API-Key": KEY}) as answer:
            assert answer.status == 413

        assert (await here.ask("/api/models", headers={"Host": "other.example.org"})).status == 421
