"""All rules in force: three sources, one name once, changes without a restart, incidents that stay with their rule."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitoring.alerting.rule_book import RuleBook
from monitoring.alerting.rules import built_in
from monitoring.errors import SettingError, UnknownName
from monitoring.incident import Rule
from monitoring.monitor import Monitor

from .history import monitor_of
from .scene import ManualClock, MemoryStore

FILE = """
[[rule]]
name = "response_time"
above = "8 s"
[[rule]]
name = "toad_fails"
metric = "response"
statistic = "rate"
where = { persona = "Toad" }
above = "20 %"
"""


def book(store: MemoryStore) -> tuple[RuleBook, list[tuple[Rule, ...]]]:
    """A book over documents in memory, and every set of rules it gave away."""
    given: list[tuple[Rule, ...]] = []
    found = RuleBook(
        store, built_in(), changed=lambda rules: given.append(tuple(rules)), targets=lambda: ("discord", "mail")
    )
    return found, given


def checked(rules: RuleBook, text: str) -> Rule:
    """The rule that a text says."""
    found = rules.check(text)
    assert isinstance(found, Rule), found
    return found


async def test_discord_goes_before_the_file_and_the_file_before_what_is_built_in() -> None:
    """Taken away again, the one below it counts."""
    rules, given = book(MemoryStore())
    assert rules.get("response_time").above == 5.0
    rules.set_file([{"name": "response_time", "above": "8 s"}])
    assert (rules.get("response_time").above, rules.get("response_time").source) == (8.0, "file")
    await rules.add(checked(rules, 'name = "response_time"\nabove = "9 s"'), "olivia")
    assert (rules.get("response_time").above, rules.get("response_time").source) == (9.0, "discord")
    await rules.remove("response_time")
    assert rules.get("response_time").above == 8.0
    rules.set_file([])
    assert rules.get("response_time").source == "built in"
    assert len(given) == 5


async def test_rules_made_in_discord_are_there_after_a_restart() -> None:
    """With every field."""
    store = MemoryStore()
    rules, _ = book(store)
    text = (
        'name = "toad"\nmetric = "response"\nstatistic = "p95"\nabove = "9 s"\nwhere = { persona = "Toad" }\n'
        'severity = "critical"\nnotifiers = ["mail"]\nescalation = [{ after = "5 min", notifiers = ["mail"] }]'
    )
    made = await rules.add(checked(rules, text), "olivia")
    again, _ = book(store)
    await again.load()
    assert again.get("toad") == made


async def test_any_rule_can_be_switched_off_and_on() -> None:
    """A built-in one keeps everything else, also what a later version changes in it."""
    store = MemoryStore()
    rules, _ = book(store)
    assert not (await rules.enable("cpu", False)).enabled
    assert rules.get("cpu").source == "built in"
    again, _ = book(store)
    await again.load()
    assert not again.get("cpu").enabled
    assert (await again.enable("cpu", True)).enabled
    with pytest.raises(UnknownName, match="did you mean memory"):
        await rules.enable("memry", False)

    with pytest.raises(UnknownName, match="switched off"):
        await rules.remove("memory")


async def test_two_processes_take_each_others_changes() -> None:
    """Nothing is lost when both change rules."""
    store = MemoryStore()
    one, _ = book(store)
    other, _ = book(store)
    await one.enable("cpu", False)
    await other.enable("cpu", False)
    await other.add(checked(other, 'name = "cpu"\nabove = "70 %"'), "omar")
    await one.load()
    assert one.get("cpu").above == 70.0


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('name = "a1"\nmetric = "response"\nstatistic = "mean"\nabove = 5\ndepends_on = ["cpuu"]', "did you mean cpu"),
        ('name = "a1"\nmetric = "response"\nstatistic = "mean"\nabove = 5\nnotifiers = ["mial"]', "did you mean mail"),
        ('name = "cpu"\ndepends_on = ["loop_lag"]\nabove = "x"', "say a number"),
        ('name = "llm_response"\ndepends_on = ["response_time"]', "leads back to itself"),
        ("name =", "not TOML"),
        ('[[rule]]\nname = "a1"\n[[rule]]\nname = "a2"', "one rule at a time"),
    ],
)
def test_what_a_rule_names_must_be_there(text: str, hint: str) -> None:
    """Other rules, notifiers; and no two rules may hide each other."""
    found = book(MemoryStore())[0].check(text)
    assert isinstance(found, list)
    assert hint in " ".join(found)


def test_a_wrong_file_leaves_the_rules_as_they_were() -> None:
    """All of it or nothing."""
    rules, _ = book(MemoryStore())
    rules.set_file([{"name": "response_time", "above": "8 s"}])
    with pytest.raises(SettingError) as caught:
        rules.set_file([{"name": "response_time", "above": "9 s"}, {"name": "cpu", "above": "hot"}, {"name": "x"}])

    assert len(caught.value.problems) >= 3
    assert rules.get("response_time").above == 8.0


def test_the_service_that_answers_with_a_model_explains_slow_answers() -> None:
    """By whatever name it goes here."""
    rules, _ = book(MemoryStore())
    assert rules.get("llm_response").depends_on == ()
    rules.know_services(["vllm", "ollama"])
    assert rules.get("llm_response").depends_on == ("service_unhealthy:ollama", "service_unhealthy:vllm")
    assert "llm_response" in rules.get("response_time").depends_on


@pytest.fixture
async def filed(tmp_path: Path) -> AsyncIterator[tuple[Monitor, Path, list[str]]]:
    """A monitor with a file of rules, and what it tells."""
    path = tmp_path / "rules.toml"
    path.write_text(FILE)
    monitor = await monitor_of(tmp_path, ManualClock(), monitoring_config_file=str(path))
    told: list[str] = []
    monitor.rules.tell = told.append
    monitor.rules.mended = told.remove
    await monitor.rules.tend()
    yield monitor, path, told
    monitor.questions.close()
    await monitor.store.close()


def rewrite(path: Path, text: str) -> None:
    """Save the file as an editor does: another one in its place, of another time."""
    other = path.with_suffix(".new")
    other.write_text(text)
    os.replace(other, path)


async def test_the_file_is_read_again_when_it_changes(filed: tuple[Monitor, Path, list[str]]) -> None:
    """Without a restart, and only then; the watch has the new rules at once."""
    monitor, path, told = filed
    assert monitor.rules.get("toad_fails").above == 0.2
    assert not await monitor.rules.reload()
    rewrite(path, FILE.replace("20 %", "30 %"))
    await monitor.rules.tend()
    assert {rule.name: rule for rule in monitor.watch.rules}["toad_fails"].above == 0.3
    assert told == []


async def test_f7_a_broken_file_keeps_the_old_rules_and_says_so_once(filed: tuple[Monitor, Path, list[str]]) -> None:
    """And says when it is right again."""
    monitor, path, told = filed
    rewrite(path, FILE.replace("20 %", "a fifth"))
    for _ in range(3):
        await monitor.rules.tend()

    assert len(told) == 1
    assert "rules.toml is not right" in told[0]
    assert "toad_fails" in told[0]
    assert monitor.rules.get("toad_fails").above == 0.2
    path.unlink()
    await monitor.rules.tend()
    assert "is not there" in told[-1]
    rewrite(path, FILE)
    await monitor.rules.tend()
    assert told == ["rules.toml is right again; its rules are in force."]
    assert monitor.rules.problem == ""


async def test_a_file_that_is_wrong_at_the_start_does_not_stop_the_monitor(tmp_path: Path) -> None:
    """The built-in rules watch; what is wrong is told."""
    (tmp_path / "rules.toml").write_text("[[rule]]\nname = 5")
    monitor = await monitor_of(tmp_path, ManualClock(), monitoring_config_file=str(tmp_path / "rules.toml"))
    told: list[str] = []
    monitor.rules.tell = told.append
    await monitor.rules.tend()
    assert len(told) == 1
    assert monitor.rules.get("cpu").enabled
    monitor.questions.close()
    await monitor.store.close()


async def test_f7_an_edited_rule_keeps_its_incident(filed: tuple[Monitor, Path, list[str]]) -> None:
    """A new limit that is still broken changes no incident's number; a removed rule closes it with the reason."""
    monitor, path, _ = filed
    clock = monitor.clock
    assert isinstance(clock, ManualClock)
    fast = FILE + '[[rule]]\nname = "hot"\nmetric = "gauge"\nstatistic = "last"\nwhere = { name = "cpu_percent" }\n'
    rewrite(path, fast + 'above = "50 %"\nfor = 0\nby = ""\n')
    await monitor.rules.tend()
    monitor.recent.feed([("gauge", clock.now(), ("cpu_percent",), 75.0, False, 1)])
    await monitor.watch.tick()
    [before] = await monitor.watch.incidents(open_only=True)
    rewrite(path, fast + 'above = "60 %"\nfor = 0\n')
    await monitor.rules.tend()
    clock.go(1)
    await monitor.watch.tick()
    [after] = await monitor.watch.incidents(open_only=True)
    assert (after.number, after.rule) == (before.number, "hot")
    rewrite(path, FILE)
    await monitor.rules.tend()
    await monitor.watch.tick()
    assert not await monitor.watch.incidents(open_only=True)
    assert "removed" in (await monitor.watch.get(before.number)).reason


async def test_who_changed_a_rule_is_no_label_of_it() -> None:
    """The rule stays about everything, whoever changed it."""
    rules, _ = book(MemoryStore())
    made = await rules.add(checked(rules, 'name = "response_time"\nabove = "9 s"'), "olivia")
    assert made.by == ""
    assert (await rules.add(checked(rules, 'name = "service_unhealthy"\nfor = "2 min"'), "olivia")).by == "service"


async def test_services_learnt_later_explain_a_changed_rule_too() -> None:
    """Another limit does not freeze what it depends on."""
    rules, _ = book(MemoryStore())
    await rules.add(checked(rules, 'name = "llm_response"\nabove = "12 s"'), "olivia")
    rules.know_services(["ollama"])
    assert "service_unhealthy:ollama" in rules.get("llm_response").depends_on
