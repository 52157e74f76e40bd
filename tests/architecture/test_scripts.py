"""The rules for what runs in the browser, read from the text of our own scripts.

Every rule takes the source and returns its complaints; every rule is also shown a small
offending source, so that a rule that can't fail is noticed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from layers.assets import SCRIPTS
from layers.embed.bundle import EXPORT_SCRIPTS, LAYER_SCRIPTS, MAP_SCRIPTS, PAGE_SCRIPTS

FOLDER = Path(__file__).resolve().parents[2] / "layers" / "static"
FILES = sorted(FOLDER.glob("*.js"))
MAX_LINES = 299

Rule = Callable[[str], list[str]]


def strip_comments(source: str) -> str:
    return re.sub(r"^\s*//.*$", "", source, flags=re.MULTILINE)


def length(source: str) -> list[str]:
    n_lines = len(source.splitlines())
    return [f"{n_lines} lines, at most {MAX_LINES}"] if n_lines > MAX_LINES else []


def strict_mode(source: str) -> list[str]:
    statements = [line for line in strip_comments(source).splitlines() if line.strip()]
    return [] if statements[:1] == ['"use strict";'] else ['does not begin with "use strict"']


def no_markup_from_text(source: str) -> list[str]:
    """Text of data becomes nodes by textContent; nothing is parsed as HTML."""
    written = r"(?:inner|outer)HTML\s*\+?=(?!=)|insertAdjacentHTML|document\.write|DOMParser"
    return re.findall(written, strip_comments(source))


def no_code_from_text(source: str) -> list[str]:
    return re.findall(r"\beval\s*\(|new Function\b|setTimeout\(\s*[\"'`]", strip_comments(source))


def no_other_host(source: str) -> list[str]:
    return re.findall(r"(?:https?:|wss?:)?//[a-z0-9-]+\.[a-z]+", strip_comments(source))


def no_storage(source: str) -> list[str]:
    kept = r"localStorage|sessionStorage|document\.cookie|indexedDB|sendBeacon|XMLHttpRequest"
    return re.findall(kept, strip_comments(source))


OFFENCES: list[tuple[Rule, str]] = [
    (length, "\n" * 300),
    (strict_mode, "// a\nlet a = 1;"),
    (no_markup_from_text, "box.innerHTML = name;"),
    (no_markup_from_text, "box.outerHTML += name;"),
    (no_markup_from_text, 'box.insertAdjacentHTML("beforeend", name);'),
    (no_code_from_text, "eval(text);"),
    (no_code_from_text, 'setTimeout("run()", 1);'),
    (no_other_host, 'fetch("https://cdn.example.jp/a.js");'),
    (no_other_host, 'load("//cdn.example.jp/a.js");'),
    (no_storage, 'localStorage.setItem("a", 1);'),
]
RULES: list[Rule] = list(dict.fromkeys(rule for rule, _ in OFFENCES))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_script_keeps_the_rule(rule, path):
    assert rule(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(("rule", "source"), OFFENCES)
def test_the_rule_can_fail(rule, source):
    assert rule(source)


def test_the_rules_let_good_code_pass():
    source = '// see https://example.jp\n"use strict";\nbox.textContent = node.innerHTML;\n'
    assert [complaint for rule in RULES for complaint in rule(source)] == []


def test_every_script_is_loaded_and_every_loaded_one_is_there():
    loaded = [url.rsplit("/", 1)[-1] for _, url in SCRIPTS]
    own = [name for name in loaded if (FOLDER / name).is_file()]
    bundled = {
        *(*MAP_SCRIPTS, *EXPORT_SCRIPTS, *PAGE_SCRIPTS),
        *(name for parts in LAYER_SCRIPTS.values() for names in parts for name in names),
    }
    # The briefing alone loads deck.js, after its map; embeds load what they need in one file.
    assert sorted({*own, *bundled, "deck.js"}) == [path.name for path in FILES]
    assert own[0] == MAP_SCRIPTS[0] == "text.js"  # the others take its functions
