"""Tables of the pages with the column names that people read; the downloads use the same."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from kumageo.labels import Labels
from kumageo.municipalities import write_flag
from kumageo.schemas import HAZARDS
from layers.content import PageData
from pages.components.words import name_places, write_day

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


def tabulate_profiles(
    profiles: pd.DataFrame, labels: Labels, *, with_hazards: bool = False
) -> pd.DataFrame:
    """Return the municipalities with their indicators, in the order of their codes.

    `with_hazards` adds the sites of each hazard, as a count and per 10,000 residents.
    """
    plain = profiles.reset_index()
    table = plain[["code", "name", "region_name", *PROFILE_COLUMNS]].copy()
    table = table.round({"density_per_km2": 1, "sites_per_10k": 2, "shelters_per_10k": 2})
    for flag in ("data_platform_member", "groundwater_area"):
        table[flag] = [
            write_flag(flag, value, code, labels)
            for value, code in zip(plain[flag], plain["code"], strict=True)
        ]
    table = table.rename(columns=lambda name: labels(f"column.{name}"))
    if with_hazards:
        for name in ("n_sites", "sites_per_10k"):
            for hazard in HAZARDS:
                column = labels.named(labels(f"column.{name}"), labels(f"hazard.{hazard}"))
                table[column] = plain[f"{name}_{hazard}"].round(2)
    return table


def tabulate_facilities(
    facilities: gpd.GeoDataFrame, data: PageData, labels: Labels
) -> pd.DataFrame:
    """Return facilities with every published column, in the order of their datasets."""
    kinds = {kind: labels(f"kind.{kind}") for kind in ("site", "shelter")}
    names = {hazard: labels(f"hazard.{hazard}") for hazard in HAZARDS}
    places = name_places(data, labels)
    served = facilities[list(HAZARDS)].fillna(value=False).astype(bool)
    table = pd.DataFrame(
        {
            "kind": facilities["kind"].map(kinds),
            "name": facilities["name"],
            "municipality_code": facilities["municipality_code"].map(places),
            "hazards": [
                labels.join(names[h] for h in HAZARDS if row[h])
                for row in served.to_dict("records")
            ],
            "accepts": facilities["accepts"],
            "address": facilities["address"],
            "note": facilities["note"],
            "located": facilities["located_code"].map(places),
            "outside_m": facilities["outside_m"].round(1),
            "lon": facilities["lon"],
            "lat": facilities["lat"],
            "id": facilities["id"],
            "source_row": facilities["source_row"],
        }
    )
    return table.rename(columns=lambda name: labels(f"column.{name}"))


def add_sources(
    table: pd.DataFrame,
    datasets_of_row: Sequence[Sequence[str]],
    caution: str,
    data: PageData,
    labels: Labels,
) -> pd.DataFrame:
    """Add the columns 出典, 時点, 加工 and 注意 to a table that leaves the page.

    Parameters
    ----------
    table
        From one of the functions above.
    datasets_of_row
        For each row the ids of the datasets that it is made from.
    caution
        What a reader of the file must know.
    """
    written = {
        ids: _write_sources(ids, data, labels) for ids in {tuple(r) for r in datasets_of_row}
    }
    names = [labels(f"column.{name}") for name in ("source", "as_of", "processed")]
    columns = {
        name: [written[tuple(ids)][place] for ids in datasets_of_row]
        for place, name in enumerate(names)
    }
    return table.assign(**columns, **{labels("column.notice"): caution})


def _write_sources(ids: Sequence[str], data: PageData, labels: Labels) -> tuple[str, str, str]:
    datasets = [data.catalog[dataset_id] for dataset_id in ids]
    days = [f"{one.title} {write_day(data, one.id, labels)}" for one in datasets]
    return (
        labels.join(dict.fromkeys(one.attribution for one in datasets)),
        labels.join(days),
        labels.join(dict.fromkeys(one.processed_statement for one in datasets)),
    )
