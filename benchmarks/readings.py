"""Ten years of hourly readings of 35 wells: the import, and what the page asks of the store.

Run it from the root: ``python -m benchmarks.readings``. The import runs in a process of its own,
for its peak memory (``ru_maxrss``). Questions are asked warm: after one answer that isn't counted.
"""

from __future__ import annotations

import datetime as dt
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.table import Row, print_table
from kumageo.clock import JST
from kumageo.groundwater import summarise_wells
from kumageo.readings.imports import import_readings
from kumageo.readings.store import ReadingStore

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[1]
WELLS = [f"well-{number:02}" for number in range(35)]
N_HOURS = 10 * 365 * 24
START = pd.Timestamp("2016-01-01", tz=JST)
NOW = START + pd.Timedelta(hours=N_HOURS)
SEED = 35
RUNS = 9
MAX_MS = 100
# Three million rows as Python objects would take more than a gigabyte.
MAX_MB = 400


def write_file(path: Path, *, by_time: bool = False) -> None:
    """Write readings well after well, or, as loggers are read out together, hour after hour."""
    times = pd.date_range(START, periods=N_HOURS, freq="h").strftime("%Y-%m-%dT%H:%M:%S+09:00")
    rng = np.random.default_rng(SEED)
    levels = [np.cumsum(rng.normal(0, 0.01, N_HOURS)) + 20 + number for number in range(len(WELLS))]
    with path.open("w", encoding="utf-8") as file:
        file.write("well,time,level_m\n")
        if by_time:
            for hour, row in enumerate(np.column_stack(levels)):
                file.writelines(
                    f"{well},{times[hour]},{level:.3f}\n"
                    for well, level in zip(WELLS, row, strict=True)
                )
            return
        for well, series in zip(WELLS, levels, strict=True):
            file.writelines(
                f"{well},{t},{level:.3f}\n" for t, level in zip(times, series, strict=True)
            )


def child(store: str, file: str) -> dict[str, float]:
    """Import a file, or nothing, and measure."""
    start = time.perf_counter()
    if file:
        result = import_readings(
            ReadingStore(Path(store)), Path(file), source="測定", known_wells=WELLS, now=NOW
        )
        if not result.published:
            sys.exit(f"the file was refused: {result.report.issues[:3]}")
    # Linux counts kilobytes, macOS bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": time.perf_counter() - start,
        "processor_seconds": used.ru_utime + used.ru_stime,
        "megabytes": used.ru_maxrss / unit,
    }


def run_child(store: Path, file: Path | None) -> dict[str, float]:
    # Linux counts the peak of the parent too, through exec. A shell between keeps ours out.
    shell = ["sh", "-c", '"$@"; exit $?', "sh"]
    arguments = [str(store), str(file or "")]
    command = [*shell, sys.executable, "-m", "benchmarks.readings", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def milliseconds(action: Callable[[], object]) -> float:
    action()
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def ask(store: ReadingStore) -> list[Row]:
    """Ask what the page asks."""
    well, end = WELLS[17], NOW.to_pydatetime()
    year, ten_years = end - dt.timedelta(days=365), None
    questions: dict[str, Callable[[], object]] = {
        "what the store holds": store.describe,
        "last reading of each well": store.read_latest,
        "readings of one well, a year": lambda: store.read_series(well, year, end),
        "readings of one well, ten years": lambda: store.read_series(well, ten_years),
        "daily means of one well, ten years": lambda: store.read_daily(well),
        "daily means of all wells, ten years": store.read_daily_means,
    }
    rows = [
        Row(what, milliseconds(action), "ms", limit=MAX_MS) for what, action in questions.items()
    ]
    wells = pd.DataFrame({"id": WELLS})
    daily, latest = store.read_daily_means(), store.read_latest()
    summary = milliseconds(lambda: summarise_wells(wells, daily, latest, end))
    return [*rows, Row("class, trend and change of all wells, computed", summary, "ms")]


def run() -> list[Row]:
    """Measure; return the rows of the table."""
    n_rows = N_HOURS * len(WELLS)
    rows = [Row("rows", n_rows)]
    with tempfile.TemporaryDirectory() as folder:
        path, file = Path(folder) / "readings.sqlite3", Path(folder) / "readings.csv"
        nothing = run_child(path, None)
        write_file(file)
        first = run_child(path, file)
        again = run_child(path, file)
        store = ReadingStore(path)
        asked = ask(store)
        store.close()
        size = path.stat().st_size / 2**20
        write_file(file, by_time=True)
        by_time = run_child(Path(folder) / "by-time.sqlite3", file)
        imports = {"well after well": first, "the same file again": again}
        imports["hour after hour"] = by_time
        for words, measured in imports.items():
            rows += [
                Row(f"import, {words}", measured["seconds"], "s"),
                Row(
                    "  of these on a processor, start included", measured["processor_seconds"], "s"
                ),
                Row("  rows a second", n_rows / measured["seconds"]),
                Row("  peak resident set", measured["megabytes"], "MB", limit=MAX_MB),
            ]
        rows += [
            Row("peak resident set before anything is read", nothing["megabytes"], "MB"),
            Row("file of the store", size, "MB"),
        ]
    return rows + asked


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(child(*sys.argv[1:])))
    else:
        print_table("Readings: ten years of 35 wells, hourly", run())
