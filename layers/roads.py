"""The data of the page 渋滞, made from the published datasets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from kumageo.congestion import (
    CENTRE_LANDMARK,
    describe_corridors,
    measure_speeds,
    snap_to_corridors,
)
from kumageo.road_facts import compare_forecasts, list_works, select_facts
from kumageo.speeds import mean_speeds
from kumageo.volumes import PERIODS, profile_hours, summarise_stations
from layers.geojson import encode_lines, encode_points
from layers.traffic_data import (
    BOTTLENECK_COLUMNS,
    LANDMARK_COLUMNS,
    encode_corridors,
    encode_stations,
)


@dataclass(frozen=True)
class Roads:
    """Everything the page 渋滞 shows. Frames are not changed.

    `summary` is the mean weekday of each station before the earthquake, by its code;
    `speeds` and `speed_indices` have no rows where no speeds are published.
    """

    corridors: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame
    summary: pd.DataFrame
    volumes: pd.DataFrame
    bottlenecks: gpd.GeoDataFrame
    facts: pd.DataFrame
    forecasts: pd.DataFrame
    works: pd.DataFrame
    landmarks: gpd.GeoDataFrame
    speeds: pd.DataFrame
    speed_indices: pd.DataFrame

    @property
    def main_station(self) -> str:
        """Code of the station on a corridor, which the page opens with."""
        on_corridors = self.corridors["point_code"].dropna()
        codes = on_corridors if len(on_corridors) else self.stations["point_code"]
        return str(codes.iloc[0])

    def centre(self, place_id: str) -> gpd.GeoSeries:
        """Geometry of a corridor, or of the landmark that stands for Semicon Techno Park."""
        corridor = self.corridors.loc[self.corridors["id"] == place_id].geometry
        if len(corridor):
            return corridor
        return self.landmarks.loc[self.landmarks["id"] == CENTRE_LANDMARK].geometry


def build_roads(frames: Mapping[str, Any]) -> Roads:
    """Join the datasets of the roads, each under its id."""
    corridors, stations = frames["corridors"], frames["traffic_stations"]
    volumes, facts = frames["traffic_hourly"], pd.DataFrame(frames["road_facts"])
    drawn = describe_corridors(corridors, stations)
    on_line = snap_to_corridors(stations, corridors)
    names = stations["muni_n03"] + " " + stations["point_code"]
    codes = pd.Index(stations["point_code"], name="point_code")
    return Roads(
        corridors=drawn,
        stations=stations.assign(name=names, **on_line),
        summary=summarise_stations(volumes, codes),
        volumes=volumes,
        bottlenecks=_add_criteria(frames["bottlenecks"], facts),
        facts=facts,
        forecasts=compare_forecasts(facts),
        works=list_works(facts),
        landmarks=frames["landmarks"],
        speeds=frames["corridor_speeds"],
        speed_indices=measure_speeds(frames["corridor_speeds"], drawn, volumes),
    )


def _add_criteria(bottlenecks: gpd.GeoDataFrame, facts: pd.DataFrame) -> gpd.GeoDataFrame:
    """Put the criterion of its own list beside each bottleneck: it differs by year."""
    criteria = select_facts(facts, "criterion").drop_duplicates("fact_date")
    by_day = criteria.set_index("fact_date")["note"]
    return bottlenecks.assign(criterion=bottlenecks["listed_on"].map(by_day).astype("str"))


def encode_roads(roads: Roads, background: gpd.GeoDataFrame) -> dict[str, bytes]:
    """Return what the map fetches, by name."""
    on_corridors = roads.works.dropna(subset=["place_id"]).reset_index()
    works = on_corridors.groupby("place_id")["subject"].agg("、".join)
    profiles = {name: profile_hours(roads.volumes, period) for name, period in PERIODS.items()}
    speeds = {
        name: mean_speeds(roads.speeds[period.covers(roads.speeds["date"])])
        for name, period in PERIODS.items()
    }
    placed = roads.bottlenecks[roads.bottlenecks.geometry.notna()]
    return {
        "corridors": encode_corridors(roads.corridors, works, speeds),
        "traffic_stations": encode_stations(roads.stations, profiles),
        "bottlenecks": encode_points(placed, BOTTLENECK_COLUMNS),
        "landmarks": encode_points(roads.landmarks, LANDMARK_COLUMNS),
        "background_roads": encode_lines(background, ()),
    }
