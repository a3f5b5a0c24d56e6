"""The words that carry no topic, by language, from the lists that yake bundles (the home of that library)."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path


@cache
def stop_words() -> tuple[frozenset[str], frozenset[str]]:
    """English stop words, and those of all other languages together; read once.

    Only yake's lists are used, so the package itself (half a second of imports) is found but never imported.
    """
    spec = find_spec("yake")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    english: set[str] = set()
    foreign: set[str] = set()
    for folder in folders:
        for path in sorted((Path(folder) / "core" / "StopwordsList").glob("stopwords_*.txt")):
            # Some of the lists are in older encodings; a broken word matches nothing, which does no harm.
            words = {line.strip() for line in path.read_text("utf-8", "replace").casefold().splitlines()}
            (english if path.stem == "stopwords_en" else foreign).update(words)

    return frozenset(english), frozenset(foreign)
