"""Settings: every mistake is named, at once, with how to mend it, and no secret is echoed."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitoring.analysis.figure import Bands, Limits
from monitoring.configured import bands_of
from monitoring.errors import SettingError
from monitoring.settings import Settings, load_settings

EXAMPLE = Path(__file__).parent.parent / ".env.example"


def test_the_defaults_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any setting there is a sqlite file under data/ and UTC."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)

    settings = load_settings(_env_file=None)
    assert settings.store_path == Path("data/monitoring.sqlite3")
    assert settings.timezone == "UTC"


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("TIMEZONE", "Mars/Olympus", "Europe/Berlin"),
        ("DATABASE_URL", "mysql://x", "sqlite:///data/monitoring.sqlite3"),
        ("OWNER_IDS", "olivia", "ids separated by commas"),
        ("PROBE_HTTP", "llm", "name=address"),
        ("PROBE_TCP", "redis=somewhere", "name=host:port"),
        ("OWN_PRICE", "gpt=cheap", "dollars per million"),
        ("RESPONSE_FAILURE_PATTERNS", "(", "regular expression"),
        ("DIGEST_TIME", "25:00", "DIGEST_TIME"),
        ("ALERT_CPU_PERCENT", "hot", "number"),
        ("METRICS_RETENTION_DAYS", "400", "30"),
        ("BAND_MEAN_SECONDS", "5,2", "the lower one first"),
        ("BAND_P95_SECONDS", "3", "two numbers"),
        ("BAND_P99_SECONDS", "fast,slow", "two numbers"),
        ("BAND_FIRST_TOKEN_SECONDS", "0,3", "two numbers"),
        ("BAND_ERRORS_PERCENT", "2,inf", "two numbers"),
    ],
)
def test_a_wrong_setting_is_named_with_how_to_mend_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, hint: str
) -> None:
    """The sentence begins with the setting's name and says what it should be."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError) as caught:
        load_settings(_env_file=None)

    assert any(problem.startswith(name) and hint in problem for problem in caught.value.problems)


def test_all_mistakes_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two wrong settings are two sentences."""
    monkeypatch.setenv("TIMEZONE", "nowhere")
    monkeypatch.setenv("OWNER_IDS", "x")
    with pytest.raises(SettingError) as caught:
        load_settings(_env_file=None)

    assert len(caught.value.problems) == 2


def test_the_token_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the repr of the settings nor an error holds it."""
    monkeypatch.setenv("DISCORD_TOKEN", "very-secret-token")
    assert "very-secret-token" not in repr(load_settings(_env_file=None))
    monkeypatch.setenv("TIMEZONE", "nowhere")
    with pytest.raises(SettingError) as caught:
        load_settings(_env_file=None)

    assert "very-secret-token" not in str(caught.value)


def test_an_empty_line_in_the_file_means_the_default(tmp_path: Path) -> None:
    """`.env.example` copied as it is starts with its defaults."""
    settings = load_settings(_env_file=EXAMPLE)
    assert settings.alert_discord_channel_id is None
    assert settings.owner_ids == ()


def test_every_setting_stands_in_the_example_with_its_sentence() -> None:
    """What can be set can be found."""
    text = EXAMPLE.read_text()
    for name, field in Settings.model_fields.items():
        assert f"{name.upper()}=" in text, f"{name.upper()} is missing in .env.example"
        assert field.description
        assert f"# {field.description}" in text


def test_own_prices_are_read() -> None:
    """Model names may hold colons and slashes."""
    settings = load_settings(_env_file=None, own_price="org/model:7b=0.5/1.5")
    assert settings.prices() == {"org/model:7b": (0.5, 1.5)}


def test_bands_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A local model may answer in five seconds on a good day."""
    assert bands_of(load_settings(_env_file=None)) == Bands()
    monkeypatch.setenv("BAND_MEAN_SECONDS", "6, 12.5")
    monkeypatch.setenv("BAND_ERRORS_PERCENT", "1,10")
    found = bands_of(load_settings(_env_file=None))

    assert found.mean == Limits(6, 12.5)
    assert found.errors == Limits(0.01, 0.1)
    assert found.p95 == Bands().p95
