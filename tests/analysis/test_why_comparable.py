"""Where responses are too few to compare, `why` needs nothing else to be loaded."""

from __future__ import annotations

import pytest

from monitoring.analysis.why import AMOUNTS, FIGURES, Evidence, comparable, why
from tests.analysis.planted import GUILDS, WINDOW, Planted, evidence


@pytest.mark.parametrize("figure", [figure for figure in FIGURES if figure not in AMOUNTS])
@pytest.mark.parametrize(("now", "before"), [(400, 400), (400, 5), (5, 400), (12, 12), (25, 25), (120, 40)])
@pytest.mark.parametrize("guild", [None, GUILDS[0], "nowhere"])
def test_only_what_can_be_compared_asks_for_more(figure: str, now: int, before: int, guild: str | None) -> None:
    """Where it says no, the answer is the same with and without all other evidence; where yes, causes are ranked."""
    facts = evidence(Planted(now), Planted(before), 3)
    told = why(WINDOW, figure, facts, guild)

    if comparable(figure, facts.response, guild):
        assert told.rankings
    else:
        assert told == why(WINDOW, figure, Evidence(response=facts.response), guild)
        assert not told.rankings
