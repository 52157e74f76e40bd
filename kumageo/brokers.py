"""The brokers that readings are pulled from: `geodata/brokers.toml`, checked as a whole.

Keys never stand in that file: an entry names the environment variable that holds one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from kumageo.errors import BrokerError, SettingError, UnknownDatasetError

FILE_NAME: Final = "brokers.toml"
NGSI, CKAN = "ngsi-v2", "ckan"
AUTHS: Final = ("none", "api-key", "bearer")
UNITS_PER_M: Final[Mapping[str, int]] = {"m": 1, "cm": 100, "mm": 1_000}
MAX_PAGE: Final = 1_000  # as the specification of NGSI v2 has it
MAX_LENGTH: Final = 200
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Attributes:
    """Where a reading stands in an entity; `well` may be "id". Either `level_m`, or the others.

    `time` is an attribute, or the metadata of the level or the depth.
    """

    well: str
    time: str
    level_m: str = ""
    depth_m: str = ""
    ground_m: str = ""
    unit: str = "m"

    @property
    def measured(self) -> str:
        """The attribute that is measured anew each time."""
        return self.level_m or self.depth_m


@dataclass(frozen=True)
class Broker:
    """One entry: `title` is what people call the broker, `source` who measured, to be credited."""

    name: str
    title: str
    kind: str
    url: str
    source: str
    licence: str
    auth: str = "none"
    key_env: str = ""
    key_header: str = ""
    # NGSI v2
    entity_type: str = ""
    service: str = ""
    service_path: str = ""
    page: int = 100
    attributes: Attributes | None = None
    wells: Mapping[str, str] = field(default_factory=dict)
    # CKAN
    dataset: str = ""
    resource: str = ""

    @property
    def credit(self) -> str:
        """Who measured, and under which terms it is passed on."""
        return f"{self.source} ({self.licence})"


def load_brokers(geodata: Path) -> dict[str, Broker]:
    """Read and check the list of brokers; without the file there are none.

    Parameters
    ----------
    geodata
        The `geodata` folder.

    Raises
    ------
    BrokerError
        If the file is no TOML, or any entry is incomplete. All problems of all entries are
        listed in one message, each with the line where its entry begins.
    """
    path = geodata / FILE_NAME
    if not path.is_file():
        return {}
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BrokerError(
            f"{FILE_NAME}: expected a TOML file in UTF-8, got {error}. Mend that line."
        ) from error
    entries = document.pop("broker", [])
    problems = [f"{name}: expected [[broker]] alone, got something else" for name in document]
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        problems, entries = [*problems, "broker: expected [[broker]], got another form"], []
    lines = [n for n, row in enumerate(text.splitlines(), 1) if re.match(r"\s*\[\[broker\]\]", row)]
    names = [entry.get("name") for entry in entries]
    for number, entry in enumerate(entries):
        line = lines[number] if number < len(lines) else 0
        found = _find_problems(entry)
        if names[number] in names[:number]:
            found.append("name: expected another for each entry, got one that stands above")
        problems += [f"line {line}, entry {number + 1}: {problem}" for problem in found]
    if problems:
        listed = "\n  - ".join(problems)
        raise BrokerError(f"{FILE_NAME}: {len(problems)} problem(s), mend each:\n  - {listed}")
    return {entry["name"]: _build(entry) for entry in entries}


def find_broker(brokers: Mapping[str, Broker], name: str) -> Broker:
    """Return the broker of that name.

    Raises
    ------
    UnknownDatasetError
        If there is none.
    """
    if name not in brokers:
        raise UnknownDatasetError(
            f"broker: expected one of {', '.join(brokers) or 'none: no entry is live'}; got "
            f"{name[:80]!r}. Add it to geodata/{FILE_NAME} or correct the name."
        )
    return brokers[name]


def write_headers(broker: Broker, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of a request: the services of FIWARE and the key.

    Raises
    ------
    SettingError
        If the variable of the key is missing or holds what no header can; it is not repeated.
    """
    headers = {"Accept": "application/json"} if broker.kind == NGSI else {}
    if broker.service:
        headers["Fiware-Service"] = broker.service
    if broker.service_path:
        headers["Fiware-ServicePath"] = broker.service_path
    if broker.auth == "none":
        return headers
    key = environ.get(broker.key_env, "").strip()
    if not re.fullmatch(r"[!-~]+", key):
        raise SettingError(
            f"{broker.key_env}: expected the key of the broker {broker.name!r}, in plain letters, "
            f"got {'something else' if key else 'none'}. Set that environment variable."
        )
    if broker.auth == "bearer":
        return headers | {"Authorization": f"Bearer {key}"}
    return headers | {broker.key_header: key}


_WORD = r"[^\x00-\x1f<>\"'=;()\s]+"
_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "name": (r"[a-z0-9][a-z0-9_-]{0,39}", "small letters, digits, - and _"),
    "title": (r".*\S.*", "what people call it"),
    "kind": (f"{NGSI}|{CKAN}", f"{NGSI} or {CKAN}"),
    "url": (r"https?://[^\s?#@]+", "http(s)://HOST/PATH without query and user"),
    "source": (r".*\S.*", "who measured, to be credited"),
    "licence": (r".*\S.*", "the terms it is passed on under"),
    "auth": ("|".join(AUTHS), f"one of {', '.join(AUTHS)}"),
    "key_env": (r"[A-Z][A-Z0-9_]*", "the name of an environment variable, never the key itself"),
    "key_header": (r"[A-Za-z][A-Za-z0-9-]*", "the name of a header"),
    "entity_type": (_WORD, "a type of entities"),
    "service": (r"[a-z0-9_]{1,50}", "up to 50 small letters, digits and _"),
    "service_path": (r"/[A-Za-z0-9_/]*", "a path such as /water"),
    "dataset": (r"[A-Za-z0-9_.-]+", "the id or name of a dataset"),
    "resource": (r".*\S.*", "the id or name of a resource"),
}
_COMMON: Final = ("name", "title", "kind", "url", "source", "licence")
_OPTIONAL: Final = ("auth", "key_env", "key_header")
_OF_KIND: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    NGSI: (("entity_type", "attributes"), ("service", "service_path", "page", "wells")),
    CKAN: (("dataset", "resource"), ()),
}


def _find_problems(entry: Mapping[str, Any]) -> list[str]:
    wanted, optional = _OF_KIND.get(str(entry.get("kind")), ((), ()))
    mandatory = (*_COMMON, *wanted)
    known = {*mandatory, *_OPTIONAL, *optional}
    problems = [f"{name} is missing" for name in mandatory if name not in entry]
    if str(entry.get("kind")) in _OF_KIND:
        problems += [f"{name} is not a known field" for name in entry if name not in known]
    for name, value in entry.items():
        if name in _OTHERS:
            problems += _OTHERS[name](value)
        elif name in _TEXTS:
            problems += _check_text(name, value, *_TEXTS[name])
    if len(f"{entry.get('source')}{entry.get('licence')}") > MAX_LENGTH - 3:
        problems.append(f"source and licence: expected at most {MAX_LENGTH - 3} letters together")
    return [*problems, *_check_auth(entry)]


def _check_text(name: str, value: Any, pattern: str, expected: str) -> list[str]:
    good = isinstance(value, str) and len(value) <= MAX_LENGTH and value.isprintable()
    if good and re.fullmatch(pattern, value):
        return []
    got = "something else" if name == "key_env" else repr(value)[:60]  # it may be the key itself
    return [f"{name}: expected {expected}, got {got}"]


def _check_auth(entry: Mapping[str, Any]) -> list[str]:
    auth = str(entry.get("auth", "none"))
    wanted = {"api-key": {"key_env", "key_header"}, "bearer": {"key_env"}}.get(auth, set())
    given = {"key_env", "key_header"} & entry.keys()
    problems = [f"{name} is missing, for auth {auth!r}" for name in sorted(wanted - given)]
    problems += [f"{name} has no use with auth {auth!r}" for name in sorted(given - wanted)]
    parts = urlsplit(str(entry.get("url", "")))
    if wanted and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        problems.append("url: expected https, as a key is sent, got http")
    return problems


def _check_attributes(value: Any) -> list[str]:
    names = {"well", "time", "level_m", "depth_m", "ground_m", "unit"}
    if not isinstance(value, Mapping):
        return [f"attributes: expected a table, got {value!r}"[:100]]
    problems = [f"attributes.{name} is not a known field" for name in value if name not in names]
    problems += [f"attributes.{name} is missing" for name in ("well", "time") if name not in value]
    for name in names & value.keys() - {"unit"}:
        problems += _check_text(f"attributes.{name}", value[name], _WORD, "the name of one")
    if str(value.get("unit", "m")) not in UNITS_PER_M:
        problems.append(f"attributes.unit: expected one of {', '.join(UNITS_PER_M)}")
    given = {"level_m", "depth_m", "ground_m"} & value.keys()
    if given not in ({"level_m"}, {"depth_m", "ground_m"}):
        problems.append("attributes: expected level_m, or depth_m and ground_m")
    return problems


def _check_page(value: Any) -> list[str]:
    good = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_PAGE
    return [] if good else [f"page: expected 1 to {MAX_PAGE}, got {value!r}"[:100]]


def _check_wells(value: Any) -> list[str]:
    good = isinstance(value, Mapping) and all(isinstance(one, str) for one in value.values())
    return [] if good else ['wells: expected a table of "id there" = "id here", got another form']


_OTHERS: Final[Mapping[str, Callable[[Any], list[str]]]] = {
    "attributes": _check_attributes,
    "page": _check_page,
    "wells": _check_wells,
}


def _build(entry: Mapping[str, Any]) -> Broker:
    values = dict(entry)
    if "attributes" in values:
        values["attributes"] = Attributes(**values["attributes"])
    return Broker(**values)
