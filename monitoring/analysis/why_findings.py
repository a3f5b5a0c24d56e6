"""What an answer to "why" comes to: its finding in a line, what to show of it, and what could be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from monitoring.analysis.insights import ACTIONS, SLOW_ACTIONS
from monitoring.analysis.why_values import AMOUNTS, ERRORS, MORE, TIMES, Cause, Contribution, Ranking, Why
from monitoring.analysis.why_words import amount_text, change_text
from monitoring.phrasing import NB, share

FIGURES = {
    "mean": "Mean response",
    "p50": "P50 response",
    "p95": "P95 response",
    "p99": "P99 response",
    "errors": "Error rate",
    "messages": "Messages",
    "tokens": "Tokens",
    "cost": "Cost",
}
"""What each figure is called."""
SAME = ("component", "service")
ALMOST_ALL, LEAST_PART, NOTHING = 0.95, 0.5, 0.005
"""Shares of a change: from which a cause is the only one, from which a part is worth advice, below which it is none."""
Name = Callable[[str], str]
"""Makes a name fit for where it is shown."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a short ranking; `others`: how many groups it stands for, 0 for one of its own name."""

    name: str
    change: float
    share: float | None
    others: int = 0


def explains(why: Why, name: Name) -> str:
    """The finding with its figure: "llama3.1:8b explains 2.9 of the 3.2 s"."""
    if why.change is None:
        return _unknown(why)

    if not why.sure:
        return "Nothing changed beyond what is usual"

    if why.top is None:
        return f"{moved(why)}, no single part explains it" if why.worse else moved(why)

    who = f"More use of {name(whose(why.top))}" if why.top.how == MORE else name(whose(why.top))
    return f"{who} explains {_of(why.figure, why.top.share, why.change)}"


def verdict(why: Why, name: Name) -> str:
    """The finding in words alone: "llama3.1:8b made it slow, nothing else"."""
    if why.change is None:
        return _unknown(why)

    if not why.sure:
        return "Nothing changed beyond what is usual"

    if why.top is None:
        return _together(why)

    who = name(whose(why.top))
    alone = ", nothing else" if why.top.share >= ALMOST_ALL else ""
    if why.top.how == MORE:
        return f"More goes to {who}, so it is slower"

    if why.figure in TIMES:
        return f"{who} made it slow{alone}"

    if why.figure == ERRORS:
        return f"{who} made it fail{alone}"

    return f"{'More' if why.change > 0 else 'Less'} {_AMOUNTS[why.figure]}: {who}{alone}"


_AMOUNTS = {"messages": "is written", "tokens": "tokens are used", "cost": "is spent"}


def _together(why: Why) -> str:
    change = why.change or 0.0
    if why.figure in TIMES:
        return "Slower, and no single part explains it" if change > 0 else "Faster than before"

    if why.figure == ERRORS:
        return "More fails, and no single part explains it" if change > 0 else "Less fails than before"

    return f"{'More' if change > 0 else 'Less'} {_AMOUNTS[why.figure]}, all in all"


def _unknown(why: Why) -> str:
    if not why.n and not why.n_before:
        return "Nothing to compare yet"

    return "No whole window before to compare with" if why.figure in AMOUNTS else "Too few answers to compare"


def moved(why: Why) -> str:
    """What the figure did: "Mean response rose from 1.4 s to 4.6 s"."""
    if why.change is None:
        return f"{FIGURES[why.figure]} n/a"

    before, now = amount_text(why.figure, why.before), amount_text(why.figure, why.now)
    if before == now:
        return f"{FIGURES[why.figure]} stayed at {now}"

    return f"{FIGURES[why.figure]} {'rose' if why.change > 0 else 'fell'} from {before} to {now}"


def whose(cause: Cause) -> str:
    """The one name that says most: a model rather than its component, users rather than "user"."""
    names = dict(cause.where)
    for dimension in ("model", "persona", "service", "component", "kind", "source", "guild"):
        if dimension in names:
            return names[dimension]

    return f"{next(iter(names.values()), 'it')}s"


def _of(figure: str, part: float, change: float) -> str:
    """A part of a change in the unit of the whole: "2.9 of the 3.2 s"; "all of the 3.2 s"."""
    whole = part_text(figure, abs(change)).removeprefix("+")
    if part >= ALMOST_ALL:
        return f"all of the {whole}"

    if figure in TIMES:
        return f"{abs(part * change):.{len(whole.partition(NB)[0].partition('.')[2])}f} of the {whole}"

    here, _, unit = part_text(figure, abs(part * change)).removeprefix("+").partition(NB)
    return f"{here if whole.endswith(NB + unit) else here + NB + unit if unit else here} of the {whole}"


def part_text(figure: str, change: float) -> str:
    """A part of a change with its sign; what rounds to nothing has none."""
    words = change_text(figure, change)
    return words if any(digit in "123456789" for digit in words) else words.lstrip("+−")


def named(why: Why, guilds: Mapping[str, str]) -> Why:
    """The same with guilds called by their names, by id."""

    def row(one: Contribution) -> Contribution:
        return replace(one, name=guilds.get(one.name, one.name)) if one.dimension == "guild" else one

    rankings = tuple(replace(one, rows=tuple(map(row, one.rows))) for one in why.rankings)
    top = why.top and replace(
        why.top,
        where=tuple((what, guilds.get(name, name) if what == "guild" else name) for what, name in why.top.where),
    )
    first = why.rankings[0].dimension if why.rankings else ""
    parts = tuple((guilds.get(name, name) if first == "guild" else name, change) for name, change in why.parts)
    return replace(why, rankings=rankings, top=top, parts=parts)


# --- what is shown


def waterfall(why: Why, most: int = 3) -> tuple[tuple[str, float], ...]:
    """The largest parts in order, and what is left as ""; with the value before they add up to the value now."""
    named = [(name, change) for name, change in why.parts if name]
    large = sorted(named, key=lambda part: -abs(part[1]))[:most]
    shown = [part for part in named if part in large]
    return (*shown, ("", (why.change or 0.0) - sum(change for _, change in shown)))


def telling(why: Why, most: int = 2) -> tuple[Ranking, ...]:
    """The rankings that say most beside the waterfall: of two groups or more, those whose first explains most first."""
    others = [one for one in _apart(why)[1:] if len(one.rows) > 1 and one.rows[0].share is not None]
    return tuple(sorted(others, key=_weight)[:most])


def _apart(why: Why) -> tuple[Ranking, ...]:
    """Rankings that say different things: a service's operations are components, so that one of the two is enough."""
    found: list[Ranking] = []
    for one in why.rankings:
        if not (one.dimension in SAME and any(other.dimension in SAME for other in found)):
            found.append(one)

    return tuple(found)


def _weight(ranking: Ranking) -> tuple[bool, float]:
    first = ranking.rows[0]
    return (not first.significant, -min(first.share or 0.0, 1.0))


def rows(ranking: Ranking, most: int = 3) -> tuple[Row, ...]:
    """The first of a ranking; the rest as one."""
    found = [Row(one.name, one.change, one.share) for one in ranking.rows]
    if len(found) <= most:
        return tuple(found)

    rest = found[most - 1 :]
    shares = [one.share for one in rest if one.share is not None]
    folded = Row("", sum(one.change for one in rest), sum(shares) if shares else None, len(rest))
    return (*found[: most - 1], folded)


def leading(why: Why, most: int = 3) -> tuple[Contribution, ...]:
    """The first of each dimension that explains a tenth of the change at least, what explains most first."""
    rankings = _apart(why)
    firsts = [one.rows[0] for one in rankings if one.rows]
    told = [one for one in firsts if (one.share or 0.0) >= 0.1 and (one.significant or one is firsts[0])]
    single = {one.dimension for one in rankings[1:] if len(one.rows) < 2}
    return tuple(sorted((one for one in told if one.dimension not in single), key=lambda one: -(one.share or 0.0)))[
        :most
    ]


def share_text(value: float | None) -> str:
    """A share of a change: never more than all of it, since parts can outweigh others that fell."""
    if value is None:
        return share(None)

    return share(0.0 if abs(value) < NOTHING else min(value, 1.0)).replace("-", "−")


def advice(why: Why) -> str:
    """What could be done about the cause; "" where it got better, or nothing is known to help."""
    cause = why.top
    if cause is None or not why.worse:
        return ""

    names = dict(cause.where)
    if why.figure in TIMES:
        first = why.ranking("component").rows[:1]
        component = names.get("component") or next((one.name for one in first if (one.share or 0.0) >= LEAST_PART), "")
        return SLOW_ACTIONS.get(component, "")

    if why.figure == ERRORS:
        return ACTIONS.get(cause.kind or names.get("kind", ""), "")

    if why.figure in ("tokens", "cost"):
        return "Look at what calls it so often, and at the length of its prompts."

    return "Ask what changed at that time: a persona, a channel, an outage."
