"""Evacuation sites and shelters: where they lie, what they serve, which are near.

指定緊急避難場所 (to flee to, by hazard; 災害対策基本法 第49条の4) is not 指定避難所 (to stay in;
第49条の7). Both are lists of designations: they never say what is open.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kumageo.crs import GEOGRAPHIC, METRIC, require_same_crs
from kumageo.errors import QueryError
from kumageo.joins import assign_area, nearest_feature
from kumageo.municipalities import dissolve_municipalities
from kumageo.schemas import HAZARDS, KUMAMOTO_BOUNDS

SITE: Final = "site"
SHELTER: Final = "shelter"
KINDS: Final = (SITE, SHELTER)

# 消防庁「津波避難対策推進マニュアル検討会報告書」(2013): 1.0 m/s as a rule, 0.5 m/s for
# people who walk with difficulty.
WALKING_SPEED_M_S: Final = 1.0
WALKING_SPEED_FRAIL_M_S: Final = 0.5
N_NEAREST: Final = 5
MAX_AT_ONE_PLACE: Final = 4


@dataclass(frozen=True)
class FacilityFilter:
    """Which facilities are meant; an empty value does not narrow.

    `mode` joins several hazards: "any" wants one of them, "all" wants each. `text` is
    looked for in name and address, width and case aside.
    """

    hazards: tuple[str, ...] = ()
    mode: Literal["any", "all"] = "any"
    kinds: tuple[str, ...] = KINDS
    region_id: str = ""
    municipality_code: str = ""
    text: str = ""


def build_facilities(
    sites: gpd.GeoDataFrame, shelters: gpd.GeoDataFrame, boundaries: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Put sites and shelters in one table and find the municipality each lies in.

    Parameters
    ----------
    sites, shelters
        Points in EPSG:6668, schemas `EVACUATION_SITES` and `EVACUATION_SHELTERS`.
    boundaries
        Areas in EPSG:6668 with code and municipality_code (wards of 熊本市 apart).

    Returns
    -------
    geopandas.GeoDataFrame
        Range index; sites first, then shelters, each in the order of their dataset. Beside
        their columns: `kind`; `position_in_dataset`; `area_code` (ward or municipality the
        point lies in) and `located_code` (its municipality), NA where in none; `outside`,
        true where that is not the municipality that registered it, and `outside_m`, the
        distance in metres to the latter. Hazards of shelters are NA: none are designated.

    Raises
    ------
    CrsError
        If the three do not share one CRS.
    """
    require_same_crs(sites, shelters, "sites", "shelters")
    parts = [
        frame.assign(kind=kind, position_in_dataset=np.arange(len(frame)))
        for kind, frame in ((SITE, sites), (SHELTER, shelters))
    ]
    facilities = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=sites.crs)
    located = assign_area(facilities, boundaries, parent="municipality_code")
    facilities["area_code"] = located["area_code"]
    facilities["located_code"] = located["municipality_code"]
    facilities["outside"] = facilities["located_code"] != facilities["municipality_code"]
    facilities["outside"] = facilities["outside"].fillna(value=True).astype(bool)
    facilities["outside_m"] = _measure_outside(facilities, boundaries)
    return facilities


def _measure_outside(facilities: gpd.GeoDataFrame, boundaries: gpd.GeoDataFrame) -> pd.Series:
    """Return the distance in metres from the registering municipality, NA inside it."""
    outside = facilities[facilities["outside"]]
    areas = dissolve_municipalities(boundaries).to_crs(METRIC).geometry
    registered = areas.reindex(outside["municipality_code"]).to_numpy()
    distance_m = shapely.distance(outside.geometry.to_crs(METRIC).to_numpy(), registered)
    measured: pd.Series = pd.Series(distance_m, index=outside.index, dtype="float64")
    return measured.reindex(facilities.index)


def select_facilities(
    facilities: gpd.GeoDataFrame, chosen: FacilityFilter, region_of: pd.Series
) -> pd.Series:
    """Tell which facilities a filter means.

    Municipality and region are those that registered the facility. As soon as a hazard is
    chosen shelters drop out: they are designated for no hazard, and showing one beside a
    hazard would say that it is safe.

    Parameters
    ----------
    facilities
        From `build_facilities`.
    chosen
        The filter.
    region_of
        region_id by municipality code.

    Returns
    -------
    pandas.Series
        bool, with the index of `facilities`.

    Raises
    ------
    QueryError
        If a hazard or kind is none of those that exist.
    """
    _require_known(chosen.hazards, HAZARDS, "hazard")
    _require_known(chosen.kinds, KINDS, "kind")
    mask = facilities["kind"].isin(chosen.kinds)
    if chosen.hazards:
        served = facilities[list(chosen.hazards)].fillna(value=False).astype(bool)
        mask &= served.any(axis=1) if chosen.mode == "any" else served.all(axis=1)
    if chosen.region_id:
        mask &= facilities["municipality_code"].map(region_of) == chosen.region_id
    if chosen.municipality_code:
        mask &= facilities["municipality_code"] == chosen.municipality_code
    if chosen.text:
        wanted = _fold(chosen.text)
        words = (facilities["name"] + "\n" + facilities["address"]).map(_fold)
        mask &= words.str.contains(wanted, regex=False)
    selected: pd.Series = mask.astype(bool)
    return selected


def _require_known(values: tuple[str, ...], known: tuple[str, ...], subject: str) -> None:
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise QueryError(
            f"{subject}: expected among {', '.join(known)}; got {', '.join(unknown)[:80]!r}. "
            "Choose from the list."
        )


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


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
        Those that come into question, from `build_facilities`.
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


def report_evacuation(facilities: gpd.GeoDataFrame, municipalities: pd.DataFrame) -> dict[str, Any]:
    """Return the numbers of the page 避難場所 as plain values.

    Parameters
    ----------
    facilities
        From `build_facilities`.
    municipalities
        Schema `MUNICIPALITIES`, for the names.

    Returns
    -------
    dict
        `summary`, `by_municipality` (registered counts) and `outside` (each facility that
        lies outside the municipality that registered it, with the distance in metres).
    """
    names = municipalities.set_index("code")["name"]
    counts = pd.crosstab(facilities["municipality_code"], facilities["kind"])
    counts = counts.reindex(index=names.index, columns=list(KINDS), fill_value=0)
    outside = facilities[facilities["outside"]]
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
        "outside": [
            {
                "id": row.id,
                "kind": row.kind,
                "name": row.name_,
                "registered": row.municipality_code,
                "located": None if pd.isna(row.located_code) else row.located_code,
                "outside_m": round(row.outside_m, 1),
            }
            for row in outside.rename(columns={"name": "name_"}).itertuples()
        ],
    }
