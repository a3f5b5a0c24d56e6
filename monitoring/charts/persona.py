"""A page for one persona: key figures, messages by day and hour, topics, and whom it stands well with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from monitoring import phrasing
from monitoring.analysis.personas import Bond, PersonaPage
from monitoring.charts import wording
from monitoring.charts.axes import step_ticks, step_width
from monitoring.charts.theme import LEAST, LEFT, RIGHT, shape
from monitoring.model import DAY, HOUR, Band

if TYPE_CHECKING:
    from monitoring.charts.board import Board

HEIGHT = 900
_HALF, _SECOND = 528.0, 624.0
_ROWS = 3


def title(value: PersonaPage) -> str:
    """How much of all messages it writes."""
    name = wording.title_name(value.name)
    if not value.messages.value:
        return f"{name} wrote nothing in {wording.these(value.window)}"

    if value.share.value is None:
        return f"{name} wrote {phrasing.count(value.messages.value)} messages"

    return f"{name} writes {phrasing.share(value.share.value)} of all messages"


def subtitle(value: PersonaPage) -> tuple[str, ...]:
    """Window, sample, what grey means."""
    n = wording.n(value.messages.value or 0)
    return "Persona", wording.span(value.window), n, wording.partial(value.partial), wording.grey(value.gaps)


def alt(value: PersonaPage) -> str:
    """The figures of the page in sentences."""
    name = wording.name(value.name)
    figures = [f"{label} {figure}{f' ({note})' if note else ''}" for label, figure, note in _tiles(value)]
    topics = [f"{wording.name(topic, 40)} {phrasing.count(n)}" for topic, n in value.topics[:_ROWS]]
    bonds = [f"{wording.name(bond.other)} {bond.affinity:.0f}, {wording.name(bond.stage)}" for bond in _bonds(value)]
    written = wording.plural(int(value.messages.value or 0), "message")
    return wording.alt_text(
        f"Persona page of {name} over {wording.period(value.window)}, {written}.",
        f"{'; '.join(figures)}.".replace("▲ ", "").replace("▼ ", "").replace("= ", ""),
        _last(value),
        f"Most messages at {_busiest(value):02}:00." if any(value.hours) else "",
        f"Talks about {wording.listed(topics)}." if topics else "",
        f"Affinity: {'; '.join(bonds)}." if bonds else "",
        wording.told_partial(value.partial),
        wording.unmonitored(value.gaps, value.window.zone),
    )


def draw(board: Board, value: PersonaPage) -> None:
    """Four key figures, two rows of bars, two lists."""
    from monitoring.charts.tiles import tile

    slow = value.bands.mean.band(value.response.mean)
    tones = ("mute", slow.value if slow in (Band.WARNING, Band.CRITICAL) else "mute", "mute", "mute")
    for x, width, words, tone in zip((48, 340, 610, 890), (268, 246, 256, 262), _tiles(value), tones, strict=True):
        tile(board, x, board.top - 2, width, words, tone=tone)

    y, lists = board.top + 184, board.bottom - 184
    tall = lists - y - 130
    _days(board, value, y, tall)
    _hours(board, value, y, tall)
    _topics(board, value, lists)
    _affinity(board, value, lists)


def _tiles(value: PersonaPage) -> list[tuple[str, str, str]]:
    liked = value.satisfaction
    label, written = ("Per day", value.per_day) if value.window.length >= 2 * DAY else ("Messages", value.messages)
    short = written is value.per_day and written.value is not None and written.value < 9.95
    figure = f"{written.value:.1f}" if short else phrasing.count(written.value)
    return [
        (label, figure, phrasing.more(written.value, written.before)),
        (
            "Response",
            phrasing.seconds(value.response.mean),
            phrasing.slower(value.response.mean, value.response_before.mean),
        ),
        ("Users", phrasing.count(value.users.value), f"{phrasing.count(value.repeat)} came back"),
        ("Liked", phrasing.NONE if liked is None else f"{liked:.1f}", _votes(value)),
    ]


def _votes(value: PersonaPage) -> str:
    if value.satisfaction is None:
        return "no votes" if not value.votes else f"{phrasing.FEW}, {wording.n(value.votes)}"

    return f"of 5, {wording.n(value.votes)}"


def _days(board: Board, value: PersonaPage, y: float, tall: float) -> None:
    from monitoring.charts.plot import Plot

    starts = [point.at for point in value.days]
    step = step_width(starts, value.window.length)
    heading = "Day by day" if not starts or step > HOUR else "Hour by hour" if step == HOUR else "Minute by minute"
    board.text(LEFT, y, heading, color="mute", size=LEAST)
    values = np.array([np.nan if point.value is None else point.value for point in value.days], float)
    highest = float(np.nanmax(values, initial=0)) or 1.0
    across = (starts[0], starts[-1] + step) if starts else (value.window.start, value.window.end)
    plot = Plot(board, LEFT, y + 26, _HALF, tall, across=across, up=(0, highest * 1.05))
    plot.base()
    plot.gaps(value.gaps)
    if starts:
        plot.bars(starts, step, values * 0, values, board.t.persona(value.slot))

    if not value.messages.value:
        last = board.cut(_last(value).rstrip(".") or "no message so far", _HALF, LEAST)
        board.text(LEFT, plot.y + plot.height / 2, last, color="soft", size=LEAST)

    ticks = step_ticks(starts, step, value.window.zone, most=2)
    plot.times(((starts[index] + step / 2, label) for index, label in ticks), drop=42, within=True)


def _hours(board: Board, value: PersonaPage, y: float, tall: float) -> None:
    from monitoring.charts.plot import Plot

    board.text(_SECOND, y, "Hours", color="mute", size=LEAST)
    highest = max(value.hours, default=0) or 1.0
    plot = Plot(board, _SECOND, y + 26, _HALF, tall, across=(0, 24), up=(0, highest * 1.05))
    plot.base()
    if value.hours:
        hours = np.array(value.hours)
        plot.bars(np.arange(len(hours)), 1, hours * 0, hours, board.t.persona(value.slot))

    plot.times([(hour + 0.5, f"{hour:02}") for hour in (0, 6, 12, 18, 23)], drop=42, within=True)


def _topics(board: Board, value: PersonaPage, y: float) -> None:
    board.text(LEFT, y, "Talks about", color="mute", size=LEAST)
    if not value.topics:
        board.text(LEFT, y + 46, "no topic of three people", color="soft", size=LEAST)

    most = max((n for _, n in value.topics), default=1) or 1
    for index, (topic, n) in enumerate(value.topics[:_ROWS]):
        row = y + 48 + index * 54
        board.bar(LEFT, row - 22, 400 * n / most, 44, board.t.persona(value.slot), alpha=0.26)
        board.text(LEFT + 14, row, board.cut(wording.name(topic, 40), 390))
        board.text(LEFT + _HALF, row, phrasing.count(n), color="soft", ha="right")


def _affinity(board: Board, value: PersonaPage, y: float) -> None:
    board.text(_SECOND, y, "Affinity", color="mute", size=LEAST)
    bonds = _bonds(value)
    if not bonds:
        board.text(_SECOND, y + 46, "met no other persona", color="soft", size=LEAST)

    for index, bond in enumerate(bonds):
        row = y + 48 + index * 54
        words = board.cut(wording.name(bond.stage), 262)
        stage = board.wide(words)
        board.mark(_SECOND + 16, row, shape(bond.slot), board.t.persona(bond.slot), 24)
        board.text(_SECOND + 48, row, board.cut(wording.name(bond.other), 1080 - stage - 20 - _SECOND - 48))
        board.text(1080, row, words, color="mute", ha="right")
        board.text(RIGHT, row, f"{bond.affinity:.0f}", bold=True, ha="right")


def _bonds(value: PersonaPage) -> list[Bond]:
    """The two highest and the lowest."""
    return [*value.bonds[: _ROWS - 1], value.bonds[-1]] if len(value.bonds) > _ROWS else list(value.bonds)


def _busiest(value: PersonaPage) -> int:
    return max(range(len(value.hours)), key=lambda hour: value.hours[hour])


def _last(value: PersonaPage) -> str:
    if value.messages.value or value.last_at is None:
        return ""

    day, clock = phrasing.weekday(value.last_at, value.window.zone), phrasing.clock(value.last_at, value.window.zone)
    return f"Last message: {day}, {clock}."
