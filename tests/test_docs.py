"""What the docs promise is there, and what is there is in the docs."""

from __future__ import annotations

import re
from pathlib import Path

from cogs._permissions import POLICY
from cogs.report import KINDS
from monitoring.alerting.rules import built_in
from monitoring.settings import Settings

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def test_every_command_is_in_the_reference() -> None:
    """Commands and kinds of reports."""
    text = (ROOT / "docs/commands.md").read_text()
    for name in (name for name in POLICY if not (set(":.") & set(name) or name.startswith(("report ", "why ")))):
        assert f"`/{name}" in text, name

    assert all(kind.name in text for kind in KINDS)


def test_every_built_in_rule_is_in_the_docs() -> None:
    """By its name."""
    text = (ROOT / "docs/alerts.md").read_text()
    assert all(f"`{rule.name}`" in text for rule in built_in())


def test_settings_named_in_the_docs_exist() -> None:
    """A setting that was renamed is not promised any more."""
    known = {name.upper() for name in Settings.model_fields}
    for page in PAGES:
        for found in re.findall(r"`([A-Z]{2,}(?:_[A-Z]+)+)`", page.read_text()):
            assert found in known, f"{page.name} names {found}"


def test_links_and_pictures_lead_somewhere() -> None:
    """Relative links of every page."""
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_readme_is_short() -> None:
    """Everything else is in docs/."""
    assert len((ROOT / "README.md").read_text().splitlines()) < 150
