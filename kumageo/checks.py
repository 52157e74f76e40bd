"""The checks of rows against a schema. Each takes text rows and returns issues."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from kumageo.crs import METRIC
from kumageo.errors import ArgumentError
from kumageo.joins import assign_area
from kumageo.partial_dates import parse_partial_date
from kumageo.schemas.model import AREA, Column, FeatureSchema
from kumageo.validation import Issue, Severity

# (lon_min, lat_min, lon_max, lat_max): the extent of Japan, rounded outwards.
JAPAN_BOUNDS: Final = (122.0, 20.0, 154.5, 46.5)
# The boundaries are simplified at 20 m and leave out islets under 0.5 ha.
LAND_TOLERANCE_M: Final = 200.0
# Wider than rounding at five decimals (1 m), narrower than any real area between two others.
MAX_GAP_M: Final = 10.0

SPAN_PARTS: Final = 2  # first and last

_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")
_INTEGER = re.compile(r"[0-9]{1,15}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CONTROL_BUT_NEWLINE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class References:
    """What rows are checked against beside their schema; blank means: not checked.

    `municipality_names` maps five-digit codes to names. `areas` are the areas of the
    prefecture in EPSG:6668 with municipality_code.
    """

    municipality_names: dict[str, str] = field(default_factory=dict)
    areas: gpd.GeoDataFrame | None = None


def check_rows(rows: pd.DataFrame, schema: FeatureSchema, references: References) -> list[Issue]:
    """Check text rows against their schema.

    Parameters
    ----------
    rows
        Columns of the schema as text and `source_row`; for areas and lines also `geometry`.
    schema
        What the dataset must look like.
    references
        Municipalities and land to check against.

    Returns
    -------
    list of Issue
        In the order of checks, then rows.
    """
    if not len(rows):
        return []
    issues = _check_key(rows, schema)
    for column in schema.columns:
        issues += _check_column(rows, schema, column)
    if "lon" in schema.column_names:
        issues += _check_positions(rows, schema, "lon", "lat", references)
    if "office_lon" in schema.column_names:
        issues += _check_positions(rows, schema, "office_lon", "office_lat", references)
    if schema.municipality_column and references.municipality_names:
        issues += _check_municipality(rows, schema, references)
    if "geometry" in rows:
        issues += _check_shapes(rows, schema)
    return issues


def _report(
    rows: pd.DataFrame,
    schema: FeatureSchema,
    column: str,
    check: str,
    expected: str,
    severity: Severity = "error",
) -> list[Issue]:
    ids, numbers, cells = rows[schema.key], rows["source_row"], rows[column].astype(str)
    return [
        Issue(int(number), str(feature_id), column, check, expected, cell, severity)
        for number, feature_id, cell in zip(numbers, ids, cells, strict=True)
    ]


def _check_key(rows: pd.DataFrame, schema: FeatureSchema) -> list[Issue]:
    keys = rows[schema.key]
    repeated = rows[keys.duplicated(keep=False) & (keys != "")]
    return _report(repeated, schema, schema.key, "duplicate_key", "an id that stands once")


def _check_column(rows: pd.DataFrame, schema: FeatureSchema, column: Column) -> list[Issue]:
    cells = rows[column.name].astype("str")
    blank = cells == ""
    issues = []
    if column.required:
        issues += _report(rows[blank], schema, column.name, "blank", "a value")
    filled = rows[~blank]
    for check, expected, is_good in _rules(column):
        good = filled[column.name].map(is_good).astype(bool)
        issues += _report(filled[~good], schema, column.name, check, expected)
        filled = filled[good]  # one finding a cell is enough
    return issues


def check_cell(cell: str, column: Column) -> str:
    """Return what a column expects that a filled cell does not fulfil; blank for a good cell."""
    for _, expected, is_good in _rules(column):
        if not is_good(cell):
            return expected
    return ""


def _rules(column: Column) -> Iterable[tuple[str, str, Callable[[str], bool]]]:
    """Yield (check, expected, predicate on a non-blank cell) for one column."""
    if column.kind == "flag":
        yield "flag", "0 or 1", lambda cell: cell in ("0", "1")
    elif column.kind == "date":
        yield "date", "a date such as 2026-01-31", _is_date
    elif column.kind == "span":
        yield "date", "a year, month or day, or two of them as 2024-04-22/2024-05", _is_span
    elif column.kind in ("integer", "number"):
        form = _INTEGER if column.kind == "integer" else _NUMBER
        yield "number", f"a plain {column.kind} in half-width digits", _matcher(form)
        yield "range", _range_text(column), lambda cell: _in_range(column, float(cell))
    else:
        yield from _text_rules(column)


def _text_rules(column: Column) -> Iterable[tuple[str, str, Callable[[str], bool]]]:
    control = _CONTROL_BUT_NEWLINE if column.multiline else _CONTROL
    limit = column.max_bytes
    yield "too_long", f"at most {limit} bytes", lambda cell: len(cell.encode()) <= limit
    yield "control_character", "printable text", lambda cell: control.search(cell) is None
    yield "markup", "text without < or >", lambda cell: not set("<>") & set(cell)
    yield "formula", "no = + - or @ at the start", lambda cell: cell[0] not in "=+-@＝＋－＠"
    if column.pattern:
        yield "pattern", f"the form {column.pattern}", _matcher(re.compile(column.pattern))


def _matcher(form: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda cell: form.fullmatch(cell) is not None


def _is_date(cell: str) -> bool:
    try:
        return dt.date.fromisoformat(cell).isoformat() == cell
    except ValueError:
        return False


def _is_span(cell: str) -> bool:
    try:
        days = [parse_partial_date(part) for part in cell.split("/")]
    except ArgumentError:
        return False
    return len(days) <= SPAN_PARTS and days[0].first <= days[-1].last


def _range_text(column: Column) -> str:
    return f"{column.minimum} to {column.maximum} {column.unit}".strip()


def _in_range(column: Column, value: float) -> bool:
    low = column.minimum is None or value >= column.minimum
    return low and (column.maximum is None or value <= column.maximum)


def _check_positions(
    rows: pd.DataFrame, schema: FeatureSchema, lon: str, lat: str, references: References
) -> list[Issue]:
    """Check points: lon and lat not swapped, in Japan, in the extent; then on land."""
    pairs = rows.assign(position=rows[lon] + ", " + rows[lat])
    half = pairs[(rows[lon] == "") != (rows[lat] == "")]
    issues = _report(half, schema, "position", "half_a_position", "both lon and lat, or neither")
    numeric = rows[lon].map(_matcher(_NUMBER)) & rows[lat].map(_matcher(_NUMBER))
    points = pairs[numeric]
    x, y = points[lon].astype(float), points[lat].astype(float)
    swapped = _inside(y, x, JAPAN_BOUNDS)
    in_japan = _inside(x, y, JAPAN_BOUNDS)
    in_extent = _inside(x, y, schema.bounds)
    extent = "lon {0} to {2}, lat {1} to {3}".format(*schema.bounds)
    found = [
        ("swapped_lon_lat", "lon, lat in this order", swapped),
        ("outside_japan", "a place in Japan", ~swapped & ~in_japan),
        ("outside_extent", f"a place in {extent}", in_japan & ~in_extent),
    ]
    for check, expected, bad in found:
        issues += _report(points[bad], schema, "position", check, expected)
    if schema.on_land and references.areas is not None:
        issues += _check_land(points[in_extent], schema, references.areas)
    return issues


def _check_land(rows: pd.DataFrame, schema: FeatureSchema, areas: gpd.GeoDataFrame) -> list[Issue]:
    """Refuse points at sea; warn of points outside the municipality that registered them."""
    shapes = gpd.points_from_xy(rows["lon"].astype(float), rows["lat"].astype(float))
    points = gpd.GeoDataFrame(geometry=shapes, index=rows.index, crs=schema.crs)
    tree = shapely.STRtree(areas.geometry.to_crs(METRIC).to_numpy())
    metric = points.geometry.to_crs(METRIC).to_numpy()
    near, _ = tree.query(metric, predicate="dwithin", distance=LAND_TOLERANCE_M)
    on_land = pd.RangeIndex(len(rows)).isin(near)
    expected = f"a place within {LAND_TOLERANCE_M:.0f} m of a municipality"
    issues = _report(rows[~on_land], schema, "position", "not_on_land", expected)
    registered = rows[schema.municipality_column]
    located = assign_area(points, areas, key="municipality_code")["area_code"]
    elsewhere = located.notna() & (located != registered)
    expected = "a place in the municipality that registered it"
    return issues + _report(
        rows[elsewhere], schema, "position", "outside_municipality", expected, "warning"
    )


def _inside(x: pd.Series, y: pd.Series, bounds: tuple[float, float, float, float]) -> pd.Series:
    lon_min, lat_min, lon_max, lat_max = bounds
    return x.between(lon_min, lon_max) & y.between(lat_min, lat_max)


def _check_municipality(
    rows: pd.DataFrame, schema: FeatureSchema, references: References
) -> list[Issue]:
    column = schema.municipality_column
    unknown = ~rows[column].isin(list(references.municipality_names)) & (rows[column] != "")
    expected = f"one of {len(references.municipality_names)} codes of the municipalities dataset"
    return _report(rows[unknown], schema, column, "unknown_municipality", expected)


def _check_shapes(rows: pd.DataFrame, schema: FeatureSchema) -> list[Issue]:
    shapes = rows["geometry"].to_numpy()
    valid = shapely.is_valid(shapes)
    reasons = rows.assign(geometry=shapely.is_valid_reason(shapes))
    issues = _report(reasons[~valid], schema, "geometry", "invalid_geometry", "a simple shape")
    inside = shapely.covers(shapely.box(*schema.bounds), shapes)
    extents = rows.assign(geometry=[str(bounds) for bounds in shapely.bounds(shapes)])
    expected = "a shape in lon {0} to {2}, lat {1} to {3}".format(*schema.bounds)
    issues += _report(extents[~inside], schema, "geometry", "outside_extent", expected)
    if schema.geometry_types == AREA:
        issues += _check_coverage(rows[valid & inside], schema)
    return issues


def _check_coverage(rows: pd.DataFrame, schema: FeatureSchema) -> list[Issue]:
    """Refuse areas that overlap their neighbours or leave a gap between."""
    areas = gpd.GeoSeries(rows["geometry"], crs=schema.crs).to_crs(METRIC).to_numpy()
    torn = ~shapely.is_empty(shapely.coverage_invalid_edges(areas, gap_width=MAX_GAP_M))
    named = rows.assign(geometry="overlap, gap or unmatched edge")
    return _report(
        named[torn], schema, "geometry", "broken_coverage", "edges shared with the neighbours"
    )


def check_completeness(rows: pd.DataFrame, schema: FeatureSchema) -> list[Issue]:
    """Check what no single row can show: that every feature that must exist is there.

    Parameters
    ----------
    rows
        The rows that are kept after `check_rows`.
    schema
        Its `expected_keys` are the features that must exist; blank: any.

    Returns
    -------
    list of Issue
        About the file as a whole; a map with a hole is not published, whatever is accepted.
    """
    if not schema.expected_keys:
        return []
    keys = set(rows[schema.key])
    missing = [key for key in schema.expected_keys if key not in keys]
    unknown = sorted(keys - set(schema.expected_keys))
    n_expected = len(schema.expected_keys)
    return [
        *(
            Issue(0, key, schema.key, "missing_feature", f"all {n_expected}", "none")
            for key in missing
        ),
        *(
            Issue(0, key, schema.key, "unknown_feature", f"only {n_expected}", key)
            for key in unknown
        ),
    ]
