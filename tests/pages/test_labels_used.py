"""Every text that the code asks for is in the label file, and every text there is asked for.

Read from the syntax tree. A call with an f-string stands for a family, such as
``labels(f"hazard.{name}")``; a text of a family counts as used if its own part of the name is
written somewhere in the code.
"""

from __future__ import annotations

import ast
import re
import string
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = [
    ROOT / "app.py",
    *(path for name in ("kumageo", "layers", "pages") for path in (ROOT / name).rglob("*.py")),
]
# Formatted by the callee, not where they are looked up.
FORMATTED_LATER = {"legend.count_municipalities"}


@dataclass
class Asked:
    """What code asks for: names, families (regular expressions), and all its constants."""

    names: dict[str, list[str]] = field(default_factory=dict)
    families: dict[str, str] = field(default_factory=dict)
    constants: set[str] = field(default_factory=set)
    values: list[tuple[str, str, set[str] | None]] = field(default_factory=list)


def is_labels(node):
    """Tell whether a called thing is a `Labels`: labels, self.labels or get_labels(...)."""
    if isinstance(node, ast.Name):
        return node.id == "labels"
    if isinstance(node, ast.Attribute):
        return node.attr == "labels"
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"get_labels", "load_labels"}
    )


def patterns(node):
    """Return the names that an argument may be, each as (text, whether it is a family)."""
    if isinstance(node, ast.Constant):
        return [(node.value, False)]
    if isinstance(node, ast.IfExp):
        return patterns(node.body) + patterns(node.orelse)
    if isinstance(node, ast.JoinedStr):
        parts = [
            re.escape(part.value) if isinstance(part, ast.Constant) else "([^.]+)"
            for part in node.values
        ]
        return [("".join(parts), True)]
    if isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant):
        return [(re.escape(node.left.value) + "([^.]+)", True)]
    raise AssertionError(f"line {node.lineno}: a name that this check can't read")


def read_source(source, place="source"):
    asked = Asked()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            asked.constants.add(node.value)
        if not (isinstance(node, ast.Call) and is_labels(node.func) and node.args):
            continue
        line = f"{place}:{node.lineno}"
        given = {keyword.arg for keyword in node.keywords}
        for text, is_family in patterns(node.args[0]):
            if is_family:
                asked.families[text] = line
            else:
                asked.names.setdefault(text, []).append(line)
                asked.values.append((line, text, None if None in given else given))
    return asked


def read_code():
    asked = Asked()
    for path in MODULES:
        one = read_source(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))
        for name, lines in one.names.items():
            asked.names.setdefault(name, []).extend(lines)
        asked.families |= one.families
        asked.constants |= one.constants
        asked.values += one.values
    return asked


def flatten(table, prefix=""):
    for name, value in table.items():
        if isinstance(value, dict):
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def find_missing(asked, texts):
    missing = [f"{lines[0]} {name}" for name, lines in asked.names.items() if name not in texts]
    missing += [
        f"{line} {family}"
        for family, line in asked.families.items()
        if not any(re.fullmatch(family, name) for name in texts)
    ]
    return missing


def find_unused(asked, texts):
    from kumageo.municipalities import INDICATORS  # their ids are put together in the code

    constants = asked.constants | {indicator.id for indicator in INDICATORS}

    def is_used(name):
        if name in asked.names:
            return True
        found = (re.fullmatch(family, name) for family in asked.families)
        return any(match and set(match.groups()) <= constants for match in found)

    return sorted(name for name in texts if not is_used(name))


def find_wrong_values(asked, texts):
    wrong = []
    for line, name, given in asked.values:
        if given is None or name not in texts or name in FORMATTED_LATER:
            continue
        wanted = {part[1] for part in string.Formatter().parse(texts[name]) if part[1]}
        if wanted != given:
            wrong.append(f"{line} {name}: the text has {sorted(wanted)}, the call {sorted(given)}")
    return wrong


@pytest.fixture(scope="module")
def asked():
    return read_code()


@pytest.fixture(scope="module")
def texts():
    document = tomllib.loads((ROOT / "geodata/labels/ja.toml").read_text(encoding="utf-8"))
    return dict(flatten(document))


def test_the_scan_finds_the_code(asked):
    assert len(asked.names) > 60
    assert {"evacuation.notice", "error.page", "error.http_not_found"} <= asked.names.keys()
    assert {r"hazard\.([^.]+)", r"check\.([^.]+)"} <= asked.families.keys()


def test_every_text_that_code_asks_for_exists(asked, texts):
    assert find_missing(asked, texts) == []


def test_every_call_gives_the_values_that_the_text_needs(asked, texts):
    assert find_wrong_values(asked, texts) == []


def test_families_are_complete(asked, texts):
    from kumageo.evacuation import KINDS
    from kumageo.municipalities import INDICATORS
    from kumageo.schemas import HAZARDS
    from layers.compose import TEXTS
    from pages.components.frame import DOWNLOAD_FORMATS
    from pages.components.tables import PROFILE_COLUMNS
    from pages.routes.download import MEDIA_TYPES

    wanted = {f"indicator.{indicator.id}" for indicator in INDICATORS}
    wanted |= {f"unit.{indicator.unit}" for indicator in INDICATORS if indicator.unit}
    flags = [indicator.id for indicator in INDICATORS if indicator.kind == "flag"]
    wanted |= {f"flag.{flag}.{word}" for flag in flags for word in ("yes", "no")}
    wanted |= {f"hazard.{hazard}" for hazard in HAZARDS}
    wanted |= {f"kind.{kind}" for kind in (*KINDS, "both")}
    wanted |= {f"map.{name}" for name in TEXTS}
    wanted |= {f"frame.download_{name}" for name in (*DOWNLOAD_FORMATS, *MEDIA_TYPES)}
    wanted |= {f"frame.as_of_{basis}" for basis in ("catalogue", "stated", "ingested")}
    wanted |= {f"column.{name}" for name in PROFILE_COLUMNS}
    assert wanted - texts.keys() == set()


def test_no_text_is_blank_and_none_holds_markup(texts):
    assert [name for name, text in texts.items() if not text.strip()] == []
    holding = {name for name, text in texts.items() if re.search(r"<\w|&\w+;", text)}
    assert holding == set()


def test_every_text_is_used(asked, texts):
    assert find_unused(asked, texts) == []


def test_this_check_can_fail():
    texts = {"a.b": "x", "a.c": "{n}", "hazard.flood": "f", "hazard.old": "o", "z": "z"}
    source = """
        labels("a.b"); self.labels("a.d"); labels("a.c"); get_labels("ja")("e.f")
        labels(f"hazard.{one}"); labels(f"kind.{one}"); labels("x.y" if one else "a.b")
        labels("check." + one); labels("a.b", n=3); labels("a.c", **values); ["flood"]
    """
    asked = read_source("if True:\n" + source)
    assert sorted(line.split(" ")[1] for line in find_missing(asked, texts)) == [
        "a.d",
        r"check\.([^.]+)",
        "e.f",
        r"kind\.([^.]+)",
        "x.y",
    ]
    assert find_unused(asked, texts) == ["hazard.old", "z"]
    assert [line.split(" ")[1] for line in find_wrong_values(asked, texts)] == ["a.c:", "a.b:"]


def test_a_name_that_cannot_be_read_is_noticed():
    with pytest.raises(AssertionError, match="can't read"):
        read_source("labels(name)")
