"""Which commands are used, which fail, and which are never used?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from monitoring.analysis.figure import Figure, Gap, Timing
from monitoring.analysis.series import counted, only, recorded, timing
from monitoring.metrics import METRICS
from monitoring.model import Instant
from monitoring.rollup import Labels, Rollup, Series
from monitoring.window import Window

KINDS = ("slash", "prefix", "context_menu", "component", "modal")
"""Kinds of what can be used, in the order in which they are told; the first three are commands."""
_COMMAND, _KIND = (METRICS["command"].labels.index(name) for name in ("command", "kind"))


@dataclass(frozen=True, slots=True)
class CommandRow:
    """One command, context menu, component or modal: how often, how long, how often it failed."""

    name: str
    kind: str
    timing: Timing
    share: float
    """Of all uses, 0..1."""
    before: int | None = None
    """Uses in the window before; None: not recorded."""


@dataclass(frozen=True, slots=True)
class Commands:
    """What was used in a window, most used first, and which commands nobody used."""

    window: Window
    used: Figure
    failures: Figure
    """Failures ÷ uses, 0..1."""
    rows: tuple[CommandRow, ...] = ()
    kinds: tuple[tuple[str, int], ...] = ()
    """Uses by kind; kinds of which nothing was used are left out."""
    unused: tuple[tuple[str, str], ...] = ()
    """(kind, name) of commands that are offered and were not used."""
    gaps: tuple[Gap, ...] = ()
    first_at: Instant | None = None


def commands(
    window: Window,
    command: Series,
    command_before: Series,
    offered: Mapping[str, Collection[str]],
    gaps: tuple[Gap, ...] = (),
    *,
    guild: str | None = None,
    first_at: Instant | None = None,
) -> Commands:
    """Uses of a window against those before; `offered` has the names of commands by kind."""
    keep = only("command", guild=guild)
    now, before = command.sum(keep), command_before.sum(keep)
    whole = recorded(window.before, first_at)

    def key(labels: Labels) -> tuple[str, str] | None:
        return (labels[_KIND], labels[_COMMAND]) if keep(labels) else None

    found, earlier = command.total(key), command_before.total(key)
    rows = [
        CommandRow(name, kind, timing(row), row.count / now.count, _uses(earlier, kind, name) if whole else None)
        for (kind, name), row in found.items()
    ]
    rows.sort(key=lambda row: (-row.timing.n, row.name, row.kind))
    kinds = [(kind, sum(row.timing.n for row in rows if row.kind == kind)) for kind in KINDS]
    # A hybrid command is one, whichever way it is used.
    used = {name for _, name in found}
    unused = [(kind, name) for kind in KINDS for name in sorted(set(offered.get(kind, ())) - used)]

    return Commands(
        window,
        counted(now, before, whole=whole),
        Figure(now.rate, before.rate, now.count),
        tuple(rows),
        tuple((kind, n) for kind, n in kinds if n),
        tuple(unused),
        gaps,
        first_at,
    )


def _uses(found: Mapping[tuple[str, str], Rollup], kind: str, name: str) -> int:
    row = found.get((kind, name))
    return row.count if row is not None else 0
