"""Many charts as one PDF."""

from __future__ import annotations

import io

import chart_stories as stories
import pytest
from pypdf import PdfReader

from monitoring.charts.document import DOCUMENT, Document, pdf
from monitoring.charts.drawing import Drawing

DAY = Document(
    "Whole bot, 30 days",
    stories.END,
    (
        ("summary", stories.summary(3)),
        ("overview", stories.overview()),
        ("response_by_persona", stories.performance(names=stories.ODD)),
    ),
)


def test_each_chart_is_a_page_whose_words_can_be_searched() -> None:
    """In order, each as large as its picture, its title as text; a reader shows the document's own title."""
    read = PdfReader(io.BytesIO(pdf(DAY)))

    words = [" ".join(page.extract_text().split()) for page in read.pages]
    assert "A good month but for 47 slow minutes" in words[0]
    assert "llm was unhealthy for 23 min" in words[1]
    assert "P95 by persona" in words[2]
    assert [(float(page.mediabox.width), float(page.mediabox.height)) for page in read.pages][1] == (1200, 900)
    assert read.metadata is not None
    assert read.metadata.title == "Whole bot, 30 days"
    assert read.metadata.creation_date is not None


@pytest.mark.usefixtures("drawing_anew")
async def test_it_is_drawn_by_the_process_that_draws() -> None:
    """The same pages come over the pipe."""
    drawing = Drawing()
    try:
        read = PdfReader(io.BytesIO(await drawing.draw(DOCUMENT, DAY, "dark")))
    finally:
        await drawing.close()

    assert len(read.pages) == 3
