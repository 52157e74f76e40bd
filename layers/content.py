"""Everything that maps show, of one set of published versions: frames, and what browsers get."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from kumageo.catalog import Catalog, Dataset, credit_publisher, load_catalog
from kumageo.council import build_areas
from kumageo.errors import NotPublishedError
from kumageo.facilities import SHELTER, SITE, build_facilities
from kumageo.municipalities import build_profiles, dissolve_municipalities, list_regions
from kumageo.normalise import empty_features
from kumageo.optional import OPTIONAL, SPEEDS, load_speeds
from kumageo.schemas import get_schema
from kumageo.store import Publication, Store
from kumageo.wells import locate_wells
from layers.compact import (
    encode_facilities,
    encode_facility_details,
    encode_light_areas,
    encode_light_boundaries,
    encode_light_land,
)
from layers.council import encode_areas
from layers.encoded import Encoded, encode_answer
from layers.evacuation import SHELTER_COLUMNS, SITE_COLUMNS
from layers.geojson import encode_boundaries, encode_land, encode_points
from layers.groundwater import encode_wells
from layers.registry import LAYERS, list_layer_datasets
from layers.roads import Roads, build_roads, encode_roads

OVERVIEW_DATASETS = list_layer_datasets("municipalities")
DATASETS = tuple(dict.fromkeys(name for layer in LAYERS for name in layer.datasets))
SERIES = ("traffic_hourly",)  # readings, which have no geometry

DATASET_OF = {SITE: "evacuation_sites", SHELTER: "evacuation_shelters"}

# Of each published dataset its id and publication as plain values: another day is another
# version too.
Versions = tuple[tuple[str, tuple[Any, ...]], ...]


@dataclass(frozen=True)
class PageData:
    """Everything the pages show, of one set of published versions. Frames are not changed.

    `names` are those of the municipalities by code, `extents` their bounds in degrees.
    `data_form` is the form of the addresses of data.
    """

    versions: Versions
    catalog: Catalog
    publications: dict[str, Publication]
    municipalities: pd.DataFrame
    boundaries: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    shelters: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    profiles: pd.DataFrame
    regions: pd.DataFrame
    extents: pd.DataFrame
    names: dict[str, str]
    facility_ids: frozenset[str]
    wells: gpd.GeoDataFrame
    well_facts: gpd.GeoDataFrame
    roads: Roads
    encoded: dict[str, Encoded]
    data_form: str = "/data/{name}.geojson?v={version}"

    def data_url(self, dataset_id: str) -> str:
        """Address of a dataset's GeoJSON; it changes with the content."""
        version = self.encoded[dataset_id].version
        return self.data_form.format(name=dataset_id, version=version)

    @property
    def facility_urls(self) -> dict[str, str]:
        """Addresses of what the map of facilities draws: the areas, and the points by kind."""
        areas = {"areas": self.data_url("municipal_boundaries")}
        return areas | {kind: self.data_url(name) for kind, name in DATASET_OF.items()}

    @property
    def road_urls(self) -> dict[str, str]:
        """Addresses of what the map of the roads draws."""
        return {
            "areas": self.data_url("municipal_boundaries"),
            "stations": self.data_url("traffic_stations"),
            **{name: self.data_url(name) for name in ("corridors", "bottlenecks", "landmarks")},
        }

    @property
    def well_urls(self) -> dict[str, str]:
        """Addresses of what the map of the wells draws."""
        return {
            "areas": self.data_url("municipal_boundaries"),
            "wells": self.data_url("observation_wells"),
        }

    def list_datasets(self, ids: Iterable[str]) -> list[Dataset]:
        """Return those of the datasets that are published, as they are credited."""
        return [self.catalog[name] for name in ids if name in self.publications]

    def as_of(self, dataset_id: str) -> str:
        """Day that a dataset describes."""
        return self.publications[dataset_id].as_of


def find_versions(geodata: Path) -> Versions:
    """Return what is published now of all datasets that maps show.

    Raises
    ------
    NotPublishedError
        If a dataset is not published that no map can do without.
    """
    store = Store(geodata)
    found = []
    for dataset_id in DATASETS:
        try:
            found.append((dataset_id, astuple(store.describe(dataset_id))))
        except NotPublishedError:
            if dataset_id not in OPTIONAL:
                raise
    return tuple(found)


def load_content(geodata: Path, versions: Versions) -> PageData:
    """Load and encode those versions.

    Parameters
    ----------
    geodata
        The `geodata` folder.
    versions
        From `find_versions`.
    """
    store = Store(geodata)
    catalog = load_catalog(geodata / "catalog.toml")
    publications = {name: Publication(*values) for name, values in versions}
    frames = {name: _load_frame(store, name, publications) for name in DATASETS}
    municipalities, boundaries, sites, shelters, land = (frames[name] for name in OVERVIEW_DATASETS)
    profiles = build_profiles(municipalities, boundaries, sites, shelters)
    facilities = build_facilities(sites, shelters, boundaries)
    roads = build_roads(frames)
    wells = locate_wells(frames["observation_wells"], municipalities, boundaries)
    encoded = {
        "municipal_boundaries": encode_boundaries(boundaries, profiles["name"]),
        "evacuation_sites": encode_points(sites, SITE_COLUMNS),
        "evacuation_shelters": encode_points(shelters, SHELTER_COLUMNS),
        "background_land": encode_land(land),
        **encode_roads(roads, frames["background_roads"]),
        "observation_wells": encode_wells(wells),
        "council_areas": encode_areas(build_areas(municipalities, boundaries)),
        **_encode_light(boundaries, facilities, land, municipalities),
    }
    return PageData(
        versions=versions,
        catalog=Catalog(tuple(_credit(dataset, publications) for dataset in catalog)),
        publications=publications,
        municipalities=municipalities,
        boundaries=boundaries,
        sites=sites,
        shelters=shelters,
        facilities=facilities,
        profiles=profiles,
        regions=list_regions(municipalities),
        extents=pd.DataFrame(dissolve_municipalities(boundaries).bounds).rename_axis("code"),
        names=dict(zip(municipalities["code"], municipalities["name"], strict=True)),
        facility_ids=frozenset(facilities["id"]),
        wells=wells,
        well_facts=frames["groundwater_facts"],
        roads=roads,
        encoded={name: encode_answer(plain) for name, plain in encoded.items()},
    )


def _encode_light(
    boundaries: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    land: gpd.GeoDataFrame,
    municipalities: gpd.GeoDataFrame,
) -> dict[str, bytes]:
    """Return what the embeds fetch in place of the heavier data of the pages."""
    names = municipalities.set_index("code")["name"]
    return {
        "embed_boundaries": encode_light_boundaries(boundaries, names),
        "embed_land": encode_light_land(land),
        "embed_areas": encode_light_areas(build_areas(municipalities, boundaries)),
        "embed_facilities": encode_facilities(facilities, list(names.index)),
        "embed_facility_details": encode_facility_details(facilities),
    }


def _load_frame(
    store: Store, dataset_id: str, publications: dict[str, Publication]
) -> gpd.GeoDataFrame | pd.DataFrame:
    if dataset_id == SPEEDS:
        return load_speeds(store)
    if dataset_id not in publications:
        return empty_features(get_schema(dataset_id))
    load = store.load_table if dataset_id in SERIES else store.load
    return load(dataset_id, publications[dataset_id].version)


def _credit(dataset: Dataset, publications: dict[str, Publication]) -> Dataset:
    publication = publications.get(dataset.id)
    return credit_publisher(dataset, publication.credited_publisher) if publication else dataset
