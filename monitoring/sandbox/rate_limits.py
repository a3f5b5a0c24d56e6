"""Rate-limit buckets with Discord's headers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

GENEROUS = (100, 1.0)
_MOST_BUCKETS = 2000


@dataclass(slots=True)
class _Bucket:
    """What is left in a window that ends at `reset`."""

    left: int
    reset: float


class RateLimits:
    """One bucket per route and channel, guild or webhook; generous unless set."""

    def __init__(self, monotonic: Callable[[], float], clock: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._clock = clock
        self._limits: dict[tuple[str, str], tuple[int, float]] = {}
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}

    def set(self, method: str, route: str, limit: int, per: float) -> None:
        """Limits a route, such as ("POST", "/channels/{channel_id}/messages"), to `limit` requests in `per` seconds."""
        self._limits[method, route] = (limit, per)
        self._buckets.clear()

    def take(self, method: str, route: str, major: str) -> tuple[float | None, dict[str, str]]:
        """Uses one request up; gives the seconds to wait if there is none left, and the headers of the answer."""
        limit, per = self._limits.get((method, route), GENEROUS)
        now = self._monotonic()
        bucket = self._buckets.get((method, route, major))
        if bucket is None or bucket.reset <= now:
            if len(self._buckets) >= _MOST_BUCKETS:
                self._buckets = {key: b for key, b in self._buckets.items() if b.reset > now}

            bucket = self._buckets[method, route, major] = _Bucket(limit, now + per)

        wait = None
        if bucket.left:
            bucket.left -= 1
        else:
            wait = bucket.reset - now

        return wait, self._headers(method + route, limit, bucket, now)

    def _headers(self, name: str, limit: int, bucket: _Bucket, now: float) -> dict[str, str]:
        """The headers that tell a client how much is left."""
        after = max(0.0, bucket.reset - now)
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(bucket.left),
            "X-RateLimit-Reset": f"{self._clock() + after:.3f}",
            "X-RateLimit-Reset-After": f"{after:.3f}",
            "X-RateLimit-Bucket": hashlib.md5(name.encode(), usedforsecurity=False).hexdigest(),
        }
