"""The dashboard in a real browser: signed in, alive, complete, for everybody, and alone with its server."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from monitoring.model import MessageSeen, Sample
from monitoring.sandbox.demo import Demo
from monitoring.web.pages import PAGES
from tests.web.serving import KEY, Site, site

BUSY = "[aria-busy=true]"
CHROMIUM = shutil.which("chromium")
SPARING = ["--no-sandbox", "--disable-gpu", "--disable-extensions", "--disable-background-networking", "--mute-audio"]
pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(slots=True)
class Viewer:
    """A browser that is signed in, and all that went wrong in it."""

    here: Site
    browser: Any
    context: Any
    tab: Any
    """The one that is signed in, for all tests: each new one would cost the browser two processes."""
    wrong: list[str] = field(default_factory=list)

    async def page(self, path: str = "/", *, width: int = 1280, signed_in: bool = True, whole: bool = False) -> Any:
        """A page, once it is live; `whole`: once nothing is under way any more."""
        page = self.tab if signed_in else self.watched(await self.browser.new_page())
        await page.set_viewport_size({"width": width, "height": 800})
        await page.goto(self.here.server.url + path)
        if signed_in:
            await page.wait_for_selector("#connection.good")

        if whole:
            await page.wait_for_selector(BUSY, state="detached", timeout=20_000)

        return page

    def watched(self, page: Any) -> Any:
        """The same page; what goes wrong in it is noted."""
        page.on("console", lambda said: self.wrong.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", lambda asked: self._asked(asked.url))
        return page

    def _asked(self, url: str) -> None:
        if not url.startswith((self.here.server.url, "data:")):
            self.wrong.append(f"asked elsewhere: {url}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def viewer(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Viewer]:
    """A site with a day of history and an open incident, and Chromium."""
    playwright = pytest.importorskip("playwright.async_api")
    if CHROMIUM is None:
        pytest.skip("needs chromium")

    limits = {"alert_grace_seconds": 0, "alert_memory_percent": 1, "alert_for_seconds": 0, "alert_interval_seconds": 1}
    more = {"analytics_port": free_port(), "analytics_websocket_update_interval": 0.2}
    async with Demo(days=1) as demo, site(tmp_path_factory.mktemp("shown"), **limits, **more) as here:
        await demo.prepare(here.monitor)
        await here.monitor.recorder.flush()
        await until_open(here)
        signed = await here.ask("/sign-in", "POST", key=None, data={"key": KEY})
        async with playwright.async_playwright() as driver:
            browser = await driver.chromium.launch(executable_path=CHROMIUM, args=SPARING)
            # One for all tests: what was loaded and translated once is at hand for the next page.
            context = await browser.new_context(reduced_motion="reduce")
            name, _, value = signed.cookie.partition(";")[0].partition("=")
            await context.add_cookies([{"name": name, "value": value, "url": here.server.url}])
            viewer = Viewer(here, browser, context, await context.new_page())
            viewer.watched(viewer.tab)
            yield viewer
            await browser.close()


async def until_open(here: Site) -> None:
    """Let memory be above its limit until that is an incident."""
    for _ in range(20):
        here.monitor.recorder.record(Sample("memory_percent", 97.0, here.clock.now()))
        await here.monitor.recorder.flush()
        await here.monitor.watch.tick()
        if here.monitor.watch.open_numbers:
            return

        here.clock.ahead += 15

    pytest.fail("no incident opened")


def free_port() -> int:
    """A port that stays the same when the server begins anew."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]

    return port


@pytest.fixture(autouse=True)
def _nothing_wrong(request: pytest.FixtureRequest) -> Any:
    """No test leaves an error in the console, or asked anybody but the server."""
    yield
    if "viewer" in request.fixturenames:
        seen: Viewer = request.getfixturevalue("viewer")
        wrong, seen.wrong = seen.wrong, []
        assert not wrong


async def test_one_signs_in_with_the_key(viewer: Viewer) -> None:
    """Whoever is not signed in sees the form; a wrong key is said in words; the right one leads to the figures."""
    page = await viewer.page(signed_in=False)
    assert page.url.endswith("/sign-in")
    await page.keyboard.type("wrong")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("text=That is no key of this server.")
    assert "401" in viewer.wrong.pop()
    await page.fill("input[name=key]", KEY)
    await page.click("text=Sign in")
    await page.wait_for_selector("#connection:has-text('Live')")
    assert await page.title() == "Overview · Greenroom"
    await page.click("text=Sign out")
    await page.wait_for_url("**/sign-in")
    await page.close()
    viewer.wrong.clear()


@pytest.mark.parametrize("path", PAGES)
async def test_each_page_has_figures_and_fits_a_phone(viewer: Viewer, path: str) -> None:
    """Figures, tables and pictures with words; nothing failed; nothing scrolls sideways at 375 px."""
    page = await viewer.page(path, width=375, whole=True)
    assert await page.locator(".wrong").all_inner_texts() == []
    assert await page.locator(".figure:not(.none), tbody tr").count() >= 6
    assert await page.locator("nav a[aria-current]").count() == 1
    assert await page.evaluate("document.documentElement.scrollWidth") <= 375
    for alt in await page.locator("figure img").evaluate_all("all => all.map(one => one.alt)"):
        assert len(alt) > 40

    unnamed = "all => all.filter(one => !(one.textContent.trim() || one.ariaLabel || one.closest('label'))).length"
    assert await page.locator("button, a, select").evaluate_all(unnamed) == 0


async def test_what_happens_is_seen_at_once(viewer: Viewer) -> None:
    """A message counts within a second, without a reload."""
    page, here = await viewer.page(), viewer.here
    figure = ".tile:has-text('Messages a minute') .figure"
    before = await page.locator(figure).inner_text()
    for number in range(5):
        here.monitor.recorder.record(
            MessageSeen(90 + number, 3, 2, author_id=4, author_name="mina", content="hi", at=here.clock.now())
        )

    await here.monitor.recorder.flush()
    await page.wait_for_selector(f"{figure}:not(:text-is('{before}'))", timeout=3000)


async def test_another_window_is_asked_for_and_kept(viewer: Viewer) -> None:
    """In the address too, so that it can be sent on; other pages get it along."""
    page = await viewer.page("/performance")
    async with page.expect_response(lambda answer: "window=7d" in answer.url and "/api/performance" in answer.url):
        await page.select_option("select[name=window]", "7d")

    await page.wait_for_selector("#said:has-text('Figures of 7 days.')", state="attached")
    await page.reload()
    await page.wait_for_selector("#connection.good")
    assert await page.locator("select[name=window]").input_value() == "7d"
    assert "window=7d" in (await page.locator("nav a", has_text="Personas").get_attribute("href") or "")


async def test_one_persona_and_one_service_are_chosen(viewer: Viewer) -> None:
    """Their pages have other parts."""
    page = await viewer.page("/personas")
    await page.select_option("select[name=persona]", "Nyx")
    await page.wait_for_selector("section[aria-label=Nyx] .figure")
    page = await viewer.page("/performance?service=llm")
    await page.wait_for_selector("section[aria-label='Operations of llm'] table")


async def test_an_incident_is_acknowledged_and_silenced(viewer: Viewer) -> None:
    """With a button, by the keyboard; it is said, and everybody sees who it was."""
    page, here = await viewer.page(), viewer.here
    await page.locator("button", has_text="Acknowledge").first.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".incident:has-text('acknowledged by the dashboard')")
    assert "acknowledged" in await page.locator("#said").inner_text()
    await page.locator("button", has_text="Silence 1 h").first.click()
    await page.wait_for_selector(".incident:has-text('silenced until')")
    # A busy machine may have one more, of its CPU.
    (incident,) = [one for one in await here.monitor.incidents() if one.acknowledged_by]
    assert incident.acknowledged_by == "the dashboard"
    assert incident.silenced_until is not None
    await page.locator("button", has_text="End silence").first.click()
    await page.wait_for_selector("button:has-text('Silence 1 h')")


async def test_figures_are_taken_away_as_files(viewer: Viewer) -> None:
    """A button for each format; the file has a name that tells its window."""
    page = await viewer.page("/history")
    async with page.expect_download() as coming:
        await page.click("a:text('CSV')")

    file = await coming.value
    assert re.fullmatch(r"greenroom-[0-9-]+-to-[0-9-]+\.csv", file.suggested_filename)
    text = await asyncio.to_thread(Path(await file.path()).read_text, "utf-8")
    assert text.count("\n") > 20


async def test_it_says_that_it_is_cut_off_and_comes_back(viewer: Viewer) -> None:
    """How old the figures are meanwhile; after a restart it is live again by itself, still signed in."""
    page, here = await viewer.page("/system"), viewer.here
    await here.server.close()
    await page.wait_for_selector("#connection:has-text('figures are')")
    assert (await page.locator("#connection").inner_text()).startswith("Reconnecting")
    await here.server.start()
    await page.wait_for_selector("#connection.good", timeout=10_000)
    assert await page.locator("#said").inner_text() == "Connected again."
    # The browser itself says that it was refused.
    viewer.wrong = [said for said in viewer.wrong if "ERR_CONNECTION_REFUSED" not in said]


async def test_the_keyboard_is_enough(viewer: Viewer) -> None:
    """The first key leads past the head; every control can be reached, and the one in hand is seen."""
    page = await viewer.page(whole=True)
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "main"
    reached = []
    for _ in range(3):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate("document.activeElement.name || document.activeElement.tagName"))
        assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"

    assert reached[0] == "window"
    assert await page.locator("main, nav, header, h1").count() == 4


async def test_it_is_light_where_the_system_is(viewer: Viewer) -> None:
    """Also its drawn charts, as soon as the system changes."""
    page = await viewer.page("/system")
    await page.emulate_media(color_scheme="dark")
    await page.wait_for_selector("img[src*='theme=dark']")
    async with page.expect_response(lambda answer: "theme=light" in answer.url and ".json" in answer.url):
        await page.emulate_media(color_scheme="light")

    await page.wait_for_selector("img[src*='theme=light']")
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
