"""Views of personas: side by side, one of them, how they stand to each other, their banter."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from monitoring.analysis.banter import Banter
from monitoring.analysis.personas import PersonaPage, Personas
from monitoring.analysis.relationships import Relationships
from monitoring.cli.figures import bar, figures, named, spark, under, window_words
from monitoring.cli.tables import table
from monitoring.cli.views_work import times
from monitoring.phrasing import FEW, NONE, count, more, points, seconds, share

MOST_PAIRS = 12


def personas(value: Personas, zone: str) -> RenderableType:
    """All personas side by side."""
    rows = [
        (
            named(one.name),
            count(one.messages),
            bar(one.share),
            share(one.share),
            count(one.users),
            seconds(one.response.p95) if one.response.p95 is not None else FEW if one.response.n else NONE,
            share(one.response.rate),
            f"{one.satisfaction:.1f}" if one.satisfaction is not None else NONE,
        )
        for one in value.rows
    ]
    heads = ("persona", ">messages", "share?", ">", ">users", ">P95", ">failed", ">liked")
    return under("Personas", table(heads, rows, "No persona spoke in this window."), note=window_words(value.window))


def persona(value: PersonaPage, zone: str) -> RenderableType:
    """Everything about one persona."""
    bonds = [
        (named(one.other), f"{one.affinity:.0f}", bar(one.affinity / 100), named(one.stage)) for one in value.bonds
    ]
    topics = ", ".join(named(word).plain for word, _ in value.topics[:8])
    return Group(
        under(
            named(value.name).plain,
            figures(
                [
                    ("Messages", value.messages, count, more),
                    ("Of all", value.share, share, lambda now, before: points(now, before, up="more", down="less")),
                    ("Users", value.users, count, more),
                    ("Unanswered", value.unanswered, share, points),
                ]
            ),
            note=window_words(value.window),
        ),
        spark(value.days),
        under("Response times", times(value.response, value.response_before, value.bands)),
        under("Character", table(("", ""), _character(value), "")),
        Text(f"Topics: {topics}") if topics else Text("", end=""),
        under("Bonds", table(("with", ">affinity", "", "stage"), bonds, "No relationship is known.")),
    )


def _character(value: PersonaPage) -> list[tuple[str, str]]:
    liked = f"{value.satisfaction:.1f} of 5, {count(value.votes)} votes" if value.satisfaction is not None else ""
    found = [
        ("Sentiment", f"{value.sentiment:+.2f}".replace("-", "−") if value.sentiment is not None else ""),
        ("Liked", liked),
        ("In banter", share(value.banter_share) if value.banter_share is not None else ""),
        ("Questions", f"{share(value.questions)} of messages" if value.questions is not None else ""),
        ("Length", f"{value.length:.0f} characters" if value.length is not None else ""),
        ("Tokens", count(value.tokens) if value.tokens else ""),
    ]
    return [(name, words) for name, words in found if words]


def relationships(value: Relationships, zone: str) -> RenderableType:
    """Pairs of personas, most active first."""
    rows = [
        (
            named(f"{one.a} and {one.b}", 32),
            f"{one.affinity:.0f}",
            bar(one.affinity / 100),
            _moved(one.affinity - one.before),
            named(one.stage),
            count(one.interactions),
        )
        for one in value.pairs[:MOST_PAIRS]
    ]
    heads = ("pair", ">affinity", "?", ">change", "stage", ">turns")
    return under("Relationships", table(heads, rows, "No two personas met."), note=window_words(value.window))


def _moved(by: float) -> str:
    return f"{by:+.0f}".replace("-", "−") if abs(by) >= 0.5 else "="


def banter(value: Banter, zone: str) -> RenderableType:
    """Exchanges between personas."""
    rows = [(named(one.name), count(one.count), bar(one.share), share(one.share)) for one in value.starters]
    turns = f"{value.mean_turns:.1f} turns on average, {value.longest} the most" if value.mean_turns is not None else ""
    return Group(
        under(
            "Banter",
            figures(
                [
                    ("Exchanges", value.exchanges, count, more),
                    ("Users joined", value.joined, share, lambda a, b: points(a, b, up="more", down="fewer")),
                ]
            ),
            note=window_words(value.window),
        ),
        Text(turns, style="dim"),
        under("Who begins", table(("persona", ">exchanges", "share", ">"), rows, "There was no exchange.")),
    )
