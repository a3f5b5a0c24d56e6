"""The TOML file with what does not fit into one line of `.env`: rules, probes, notifiers, personas, prices.

Tables of rules and notifiers are handed on as they are: those who know what they mean say what is wrong with them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeAlias, TypeVar

from monitoring.errors import SettingError
from monitoring.quantities import did_you_mean, seconds_of

Made = TypeVar("Made")
Entry: TypeAlias = Mapping[str, object]
"""One table of the file."""
KINDS = ("rule", "probe", "notifier", "persona", "price")
PROBE = ("name", "http", "tcp", "body", "limit", "slow", "critical")
PERSONA = ("name", "aliases", "webhook_ids", "user_ids")
PRICE = ("model", "input", "output", "cached")
_NAME = re.compile(r"[\w-]{1,32}\Z")


@dataclass(frozen=True, slots=True)
class ProbeEntry:
    """A service to probe: `http` has an address, or `tcp` a (host, port). `limit` and `slow` in seconds."""

    name: str
    http: str = ""
    tcp: tuple[str, int] | None = None
    body: str = ""
    """What the answer must hold."""
    limit: float = 5.0
    slow: float = 3.0
    critical: bool = False


@dataclass(frozen=True, slots=True)
class PersonaEntry:
    """A persona and how it is known."""

    name: str
    aliases: tuple[str, ...] = ()
    webhook_ids: tuple[int, ...] = ()
    user_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PriceEntry:
    """What a model costs, in dollars per million tokens; `cached`: None as other input."""

    model: str
    input: Decimal
    output: Decimal
    cached: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """What the file says; all empty without one."""

    rules: tuple[Entry, ...] = ()
    notifiers: tuple[Entry, ...] = ()
    probes: tuple[ProbeEntry, ...] = ()
    personas: tuple[PersonaEntry, ...] = ()
    prices: tuple[PriceEntry, ...] = ()


def read_config(path: Path | None) -> Config:
    """The file as it is now; an empty Config without a path. Raises SettingError: a sentence for each mistake."""
    if path is None:
        return Config()

    try:
        return config_of(path.read_text("utf-8"), path.name)
    except OSError as error:
        reason = "is not there" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        raise SettingError([f"MONITORING_CONFIG_FILE {path} {reason}."]) from None
    except UnicodeDecodeError:
        raise SettingError([f"{path.name} is no text in UTF-8; save it as that."]) from None


def config_of(text: str, name: str = "the file") -> Config:
    """The file's text as entries. Raises SettingError with every mistake."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingError([f"{name} is not TOML: {str(error)[:1].lower()}{str(error)[1:]}."]) from None

    problems = [f"{name}: there is no table {key!r}{did_you_mean(key, KINDS)}." for key in document if key not in KINDS]
    tables: dict[str, list[Entry]] = {}
    for kind in KINDS:
        found = document.get(kind, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            problems.append(f"{name}: write [[{kind}]] with two brackets: there may be several.")
            found = []

        tables[kind] = found

    config = Config(
        rules=tuple(tables["rule"]),
        notifiers=tuple(tables["notifier"]),
        probes=_each(tables["probe"], "probe", PROBE, _probe, problems),
        personas=_each(tables["persona"], "persona", PERSONA, _persona, problems),
        prices=_each(tables["price"], "price", PRICE, _price, problems),
    )
    if problems:
        raise SettingError(problems)

    return config


class Fields:
    """The fields of one table, read one by one; what is wrong with them is kept in `problems`."""

    def __init__(self, where: str, table: Entry, known: Sequence[str], problems: list[str]) -> None:
        self.where = where
        self._table = table
        self._problems = problems
        for key in table:
            if key not in known:
                self.wrong(f"there is no field {key!r}{did_you_mean(key, known)}.")

    def wrong(self, sentence: str) -> None:
        """Note what is wrong, and how to mend it."""
        self._problems.append(f"{self.where}: {sentence}")

    def text(self, key: str) -> str:
        """A text; "" without one."""
        value = self._table.get(key, "")
        if isinstance(value, str):
            return value.strip()

        self.wrong(f'{key} must be a text in quotes, such as {key} = "…".')
        return ""

    def yes(self, key: str) -> bool:
        """Whether it is true."""
        value = self._table.get(key, False)
        if isinstance(value, bool):
            return value

        self.wrong(f"{key} must be true or false, without quotes.")
        return False

    def seconds(self, key: str, default: float) -> float:
        """A time in seconds, above 0."""
        try:
            value = seconds_of(self._table.get(key, default))
        except ValueError as error:
            self.wrong(f"{key}: {error}.")
            return default

        if value <= 0:
            self.wrong(f"{key} must be above 0.")

        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        value = self._table.get(key, [])
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)

        self.wrong(f'{key} must be a list of texts, such as {key} = ["…", "…"].')
        return ()

    def ids(self, key: str) -> tuple[int, ...]:
        """A list of Discord ids."""
        value = self._table.get(key, [])
        texts = [str(one) for one in value] if isinstance(value, list) else ["x"]
        if all(one.isdecimal() for one in texts):
            return tuple(int(one) for one in texts)

        self.wrong(f"{key} must be a list of ids, such as {key} = [1180000000000000001].")
        return ()

    def price(self, key: str) -> Decimal | None:
        """Dollars for a million tokens; None without it."""
        value = self._table.get(key)
        if value is None:
            return None

        try:
            found = Decimal(str(value).lstrip("$"))
        except InvalidOperation:
            found = Decimal(-1)

        if not found.is_finite() or found < 0 or isinstance(value, bool):
            self.wrong(f"{key} must be dollars per million tokens, such as {key} = 0.5.")
            return None

        return found


def _each(
    tables: Sequence[Entry],
    kind: str,
    known: Sequence[str],
    make: Callable[[Fields], Made | None],
    problems: list[str],
) -> tuple[Made, ...]:
    """An entry of each table that is right."""
    key, found = known[0], []
    for number, table in enumerate(tables, 1):
        name = table.get(key)
        where = f"{kind} {name}" if isinstance(name, str) and name else f"{kind} number {number}"
        before = len(problems)
        fields = Fields(where, table, known, problems)
        if not fields.text(key):
            fields.wrong(f'it needs a {key}, such as {key} = "…".')
        elif any(other.get(key) == name for other in tables[: number - 1]):
            fields.wrong(f"there are two of this {key}; give one of them another.")

        made = make(fields)
        if made is not None and len(problems) == before:
            found.append(made)

    return tuple(found)


def _probe(fields: Fields) -> ProbeEntry | None:
    name, http, tcp = fields.text("name"), fields.text("http"), fields.text("tcp")
    if name and not _NAME.match(name):
        fields.wrong("name must be up to 32 letters, digits, - and _.")

    if bool(http) == bool(tcp):
        fields.wrong('say either http = "http://host:port/path" or tcp = "host:port".')
    elif http and not re.match(r"https?://\S+\Z", http):
        fields.wrong("http must be an address that begins with http:// or https://.")
    elif tcp and not re.match(r"\S+:\d{1,5}\Z", tcp):
        fields.wrong('tcp must be host:port, such as "127.0.0.1:6379".')

    host, _, port = tcp.rpartition(":")
    return ProbeEntry(
        name,
        http,
        (host, int(port)) if tcp and port.isdecimal() else None,
        fields.text("body"),
        fields.seconds("limit", 5.0),
        fields.seconds("slow", 3.0),
        fields.yes("critical"),
    )


def _persona(fields: Fields) -> PersonaEntry | None:
    return PersonaEntry(fields.text("name"), fields.texts("aliases"), fields.ids("webhook_ids"), fields.ids("user_ids"))


def _price(fields: Fields) -> PriceEntry | None:
    prompt, completion = fields.price("input"), fields.price("output")
    if prompt is None or completion is None:
        fields.wrong("it needs input and output, in dollars per million tokens, such as input = 0.5.")
        return None

    return PriceEntry(fields.text("model"), prompt, completion, fields.price("cached"))
