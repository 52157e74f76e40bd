"""The promises of the tool files: bounded requirements, locks, make targets, no foreign paths."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PAIRS = [("requirements.txt", "runtime.txt"), ("tests/requirements.txt", "dev.txt")]
TARGETS = [
    *("help", "setup", "run", "test", "lint", "types", "imports", "unit", "browser"),
    *("bench", "bundle", "lock", "chromium", "nginx", "postgres", "wrk", "clean"),
]

# Put together here, so that this file doesn't name what it forbids.
HOSTS = [
    ".".join(parts)
    for parts in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("deb", "debian", "org"),
    ]
]
PLACES = ["work", "root", "opt/pypi", "opt/wheels"]
FOREIGN = re.compile(
    "|".join([re.escape(host) for host in HOSTS] + [rf"(?<![\w.:/-])/{place}/" for place in PLACES])
)


def requirements(text: str) -> list[Requirement]:
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return [Requirement(line) for line in lines if line]


def unbounded(items: list[Requirement]) -> list[str]:
    """Return the names that lack a lower or an upper bound."""

    def operators(item: Requirement) -> set[str]:
        return {specifier.operator for specifier in item.specifier}

    return [item.name for item in items if not operators(item) >= {">=", "<"}]


def unlocked(items: list[Requirement], lock: list[Requirement]) -> list[str]:
    """Return the names that the lock doesn't pin within their bounds."""
    pins: dict[str, list[str]] = {}
    for pin in lock:
        (specifier,) = pin.specifier
        assert specifier.operator == "=="
        pins.setdefault(canonicalize_name(pin.name), []).append(specifier.version)
    found = [(item, pins.get(canonicalize_name(item.name), [])) for item in items]
    return [item.name for item, versions in found if not versions or not _fit(item, versions)]


def _fit(item: Requirement, versions: list[str]) -> bool:
    return all(item.specifier.contains(version) for version in versions)


def foreign(text: str) -> list[str]:
    """Return the paths of one machine and the registry hosts in ``text``."""
    return FOREIGN.findall(text)


def shipped_files() -> list[Path]:
    """Return what git tracks or would track."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for name in names.split("\0")[:-1] if (path := ROOT / name).is_file()]


@pytest.mark.parametrize(("wanted", "lock"), PAIRS)
def test_requirements_are_bounded_and_locked(wanted, lock):
    items = requirements((ROOT / wanted).read_text(encoding="utf-8"))
    pinned = requirements((ROOT / ".lock" / lock).read_text(encoding="utf-8"))
    assert items
    assert unbounded(items) == []
    assert unlocked(items, pinned) == []


def test_both_locks_agree():
    texts = [(ROOT / ".lock" / lock).read_text(encoding="utf-8") for _, lock in PAIRS]
    runtime, dev = ({(pin.name, str(pin.marker)): pin for pin in requirements(t)} for t in texts)
    assert {key: dev[key] for key in runtime.keys() & dev} == {
        key: runtime[key] for key in runtime.keys() & dev
    }


@pytest.mark.parametrize("lock", [lock for _, lock in PAIRS])
def test_lock_lines_are_plain_pins(lock):
    condition = r"[a-z_]+ (==|!=|<|>=) '[\w.]+'"
    pin = re.compile(rf"[a-z0-9.-]+==[0-9][0-9a-z.]*( ; {condition}( and {condition})*)?")
    lines = (ROOT / ".lock" / lock).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not pin.fullmatch(line)] == []


def test_missing_bounds_and_pins_are_seen():
    items = requirements("a>=1,<2\nb>=1\nc<2  # upper only\nd>=1,<2")
    assert unbounded(items) == ["b", "c"]
    assert unlocked(items, requirements("a==1.5\nb==0.9\nd==1.5 ; sys_platform == 'x'\nd==2")) == [
        "b",
        "c",
        "d",
    ]


def test_makefile_has_its_targets():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [name for name in TARGETS if not re.search(rf"^{name}:", text, re.MULTILINE)] == []


def test_no_file_names_this_machine_or_a_registry():
    found = {}
    for path in shipped_files():
        content = path.read_bytes()
        if b"\0" not in content and (names := foreign(content.decode("utf-8", "replace"))):
            found[path.relative_to(ROOT).as_posix()] = names
    assert found == {}


@pytest.mark.parametrize("text", [f"https://{HOSTS[0]}/simple", f"cd /{PLACES[0]}/main"])
def test_foreign_names_are_seen(text):
    assert foreign(text)


def test_web_addresses_are_not_foreign():
    assert foreign(f"https://example.jp/{PLACES[0]}/a and a/{PLACES[0]}/b") == []
