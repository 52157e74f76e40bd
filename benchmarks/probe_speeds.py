"""Speeds of probes: ten million places matched to corridors and counted, and the naive way.

The naive way holds the whole file: pandas.read_csv, geopandas.sjoin_nearest, groupby. It checks
no row. `python -m benchmarks.probe_speeds FILE` takes corridors from another file.
"""

from __future__ import annotations

import gzip
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import shapely

from benchmarks.table import Row, print_table
from kumageo.crs import GEOGRAPHIC, METRIC
from kumageo.readers.speeds import read_speeds
from kumageo.schemas import KUMAMOTO_BOUNDS
from kumageo.speed_bins import to_bin

ROOT = Path(__file__).resolve().parents[1]
PLACES = [
    ROOT / "geodata" / "raw" / "corridors.geojson",
    ROOT.parent / "shared" / "figures" / "corridors.geojson",
]
N_ROWS = 10_000_000
N_SAMPLE = 200_000
N_NAIVE = 2_000_000
RUNS = 5
SEED = 20260525
SIGMA_M = 12
SHARE_NEAR = 0.8
N_DAYS = 28
BATCH = 500_000
MAX_DISTANCE_M = 30
MAX_PEAK_MB = 1000


def load_corridors(path: Path) -> gpd.GeoDataFrame:
    corridors = gpd.read_file(path, columns=["id"])
    # They are JGD2011; GeoJSON cannot say so.
    return corridors[["id", "geometry"]].set_crs(GEOGRAPHIC, allow_override=True)


def make_file(path: Path, corridors: gpd.GeoDataFrame, n_rows: int) -> None:
    """Write places round the corridors and, for a fifth, all over the prefecture."""
    lines = np.asarray(corridors.to_crs(METRIC).geometry.array)
    rng = np.random.default_rng(SEED)
    options = pa.csv.WriteOptions(include_header=False, quoting_style="none")
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"lon,lat,timestamp,speed_kmh\n")
        for _ in range(0, n_rows, BATCH):
            table = pa.table(make_batch(rng, lines, min(BATCH, n_rows)))
            pa.csv.write_csv(table, file, options)


def make_batch(rng: np.random.Generator, lines: np.ndarray, n: int) -> dict[str, object]:
    along = shapely.line_interpolate_point(
        lines[rng.integers(0, len(lines), n)], rng.random(n), normalized=True
    )
    xy = shapely.get_coordinates(along) + rng.normal(0, SIGMA_M, (n, 2))
    degrees = gpd.GeoSeries(gpd.points_from_xy(*xy.T, crs=METRIC)).to_crs(GEOGRAPHIC)
    lon_min, lat_min, lon_max, lat_max = KUMAMOTO_BOUNDS
    is_near = rng.random(n) < SHARE_NEAR
    lon = np.where(is_near, degrees.x, rng.uniform(lon_min, lon_max, n))
    lat = np.where(is_near, degrees.y, rng.uniform(lat_min, lat_max, n))
    seconds = rng.integers(0, N_DAYS * 86_400, n).astype("timedelta64[s]")
    times = np.datetime_as_string(np.datetime64("2026-06-01T00:00:00") + seconds, unit="s")
    return {
        "lon": lon.round(6),
        "lat": lat.round(6),
        "timestamp": np.char.add(times, "+09:00"),
        "speed_kmh": np.clip(rng.lognormal(3.4, 0.5, n), 0, 180).round(1),
    }


def read_naively(path: Path, corridors: gpd.GeoDataFrame, n_rows: int) -> pd.DataFrame:
    rows = pd.read_csv(path, nrows=n_rows)
    places = gpd.points_from_xy(rows["lon"], rows["lat"], crs=GEOGRAPHIC)
    points = gpd.GeoDataFrame(rows, geometry=places).to_crs(METRIC)
    near = gpd.sjoin_nearest(points, corridors.to_crs(METRIC), max_distance=MAX_DISTANCE_M)
    times = pd.to_datetime(near["timestamp"])
    moving = near["speed_kmh"] >= 1
    keys = ["id", times.dt.date.rename("date"), times.dt.hour.rename("hour")]
    speed_bin = pd.Series(to_bin(near["speed_kmh"].clip(lower=1)), near.index, name="speed_bin")
    return near[moving].groupby([*keys, speed_bin]).size().reset_index(name="n_samples")


def read_ours(path: Path, corridors: gpd.GeoDataFrame, _n_rows: int = 0) -> pd.DataFrame:
    result = read_speeds(path, ["utf-8"], corridors, max_distance_m=MAX_DISTANCE_M)
    if result.n_kept not in {N_ROWS, N_SAMPLE}:
        raise RuntimeError(f"expected every row to be good, got {result.issues[:3]}")
    return result.table


SIDES: dict[str, Callable[[Path, gpd.GeoDataFrame, int], pd.DataFrame]] = {
    "ours": read_ours,
    "naive": read_naively,
    "none": lambda *_: pd.DataFrame({"n_samples": []}),
}


def measure(side: str, path: Path, corridors: Path, n_rows: int) -> dict[str, float]:
    """Run one side once, in a process of its own."""
    # Linux counts the peak of the parent too, through exec. A shell between keeps ours out.
    shell = ["sh", "-c", '"$@"; exit $?', "sh"]
    arguments = ["--child", side, str(path), str(corridors), str(n_rows)]
    command = [*shell, sys.executable, "-m", "benchmarks.probe_speeds", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def child(side: str, path: str, corridors: str, n_rows: str) -> dict[str, float]:
    lines = load_corridors(Path(corridors))
    start = time.perf_counter()
    table = SIDES[side](Path(path), lines, int(n_rows))
    taken = time.perf_counter() - start
    # Linux counts kilobytes, macOS bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return {"s": taken, "MB": peak, "samples": int(table["n_samples"].sum()), "rows": len(table)}


def run(path: Path | None = None) -> list[Row]:
    """Measure both sides; return the rows of the table."""
    found = [place for place in ([path] if path else PLACES) if place.is_file()]
    if not found:
        return [Row("skipped: geodata/raw/corridors.geojson is not there yet", "")]
    corridors = load_corridors(found[0])
    with tempfile.TemporaryDirectory() as folder:
        big, small = Path(folder) / "big.csv.gz", Path(folder) / "small.csv.gz"
        make_file(big, corridors, N_ROWS)
        make_file(small, corridors, N_SAMPLE)
        times: dict[str, list[float]] = {"ours": [], "naive": []}
        tables = {}
        for _ in range(RUNS):
            for side, taken in times.items():
                start = time.perf_counter()
                tables[side] = SIDES[side](small, corridors, N_SAMPLE)
                taken.append(time.perf_counter() - start)
        whole = measure("ours", big, found[0], N_ROWS)
        part = measure("ours", small, found[0], N_SAMPLE)
        naive = measure("naive", big, found[0], N_NAIVE)
        none = measure("none", small, found[0], 0)
    a_row = {side: 1e6 * statistics.median(taken) / N_SAMPLE for side, taken in times.items()}
    same = {side: int(table["n_samples"].sum()) for side, table in tables.items()}
    return [
        Row(f"rows, .csv.gz of {N_DAYS} days, n = 1", N_ROWS),
        Row("  time, in a process of its own", whole["s"], "s"),
        Row("  rows a second", N_ROWS / whole["s"]),
        Row("  samples counted", whole["samples"]),
        Row("  rows of the table", whole["rows"]),
        Row("  peak resident set", whole["MB"], "MB", limit=MAX_PEAK_MB),
        Row(f"  … with {N_SAMPLE:,} rows", part["MB"], "MB"),
        Row(f"  … naive way with {N_NAIVE:,} rows", naive["MB"], "MB"),
        Row("  … libraries and corridors only", none["MB"], "MB"),
        Row(
            f"microseconds a row, {N_SAMPLE:,} rows, median of {RUNS}",
            a_row["ours"],
            "µs",
            a_row["naive"],
        ),
        Row(
            "  samples counted (other: places equally near are twice)",
            same["ours"],
            "",
            same["naive"],
        ),
    ]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(child(*sys.argv[2:])))
    else:
        rows = run(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
        print_table("Probe speeds (other: read_csv, sjoin_nearest, groupby; no checks)", rows)
