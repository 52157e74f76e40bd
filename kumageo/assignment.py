"""Find the area of each point of a file: any table of points in, the same rows out."""

from __future__ import annotations

import io
import os
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyproj import CRS

from kumageo.crs import GEOGRAPHIC, require_crs
from kumageo.errors import KeyColumnError, ReadError
from kumageo.joins import assign_area, summarise_assignment
from kumageo.readers.files import decode, read_bytes

MAX_BYTES: Final = 1024**3
LON_NAMES: Final = ("lon", "longitude", "lng", "経度")
LAT_NAMES: Final = ("lat", "latitude", "緯度")
RESULT_COLUMNS: Final = ("area_code", "tie")
OUT_SUFFIXES: Final = (".csv", ".geojson", ".gpkg", ".parquet")
CSV_ENCODINGS: Final = ("utf-8", "cp932")


def assign_file(
    points_path: Path,
    areas_path: Path,
    out_path: Path,
    *,
    area_key: str = "code",
    id_key: str | None = None,
) -> dict[str, Any]:
    """Add `area_code` and `tie` to every row of a file of points.

    Parameters
    ----------
    points_path
        `.csv` with columns lon and lat (or 経度 and 緯度) in degrees, or `.geojson`, `.gpkg`
        or `.parquet` with points in a stated CRS. The degrees of a CSV are those of the
        areas, or EPSG:6668 where the areas are in metres.
    areas_path
        `.geojson`, `.gpkg` or `.parquet` with Polygon or MultiPolygon.
    out_path
        Its ending names the format; replaced in one step when all rows are done.
    area_key
        Column of the areas that names them.
    id_key
        Column of the points that must hold every value once, if given.

    Returns
    -------
    dict
        rows, matched, unmatched, ties (counts) and seconds.

    Raises
    ------
    ReadError
        If a file is missing, empty, too large or in no known format.
    KeyColumnError
        If a key column is missing or does not name rows singly.
    """
    started = time.perf_counter()
    _check_out(out_path)
    areas = _read_areas(areas_path)
    points, cells = _read_points(points_path, areas.crs)
    _check_points(cells, id_key)
    assigned = assign_area(points.to_crs(areas.crs), areas, key=area_key)
    for name in RESULT_COLUMNS:
        cells[name] = assigned[name]
    _write(cells, points, out_path)
    counts = summarise_assignment(assigned)
    return {
        "rows": counts["n_rows"],
        "matched": counts["n_matched"],
        "unmatched": counts["n_unmatched"],
        "ties": counts["n_ties"],
        "seconds": round(time.perf_counter() - started, 3),
    }


def _read_points(path: Path, areas_crs: CRS) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the points, and the cells of the file that are written out again."""
    if path.suffix.lower() == ".csv":
        cells = _read_csv(path)
        lon, lat = _find_column(cells, LON_NAMES, path), _find_column(cells, LAT_NAMES, path)
        x, y = _to_degrees(cells[lon], 180, path), _to_degrees(cells[lat], 90, path)
        shapes = gpd.points_from_xy(x, y)
        shapes[np.isnan(x) | np.isnan(y)] = None
        crs = areas_crs if areas_crs.is_geographic else GEOGRAPHIC
        return gpd.GeoDataFrame(geometry=shapes, crs=crs), cells
    features = _read_features(path)
    return gpd.GeoDataFrame(geometry=features.geometry), features.rename_geometry("geometry")


def _read_csv(path: Path) -> pd.DataFrame:
    text, _ = decode(read_bytes(path, MAX_BYTES), CSV_ENCODINGS, path.name)
    try:
        with warnings.catch_warnings():
            # pandas only warns where a row is longer than the header, and cuts it
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                io.StringIO(text),
                dtype="str",
                keep_default_na=False,
                skip_blank_lines=False,
                index_col=False,
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning, pd.errors.EmptyDataError) as error:
        raise ReadError(
            f"{path.name}: expected a CSV with as many cells in each row as in the header line, "
            f"got {error}. Mend that line."
        ) from error


def _find_column(cells: pd.DataFrame, names: tuple[str, ...], path: Path) -> str:
    found = [column for column in cells.columns if column.strip().lower() in names]
    if len(found) != 1:
        raise ReadError(
            f"{path.name}: expected one column among {', '.join(names)}, got {len(found)} of them "
            f"in {', '.join(map(str, cells.columns))[:200]}. Name the columns lon and lat."
        )
    return str(found[0])


def _to_degrees(cells: pd.Series, limit: float, path: Path) -> np.ndarray:
    """Read degrees; a blank is unknown, anything else that is no number is refused."""
    stripped = cells.str.strip()
    numbers = pd.to_numeric(stripped, errors="coerce").to_numpy(dtype="float64")
    bad = (stripped != "").to_numpy() & ~(np.abs(numbers) <= limit)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise ReadError(
            f"{path.name}, row {row + 2}, column {cells.name}: expected degrees from {-limit} to "
            f"{limit}, got {stripped.iloc[row][:40]!r} ({int(bad.sum())} such rows). Mend them; "
            "lon and lat may be swapped."
        )
    return numbers


def _read_areas(path: Path) -> gpd.GeoDataFrame:
    areas = _read_features(path)
    if not len(areas):
        raise ReadError(f"{path.name}: expected areas, got none. Give another file.")
    return areas


def _read_features(path: Path) -> gpd.GeoDataFrame:
    suffix = path.suffix.lower()
    if suffix not in (".geojson", ".json", ".gpkg", ".parquet"):
        raise ReadError(
            f"{path.name}: expected .csv (points), .geojson, .gpkg or .parquet, got {suffix!r}. "
            "Export the file in one of these."
        )
    if not path.is_file() or not 0 < path.stat().st_size <= MAX_BYTES:
        raise ReadError(
            f"{path.name}: expected a file of 1 byte to {MAX_BYTES // 1024**2} MiB, got none. "
            "Check the path and the size."
        )
    try:
        features = gpd.read_parquet(path) if suffix == ".parquet" else gpd.read_file(path)
    except (ValueError, OSError, pyogrio.errors.DataSourceError) as error:
        raise ReadError(
            f"{path.name}: expected {suffix[1:]} with geometries, got {str(error)[:200]}. "
            "Export the file again."
        ) from error
    if not isinstance(features, gpd.GeoDataFrame):
        raise ReadError(f"{path.name}: expected geometries, got a table. Export it as GeoJSON.")
    require_crs(features, path.name)
    return features


def _check_points(cells: pd.DataFrame, id_key: str | None) -> None:
    taken = [name for name in RESULT_COLUMNS if name in cells.columns]
    if taken:
        raise KeyColumnError(
            f"points: expected no column named {', '.join(taken)}, got one. Rename it first."
        )
    if id_key is None:
        return
    if id_key not in cells.columns:
        raise KeyColumnError(
            f"points: expected the column {id_key!r}, got "
            f"{', '.join(map(str, cells.columns))[:200]}. Correct --id-key."
        )
    repeated = cells[id_key][cells[id_key].duplicated(keep=False)]
    if len(repeated):
        raise KeyColumnError(
            f"points, column {id_key}: expected each value once, got {repeated.iloc[0]!r} "
            f"{int((repeated == repeated.iloc[0]).sum())} times. Remove the repetition."
        )


def _check_out(path: Path) -> None:
    if path.suffix.lower() not in OUT_SUFFIXES or not path.parent.is_dir():
        raise ReadError(
            f"{path.name}: expected an output in a folder that exists, ending in "
            f"{', '.join(OUT_SUFFIXES)}; got {str(path)[-80:]!r}. Choose another."
        )


def _write(cells: pd.DataFrame, points: gpd.GeoDataFrame, path: Path) -> None:
    """Write all rows beside the output first, then put them in its place in one step."""
    suffix = path.suffix.lower()
    table = cells.drop(columns="geometry", errors="ignore")
    handle, name = tempfile.mkstemp(prefix=".assign-", suffix=suffix, dir=path.parent)
    os.close(handle)
    staged = Path(name)
    try:
        if suffix == ".csv":
            _add_lon_lat(table, points).to_csv(staged, index=False)
        else:
            features = gpd.GeoDataFrame(table, geometry=points.geometry)
            if suffix == ".parquet":
                features.to_parquet(staged, index=False)
            else:
                staged.unlink()  # GDAL makes the file itself
                features.to_file(staged)
        staged.replace(path)
    finally:
        staged.unlink(missing_ok=True)


def _add_lon_lat(table: pd.DataFrame, points: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give a table without columns of coordinates the coordinates of its points."""
    if any(str(column).strip().lower() in LON_NAMES for column in table.columns):
        return table
    bounds = points.geometry.bounds  # of an empty point NaN, where x and y would raise
    return table.assign(lon=bounds["minx"], lat=bounds["miny"])
