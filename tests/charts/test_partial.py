"""Percentiles of a window with drops say that they are partial, in the picture and in its alt text (F4)."""

from __future__ import annotations

from dataclasses import replace

import chart_stories as stories
import pytest
from matplotlib.text import Text

from monitoring.charts import alt, chart_of
from monitoring.charts.drawn import board_of


def words(kind: str, value: object) -> str:
    """Everything that is written in a picture."""
    figure = board_of(chart_of(kind), value)._board._figure
    return " ".join(text.get_text() for text in figure.findobj(Text))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("response_times", stories.performance()),
        ("response_times", stories.performance("7d", 3_600_000, 12)),
        ("response_by_persona", stories.performance()),
        ("overview", stories.overview()),
    ],
)
def test_f4_partial_percentiles_are_drawn_as_such(kind: str, value: object) -> None:
    """With drops the word stands in the picture and in the alt text; without them in neither."""
    dropped = replace(value, partial=True)  # type: ignore[type-var]

    assert "partial" in words(kind, dropped)
    assert "Percentiles are partial: some facts were dropped." in alt(kind, dropped)
    assert "partial" not in words(kind, value) + alt(kind, value)


def test_f4_without_answers_nothing_is_partial() -> None:
    """A window without a percentile has none that could be partial."""
    assert "partial" not in words("response_times", replace(stories.silence(), partial=True))
