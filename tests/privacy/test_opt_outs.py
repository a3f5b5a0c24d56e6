"""Opting out: at once, for good, in every process, whatever becomes of store and key; and nothing of them in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitoring.errors import SettingError
from monitoring.model import DAY
from monitoring.monitor import Monitor
from monitoring.recording.identity import UserHash, load_key, rotate_key
from monitoring.recording.opt_outs import OptOuts
from monitoring.settings import Settings
from tests.conftest import PatientClock

from .conftest import ANNA, BERT, asks, remembered


def test_the_folder_says_nothing_of_who_is_in_it(tmp_path: Path) -> None:
    """Neither the id nor the hash that the store had; only its owner can read it."""
    out = OptOuts(tmp_path / "some.opt-outs")
    assert list(tmp_path.iterdir()) == []
    out.add(ANNA)
    (file,) = [path for path in (tmp_path / "some.opt-outs").iterdir() if path.name != "key"]

    assert file.stat().st_size == 0
    assert str(ANNA) not in file.name
    assert UserHash((tmp_path / "some.opt-outs/key").read_bytes()).of(ANNA) in file.name, "a hash under its own key"
    assert (tmp_path / "some.opt-outs/key").stat().st_mode & 0o077 == 0


def test_another_process_knows_at_its_next_look(tmp_path: Path) -> None:
    """Both ways."""
    here, there = OptOuts(tmp_path / "o"), OptOuts(tmp_path / "o")
    here.add(ANNA)
    assert ANNA in here
    assert ANNA not in there
    there.load()
    assert ANNA in there
    assert BERT not in there
    there.add(BERT)
    here.load()
    assert len(here) == 2
    there.remove(ANNA)
    here.load()
    assert ANNA not in here
    assert BERT in here


def test_a_lost_key_is_said_and_nobody_is_let_in_again(tmp_path: Path) -> None:
    """A start without it stops; a running process goes on with those it knows."""
    out = OptOuts(tmp_path / "o")
    out.add(ANNA)
    (tmp_path / "o/key").unlink()
    with pytest.raises(SettingError, match=r"o/key is missing or damaged.*Bring it back"):
        OptOuts(tmp_path / "o").load()

    with pytest.raises(SettingError):
        OptOuts(tmp_path / "o").add(BERT)

    assert ANNA in out


def test_nobody_who_opted_out_has_a_hash(tmp_path: Path) -> None:
    """Nor has the id 0; what was stored before is still found under the old one."""
    out = OptOuts(tmp_path / "o")
    user_hash = UserHash(bytes(range(32)), out)
    before = user_hash(ANNA)
    out.add(ANNA)

    assert (user_hash(ANNA), user_hash(0), user_hash.of(ANNA)) == ("", "", before)
    assert user_hash(BERT)


def test_a_new_key_makes_strangers_of_all_and_leaves_the_opted_out(tmp_path: Path) -> None:
    """The old key is overwritten before it goes, and opening a file that held it finds another."""
    key, out = tmp_path / "m.key", OptOuts(tmp_path / "m.opt-outs")
    old = load_key(key)
    out.add(ANNA)
    still_open = key.open("rb")
    rotate_key(key)
    with still_open:
        assert still_open.read() != old

    again = OptOuts(tmp_path / "m.opt-outs")
    again.load()
    user_hash = UserHash(load_key(key), again)
    assert user_hash.of(BERT) != UserHash(old).of(BERT)
    assert user_hash(ANNA) == ""
    assert key.stat().st_mode & 0o077 == 0


async def test_opted_out_nothing_is_written_or_remembered(monitor: Monitor) -> None:
    """Messages, answers that name them, reactions, commands; the sums of all have them."""
    asks(monitor, 100, BERT, name="Bert")
    anna = int(f"{BERT}"[:-3]) * 1000 + 77  # No constant, which the program itself would remember.
    await monitor.privacy.opt_out(anna)
    for number in (200, 210):
        asks(monitor, number, anna)

    await monitor.recorder.flush()

    assert [row.id for row in await monitor.store.messages(0, monitor.clock.now() + 1)] == [100, 101, 201, 211]
    assert not (await monitor.privacy.rows(anna)).named_by
    assert monitor.conversations.active_now(monitor.clock.now())[None] == 1
    now = monitor.clock.now()
    sums = await monitor.store.series("message", now - DAY, now + DAY, 0, by=["author"])
    assert sums.total(lambda labels: labels[0])["user"].count == 3
    answered = await monitor.store.series("answered", now - DAY, now + DAY, 0, by=[])
    assert answered.sum().count == 3, "who answered whom is known without knowing who it was"
    user = monitor.user_hash.of(anna)
    assert remembered(lambda thing: thing in (user, anna, "anna quitzow")) == []


async def test_what_was_in_memory_before_is_forgotten_with_the_opting_out(monitor: Monitor) -> None:
    """Who spoke, who voted, whose words wait for others, who was there; others are as they were."""
    asks(monitor, 100, BERT, name="Bert")
    anna = int(f"{BERT}"[:-3]) * 1000 + 77
    asks(monitor, 200, anna)
    await monitor.recorder.flush()
    user = monitor.user_hash.of(anna)
    for known in (user, anna, "anna quitzow"):
        assert remembered(lambda thing, known=known: thing == known)

    await monitor.privacy.delete(anna)

    assert remembered(lambda thing: thing in (user, anna, "anna quitzow")) == []
    assert remembered(lambda thing: thing == monitor.user_hash.of(BERT))
    asks(monitor, 300, BERT, name="Bert")
    await monitor.recorder.flush()


async def test_opting_out_is_remembered_over_a_restart(settings: Settings, clock: PatientClock) -> None:
    """And over another store in the place of the old one."""
    for attempt in range(2):
        monitor = Monitor(settings, clock=clock)
        await monitor.start()
        if not attempt:
            await monitor.privacy.opt_out(ANNA)

        assert monitor.privacy.opted_out(ANNA)
        await monitor.close()
        settings.store_path.unlink()


async def test_another_process_honours_it_within_ten_seconds(monitor: Monitor, settings: Settings) -> None:
    """What a second one wrote is read by the job of every ten seconds."""
    other = OptOuts(settings.store_path.with_suffix(".opt-outs"))
    other.add(ANNA)
    assert not monitor.privacy.opted_out(ANNA)
    await monitor.privacy.tend()
    assert monitor.privacy.opted_out(ANNA)


async def test_a_folder_that_cannot_be_read_is_said_once(monitor: Monitor, settings: Settings) -> None:
    """Those who are known stay out."""
    folder = settings.store_path.with_suffix(".opt-outs")
    folder.mkdir()
    (folder / ("0" * 32)).touch()
    for _ in range(2):
        await monitor.privacy.read_opt_outs()

    (said,) = [problem for problem in monitor.problems if "opted out" in problem]
    assert said.startswith("Who opted out cannot be read. ")
    assert "Bring it back" in said
