"""The data of the pages, loaded once for each published version: the only `st.cache_*`."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import streamlit as st

from kumageo.clock import JST
from kumageo.council import FOLDER as COUNCIL_FOLDER
from kumageo.council_files import hash_council
from kumageo.labels import Labels, load_labels
from kumageo.rasters.catalog import CATALOG, RasterEntry, get_entry, load_raster_catalog
from kumageo.readings.store import open_readings
from kumageo.settings import Settings, read_settings
from kumageo.store import Store
from layers.content import PageData, Versions, find_versions, load_content
from layers.councils import Councils, build_councils
from layers.rasters import ShownRaster, build_shown_raster
from layers.water import Water, build_water, prepare_store
from layers.water_surface import ShownSurface, SurfaceQuestion, build_shown_surface

QUARTER_MIN = 15
SURFACES_KEPT = 12
RASTERS_KEPT = 6

Stamps = tuple[tuple[str, int, int], ...]


def get_settings() -> Settings:
    """Read the settings from the environment."""
    return read_settings(os.environ)


def get_data() -> PageData:
    """Return the data of the versions that are published now."""
    geodata = get_settings().geodata
    return _load_data(str(geodata), find_versions(geodata))


def get_water(data: PageData) -> Water:
    """Return the readings that the store holds now, judged anew every quarter of an hour."""
    settings, now = get_settings(), dt.datetime.now(tz=JST)
    store = open_readings(settings)
    prepare_store(store, data.wells, now)
    version, minute = store.describe()["version"], now.minute - now.minute % QUARTER_MIN
    moment = now.replace(minute=minute, second=0, microsecond=0)
    return _load_water(data.versions, str(store.path), version, moment)


def get_surface(data: PageData, question: SurfaceQuestion) -> ShownSurface:
    """Return a surface of the readings that the store holds now.

    Raises
    ------
    SurfaceError
        If there is none; that is not kept, as it is known at once.
    """
    store = open_readings(get_settings())
    return _load_surface(data.versions, str(store.path), store.describe()["version"], question)


def get_raster_entries() -> dict[str, RasterEntry]:
    """Return the rasters of the administrator as their catalogue says now.

    Raises
    ------
    CatalogError
        If it is incomplete or a file cannot be shown.
    """
    folder = get_settings().rasters
    return {} if folder is None else _load_raster_entries(str(folder), _read_stamps(folder))


def get_raster(data: PageData, raster_id: str) -> ShownRaster:
    """Return a raster with its picture and tables.

    Raises
    ------
    UnknownDatasetError, CatalogError, CrsError, RasterError, ReadError
        If there is no such raster or it cannot be shown.
    """
    entry = get_entry(get_raster_entries(), raster_id)
    return _load_raster(data.versions, entry, _read_stamps(entry.path.parent))


def _read_stamps(folder: Path) -> Stamps:
    """Return name, time and size of each file of a folder of rasters."""
    files = [path for path in sorted(folder.iterdir()) if path.is_file()]
    known = [
        path for path in files if path.suffix.lower() in (".tif", ".tiff") or path.name == CATALOG
    ]
    return tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in known)


def get_councils(data: PageData) -> Councils:
    """Return the councils as their files say now."""
    geodata = get_settings().geodata
    return _load_councils(data.versions, str(geodata), hash_council(geodata / COUNCIL_FOLDER))


def get_labels(language: str) -> Labels:
    """Return the texts of a language."""
    return _load_labels(str(get_settings().geodata), language)


@st.cache_resource(max_entries=2, show_spinner=False)
def _load_data(geodata: str, versions: Versions) -> PageData:
    return load_content(Path(geodata), versions)


@st.cache_resource(max_entries=2, show_spinner=False)
def _load_water(versions: Versions, path: str, version: str, moment: dt.datetime) -> Water:  # noqa: ARG001
    # Versions, path and version are the key: another state of the data is another water.
    return build_water(open_readings(get_settings()), get_data().wells, moment)


@st.cache_resource(max_entries=SURFACES_KEPT, show_spinner=False)
def _load_surface(
    versions: Versions,  # noqa: ARG001
    path: str,  # noqa: ARG001
    version: str,  # noqa: ARG001
    question: SurfaceQuestion,
) -> ShownSurface:
    data = get_data()
    return build_shown_surface(data.wells, get_water(data).daily, question)


@st.cache_resource(max_entries=2, show_spinner=False)
def _load_raster_entries(folder: str, stamps: Stamps) -> dict[str, RasterEntry]:  # noqa: ARG001
    return load_raster_catalog(Path(folder))


@st.cache_resource(max_entries=RASTERS_KEPT, show_spinner=False)
def _load_raster(versions: Versions, entry: RasterEntry, stamps: Stamps) -> ShownRaster:  # noqa: ARG001
    data = get_data()
    return build_shown_raster(entry, data.boundaries, data.sites)


@st.cache_resource(max_entries=2, show_spinner=False)
def _load_councils(versions: Versions, geodata: str, content: str) -> Councils:  # noqa: ARG001
    # Versions and content are the key: other data or other files make other councils.
    data = get_data()
    tables = (data.profiles, data.wells, data.roads.bottlenecks)
    return build_councils(Store(Path(geodata)), data.municipalities, data.boundaries, *tables)


@st.cache_resource(max_entries=8, show_spinner=False)
def _load_labels(geodata: str, language: str) -> Labels:
    return load_labels(Path(geodata), language)
