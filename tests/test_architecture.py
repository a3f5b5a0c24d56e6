"""The picture in ARCHITECTURE.md, held against the code: who may import what, and how long things may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOUND = [path for folder in ("monitoring", "cogs") for path in (ROOT / folder).rglob("*.py")]
SOURCES = [*sorted(path for path in FOUND if "__pycache__" not in path.parts), ROOT / "bot.py"]

WORDS = {
    "model",
    "seen",
    "rows",
    "picture",
    "window",
    "incident",
    "rollup",
    "steps",
    "step_bytes",
    "tally",
    "narrow",
    "operations",
    "metrics",
    "published",
    "settings",
    "setting_kinds",
    "errors",
    "finding",
    "interfaces",
    "phrasing",
    "quantities",
    "config_file",
    "safe_text",
    "assets",
}
THINKING = {"analysis", "digest"}
PARTS = {"recording", "store", "probes", "charts", "alerting", "notify", "schedule"}
MONITOR = {
    "monitor",
    "answers",
    "assembly",
    "assembly_recording",
    "questions",
    "export",
    "reader",
    "stored_answers",
    "vital_signs",
    "happenings",
    "config_check",
    "bulletins",
    "digests",
    "status_message",
    "lookout",
    "outlook",
    "habits",
    "special_figures",
    "rules",
    "configured",
    "notifying",
    "roster",
    "chosen",
    "audit",
    "forgetting",
    "staff_names",
    "privacy_offline",
    "clock_jumps",
    "realtime",
    "publishing",
    "encoding",
    "encoding_schema",
    "faces",
    "upkeep",
    "checkup",
    "adapters",
    "history",
}
FACES = {"cogs", "web", "cli", "__main__", "bot"}

HOMES: dict[str, tuple[str, ...]] = {
    "discord": ("bot.py", "cogs/"),
    "aiohttp": ("monitoring/web/", "monitoring/probes/", "monitoring/notify/", "monitoring/sandbox/"),
    "aiosmtplib": ("monitoring/notify/",),
    "apprise": ("monitoring/notify/",),
    "apscheduler": ("monitoring/schedule.py",),
    "matplotlib": ("monitoring/charts/",),
    "notojp_matplotlib": ("monitoring/charts/",),
    "font_roboto": ("monitoring/charts/",),
    "aiosqlite": ("monitoring/store/",),
    "asyncpg": ("monitoring/store/",),
    "psutil": ("monitoring/recording/samplers.py",),
    "typer": ("monitoring/cli/",),
    "rich": ("monitoring/cli/",),
    "textual": ("monitoring/cli/",),
    "opentelemetry": ("monitoring/web/otlp.py", "monitoring/web/otlp_message.py", "monitoring/recording/otel"),
    "genai_prices": ("monitoring/recording/prices.py",),
    "vaderSentiment": ("monitoring/recording/",),
    "yake": ("monitoring/recording/",),
    "emoji": ("monitoring/recording/",),
    "pydantic": ("monitoring/settings.py",),
    "pydantic_settings": ("monitoring/settings.py",),
    "numpy": (
        *(f"monitoring/{name}.py" for name in ("steps", "step_bytes", "tally", "narrow", "operations")),
        *(f"monitoring/{name}/" for name in ("recording", "store", "analysis", "charts")),
    ),
}


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, dotted and absolute."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def place(path: Path) -> str:
    """The name by which the picture knows a file: a part, a word, a face."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0] if len(parts) == 1 or parts[0] == "cogs" else parts[1]


def level(name: str) -> int:
    """Height in the picture: imports may only point down."""
    for height, names in enumerate((WORDS, THINKING, PARTS, MONITOR, FACES)):
        if name in names:
            return height

    raise AssertionError(f"{name} stands nowhere in the picture: give it a place here and in ARCHITECTURE.md")


def ours(module: str) -> str | None:
    """The place that a module of ours belongs to."""
    parts = module.split(".")
    if parts[0] in {"cogs", "bot"}:
        return parts[0]

    return parts[1] if parts[0] == "monitoring" and len(parts) > 1 and parts[1] != "__version__" else None


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down_and_parts_stand_alone(path: Path) -> None:
    """No file imports something above it, and no part imports another part."""
    here = place(path)
    if here in {"__init__", "sandbox"}:
        wanted = {name for m in imports(path) if (name := ours(m)) is not None}
        assert wanted <= WORDS | ({"sandbox"} if here == "sandbox" else set())
        return

    for module in imports(path):
        there = ours(module)
        if there is None or there == here:
            continue

        if there == "sandbox":
            assert here == "bot", f"only bot.py may use the sandbox, not {here}"
            continue

        if here == "alerting" and path.name in {"judge.py", "card.py"}:
            assert level(there) <= level("analysis"), f"judging is pure, but imports {module}"

        assert level(there) <= level(here), f"{here} imports {module}, which is above it"
        assert not (here in PARTS and there in PARTS), f"{here} imports {module}: parts meet in monitor.py"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_each_library_has_one_home(path: Path) -> None:
    """An outside library is imported in its home only."""
    name = path.relative_to(ROOT).as_posix()
    for module in imports(path):
        homes = HOMES.get(module.split(".")[0])
        assert homes is None or any(name.startswith(home) for home in homes), f"{module} is not at home in {name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_is_too_long(path: Path) -> None:
    """Modules have up to 300 lines, functions up to 40: past that a word is missing."""
    text = path.read_text()
    assert text.count("\n") <= 300, f"{path.name} has {text.count(chr(10))} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= 40, f"{path.name}: {node.name} has {length} lines"


def test_thinking_reads_no_clock_and_does_no_io() -> None:
    """analysis, digest and judge are functions of what they are given."""
    judging = {ROOT / "monitoring/alerting" / name for name in ("judge.py", "card.py", "cause.py", "life.py")}
    pure = [path for path in SOURCES if place(path) in THINKING or path in judging]
    assert pure
    for path in pure:
        found = {m.split(".")[0] for m in imports(path)} & {
            "time",
            "asyncio",
            "os",
            "pathlib",
            "sqlite3",
            "random",
            "socket",
        }
        assert not found, f"{path.name} imports {found}"


def test_nothing_is_called_utils() -> None:
    """Every file says what it is."""
    empty_words = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    assert not [p for p in SOURCES if empty_words & set(p.stem.split("_"))]
