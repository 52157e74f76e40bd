"""Surfaces between wells, their file, and a raster of 10^5 x 10^5 cells in bounded memory.

Run it from the root: ``python -m benchmarks.surface``. The raster is sparse, but all of it is gone
through; that runs in a process of its own, for its peak memory (``ru_maxrss``).
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import from_origin
from rasterio.windows import Window

from benchmarks.readings import ROOT, milliseconds
from benchmarks.table import Row, print_table
from kumageo.interpolation import (
    IDW,
    KRIGING,
    fit_variogram,
    interpolate_idw,
    judge_method,
    krige,
)
from kumageo.rasters.cog import MANDATORY_TAGS, write_cog
from kumageo.rasters.files import describe_raster
from kumageo.rasters.pictures import picture_raster
from kumageo.rasters.zones import zonal_statistics
from kumageo.schemas import KUMAMOTO_BOUNDS
from kumageo.store import Store
from kumageo.surface import CELL_M, Grid

SEED = 35
SIDE = 100_000
GRID = Grid(-40_000, -10_000, 130, 200)  # 26,000 cells
MAX_MB = 300


def measure_methods(n_wells: int) -> list[Row]:
    """Measure what a page asks for, with so many wells."""
    rng, centres = np.random.default_rng(SEED), GRID.list_centres()
    low = centres.min(axis=0)
    xy = low + rng.uniform(0, 1, (n_wells, 2)) * np.ptp(centres, axis=0)
    values = 20 + (xy[:, 0] - low[0]) / 2000 + rng.normal(0, 1, n_wells)
    variogram = fit_variogram(xy, values)
    actions: dict[str, Callable[[], object]] = {
        "IDW": lambda: interpolate_idw(xy, values, centres),
        "IDW, leave-one-out": lambda: judge_method(xy, values, IDW),
        "variogram fitted": lambda: fit_variogram(xy, values),
        "kriging with its error": lambda: krige(xy, values, centres, variogram),
        "kriging, leave-one-out": lambda: judge_method(xy, values, KRIGING, variogram),
    }
    return [
        Row(f"{what}, {n_wells} wells", milliseconds(action), "ms")
        for what, action in actions.items()
    ]


def measure_file() -> Row:
    """Measure how long a file takes to write."""
    plane = GRID.list_centres()[:, 0].reshape(GRID.n_rows, GRID.n_columns)
    tags = dict.fromkeys(MANDATORY_TAGS, "benchmark")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.tif"
        written = milliseconds(lambda: write_cog(path, plane, GRID, tags))
    return Row("GeoTIFF (COG) written", written, "ms")


def write_raster(path: Path) -> None:
    """Write a sparse raster of 1 m cells over the prefecture, with one block of values."""
    profile = {
        "driver": "GTiff",
        "width": SIDE,
        "height": SIDE,
        "count": 1,
        "dtype": "float32",
        "crs": "EPSG:6670",
        "transform": from_origin(-60_000, 0, 1, 1),
        "nodata": -9999,
        "tiled": True,
        "blockxsize": 512,
        "blockysize": 512,
        "sparse_ok": True,
        "bigtiff": "yes",
    }
    with rasterio.open(path, "w", **profile) as dataset:
        block = np.full((512, 512), 2, "float32")
        dataset.write(block, 1, window=Window(51_200, 51_200, 512, 512))


def child(path: str) -> dict[str, float]:
    """Describe, draw and summarise a raster, or nothing, and measure."""
    areas = Store(ROOT / "geodata").load("municipal_boundaries")
    seconds = {}
    if path:
        actions: dict[str, Callable[[], object]] = {
            "describe": lambda: describe_raster(Path(path)),
            "draw": lambda: picture_raster(Path(path), KUMAMOTO_BOUNDS),
            "zones": lambda: zonal_statistics(Path(path), areas),
        }
        for name, action in actions.items():
            start = time.perf_counter()
            action()
            seconds[name] = time.perf_counter() - start
    # Linux counts kilobytes, macOS bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return seconds | {"mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit}


def run_child(path: str) -> dict[str, float]:
    # Linux counts the peak of the parent too, through exec. A shell between keeps ours out.
    shell = ["sh", "-c", '"$@"; exit $?', "sh"]
    command = [*shell, sys.executable, "-m", "benchmarks.surface", path]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def measure_raster() -> list[Row]:
    """Measure a raster that would take 40 GB in memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "huge.tif"
        write_raster(path)
        measured, nothing = run_child(str(path)), run_child("")
    return [
        Row("cells of the raster", SIDE**2),
        Row("described, every cell", measured["describe"], "s"),
        Row("drawn, thinned out", measured["draw"], "s"),
        Row("zonal statistics of 45 municipalities", measured["zones"], "s"),
        Row("  peak resident set", measured["mb"], "MB", limit=MAX_MB),
        Row("peak resident set before anything is read", nothing["mb"], "MB"),
    ]


def run() -> list[Row]:
    """Measure; return the rows of the table."""
    cells = Row("cells of 250 m", GRID.n_rows * GRID.n_columns)
    return [cells, *measure_methods(28), *measure_methods(35), measure_file(), *measure_raster()]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(child(sys.argv[1])))
    else:
        print_table(f"Surfaces between wells ({CELL_M:.0f} m), and a raster of 10^5 x 10^5", run())
