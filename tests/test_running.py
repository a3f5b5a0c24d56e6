"""What runs it for real: image, compose file and unit agree with the program and with each other."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

import bot
from monitoring.settings import Settings

ROOT = Path(__file__).parent.parent
UNIT = ROOT / "assets/systemd/greenroom.service"
OUT = (
    *(".env", ".env.local", "monitoring/.env", "data/monitoring.sqlite3", "data/monitoring.key", ".git/config"),
    *("tests/conftest.py", "monitoring/__pycache__/x.pyc", "assets/images/health.png", "docs/api.md"),
)
SETTINGS = {name.upper() for name in Settings.model_fields}


def steps() -> list[tuple[str, str]]:
    """The Dockerfile, as words and what follows them."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def compose() -> Any:
    """The one service of the compose file."""
    return yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["greenroom"]


def unit() -> dict[str, list[str]]:
    """What the unit says of the service, by name."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text().partition("[Service]")[2].partition("[Install]")[0].splitlines():
        name, sign, value = line.partition("=")
        if sign and not line.startswith("#"):
            found.setdefault(name, []).append(value)

    return found


def is_left_out(path: str) -> bool:
    """Whether .dockerignore keeps a file from the image: the last line that fits it decides."""
    out = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line and not line.startswith("#"):
            pattern = line.removeprefix("!").removeprefix("**/")
            parts = [path, *("/".join(path.split("/")[:n]) for n in range(1, path.count("/") + 1))]
            if any(
                fnmatch(part, pattern) or ("**/" in line and fnmatch(part.split("/")[-1], pattern)) for part in parts
            ):
                out = not line.startswith("!")

    return out


def test_the_image_is_made_of_what_is_there_and_nothing_else() -> None:
    """All that is copied exists and is let in; secrets, data, history and tests stay out."""
    for word, rest in steps():
        if word == "COPY" and not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert not is_left_out(source), source

    for path in OUT:
        assert is_left_out(path), path

    for path in ("monitoring/web/server.py", "assets/dashboard/main.js", "cogs/health.py", "bot.py"):
        assert not is_left_out(path), path


def test_the_image_installs_extras_that_exist_with_the_pinned_versions() -> None:
    """And nothing secret is given to it while it is made."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    install = next(rest for word, rest in steps() if word == "RUN" and "pip install" in rest)
    named = re.search(r"\.\[([a-z,]+)\]", install)
    assert named is not None
    assert set(named[1].split(",")) <= set(extras)
    assert "-c constraints.txt" in install
    assert not [
        rest for word, rest in steps() if word in ("ARG", "ENV") and re.search("TOKEN|KEY|SECRET|PASSWORD", rest)
    ]


def test_the_image_is_no_root_s_and_hears_that_it_should_end() -> None:
    """The program is called itself, not by a shell that would keep the signal; its data is a volume of its user."""
    told = dict(steps())
    assert told["USER"] == "greenroom"
    assert told["CMD"] == '["python", "/app/bot.py"]'
    assert told["VOLUME"] == told["WORKDIR"] == "/data"
    assert '"monitoring", "probe", "--alive"' in told["HEALTHCHECK"]


def test_the_compose_file_sets_what_can_be_set_and_opens_nothing() -> None:
    """Only this machine reaches the port; nothing can be written but the volume; everything has its limit."""
    told = compose()
    assert set(told["environment"]) <= SETTINGS
    assert told["ports"] == ["127.0.0.1:8000:8000"]
    assert told["read_only"] is True
    assert told["cap_drop"] == ["ALL"]
    assert told["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "pids_limit", "cpus", "stop_grace_period", "restart", "env_file"} <= set(told)
    assert told["volumes"] == ["data:/data"]
    assert told["environment"]["DATABASE_URL"].removeprefix("sqlite:///").startswith("/data/")


def test_the_unit_does_not_start_again_what_cannot_work() -> None:
    """Status 2 is a setting that somebody has to mend; and the service may write its own folder only."""
    told = unit()
    assert told["Restart"] == ["on-failure"]
    assert told["RestartPreventExitStatus"] == [str(bot.WRONG_SETTING)]
    assert (told["ProtectSystem"], told["NoNewPrivileges"]) == (["strict"], ["true"])
    assert told["ReadWritePaths"] == told["WorkingDirectory"] == [f"/var/lib/{told['StateDirectory'][0]}"]
    named = {one.partition("=")[0] for line in told["Environment"] for one in shlex.split(line)}
    assert {name for name in named if not name.startswith("PYTHON")} <= SETTINGS


def test_the_unit_is_one_that_systemd_understands(tmp_path: Path) -> None:
    """Every line is known to it, and it finds little that is exposed."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze")

    program = tmp_path / "python"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    text = UNIT.read_text().replace("/opt/greenroom/.venv/bin/python", str(program))
    (tmp_path / UNIT.name).write_text(text)
    verified = subprocess.run(["systemd-analyze", "verify", str(tmp_path / UNIT.name)], capture_output=True, text=True)
    assert UNIT.name not in verified.stderr
    rated = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(tmp_path / UNIT.name)]
    assert subprocess.run(rated, capture_output=True).returncode == 0
