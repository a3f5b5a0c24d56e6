"""The dashboard's files, pictures and buttons, without a browser."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitoring.assets import asset
from monitoring.web.pages import PAGES
from tests.recording.standins import message
from tests.web.serving import KEY, READ_KEY, Site, site
from tests.web.test_dashboard import until_open

FILES = asset("dashboard")
OPERATOR = "0perate-Vc8BnMq3WeRtYuIoPlKjHgFdSaZ"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Site]:
    """A site with a key for everything, one to read, and one to act."""
    keys = f"read={READ_KEY},operate={OPERATOR}"
    limits = {"alert_grace_seconds": 0, "alert_memory_percent": 1, "alert_for_seconds": 0}
    async with site(tmp_path, analytics_api_keys=keys, **limits) as it:
        yield it


async def test_a_page_is_shown_to_those_who_are_signed_in(here: Site) -> None:
    """Others are sent to the sign-in; nothing may be loaded from elsewhere, no script stands in the page."""
    for path in PAGES:
        away = await here.ask(path, key=None)
        assert (away.status, away.headers["Location"]) == (303, "/sign-in"), path
        page = await here.ask(path, key=READ_KEY)
        assert page.status == 200, path
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy


async def test_files_are_open_and_only_known_ones(here: Site) -> None:
    """Style and scripts have nothing to hide; a browser that has them is told so; paths lead nowhere."""
    for file in FILES.iterdir():
        if file.suffix != ".html":
            found = await here.ask(f"/dashboard/{file.name}", key=None)
            assert found.body == file.read_bytes()
            again = await here.ask(
                f"/dashboard/{file.name}", key=None, headers={"If-None-Match": found.headers["ETag"]}
            )
            assert again.status == 304

    for path in ("index.html", "..%2fcharts.mplstyle", "%2e%2e/charts.mplstyle", "nothing.js"):
        assert (await here.ask(f"/dashboard/{path}", key=None)).status == 404


async def test_a_picture_and_its_words_tell_of_one_value(here: Site) -> None:
    """Both are made once and kept together; unknown kinds, windows and themes are refused with what there is."""
    words = await here.ask("/charts/overview.json?window=1h&theme=light", key=READ_KEY)
    picture = await here.ask(f"/charts/overview.png?theme=light&window=1h&tag={words.json['tag']}", key=READ_KEY)
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.headers["ETag"].strip('"') == words.json["tag"]
    assert picture.body.startswith(b"\x89PNG")
    assert len(words.json["alt"]) > 20
    kind = await here.ask("/charts/passwords.png", key=READ_KEY)
    assert (kind.status, "overview" in kind.json["hint"]) == (404, True)
    assert (await here.ask("/charts/overview.png?window=2y", key=READ_KEY)).status == 400
    assert (await here.ask("/charts/persona.png?persona=nobody", key=READ_KEY)).status == 404
    assert (await here.ask("/charts/overview.png", key=None)).status == 401


async def test_incidents_need_the_right_to_act(here: Site) -> None:
    """A key that only reads acknowledges nothing, nor does a page of another origin with a session."""
    await until_open(here)
    number = here.monitor.watch.open_numbers[0]
    path = f"/api/alerts/{number}/acknowledge"
    assert (await here.ask(path, "POST", key=READ_KEY)).status == 403
    assert (await here.ask(path, "POST", key=None)).status == 401
    cookie = (await here.ask("/sign-in", "POST", key=None, data={"key": KEY})).cookie.partition(";")[0]
    for forged in (
        {},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
    ):
        assert (await here.ask(path, "POST", key=None, headers={"Cookie": cookie} | forged)).status == 403

    assert (await here.monitor.incidents())[0].acknowledged_at is None
    told = await here.ask(path, "POST", key=OPERATOR)
    assert told.status == 200
    assert told.json["acknowledged_by"].startswith("the dashboard (")
    assert (await here.ask("/api/alerts", key=READ_KEY)).json["incidents"][0]["acknowledged_at"]


async def test_a_silence_is_as_long_as_told(here: Site) -> None:
    """In minutes, up to a week; anything else is refused with where."""
    await until_open(here)
    number = here.monitor.watch.open_numbers[0]
    path = f"/api/alerts/{number}/silence"
    told = (await here.ask(path, "POST", key=OPERATOR, json={"minutes": 30})).json
    assert abs(told["silenced_until"] - here.clock.now() - 30 * 60_000) < 5_000
    assert (await here.ask(f"/api/alerts/{number}/unsilence", "POST", key=OPERATOR)).json["silenced_until"] is None
    for body in ({"minutes": 0}, {"minutes": 20_000}, {"minutes": True}, {"minutes": "1"}, {"hours": 1}, [], "x"):
        refused = await here.ask(path, "POST", key=OPERATOR, json=body)
        assert (refused.status, refused.json["where"][:4]) == (400, "body")

    form = await here.ask(path, "POST", key=OPERATOR, data={"minutes": 5})
    assert form.status == 415
    for wrong in ("/api/alerts/99999/silence", "/api/alerts/x/silence", f"/api/alerts/{number}/delete"):
        assert (await here.ask(wrong, "POST", key=OPERATOR)).status == 404


def test_scripts_make_no_markup_and_are_small() -> None:
    """Nodes and text only, so that no name can act; nothing inline; no module above 300 lines."""
    for script in FILES.glob("*.js"):
        text = script.read_text("utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), (
            script
        )
        assert text.count("\n") < 300, script

    for frame in FILES.glob("*.html"):
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", frame.read_text("utf-8")), frame


def test_nothing_is_loaded_from_elsewhere() -> None:
    """No file names another address."""
    for file in FILES.iterdir():
        text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|url\(|@import|//[a-z]+\.[a-z]{2}", text), file


READ, SEEN = 4.5, 3.0
"""Contrast of text, and of marks that are known by their shape too."""


def test_everything_can_be_read_in_dark_and_in_light() -> None:
    """Each colour of text on each ground that it stands on, and each mark of a state."""
    dark, light = (colours(block) for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL))
    for shades in (dark, dark | light):
        for ground in ("page", "bg"):
            for name in ("text", "soft", "mute", "accent"):
                assert contrast(shades[name], shades[ground]) >= READ, (name, ground, shades[name])

            for name in ("good", "warning", "critical", "unknown", "acknowledged"):
                assert contrast(shades[name], shades[ground]) >= SEEN, (name, ground, shades[name])

        for name in ("text", "soft"):
            assert contrast(shades[name], shades["panel"]) >= READ, name


def test_what_moves_does_so_only_for_those_who_like_it() -> None:
    """Nothing moves outside the question whether it may."""
    still = re.sub(r"@media \(prefers-reduced-motion: no-preference\) \{.*?\n\}", "", STYLE, flags=re.DOTALL)
    assert "transition" in STYLE
    assert not re.search(r"transition|animation|scroll-behavior", still)


STYLE = (FILES / "style.css").read_text("utf-8")


def colours(block: str) -> dict[str, str]:
    """Names and colours of a block of the style."""
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", block))


def contrast(one: str, other: str) -> float:
    """Of two colours, as WCAG 2 reckons it."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Of #rrggbb, 0..1."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


async def test_channels_bear_their_names(here: Site) -> None:
    """As the bot that is watched knows them; without one, the end of their ids."""
    monitor, now = here.monitor, here.monitor.clock.now()
    for number in range(5):
        monitor.recorder.record(message(number + 1, now - 60_000 + number))

    await monitor.recorder.flush()
    unnamed = await here.ask("/charts/channels.json?window=1h", key=READ_KEY)
    monitor.place_name = lambda number: "tavern" if number == "8" else ""
    named = await here.ask("/charts/channels.json?window=6h", key=READ_KEY)

    assert named.json["title"] == "All 5 messages in tavern"
    assert "tavern" not in unnamed.json["title"]
