"""Every page and chart of the demo as the sandbox shows it: `python -m tests.gallery` makes docs/gallery.md anew.

Needs Chromium. Each command is used through the stand-in for Discord; its message is then photographed on the page,
as wide as a desktop or a phone would show it.
"""

from __future__ import annotations

import asyncio
import io
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from monitoring.sandbox.demo import Demo
from tests import gallery_incidents
from tests.conftest import Stage, on_stage
from tests.gallery_incidents import STAGES

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "assets" / "images" / "gallery"
PAGE = ROOT / "docs" / "gallery.md"
WIDE, PHONE = 1000, 390
QUALITY = 82
PATIENCE = 180.0
"""Seconds for one answer."""
SHARP = 1.5
"""Pixels of the picture for each of the page."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: what is asked, and what is pressed then."""

    name: str
    command: str
    options: dict[str, Any] = field(default_factory=dict)
    press: str = ""
    """The label of a button."""
    phone: bool = False

    @property
    def words(self) -> str:
        """What a person types."""
        given = " ".join(f"{key}:{value}" for key, value in self.options.items())
        return f"/{self.command} {given}".strip() + (f" → {self.press}" if self.press else "")


MONTH, WEEK = {"window": "30d"}, {"window": "7d"}
SECTIONS: dict[str, tuple[Shot, ...]] = {
    "Health": (Shot("health", "health"), Shot("health-phone", "health", phone=True)),
    "How it is going": (
        Shot("overview", "stats overview"),
        Shot("report-overview", "report", {"kind": "overview"}),
        Shot("why", "why", {"figure": "mean"}),
        Shot("insights", "why"),
    ),
    "Speed": (
        Shot("performance", "stats performance"),
        Shot("components", "stats performance", press="Components"),
        Shot("by-persona", "stats performance", WEEK, press="By persona"),
        Shot("service", "stats performance", {"service": "llm"}),
        Shot("operations", "stats performance", {"service": "llm"}, press="Operations"),
        Shot("throughput", "report", {"kind": "throughput", **WEEK}),
    ),
    "Errors and promises": (
        Shot("errors", "stats errors", WEEK),
        Shot("uptime", "report", {"kind": "uptime", **MONTH}),
        Shot("incident-log", "report", {"kind": "incidents", **MONTH}),
        Shot("slo", "report", {"kind": "slo", **MONTH}),
    ),
    "Models, tokens, cost": (
        Shot("models", "stats models", WEEK),
        Shot("features", "stats features", MONTH),
        Shot("variants", "stats features", MONTH, press="Variants"),
        Shot("tokens", "report", {"kind": "tokens", **MONTH}),
        Shot("cost", "report", {"kind": "cost", **MONTH}),
    ),
    "Personas": (
        Shot("persona", "stats persona", {"name": "Nyx", **MONTH}),
        Shot("persona-quality", "stats persona", {"name": "Nyx", **MONTH}, press="Quality"),
        Shot("persona-growth", "stats persona", {"name": "Nyx", **MONTH}, press="Growth"),
        Shot("persona-phone", "stats persona", {"name": "Nyx", **MONTH}, phone=True),
        Shot("relationships", "stats relationships", MONTH),
        Shot("matrix", "stats relationships", MONTH, press="Matrix"),
        Shot("history", "stats relationships", MONTH, press="History"),
        Shot("banter", "stats banter", MONTH),
        Shot("exchange", "stats banter", WEEK, press="Longest"),
    ),
    "People": (
        Shot("users", "stats users", MONTH),
        Shot("activity", "report", {"kind": "activity heatmap", **MONTH}),
        Shot("channels", "stats channels", MONTH),
        Shot("conversations", "stats conversations", MONTH),
        Shot("scenarios", "stats scenarios", MONTH),
        Shot("commands", "stats commands", MONTH),
    ),
    "The machine, and everything": (
        Shot("resources", "report", {"kind": "resources"}),
        Shot("full", "report", {"kind": "full", **MONTH}),
    ),
}


@asynccontextmanager
async def chromium() -> AsyncIterator[Any]:
    """The browser."""
    from playwright.async_api import async_playwright

    async with async_playwright() as driver:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = await driver.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        yield browser
        await browser.close()


async def pages(browser: Any, demo: Demo) -> dict[bool, Any]:
    """The sandbox's page on a desktop (False) and on a phone (True), in the ops channel."""
    found = {}
    for phone in (False, True):
        size = {"width": PHONE if phone else WIDE, "height": 1400}
        found[phone] = await browser.new_page(viewport=size, device_scale_factor=SHARP)
        await found[phone].goto(f"{demo.page_url}?as=owner#channel={demo.world.ops_channel.id}")

    return found


async def taken(stage: Stage, demo: Demo, page: Any, shot: Shot) -> bytes:
    """The picture of one answer, as PNG."""
    stage.clock.ahead += 11
    place = demo.world.owner_id, demo.world.ops_channel.id
    asked = await demo.sandbox.command(*place, shot.command, shot.options, timeout=PATIENCE)
    assert asked.error is None, (shot.words, asked.error)
    if shot.press:
        stage.clock.ahead += 11
        button = next(one for one in _buttons(asked.message) if one.get("label") == shot.press)
        await demo.sandbox.click(demo.world.owner_id, asked.message["id"], button["custom_id"])

    node = page.locator(f"#m{asked.message['id']}")
    await node.wait_for(timeout=10_000)
    await page.wait_for_timeout(400)
    return bytes(await node.screenshot())


def _buttons(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for row in message.get("components", ()):
        yield from row.get("components", ())


def saved(png: bytes, name: str) -> None:
    """Keep a picture, small enough for a repository."""
    from PIL import Image

    PICTURES.mkdir(parents=True, exist_ok=True)
    Image.open(io.BytesIO(png)).convert("RGB").save(PICTURES / f"{name}.webp", quality=QUALITY, method=6)


def text() -> Iterator[str]:
    """The page."""
    yield "# Gallery\n"
    yield "Pages and charts of the demo (`python bot.py --demo`), as its stand-in for Discord shows them to an owner."
    yield "The people and personas are invented. Made by `python -m tests.gallery`.\n"
    for section, shots in SECTIONS.items():
        yield f"## {section}\n"
        for shot in shots:
            on = ", on a phone" if shot.phone else ""
            yield f"`{shot.words}`{on}\n"
            yield f"![{shot.words}{on}](../assets/images/gallery/{shot.name}.webp)\n"

    yield "## An incident's message, from its opening to its end\n"
    for name, words in STAGES.items():
        yield f"{words[0].upper()}{words[1:]}.\n"
        yield f"![{words}](../assets/images/gallery/incident-{name}.webp)\n"


async def main(only: list[str]) -> None:
    """Take all pictures, or those named, and write the page."""
    async with chromium() as browser:
        if not only or "incidents" in only:
            await gallery_incidents.taken(browser, WIDE, lambda png, name: saved(png, f"incident-{name}"))

        with TemporaryDirectory(prefix="greenroom-gallery-") as folder:
            async with (
                Demo(days=30) as demo,
                on_stage(demo.sandbox, demo.settings(Path(folder)), demo.prepare) as stage,
            ):
                shown = await pages(browser, demo)
                for shot in (one for shots in SECTIONS.values() for one in shots):
                    if not only or shot.name in only:
                        saved(await taken(stage, demo, shown[shot.phone], shot), shot.name)
                        sys.stdout.write(f"{shot.words}\n")

    PAGE.write_text("\n".join(text()), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
