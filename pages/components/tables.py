"""Tables of the pages with the column names that people read; the downloads use the same."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from kumageo.labels import Labels
from kumageo.schemas import HAZARDS
from pages.components.data import PageData

PROFILE_COLUMNS = (
    "population",
    "area_km2",
    "density_per_km2",
    "n_sites",
    "sites_per_10k",
    "n_shelters",
    "shelters_per_10k",
    "data_platform_member",
    "groundwater_area",
)


def tabulate_profiles(profiles: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """Return the municipalities with their indicators, in the order of their codes."""
    table = profiles.reset_index()[["code", "name", "region_name", *PROFILE_COLUMNS]].copy()
    table = table.round({"density_per_km2": 1, "sites_per_10k": 2, "shelters_per_10k": 2})
    for flag in ("data_platform_member", "groundwater_area"):
        words = {True: labels(f"flag.{flag}.yes"), False: labels(f"flag.{flag}.no")}
        table[flag] = table[flag].map(words)
    return table.rename(columns=lambda name: labels(f"column.{name}"))


def tabulate_facilities(
    facilities: gpd.GeoDataFrame, data: PageData, labels: Labels
) -> pd.DataFrame:
    """Return facilities with every published column, in the order of their datasets."""
    kinds = {kind: labels(f"kind.{kind}") for kind in ("site", "shelter")}
    names = {hazard: labels(f"hazard.{hazard}") for hazard in HAZARDS}
    served = facilities[list(HAZARDS)].fillna(value=False).astype(bool)
    table = pd.DataFrame(
        {
            "kind": facilities["kind"].map(kinds),
            "name": facilities["name"],
            "municipality_code": facilities["municipality_code"].map(data.names),
            "hazards": [
                "、".join(names[h] for h in HAZARDS if row[h]) for row in served.to_dict("records")
            ],
            "accepts": facilities["accepts"],
            "address": facilities["address"],
            "note": facilities["note"],
            "located": facilities["located_code"].map(data.names),
            "outside_m": facilities["outside_m"].round(1),
            "lon": facilities["lon"],
            "lat": facilities["lat"],
            "id": facilities["id"],
            "source_row": facilities["source_row"],
        }
    )
    return table.rename(columns=lambda name: labels(f"column.{name}"))


def add_sources(
    table: pd.DataFrame, dataset_of_row: pd.Series | str, data: PageData, labels: Labels
) -> pd.DataFrame:
    """Add the columns 出典, 時点 and 加工 to a table that leaves the page.

    Parameters
    ----------
    table
        From one of the functions above.
    dataset_of_row
        Dataset id of each row, or one for all.
    """
    ids = pd.Series(dataset_of_row, index=table.index)
    attribution = {dataset.id: dataset.attribution for dataset in data.catalog}
    processed = {dataset.id: dataset.processed_statement for dataset in data.catalog}
    days = {name: publication.as_of for name, publication in data.publications.items()}
    return table.assign(
        **{
            labels("column.source"): ids.map(attribution),
            labels("column.as_of"): ids.map(days),
            labels("column.processed"): ids.map(processed),
        }
    )
