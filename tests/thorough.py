"""How many examples a property is tried with: some in every run, all of them with THOROUGH=1."""

from __future__ import annotations

import os

THOROUGH = bool(os.environ.get("THOROUGH"))
"""Takes several times as long: before a release, and after a change to what a property is about."""


def examples(most: int) -> int:
    """So many of the most."""
    return most if THOROUGH else max(most // 6, min(most, 6))
