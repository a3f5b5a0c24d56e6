"""A configuration file looked through before a bot reads it: every mistake of it, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from monitoring.alerting.rule_book import RuleBook
from monitoring.config_file import Config, read_config
from monitoring.configured import prices_of, probes_of, registry_of, rules_of
from monitoring.errors import SettingError
from monitoring.incident import Incident, Notice
from monitoring.interfaces import SystemClock
from monitoring.notifying import Reader, notifiers_of
from monitoring.settings import Settings
from monitoring.store.sqlite import SQLiteStore


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found in a file: how many of each, and what is wrong, a sentence each."""

    rules: int = 0
    probes: int = 0
    notifiers: int = 0
    personas: int = 0
    prices: int = 0
    problems: tuple[str, ...] = ()


def looked_through(path: Path, settings: Settings) -> Looked:
    """Read the file as the bot would at its start, with these settings. Nothing is begun or sent."""
    try:
        config = read_config(path)
    except SettingError as error:
        return Looked(problems=tuple(error.problems))

    problems: list[str] = []
    clock = SystemClock()
    told = {"discord"} | {str(one.get("name", one.get("kind"))) for one in config.notifiers}

    def take(read: Callable[[], object]) -> None:
        try:
            read()
        except SettingError as error:
            problems.extend(error.problems)

    reader = Reader(settings.timezone, incident=_nobody, digest=_nothing, link=lambda channel, message: "")
    take(lambda: told.update(notifiers_of(settings, clock, reader, config.notifiers)))
    take(lambda: probes_of(settings, clock, config.probes))
    take(lambda: registry_of(settings, config.personas))
    take(lambda: prices_of(settings, config.prices))
    store = SQLiteStore(settings.store_path, clock=clock, read_only=True)
    book = RuleBook(store, rules_of(settings), changed=lambda rules: None, targets=lambda: told)
    take(lambda: book.set_file(config.rules))
    return _counted(config, tuple(problems))


def _counted(config: Config, problems: tuple[str, ...]) -> Looked:
    return Looked(
        len(config.rules),
        len(config.probes),
        len(config.notifiers),
        len(config.personas),
        len(config.prices),
        problems,
    )


async def _nobody(number: int) -> Incident:
    raise AssertionError("nothing is told while a file is looked through")


async def _nothing(notice: Notice) -> str:
    raise AssertionError("nothing is told while a file is looked through")
