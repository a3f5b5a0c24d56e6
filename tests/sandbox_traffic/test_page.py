"""The sandbox's page: nothing comes from elsewhere, nothing a person writes can act, and it fits a phone."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import monitoring.sandbox
from monitoring.sandbox import Sandbox
from monitoring.sandbox.world import World, build_world

PAGE = Path(monitoring.sandbox.__file__).parent / "page"
CHROMIUM = shutil.which("chromium")
EVIL = '<img src=x onerror="document.title=1"><script>document.title=1</script> [x](javascript:alert(1)) ||x|| **b**'


def test_no_markup_is_made_of_text() -> None:
    """Scripts make nodes and text, never markup."""
    for script in PAGE.glob("*.js"):
        text = script.read_text("utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), (
            script
        )


def test_nothing_is_loaded_from_elsewhere() -> None:
    """No style, script, font or picture has an address of another machine."""
    for file in PAGE.iterdir():
        text = file.read_text("utf-8")
        assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//|url\(|@import|from ["']https?:""", text), file


def test_every_control_is_named() -> None:
    """Buttons without words have a label for those who do not see them."""
    html = (PAGE / "index.html").read_text("utf-8")
    for tag, words in re.findall(r"<button([^>]*)>([^<]*)</button>", html):
        assert "aria-label" in tag or re.search(r"\w{3}", words), tag


@pytest.fixture
async def stand() -> AsyncIterator[tuple[Sandbox, World]]:
    sandbox = Sandbox()
    await sandbox.start()
    yield sandbox, build_world(sandbox)
    await sandbox.close()


@pytest.fixture
async def browser() -> AsyncIterator[Any]:
    playwright = pytest.importorskip("playwright.async_api")
    if CHROMIUM is None:
        pytest.skip("needs chromium")

    async with playwright.async_playwright() as driver:
        opened = await driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        await opened.close()


async def test_hostile_text_is_inert(stand: tuple[Sandbox, World], browser: Any) -> None:
    """Markup in a name or a message is shown as it was written."""
    sandbox, world = stand
    channel = world.channels[0]
    await sandbox.say(channel.id, world.people[3].id, EVIL)
    await sandbox.persona_say(channel.webhook_id, "<b onclick=x>Evil</b>", "**[Nyx]**: `<i>`")
    page = await browser.new_page()
    await page.goto(f"{sandbox.page_url}#channel={channel.name}")
    await page.wait_for_selector(".message")
    assert await page.title() == "#lobby · Sandbox"
    assert await page.locator("#messages img, #messages script, #messages b").count() == 0
    assert "<script>" in await page.locator(".message").first.inner_text()
    assert await page.locator("#messages .who").nth(1).inner_text() == "<b onclick=x>Evil</b>"


async def test_a_person_writes_and_it_stays_at_the_bottom(stand: tuple[Sandbox, World], browser: Any) -> None:
    """What is typed appears, under the name of whom one acts as; the newest stays in sight on a phone."""
    sandbox, world = stand
    channel = world.channels[1]
    for number in range(30):
        await sandbox.say(channel.id, world.people[number % 9].id, f"line {number} " + "word " * 40)

    page = await browser.new_page(viewport={"width": 390, "height": 780})
    await page.goto(f"{sandbox.page_url}?as=kira#channel={channel.id}")
    await page.wait_for_selector("text=line 29")
    await page.fill("#text", "hello from a phone")
    await page.press("#text", "Enter")
    await page.wait_for_selector("text=hello from a phone")
    assert await page.locator(".who").last.inner_text() == "kira"
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    below = "(box) => box.scrollHeight - box.scrollTop - box.clientHeight"
    assert await page.locator("#scroll").evaluate(below) < 5
