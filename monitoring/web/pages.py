"""The dashboard's pages and files, read once and served from memory; and the library of its moving charts."""

from __future__ import annotations

import asyncio
import gzip
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from aiohttp import web

from monitoring.assets import asset
from monitoring.web.answer import Ready, in_pieces, json_response
from monitoring.web.guard import CALLER, Policy
from monitoring.web.keys import Right
from monitoring.web.params import SPAN, Asked, read_params
from monitoring.web.serving import Handle, Served, Serving
from monitoring.window import SPAN_WORDS, Scope

PAGES = ("/", "/performance", "/personas", "/users", "/system", "/history")
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".html": "text/html; charset=utf-8",
}
LIBRARY, LIBRARY_PATH = "plotly", "/library/plotly.js"
KEPT = 600.0
"""Seconds that it is kept packed."""


def served(serving: Serving) -> list[Served]:
    """Six pages of one frame, their files, what can be chosen there, and the library of moving charts."""
    files = {path.name: path for path in asset("dashboard").rglob("*") if path.suffix in KINDS}
    frame = files["index.html"].read_text("utf-8").replace("{library}", _version() if _library() else "")
    shown = [Served("GET", path, _kept(frame.encode(), ".html"), Policy(Right.READ, page=True)) for path in PAGES]
    # Open to all, since whoever signs in needs the style, and there is nothing in them to know.
    parts = [
        Served("GET", f"/dashboard/{name}", _kept(path.read_bytes(), path.suffix), Policy(None))
        for name, path in files.items()
        if path.suffix != ".html"
    ]
    return [
        *shown,
        *parts,
        Served("GET", "/dashboard/choices.json", _choices(serving), Policy(Right.READ)),
        Served("GET", LIBRARY_PATH, _from_package(serving), Policy(Right.READ)),
    ]


def _kept(body: bytes, suffix: str) -> Handle:
    ready = Ready.of(body)

    async def handle(request: web.Request) -> web.StreamResponse:
        return ready.response(request, kind=KINDS[suffix])

    return handle


def _choices(serving: Serving) -> Handle:
    """What the menus offer: windows, personas, and services that did anything in the window."""
    monitor = serving.monitor

    async def handle(request: web.Request) -> web.StreamResponse:
        asked = Asked(monitor.clock.now(), monitor.zone, read_params(request, SPAN))
        names = await monitor.work.names(asked.window, Scope())
        return json_response(
            {
                "windows": SPAN_WORDS,
                "personas": monitor.persona_names(),
                "services": names,
                "zone": monitor.zone,
                "session": request[CALLER].session,
            }
        )

    return handle


def _from_package(serving: Serving) -> Handle:
    """The library as its own package brings it, packed once.

    Not sent as a file: the system would do that past the connection, which then could not tell that nobody reads.
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        path = _library()
        if path is None:
            raise web.HTTPNotFound

        # Its address has its version.
        headers = {"Content-Type": KINDS[".js"], "Cache-Control": "private, max-age=604800", "Vary": "Accept-Encoding"}
        if "gzip" not in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=in_pieces(await asyncio.to_thread(path.read_bytes)), headers=headers)

        packed = await serving.cached.get(
            LIBRARY_PATH, KEPT, lambda: asyncio.to_thread(lambda: gzip.compress(path.read_bytes(), 6, mtime=0))
        )
        return web.Response(body=in_pieces(packed.body), headers=headers | {"Content-Encoding": "gzip"})

    return handle


def _library() -> Path | None:
    """Where the library of moving charts is, if it is installed."""
    found = find_spec(LIBRARY)
    if found is None or found.origin is None:
        return None

    path = Path(found.origin).parent / "package_data" / "plotly.min.js"
    return path if path.is_file() else None


def _version() -> str:
    try:
        return version(LIBRARY)
    except PackageNotFoundError:
        return "0"
