"""Speeds from probes or detectors, counted by section, hour and speed while they are read.

Three layouts of CSV, columns in any order, one sample (a vehicle, or a reading) in each row:

- `section_id,timestamp,speed_kmh`: the speed on a section that was drawn as a corridor;
- `section_id,timestamp,travel_time_s`: the seconds from end to end of the drawn section;
- `lon,lat,timestamp,speed_kmh`: the speed at a place in degrees, JGD2011 (EPSG:6668).

A timestamp is ISO 8601 with an offset, such as 2026-05-25T03:00:00+09:00 or a Z at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from kumageo.area_index import typed_shapes
from kumageo.checks import JAPAN_BOUNDS
from kumageo.crs import GEOGRAPHIC, project_degrees, require_same_crs, to_metric
from kumageo.errors import ArgumentError, InvalidGeometryError, KeyColumnError
from kumageo.nearest import LINES, search_nearest
from kumageo.readers.cells import JAPAN, read_numbers, read_times
from kumageo.readers.chunks import read_chunks
from kumageo.readers.series import Findings, Series, Sieve
from kumageo.readers.tables import Layout
from kumageo.speed_bins import MAX_SPEED_KMH, SpeedCounts
from kumageo.validation import Issue

if TYPE_CHECKING:
    from kumageo.cell_grid import Bools, Floats, Ints

# Slower than a stroll: the vehicle stands, and the rest is noise of its position.
MIN_SPEED_KMH: Final = 1.0
KMH_PER_METRE_A_SECOND: Final = 3.6

LAYOUTS: Final = (
    Layout("section_speeds", ("section_id", "timestamp", "speed_kmh")),
    Layout("section_travel_times", ("section_id", "timestamp", "travel_time_s")),
    Layout("point_speeds", ("lon", "lat", "timestamp", "speed_kmh")),
)

# Of a cheap first look at places, wider than any line here bends between degrees and metres:
# a degree has at least 70 km in Japan, and 0.01 degrees are about 1 km.
_METRES_PER_DEGREE: Final = 70_000
_SLACK_DEGREES: Final = 0.01


def read_speeds(
    path: Path,
    encodings: Sequence[str],
    corridors: gpd.GeoDataFrame,
    *,
    max_distance_m: float = 30.0,
    now: pd.Timestamp | None = None,
) -> Series:
    """Read speeds of any number of vehicles and count them, in bounded memory.

    Errors of a row: unknown_section, no_zone, time, hour_24, too_early, future, blank, number,
    range (a speed below 0 or over 180 km/h, a travel time of 0 s or less), swapped_lon_lat and
    outside_japan. Units are those of the column names; nothing is guessed from the values.

    Two kinds of rows are good but not counted in the table, and one warning for the file says how
    many: "off_corridor", places farther than `max_distance_m` from every corridor, as probe files
    cover whole regions; and "standstill", 0 to under 1 km/h. A probe that waits at a red light is
    real, but it travels no distance, so its speed stands for no travel time of the section, and
    a floor of 1 km/h would be a speed that nobody measured. What waiting costs is in travel times
    (the second layout), not in speeds at a place: with those, congestion is understated.

    A place belongs to the nearest corridor by straight distance in EPSG:6670, at exactly
    `max_distance_m` too; of equally near ones, to the first row of `corridors`.

    Parameters
    ----------
    path
        Plain, `.gz` or one-member `.zip` file in one of `LAYOUTS`.
    encodings
        Encodings that the catalogue declares.
    corridors
        The drawn sections: LineString rows in EPSG:6668, with text column `id`.
    max_distance_m
        How far a place may be from its corridor, in metres.
    now
        Times after it are errors; by default the time of the call.

    Returns
    -------
    Series
        Its table has one row for each section, day, hour and bin of speed that occurs, sorted
        so: section_id (str), date (naive midnight of the Japanese day, datetime64[us]), hour
        (int64, 0 to 23 in Japanese time), speed_bin (int64, see `kumageo.speed_bins`: within
        0.5 % of the speed) and n_samples (int64). Its size is bounded by sections x days x 24 x
        522 bins, however long the file is. The samples and `n_uncounted` add up to `n_kept`.

    Raises
    ------
    ReadError
        If the file cannot be read as one of the layouts.
    CrsError, GeometryTypeError, InvalidGeometryError, KeyColumnError
        If the corridors are not as described.
    ArgumentError
        If the distance is negative or NaN.
    """
    if not max_distance_m >= 0:
        raise ArgumentError(
            f"max_distance_m: expected a distance in metres, got {max_distance_m}. Give 0 or more."
        )
    sections = _prepare_sections(corridors)
    now = pd.Timestamp.now(tz=JAPAN) if now is None else now
    findings, counts = Findings("section_id"), SpeedCounts()
    n_kept = n_off = n_standing = 0
    for chunk in read_chunks(path, LAYOUTS, encodings):
        sieve = findings.open_chunk(chunk)
        times = read_times(sieve, "timestamp", now)
        section = _find_sections(sieve, sections, max_distance_m)
        speeds = _read_speeds(sieve, sections, section)
        is_off, is_standing = section < 0, speeds < MIN_SPEED_KMH
        n_kept += int(sieve.good.sum())
        n_off += int((sieve.good & is_off).sum())
        n_standing += int((sieve.good & ~is_off & is_standing).sum())
        counted = sieve.good & ~is_off & ~is_standing
        counts.add(section[counted], times[counted], speeds[counted])
        if findings.is_full:
            break
    notes = [
        *_note(n_off, "off_corridor", f"a place within {max_distance_m:g} m of a corridor"),
        *_note(n_standing, "standstill", f"{MIN_SPEED_KMH:g} km/h or faster"),
    ]
    table = counts.to_table(sections["id"])
    return findings.finish(table, n_kept=n_kept, n_uncounted=n_off + n_standing, notes=notes)


def _note(n_rows: int, check: str, expected: str) -> list[Issue]:
    """Return a warning for the file where rows were not counted."""
    got = f"{n_rows:,} rows without, not counted"
    return [Issue(0, "", "", check, expected, got, "warning")] if n_rows else []


def _prepare_sections(corridors: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return id, geometry, geometry_m and length_m (EPSG:6670), in their order, all checked."""
    require_same_crs(
        corridors, gpd.GeoDataFrame(geometry=[], crs=GEOGRAPHIC), "corridors", "places"
    )
    typed_shapes(corridors, "corridors", LINES, "(Multi)LineString")
    ids = corridors["id"] if "id" in corridors else pd.Series(dtype=object)
    is_name = ids.map(lambda cell: isinstance(cell, str) and bool(cell.strip()))
    if not len(ids) or not is_name.all() or ids.duplicated().any():
        raise KeyColumnError(
            "corridors: expected a column id with different non-blank strings, got "
            f"{', '.join(map(repr, ids.head(5))) or 'none'}. Name every section once."
        )
    shapes = corridors.geometry.array
    sections = gpd.GeoDataFrame({"id": ids.to_numpy()}, geometry=shapes, crs=corridors.crs)
    sections["geometry_m"] = to_metric(sections, "corridors").geometry
    sections["length_m"] = sections["geometry_m"].length
    if not (sections["length_m"] > 0).all():
        short = sections.loc[~(sections["length_m"] > 0), "id"]
        raise InvalidGeometryError(
            f"corridors: expected lines with a length, got none for {', '.join(short)}. "
            "Draw the section, or leave it out."
        )
    return sections


def _find_sections(sieve: Sieve, sections: gpd.GeoDataFrame, max_distance_m: float) -> Ints:
    """Return the position of the section of each row; -1 for none."""
    if "lon" in sieve.rows:
        return _match_places(sieve, sections, max_distance_m)
    found: Ints = pd.Index(sections["id"]).get_indexer(sieve.rows["section_id"])
    expected = f"one of the {len(sections)} sections"
    sieve.find(found < 0, "section_id", "unknown_section", expected)
    return found


def _match_places(sieve: Sieve, sections: gpd.GeoDataFrame, max_distance_m: float) -> Ints:
    lon, lat = _read_filled(sieve, "lon"), _read_filled(sieve, "lat")
    is_number = ~np.isnan(lon) & ~np.isnan(lat)
    in_japan = _is_inside(lon, lat, JAPAN_BOUNDS)
    is_swapped = _is_inside(lat, lon, JAPAN_BOUNDS)
    shown = ("lon", "lat")
    sieve.find(is_swapped, "position", "swapped_lon_lat", "lon, lat in this order", shown=shown)
    is_abroad = is_number & ~in_japan & ~is_swapped
    sieve.find(is_abroad, "position", "outside_japan", "a place in Japan", shown=shown)
    margin = max_distance_m / _METRES_PER_DEGREE + _SLACK_DEGREES
    west, south, east, north = sections.total_bounds
    extent = (west - margin, south - margin, east + margin, north + margin)
    near = np.flatnonzero(_is_inside(lon, lat, extent))
    found = search_nearest(
        project_degrees(lon[near], lat[near]),
        sections["geometry_m"].to_numpy(),
        1,
        max_distance_m,
    )
    section = np.full(len(lon), -1)
    section[near[found.point]] = found.feature
    return section


def _is_inside(x: Floats, y: Floats, bounds: Sequence[float]) -> Bools:
    x_min, y_min, x_max, y_max = bounds
    return (x >= x_min) & (x <= x_max) & (y >= y_min) & (y <= y_max)


def _read_speeds(sieve: Sieve, sections: gpd.GeoDataFrame, section: Ints) -> Floats:
    """Return the speeds in km/h; where a row is bad they are of no use."""
    speeds: Floats
    if "speed_kmh" in sieve.rows:
        speeds = _read_filled(sieve, "speed_kmh")
        is_bad = (speeds < 0) | (speeds > MAX_SPEED_KMH)
        sieve.find(is_bad, "speed_kmh", "range", f"0 to {MAX_SPEED_KMH:g} km/h")
        return speeds
    seconds = _read_filled(sieve, "travel_time_s")
    sieve.find(seconds <= 0, "travel_time_s", "range", "more than 0 s")
    lengths_m = sections["length_m"].to_numpy()[section]
    speeds = KMH_PER_METRE_A_SECOND * lengths_m / np.where(seconds > 0, seconds, np.nan)
    is_fast = (section >= 0) & (speeds > MAX_SPEED_KMH)
    expected = f"a time that makes at most {MAX_SPEED_KMH:g} km/h"
    sieve.find(is_fast, "travel_time_s", "range", expected)
    return speeds


def _read_filled(sieve: Sieve, column: str) -> Floats:
    sieve.find(sieve.rows[column] == "", column, "blank", "a value")
    return read_numbers(sieve, column)
