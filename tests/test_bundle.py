"""The bundle installs, starts and answers on a machine whose network is cut off."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the network is cut off by Linux unshare"),
]

ROOT = Path(__file__).resolve().parent.parent
EPOCH = 1_767_225_600

# Runs inside an empty network namespace: bring lo up, install, start, ask /healthz, stop.
PROBE = """
import fcntl, pathlib, socket, struct, subprocess, sys, time, urllib.request
with socket.socket() as control:
    SIOCSIFFLAGS, IFF_UP = 0x8914, 1
    fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
routes = pathlib.Path("/proc/net/route").read_text().splitlines()
assert len(routes) <= 1, f"the network isn't cut off: {routes}"
subprocess.run(["./install.sh", "--no-compile"], check=True, stdout=sys.stderr)
with subprocess.Popen(["./start.sh"], stdout=sys.stderr) as server:
    try:
        for _ in range(240):
            assert server.poll() is None, f"the app stopped: {server.returncode}"
            try:
                answer = urllib.request.urlopen("http://127.0.0.1:8765/healthz", timeout=10)
            except OSError as error:
                last = error
                time.sleep(0.25)
            else:
                print(answer.status, answer.read().decode())
                break
        else:
            sys.exit(f"no answer from /healthz: {last}")
    finally:
        server.terminate()
"""


def git(*arguments: str, folder: Path) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def load_bundler():
    loader = SourceFileLoader("bundler", str(ROOT / ".ci" / "bundle"))
    module = module_from_spec(spec_from_loader("bundler", loader))
    loader.exec_module(module)
    return module


def without_network() -> list[str]:
    """Return the command that cuts the network off, or fail where it isn't permitted."""
    commands = (["unshare", "-rn"], ["unshare", "-n"]) if shutil.which("unshare") else ()
    for command in commands:
        if subprocess.run([*command, "true"], check=False, capture_output=True).returncode == 0:
            return command
    pytest.fail("unshare isn't permitted here, so the bundle can't be tried without a network")


@pytest.fixture(scope="module")
def scratch():
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def archive(scratch):
    """Build the bundle from a copy of everything that git tracks or would track."""
    copy = scratch / "copy"
    names = git("ls-files", "-z", "-c", "-o", "--exclude-standard", folder=ROOT).split("\0")[:-1]
    for name in filter(lambda name: (ROOT / name).is_file(), names):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    git("init", "--quiet", folder=copy)
    git("add", "--all", folder=copy)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)}
    command = [sys.executable, str(copy / ".ci" / "bundle")]
    name = subprocess.run(
        command, check=True, env=environment, stdout=subprocess.PIPE, text=True
    ).stdout.strip()
    return copy / name


@pytest.fixture(scope="module")
def bundle(archive, scratch):
    with tarfile.open(archive) as tar:
        tar.extractall(scratch, filter="data")
    return scratch / archive.name.removesuffix(".tar.gz")


def install(bundle: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHON": sys.executable}
    command = [str(bundle / "install.sh")]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment)


def test_bundle_holds_the_product_only(bundle):
    kept = {path.name for path in bundle.iterdir()}
    assert {"app.py", "geodata", "install.sh", "start.sh", "wheels", "SHA256SUMS"} <= kept
    assert kept.isdisjoint({"tests", ".ci", ".git", ".venv"})


def test_another_platform_is_refused(bundle):
    made_for = bundle / "PLATFORM"
    text = made_for.read_text(encoding="utf-8")
    made_for.write_text("cp399-linux_x86_64\n", encoding="utf-8")
    try:
        result = install(bundle)
    finally:
        made_for.write_text(text, encoding="utf-8")
    assert result.returncode
    assert "These wheels were made for cp399-linux_x86_64" in result.stderr


def test_a_damaged_file_is_refused(bundle):
    lock = bundle / ".lock" / "runtime.txt"
    text = lock.read_text(encoding="utf-8")
    lock.write_text(f"{text}#", encoding="utf-8")
    try:
        result = install(bundle)
    finally:
        lock.write_text(text, encoding="utf-8")
    assert result.returncode
    assert "A file is damaged" in result.stderr
    assert not (bundle / ".venv").exists()


def test_bundle_answers_without_a_network(bundle, scratch):
    result = subprocess.run(
        [*without_network(), sys.executable, "-c", PROBE],
        cwd=bundle,
        check=False,
        capture_output=True,
        text=True,
        env={
            "HOME": str(scratch),
            "PATH": os.environ["PATH"],
            "PORT": "8765",
            "PYTHON": sys.executable,
        },
    )
    assert result.returncode == 0, result.stderr
    status, _, body = result.stdout.partition(" ")
    assert status == "200"
    assert {"version", "datasets"} <= json.loads(body).keys()


def test_same_files_give_the_same_bytes(tmp_path):
    write_tar = load_bundler().write_tar
    for name in ("b.txt", "a.txt"):
        (tmp_path / "folder").mkdir(exist_ok=True)
        (tmp_path / "folder" / name).write_text(name, encoding="utf-8")
    write_tar(tmp_path / "folder", tmp_path / "one.tar.gz", EPOCH)
    (tmp_path / "folder" / "a.txt").touch()
    write_tar(tmp_path / "folder", tmp_path / "two.tar.gz", EPOCH)
    assert (tmp_path / "one.tar.gz").read_bytes() == (tmp_path / "two.tar.gz").read_bytes()
