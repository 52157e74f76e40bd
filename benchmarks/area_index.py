"""Areas prepared once against geopandas.sjoin: a million points round the evacuation sites.

Run it from the root: ``python -m benchmarks.area_index``. Both sides answer in one process by
turns, each after one warm-up. Peak memory is the highest resident set (``ru_maxrss``) of a process
of its own for each side, and of a third one that only loads the data.
"""

from __future__ import annotations

import gzip
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.table import Row, print_table
from kumageo.area_index import AreaIndex
from kumageo.crs import GEOGRAPHIC

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[1]
FULL_AREAS = ROOT.parent / "shared/data/n03_43_full.geojson.gz"
AREAS = ROOT / "geodata/raw/municipal_boundaries.geojson"
SITES = ROOT / "geodata/raw/evacuation_sites.csv"

N_POINTS = 1_000_000
SIGMA_M = 300
METRES_PER_DEGREE = 111_000
SEED = 20251027
RUNS = 5
MIN_RATIO = 4


def load_areas() -> tuple[gpd.GeoDataFrame, str]:
    """Return the areas and, in words, which they are."""
    if FULL_AREAS.exists():
        with gzip.open(FULL_AREAS) as file:
            areas, words = gpd.read_file(file), "full-resolution areas"
    else:
        areas = gpd.read_file(AREAS)
        words = f"simplified areas; full resolution left out, as {FULL_AREAS.name} is not there"
    # Both are JGD2011; GeoJSON cannot say so.
    areas = areas[["code", "geometry"]].set_crs(GEOGRAPHIC, allow_override=True)
    vertices = int(shapely.get_num_coordinates(areas.geometry.array).sum())
    return areas, f"{len(areas)} {words}, {vertices} vertices"


def make_points() -> gpd.GeoDataFrame:
    """Scatter points round the real sites."""
    sites = pd.read_csv(SITES, dtype=str)
    places = sites[["lon", "lat"]].astype(float).to_numpy()
    rng = np.random.default_rng(SEED)
    degrees = SIGMA_M / METRES_PER_DEGREE
    narrower = np.cos(np.radians(places[:, 1].mean()))
    shift = rng.normal(0, [degrees / narrower, degrees], (N_POINTS, 2))
    places = places[rng.integers(0, len(places), N_POINTS)] + shift
    return gpd.GeoDataFrame(geometry=shapely.points(places), crs=GEOGRAPHIC)


def by_sjoin(points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    return gpd.sjoin(points, areas, predicate="within")


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def peak_megabytes(side: str) -> float:
    """Run one side, or "none", in a process of its own."""
    # Linux counts the peak of the parent too, through exec. A shell between keeps ours out.
    shell = ["sh", "-c", '"$@"; exit $?', "sh"]
    command = [*shell, sys.executable, "-m", "benchmarks.area_index", side]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return float(done.stdout)


def child(side: str) -> float:
    areas, _ = load_areas()
    points = make_points()
    if side == "sjoin":
        by_sjoin(points, areas)
    elif side == "index":
        AreaIndex(areas).assign(points)
    # Linux counts kilobytes, macOS bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def compare(assigned: pd.DataFrame, joined: pd.DataFrame) -> dict[str, int]:
    """Count points whose area differs; ties are no part of sjoin's answer."""
    code = joined["code"].reindex(assigned.index)
    differs = (assigned["area_code"].fillna("") != code.fillna("")) & ~assigned["tie"]
    return {
        "points matched": int(assigned["area_code"].notna().sum()),
        "points on shared edges (ties)": int(assigned["tie"].sum()),
        "other points whose area differs": int(differs.sum()),
    }


def run() -> list[Row]:
    """Measure both sides; return the rows of the table."""
    areas, words = load_areas()
    points = make_points()
    build = [seconds(lambda: AreaIndex(areas)) for _ in range(RUNS)]
    index = AreaIndex(areas)
    same = compare(index.assign(points), by_sjoin(points, areas))  # the warm-up of both
    x, y = shapely.get_coordinates(points.geometry.array).T.copy()
    times: dict[str, list[float]] = {"sjoin": [], "index": [], "arrays": []}
    for _ in range(RUNS):
        times["sjoin"].append(seconds(lambda: by_sjoin(points, areas)))
        times["index"].append(seconds(lambda: index.assign(points)))
        times["arrays"].append(seconds(lambda: index.assign_xy(x, y)))
    median = {side: statistics.median(values) for side, values in times.items()}
    sjoin_s = median["sjoin"]
    rows = [
        Row(f"areas: {words}", ""),
        Row("points", len(points)),
        Row("AreaIndex.assign, warm", median["index"], "s", sjoin_s, MIN_RATIO, at_least=True),
        Row("AreaIndex.assign_xy, warm", median["arrays"], "s", sjoin_s, at_least=True),
        Row("AreaIndex, build", statistics.median(build), "s"),
    ]
    rows += [Row(what, value) for what, value in same.items()]
    sides = {"none": "data only", "sjoin": "data and sjoin", "index": "data and AreaIndex"}
    return rows + [
        Row(f"peak resident set, {words}", peak_megabytes(side), "MB")
        for side, words in sides.items()
    ]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(child(sys.argv[1]))
    else:
        print_table("AreaIndex against geopandas.sjoin", run())
