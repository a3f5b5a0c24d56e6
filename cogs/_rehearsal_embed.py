"""What a rule would have told, whether it is worth it, and what is wrong with one that cannot be understood."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from monitoring.alerting.rule_units import STATE
from monitoring.alerting.suggest import Suggestion
from monitoring.analysis.rehearsal import Firing, Rehearsal
from monitoring.incident import Rule
from monitoring.phrasing import NB, count, duration, in_unit
from monitoring.safe_text import plain_text, safe_text

from ._embeds import embed
from ._format import bold, cut, dots, lines, span, stamp, title_name, unmonitored

MOST = 6
USEFUL, RESTLESS = 4, 30
"""So many alerts in 30 days are fine; more than the second are noise."""


def rehearsal_embed(value: Rehearsal) -> discord.Embed:
    """The verdict, when it would have fired, and what to make of it."""
    if value.why_not:
        return embed("This rule cannot be rehearsed", lines(f"{limit_words(value.rule)}.", value.why_not))

    if not any(point.value is not None for point in value.points):
        return embed(
            "Nothing is on record to try this rule on",
            lines(f"{limit_words(value.rule)}.", "It can be armed all the same; it waits for its first figures."),
            footer=span(value.window),
        )

    return embed(
        _verdict(value),
        f"{limit_words(value.rule)}{_whole(value)}.",
        fields=[("When", _when(value)), ("My view", _view(value))],
        footer=dots(span(value.window), f"n{NB}{count(value.n)}", unmonitored(value.gaps, value.window.zone)),
    )


def unrehearsed_embed(rule: Rule) -> discord.Embed:
    """What is said where the past could not be read in time."""
    return embed(
        "The rule is right; it could not be rehearsed now",
        lines(f"{limit_words(rule)}.", "The store did not answer in time. It can be armed all the same."),
    )


def problems_embed(problems: Sequence[str]) -> discord.Embed:
    """What is wrong, a line each; nothing of what was typed is lost."""
    n = len(problems)
    rows = [f"• {safe_text(_unnamed(one), 300)}" for one in problems[:8]]
    return embed(
        f"{'One thing is' if n == 1 else f'{n} things are'} not right yet",
        cut(lines(*rows, f"and {n - 8} more" if n > 8 else ""), 3500),
        footer="Nothing was changed. What you typed is kept.",
    )


def _unnamed(problem: str) -> str:
    """Without the rule's name: there is only one."""
    return problem.partition(": ")[2] if problem.startswith("rule ") else problem


def armed_embed(rule: Rule, before: Rule | None) -> discord.Embed:
    """That a rule is in force now, and what was before."""
    was = ""
    if before is not None:
        was = f"Before: {limit_words(before)}." if before.enabled else "It was switched off before."

    return embed(
        f"Armed: {title_name(rule.title, 40)}",
        lines(f"{limit_words(rule)}.", was, "It holds from now on. An open incident of it stays the same incident."),
        footer=dots(f"Rule {plain_text(rule.name, 40)}", "made in Discord"),
    )


def suggestions_embed(found: Sequence[Suggestion], shown: int) -> discord.Embed:
    """Limits that would serve better, each with its reason."""
    if not found:
        return embed(
            "No limit needs a change",
            "The last 30 days speak for the limits as they are, or say too little yet: it takes four busy days.",
        )

    n = len(found)
    fields = [
        (
            f"{title_name(one.title, 60)}: {in_unit(one.now, one.unit)} → {in_unit(one.proposed, one.unit)}",
            cut(safe_text(one.why, 400), 900),
        )
        for one in found[:shown]
    ]
    return embed(
        f"{'One limit' if n == 1 else f'{n} limits'} would serve better",
        "From your own last 30 days, with the rules' own judging.",
        fields=fields,
        footer=f"and {n - shown} more after these" if n > shown else "",
    )


def limit_words(rule: Rule) -> str:
    """A rule in short: "P95 response above 3.0 s for 5 min"."""
    name = safe_text(rule.title.replace("{group}", f"a {rule.by}" if rule.by else "it"), 80)
    if rule.unit == STATE:
        return f"{name}, by its probe"

    sides = [f"above {in_unit(rule.above, rule.unit)}"] if rule.above is not None else []
    sides += [f"below {in_unit(rule.below, rule.unit)}"] if rule.below is not None else []
    hold = f" for {duration(rule.hold)}" if rule.hold else ""
    each = f", for each {rule.by}" if rule.by and "{group}" not in rule.title else ""
    return f"{name} {' or '.join(sides)}{hold}{each}"


def _verdict(value: Rehearsal) -> str:
    days = max(1, round(min(value.days, 30)))
    during = f"in {days} days" if days > 1 else "in a day"
    if not value.times:
        return f"A quiet rule: no alert {during}"

    word = "useful" if value.times <= USEFUL else "restless" if value.times <= RESTLESS else "noisy"
    return f"A {word} rule: {value.times} alert{'s' if value.times > 1 else ''} {during}"


def _whole(value: Rehearsal) -> str:
    return f"; {duration(value.seconds)} in all" if value.times else ""


def _when(value: Rehearsal) -> str:
    newest = list(reversed(value.openings))
    more = f"and {len(newest) - MOST} more" if len(newest) > MOST else ""
    return lines(*(_row(value, one) for one in newest[:MOST]), more)


def _row(value: Rehearsal, one: Firing) -> str:
    word = "lowest" if value.rule.above is None else "highest"
    peak = f", {word} {in_unit(one.peak, value.rule.unit)}" if one.peak is not None and value.rule.unit != STATE else ""
    group = f" {bold(one.group, 24)}" if one.group else ""
    return f"{stamp(one.start, 'D')}{group} {duration(one.seconds)}{peak}{', still open' if one.open else ''}"


def _view(value: Rehearsal) -> str:
    parts = []
    if value.failing is not None and value.times:
        if value.failing:
            worth = ": worth waking for" if value.failing * 2 >= value.times else ""
            parts.append(f"{value.failing} of {value.times} fell together with failing answers{worth}.")
        else:
            parts.append("None of them fell together with failing answers.")

    if value.times > USEFUL:
        parts.append("People learn to look away from a rule that fires so often.")

    for limit, times in value.others[:2]:
        often = {0: "not have fired", 1: "have fired once", 2: "have fired twice"}.get(
            times, f"have fired {times} times"
        )
        parts.append(f"At {in_unit(limit, value.rule.unit)} it would {often}.")

    if value.fine_from is not None and value.times:
        parts.append(f"Before {stamp(value.fine_from, 'f')} it was judged by whole hours.")

    return " ".join(parts)
