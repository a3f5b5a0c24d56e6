"""The message that shows how things stand: whether it is wanted, where it is, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from monitoring.analysis.standing import Standing, standing
from monitoring.model import Instant
from monitoring.monitor import Monitor
from monitoring.window import Scope

SETTING = "status_message"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is remembered of the message over restarts."""

    wanted: bool
    channel_id: int | None = None
    message_id: int | None = None
    state: str = ""
    since: Instant = 0


class StatusMessage:
    """Asks the Monitor how things stand. Raises StoreError while the store is broken."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor

    async def kept(self) -> Kept:
        """What is remembered; before anybody said otherwise it is wanted as the settings say."""
        found = await self._monitor.setting(SETTING)
        standard = Kept(self._monitor.settings.status_message)
        if not isinstance(found, Mapping):
            return standard

        known = {name: found[name] for name in asdict(standard) if name in found}
        return replace(standard, **known)

    async def turn(self, *, on: bool) -> Kept:
        """Say whether it is wanted; gives back what was remembered before."""
        before = await self.kept()
        await self._keep(replace(before, wanted=on) if on else Kept(False))
        return before

    async def place(self, channel_id: int, message_id: int) -> None:
        """Remember where it is."""
        await self._keep(replace(await self.kept(), channel_id=channel_id, message_id=message_id))

    async def standing(self) -> Standing:
        """How things stand now; a state that is new is remembered with its beginning."""
        monitor, scope, kept = self._monitor, Scope(None), await self.kept()
        found = standing(
            await monitor.health(host=False, scope=scope),
            await monitor.incidents(),
            await monitor.overview(monitor.window("1h"), scope),
            (kept.state, kept.since) if kept.state else None,
            monitor.clock.now(),
        )
        if (found.state, found.since) != (kept.state, kept.since):
            await self._keep(replace(await self.kept(), state=found.state, since=found.since))

        return found

    async def _keep(self, kept: Kept) -> None:
        await self._monitor.set_setting(SETTING, asdict(kept))
