"""The rules of notices: `geodata/notices.toml`, checked as a whole."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from kumageo.errors import NoticeRuleError
from kumageo.level_classes import LEVEL_CLASSES

FILE_NAME: Final = "notices.toml"
CLASS, RANGE, STALE = "class", "range", "stale"
CLASSES: Final = tuple(name for name in LEVEL_CLASSES if name != "normal")
_OF_KIND: Final[Mapping[str, tuple[str, ...]]] = {
    CLASS: ("classes",),
    RANGE: ("margin_m",),
    STALE: ("after_hours", "until_days"),
}
_FIRST_YEAR, _LAST_YEAR = 1990, 2100


@dataclass(frozen=True)
class Rule:
    """When to give notice of a well; `wells` are ids, none of them means all."""

    id: str
    kind: str
    classes: tuple[str, ...] = ()
    margin_m: float = 0.0
    after_hours: float = 0.0
    until_days: float = 0.0
    wells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rules:
    """All rules, and by which name and year the feed is told from all others."""

    authority: str
    since: int
    rules: tuple[Rule, ...]


def load_rules(geodata: Path) -> Rules:
    """Read and check the rules.

    Parameters
    ----------
    geodata
        The `geodata` folder.

    Raises
    ------
    NoticeRuleError
        If the file is missing, is no TOML, or anything in it is wrong. All problems are listed
        in one message, each with its line.
    """
    try:
        text = (geodata / FILE_NAME).read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise NoticeRuleError(
            f"{FILE_NAME}: expected a TOML file in UTF-8, got {error}. Restore it or mend that "
            "line."
        ) from error
    feed, entries = document.pop("feed", {}), document.pop("rule", [])
    problems = [
        f"{name}: expected [feed] and [[rule]] alone, got something else" for name in document
    ]
    problems += _check_feed(feed)
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        problems, entries = [*problems, "rule: expected [[rule]], got another form"], []
    lines = [n for n, row in enumerate(text.splitlines(), 1) if re.match(r"\s*\[\[rule\]\]", row)]
    ids = [entry.get("id") for entry in entries]
    for number, entry in enumerate(entries):
        found = _check_rule(entry)
        if ids[number] in ids[:number]:
            found.append("id: expected another for each rule, got one that stands above")
        line = lines[number] if number < len(lines) else 0
        problems += [f"line {line}, rule {number + 1}: {problem}" for problem in found]
    if problems:
        listed = "\n  - ".join(problems)
        raise NoticeRuleError(f"{FILE_NAME}: {len(problems)} problem(s), mend each:\n  - {listed}")
    return Rules(feed["authority"], feed["since"], tuple(_build(entry) for entry in entries))


def _check_feed(feed: Any) -> list[str]:
    if not isinstance(feed, Mapping):
        return ["feed: expected a table"]
    problems = [
        f"feed.{name} is not a known field" for name in feed.keys() - {"authority", "since"}
    ]
    authority, since = feed.get("authority"), feed.get("since")
    name = r"(?=.{4,100}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+"
    if not isinstance(authority, str) or not re.fullmatch(name, authority):
        problems.append("feed.authority: expected a domain name such as dashboard.example.jp")
    if type(since) is not int or not _FIRST_YEAR <= since <= _LAST_YEAR:
        problems.append("feed.since: expected a year such as 2026")
    return problems


def _check_rule(entry: Mapping[str, Any]) -> list[str]:
    own = _OF_KIND.get(str(entry.get("kind")))
    if own is None:
        return [f"kind: expected one of {', '.join(_OF_KIND)}, got {entry.get('kind')!r}"[:100]]
    problems = [f"{name} is missing" for name in ("id", *own) if name not in entry]
    known = {"id", "kind", "wells", *own}
    problems += [f"{name} is not a known field" for name in entry if name not in known]
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", str(entry.get("id", "a"))):
        problems.append("id: expected small letters, digits, - and _")
    for name, allowed in (("classes", CLASSES), ("wells", None)):
        if name in entry and name in known:
            problems += _check_list(name, entry[name], allowed)
    for name in ("margin_m", "after_hours", "until_days"):
        value = entry.get(name, 0)
        if type(value) not in (int, float) or not 0 <= value < 100_000:  # noqa: PLR2004
            problems.append(f"{name}: expected a number from 0 on, got {value!r}"[:100])
    return problems


def _check_list(name: str, value: Any, allowed: tuple[str, ...] | None) -> list[str]:
    is_list = isinstance(value, list) and value and all(isinstance(one, str) for one in value)
    if not is_list or (allowed is not None and set(value) - set(allowed)):
        words = ", ".join(allowed) if allowed else "ids of wells"
        return [f"{name}: expected a list of {words}, got {value!r}"[:200]]
    return []


def _build(entry: Mapping[str, Any]) -> Rule:
    names = {field.name for field in fields(Rule)}
    values = {name: value for name, value in entry.items() if name in names}
    for name in ("classes", "wells"):
        values[name] = tuple(values.get(name, ()))
    return Rule(**values)
