"""The embeds under load: pages a second of one core, memory, and what visitors of a page notice.

The app runs on one core; wrk, with 50 connections on loopback, and the browser on the other.
Run it from the root: ``python -m benchmarks.load [PATH ...]``; without paths, all embeds.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.chromium import ARGUMENTS, find_chromium
from benchmarks.servers import serve_app_on
from benchmarks.table import Row, print_table

SCRIPT = Path(__file__).with_name("load.lua")
LAYERS = ("evacuation", "municipalities", "congestion", "groundwater", "council")
EMBEDS = [f"/embed/{layer}" for layer in LAYERS]
GOOD_QUERY = "z=12&lon=130.7&lat=32.%d"
BAD_QUERY = "lang=%d&unknown%d=1"
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
N_CONNECTIONS = 50
SECONDS = 10
N_STEADY = 100_000
N_FLOOD = 20_000
MAX_RUNS = 60  # of ten seconds: the load ends in any case
OPENINGS = 5
MIN_RATE = 300
MAX_P99_MS = 400
MAX_GROWTH_MB = 20
MAX_OPENING_RATIO = 3
NO_LIMIT = 10**9


@dataclass(frozen=True)
class Load:
    """What one run of wrk saw."""

    seconds: float
    broken: int
    p50_ms: float
    p99_ms: float
    statuses: dict[int, int]

    @property
    def n_answers(self) -> int:
        return sum(self.statuses.values())

    @property
    def n_failed(self) -> int:
        return self.broken + self.n_answers - self.statuses.get(200, 0)

    @property
    def rate(self) -> float:
        return self.n_answers / self.seconds


def find_wrk() -> list[str]:
    """Return the command for wrk on a core of its own."""
    if not (shutil.which("wrk") and shutil.which("taskset")):
        raise FileNotFoundError(
            "expected wrk and taskset on PATH; on Debian: apt-get install wrk util-linux"
        )
    return ["taskset", "-c", str(CORES[-1]), "wrk", "--threads", "1"]


def start_load(
    address: str, paths: Sequence[str], *, limit: int = NO_LIMIT, first: int = 0
) -> subprocess.Popen:
    """Start to ask for paths by turns, for ten seconds, at most `limit` times."""
    options = ["--connections", str(N_CONNECTIONS), "--duration", f"{SECONDS}s"]
    options += ["--timeout", "10s", "--script", str(SCRIPT)]
    command = [*find_wrk(), *options, address, "--", str(limit), str(first), *paths]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def end_load(process: subprocess.Popen) -> Load:
    """Wait for the end of the load; return what it saw."""
    output, _ = process.communicate(timeout=SECONDS + 60)
    if process.returncode:
        raise RuntimeError(f"expected wrk to end well, got {process.returncode}: {output}")
    found = json.loads(output.splitlines()[-1])
    return Load(**{**found, "statuses": {int(k): n for k, n in found["statuses"].items()}})


def load(address: str, paths: Sequence[str]) -> Load:
    return end_load(start_load(address, paths))


def load_many(address: str, paths: Sequence[str], n_wanted: int) -> list[Load]:
    """Ask `n_wanted` times, no two numbers alike."""
    loads: list[Load] = []
    while (n_done := sum(run.n_answers for run in loads)) < n_wanted and len(loads) < MAX_RUNS:
        started = start_load(address, paths, limit=n_wanted - n_done, first=n_done)
        loads.append(end_load(started))
    return loads


def read_resident_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if line.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024


@contextmanager
def on_last_core() -> Iterator[None]:
    """Keep what is started meanwhile off the core of the app."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {CORES[-1]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def open_page(browser: Browser, address: str) -> float:
    """Open the page 概要 as a newcomer; return the ms until its map is drawn."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="ja-JP")
    page = context.new_page()
    started = time.perf_counter()
    page.goto(address)
    frame = page.frame_locator('iframe[title^="streamlit_folium"]')
    frame.locator(".leaflet-container[data-areas]").wait_for(timeout=60_000)
    taken = 1000 * (time.perf_counter() - started)
    context.close()
    return taken


def open_pages(address: str, path: str) -> tuple[list[float], list[float], list[Load]]:
    """Open the page at rest and under load, by turns."""
    idle, busy, loads = [], [], []
    with on_last_core(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        open_page(browser, address)  # a first visit warms the server
        for _ in range(OPENINGS):
            idle.append(open_page(browser, address))
            started = start_load(address, [path])
            time.sleep(1)
            busy.append(open_page(browser, address))
            loads.append(end_load(started))
        browser.close()
    return idle, busy, loads


def find_missing(address: str, paths: Sequence[str]) -> list[str]:
    missing = []
    for path in paths:
        try:
            with urllib.request.urlopen(address + path, timeout=60):
                pass
        except urllib.error.HTTPError as error:
            missing.append(f"{path} ({error.code})")
    return missing


def tabulate_load(what: str, found: Load) -> list[Row]:
    rate = Row(what, found.rate, "/s", limit=MIN_RATE, at_least=True)
    return [
        rate,
        Row("  median time of an answer", found.p50_ms, "ms"),
        Row("  99 of 100 within", found.p99_ms, "ms", limit=MAX_P99_MS),
        Row("  failed", found.n_failed, limit=0),
    ]


def tabulate_memory(what: str, loads: Sequence[Load], before: float, after: float) -> list[Row]:
    n_answers = sum(run.n_answers for run in loads)
    broken = sum(run.broken for run in loads)
    statuses: dict[int, int] = {}
    for run in loads:
        for status, count in run.statuses.items():
            statuses[status] = statuses.get(status, 0) + count
    words = ", ".join(f"{count:,} x {status}" for status, count in sorted(statuses.items()))
    return [
        Row(f"{what}: {words}", n_answers),
        Row("  connections broken", broken, limit=0),
        Row("  resident memory before", before, "MB"),
        Row("  … and after", after, "MB"),
        Row("  growth", after - before, "MB", limit=MAX_GROWTH_MB),
    ]


def run(paths: Sequence[str] = EMBEDS) -> list[Row]:
    """Measure; return the rows of the table."""
    find_wrk()
    one = paths[0]
    with serve_app_on(CORES[0]) as (address, pid):
        missing = find_missing(address, paths)
        if missing:
            return [Row(f"skipped: {', '.join(missing)} is not there", "")]
        load(address, paths)  # the warm-up
        rows = tabulate_load(one, load(address, [one]))
        if len(paths) > 1:
            rows += tabulate_load(f"{len(paths)} embeds by turns", load(address, paths))
        memory = [read_resident_mb(pid)]
        steady = load_many(address, paths, N_STEADY)
        memory.append(read_resident_mb(pid))
        queries = [f"{path}?{query}" for path in paths for query in (GOOD_QUERY, BAD_QUERY)]
        flood = load_many(address, queries, N_FLOOD)
        memory.append(read_resident_mb(pid))
        idle, busy, loads = open_pages(address, one)
    rows += tabulate_memory("answers", steady, *memory[:2])
    rows += tabulate_memory("distinct queries", flood, *memory[1:])
    taken, at_rest = statistics.median(busy), statistics.median(idle)
    return [
        *rows,
        Row("page 概要 under load (other: at rest)", taken, "ms", at_rest, MAX_OPENING_RATIO),
        Row("  answers meanwhile", statistics.median(run.rate for run in loads), "/s"),
        Row("  of these failed", sum(run.n_failed for run in loads), limit=0),
    ]


if __name__ == "__main__":
    print_table("Load: the embeds on one core, 50 connections", run(sys.argv[1:] or EMBEDS))
