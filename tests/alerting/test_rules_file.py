"""Rules and the rest from TOML: what people write is taken as it is meant, and what is wrong is said in words."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from monitoring.alerting.rule_words import rule_of
from monitoring.alerting.rules import built_in
from monitoring.config_file import Config, config_of, read_config
from monitoring.errors import SettingError
from monitoring.incident import Escalation, Rule
from monitoring.model import Severity
from monitoring.quantities import did_you_mean, seconds_of, value_of

BUILT_IN = {rule.name: rule for rule in built_in()}
WHOLE = """
[[rule]]
name = "mira_slow"
title = "Mira's P95"
metric = "response"
statistic = "P95"
where = { persona = "Mira" }
by = "guild"
window = "10 min"
above = "8 s"
recovery = "6500 ms"
for = "2 min"
recovery_for = "3 min"
minimum = 20
severity = "info"
critical = "16 s"
critical_for = "5 min"
cooldown = "1 h"
advice = "Shorten her prompt."
runbook = "https://wiki.example/mira"
depends_on = ["service_unhealthy:ollama"]
notifiers = ["mail"]
escalation = [{ after = "30 min", notifiers = ["phone"] }, { after = "15 min" }]
"""


def made(text: str, base: Rule | None = None) -> Rule:
    """The rule that a text says."""
    rule, problems = rule_of(config_of(text).rules[0], base)
    assert rule is not None, problems
    return rule


def wrong(text: str) -> str:
    """What is said of a rule, all of it."""
    rule, problems = rule_of(config_of(text).rules[0])
    assert rule is None
    return "\n".join(problems)


def test_every_field_is_taken_in_the_units_people_write() -> None:
    """Seconds, minutes, milliseconds; lists and tables."""
    assert made(WHOLE) == Rule(
        "mira_slow",
        "Mira's P95",
        "response",
        "p95",
        above=8.0,
        where=(("persona", "Mira"),),
        by="guild",
        window=600,
        hold=120,
        recovery=6.5,
        recovery_hold=180,
        minimum=20,
        severity=Severity.INFO,
        critical_above=16.0,
        critical_hold=300,
        cooldown=3600,
        advice="Shorten her prompt.",
        runbook="https://wiki.example/mira",
        depends_on=("service_unhealthy:ollama",),
        escalation=(Escalation(900), Escalation(1800, ("phone",))),
        notifiers=("mail",),
        source="file",
    )


@pytest.mark.parametrize(
    ("figure", "limit", "value", "unit"),
    [
        ('metric = "response"\nstatistic = "rate"', "5 %", 0.05, "rate"),
        ('metric = "gauge"\nstatistic = "mean"\nwhere = { name = "process_memory" }', "2 GB", 2e9, "bytes"),
        ('metric = "gauge"\nstatistic = "high"\nwhere = { name = "loop_lag" }', "300 ms", 0.3, "ms"),
        ('metric = "message"\nstatistic = "count"', "1,000", 1000.0, ""),
        ('metric = "message"\nstatistic = "absence"', "2 h", 7200.0, "span"),
        ('metric = "response"\nstatistic = "change"', "150 %", 1.5, "times"),
        ('metric = "message"\nstatistic = "anomaly"', "6 σ", 6.0, "σ"),
        ('metric = "exchange"\nstatistic = "sum"', "500 turns", 500.0, "turns"),
    ],
)
def test_the_unit_follows_from_the_figure(figure: str, limit: str, value: float, unit: str) -> None:
    """A limit is read in it, and shown in it later."""
    rule = made(f'[[rule]]\nname = "one"\n{figure}\nabove = "{limit}"')
    assert (rule.above, rule.unit) == (value, unit)


def test_a_built_in_rule_takes_what_is_said_and_keeps_the_rest() -> None:
    """Its other limits move in proportion; it can be switched off by its name alone."""
    base = BUILT_IN["response_time"]
    rule = made('[[rule]]\nname = "response_time"\nabove = "8 s"', base)
    assert (rule.above, rule.recovery, rule.critical_above) == (8.0, pytest.approx(7.2), 16.0)
    assert (rule.title, rule.minimum, rule.advice) == (base.title, base.minimum, base.advice)
    assert not made('[[rule]]\nname = "response_time"\nenabled = false', base).enabled


@pytest.mark.parametrize("limit", ["80 %", "95 %", "99 %"])
def test_shares_keep_within_their_whole(limit: str) -> None:
    """Recovery of a success rate is reachable, whatever its limit."""
    rule = made(f'[[rule]]\nname = "llm_success"\nbelow = "{limit}"', BUILT_IN["llm_success"])
    assert rule.below is not None
    assert rule.recovery is not None
    assert rule.below < rule.recovery < 1


def test_a_rule_of_several_figures_takes_limits_only() -> None:
    """What it looks at is not a matter of a file."""
    base = BUILT_IN["persona_slow"]
    assert made('[[rule]]\nname = "persona_slow"\nabove = 3', base).above == 3.0
    _, problems = rule_of({"name": "persona_slow", "statistic": "p95"}, base)
    assert "cannot be changed" in problems[0]


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ('metric = "respnse"', "did you mean response?"),
        ('statistic = "p96"', "did you mean p9"),
        ('where = { persna = "Mira" }', "did you mean persona?"),
        ('by = "gild"', "did you mean guild?"),
        ('abov = "5 s"', "did you mean above?"),
        ('above = "5 apples"', 'such as "300 ms"'),
        ('above = "soon"', "with its unit"),
        ('severity = "criticl"', "did you mean critical?"),
        ('for = "-1 s"', "from 0"),
        ('window = "90 d"', "to 30\u00a0d"),
        ("minimum = 0", "from 1 on"),
        ('recovery = "9 s"', "not lie above the limit"),
        ('critical = "2 s"', "above the limit"),
        ('runbook = "wiki"', "https://"),
        ("enabled = 1", "true or false"),
        ('depends_on = ["one"]', "the rule itself"),
        ('escalation = [{ notifiers = ["x"] }]', "say when"),
        ('name = "Mira Slow"', "small letters"),
    ],
)
def test_what_is_wrong_is_said_with_how_to_mend_it(line: str, hint: str) -> None:
    """One mistake, one sentence, with the rule's name."""
    fields = {"name": '"one"', "metric": '"response"', "statistic": '"mean"', "above": '"5 s"'}
    fields.pop(line.partition(" = ")[0], None)
    text = "[[rule]]\n" + "\n".join(f"{key} = {value}" for key, value in fields.items()) + f"\n{line}"
    said = wrong(text)
    assert hint in said
    assert said.startswith("rule ")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('metric = "message"\nstatistic = "p95"\nabove = 5', "keeps no quantiles"),
        ('metric = "gauge"\nstatistic = "mean"\nabove = 5', "which gauge"),
        ('metric = "gauge"\nstatistic = "mean"\nwhere = { name = "cpu" }\nabove = 5', "did you mean"),
        ('metric = "response"\nstatistic = "last"\nabove = 5', "gauge and probe"),
        ('metric = "response"\nstatistic = "mean"', "needs a limit"),
        ('metric = "response"\nstatistic = "rate"\nabove = 5', '"5 %" or 0.05'),
        ('metric = "response"\nstatistic = "mean"\nabove = 1\nbelow = 2', "between them"),
    ],
)
def test_fields_that_do_not_fit_together_are_said(text: str, hint: str) -> None:
    """Each with what to write instead."""
    assert hint in wrong(f'[[rule]]\nname = "one"\n{text}')


def test_all_mistakes_are_said_at_once() -> None:
    """Nobody starts five times to find five of them."""
    said = wrong('[[rule]]\nname = "X"\nmetric = "response"\nstatistic = "mean"\nabove = "x"\nwindow = "y"\nfoo = 1')
    assert said.count("\n") >= 3


def test_probes_personas_and_prices_are_read() -> None:
    """With what `.env` has no room for."""
    found = config_of(
        """
        [[probe]]
        name = "llm"
        http = "http://127.0.0.1:11434/api/tags"
        slow = "500 ms"
        critical = true
        [[probe]]
        name = "redis"
        tcp = "127.0.0.1:6379"
        [[persona]]
        name = "Mira"
        aliases = ["Miri"]
        webhook_ids = [118, "119"]
        [[price]]
        model = "org/model:7b"
        input = 0.5
        output = "1.5"
        [[notifier]]
        kind = "email"
        """
    )
    assert [(one.name, one.http, one.tcp, one.slow, one.critical) for one in found.probes] == [
        ("llm", "http://127.0.0.1:11434/api/tags", None, 0.5, True),
        ("redis", "", ("127.0.0.1", 6379), 3.0, False),
    ]
    assert [(one.name, one.aliases, one.webhook_ids) for one in found.personas] == [("Mira", ("Miri",), (118, 119))]
    assert [(one.model, one.input, one.output) for one in found.prices] == [
        ("org/model:7b", Decimal("0.5"), Decimal("1.5"))
    ]
    assert found.notifiers == ({"kind": "email"},)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("[[prob]]", "did you mean probe?"),
        ("[rule]", "two brackets"),
        ("rule = ", "is not TOML"),
        ('[[probe]]\nname = "a b"\nhttp = "x"', "letters"),
        ('[[probe]]\nname = "a"', "either http"),
        ('[[probe]]\nname = "a"\ntcp = "here"', "host:port"),
        ('[[probe]]\nname = "a"\ntcp = "a:1"\n[[probe]]\nname = "a"\ntcp = "a:1"', "two of this name"),
        ('[[price]]\nmodel = "m"\ninput = "cheap"\noutput = 1', "dollars per million"),
        ('[[persona]]\nwebhook_ids = ["x"]', "list of ids"),
    ],
)
def test_mistakes_of_other_tables_are_said(text: str, hint: str) -> None:
    """In the same manner."""
    with pytest.raises(SettingError, match=r"\w") as caught:
        config_of(text)

    assert any(hint in problem for problem in caught.value.problems), caught.value.problems


def test_no_file_is_no_mistake_but_a_missing_one_is(tmp_path: Path) -> None:
    """Who names a file means it."""
    assert read_config(None) == Config()
    with pytest.raises(SettingError, match="is not there"):
        read_config(tmp_path / "none.toml")

    (tmp_path / "latin.toml").write_bytes(b"# \xff")
    with pytest.raises(SettingError, match="UTF-8"):
        read_config(tmp_path / "latin.toml")


def test_amounts_are_read_as_people_write_them() -> None:
    """With and without blanks, one unit or two."""
    assert [seconds_of(one) for one in ("5s", "300 ms", "2 min", "1 h 30 min", 7, "1,5 s")] == [
        5,
        0.3,
        120,
        5400,
        7,
        1.5,
    ]
    assert [value_of("$5", "$"), value_of("1.5x", "times"), value_of("80%", "%")] == [5, 1.5, 80]
    assert did_you_mean("reponse", ["response", "message"]) == "; did you mean response?"
    for bad in (True, "∞", float("inf"), "5 5", ""):
        with pytest.raises(ValueError, match="say"):
            seconds_of(bad)
