"""The data of the page 地域会議, made from the council files and the published datasets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from kumageo.council import (
    build_areas,
    find_evidence,
    locate_topics,
    profile_areas,
    read_council,
)
from kumageo.council_records import Council, CouncilSource, Topic
from kumageo.store import Store
from layers.content import PageData


@dataclass(frozen=True)
class Councils:
    """Everything the page 地域会議 and the briefings say. Frames are not changed.

    `profiles` and `areas` have the index region_id; `evidence` the index topic_id.
    """

    council: Council
    areas: gpd.GeoDataFrame
    profiles: pd.DataFrame
    evidence: pd.DataFrame

    def find_source(self, source_id: str) -> CouncilSource:
        """Return who states a fact."""
        return self.council.sources[source_id]


def load_councils(geodata: Path, data: PageData) -> Councils:
    """Make the councils from their files and from the datasets that are shown.

    Parameters
    ----------
    geodata
        The `geodata` folder.
    data
        What is published in it.
    """
    tables = (data.profiles, data.wells, data.roads.bottlenecks)
    return build_councils(Store(geodata), data.municipalities, data.boundaries, *tables)


def build_councils(
    store: Store,
    municipalities: pd.DataFrame,
    boundaries: gpd.GeoDataFrame,
    profiles: pd.DataFrame,
    wells: gpd.GeoDataFrame,
    bottlenecks: gpd.GeoDataFrame,
) -> Councils:
    """Read the council files and count what lies in each area."""
    council = read_council(store)
    return Councils(
        council=council,
        areas=build_areas(municipalities, boundaries),
        profiles=profile_areas(council, profiles, wells, bottlenecks, boundaries),
        evidence=find_evidence(council.topics),
    )


def list_places(topics: tuple[Topic, ...]) -> pd.DataFrame:
    """Return each place that topics name once: lon, lat, name, and the topics as text."""
    located = locate_topics(topics)
    titles = {topic.id: topic.title for topic in topics}
    table = pd.DataFrame(
        {
            "lon": located.geometry.x,
            "lat": located.geometry.y,
            "name": located["place_name"],
            "text": located["topic_id"].map(titles),
        }
    )
    grouped = table.groupby(["lon", "lat", "name"], sort=False)["text"]
    return grouped.agg("、".join).reset_index()
