"""Figures as words: the table of how each is written."""

from __future__ import annotations

import pytest

from monitoring import phrasing
from monitoring.phrasing import NB


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.38, "0.38 s"), (4.213, "4.2 s"), (0.996, "1.0 s"), (12.04, "12.0 s"), (None, "n/a"), (150.0, "150 s")],
)
def test_seconds(value: float | None, words: str) -> None:
    """Two digits that matter, the unit behind a no-break space."""
    assert phrasing.seconds(value) == words.replace(" ", NB)


@pytest.mark.parametrize(
    ("value", "words"),
    [(47 * 60, "47 min"), (8040, "2 h 14 min"), (525_600, "6 d 2 h"), (3600, "1 h"), (12, "12 s")],
)
def test_duration(value: float, words: str) -> None:
    """The two largest units."""
    assert phrasing.duration(value).replace(NB, " ") == words


@pytest.mark.parametrize(
    ("value", "words"), [(9860, "9,860"), (251_300, "251 k"), (24_100_000, "24.1 M"), (0, "0"), (99_999, "99,999")]
)
def test_count(value: float, words: str) -> None:
    """Thousands are grouped, from 100,000 on shortened."""
    assert phrasing.count(value).replace(NB, " ") == words


@pytest.mark.parametrize(("value", "words"), [(0.022, "2.2 %"), (0.27, "27 %"), (0, "0 %"), (0.099, "9.9 %")])
def test_share(value: float, words: str) -> None:
    """A fraction in code is per cent for people."""
    assert phrasing.share(value).replace(NB, " ") == words


@pytest.mark.parametrize(
    ("value", "words"), [(1.0, "100 %"), (0.99999, "99.99 %"), (0.9998, "99.98 %"), (0.99, "99 %"), (None, "n/a")]
)
def test_what_went_well_is_never_rounded_up_to_all(value: float | None, words: str) -> None:
    """Two digits, so that a minute in a month is seen."""
    assert phrasing.well(value).replace(NB, " ") == words


@pytest.mark.parametrize(
    ("micro", "words"), [(2_630_000, "$2.63"), (83_000_000, "$83"), (1800, "$0.0018"), (0, "$0"), (None, "n/a")]
)
def test_money(micro: float | None, words: str) -> None:
    """Unknown is never zero."""
    assert phrasing.money(micro) == words


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [(4.1, 2.3, "▲ 1.8 s slower"), (1.8, 2.0, "▼ 0.2 s faster"), (2.0, 2.01, "= as usual"), (2.0, None, "")],
)
def test_a_change_of_time_says_whether_it_is_good(now: float, before: float | None, words: str) -> None:
    """The arrow says the direction, the word the meaning."""
    assert phrasing.slower(now, before).replace(NB, " ") == words


def test_a_change_of_an_amount() -> None:
    """Under two per cent is as usual; nothing before is no yardstick."""
    assert phrasing.more(108, 100).replace(NB, " ") == "▲ 8 % more"
    assert phrasing.more(92, 100).replace(NB, " ") == "▼ 8 % less"
    assert phrasing.more(101, 100) == "= as usual"
    assert phrasing.more(5, 0) == ""
    assert phrasing.more(5, None) == ""


def test_a_change_of_a_share_is_told_in_points() -> None:
    """From 1.3 to 2.2 per cent is 0.9 points."""
    assert phrasing.points(0.022, 0.013) == "▲ 0.9 points worse"


def test_zones_without_a_short_name_are_told_by_their_offset() -> None:
    """Sao Paulo has none."""
    at = 1_773_234_300_000
    assert phrasing.zone_name(at, "Europe/Berlin") == "CET"
    assert phrasing.zone_name(at, "America/Sao_Paulo") == "UTC−3"
    assert phrasing.zone_name(at, "Asia/Kathmandu") == "UTC+5:45"
