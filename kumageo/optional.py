"""Datasets that the dashboard works without: what they would say is then shown as unknown."""

from __future__ import annotations

from typing import Final

import geopandas as gpd

from kumageo.errors import NotPublishedError
from kumageo.normalise import empty_features
from kumageo.schemas import FeatureSchema
from kumageo.store import Store

OPTIONAL: Final = ("road_facts", "corridor_speeds")


def load_if_published(store: Store, schema: FeatureSchema) -> gpd.GeoDataFrame:
    """Load an optional dataset; without rows where none is published."""
    try:
        return store.load(schema.id)
    except NotPublishedError:
        return empty_features(schema)
