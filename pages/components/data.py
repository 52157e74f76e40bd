"""The data of the pages, loaded once for each published version: the only `st.cache_*`."""

from __future__ import annotations

import gzip
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import brotli
import geopandas as gpd
import pandas as pd
import streamlit as st

from kumageo.catalog import Catalog, load_catalog
from kumageo.facilities import build_facilities
from kumageo.labels import Labels, load_labels
from kumageo.municipalities import build_profiles, dissolve_municipalities, list_regions
from kumageo.settings import Settings, read_settings
from kumageo.store import Publication, Store
from layers.evacuation import SHELTER_COLUMNS, SITE_COLUMNS
from layers.geojson import encode_boundaries, encode_land, encode_points

DATASETS = (
    "municipalities",
    "municipal_boundaries",
    "evacuation_sites",
    "evacuation_shelters",
    "background_land",
)
MAP_DATASETS = (
    "municipal_boundaries",
    "evacuation_sites",
    "evacuation_shelters",
    "background_land",
)

Versions = tuple[str, ...]


@dataclass(frozen=True)
class PageData:
    """Everything the pages show, of one set of published versions. Frames are not changed.

    `names` are those of the municipalities by code, `extents` their bounds in degrees.
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

    def data_url(self, dataset_id: str) -> str:
        """Address of a dataset's GeoJSON; it changes with the published version."""
        version = self.publications[dataset_id].version
        return f"/data/{dataset_id}.geojson?v={version}"

    def as_of(self, dataset_id: str) -> str:
        """Day that a dataset describes."""
        return self.publications[dataset_id].as_of


@dataclass(frozen=True)
class Encoded:
    """One answer in the three encodings that a browser may ask for."""

    plain: bytes
    gzip: bytes
    brotli: bytes
    etag: str


def get_settings() -> Settings:
    """Read the settings from the environment."""
    return read_settings(os.environ)


def get_data() -> PageData:
    """Return the data of the versions that are published now."""
    geodata = get_settings().geodata
    return _load_data(str(geodata), _find_versions(geodata))


def get_encoded(dataset_id: str) -> Encoded:
    """Return a dataset as GeoJSON for the map, compressed beforehand."""
    geodata = get_settings().geodata
    return _encode(str(geodata), _find_versions(geodata), dataset_id)


def get_labels(language: str) -> Labels:
    """Return the texts of a language."""
    return _load_labels(str(get_settings().geodata), language)


def _find_versions(geodata: Path) -> Versions:
    store = Store(geodata)
    return tuple(store.describe(dataset_id).version for dataset_id in DATASETS)


@st.cache_resource(max_entries=2, show_spinner=False)
def _load_data(geodata: str, versions: Versions) -> PageData:
    store = Store(Path(geodata))
    municipalities, boundaries, sites, shelters = (store.load(name) for name in DATASETS[:4])
    areas = dissolve_municipalities(boundaries)
    extents = pd.DataFrame(areas.bounds).rename_axis("code")
    return PageData(
        versions=versions,
        catalog=load_catalog(Path(geodata) / "catalog.toml"),
        publications={name: store.describe(name) for name in DATASETS},
        municipalities=municipalities,
        boundaries=boundaries,
        sites=sites,
        shelters=shelters,
        facilities=build_facilities(sites, shelters, boundaries),
        profiles=build_profiles(municipalities, boundaries, sites, shelters),
        regions=list_regions(municipalities),
        extents=extents,
        names=dict(zip(municipalities["code"], municipalities["name"], strict=True)),
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def _encode(geodata: str, versions: Versions, dataset_id: str) -> Encoded:
    data = _load_data(geodata, versions)
    if dataset_id == "municipal_boundaries":
        plain = encode_boundaries(data.boundaries, data.profiles["name"])
    elif dataset_id == "evacuation_sites":
        plain = encode_points(data.sites, SITE_COLUMNS)
    elif dataset_id == "background_land":
        plain = encode_land(Store(Path(geodata)).load(dataset_id))
    else:
        plain = encode_points(data.shelters, SHELTER_COLUMNS)
    etag = '"' + hashlib.sha256(plain).hexdigest()[:32] + '"'
    return Encoded(plain, gzip.compress(plain, 9, mtime=0), brotli.compress(plain), etag)


@st.cache_resource(max_entries=8, show_spinner=False)
def _load_labels(geodata: str, language: str) -> Labels:
    return load_labels(Path(geodata), language)
