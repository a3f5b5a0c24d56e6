"""Where the files that are not Python lie: beside the package in a checkout, inside it once installed."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_PLACES = (_PACKAGE / "assets", _PACKAGE.parent / "assets")


def asset(name: str) -> Path:
    """The path of an asset such as "charts.mplstyle". Raises FileNotFoundError that names where it was looked for."""
    for place in _PLACES:
        if (place / name).exists():
            return place / name

    raise FileNotFoundError(f"There is no asset {name!r} in {' or '.join(str(place) for place in _PLACES)}.")
