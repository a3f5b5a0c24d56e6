"""A drawn chart, as every face sends it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn chart: PNG bytes, its alt text (≤ 1,024 characters), and a name no other picture has."""

    name: str
    png: bytes
    alt: str
