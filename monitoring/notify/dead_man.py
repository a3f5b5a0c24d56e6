"""The dead-man ping: an address outside is asked for while the bot is alive, so that its silence tells of our death.

Alive means: the event loop turns (the ping is sent from it), and the rules were judged of late. What is unwell beyond
that (Discord, the store, a service) the monitoring tells itself; a ping says that there is somebody who would.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable

from monitoring.analysis.health import Pings
from monitoring.errors import DeliveryError
from monitoring.interfaces import Clock
from monitoring.notify.courier import refused
from monitoring.notify.outgoing import get

_log = logging.getLogger(__name__)

WHAT = "The dead-man service"
FIRST_AFTER = 2.0
"""Seconds after the start, so that the rules have been judged once."""
JITTER = 0.1
"""By which share of the interval a ping may be early, so that many bots do not come at once."""
AGAIN_AFTER = 10.0
"""Seconds until the next try after a ping that failed, unless the next one is due sooner."""


class DeadMan:
    """Pings every so many seconds. `alive`: "" or why not; `noted` hears why pings do not arrive, "" once they do."""

    def __init__(
        self,
        url: str,
        every: float,
        *,
        clock: Clock,
        alive: Callable[[], str],
        noted: Callable[[str], None] = lambda _: None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._url = url
        self._every = every
        self._clock = clock
        self._alive = alive
        self._noted = noted
        self._chance = chance
        self._answered = self._failed = self._withheld = 0
        self._answered_at: int | None = None
        self._why = ""
        self._pinging: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"<DeadMan every {self._every:g} s>"

    @property
    def pings(self) -> Pings:
        """How it went so far."""
        return Pings(self._every, self._answered, self._failed, self._withheld, self._answered_at, self._why)

    async def start(self) -> None:
        """Begin; begun already, it goes on."""
        if self._pinging is None:
            self._pinging = asyncio.create_task(self._go_on(), name="monitoring-dead-man")

    async def close(self) -> None:
        """Stop pinging: whoever waits for the next one will notice, which is the point of it."""
        pinging, self._pinging = self._pinging, None
        if pinging is not None:
            pinging.cancel()
            await asyncio.gather(pinging, return_exceptions=True)

    async def ping(self) -> None:
        """Once, if alive. Raises nothing."""
        if why := self._alive():
            self._withheld += 1
            self._say(f"Dead-man pings are withheld: {why}.")
            return

        try:
            answer = await get(self._url, what=WHAT)
            if not 200 <= answer.status < 300:
                raise refused(answer.status, WHAT)
        except DeliveryError as error:
            self._failed += 1
            self._say(f"Dead-man pings do not arrive: {error}")
        else:
            self._answered += 1
            self._answered_at = self._clock.now()
            self._say("")

    def wait(self) -> float:
        """Seconds until the next one: never later than it is expected."""
        every = min(self._every, AGAIN_AFTER) if self._why else self._every
        return every * (1 - JITTER * self._chance())

    def _say(self, why: str) -> None:
        """Tell of a change once."""
        before, self._why = self._why, why
        if why != before:
            self._noted(why)
            _log.log(logging.WARNING if why else logging.INFO, "%s", why or "Dead-man pings arrive.")

    async def _go_on(self) -> None:
        await asyncio.sleep(min(FIRST_AFTER, self._every))
        while True:
            try:
                await self.ping()
            except Exception:
                # A bug of ours must not look like the bot's death.
                _log.exception("The dead-man ping failed.")

            await asyncio.sleep(self.wait())
