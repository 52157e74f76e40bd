"""Tables as files for people: CSV, Excel and GeoJSON, safe to open in a spreadsheet."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from openpyxl import Workbook

from kumageo.crs import WEB

# A cell that starts with one of these is run as a formula by spreadsheets (OWASP, CSV Injection).
# Japanese input makes full-width ones, which some spreadsheets take for the same.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
COORDINATE_DECIMALS: Final = 6


def escape_formula(value: object) -> object:
    """Put an apostrophe before text that a spreadsheet would run; leave all else as it is."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


def to_csv_bytes(table: pd.DataFrame) -> bytes:
    """Return the table as CSV in UTF-8 with a byte order mark, as Excel in Japan expects it.

    Parameters
    ----------
    table
        Columns under the names that people shall read. NA becomes an empty cell.
    """
    safe = _make_safe(table)
    return safe.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def to_xlsx_bytes(table: pd.DataFrame, notes: Mapping[str, str]) -> bytes:
    """Return a workbook: the table on the first sheet, sources and date on the second.

    Parameters
    ----------
    table
        Columns under the names that people shall read.
    notes
        Name and text of each line of the second sheet (出典, 時点, …).
    """
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("データ")
    sheet.freeze_panes = "A2"
    safe = _make_safe(table)
    for record in [list(safe.columns), *safe.itertuples(index=False, name=None)]:
        sheet.append([_to_plain(value) for value in record])
    sources = workbook.create_sheet("出典")
    sources.column_dimensions["A"].width, sources.column_dimensions["B"].width = 18, 90
    for name, text in notes.items():
        sources.append([str(escape_formula(name)), str(escape_formula(text))])
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def to_geojson_bytes(features: gpd.GeoDataFrame, notes: Mapping[str, str]) -> bytes:
    """Return a GeoJSON FeatureCollection (RFC 7946: EPSG:4326, lon, lat).

    Parameters
    ----------
    features
        Features in any stated CRS; the columns become properties, NA becomes null.
    notes
        Sources and date, as foreign member `metadata`.
    """
    geometry = features.geometry.to_crs(WEB)
    rounded = shapely.transform(geometry.to_numpy(), _round_coordinates)
    columns = features.drop(columns=features.geometry.name)
    collection = {
        "type": "FeatureCollection",
        "metadata": dict(notes),
        "features": [
            {
                "type": "Feature",
                "properties": {name: _to_plain(value) for name, value in record.items()},
                "geometry": json.loads(shape) if shape else None,
            }
            for record, shape in zip(
                columns.to_dict("records"), shapely.to_geojson(rounded), strict=True
            )
        ],
    }
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()


def _make_safe(table: pd.DataFrame) -> pd.DataFrame:
    # Cell by cell as objects: whole numbers beside unknown ones would become floats.
    columns = {
        str(escape_formula(str(name))): pd.Series(
            [escape_formula(value) for value in table[name]], index=table.index, dtype="object"
        )
        for name in table.columns
    }
    return pd.DataFrame(columns, index=table.index)


def _round_coordinates(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.round(coordinates, COORDINATE_DECIMALS)


def _to_plain(value: object) -> Any:
    if value is pd.NA or value is None or (isinstance(value, float) and not np.isfinite(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value
