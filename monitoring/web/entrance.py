"""Signing in and out with a browser, and where Prometheus asks."""

from __future__ import annotations

from urllib.parse import parse_qs

from aiohttp import web

from monitoring.assets import asset
from monitoring.web.answer import Refusal
from monitoring.web.guard import Policy
from monitoring.web.serving import Served, Serving, body_of
from monitoring.web.sessions import COOKIE, LASTS

FORM = "application/x-www-form-urlencoded"


def served(serving: Serving) -> list[Served]:
    """The sign-in and the way out."""
    return [*_way_in(serving), _way_out(serving)]


def _way_in(serving: Serving) -> list[Served]:
    guard, sessions = serving.guard, serving.guard.callers.sessions
    page = asset("dashboard/sign-in.html").read_text("utf-8")

    async def show(request: web.Request) -> web.StreamResponse:
        return web.Response(text=page.replace("{said}", ""), content_type="text/html")

    async def sign_in(request: web.Request) -> web.StreamResponse:
        told = await _told_key(request)
        try:
            key = guard.callers.key(request, told)
        except Refusal as refused:
            if "text/html" not in request.headers.get("Accept", ""):
                raise

            said, status, headers = str(refused), refused.status, refused.headers
            return web.Response(
                text=page.replace("{said}", said), status=status, headers=headers, content_type="text/html"
            )

        answer = web.Response(status=303, headers={"Location": "/"})
        cookie = await sessions.begin(key)
        secure = _is_tls(request)
        answer.set_cookie(
            COOKIE, cookie, max_age=LASTS // 1000, httponly=True, samesite="Strict", secure=secure, path="/"
        )
        return answer

    return [Served("GET", "/sign-in", show, Policy(None)), Served("POST", "/sign-in", sign_in, Policy(None))]


def _way_out(serving: Serving) -> Served:
    sessions = serving.guard.callers.sessions

    async def sign_out(request: web.Request) -> web.StreamResponse:
        await sessions.end(request.cookies.get(COOKIE, ""))
        answer = web.Response(status=303, headers={"Location": "/sign-in"})
        answer.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict", secure=_is_tls(request))
        return answer

    return Served("POST", "/sign-out", sign_out, Policy(None))


async def _told_key(request: web.Request) -> str:
    """The key of the form. Raises Refusal where it is none."""
    if request.content_type != FORM:
        raise Refusal(415, "The key comes as a form.", where="Content-Type")

    try:
        form = parse_qs((await body_of(request)).decode("utf-8", "replace"), max_num_fields=5)
    except ValueError:
        raise Refusal(400, "The form has one field, the key.", where="body") from None

    return form.get("key", [""])[0]


def _is_tls(request: web.Request) -> bool:
    """Whether the browser speaks TLS, with us or with a proxy before us."""
    return request.secure or request.headers.get("X-Forwarded-Proto", "").casefold() == "https"
