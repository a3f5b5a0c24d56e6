"""The dead-man ping: sent while the bot is alive, withheld when it is not, and never a danger to anything."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from cogs._health_embed import pings_line
from monitoring.analysis.health import Pings
from monitoring.configured import alive_within
from monitoring.errors import SettingError
from monitoring.model import SECOND
from monitoring.monitor import Monitor
from monitoring.notify.dead_man import AGAIN_AFTER, JITTER, DeadMan
from monitoring.publishing import publish
from monitoring.settings import load_settings
from monitoring.web.exposition import exposition
from monitoring.web.routes_inside import MASK, masked
from monitoring.window import Scope
from tests.alerting.scene import NOON, ManualClock
from tests.conftest import PatientClock, until

from .receiver import Receiver

SECRET = "s3cr3t"


def man(place: Receiver, *, alive: str = "", every: float = 60, noted: list[str] | None = None) -> DeadMan:
    """One that pings the place."""
    said = [] if noted is None else noted
    return DeadMan(place.url, every, clock=ManualClock(), alive=lambda: alive, noted=said.append, chance=lambda: 0.5)


async def test_f12_an_alive_bot_pings(place: Receiver) -> None:
    """A GET without a body, and the answer is counted with its time."""
    found = man(place)
    await found.ping()
    assert len(place.came) == 1
    assert place.came[0][1] == b""
    assert found.pings == Pings(60, answered=1, answered_at=NOON)


async def test_f12_a_bot_that_is_not_alive_keeps_silent(place: Receiver) -> None:
    """And says why, once."""
    noted: list[str] = []
    found = man(place, alive="the rules were last judged 90 s ago", noted=noted)
    await found.ping()
    await found.ping()
    assert place.came == []
    assert found.pings.withheld == 2
    assert noted == ["Dead-man pings are withheld: the rules were last judged 90 s ago."]


@pytest.mark.parametrize("status", [302, 401, 404, 410, 429, 500, 503])
async def test_f12_an_answer_that_is_not_good_is_a_failure(
    place: Receiver, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Counted, said once, forgotten with the first that arrives; a redirect is not followed."""
    caplog.set_level(logging.INFO)
    noted: list[str] = []
    found = man(place, noted=noted)
    place.status, place.headers = status, {"Location": place.url}
    await found.ping()
    await found.ping()
    assert found.pings.failed == len(place.came) == 2
    place.status = 200
    await found.ping()
    assert len(noted) == 2
    assert str(status) in noted[0]
    assert noted[1] == found.pings.wrong == ""
    assert SECRET not in caplog.text + repr(found) + str(noted)


async def test_f12_a_place_that_is_gone_or_cut_is_a_failure(place: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is raised, and the address is not told."""
    place.cut = True
    found = man(place)
    await found.ping()
    gone = DeadMan(f"http://127.0.0.1:9/{SECRET}", 60, clock=ManualClock(), alive=str)
    await gone.ping()
    assert (found.pings.failed, gone.pings.failed) == (1, 1)
    assert "refuses connections" in gone.pings.wrong
    assert SECRET not in caplog.text + gone.pings.wrong


async def test_f12_the_operators_address_may_be_private(place: Receiver) -> None:
    """It stands in the environment, as those of webhooks do: a service of one's own in the house is reached."""
    await man(place).ping()
    assert place.came


def test_a_ping_is_early_and_never_late() -> None:
    """By a tenth of the interval at most, at random."""
    for chance in (0.0, 0.3, 0.999):
        found = DeadMan("http://h/x", 60, clock=ManualClock(), alive=str, chance=lambda chance=chance: chance)
        assert 60 * (1 - JITTER) <= found.wait() <= 60


async def test_a_failed_ping_is_tried_again_soon(place: Receiver) -> None:
    """One lost packet is no death."""
    place.status = 500
    found = man(place)
    await found.ping()
    assert found.wait() <= AGAIN_AFTER


async def test_f17_it_begins_and_ends_with_no_task_left(place: Receiver) -> None:
    """Twice begun is once; ended in the middle of it."""
    tasks = asyncio.all_tasks()
    found = man(place, every=0.01)
    await found.start()
    await found.start()
    await until("two pings", lambda: len(place.came) >= 2)
    await found.close()
    await found.close()
    assert not [task for task in asyncio.all_tasks() - tasks if task.get_name() == "monitoring-dead-man"]


async def test_f17_a_bug_in_it_does_not_end_it(place: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    """The next ping comes."""
    problems = iter([ZeroDivisionError()])

    def alive() -> str:
        for problem in problems:
            raise problem

        return ""

    found = DeadMan(place.url, 0.01, clock=ManualClock(), alive=alive)
    await found.start()
    await until("a ping", lambda: place.came)
    await found.close()
    assert "ZeroDivisionError" in caplog.text


def settings_of(folder: Path, url: str, **more: object) -> object:
    """With pings to this address."""
    return load_settings(_env_file=None, database_url=f"sqlite:///{folder / 's.sqlite3'}", dead_man_url=url, **more)


async def test_f12_alive_is_when_the_rules_are_judged(tmp_path: Path, place: Receiver) -> None:
    """Within two intervals; a bot whose watch hangs is as good as dead, and says so in its status."""
    clock = PatientClock()
    monitor = Monitor(settings_of(tmp_path, place.url), clock=clock)  # type: ignore[arg-type]
    assert monitor.dead_man is not None
    await monitor.dead_man.ping()
    assert monitor.problems == ["Dead-man pings are withheld: no rule has been judged yet."]
    await monitor.start()
    try:
        await until("the first round", lambda: monitor.judged_at is not None)
        await monitor.schedule.close()
        await monitor.dead_man.ping()
        assert len(place.came) == 1
        assert monitor.problems == []

        clock.ahead += alive_within(monitor.watch.every) + 1
        await monitor.dead_man.ping()
        assert len(place.came) == 1
        assert "the rules were last judged" in monitor.problems[0]
        page = await monitor.health(host=True, scope=Scope())
        assert page.pings is not None
        assert page.pings.withheld == 2
        assert (await monitor.health(host=False, scope=Scope())).pings is None
        text = exposition(await publish(monitor)).decode()
        assert 'monitoring_dead_man_pings_total{outcome="withheld"} 2.0' in text
        assert SECRET not in text
    finally:
        await monitor.close()


def test_people_see_how_the_pings_go() -> None:
    """In `/health` with the reason; in `/monitoring status` that stands among the problems already."""
    gone = Pings(60, 40, 3, 2, NOON, "Dead-man pings do not arrive: The dead-man service answered 503.")
    assert "answered 503" in pings_line(gone)
    assert "3 failed" in pings_line(gone)
    assert "2 withheld" in pings_line(gone)
    assert "503" not in pings_line(gone, why=False)
    assert "no answer yet" in pings_line(Pings(60))
    assert pings_line(None) == ""


async def test_it_is_off_by_default(tmp_path: Path) -> None:
    """Nothing is asked for, and nothing is shown of it."""
    monitor = Monitor(settings_of(tmp_path, ""))  # type: ignore[arg-type]
    assert monitor.dead_man is None
    assert not monitor.faces
    assert monitor.started_at > 1_000 * SECOND


@pytest.mark.parametrize(
    "url", ["hc.example.org/x", "ftp://h/x", "file:///etc/passwd", "https:///hidden", "https:// h/x"]
)
def test_an_address_that_is_none_is_named_without_being_told(url: str) -> None:
    """At the start, with how to mend it."""
    with pytest.raises(SettingError) as caught:
        load_settings(_env_file=None, dead_man_url=url)

    assert "DEAD_MAN_URL must be an address that begins with https://" in str(caught.value)
    assert url not in str(caught.value)


def test_the_address_is_masked(tmp_path: Path) -> None:
    """In the configuration as it is shown, and in every repr."""
    settings = settings_of(tmp_path, f"https://hc.example.org/{SECRET}")
    assert masked("dead_man_url", settings.dead_man_url) == MASK  # type: ignore[attr-defined]
    assert SECRET not in repr(settings)
