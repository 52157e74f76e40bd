"""The two pages that are compared, each served by a process of its own on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START_S = 60


@contextmanager
def serve_app(
    environment: Mapping[str, str] | None = None, log: Path | None = None
) -> Iterator[str]:
    """Serve the dashboard with more settings and a log, if given; yield its address."""
    command = [sys.executable, "app.py"]
    yield from _serve(command, find_free_port(), "/healthz", environment, log)


@contextmanager
def serve_app_on(core: int) -> Iterator[tuple[str, int]]:
    """Serve the dashboard on one core; yield its address and the id of its process."""
    command = ["taskset", "-c", str(core), sys.executable, "app.py"]
    with _start(command, find_free_port(), "/healthz") as started:
        yield started


@contextmanager
def serve_naive() -> Iterator[str]:
    """Serve the page that loops over markers; yield its address."""
    port = find_free_port()
    command = [sys.executable, "-m", "streamlit", "run", "benchmarks/naive.py"]
    yield from _serve([*command, "--server.port", str(port)], port, "/_stcore/health")


def find_free_port() -> int:
    """Return a port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _serve(
    command: list[str],
    port: int,
    health: str,
    environment: Mapping[str, str] | None = None,
    log: Path | None = None,
) -> Iterator[str]:
    with _start(command, port, health, environment, log) as (address, _):
        yield address


@contextmanager
def _start(
    command: list[str],
    port: int,
    health: str,
    environment: Mapping[str, str] | None = None,
    log: Path | None = None,
) -> Iterator[tuple[str, int]]:
    settings = {**os.environ, "STREAMLIT_SERVER_PORT": str(port), **(environment or {})}
    address = f"http://127.0.0.1:{port}"
    with (log or Path(os.devnull)).open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=output, stderr=output)
        try:
            _wait(address + health, process)
            yield address, process.pid
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(address: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{address}: the server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(f"{address}: expected an answer within {START_S} s, got none")
