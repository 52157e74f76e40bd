"""The data of the pages, loaded once for each published version: the only `st.cache_*`."""

from __future__ import annotations

import datetime as dt
import logging
import os
import time
from pathlib import Path

import streamlit as st

from kumageo.clock import JST
from kumageo.council import FOLDER as COUNCIL_FOLDER
from kumageo.council_files import hash_council
from kumageo.errors import NoticeRuleError, ReadError, StoreBusyError, StoreUnreachableError
from kumageo.labels import Labels, load_labels
from kumageo.notice_rules import Rules, load_rules
from kumageo.readings.store import ReadingStore, open_readings
from kumageo.settings import Settings, read_settings
from kumageo.store import Store
from layers.content import PageData, Versions, find_versions, load_content
from layers.councils import Councils, build_councils
from layers.water import Water, build_unread_water, build_water, prepare_store

LOGGER = logging.getLogger("kumamoto.pages")
QUARTER_MIN = 15
RETRY_S = 5  # a page asks several times, and a server that is down may take seconds to say so


def get_settings() -> Settings:
    """Read the settings from the environment."""
    return read_settings(os.environ)


def get_data() -> PageData:
    """Return the data of the versions that are published now."""
    geodata = get_settings().geodata
    return _load_data(str(geodata), find_versions(geodata))


def get_readings() -> ReadingStore:
    """Return the store of readings that the settings mean."""
    settings = get_settings()
    # A file is opened anew: it may have been replaced. A server keeps its connections.
    if isinstance(settings.readings, Path):
        return open_readings(settings)
    return _open_database(settings, hash(settings))


def get_rules() -> Rules | None:
    """Return the rules of notices as their file says now; None, and a line in the log, if wrong."""
    try:
        return load_rules(get_settings().geodata)
    except NoticeRuleError as error:
        LOGGER.warning("no notices: %s", error)
        return None


def get_water(data: PageData) -> Water:
    """Return the readings that the store holds now, judged anew every quarter of an hour.

    Where it can't be read, the wells are shown without readings, and the reason is logged.
    """
    store, now = get_readings(), dt.datetime.now(tz=JST)
    moment = now.replace(minute=now.minute - now.minute % QUARTER_MIN, second=0, microsecond=0)
    failures, place = _keep_failures(), repr(store.place)
    if time.monotonic() - failures.get(place, -RETRY_S) < RETRY_S:
        return build_unread_water(data.wells, moment)
    try:
        prepare_store(store, data.wells, now)
        version, rules = store.describe()["version"], get_rules()
        return _load_water(store, rules, data.versions, place, version, hash(rules), moment)
    except (ReadError, StoreBusyError, StoreUnreachableError) as error:
        failures[place] = time.monotonic()
        LOGGER.warning("readings can't be read: %s", error)
        return build_unread_water(data.wells, moment)


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
def _open_database(_settings: Settings, key: int) -> ReadingStore:  # noqa: ARG001
    return open_readings(_settings)


@st.cache_resource(show_spinner=False)
def _keep_failures() -> dict[str, float]:
    """Keep when a store could not be read, on the monotonic clock."""
    return {}


@st.cache_resource(max_entries=2, show_spinner=False)
def _load_water(
    _store: ReadingStore,
    _rules: Rules | None,
    versions: Versions,  # noqa: ARG001
    place: str,  # noqa: ARG001
    version: str,  # noqa: ARG001
    rules: int,  # noqa: ARG001
    moment: dt.datetime,
) -> Water:
    # Versions, place, version and rules are the key: another state of the data is another water.
    return build_water(_store, get_data().wells, moment, _rules and _rules.rules)


@st.cache_resource(max_entries=2, show_spinner=False)
def _load_councils(versions: Versions, geodata: str, content: str) -> Councils:  # noqa: ARG001
    # Versions and content are the key: other data or other files make other councils.
    data = get_data()
    tables = (data.profiles, data.wells, data.roads.bottlenecks)
    return build_councils(Store(Path(geodata)), data.municipalities, data.boundaries, *tables)


@st.cache_resource(max_entries=8, show_spinner=False)
def _load_labels(geodata: str, language: str) -> Labels:
    return load_labels(Path(geodata), language)
