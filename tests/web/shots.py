"""The pictures of docs/dashboard.md, of a dashboard that runs: `python -m tests.web.shots ADDRESS KEY`.

`python bot.py --demo` prints both. Each page at the width of a desk and of a phone, in assets/images.
"""

from __future__ import annotations

import asyncio
import io
import shutil
import sys
from typing import Any

from PIL import Image

from monitoring.assets import asset
from monitoring.web.pages import PAGES

WIDTHS = {"": 1280, "-phone": 375}
LARGEST = 150_000
"""Bytes of a picture."""


async def main(address: str, key: str) -> None:
    """Sign in, look at each page once it is whole, and keep the pictures."""
    from playwright.async_api import async_playwright

    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = await browser.new_page(color_scheme="dark")
        await page.goto(f"{address}/sign-in")
        await page.fill("input[name=key]", key)
        await page.click("text=Sign in")
        await page.wait_for_selector("#connection.good")
        for path in PAGES:
            for ending, width in WIDTHS.items():
                await page.set_viewport_size({"width": width, "height": 800})
                await page.goto(address + path)
                await whole(page)
                keep(f"dashboard-{path.strip('/') or 'overview'}{ending}", await page.screenshot(full_page=True))

        await browser.close()


async def whole(page: Any) -> None:
    """Wait until nothing is under way, down to the last chart."""
    await page.wait_for_selector("#connection.good")
    await page.wait_for_selector("[aria-busy=true]", state="detached", timeout=60_000)
    await page.wait_for_function("[...document.images].every((one) => one.loading !== 'lazy' || one.complete)")
    await page.wait_for_timeout(1000)


def keep(name: str, picture: bytes) -> None:
    """As WebP, small enough for a page of the docs."""
    image, quality = Image.open(io.BytesIO(picture)).convert("RGB"), 90
    while True:
        held = io.BytesIO()
        image.save(held, "webp", quality=quality, method=6)
        if held.tell() <= LARGEST or quality <= 40:
            break

        quality -= 10

    (asset("images") / f"{name}.webp").write_bytes(held.getvalue())
    print(f"{name}: {image.width} × {image.height}, {held.tell() / 1000:.0f} kB, quality {quality}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
