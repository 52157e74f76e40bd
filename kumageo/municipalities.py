"""Municipalities: their areas, counts of what lies in them, and indicators to compare.

Comparing is not ranking: nothing here sorts municipalities by an indicator
(デジタル庁「地域幸福度（Well-Being）指標」 asks for the same).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import geopandas as gpd
import pandas as pd

from kumageo.joins import count_within
from kumageo.labels import Labels
from kumageo.schemas import HAZARDS

PER_PERSONS: Final = 10_000
PARTLY_IN_GROUNDWATER_AREA: Final = "43210"  # 菊池市: only 旧旭志村 and 旧泗水町


@dataclass(frozen=True)
class Indicator:
    """One indicator of the profile table: its column, unit and the datasets it is made from."""

    id: str
    kind: Literal["number", "flag"]
    unit: str
    decimals: int
    datasets: tuple[str, ...]


_POPULATION = ("municipalities",)
_SITES = ("evacuation_sites", "municipal_boundaries", "municipalities")
_SHELTERS = ("evacuation_shelters", "municipal_boundaries", "municipalities")

INDICATORS: Final = (
    Indicator("population", "number", "persons", 0, _POPULATION),
    Indicator("density_per_km2", "number", "persons_per_km2", 1, _POPULATION),
    Indicator("sites_per_10k", "number", "per_10k", 1, _SITES),
    *(Indicator(f"sites_per_10k_{hazard}", "number", "per_10k", 1, _SITES) for hazard in HAZARDS),
    Indicator("shelters_per_10k", "number", "per_10k", 1, _SHELTERS),
    Indicator("data_platform_member", "flag", "", 0, _POPULATION),
    Indicator("groundwater_area", "flag", "", 0, _POPULATION),
)


def write_flag(name: str, value: object, code: str, labels: Labels) -> str:
    """Write a flag of a municipality in words.

    Parameters
    ----------
    name
        Id of an indicator of the kind "flag".
    value
        Its value for the municipality.
    code
        The municipality: 菊池市 belongs to the groundwater area in part only.
    labels
        Texts of the reader's language.
    """
    if name == "groundwater_area" and code == PARTLY_IN_GROUNDWATER_AREA:
        return labels("flag.groundwater_area.partly")
    return labels(f"flag.{name}.{'yes' if value else 'no'}")


def dissolve_municipalities(boundaries: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Merge the wards of 熊本市 so that each municipality is one row.

    Parameters
    ----------
    boundaries
        Areas with `municipality_code`, edges shared (a valid coverage), any CRS.

    Returns
    -------
    geopandas.GeoDataFrame
        `geometry` in the CRS given; index `municipality_code`, sorted.
    """
    columns = ["municipality_code", boundaries.geometry.name]
    return boundaries[columns].dissolve(by="municipality_code", method="coverage")


def build_profiles(
    municipalities: pd.DataFrame,
    boundaries: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Count sites and shelters in each municipality and work out the indicators.

    Parameters
    ----------
    municipalities
        Schema `MUNICIPALITIES`.
    boundaries, sites, shelters
        Areas and points in one CRS.

    Returns
    -------
    pandas.DataFrame
        Index `code` in the order of `municipalities`. Columns of the municipalities and:
        `density_per_km2` (persons / km2), `n_sites`, `n_sites_<hazard>`, `n_shelters`
        (points that lie within), `n_sites_registered`, `n_shelters_registered` (points
        registered by it, wherever they lie), and `sites_per_10k`, `sites_per_10k_<hazard>`,
        `shelters_per_10k` (points within per 10,000 residents).

    Raises
    ------
    CrsError
        If the geometries do not share one CRS.
    """
    plain = pd.DataFrame(municipalities.drop(columns="geometry", errors="ignore"))
    profiles = plain.set_index("code").drop(columns="source_row", errors="ignore")
    profiles["density_per_km2"] = profiles["population"] / profiles["area_km2"]
    points = {"sites": sites, "shelters": shelters}
    points |= {f"sites_{hazard}": sites[sites[hazard].fillna(value=False)] for hazard in HAZARDS}
    for name, features in points.items():
        counted = count_within(boundaries, features, key="municipality_code").table
        profiles[f"n_{name}"] = counted["n_points"].reindex(profiles.index)
        subject, _, hazard = name.partition("_")
        column = f"{subject}_per_10k_{hazard}".rstrip("_")
        profiles[column] = profiles[f"n_{name}"] / profiles["population"] * PER_PERSONS
    for name, features in (("sites", sites), ("shelters", shelters)):
        registered = features["municipality_code"].value_counts()
        profiles[f"n_{name}_registered"] = registered.reindex(profiles.index, fill_value=0)
    return profiles


def list_regions(municipalities: pd.DataFrame) -> pd.DataFrame:
    """Return the areas of the regional councils.

    Returns
    -------
    pandas.DataFrame
        Index `region_id` in the order of first appearance; columns region_name,
        n_municipalities, population (persons), area_km2.
    """
    grouped = municipalities.groupby("region_id", sort=False)
    return grouped.agg(
        region_name=("region_name", "first"),
        n_municipalities=("code", "size"),
        population=("population", "sum"),
        area_km2=("area_km2", "sum"),
    )


def report_municipalities(profiles: pd.DataFrame, regions: pd.DataFrame) -> dict[str, Any]:
    """Return the numbers of the page 概要 as plain values.

    Parameters
    ----------
    profiles
        From `build_profiles`.
    regions
        From `list_regions`.
    """
    numeric = profiles.astype(object).where(profiles.notna(), None)
    return {
        "summary": {
            "n_municipalities": len(profiles),
            "population": int(profiles["population"].sum()),
            "area_km2": round(float(profiles["area_km2"].sum()), 2),
            "n_sites": int(profiles["n_sites"].sum()),
            "n_shelters": int(profiles["n_shelters"].sum()),
            "n_data_platform_members": int(profiles["data_platform_member"].sum()),
            "n_groundwater_area": int(profiles["groundwater_area"].sum()),
        },
        "regions": regions.reset_index().to_dict("records"),
        "municipalities": numeric.reset_index().to_dict("records"),
    }
