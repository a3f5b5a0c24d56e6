"""Views of rules: all of them, a file that was looked through, one that was played on the past."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from monitoring.alerting.rule_text import texts_of, time
from monitoring.analysis.rehearsal import Rehearsal
from monitoring.cli.figures import moment, named, sentence, severity, spark, under, window_words
from monitoring.cli.tables import table
from monitoring.config_check import Looked
from monitoring.incident import Rule
from monitoring.phrasing import count, duration, in_unit

MOST = 10


def rules(found: Sequence[Rule]) -> RenderableType:
    """All rules, a line each."""
    rows = [
        (
            named(one.name, 28, "" if one.enabled else "dim"),
            named(texts_of(one)["limit"] or one.statistic, 22),
            time(one.hold),
            severity(one.severity),
            one.source if one.enabled else f"{one.source}, off",
        )
        for one in found
    ]
    return table(("rule", "limit", ">for?", "severity", "from"), rows, "There is no rule.")


def looked(found: Looked, name: str) -> RenderableType:
    """What a file has, or all that is wrong with it."""
    if found.problems:
        lines = [sentence(f"- {problem}") for problem in found.problems]
        n = len(lines)
        head = f"{named(name, 60).plain}: {'one thing is' if n == 1 else f'{n} things are'} not right."
        return Group(Text(head, style="bold red"), *lines)

    kinds = [(n, word) for n, word in zip(_numbers(found), _KINDS, strict=True) if n]
    told = ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in kinds) or "nothing in it"
    return Text(f"{named(name, 60).plain} is right: {told}.")


_KINDS = ("rule", "probe", "notifier", "persona", "price")


def _numbers(found: Looked) -> tuple[int, ...]:
    return found.rules, found.probes, found.notifiers, found.personas, found.prices


def rehearsal(value: Rehearsal, zone: str) -> RenderableType:
    """How often it would have fired, and when."""
    limit = texts_of(value.rule)["limit"]
    head = Text.assemble((named(value.rule.name, 40).plain, "bold"), f"  {limit} for {time(value.rule.hold)}")
    if value.why_not:
        return Group(head, sentence(value.why_not))

    if not any(one.value is not None for one in value.points):
        return Group(head, Text("Nothing is on record to try this rule on."))

    n = value.times
    told = f"It would have fired {'once' if n == 1 else f'{count(n)} times'} in {value.days:.0f} days"
    told += f", {duration(value.seconds)} in all." if n else "."
    rows = [
        (
            moment(one.start, zone, value.window.end),
            duration((one.end - one.start) / 1000),
            in_unit(one.peak, value.rule.unit),
            named(one.group) if one.group else "",
        )
        for one in reversed(value.openings[-MOST:])
    ]
    others = [
        (in_unit(other, value.rule.unit), "once" if times == 1 else f"{count(times)} times")
        for other, times in value.others
    ]
    return Group(
        head,
        Text(told),
        spark(value.points),
        Text(window_words(value.window), style="dim"),
        under("When", table(("began", ">lasted", ">worst", ""), rows, "It would not have fired.")),
        *([under("With another limit", table((">limit", ">it fires"), others, ""))] if others else []),
    )
