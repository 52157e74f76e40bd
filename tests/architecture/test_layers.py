"""The rules of the house that import-linter can't see, read from the syntax tree.

Every rule takes a module's path and source and returns its complaints; every rule is also shown
a small offending source, so that a rule that can't fail is noticed.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("kumageo", "layers", "pages")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
NETWORK = {
    *("aiohttp", "ftplib", "http.client", "http.server", "httpx", "httpx2", "requests", "smtplib"),
    *("socket", "urllib.request", "urllib3"),
}
NETWORK_MODULE = "kumageo/fetch.py"
APP_LINES, MODULE_LINES, FUNCTION_LINES, VIEW_LINES = 59, 299, 39, 110

Rule = Callable[[str, str], list[str]]


def imported(source: str) -> Iterator[tuple[int, str]]:
    """Yield every imported name with its line; ``from a import b`` gives ``a.b``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def top(name: str) -> str:
    return name.split(".", maxsplit=1)[0]


def app_imports(path: str, source: str) -> list[str]:
    allowed = {"__future__", "pages", "streamlit", "starlette", *sys.stdlib_module_names}
    names = [(line, name) for line, name in imported(source) if top(name) not in allowed]
    return [f"{path}:{line} imports {name}" for line, name in names if path == "app.py"]


def streamlit_place(path: str, source: str) -> list[str]:
    if path == "app.py" or path.startswith("pages/"):
        return []
    kept = {"starlette", "streamlit", "streamlit_folium", "uvicorn"}
    return [f"{path}:{line} imports {name}" for line, name in imported(source) if top(name) in kept]


def network_place(path: str, source: str) -> list[str]:
    if path == NETWORK_MODULE:
        return []
    return [
        f"{path}:{line} imports {name}"
        for line, name in imported(source)
        if any(f"{name}.".startswith(f"{module}.") for module in NETWORK)
    ]


def no_star_import(path: str, source: str) -> list[str]:
    return [f"{path}:{line} {name}" for line, name in imported(source) if name.endswith(".*")]


def no_bare_except(path: str, source: str) -> list[str]:
    handlers = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.ExceptHandler)]
    return [f"{path}:{node.lineno} bare except" for node in handlers if node.type is None]


def no_utils(path: str, _source: str) -> list[str]:
    return [f"{path}: name it after its subject"] if Path(path).stem in {"util", "utils"} else []


def module_length(path: str, source: str) -> list[str]:
    lines, limit = len(source.splitlines()), MODULE_LINES
    if path == "app.py":
        limit = APP_LINES
    elif path.startswith("pages/views/"):
        limit = VIEW_LINES
    return [f"{path}: {lines} lines, at most {limit}"] if lines > limit else []


def function_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count from ``def`` to the last line, without the docstring."""
    lines = node.end_lineno - node.lineno + 1
    if ast.get_docstring(node, clean=False) is not None:
        lines -= node.body[0].end_lineno - node.body[0].lineno + 1
    return lines


def function_length(path: str, source: str) -> list[str]:
    tree = ast.walk(ast.parse(source))
    functions = [n for n in tree if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [
        f"{path}:{node.lineno} {node.name}: {lines} lines, at most {FUNCTION_LINES}"
        for node in functions
        if (lines := function_lines(node)) > FUNCTION_LINES
    ]


OFFENCES: list[tuple[Rule, str, str]] = [
    (app_imports, "app.py", "import kumageo"),
    (app_imports, "app.py", "def run():\n    from layers import compose"),
    (streamlit_place, "layers/base.py", "import streamlit as st"),
    (streamlit_place, "kumageo/joins.py", "from starlette.routing import Route"),
    (network_place, "kumageo/ingest.py", "import urllib.request"),
    (network_place, "pages/main.py", "from urllib import request"),
    (network_place, "layers/base.py", "from http.client import HTTPConnection"),
    (no_star_import, "layers/base.py", "from kumageo.crs import *"),
    (no_bare_except, "pages/main.py", "try:\n    pass\nexcept:\n    pass"),
    (no_utils, "kumageo/utils.py", ""),
    (no_utils, "pages/components/util.py", ""),
    (module_length, "app.py", "\n" * 60),
    (module_length, "kumageo/store.py", "\n" * 300),
    (module_length, "pages/views/evacuation.py", "\n" * 111),
    (function_length, "kumageo/store.py", "class A:\n  def f(self):\n" + "    1\n" * 39),
]
RULES: list[Rule] = list(dict.fromkeys(rule for rule, _, _ in OFFENCES))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_code_keeps_the_rule(rule):
    paths = [path for path in (ROOT / "app.py", *MODULES) if path.exists()]
    assert len(paths) > len(PACKAGES)
    complaints = []
    for path in paths:
        complaints += rule(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
    assert complaints == []


@pytest.mark.parametrize(("rule", "path", "source"), OFFENCES)
def test_the_rule_can_fail(rule, path, source):
    assert rule(path, source)


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (app_imports, "app.py", "import os\nfrom pages.routes import health"),
        (network_place, "kumageo/fetch.py", "import urllib.request"),
        (network_place, "layers/base.py", "from urllib.parse import quote\nimport http"),
        (module_length, "app.py", "\n" * 59),
        (function_length, "layers/base.py", 'def f():\n  """A\n\n  B."""\n' + "  1\n" * 38),
    ],
)
def test_the_rule_lets_good_code_pass(rule, path, source):
    assert rule(path, source) == []


@pytest.mark.parametrize(
    ("path", "source", "contract"),
    [
        ("kumageo/a.py", "import layers", "One way down: pages, layers, kumageo"),
        ("layers/a.py", "import pages", "One way down: pages, layers, kumageo"),
        ("layers/a.py", "import streamlit", "Streamlit and Starlette only in pages"),
        ("kumageo/a.py", "import starlette.routing", "Streamlit and Starlette only in pages"),
        ("pages/a.py", "import folium", "Folium only in layers"),
        ("kumageo/a.py", "from branca import colormap", "Folium only in layers"),
        ("pages/a.py", "import sqlalchemy", "SQL only in kumageo"),
        ("layers/a.py", "import sqlite3", "SQL only in kumageo"),
        ("pages/a.py", "import fpdf", "Pictures and files for print only in pages.handouts"),
        ("layers/a.py", "import matplotlib", "Pictures and files for print only in pages.handouts"),
        ("kumageo/a.py", "import pptx", "Pictures and files for print only in pages.handouts"),
        ("pages/a.py", "import requests", "No network but in kumageo.fetch"),
        ("layers/a.py", "import socket", "No network but in kumageo.fetch"),
        ("kumageo/a.py", "import httpx2", "No network but in kumageo.fetch"),
        ("kumageo/fetch.py", "import httpx2", None),
        ("pages/a.py", "import layers, kumageo, streamlit", None),
    ],
)
def test_import_contracts_can_fail(tmp_path, path, source, contract):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / path).write_text(source, encoding="utf-8")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    result = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    broken = [line for line in result.stdout.splitlines() if line.endswith(" BROKEN")]
    assert broken == ([f"{contract} BROKEN"] if contract else []), result.stdout + result.stderr
    assert result.returncode == bool(contract)
