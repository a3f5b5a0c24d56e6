"""The picture in ARCHITECTURE.md, held against the code: who may import what, and how long things may be."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

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


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All that a file consists of, read once."""
    return tuple(ast.walk(ast.parse(path.read_text())))


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Every module that a file imports, dotted and absolute."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    found = []
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            found += [module, *(f"{module}.{alias.name}" for alias in node.names)]

    return tuple(found)


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


def out_of_place(path: Path, module: str) -> str | None:
    """Why a file may not import a module, None where it may."""
    here, there = place(path), ours(module)
    if there is None or there == here:
        return None

    if here in {"__init__", "sandbox"}:
        return None if there in WORDS else "it stands beside the picture and imports only words"

    if there == "sandbox":
        return None if here == "bot" else "only bot.py may use the sandbox"

    if here == "alerting" and path.name in {"judge.py", "card.py"} and level(there) > level("analysis"):
        return "judging is pure"

    if level(there) > level(here):
        return "it is above"

    return "parts meet in monitor.py" if here in PARTS and there in PARTS else None


# One test over all files: a test for each of them costs more than what it looks at.
def test_imports_point_down_and_parts_stand_alone() -> None:
    """No file imports something above it, and no part imports another part."""
    found = [(path, module, out_of_place(path, module)) for path in SOURCES for module in imports(path)]
    assert len(found) > 1000
    assert not [f"{path.relative_to(ROOT)} imports {module}: {why}" for path, module, why in found if why]


def test_each_library_has_one_home() -> None:
    """An outside library is imported in its home only."""
    astray = []
    for path in SOURCES:
        name = path.relative_to(ROOT).as_posix()
        for module in imports(path):
            homes = HOMES.get(module.split(".")[0])
            if homes is not None and not name.startswith(homes):
                astray.append(f"{module} is not at home in {name}")

    assert not astray


def test_nothing_is_too_long() -> None:
    """Modules have up to 300 lines, functions up to 40: past that a word is missing."""
    found = []
    for path in SOURCES:
        if (lines := path.read_text().count("\n")) > 300:
            found.append(f"{path.relative_to(ROOT)} has {lines} lines")

        for node in nodes(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > 40:
                    found.append(f"{path.relative_to(ROOT)}: {node.name} has {length} lines")

    assert not found


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
