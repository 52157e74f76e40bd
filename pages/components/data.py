"""The data of the pages, loaded once for each published version: the only `st.cache_*`."""

from __future__ import annotations

import gzip
import hashlib
import os
from dataclasses import astuple, dataclass
from pathlib import Path

import brotli
import geopandas as gpd
import pandas as pd
import streamlit as st

from kumageo.catalog import Catalog, Dataset, credit_publisher, load_catalog
from kumageo.facilities import SHELTER, SITE, build_facilities
from kumageo.labels import Labels, load_labels
from kumageo.municipalities import build_profiles, dissolve_municipalities, list_regions
from kumageo.settings import Settings, read_settings
from kumageo.store import Publication, Store
from layers.evacuation import SHELTER_COLUMNS, SITE_COLUMNS
from layers.geojson import encode_boundaries, encode_land, encode_points
from layers.registry import list_layer_datasets

DATASETS = list_layer_datasets("municipalities")  # in the order in which they are unpacked

DATASET_OF = {SITE: "evacuation_sites", SHELTER: "evacuation_shelters"}

# Of each dataset its publication as plain values: another day is another version too.
Versions = tuple[tuple[str | int, ...], ...]


@dataclass(frozen=True)
class Encoded:
    """One answer in the three encodings that a browser may ask for."""

    plain: bytes
    gzip: bytes
    brotli: bytes
    etag: str

    @property
    def version(self) -> str:
        """What the address names: short, and another for another content."""
        return self.etag.strip('"')[:12]


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
    facility_ids: frozenset[str]
    encoded: dict[str, Encoded]

    def data_url(self, dataset_id: str) -> str:
        """Address of a dataset's GeoJSON; it changes with the content."""
        return f"/data/{dataset_id}.geojson?v={self.encoded[dataset_id].version}"

    @property
    def facility_urls(self) -> dict[str, str]:
        """Addresses of what the map of facilities draws: the areas, and the points by kind."""
        areas = {"areas": self.data_url("municipal_boundaries")}
        return areas | {kind: self.data_url(name) for kind, name in DATASET_OF.items()}

    def as_of(self, dataset_id: str) -> str:
        """Day that a dataset describes."""
        return self.publications[dataset_id].as_of


def get_settings() -> Settings:
    """Read the settings from the environment."""
    return read_settings(os.environ)


def get_data() -> PageData:
    """Return the data of the versions that are published now."""
    geodata = get_settings().geodata
    return _load_data(str(geodata), _find_versions(geodata))


def get_labels(language: str) -> Labels:
    """Return the texts of a language."""
    return _load_labels(str(get_settings().geodata), language)


def _find_versions(geodata: Path) -> Versions:
    store = Store(geodata)
    return tuple(astuple(store.describe(dataset_id)) for dataset_id in DATASETS)


@st.cache_resource(max_entries=2, show_spinner=False)
def _load_data(geodata: str, versions: Versions) -> PageData:
    store = Store(Path(geodata))
    catalog = load_catalog(Path(geodata) / "catalog.toml")
    publications = {
        name: Publication(*values) for name, values in zip(DATASETS, versions, strict=True)
    }
    municipalities, boundaries, sites, shelters, land = (
        store.load(name, publications[name].version) for name in DATASETS
    )
    profiles = build_profiles(municipalities, boundaries, sites, shelters)
    facilities = build_facilities(sites, shelters, boundaries)
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
        encoded={
            "municipal_boundaries": _compress(encode_boundaries(boundaries, profiles["name"])),
            "evacuation_sites": _compress(encode_points(sites, SITE_COLUMNS)),
            "evacuation_shelters": _compress(encode_points(shelters, SHELTER_COLUMNS)),
            "background_land": _compress(encode_land(land)),
        },
    )


def _credit(dataset: Dataset, publications: dict[str, Publication]) -> Dataset:
    publication = publications.get(dataset.id)
    return credit_publisher(dataset, publication.credited_publisher) if publication else dataset


def _compress(plain: bytes) -> Encoded:
    etag = '"' + hashlib.sha256(plain).hexdigest()[:32] + '"'
    return Encoded(plain, gzip.compress(plain, 9, mtime=0), brotli.compress(plain), etag)


@st.cache_resource(max_entries=8, show_spinner=False)
def _load_labels(geodata: str, language: str) -> Labels:
    return load_labels(Path(geodata), language)
