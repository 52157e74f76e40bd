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
from kumageo.readings.store import open_readings
from kumageo.settings import Settings, read_settings
from kumageo.store import Store
from layers.content import PageData, Versions, find_versions, load_content
from layers.councils import Councils, build_councils
from layers.water import Water, build_water, prepare_store
from layers.water_surface import ShownSurface, SurfaceQuestion, build_shown_surface

QUARTER_MIN = 15
SURFACES_KEPT = 12


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
def _load_councils(versions: Versions, geodata: str, content: str) -> Councils:  # noqa: ARG001
    # Versions and content are the key: other data or other files make other councils.
    data = get_data()
    tables = (data.profiles, data.wells, data.roads.bottlenecks)
    return build_councils(Store(Path(geodata)), data.municipalities, data.boundaries, *tables)


@st.cache_resource(max_entries=8, show_spinner=False)
def _load_labels(geodata: str, language: str) -> Labels:
    return load_labels(Path(geodata), language)
