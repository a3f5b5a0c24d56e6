"""The API is as its description says: held against it by a tool that tries what nobody thinks of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode

from monitoring.web import api, openapi
from tests.thorough import THOROUGH
from tests.web.serving import KEY, Site, site, site_beside

DESCRIBED = openapi.document(api.ROUTES, inside=True)
# What is possible by itself, but not with the rest (a window that ends before it begins), is refused with 422.
POSSIBLE = ["2xx", "304", "401", "403", "404", "409", "422", "429"]
CONFIG = schemathesis.Config.from_dict({"checks": {"positive_data_acceptance": {"expected-statuses": POSSIBLE}}})
SCHEMA = schemathesis.openapi.from_dict(DESCRIBED, config=CONFIG)
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with its inside switched on, in a thread of its own."""
    with site_beside(tmp_path_factory.mktemp("described"), analytics_admin=True) as here:
        yield here


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_the_api_answers_as_described(beside: Site, operation: schemathesis.APIOperation, mode: GenerationMode) -> None:  # type: ignore[type-arg]
    """Whatever is asked, well or badly, the answer has a status, type and shape that the description names."""

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=5 if THOROUGH else 2,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def holds(case: schemathesis.Case) -> None:
        case.call_and_validate(base_url=beside.server.url, headers={"Authorization": f"Bearer {KEY}"})

    holds()


async def test_what_is_served_is_this_description(tmp_path: Path) -> None:
    """At its own address; without the inside where that is off."""
    async with site(tmp_path) as here:
        told = (await here.ask(openapi.PATH)).json

    assert told["openapi"] == "3.1.0"
    assert told == openapi.document(api.ROUTES, inside=False)
    assert set(DESCRIBED["paths"]) - set(told["paths"]) == {
        "/api/debug", "/api/config", "/api/tasks", "/api/profiling", "/api/profiling/{id}",
    }  # fmt: skip
