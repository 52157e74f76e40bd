"""Sites and shelters in one table: where each lies, and which ones a filter means."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kumageo.crs import METRIC, require_same_crs
from kumageo.errors import QueryError
from kumageo.joins import assign_area
from kumageo.municipalities import dissolve_municipalities
from kumageo.schemas import HAZARDS

SITE: Final = "site"
SHELTER: Final = "shelter"
KINDS: Final = (SITE, SHELTER)


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
