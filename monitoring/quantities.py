"""Amounts as people write them ("5 s", "300 ms", "5 %", "2 min", "1.5 GB"), and the name that was probably meant."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from difflib import get_close_matches

_AMOUNT = re.compile(r"\s*(?P<number>[+-]?(?:\d+(?:[.,]\d+)?|[.,]\d+))\s*(?P<unit>[^\d\s.,+-]\S*)?\s*\Z")
_SPANS = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86_400.0),
}
_SIZES = {"b": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 2.0**10, "mib": 2.0**20, "gib": 2.0**30}
_TIMES = {"x", "×", "times"}
_SIGMAS = {"σ", "sigma", "sigmas"}
_MONEY = {"$", "dollar", "dollars", "usd"}
SPAN_UNITS = frozenset({"s", "ms", "span"})
"""Units of rules whose values are kept in seconds."""


def seconds_of(value: object) -> float:
    """Seconds from "5 s", "300 ms", "2 min", "1 h 30 min", or a plain number of seconds. Raises ValueError."""
    parts = re.findall(r"[+-]?\d[\d.,]*\s*[^\W\d]+", value) if isinstance(value, str) else []
    if len(parts) > 1 and "".join("".join(parts).split()) == "".join(str(value).split()):
        return sum(seconds_of(part) for part in parts)

    number, unit = _split(value)
    if unit and unit not in _SPANS:
        raise ValueError('say a time, such as "300 ms", "5 s", "2 min" or "1 h"')

    return number * _SPANS.get(unit, 1.0)


def value_of(value: object, unit: str) -> float:
    """A value in a rule's unit (times in seconds, shares 0..1, percents 0..100). Raises ValueError that says how."""
    if unit in SPAN_UNITS:
        return seconds_of(value)

    number, said = _split(value)
    if unit == "rate":
        return _share(number, said)

    if unit == "times" and said == "%":
        return number / 100

    known = {"%": {"%"}, "times": _TIMES, "σ": _SIGMAS, "$": _MONEY, "bytes": set(_SIZES)}.get(unit, {unit.casefold()})
    if said and said not in known and said.rstrip("s") != unit.casefold().rstrip("s"):
        raise ValueError(f'say a number, such as "{_example(unit)}"')

    return number * _SIZES.get(said, 1.0) if unit == "bytes" else number


def _example(unit: str) -> str:
    return {"%": "80 %", "times": "1.5", "σ": "6", "$": "5", "bytes": "2 GB", "": "100"}.get(unit, f"10 {unit}")


def _share(number: float, said: str) -> float:
    """A share 0..1: "5 %" or 0.05; a plain 5 is neither."""
    if said == "%":
        return number / 100

    if said or abs(number) > 1:
        raise ValueError('say a share, such as "5 %" or 0.05')

    return number


def _split(value: object) -> tuple[float, str]:
    if isinstance(value, bool):
        raise ValueError("say a number, not yes or no")

    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise ValueError("say a number that has an end")

        return float(value), ""

    text = str(value).strip()
    if text.startswith("$"):
        text = f"{text[1:]} $"

    found = _AMOUNT.match(text)
    if found is None:
        raise ValueError('say a number, with its unit if it has one, such as "5 s" or "5 %"')

    number = found["number"]
    # "1,000" is a thousand; "1,5" is one and a half.
    number = number.replace(",", "") if re.fullmatch(r"[+-]?\d{1,3},\d{3}", number) else number.replace(",", ".")
    return float(number), (found["unit"] or "").casefold()


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """ "; did you mean x?", or which names there are where few are; "" where neither helps."""
    names = sorted(set(known))
    near = get_close_matches(name.casefold(), [one.casefold() for one in names], n=1, cutoff=0.6)
    near = near or [one.casefold() for one in names if len(name) > 2 and one.casefold().startswith(name.casefold())]
    if near:
        return f"; did you mean {next(one for one in names if one.casefold() == near[0])}?"

    return f"; there are {listed(names)}" if 0 < len(names) <= 16 else ""


def listed(names: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
