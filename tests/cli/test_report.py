"""`monitoring report`: the whole of a window in one file."""

# ruff: noqa: ASYNC240 - a test has the loop to itself: its own small files may be touched directly.

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pypdf import PdfReader

from monitoring.answers import Answers
from monitoring.reader import reading
from monitoring.settings import load_settings
from monitoring.window import Scope

from .conftest import Ran, filled

Run = Callable[..., Ran]


def test_the_ending_says_which_form(run: Run, path: Path) -> None:
    """A PDF with a summary and a page for each chart; HTML that needs nothing else; Markdown with pictures beside."""
    answer = run("report", "--json", "-o", "all.pdf").json
    read = PdfReader(path.parent / "all.pdf")
    assert len(read.pages) == answer["pages"] >= 3
    assert "Whole bot" in read.pages[0].extract_text()

    ran = run("report", "--window", "24h", "-o", "day.html")
    assert ran.status == 0
    assert ran.out.startswith(f"day.html: {answer['pages']} pages")
    text = (path.parent / "day.html").read_text()
    assert text.count("data:image/png;base64,") == answer["pages"]
    assert "http" not in text

    assert run("report", "--window", "24h", "-o", "day.md", "--theme", "dark").status == 0
    text = (path.parent / "day.md").read_text()
    pictures = sorted((path.parent / "day").iterdir())
    assert [f"](day/{picture.name})" in text for picture in pictures] == [True] * answer["pages"]
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in pictures)
    assert text.startswith("# Whole bot, 24 hours\n")


def test_what_cannot_be_made_is_said(run: Run, path: Path) -> None:
    """A window or form that there is not, and a store that is not there: nothing is made, not even a key."""
    assert run("report", "--window", "2h").status == 2
    assert run("report", "-o", "report.docx").status == 2
    path.rename(path.with_name("elsewhere"))
    path.with_suffix(".key").unlink()
    ran = run("report")
    assert ran.status == 1
    assert "There is no store at" in ran.err
    assert not path.with_suffix(".key").exists()


async def test_f11_it_reads_beside_a_bot_that_runs(path: Path) -> None:
    """What was written a moment ago is in its figures, and nothing is changed by asking."""
    running = await filled(path, messages=5)
    try:
        before = path.read_bytes()
        async with reading(load_settings(_env_file=None, database_url=f"sqlite:///{path}")) as answers:
            assert isinstance(answers, Answers)
            assert len(await answers.store.messages(0, 1 << 60)) >= 5
            overview = await answers.overview(answers.window("24h"), Scope(None))
            assert overview.window.name == "24h"

        assert path.read_bytes() == before
    finally:
        await running.close()
