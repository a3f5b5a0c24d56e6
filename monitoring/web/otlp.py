"""Figures pushed to an OpenTelemetry collector: what `/metrics` shows, at an interval, over OTLP by HTTP.

The message is made of what is published, so that no figure is counted twice, and sent by the event loop's own client:
there is no thread that could hang, and the host's providers, exporters and settings of OpenTelemetry are not touched.
"""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
from collections.abc import Mapping
from urllib.parse import unquote

import aiohttp
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse

from monitoring import __version__
from monitoring.monitor import Monitor
from monitoring.publishing import publish
from monitoring.web.otlp_message import message
from monitoring.web.otlp_state import BEGINS, Pushing

_log = logging.getLogger(__name__)

WITHIN = 10.0
"""Seconds for one push."""
PATH = "/v1/metrics"
SHORTEST, LONGEST = 1.0, 3600.0
"""Seconds between two pushes, whatever is set; also the longest that a collector may ask us to wait."""
MOST_ANSWER = 64 * 1024


class Refused(Exception):
    """A push was not taken; the text says why, in words without address and headers. `wait`: seconds, if told."""

    def __init__(self, why: str, *, wait: float = 0.0) -> None:
        super().__init__(why)
        self.wait = wait


class OtlpPush(Pushing):
    """Pushes every so many seconds; what fails is not kept, since the next push has all of it (it is cumulative)."""

    def __init__(self, monitor: Monitor) -> None:
        super().__init__(self._note)
        settings = monitor.settings
        self._monitor = monitor
        self._url = settings.otel_exporter_otlp_endpoint.rstrip("/") + PATH
        self._headers = headers_of(settings.otel_exporter_otlp_headers.get_secret_value())
        self._every = min(max(settings.otel_metric_export_interval / 1000, SHORTEST), LONGEST)
        self._resource = {
            "service.name": "greenroom",
            "service.version": __version__,
            "service.instance.id": secrets.token_hex(8),
        }
        self._task: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"<OtlpPush every {self._every:g} s>"

    async def start(self) -> None:
        """Begin; begun already, it goes on."""
        if self._task is None:
            self._task = asyncio.create_task(self._go_on(), name="monitoring-otlp")

    async def close(self) -> None:
        """Stop, also in the middle of a push."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def push(self) -> float:
        """Push once. Raises nothing; answers with the seconds that the collector asks us to wait, 0 for none."""
        try:
            await self._push()
        except Refused as error:
            self.went_wrong(str(error))
            return min(error.wait, LONGEST)

        self.went_well()
        return 0.0

    async def _push(self) -> None:
        monitor = self._monitor
        published = await publish(monitor, {"monitoring_otlp_pushes": self.counts})
        began, now = monitor.started_at, monitor.clock.now()
        body = await monitor.questions.aside(lambda: message(published, began, now, self._resource))
        try:
            async with (
                aiohttp.ClientSession(
                    timeout=aiohttp.ClientTimeout(total=WITHIN), trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
                ) as session,
                session.post(self._url, data=body, headers=self._headers, allow_redirects=False) as answer,
            ):
                _judge(answer.status, answer.headers, await answer.content.read(MOST_ANSWER))
        except TimeoutError:
            raise Refused(f"it did not answer within {WITHIN:g} s.") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # Without the text of the error, which holds the address.
            raise Refused(f"it cannot be reached ({type(error).__name__}).") from None

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                wait = await self.push()
            except Exception:
                # A bug of ours: said in the log each time, and harmless to everything else.
                _log.exception("Figures could not be pushed.")
                continue

            await asyncio.sleep(max(wait - self._every, 0.0))

    def _note(self, why: str) -> None:
        problems = self._monitor.problems
        problems[:] = [problem for problem in problems if not problem.startswith(BEGINS)]
        if why:
            problems.append(why)


def headers_of(told: str) -> dict[str, str]:
    """The headers of "name=value,name=value", whose values may be percent-encoded, and ours."""
    found = {"User-Agent": "greenroom", "Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"}
    for part in told.split(","):
        name, equals, value = part.partition("=")
        if equals and name.strip():
            found[name.strip()] = unquote(value.strip())

    return found


def _judge(status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Raises Refused for all but a push that was taken whole."""
    if not 200 <= status < 300:
        raise Refused(f"it answered {status}.", wait=_seconds(headers.get("Retry-After", "")))

    answer = ExportMetricsServiceResponse()
    try:
        answer.ParseFromString(body)
    except Exception:
        # A collector that answers in JSON, or with a page: the status has said what matters.
        return

    if rejected := answer.partial_success.rejected_data_points:
        raise Refused(f"it refused {rejected} of the figures.")


def _seconds(told: str) -> float:
    try:
        seconds = float(told)
    except ValueError:
        return 0.0

    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0
