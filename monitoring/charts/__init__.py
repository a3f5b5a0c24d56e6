"""Pictures and their alt texts: one file a chart. matplotlib is imported when the first chart is drawn, not before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from types import ModuleType

from monitoring.errors import ChartError

_NAMES = (
    "overview",
    "response_times",
    "components",
    "response_by_persona",
    "activity",
    "persona",
    "relationships",
    "relationships_matrix",
    "relationships_history",
    "banter",
    "resources",
    "incident",
    "summary",
    "tokens",
    "cost",
    "models",
    "features",
    "variants",
    "errors",
    "throughput",
    "users",
    "channels",
    "commands",
    "conversations",
    "scenarios",
    "why",
    "uptime",
    "incidents",
    "slo",
    "rehearse",
)


class _Kinds(Mapping[str, ModuleType]):
    """The charts by kind, each imported when it is asked for.

    A chart has `HEIGHT` in pixels and, of its value: `title`, `subtitle` (parts; the first gives way where there is no
    room), `alt`, and `draw(board, value)`, which fills the board below the title. Only `draw` may need matplotlib.
    """

    def __getitem__(self, kind: str) -> ModuleType:
        if kind not in _NAMES:
            raise KeyError(kind)

        return import_module(f"monitoring.charts.{kind}")

    def __iter__(self) -> Iterator[str]:
        return iter(_NAMES)

    def __len__(self) -> int:
        return len(_NAMES)


KINDS: Mapping[str, ModuleType] = _Kinds()


def draw(kind: str, value: object, theme: str = "dark") -> bytes:
    """The PNG of a chart, drawn here and now (40 to 100 ms: not for an event loop). Raises ChartError."""
    from monitoring.charts.drawn import board_of

    return board_of(chart_of(kind), value, theme).png()


def title(kind: str, value: object) -> str:
    """What a chart of this value finds, in a line. Raises ChartError."""
    words: str = chart_of(kind).title(value)
    return words


def subtitle(kind: str, value: object) -> tuple[str, ...]:
    """What a chart shows: of what, window, zone, n; parts can be empty. Raises ChartError."""
    parts: tuple[str, ...] = chart_of(kind).subtitle(value)
    return parts


def alt(kind: str, value: object) -> str:
    """The alt text of a chart, at most 1,024 characters, from the same value. Raises ChartError."""
    text: str = chart_of(kind).alt(value)
    return text


def chart_of(kind: str) -> ModuleType:
    """The chart of a kind. Raises ChartError where there is none."""
    try:
        return KINDS[kind]
    except KeyError:
        raise ChartError(f"There is no chart called {kind!r}.") from None
