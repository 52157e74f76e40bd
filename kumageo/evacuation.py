"""Evacuation sites and shelters: which are near, and how many there are.

指定緊急避難場所 (to flee to, by hazard; 災害対策基本法 第49条の4) is not 指定避難所 (to stay in;
第49条の7). Both are lists of designations: they never say what is open.
"""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from kumageo.codes import KUMAMOTO_CITY_WARDS
from kumageo.crs import GEOGRAPHIC
from kumageo.errors import QueryError
from kumageo.facilities import KINDS, SHELTER, SITE
from kumageo.joins import nearest_feature
from kumageo.schemas import HAZARDS, KUMAMOTO_BOUNDS

# 消防庁「津波避難対策推進マニュアル検討会報告書」(2013): 1.0 m/s as a rule, 0.5 m/s for
# people who walk with difficulty.
WALKING_SPEED_M_S: Final = 1.0
WALKING_SPEED_FRAIL_M_S: Final = 0.5
N_NEAREST: Final = 5
MAX_AT_ONE_PLACE: Final = 4


def find_nearest(
    lon: float,
    lat: float,
    facilities: gpd.GeoDataFrame,
    *,
    include_restricted: bool = False,
    n: int = N_NEAREST,
) -> gpd.GeoDataFrame:
    """Find the facilities nearest to a point by straight line.

    Rivers, the sea and slopes are not in the distance. Facilities that accept only some
    people (`accepts`) are left out unless asked for. A site and a shelter of one name at one
    position are one place.

    Parameters
    ----------
    lon, lat
        The point in degrees (JGD2011; WGS 84 differs by less than a metre here).
    facilities
        Those that come into question, from `facilities.build_facilities`.
    include_restricted
        Whether facilities with `accepts` come into question too.
    n
        How many places at the most.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a place, nearest first: the columns of its first facility and `kinds` (tuple),
        `rank` from 1, `distance_m`, `walk_min` at 1.0 m/s and `walk_min_frail` at 0.5 m/s,
        both rounded up.

    Raises
    ------
    QueryError
        If the point lies outside the extent of the prefecture.
    """
    lon_min, lat_min, lon_max, lat_max = KUMAMOTO_BOUNDS
    if not (lon_min <= lon <= lon_max and lat_min <= lat <= lat_max):
        raise QueryError(
            f"point: expected lon {lon_min} to {lon_max}, lat {lat_min} to {lat_max}; "
            f"got {lon}, {lat}. Give a place in Kumamoto Prefecture, longitude first."
        )
    in_question = facilities
    if not include_restricted:
        in_question = facilities[facilities["accepts"].isna()]
    point = gpd.GeoDataFrame(geometry=gpd.points_from_xy([lon], [lat]), crs=GEOGRAPHIC)
    # A place holds one facility of each kind as a rule; more are looked at, to be sure.
    found = nearest_feature(point, in_question, n=n * MAX_AT_ONE_PLACE)
    found = found[found["feature_index"].notna()]
    rows = in_question.loc[found["feature_index"].to_list()]
    rows = rows.assign(distance_m=found["distance_m"].astype(float).to_numpy())
    place = [rows["name"], rows["lon"], rows["lat"]]
    kinds = rows.groupby(place, sort=False)["kind"].agg(lambda kind: tuple(dict.fromkeys(kind)))
    nearest = rows.drop_duplicates(["name", "lon", "lat"]).head(n).copy()
    nearest["kinds"] = kinds.iloc[: len(nearest)].to_numpy()
    nearest["rank"] = np.arange(1, len(nearest) + 1)
    nearest["walk_min"] = _to_minutes(nearest["distance_m"], WALKING_SPEED_M_S)
    nearest["walk_min_frail"] = _to_minutes(nearest["distance_m"], WALKING_SPEED_FRAIL_M_S)
    return nearest


def _to_minutes(distance_m: pd.Series, speed_m_s: float) -> pd.Series:
    minutes: pd.Series = np.ceil(distance_m / speed_m_s / 60).astype(int)
    return minutes


def summarise_facilities(facilities: gpd.GeoDataFrame) -> dict[str, Any]:
    """Count facilities by kind, hazard and disagreement of coordinate and boundary.

    Returns
    -------
    dict
        n_sites, n_shelters, n_sites_by_hazard, n_sites_outside, n_shelters_outside,
        n_shelters_restricted (with `accepts`).
    """
    sites = facilities[facilities["kind"] == SITE]
    shelters = facilities[facilities["kind"] == SHELTER]
    return {
        "n_sites": len(sites),
        "n_shelters": len(shelters),
        "n_sites_by_hazard": {hazard: int(sites[hazard].sum()) for hazard in HAZARDS},
        "n_sites_outside": int(sites["outside"].sum()),
        "n_shelters_outside": int(shelters["outside"].sum()),
        "n_shelters_restricted": int(shelters["accepts"].notna().sum()),
    }


def count_by_ward(facilities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count the facilities that lie in each ward of 熊本市.

    Parameters
    ----------
    facilities
        From `facilities.build_facilities`.

    Returns
    -------
    pandas.DataFrame
        Index: the five codes of the wards; columns site and shelter (counts).
    """
    counts = pd.crosstab(facilities["area_code"], facilities["kind"])
    return counts.reindex(index=list(KUMAMOTO_CITY_WARDS), columns=list(KINDS), fill_value=0)


def report_evacuation(facilities: gpd.GeoDataFrame, municipalities: pd.DataFrame) -> dict[str, Any]:
    """Return the numbers of the page 避難場所 as plain values.

    Parameters
    ----------
    facilities
        From `facilities.build_facilities`.
    municipalities
        Schema `MUNICIPALITIES`, for the names.

    Returns
    -------
    dict
        `summary`, `by_municipality` (registered counts), `by_ward` (located counts) and
        `outside` (each facility that lies outside the municipality that registered it, with
        the distance in metres).
    """
    names = municipalities.set_index("code")["name"]
    counts = pd.crosstab(facilities["municipality_code"], facilities["kind"])
    counts = counts.reindex(index=names.index, columns=list(KINDS), fill_value=0)
    outside = facilities[facilities["outside"]]
    wards = count_by_ward(facilities)
    return {
        "summary": summarise_facilities(facilities),
        "by_municipality": [
            {
                "code": code,
                "name": names[code],
                "n_sites": n_sites,
                "n_shelters": n_shelters,
            }
            for code, n_sites, n_shelters in counts[[SITE, SHELTER]].itertuples()
        ],
        "by_ward": [
            {"code": code, "n_sites": n_sites, "n_shelters": n_shelters}
            for code, n_sites, n_shelters in wards[[SITE, SHELTER]].itertuples()
        ],
        "outside": [
            {
                "id": row.id,
                "kind": row.kind,
                "name": row.name_,
                "registered": row.municipality_code,
                "located": None if pd.isna(row.located_code) else row.located_code,
                "outside_m": None if pd.isna(row.outside_m) else round(row.outside_m, 1),
            }
            for row in outside.rename(columns={"name": "name_"}).itertuples()
        ],
    }
