"""Datasets that the dashboard works without: what they would say is then shown as unknown."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import pandas as pd

from kumageo.errors import NotPublishedError
from kumageo.normalise import empty_features
from kumageo.schemas import FeatureSchema
from kumageo.speed_bins import SpeedCounts
from kumageo.store import Store

SPEEDS: Final = "corridor_speeds"
OPTIONAL: Final = ("road_facts", "groundwater_facts", SPEEDS)


def load_if_published(store: Store, schema: FeatureSchema) -> gpd.GeoDataFrame:
    """Load an optional dataset; without rows where none is published."""
    try:
        return store.load(schema.id)
    except NotPublishedError:
        return empty_features(schema)


def load_speeds(store: Store) -> pd.DataFrame:
    """Load the counted speeds (`readers.speeds`); without rows where none are published."""
    try:
        return store.load_table(SPEEDS)
    except NotPublishedError:
        return SpeedCounts().to_table(pd.Series(dtype="str"))
