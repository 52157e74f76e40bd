"""Roads round Semicon Techno Park: what is measured where, and what lies near."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from kumageo.crs import METRIC, require_same_crs
from kumageo.days import WEEKDAY
from kumageo.errors import ArgumentError
from kumageo.facilities import SHELTER, SITE
from kumageo.joins import nearest_feature
from kumageo.municipalities import dissolve_municipalities
from kumageo.records import to_records
from kumageo.road_facts import compare_forecasts
from kumageo.speeds import summarise_speeds
from kumageo.volumes import BREAK_DAY, PERIODS, profile_hours, summarise_stations

# The drawn lines are sketches: the one station on them lies 9 m off, the crossings 0 to 3 m;
# the next nearest of either lies 260 m off.
SNAP_TOLERANCE_M: Final = 50.0
BUFFER_DISTANCES_M: Final = (500, 1000, 3000)
CIRCLE_SEGMENTS: Final = 64  # of a quarter: the area is right to 0.01 %
# The plant after which the area is known stands for Semicon Techno Park.
CENTRE_LANDMARK: Final = "jasm"
CONFIRMED: Final = "confirmed"


def snap_to_corridors(
    points: gpd.GeoDataFrame,
    corridors: gpd.GeoDataFrame,
    *,
    tolerance_m: float = SNAP_TOLERANCE_M,
) -> pd.DataFrame:
    """Find the corridor that each point lies on.

    Parameters
    ----------
    points
        Point rows; those without a place lie on no corridor.
    corridors
        Lines in the CRS of the points, with `id`.
    tolerance_m
        Straight distance in EPSG:6670 up to which a point counts as on the line.

    Returns
    -------
    pandas.DataFrame
        Exactly the index of `points`: `corridor_id` (NA beyond the tolerance) and
        `distance_m` to the nearest corridor, whichever it is. A crossing of two corridors
        goes to the nearer, equally near ones to the first.

    Raises
    ------
    CrsError
        If a CRS is unknown or the two differ.
    ArgumentError
        If the tolerance is negative or NaN.
    """
    if not tolerance_m >= 0:
        raise ArgumentError(f"tolerance_m: expected 0 m or more, got {tolerance_m}. Give more.")
    near = nearest_feature(points, corridors)
    ids = near["feature_index"].map(corridors["id"])
    on_line = (near["distance_m"] <= tolerance_m).fillna(value=False)
    return pd.DataFrame({"corridor_id": ids.where(on_line), "distance_m": near["distance_m"]})


def describe_corridors(corridors: gpd.GeoDataFrame, stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add the drawn length and the stations to each corridor.

    Parameters
    ----------
    corridors
        Lines of `schemas.CORRIDORS`.
    stations
        Points with point_code, in the same CRS.

    Returns
    -------
    geopandas.GeoDataFrame
        The corridors with `length_m` (EPSG:6670, of what is drawn) and `point_code` (the
        nearest station on it, NA for none: then nothing is measured there).
    """
    snapped = snap_to_corridors(stations, corridors).assign(point_code=stations["point_code"])
    on_line = snapped.dropna(subset=["corridor_id"]).sort_values("distance_m")
    first = on_line.drop_duplicates("corridor_id").set_index("corridor_id")["point_code"]
    lengths_m = corridors.to_crs(METRIC).length
    return corridors.assign(length_m=lengths_m, point_code=corridors["id"].map(first))


@dataclass(frozen=True)
class BufferSummary:
    """What lies within a distance of a place.

    `shares` has the index code and `share_pct`, the part of the municipality's area that
    lies within, and `population`, that part of its residents.
    """

    distance_m: float
    area: shapely.Geometry
    area_km2: float
    n_sites: int
    n_shelters: int
    n_wells: int
    population: float
    shares: pd.DataFrame


def summarise_buffer(
    centre: gpd.GeoSeries,
    distance_m: float,
    facilities: gpd.GeoDataFrame,
    wells: gpd.GeoDataFrame,
    municipalities: pd.DataFrame,
    boundaries: gpd.GeoDataFrame,
) -> BufferSummary:
    """Count what lies within a distance of a point or line.

    Residents are weighted by area: each municipality's residents count by the part of its
    area that lies within, as if they lived evenly over it (areal weighting; Goodchild and
    Lam, Areal interpolation, 1980). Where people live in fact is not in the data.

    Parameters
    ----------
    centre
        The point or line.
    distance_m
        Straight distance in EPSG:6670, above 0.
    facilities
        From `facilities.build_facilities`.
    wells
        Points; those without a place are nowhere.
    municipalities
        With code and population.
    boundaries
        Areas with municipality_code, in the CRS of the centre.

    Raises
    ------
    ArgumentError
        If the distance is not above 0 and finite, or the centre has no place.
    CrsError
        If centre, facilities, wells and boundaries do not share one CRS.
    """
    if not 0 < distance_m < math.inf:
        raise ArgumentError(f"distance_m: expected metres above 0, got {distance_m}. Give more.")
    if centre.is_empty.all() or centre.isna().all():
        raise ArgumentError("centre: expected a point or line, got none. Choose another place.")
    place = centre.to_frame("geometry")
    for name, layer in (("facilities", facilities), ("wells", wells), ("areas", boundaries)):
        require_same_crs(place, layer, "centre", name)
    area = shapely.union_all(centre.to_crs(METRIC).buffer(distance_m, CIRCLE_SEGMENTS).to_numpy())
    shapely.prepare(area)
    inside = _find_inside(facilities, area)
    shares = _weight_by_area(area, municipalities, boundaries)
    return BufferSummary(
        distance_m=distance_m,
        area=area,
        area_km2=area.area / 1e6,
        n_sites=int((inside & (facilities["kind"] == SITE)).sum()),
        n_shelters=int((inside & (facilities["kind"] == SHELTER)).sum()),
        n_wells=int(_find_inside(wells, area).sum()),
        population=float(shares["population"].sum()),
        shares=shares,
    )


def _find_inside(points: gpd.GeoDataFrame, area: shapely.Geometry) -> pd.Series:
    metric = points.geometry.to_crs(METRIC).to_numpy()
    return pd.Series(shapely.covers(area, metric), index=points.index)


def _weight_by_area(
    area: shapely.Geometry, municipalities: pd.DataFrame, boundaries: gpd.GeoDataFrame
) -> pd.DataFrame:
    whole = dissolve_municipalities(boundaries).to_crs(METRIC).geometry
    part = shapely.intersection(whole.to_numpy(), area)
    share = pd.Series(shapely.area(part) / whole.area.to_numpy(), index=whole.index)
    population = municipalities.set_index("code")["population"].astype("float64")
    shares = pd.DataFrame({"share_pct": 100 * share, "population": share * population})
    return shares[shares["share_pct"] > 0].rename_axis("code")


def measure_speeds(
    speeds: pd.DataFrame, corridors: gpd.GeoDataFrame, volumes: pd.DataFrame
) -> pd.DataFrame:
    """Return the indices of congestion of each corridor, before and after the earthquake.

    Parameters
    ----------
    speeds
        Counted speeds, from `readers.speeds`; may be without rows.
    corridors
        From `describe_corridors`.
    volumes
        Hourly volumes: where a corridor has a station, its delay can be reckoned.

    Returns
    -------
    pandas.DataFrame
        Columns `corridor_id`, `period` ("before" or "after") and those of
        `speeds.summarise_speeds`; no rows where there are no speeds at all.
    """
    lengths_m = corridors.set_index("id")["length_m"]
    stations = corridors.dropna(subset=["point_code"]).set_index("id")["point_code"]
    nothing = summarise_speeds(speeds.iloc[:0], lengths_m, {}).iloc[:0]
    parts = [nothing.rename_axis("corridor_id").reset_index().assign(period="")]
    for name, period in PERIODS.items():
        of_period = speeds[period.covers(speeds["date"])]
        if not len(of_period):
            continue
        profiles = profile_hours(volumes, period)
        vehicles = {
            str(corridor_id): _sum_directions(profiles, code)
            for corridor_id, code in stations.items()
        }
        summary = summarise_speeds(of_period, lengths_m, vehicles)
        summary.index.name = "corridor_id"
        parts.append(summary.reset_index().assign(period=name))
    return pd.concat(parts[1:] or parts, ignore_index=True)


def _sum_directions(profiles: pd.DataFrame, point_code: str) -> pd.Series:
    """Return the vehicles of the mean weekday by hour, both directions."""
    rows = profiles.reset_index()
    hours = rows[(rows["point_code"] == point_code) & (rows["day_class"] == WEEKDAY)]
    hours = hours.set_index("hour")
    both: pd.Series = hours["n_up"] + hours["n_down"]
    return both


def report_congestion(
    corridors: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame,
    volumes: pd.DataFrame,
    bottlenecks: gpd.GeoDataFrame,
    facts: pd.DataFrame,
    speeds: pd.DataFrame,
) -> dict[str, Any]:
    """Return the numbers of the page 渋滞 as plain values.

    Parameters
    ----------
    corridors, stations, bottlenecks
        Features of their schemas.
    volumes
        Hourly volumes; see `volumes.select_whole_days`.
    facts
        Published figures; empty where they are not loaded. No mean is made from them.
    speeds
        Counted speeds; empty where none are published, and then no index is given.
    """
    drawn = describe_corridors(corridors, stations)
    on_line = snap_to_corridors(stations, corridors)
    codes = pd.Index(stations["point_code"], name="point_code")
    measured = summarise_stations(volumes, codes)
    placed = bottlenecks.geometry.notna()
    confirmed = bottlenecks["status"] == CONFIRMED
    forecasts = compare_forecasts(facts)
    return {
        "summary": {
            "baseline_before": BREAK_DAY.isoformat(),
            "n_stations": len(stations),
            "n_stations_on_corridors": int(on_line["corridor_id"].notna().sum()),
            "n_corridors": len(drawn),
            "n_corridors_measured": int(drawn["point_code"].notna().sum()),
            "n_bottlenecks": int(confirmed.sum()),
            "n_bottlenecks_placed": int((confirmed & placed).sum()),
            "n_bottlenecks_unplaced": int((confirmed & ~placed).sum()),
            "n_speed_samples": int(speeds["n_samples"].sum()),
            "n_forecasts": len(forecasts),
            "n_forecasts_measured": int((forecasts["state"] == "measured").sum()),
        },
        "corridors": to_records(drawn[["id", "name", "confidence", "length_m", "point_code"]]),
        "stations": to_records(measured.reset_index()),
        "bottlenecks": {
            "placed": to_records(bottlenecks.loc[placed, _BOTTLENECK_COLUMNS]),
            "unplaced": to_records(bottlenecks.loc[~placed, _BOTTLENECK_COLUMNS]),
        },
        "forecasts": to_records(forecasts),
        "speeds": to_records(measure_speeds(speeds, drawn, volumes)),
    }


_BOTTLENECK_COLUMNS: Final = ["id", "name", "municipality", "road", "status", "listed_on"]
