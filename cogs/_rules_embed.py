"""`/alerts rules` as embeds: all rules with their state, and one with its definition and its last 30 days."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import discord

from monitoring.alerting.card import rule_words
from monitoring.alerting.rule_text import toml_of
from monitoring.alerting.rule_units import STATE
from monitoring.incident import Incident, Rule, Stage
from monitoring.model import DAY, SECOND, Instant
from monitoring.phrasing import count, duration, in_unit
from monitoring.safe_text import code_text, safe_text

from ._embeds import embed
from ._format import code, cut, dots, lines, title_name

EMOJI = {"open": "🟥", "no data": "⚪", "off": "▫️", "armed": "🟢"}
ORDER = tuple(EMOJI)
PAGE = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """A rule, and how it stands: open, no data, off or armed."""

    rule: Rule
    state: str


def standing(rules: Sequence[Rule], live: Sequence[Incident], no_data: frozenset[tuple[str, str]]) -> list[Shown]:
    """All rules with their states, those that need a look first."""
    broken = {one.rule for one in live if one.stage in (Stage.OPEN, Stage.RECOVERING)}
    silent = {name for name, _ in no_data}

    def state(rule: Rule) -> str:
        if rule.name in broken:
            return "open"

        return "off" if not rule.enabled else "no data" if rule.name in silent else "armed"

    found = [Shown(rule, state(rule)) for rule in rules]
    return sorted(found, key=lambda one: ORDER.index(one.state))


def rules_embed(shown: Sequence[Shown], page: int, problem: str = "") -> discord.Embed:
    """One page of the rules by state; `problem`: what is wrong with their file."""
    amounts = {state: sum(one.state == state for one in shown) for state in ("armed", "open", "no data", "off")}
    words = ", ".join(f"{n} {state}" for state, n in amounts.items() if n)
    part = shown[page * PAGE : (page + 1) * PAGE]
    rows: list[str] = []
    for state in ORDER:
        found = [one.rule for one in part if one.state == state]
        rows += [f"{EMOJI[state]} **{state.capitalize()}**", *(_row(rule) for rule in found)] if found else []

    pages = -(-len(shown) // PAGE)
    return embed(
        f"{len(shown)} rules: {words}",
        lines(f"⚠ {safe_text(problem, 400)}" if problem else "", *rows),
        footer=dots(f"page {page + 1} of {pages}" if pages > 1 else "", "limits can be changed with /alerts set"),
    )


def rule_embed(rule: Rule, state: str, past: Sequence[Incident]) -> discord.Embed:
    """One rule: what it says, how it did in the last 30 days, and its definition."""
    source = {"built in": "built in", "file": "from the file", "discord": "made in Discord"}.get(
        rule.source, rule.source
    )
    return embed(
        f"{EMOJI[state]} {title_name(rule.title.replace('{group}', 'Each ' + (rule.by or 'group')), 60)}: {state}",
        f"{safe_text(rule_words(rule), 600)}.",
        fields=[
            ("Last 30 days", past_words(past)),
            ("What to do", cut(rule.advice, 500)),
            ("Definition", "```toml\n" + cut(_fenced(toml_of(rule)), 950) + "\n```"),
        ],
        footer=dots(f"Rule {rule.name}", source),
    )


def past_words(past: Sequence[Incident]) -> str:
    """How often it opened, for how long, and what people did."""
    if not past:
        return "It did not open."

    over = [one for one in past if one.resolved_at is not None]
    seconds = sum(((one.resolved_at or 0) - one.since) / SECOND for one in over)
    taken = [one for one in past if one.acknowledged_at is not None and one.opened_at is not None]
    times = [((one.acknowledged_at or 0) - (one.opened_at or 0)) / SECOND for one in taken]
    heeded = f"acknowledged {len(taken)} of {len(past)}"
    heeded += f", after {duration(statistics.median(times))} at the median" if times else ""
    often = "Once" if len(past) == 1 else f"{count(len(past))} times"
    broken = f"{duration(seconds)} in all" if over else ""
    return lines(
        dots(often, broken, f"{len(past) - len(over)} open" if len(past) > len(over) else ""), f"{heeded}.".capitalize()
    )


def recent(incidents: Sequence[Incident], name: str, now: Instant, days: int = 30) -> list[Incident]:
    """The incidents of a rule that opened in the last days, newest first."""
    found = [one for one in incidents if one.rule == name and (one.opened_at or one.since) >= now - days * DAY]
    return sorted(found, key=lambda one: -one.number)


def option_words(one: Shown) -> tuple[str, str]:
    """Label and description of a rule in a menu."""
    return one.rule.name, dots(one.state, _limits(one.rule), one.rule.source)


def _row(rule: Rule) -> str:
    source = "" if rule.source == "built in" else rule.source
    return dots(f"{code(rule.name, 40)} {_limits(rule)}".strip(), source)


def _limits(rule: Rule) -> str:
    if rule.unit == STATE:
        return "by its probe"

    above = f"above {in_unit(rule.above, rule.unit)}" if rule.above is not None else ""
    below = f"below {in_unit(rule.below, rule.unit)}" if rule.below is not None else ""
    critical = f", critical {in_unit(rule.critical_above, rule.unit)}" if rule.critical_above is not None else ""
    return " or ".join(side for side in (above, below) if side) + critical


def _fenced(text: str) -> str:
    """Several lines for a code block, inert."""
    return "\n".join(code_text(line, 200) for line in text.splitlines())
