"""The face for browsers and programs: dashboard, API and metrics over HTTP."""

from __future__ import annotations

import logging

from monitoring.monitor import Monitor

_log = logging.getLogger(__name__)

NO_OTLP = 'OTLP_METRICS needs libraries that are not installed: pip install "greenroom[otel]".'


def serve(monitor: Monitor) -> None:
    """Let the Monitor begin and end a server with itself, if that is on. Raises SettingError for weak keys."""
    if monitor.settings.otlp_metrics:
        _push(monitor)

    if monitor.settings.analytics_enabled:
        # Here, since a bot without it need not load it.
        from monitoring.web.server import WebServer

        monitor.faces.append(WebServer(monitor))


def _push(monitor: Monitor) -> None:
    """Let figures be pushed by OTLP; without its library that alone stays off."""
    try:
        from monitoring.web.otlp import OtlpPush
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("opentelemetry", "google"):
            raise

        _log.error("%s", NO_OTLP)
        monitor.problems.append(NO_OTLP)
        return

    monitor.faces.append(OtlpPush(monitor))
