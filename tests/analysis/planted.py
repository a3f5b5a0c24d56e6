"""Two windows of a bot with eight personas, four models, three guilds, six components, and a planted cause or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitoring.analysis.why import Compared, Evidence, why
from monitoring.model import HOUR
from monitoring.rollup import LOG_GAMMA, Labels, Rollup, Series, Table
from monitoring.window import Window

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Where: TypeAlias = tuple[int | None, int | None, int | None, int | None]
"""Component, model, persona, guild, by their places; None: any."""
Flags: TypeAlias = NDArray[np.bool_]

PERSONAS = ("Nyx", "Scav", "Luna", "Max", "Mira", "Toad", "Oracle", "Bard")
MODELS = ("llama3.1:8b", "qwen2.5:14b", "mistral:7b", "gemma2:9b")
GUILDS = ("11", "22", "33")
COMPONENTS = (
    ("context_building", "rag", 0.08, 1.0),
    ("llm_inference", "llm", 1.1, 1.0),
    ("response_processing", "bot", 0.03, 1.0),
    ("tts_generation", "tts", 0.5, 0.4),
    ("moderation", "llm_guard", 0.12, 0.8),
    ("discord_send", "discord", 0.15, 1.0),
)
"""Name, service, median seconds, and in how many responses it is used."""
SPEED = (1.0, 2.0, 0.9, 1.2)
"""Of the models."""
STEPS = 12
WINDOW = Window(12 * HOUR, 24 * HOUR)


@dataclass(frozen=True, slots=True)
class Planted:
    """What happens in a window: factors of seconds and failure rates by (component, model, persona, guild) indices."""

    size: int = 900
    slow: Where | None = None
    factor: float = 1.0
    failing: Where | None = None
    failures: float = 0.0
    whole_only: bool = False
    """Only the response fails, none of its components."""
    models: tuple[float, ...] = (0.45, 0.2, 0.2, 0.15)
    chatty: int | None = None
    """A persona that speaks five times as much."""
    wordy: int | None = None
    """A persona whose prompts are four times as long."""
    kind: str = "timeout"


def evidence(now: Planted, before: Planted, seed: int) -> Evidence:
    """Both windows. Everything wanders by a few percent from one window to the next."""
    dice = np.random.default_rng(seed)
    sides = [_window(dice, one, first) for one, first in ((now, WINDOW.start), (before, WINDOW.start - 12 * HOUR))]
    found = {name: Compared(sides[0][name], sides[1][name]) for name in sides[0]}
    return Evidence(**found, course=found["response"], first_at=0)


def _window(dice: np.random.Generator, planted: Planted, start: int) -> dict[str, Series]:
    size = dice.poisson(planted.size)
    persona_shares = 0.8 ** np.arange(len(PERSONAS)) * dice.lognormal(0, 0.05, len(PERSONAS))
    persona = dice.choice(len(PERSONAS), size, p=persona_shares / persona_shares.sum())
    guild = dice.choice(len(GUILDS), size, p=(0.5, 0.3, 0.2))
    model = dice.choice(len(MODELS), size, p=planted.models)
    step = dice.integers(STEPS, size=size)
    # Busier hours are slower, personas and guilds wander a little.
    load = (1 + 0.08 * np.sin(step / STEPS * 2 * np.pi)) * dice.lognormal(0, 0.02)
    wander = load * dice.lognormal(0, 0.02, len(PERSONAS))[persona] * dice.lognormal(0, 0.02, len(GUILDS))[guild]
    fails = dice.random(size) < 0.015
    labels = (model, persona, guild)
    seconds = np.full(size, 0.05)
    tables: dict[str, Table] = {"operation": {}, "component": {}, "failure": {}, "message": {}}
    for number, (name, service, median, share) in enumerate(COMPONENTS):
        used = dice.random(size) < share
        took = median * wander * dice.lognormal(0, 0.5, size)
        if name == "llm_inference":
            took = took * np.array(SPEED)[model]

        took = np.where(_meant(planted.slow, number, *labels), took * planted.factor, took)
        broken = used & (dice.random(size) < 0.004)
        if planted.failing is not None and not planted.whole_only:
            broken |= used & _meant(planted.failing, number, *labels) & (dice.random(size) < planted.failures)

        fails |= broken
        seconds = seconds + np.where(used, took, 0)
        calls = model if name == "llm_inference" else np.full(size, len(MODELS))
        cells = [(service, name, a, b, c, "") for a in (*MODELS, "") for b in PERSONAS for c in GUILDS]
        place = (calls * len(PERSONAS) + persona) * len(GUILDS) + guild
        _count(tables["operation"], cells, took, broken, used, place, sketch=True)
        _count(tables["component"], [(name, "", "")], took, broken, used, np.zeros_like(persona), sketch=False)
        _failures(tables["failure"], service, name, int((used & broken).sum()), planted.kind)

    _spend(tables["operation"], planted.wordy)
    if planted.failing is not None and planted.whole_only:
        fails |= _meant(planted.failing, None, *labels) & (dice.random(size) < planted.failures)

    _failures(tables["failure"], "bot", "response", int(fails.sum()), planted.kind)
    everywhere = np.ones(size, dtype=bool)
    _count(
        tables["component"], [("response", "", "")], seconds, fails, everywhere, np.zeros_like(persona), sketch=False
    )
    words = 1 + dice.integers(0, 2, size)
    if planted.chatty is not None:
        words = np.where(persona == planted.chatty, words * 5, words)

    for k, n in enumerate(np.bincount(persona * len(GUILDS) + guild, words, len(PERSONAS) * len(GUILDS)).tolist()):
        tables["message"][("persona", PERSONAS[k // len(GUILDS)], GUILDS[k % len(GUILDS)], "")] = Rollup(int(n))

    steps: list[Table] = []
    people = [(a, b, "reported") for a in PERSONAS for b in GUILDS]
    place = persona * len(GUILDS) + guild
    for number in range(STEPS):
        steps.append({})
        _count(steps[-1], people, seconds, fails, step == number, place, sketch=True)

    starts = tuple(start + HOUR * k for k in range(STEPS))
    response = Series("response", starts, tuple(one + HOUR for one in starts), tuple(steps))
    whole = {name: Series(name, (start,), (start + 12 * HOUR,), (table,)) for name, table in tables.items()}
    return {"response": response, **whole}


def _meant(
    where: Where | None,
    component: int | None,
    model: Ints,
    persona: Ints,
    guild: Ints,
) -> Flags:
    """Which responses a planted cause is about; a model's cause is of the inference alone."""
    if where is None or (component is not None and where[0] is not None and where[0] != component):
        return np.zeros(len(model), dtype=bool)

    if component is not None and where[1] is not None and COMPONENTS[component][0] != "llm_inference":
        return np.zeros(len(model), dtype=bool)

    found = np.ones(len(model), dtype=bool)
    for wanted, values in zip(where[1:], (model, persona, guild), strict=True):
        if wanted is not None:
            found &= values == wanted

    return found


def _count(
    table: Table, names: Sequence[Labels], seconds: Floats, failed: Flags, used: Flags, which: Ints, *, sketch: bool
) -> None:  # fmt: skip
    """Count values under `names[which]`: the sums by NumPy, the sketches bin by bin."""
    which, took, bad = which[used], seconds[used], failed[used]
    size = len(names)
    counts, failures = np.bincount(which, minlength=size), np.bincount(which[bad], minlength=size)
    good, took = which[~bad], took[~bad]
    totals = np.bincount(good, np.round(took * 1e6), size)
    for k in np.flatnonzero(counts).tolist():
        table[names[k]] = Rollup(int(counts[k]), int(failures[k]), int(totals[k]))

    if sketch:
        bins = np.ceil(np.log(took) / LOG_GAMMA).astype(np.int64) + 2_000
        keys, numbers = np.unique(good * 5_000 + bins, return_counts=True)
        for key, n in zip(keys.tolist(), numbers.tolist(), strict=True):
            table[names[key // 5_000]].bins[key % 5_000 - 2_000] = n


def _spend(table: Table, wordy: int | None) -> None:
    """Each call of a model has a thousand tokens, and costs what the model does."""
    for (_, _, model, persona, _, _), rollup in table.items():
        if model:
            long = 4 if wordy is not None and persona == PERSONAS[wordy] else 1
            rollup.prompt, rollup.completion = 900 * long * rollup.count, 100 * rollup.count
            rollup.cost = rollup.tokens * (1 + MODELS.index(model)) // 1_000


def _failures(table: Table, service: str, operation: str, n: int, kind: str) -> None:
    """A third of all failures, and whatever is planted, is of the planted kind in the planted window."""
    other = n // 3 if kind != "network" else n
    for name, count in ((kind, n - other), ("network", other)):
        if count:
            table.setdefault((service, operation, name, ""), Rollup()).count += count


# --- what is planted


@dataclass(frozen=True, slots=True)
class CauseKind:
    """A kind of cause: how both windows are made for a seed, the figure that is asked, and what must be named."""

    name: str
    figure: str
    windows: Callable[[int], tuple[Planted, Planted]]
    where: Callable[[int], set[tuple[str, str]]]
    quick: bool = False
    """Asked in every run of the tests."""


def _pick(seed: int) -> int:
    """The inference, or speech."""
    return (1, 3)[seed % 2]


def _slow_part(seed: int) -> tuple[Planted, Planted]:
    return Planted(slow=(_pick(seed), None, None, None), factor=(2.0, 3.5)[seed % 2]), Planted()


def _slow_part_somewhere(seed: int) -> tuple[Planted, Planted]:
    return Planted(slow=(_pick(seed), None, None, seed % 3), factor=(3.5, 6.0)[seed % 2]), Planted()


def _slow_model(seed: int) -> tuple[Planted, Planted]:
    return Planted(slow=(1, seed % 4, None, None), factor=3.5), Planted()


def _shift(seed: int) -> tuple[Planted, Planted]:
    return Planted(models=(0.08, 0.84, 0.04, 0.04)), Planted(models=(0.5, 0.1, 0.2, 0.2))


def _model(seed: int) -> set[tuple[str, str]]:
    return {("model", MODELS[seed % 4])}


def _part(seed: int) -> set[tuple[str, str]]:
    return {("component", COMPONENTS[_pick(seed)][0])}


def _slow_causes(figure: str) -> Iterator[CauseKind]:
    """What makes the mean or a quantile rise."""
    yield CauseKind(f"model slow, {figure}", figure, _slow_model, _model, figure == "mean")
    yield CauseKind(f"component slow, {figure}", figure, _slow_part, _part)
    yield CauseKind(
        f"component slow in a guild, {figure}",
        figure,
        _slow_part_somewhere,
        lambda seed: {*_part(seed), ("guild", GUILDS[seed % 3])},
        figure == "p95",
    )
    yield CauseKind(
        f"more to a slow model, {figure}", figure, _shift, lambda _: {("model", MODELS[1])}, figure == "mean"
    )


def _failing(where: Callable[[int], Where], *, whole_only: bool = False) -> Callable[[int], tuple[Planted, Planted]]:
    return lambda seed: (Planted(failing=where(seed), failures=0.4, whole_only=whole_only), Planted(kind="network"))


def _persona(seed: int) -> set[tuple[str, str]]:
    return {("persona", PERSONAS[seed % 5])}


def _of_persona(seed: int) -> Where:
    return (None, None, seed % 5, None)


CAUSES = (
    *_slow_causes("mean"),
    *_slow_causes("p95"),
    CauseKind("persona fails", "errors", _failing(_of_persona), _persona, quick=True),
    CauseKind("persona's answers fail, nothing inside", "errors", _failing(_of_persona, whole_only=True), _persona),
    CauseKind("model fails", "errors", _failing(lambda seed: (1, seed % 4, None, None)), _model),
    CauseKind("persona's prompts are long", "tokens", lambda seed: (Planted(wordy=seed % 5), Planted()), _persona),
    CauseKind(
        "persona writes more", "messages", lambda seed: (Planted(chatty=seed % 5), Planted()), _persona, quick=True
    ),
)


def named(cause: CauseKind, seed: int) -> str:
    """Whether the planted cause is named: "right", "none", or "wrong". The inference may be named with its model."""
    told = why(WINDOW, cause.figure, evidence(*cause.windows(seed), seed))
    if told.top is None:
        return "none"

    where, wanted = set(told.top.where), cause.where(seed)
    return "right" if wanted <= where <= wanted | {("component", "llm_inference")} else "wrong"
