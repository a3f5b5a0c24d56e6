"""`summary`, `stats`, `digest`, `rules`: what they show, answer to programs, and say of what is not there."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from monitoring.cli.pages import PAGES
from monitoring.cli.stats import ABOUT
from monitoring.encoding import dumps
from monitoring.reader import reading
from monitoring.settings import load_settings
from monitoring.window import Scope

from .conftest import Ran

Run = Callable[..., Ran]
HARMFUL = ("Cc", "Cf", "Cs")
LOOKS: tuple[tuple[str, ...], ...] = (
    ("summary",), ("stats", "llm"), ("stats", "--persona", "Brine"), ("stats", "--about", "errors"),
    ("rules",), ("rules", "try", "response_time"),
)  # fmt: skip


@pytest.mark.parametrize("call", LOOKS, ids=" ".join)
def test_every_view_is_plain_text_in_a_pipe(at_lived: Run, call: tuple[str, ...]) -> None:
    """No colours, no control characters, no markup of names, at most 100 columns, figures never cut."""
    ran = at_lived(*call)
    assert ran.status in (0, 1)
    assert (ran.err, bool(ran.out.strip())) == ("", True)
    for line in ran.out.splitlines():
        assert not [sign for sign in line if unicodedata.category(sign) in HARMFUL], repr(line)
        assert len(line) <= 100 or call[0] == "digest", line


@pytest.mark.parametrize("call", LOOKS, ids=" ".join)
def test_every_view_is_json_for_programs(at_lived: Run, call: tuple[str, ...]) -> None:
    """One document on a line, and nothing else."""
    ran = at_lived(*call, "--json")
    assert ran.err == ""
    assert ran.out.count("\n") == 1
    json.loads(ran.out, parse_constant=lambda word: pytest.fail(word))


def test_summary_says_how_it_stands(at_lived: Run) -> None:
    """The bot is not running, or writes: status 1 while anything needs somebody, with the incident and services."""
    ran = at_lived("summary")
    assert ran.status == 1
    assert "1 open" in ran.out or "incident 1 is open" in ran.out or "No sign of life" in ran.out
    assert "Open incidents: 1" in ran.out
    for words in ("Services", "store", "Messages", "P95 response", "Error rate", "Cost"):
        assert words in ran.out

    answer = at_lived("summary", "--json").json
    assert set(answer) == {"pulse", "health", "incidents", "overview"}
    assert answer["incidents"][0]["number"] == 1


def test_hostile_names_are_shown_and_harmless(at_lived: Run) -> None:
    """As they are written, without what would do anything."""
    text = "".join(at_lived(*call).out for call in (("summary",), ("stats",)))
    assert "[bold red]" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_service_by_name_and_what_is_meant(at_lived: Run) -> None:
    """Unknown names are said with the near one; a call that makes no sense ends with 2."""
    assert at_lived("stats", "lm").err == "There is no service lm here; did you mean llm?\n"
    assert at_lived("stats", "lm").status == 1
    assert "no persona Nobody" in at_lived("stats", "--persona", "Nobody").err
    assert at_lived("stats", "llm", "--persona", "Brine").status == 2
    assert at_lived("stats", "--about", "weather").status == 2
    assert at_lived("stats", "--window", "3h").status == 2
    assert at_lived("digest", "--date", "yesterday").status == 2


async def test_every_page_at_every_width(lived: Path) -> None:
    """Of the whole bot, and of a guild of which nothing is known: no line is longer, no figure cut."""
    assert set(ABOUT) | {"services"} == set(PAGES)
    async with reading(load_settings(_env_file=None, database_url=f"sqlite:///{lived}")) as answers:
        for name, page in PAGES.items():
            for window, scope in (("24h", Scope()), ("1h", Scope(5))):
                value = await page.ask(answers, answers.window(window), scope)
                json.loads(dumps(value))
                for width in (56, 80, 120):
                    lines = _drawn(page.view(value, "UTC"), width)
                    assert any(lines), name
                    assert max(map(cell_len, lines)) <= width
                    assert not [sign for sign in "".join(lines) if unicodedata.category(sign) in HARMFUL]
                    assert not re.search(r"(^|\s)[\d.,]+…", "\n".join(lines)), (name, width, lines)


def _drawn(view: RenderableType, width: int) -> list[str]:
    out = StringIO()
    Console(file=out, width=width, highlight=False).print(view)
    return out.getvalue().splitlines()


async def test_unknown_guild_is_empty(lived: Path) -> None:
    """Nothing is known of it, which is no zero."""
    async with reading(load_settings(_env_file=None, database_url=f"sqlite:///{lived}")) as answers:
        told = json.loads(dumps(await answers.summary(answers.window("24h"), Scope(5))))

    assert told["overview"]["p95"]["value"] is None
    assert told["health"]["readings"] == []


def test_no_store_is_said(run: Run) -> None:
    """In a sentence, with status 1, and nothing is made."""
    for call in (("summary",), ("stats",), ("digest",), ("rules",), ("live", "--json")):
        ran = run(*call)
        assert (ran.status, ran.out) == (1, "")
        assert "There is no store at" in ran.err

    assert list(Path.cwd().iterdir()) == []


def test_rules_are_listed_with_their_limits(at_lived: Run) -> None:
    """And where they are from."""
    out = at_lived("rules").out
    assert "response_time" in out
    assert "above 5 s" in out
    assert "built in" in out
    names = [rule["name"] for rule in at_lived("rules", "--json").json]
    assert "error_rate" in names


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            '[[rule]]\nname = "x_slow"\nmetric = "response"\nstatistic = "mean"\ntitle = "X"\nabove = "5 parsecs"',
            "x_slow",
        ),
        ('[[prob]]\nname = "x"', "did you mean probe?"),
        ("[[rule", "is not TOML"),
        ('[[notifier]]\nkind = "pigeon"', "notifier"),
    ],
)
def test_a_wrong_file_is_named_by_its_mistakes(run: Run, tmp_path: Path, text: str, problem: str) -> None:
    """With status 1 and no store needed."""
    (tmp_path / "m.toml").write_text(text)
    ran = run("rules", "check", "m.toml")
    assert ran.status == 1
    assert problem in ran.out
    answer = run("rules", "check", "m.toml", "--json")
    assert answer.status == 1
    assert answer.json["problems"]


def test_a_right_file_is_right(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name or as the settings name it."""
    rule = '[[rule]]\nname = "mira_slow"\nmetric = "response"\nstatistic = "mean"\ntitle = "Mira"\nabove = "5 s"\n'
    (tmp_path / "m.toml").write_text(rule)
    assert run("rules", "check", "m.toml").out == "m.toml is right: 1 rule.\n"
    assert run("rules", "check").status == 2
    monkeypatch.setenv("MONITORING_CONFIG_FILE", "m.toml")
    assert run("rules", "check").status == 0
    assert run("rules", "check", "none.toml").status == 1


def test_a_rule_is_tried_on_the_past(at_lived: Run) -> None:
    """How often it would have fired; unknown rules are said."""
    assert "would" in at_lived("rules", "try", "response_time").out
    assert at_lived("rules", "try", "response_time", "--json").json["rule"]["name"] == "response_time"
    ran = at_lived("rules", "try", "respons_time")
    assert (ran.status, "did you mean response_time?" in ran.err) == (1, True)


def test_the_digest_is_the_one_that_is_posted(at_lived: Run) -> None:
    """Yesterday's, in its words; another day's by date."""
    date = at_lived("digest", "--json").json["date"]
    assert "Messages" in at_lived("digest", "--date", date).out
