"""Settings from the environment and `.env`: each a value with a sentence, read once and passed on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from monitoring import setting_kinds
from monitoring.errors import SettingError
from monitoring.model import Severity

QUIET = r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$"

Ids = Annotated[tuple[int, ...], NoDecode, BeforeValidator(setting_kinds.ids)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(setting_kinds.words)]
Rising = Annotated[tuple[float, float], NoDecode, BeforeValidator(setting_kinds.two_that_rise)]
"""Where warning and critical begin."""
Zone = Annotated[str, AfterValidator(setting_kinds.zone)]
Database = Annotated[str, AfterValidator(setting_kinds.database)]
HttpServices = Annotated[Words, AfterValidator(setting_kinds.http_services)]
TcpServices = Annotated[Words, AfterValidator(setting_kinds.tcp_services)]
Origins = Annotated[Words, AfterValidator(setting_kinds.origins)]
SecretAddress = Annotated[SecretStr, AfterValidator(setting_kinds.secret_address)]
Patterns = Annotated[Words, AfterValidator(setting_kinds.patterns)]
PriceTags = Annotated[Words, AfterValidator(setting_kinds.prices)]


class Settings(BaseSettings):
    """Everything that can be set. Names in the environment are these in capitals."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True, env_ignore_empty=True
    )

    discord_token: SecretStr = Field(SecretStr(""), description="The bot's token from Discord's developer portal.")
    alert_discord_channel_id: int | None = Field(None, description="Channel id of the ops channel: notices go here.")
    timezone: Zone = Field("UTC", description="Zone in which days are counted and the digest is sent.")
    digest_time: str = Field("09:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Local time of the digest.")
    weekly_digest_day: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "off"] = (
        Field("monday", description="Day of the weekly digest, about the seven days before; off for none.")
    )
    weekly_digest_time: str = Field(
        "09:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Local time of the weekly digest."
    )
    status_message: bool = Field(
        False, description="Keeps one message in the ops channel that shows how things stand, edited once a minute."
    )
    database_url: Database = Field("sqlite:///data/monitoring.sqlite3", description="Where everything is stored.")
    metrics_retention_days: int = Field(7, ge=1, le=30, description="How long single messages are kept, in days.")

    owner_ids: Ids = Field((), description="User ids with owner rights besides the application's owner or team.")
    operator_role_ids: Ids = Field((), description="Roles that may acknowledge and silence, in the ops guild.")
    viewer_role_ids: Ids = Field((), description="Roles that may see their guild's figures.")
    ping_role_ids: Ids = Field((), description="Roles pinged when an incident opens critical or escalates.")

    persona_names: Words = Field((), description="Personas, if they are to be told apart before they first speak.")
    chart_theme: Literal["dark", "light"] = Field("dark", description="Ground of the charts.")
    monitoring_command_group: str = Field(
        "", pattern=r"^([a-z0-9_-]{1,32})?$", description="Puts all commands under one group of this name."
    )
    sync_guild_id: int | None = Field(None, description="Registers the commands in this guild only, while developing.")

    probe_interval_seconds: float = Field(30, ge=1, le=3600, description="Time between probes.")
    probe_http: HttpServices = Field((), description="Services to probe over HTTP, as name=address.")
    probe_tcp: TcpServices = Field((), description="Services to probe by a TCP connection, as name=host:port.")
    critical_services: Words = Field(("discord", "store"), description="Services without which the bot is unhealthy.")

    alert_response_time_ms: float = Field(5000, gt=0, description="Limit of the mean response time, in milliseconds.")
    alert_error_rate_percent: float = Field(5, gt=0, le=100, description="Limit of the error rate, in percent.")
    alert_cpu_percent: float = Field(80, gt=0, le=100, description="Limit of CPU use, in percent.")
    alert_memory_percent: float = Field(85, gt=0, le=100, description="Limit of memory use, in percent.")
    alert_disk_percent: float = Field(90, gt=0, le=100, description="Limit of disk use, in percent.")
    performance_alert_cooldown: int = Field(
        300, ge=0, description="Least time between two openings of one rule, in seconds."
    )
    alert_window_seconds: int = Field(300, ge=30, le=1800, description="Window that rules look at, in seconds.")
    alert_interval_seconds: int = Field(10, ge=1, le=300, description="How often rules are judged, in seconds.")
    alert_grace_seconds: int = Field(60, ge=0, le=3600, description="Time after a start in which nothing is judged.")
    error_spike_window_seconds: int = Field(
        300, ge=60, le=3600, description="Window whose error rate is held against the week before, in seconds."
    )
    alert_for_seconds: int = Field(60, ge=0, le=86_400, description="How long a limit is broken before it is told.")
    quiet_hours: str = Field(
        "", pattern=QUIET, description="Hours in which notices wait, such as 23:00-07:00 in the zone above."
    )
    quiet_severity: Severity = Field(
        Severity.WARNING, description="Up to which severity they wait: info, warning or critical."
    )

    alert_discord_webhook: SecretStr = Field(SecretStr(""), description="Address of a Discord webhook to tell too.")
    alert_slack_webhook: SecretStr = Field(SecretStr(""), description="Address of an incoming webhook of Slack.")
    alert_webhook_url: SecretStr = Field(SecretStr(""), description="Address that notices are posted to as JSON.")
    alert_webhook_secret: SecretStr = Field(
        SecretStr(""), description="Signs what is posted there, as Standard Webhooks say; 16 characters at least."
    )
    alert_email_smtp: str = Field("", description="Mail server for notices by e-mail.")
    alert_email_port: int = Field(587, ge=1, le=65_535, description="Its port.")
    alert_email_security: Literal["auto", "starttls", "tls", "plain"] = Field(
        "auto", description="How mail is kept secret on the way; auto: tls on port 465, else starttls."
    )
    alert_email_username: str = Field("", description="Log-in of the mail server.")
    alert_email_password: SecretStr = Field(SecretStr(""), description="Password of that log-in.")
    alert_email_sender: str = Field("", description="Address the mail comes from; that log-in, if it is an address.")
    alert_email_recipients: Words = Field((), description="Addresses that the mail goes to.")
    alert_fallbacks: Words = Field(
        ("console",),
        description="Notifiers told only what the others did not take: console, slack, email, …",
    )

    band_mean_seconds: Rising = Field((2, 5), description="Mean time that is a warning, and critical, in seconds.")
    band_p95_seconds: Rising = Field((3, 8), description="P95 that is a warning, and critical, in seconds.")
    band_p99_seconds: Rising = Field((5, 15), description="P99 that is a warning, and critical, in seconds.")
    band_first_token_seconds: Rising = Field(
        (1, 3), description="Time to the first token that is a warning, and critical, in seconds."
    )
    band_errors_percent: Rising = Field((2, 5), description="Error rate that is a warning, and critical, in percent.")

    slo_success_percent: float = Field(99, gt=0, lt=100, description="Answers promised to succeed, in percent.")
    slo_fast_percent: float = Field(95, gt=0, lt=100, description="Answers promised to be fast, in percent.")
    slo_fast_seconds: float = Field(5, gt=0, description="Within which an answer is fast, in seconds.")

    response_failure_patterns: Patterns = Field(
        (), description="Texts (regular expressions) of the bot that are failed responses."
    )
    operation_timeout_seconds: float = Field(
        900, ge=10, le=86_400, description="How long an operation may run before it counts as interrupted, in seconds."
    )
    error_text: bool = Field(
        False, description="Keeps 200 characters of what failures say, without secrets, ids and quoted text."
    )
    own_price: PriceTags = Field((), description="Own prices as model=input/output, in dollars per million tokens.")
    budget_month_dollars: float | None = Field(
        None, gt=0, description="What the models may cost in a month, in dollars; none if it is not set."
    )

    analytics_enabled: bool = Field(False, description="Serves the dashboard and the API over HTTP.")
    analytics_host: str = Field("127.0.0.1", description="Address to listen on; any but this machine's needs a key.")
    analytics_port: int = Field(8000, ge=0, le=65_535, description="Port to listen on; 0: any free one.")
    analytics_api_key: SecretStr = Field(
        SecretStr(""), description="Key of the dashboard and the API, which may do everything: 32 characters or more."
    )
    analytics_api_keys: SecretStr = Field(
        SecretStr(""), description="Further keys and their rights, as read=key or read+write+operate+export+admin=key."
    )
    analytics_allowed_hosts: Words = Field((), description="Names by which the server is reached from elsewhere.")
    analytics_cors_origins: Origins = Field(
        (), description="Origins whose pages may read the API, such as https://a.b."
    )
    analytics_admin: bool = Field(False, description="Switches on what the API tells of the program's own inside.")
    analytics_websocket_update_interval: float = Field(1, ge=0.2, le=60, description="Seconds between live figures.")
    websocket_compression: bool = Field(False, description="Packs the live figures; worth it on slow lines only.")

    dead_man_url: SecretAddress = Field(
        SecretStr(""),
        description="Address asked for while the bot is alive, of a service that tells you when it stops.",
    )
    dead_man_seconds: float = Field(60, ge=5, le=86_400, description="How often that is, in seconds.")

    otel_spans: bool = Field(
        False, description="Takes the spans of OpenTelemetry's model instrumentations as operations."
    )
    otlp_metrics: bool = Field(False, description="Pushes the figures of /metrics to an OpenTelemetry collector.")
    otel_exporter_otlp_endpoint: str = Field("http://localhost:4318", description="Where it takes OTLP over HTTP.")
    otel_exporter_otlp_headers: SecretStr = Field(
        SecretStr(""), description="Headers that it asks for, as name=value,name=value."
    )
    otel_metric_export_interval: float = Field(60_000, gt=0, description="Time between two pushes, in milliseconds.")

    monitoring_config_file: str = Field(
        "", description="TOML file with rules, probes, notifiers, personas and prices; none if it is not set."
    )

    discord_api_url: str = Field("", description="Another address for Discord's REST API, for a stand-in.")
    discord_gateway_url: str = Field("", description="Another address for Discord's gateway, for a stand-in.")

    @property
    def store_path(self) -> Path:
        """The SQLite file that `database_url` names."""
        found = setting_kinds.DATABASE.match(self.database_url)
        assert found, "checked when the settings were read"
        return Path(found["path"])

    def prices(self) -> dict[str, tuple[float, float]]:
        """Own prices: model → dollars per million tokens (input, output)."""
        result: dict[str, tuple[float, float]] = {}
        for part in self.own_price:
            model, _, both = part.rpartition("=")
            prompt, _, completion = both.partition("/")
            result[model] = (float(prompt), float(completion))

        return result


def load_settings(**overrides: object) -> Settings:
    """The settings of this process. Raises SettingError naming each wrong one and how to mend it, echoing no value."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # names are checked by pydantic
    except ValidationError as error:
        problems = []
        for one in error.errors():
            name = str(one["loc"][0]).upper() if one["loc"] else "settings"
            text = one["msg"].removeprefix("Value error, ")
            text = text[0].lower() + text[1:]
            problems.append(f"{name} {text}." if text.startswith(("is ", "must ", "holds ")) else f"{name}: {text}.")

        raise SettingError(problems) from None
