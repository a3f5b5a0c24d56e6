"""Scales, names without glyphs, gaps and limits: the parts that all charts share."""

from __future__ import annotations

import math
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.analysis.figure import Gap
from monitoring.assets import asset
from monitoring.charts import wording
from monitoring.charts.axes import step_ticks, tick_label, time_ticks, value_ticks
from monitoring.charts.fonts import drawable
from monitoring.charts.plot import _beyond, broken
from monitoring.charts.png import encode
from monitoring.model import DAY, HOUR, MINUTE
from monitoring.window import Window


@given(st.floats(1e-6, 1e12), st.integers(3, 6))
def test_value_ticks_hold_the_highest(highest: float, most: int) -> None:
    """Ticks begin at 0, reach the highest value, and are few."""
    ticks = value_ticks(highest, most)
    assert ticks[0] == 0
    assert ticks[-1] >= highest * (1 - 1e-6)
    assert 2 <= len(ticks) <= most + 1


def test_value_ticks_of_the_story() -> None:
    """A peak of 11.4 s reads 0, 4, 8, 12; counts have whole ticks; nonsense has a scale too."""
    assert value_ticks(11.4) == [0, 4, 8, 12]
    assert value_ticks(1, whole=True) == [0, 1]
    assert value_ticks(math.nan) == value_ticks(-3) == value_ticks(1)
    assert [tick_label(v, "s") for v in (0, 0.5, 12)] == ["0", "0.5\u00a0s", "12\u00a0s"]
    assert tick_label(0.05, "rate") == "5\u00a0%"


@pytest.mark.parametrize("length", [20 * MINUTE, HOUR, 6 * HOUR, DAY, 2 * DAY, 7 * DAY, 30 * DAY, 90 * DAY])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/Los_Angeles"])
def test_time_ticks(length: int, zone: str) -> None:
    """Every window has two to five labels, within it and in order, through changes of the clock too."""
    for end in (1_773_248_400_000, 1_774_760_400_000, 1_793_000_000_000):
        ticks = time_ticks(end - length, end, zone)
        assert 2 <= len(ticks) <= 6
        assert all(end - length <= at <= end for at, _ in ticks)
        assert [at for at, _ in ticks] == sorted({at for at, _ in ticks})


def test_step_ticks() -> None:
    """Bars are labelled at the first, the last and between."""
    starts = [k * DAY for k in range(30)]
    assert step_ticks(starts, DAY, "UTC", 3) == [(0, "1 Jan"), (14, "15 Jan"), (29, "30 Jan")]
    assert step_ticks([], DAY, "UTC") == []
    assert step_ticks([0], HOUR, "UTC") == [(0, "00:00")]


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("toad", "toad"),
        ("🐸 Toad", ":frog: Toad"),
        ("Zoë Ω-7 ☺", "Zoë Ω-7 ☺"),
        ("ไทย", "···"),
        ("👍🏽", ":thumbs_up:"),
        ("a\ufe0fb", "ab"),
        ("الساحر", "الساحر"),
    ],
)
def test_names_without_glyphs(name: str, drawn: str) -> None:
    """An emoji is written out, any other character without a glyph is a dot; never a box."""
    assert drawable(name) == drawn


def test_gaps_and_silence_break_lines() -> None:
    """A line is never drawn across a gap, an unknown value or missing steps."""
    xs, ys = broken([0, 10, 20, 60, 70, 80], [1, 2, None, 3, 4, 5], (Gap(71, 79),))
    assert list(xs) == [0, 10, 20, 40, 60, 70, 75, 80]
    assert [math.isnan(y) for y in ys] == [False, False, True, True, False, False, True, False]


def test_filled_only_beyond_the_limit() -> None:
    """What is filled above a limit begins and ends exactly where the line crosses it."""
    pieces = _beyond(np.array([0.0, 2.0, 4.0]), np.array([1.0, 5.0, 1.0]), 3.0, False)
    assert [line.tolist() for _, line in pieces] == [[[1.0, 3.0], [2.0, 5.0], [3.0, 3.0]]]
    assert len(_beyond(np.array([0.0, 2.0, 4.0]), np.array([1.0, 5.0, 1.0]), 3.0, True)) == 2


def test_png_round_trip() -> None:
    """The encoder writes exactly the pixels it got."""
    pixels = np.random.default_rng(1).integers(0, 255, (3, 5, 4), np.uint8)
    png = encode(pixels)
    rows = zlib.decompress(png[png.index(b"IDAT") + 4 : -16])
    assert np.array_equal(np.frombuffer(rows, np.uint8).reshape(3, 16)[:, 1:].reshape(3, 5, 3), pixels[:, :, :3])


def test_spans_in_words() -> None:
    """A window reads as people say it, with the short name of its zone at that date."""
    end = 1_773_248_400_000
    assert wording.span(Window(end - DAY, end, "Europe/Berlin", "24h")) == "24\u00a0h to 18:00 CET"
    assert wording.span(Window(end - 30 * DAY, end, "Asia/Kathmandu", "30d")) == "30\u00a0d to 11 Mar, UTC+5:45"
    midnight = end - 18 * HOUR
    assert wording.span(Window(midnight, midnight + DAY, "Europe/Berlin")) == "Wed 11 Mar, CET"
    assert wording.alt_text("a" * 2000) == "a" * 1023 + "…"


def test_assets_are_found() -> None:
    """Assets are found from a checkout; a missing one is named."""
    assert asset("charts.mplstyle").is_file()
    with pytest.raises(FileNotFoundError, match="no asset 'nothing'"):
        asset("nothing")


def test_sentences_read_from_the_left() -> None:
    """A sentence about a persona with an Arabic name keeps its order; the name alone is left as it is."""
    assert drawable("الساحر wrote") == "\u200eالساحر wrote"
    assert drawable(drawable("الساحر wrote")) == "\u200eالساحر wrote"
    assert drawable("الساحر") == "الساحر"
