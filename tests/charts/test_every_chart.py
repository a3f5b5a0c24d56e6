"""Every chart in every state: words in the picture, none on another, none too small; alt texts that say the same."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

import chart_stories as stories
import pytest
import stories_audience
import stories_bonds
import stories_insight
import stories_llm
import stories_rules
import stories_work
from chart_stories import CROWD, NAMES, ODD

from monitoring.charts import KINDS, alt, chart_of, draw
from monitoring.charts.drawn import board_of
from monitoring.errors import ChartError
from tests.thorough import THOROUGH

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
LONG = ("W" * 32, "王" * 32, "m" * 32)
TINY = ("i", "x", "王")


def states() -> Iterator[tuple[str, str, object]]:
    """Kind, state, value."""
    yield from _performances()
    for state, value in (
        ("day", stories.overview()),
        ("month", stories.overview("30d")),
        ("hour", stories.overview("1h")),
        ("nothing", stories.no_overview()),
        ("crowd", stories.overview(names=CROWD)),
        ("odd", stories.overview(names=ODD)),
        ("long", stories.overview(names=LONG)),
        ("one", stories.overview(names=TINY[:1])),
        ("partial", replace(stories.overview("30d"), partial=True)),
    ):
        yield "overview", state, value

    for state, value in (
        ("month", stories.activity()),
        ("gaps", stories.activity(sparse=True)),
        ("nothing", stories.no_activity()),
    ):
        yield "activity", state, value

    for state, value in (
        ("month", stories.persona()),
        ("day", stories.persona(span="24h")),
        ("nothing", stories.no_persona()),
        *((f"odd {index}", stories.persona(name, ODD)) for index, name in enumerate(ODD)),
        ("long", stories.persona("W" * 32, LONG * 2)),
    ):
        yield "persona", state, value

    for names, state in (
        (NAMES, "month"),
        (CROWD, "crowd"),
        (ODD, "odd"),
        (LONG, "long"),
        (TINY, "tiny"),
        (NAMES[:2], "two"),
    ):
        for kind in ("relationships", "relationships_matrix", "relationships_history"):
            yield kind, state, stories.relationships(names)

    for kind in ("relationships", "relationships_matrix", "relationships_history"):
        yield kind, "nothing", stories.no_relationships()
        yield kind, "no pair", stories.no_relationships(NAMES)

    for state, value in (
        ("month", stories.banter()),
        ("day", stories.banter("24h")),
        ("hour", stories.banter("1h")),
        ("crowd", stories.banter(names=CROWD)),
        ("long", stories.banter(names=LONG)),
        ("nothing", stories.no_banter()),
    ):
        yield "banter", state, value

    for state, value in (
        ("day", stories.resources()),
        ("month", stories.resources("30d")),
        ("hot", stories.resources("1h", hot=True)),
        ("nothing", stories.no_resources()),
    ):
        yield "resources", state, value

    for face in ("open", "critical", "acknowledged", "silenced", "recovering", "resolved"):
        yield "incident", face, stories.incident(face)

    yield "incident", "long group", stories.incident("critical", group="W" * 32)
    yield "incident", "rate", stories.incident("acknowledged", rule=stories.RATE, scale=0.02)
    yield "incident", "below", stories.incident("open", rule=stories.SUCCESS, scale=0.1)
    yield "incident", "nothing", stories.no_incident_points()
    for state, found in (("month", 24), ("two pages", 1)):
        yield "summary", state, stories.summary(found)

    yield from stories_audience.states()
    yield from stories_bonds.states()
    yield from stories_insight.states()
    yield from stories_llm.states()
    yield from stories_rules.states()
    yield from stories_work.states()


def _performances() -> Iterator[tuple[str, str, object]]:
    values = {
        "day": stories.performance(),
        "month": stories.performance("30d", 6 * HOUR, 900),
        "hour": stories.performance("1h", MINUTE, 40),
        "too few a step": stories.performance("7d", HOUR, 12),
        "too few at all": stories.performance("1h", 10 * MINUTE, 2),
        "one point": stories.one_answer(),
        "nothing": stories.silence(),
        "crowd": stories.performance(names=CROWD),
        "odd": stories.performance(names=ODD),
        "long": stories.performance(names=LONG),
        "tiny": stories.performance(names=TINY),
        "partial": replace(stories.performance("30d", 6 * HOUR, 900), partial=True),
        "partial, too few a step": replace(stories.performance("7d", HOUR, 12), partial=True),
    }
    for state, value in values.items():
        yield "response_by_persona", state, value
        if state not in {"crowd", "odd", "long", "tiny"}:
            yield "response_times", state, value
            yield "components", state, value


BY_KIND: dict[str, list[tuple[str, object]]] = {}
for _kind, _state, _value in states():
    BY_KIND.setdefault(_kind, []).append((_state, _value))

SERVICE_CHARTS = ("errors", "throughput")
"""Drawn of a service with each odd name."""


def drawn(kind: str) -> Iterator[tuple[str, object]]:
    """A chart's states that are drawn: a service of any name, every other one with the one chart or with the other."""
    named = [state for state, _ in BY_KIND[kind] if state.startswith("of ")]
    for state, value in BY_KIND[kind]:
        if THOROUGH or state not in named or named.index(state) % 2 == SERVICE_CHARTS.index(kind):
            yield state, value


def test_every_state_is_drawn() -> None:
    """What is left out with the one chart of a service is drawn with the other, and no chart is without its states."""
    assert BY_KIND.keys() == set(KINDS)
    named, left = ({state for kind in SERVICE_CHARTS for state, _ in of(kind)} for of in (BY_KIND.__getitem__, drawn))
    assert named == left
    assert all(list(drawn(kind)) == BY_KIND[kind] for kind in KINDS if kind not in SERVICE_CHARTS)


@pytest.fixture
def _measured_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words are laid out and measured, but no pixels made of their letters, which takes longer than all the rest."""
    from matplotlib.text import Text

    monkeypatch.setattr(Text, "draw", lambda *_: None)


@pytest.mark.usefixtures("_measured_only")
@pytest.mark.parametrize("kind", KINDS)
def test_words_fit(kind: str) -> None:
    """No text leaves the picture, none overlaps another, none is below 36 pixels (both themes measure the same)."""
    found = {state: board_of(chart_of(kind), value).faults() for state, value in drawn(kind)}
    assert found
    assert not {state: faults for state, faults in found.items() if faults}


@pytest.mark.parametrize("kind", KINDS)
def test_alt_text_says_it(kind: str) -> None:
    """Every picture has an alt text of sentences within Discord's limit, without colours or control characters."""
    for state, value in BY_KIND[kind]:
        text = alt(kind, value)
        assert 40 <= len(text) <= 1024, state
        assert not any(unicodedata.category(character) == "Cc" for character in text), state
        assert "None" not in text, state
        assert "nan" not in text.lower(), state
        assert text.endswith((".", "…")), state
        assert not {"blue", "red", "green", "amber"} & set(text.lower().split()), state


@pytest.mark.parametrize("kind", KINDS)
def test_title_is_one_message(kind: str) -> None:
    """A title is a sentence of at most two lines that says nothing unknown."""
    for state, value in BY_KIND[kind]:
        title = chart_of(kind).title(value)
        assert 0 < len(title) <= 90, state
        assert "None" not in title, state
        assert not title.endswith("."), state


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_picture_is_png(kind: str, theme: str) -> None:
    """A chart is an opaque PNG of 1200 by 800 or 900 pixels of at most 300 kB, in both themes."""
    _, value = BY_KIND[kind][0]
    if theme == "light":
        board = board_of(chart_of(kind), value, theme)
        assert board.faults() == []
        png = board.png()
    else:
        png = draw(kind, value, theme)

    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(png[16:20]) == 1200
    assert int.from_bytes(png[20:24]) in (800, 900)
    assert png[25] == 2  # colour without alpha
    assert len(png) <= 300_000


def test_same_value_same_picture() -> None:
    """A chart depends on nothing but its value: no clock, no chance."""
    assert draw("incident", stories.incident()) == draw("incident", stories.incident())


def test_unknown_kind_and_theme() -> None:
    """What does not exist is refused in a sentence."""
    with pytest.raises(ChartError, match="no chart called 'pie'"):
        draw("pie", None)

    with pytest.raises(ChartError, match="no theme called 'pink'"):
        draw("incident", stories.incident(), "pink")


def test_alt_needs_no_matplotlib() -> None:
    """Alt texts and titles are made where matplotlib is not even imported: in the host bot."""
    code = (
        "import sys; from monitoring.charts import KINDS, drawing\n"
        "for kind in KINDS: assert KINDS[kind].alt and KINDS[kind].title\n"
        "heavy = {'matplotlib', 'PIL'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(filter(None, sys.path))})


def test_settings_of_the_host_stay() -> None:
    """Drawing in this process leaves matplotlib's settings as they were."""
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    draw("incident", stories.incident())
    assert dict(mpl.rcParams) == before
