"""A rule as the texts of a form, exactly as they are read again (`alerting.rule_words`), and back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal

from monitoring.alerting.rule_units import SPECIAL
from monitoring.alerting.rule_words import tables_of
from monitoring.incident import Rule

Texts = dict[str, str]
_SIDE = re.compile(r"\s*(above|over|more than|>|below|under|less than|fewer than|<)?\s*(.*?)\s*\Z", re.IGNORECASE)
_ABOVE = frozenset({"above", "over", "more than", ">"})
NEW = """name = {name}
metric = "response"
statistic = "mean"
title = "Mean response"
# where = {{ persona = "Mira" }}
# by = "persona"
minimum = 5"""
"""What stands in the form of a new rule: the least that it takes, and what it may take besides."""


def exact(value: float, unit: str) -> str:
    """A value in a rule's unit, with twelve digits."""
    if unit == "rate":
        return f"{_plain(value * 100)} %"

    if unit == "ms":
        return f"{_plain(value * 1000)} ms"

    if unit == "span":
        return time(value)

    if unit == "$":
        return f"${_plain(value)}"

    if unit == "bytes":
        return f"{_plain(value)} B"

    # Units of two words are left out: the number alone is read in the rule's unit.
    return f"{_plain(value)} {unit}".strip() if " " not in unit else _plain(value)


def _plain(value: float) -> str:
    """A number without an exponent."""
    return f"{Decimal(f'{value:.12g}'):f}"


def time(seconds: float) -> str:
    """A time in the largest unit that it is a whole number of."""
    for size, word in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds and seconds % size == 0:
            return f"{_plain(seconds / size)} {word}"

    return f"{_plain(seconds)} s"


def texts_of(rule: Rule) -> Texts:
    """The rule as a form shows it: name, limit, for, window, severity, and all other fields as TOML."""
    sides = ((word, value) for word, value in (("above", rule.above), ("below", rule.below)) if value is not None)
    return {
        "name": rule.name,
        "limit": " or ".join(f"{word} {exact(value, rule.unit)}" for word, value in sides),
        "for": time(rule.hold),
        "window": time(rule.window),
        "severity": rule.severity.value,
        "side": "below" if rule.above is None else "above",
        "more": rest_of(rule),
    }


def new_texts(name: str) -> Texts:
    """The form of a rule that is not there yet."""
    more = NEW.format(name=json.dumps(name, ensure_ascii=False))
    return {"name": name, "limit": "above 5 s", "for": "1 min", "window": "5 min", "severity": "warning", "more": more}


def toml_of(rule: Rule) -> str:
    """The whole rule as the file would hold it."""
    sides = (("above", rule.above), ("below", rule.below))
    head = [("name", rule.name), *((side, exact(value, rule.unit)) for side, value in sides if value is not None)]
    head += [("for", time(rule.hold)), ("window", time(rule.window)), ("severity", rule.severity.value)]
    return "\n".join([*(f"{name} = {_toml(value)}" for name, value in head), rest_of(rule)])


def rest_of(rule: Rule) -> str:
    """All that the other texts leave out, as TOML; what is empty is not said."""
    fields: dict[str, object] = {}
    if rule.metric != SPECIAL:
        fields |= {"metric": rule.metric, "statistic": rule.statistic, "where": dict(rule.where), "by": rule.by}

    fields |= {
        "title": rule.title,
        "critical": None if rule.critical_above is None else exact(rule.critical_above, rule.unit),
        "critical_for": time(rule.critical_hold) if rule.critical_hold else "",
        "recovery": None if rule.recovery is None else exact(rule.recovery, rule.unit),
        "recovery_for": time(rule.recovery_hold),
        "minimum": rule.minimum if rule.minimum > 1 else None,
        "failures": rule.failures or None,
        "against": time(rule.against) if rule.statistic == "change" else "",
        "cooldown": time(rule.cooldown),
        "depends_on": list(rule.depends_on),
        "notifiers": list(rule.notifiers),
        "escalation": [{"after": time(step.after), "notifiers": list(step.notifiers)} for step in rule.escalation],
        "advice": rule.advice,
        "runbook": rule.runbook,
    }
    return "\n".join(f"{name} = {_toml(value)}" for name, value in fields.items() if value not in (None, "", [], {}))


def table_of(texts: Mapping[str, str], base: Rule | None = None) -> dict[str, object] | list[str]:
    """The fields that such texts say, for `RuleBook.check`; or sentences that say what is wrong.

    Where they change only the limit of `base`, what hangs on it is left out, so that it goes along in proportion.
    """
    more = tables_of(_unhung(texts, base))
    if len(more) != 1 or isinstance(more[0], str):
        return [one for one in more if isinstance(one, str)] or ["Say one rule at a time."]

    table: dict[str, object] = {"name": texts["name"], **more[0]}
    for name in ("for", "window", "severity"):
        if texts.get(name):
            table[name] = texts[name]

    for part in re.split(r"\s+or\s+|\s+and\s+", texts.get("limit", "").strip(), flags=re.IGNORECASE):
        found = _SIDE.match(part)
        if found is not None and found[2]:
            table[_side(found[1], texts)] = found[2]

    return table


def _unhung(texts: Mapping[str, str], base: Rule | None) -> str:
    """The fields as TOML, without the recovery and critical limits of `base` where its limit is another now."""
    more = texts.get("more", "")
    if base is None or texts.get("limit") == texts_of(base)["limit"]:
        return more

    known = {line for line in rest_of(base).splitlines() if line.startswith(("critical = ", "recovery = "))}
    return "\n".join(line for line in more.splitlines() if line.strip() not in known)


def _side(word: str | None, texts: Mapping[str, str]) -> str:
    """Which limit is meant; without a word the one that the rule had."""
    if word:
        return "above" if word.casefold() in _ABOVE else "below"

    return texts.get("side") or "above"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(str(name))} = {_toml(one)}" for name, one in value.items()) + " }"

    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"

    # The escapes of JSON are TOML's too, but for that of a lone half of a pair, which no text of ours holds.
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)
