"""The face for browsers and programs: dashboard, API and metrics over HTTP."""

from __future__ import annotations

from monitoring.monitor import Monitor


def serve(monitor: Monitor) -> None:
    """Let the Monitor begin and end a server with itself, if that is on. Raises SettingError for weak keys."""
    if monitor.settings.analytics_enabled:
        # Here, since a bot without it need not load it.
        from monitoring.web.server import WebServer

        monitor.faces.append(WebServer(monitor))
