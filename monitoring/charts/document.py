"""Many charts as one PDF, a page each, with their words as text that can be searched and copied."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from monitoring.charts import chart_of
from monitoring.model import Instant

DOCUMENT = "document"
"""What to ask the process that draws for, to get a PDF in place of a PNG."""


@dataclass(frozen=True, slots=True)
class Document:
    """What one PDF shows: pages as (kind of chart, its value), in order, and what readers show as its title."""

    title: str
    made_at: Instant
    pages: Sequence[tuple[str, object]]


def pdf(value: Document, theme: str = "light") -> bytes:
    """The PDF of a document, drawn here and now: about 0.1 s a page, so not for an event loop. Raises ChartError."""
    from matplotlib.backends.backend_pdf import PdfPages

    from monitoring.charts.drawn import board_of

    out = io.BytesIO()
    about = {
        "Title": value.title,
        "Creator": "Greenroom",
        "Producer": None,
        "CreationDate": datetime.fromtimestamp(value.made_at / 1000, UTC),
    }
    with PdfPages(out, metadata=about) as pages:
        for kind, one in value.pages:
            board_of(chart_of(kind), one, theme).page(pages)

    return out.getvalue()
