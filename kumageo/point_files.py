"""Files of points, read and written so that no row and no value of theirs is lost."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS

from kumageo.crs import GEOGRAPHIC, WEB, require_crs
from kumageo.errors import ReadError
from kumageo.readers.files import decode, read_bytes

MAX_BYTES: Final = 1024**3
LON_NAMES: Final = ("lon", "longitude", "lng", "経度")
LAT_NAMES: Final = ("lat", "latitude", "緯度")
FEATURE_SUFFIXES: Final = (".geojson", ".json", ".gpkg", ".parquet")
OUT_SUFFIXES: Final = (".csv", ".geojson", ".gpkg", ".parquet")
CSV_ENCODINGS: Final = ("utf-8", "cp932")
LAYER: Final = "points"


@dataclass(frozen=True)
class PointFile:
    """The rows of a file: their cells as they stand there, and their geometry with a CRS."""

    cells: pd.DataFrame
    geometry: gpd.GeoSeries


def read_points(path: Path, csv_crs: CRS) -> PointFile:
    """Read a CSV with lon and lat (経度, 緯度), or GeoJSON, GeoPackage or Parquet with points.

    Parameters
    ----------
    path
        At most `MAX_BYTES`; its ending names the format.
    csv_crs
        CRS of the degrees of a CSV, which cannot say it.

    Raises
    ------
    ReadError
        If the file is missing, too large, cut off, or has no such columns.
    CrsError
        If a file with geometries does not state its CRS.
    """
    suffix = path.suffix.lower()
    if suffix == ".csv":
        cells = _read_csv(path)
        lon, lat = _find_column(cells, LON_NAMES, path), _find_column(cells, LAT_NAMES, path)
        x, y = _to_degrees(cells[lon], 180, path), _to_degrees(cells[lat], 90, path)
        shapes = shapely.points(x, y)
        shapes[np.isnan(x) | np.isnan(y)] = None
        crs = csv_crs if csv_crs.is_geographic else CRS(GEOGRAPHIC)
        return PointFile(cells, gpd.GeoSeries(shapes, index=cells.index, crs=crs))
    if suffix in (".geojson", ".json"):
        return _read_geojson(path)
    features = read_features(path)
    return PointFile(pd.DataFrame(features.drop(columns=features.geometry.name)), features.geometry)


def read_features(path: Path) -> gpd.GeoDataFrame:
    """Read GeoJSON, GeoPackage or Parquet with geometries and a stated CRS.

    Raises
    ------
    ReadError
        If the file is missing, empty, too large, has several layers or no geometry.
    CrsError
        If it does not state its CRS.
    """
    suffix = path.suffix.lower()
    if suffix not in FEATURE_SUFFIXES:
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
        features = gpd.read_parquet(path) if suffix == ".parquet" else _read_layer(path)
    except ReadError:
        raise
    except (ValueError, OSError, pyogrio.errors.DataSourceError) as error:
        raise ReadError(
            f"{path.name}: expected {suffix[1:]} with geometries, got {str(error)[:200]}. "
            "Export the file again."
        ) from error
    if not isinstance(features, gpd.GeoDataFrame):
        raise ReadError(f"{path.name}: expected geometries, got a table. Export it as GeoJSON.")
    require_crs(features, path.name)
    return features


def _read_layer(path: Path) -> gpd.GeoDataFrame | pd.DataFrame:
    names = [str(name) for name, _ in pyogrio.list_layers(path)]
    if len(names) != 1:
        raise ReadError(
            f"{path.name}: expected one layer, got {', '.join(names)[:200] or 'none'}. "
            "Export the one that is meant."
        )
    keep_integers = {"integer_object_nulls": True}
    return pyogrio.read_dataframe(path, use_arrow=True, arrow_to_pandas_kwargs=keep_integers)


def _read_csv(path: Path) -> pd.DataFrame:
    text, _ = decode(read_bytes(path, MAX_BYTES), CSV_ENCODINGS, path.name)
    _check_shape(text, path)
    try:
        return pd.read_csv(io.StringIO(text), dtype="str", keep_default_na=False, index_col=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise _ragged(path, str(error)) from error


def _check_shape(text: str, path: Path) -> None:
    """Refuse what pandas would cut, fill up or rename: it reads fast, but not strictly."""
    reader = csv.reader(io.StringIO(text.rstrip()), strict=True)
    try:
        header = next(reader, [])
        for row in reader:
            if len(row) != len(header):
                raise _ragged(
                    path, f"{len(row)} instead of {len(header)} in line {reader.line_num}"
                )
    except csv.Error as error:
        raise _ragged(path, f"{error} in line {reader.line_num}") from error
    repeated = sorted(name for name, count in Counter(header).items() if count > 1)
    if repeated:
        raise ReadError(
            f"{path.name}: expected each column once, got twice: {', '.join(repeated)}. Rename one."
        )


def _ragged(path: Path, got: str) -> ReadError:
    return ReadError(
        f"{path.name}: expected a CSV with as many cells in each row as in the header line, "
        f"got {got}. Mend that line."
    )


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


def _read_geojson(path: Path) -> PointFile:
    """Read GeoJSON as JSON: GDAL would rewrite dates, lists and whole numbers beside null."""
    text, _ = decode(read_bytes(path, MAX_BYTES), ["utf-8"], path.name)
    try:
        document = json.loads(text)
        features = document["features"]
        records = [dict(feature["properties"] or {}) for feature in features]
        shapes = [_to_shape(feature.get("geometry")) for feature in features]
        crs = CRS.from_user_input(document.get("crs", {}).get("properties", {}).get("name", WEB))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ReadError(
            f"{path.name}: expected geojson with geometries, got {type(error).__name__}: "
            f"{str(error)[:200]}. Export the file again."
        ) from error
    if not records:
        raise ReadError(f"{path.name}: expected features, got none. Export the file again.")
    names = list(dict.fromkeys(name for record in records for name in record))
    columns = {name: [record.get(name) for record in records] for name in names}
    cells = pd.DataFrame(columns, index=range(len(records)), dtype="object")
    return PointFile(cells, gpd.GeoSeries(shapes, index=cells.index, crs=crs))


def _to_shape(geometry: Any) -> Any:
    return None if geometry is None else shapely.from_geojson(json.dumps(geometry))


def check_out(path: Path) -> None:
    """Refuse an output that could not be written, before any work is done.

    Raises
    ------
    ReadError
        If the ending is unknown, the folder does not exist, or the path is a folder.
    """
    if path.suffix.lower() not in OUT_SUFFIXES or not path.parent.is_dir() or path.is_dir():
        raise ReadError(
            f"{path.name}: expected an output in a folder that exists, ending in "
            f"{', '.join(OUT_SUFFIXES)}; got {str(path)[-80:]!r}. Choose another."
        )


def write_points(points: PointFile, path: Path) -> None:
    """Write all rows beside the output first, then put them in its place in one step.

    Raises
    ------
    ReadError
        If the format cannot hold a column of that name.
    """
    suffix = path.suffix.lower()
    with tempfile.TemporaryDirectory(prefix=".assign-", dir=path.parent) as folder:
        staged = Path(folder) / f"{LAYER}{suffix}"
        try:
            if suffix == ".csv":
                _add_lon_lat(points).to_csv(staged, index=False)
            elif suffix == ".geojson":
                staged.write_text(_to_geojson(points), encoding="utf-8")
            elif suffix == ".parquet":
                _to_frame(points).to_parquet(staged)
            else:
                _to_frame(points).to_file(staged, layer=LAYER)
        except (ValueError, TypeError, pyogrio.errors.FieldError, RuntimeError) as error:
            raise ReadError(
                f"{path.name}: expected columns that {suffix[1:]} can hold, got "
                f"{str(error)[:200]}. Write .csv, or rename the column."
            ) from error
        staged.replace(path)


def _to_frame(points: PointFile) -> gpd.GeoDataFrame:
    name = "geometry" if "geometry" not in points.cells else "point_geometry"
    return gpd.GeoDataFrame(points.cells.assign(**{name: points.geometry}), geometry=name)


def _add_lon_lat(points: PointFile) -> pd.DataFrame:
    """Give a table without columns of coordinates the degrees of its points."""
    if any(str(column).strip().lower() in LON_NAMES for column in points.cells.columns):
        return points.cells
    geometry = points.geometry
    degrees = geometry if geometry.crs.is_geographic else geometry.to_crs(GEOGRAPHIC)
    bounds = degrees.bounds  # of an empty point NaN, where x and y would raise
    return points.cells.assign(lon=bounds["minx"], lat=bounds["miny"])


def _to_geojson(points: PointFile) -> str:
    shapes: Iterable[str | None] = shapely.to_geojson(points.geometry.to_crs(WEB).to_numpy())
    features = [
        {
            "type": "Feature",
            "properties": {name: _to_plain(value) for name, value in record.items()},
            "geometry": json.loads(shape) if shape else None,
        }
        for record, shape in zip(points.cells.to_dict("records"), shapes, strict=True)
    ]
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, allow_nan=False) + "\n"


def _to_plain(value: Any) -> Any:
    if isinstance(value, list | dict):
        return value
    if pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value
