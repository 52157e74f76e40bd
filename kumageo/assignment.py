"""Find the area of each point of a file: any table of points in, the same rows out."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from kumageo.errors import KeyColumnError, ReadError
from kumageo.joins import assign_area, summarise_assignment
from kumageo.point_files import PointFile, check_out, read_features, read_points, write_points

RESULT_COLUMNS: Final = ("area_code", "tie")


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
    check_out(out_path)
    areas = read_features(areas_path)
    if not len(areas):
        raise ReadError(f"{areas_path.name}: expected areas, got none. Give another file.")
    points = read_points(points_path, areas.crs)
    _check_columns(points.cells, id_key)
    located = gpd.GeoDataFrame(geometry=points.geometry).to_crs(areas.crs)
    assigned = assign_area(located, areas, key=area_key)
    added = {name: assigned[name] for name in RESULT_COLUMNS}
    write_points(PointFile(points.cells.assign(**added), points.geometry), out_path)
    counts = summarise_assignment(assigned)
    return {
        "rows": counts["n_rows"],
        "matched": counts["n_matched"],
        "unmatched": counts["n_unmatched"],
        "ties": counts["n_ties"],
        "seconds": round(time.perf_counter() - started, 3),
    }


def _check_columns(cells: pd.DataFrame, id_key: str | None) -> None:
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
