"""The dashboard's files and routes, without a browser."""

from __future__ import annotations

import re

from monitoring.assets import asset

FILES = asset("dashboard")


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
