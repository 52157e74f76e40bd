"""The data of the pages, loaded once for each published version: the only `st.cache_*`."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import os
import time
from pathlib import Path

import streamlit as st

from kumageo.clock import JST
from kumageo.council import FOLDER as COUNCIL_FOLDER
from kumageo.council_files import hash_council
from kumageo.errors import NoticeRuleError, ReadError, StoreBusyError, StoreUnreachableError
from kumageo.labels import LOCALES, Labels, list_languages, load_labels
from kumageo.notice_rules import Rules, load_rules
from kumageo.rasters.catalog import CATALOG, RasterEntry, get_entry, load_raster_catalog
from kumageo.readings.store import ReadingStore, open_readings
from kumageo.settings import Settings, read_settings
from layers.content import PageData, Versions, find_versions, load_content
from layers.councils import Councils, load_councils
from layers.embed.document import EMBED_LAYERS, EmbedDocument, build_document, name_languages
from layers.embed.page import EmbedSources
from layers.rasters import ShownRaster, build_shown_raster
from layers.water import Water, build_unread_water, build_water, prepare_store
from layers.water_surface import ShownSurface, SurfaceQuestion, build_shown_surface

LOGGER = logging.getLogger("kumamoto.pages")
QUARTER_MIN = 15
RETRY_S = 5  # a page asks several times, and a server that is down may take seconds to say so
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
    moment = _floor_quarter(now)
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


def _floor_quarter(now: dt.datetime) -> dt.datetime:
    minute = now.minute - now.minute % QUARTER_MIN
    return now.replace(minute=minute, second=0, microsecond=0)


def get_surface(data: PageData, question: SurfaceQuestion) -> ShownSurface:
    """Return a surface of the readings that the store holds now.

    Raises
    ------
    SurfaceError
        If there is none; that is not kept, as it is known at once.
    """
    store = get_readings()
    return _load_surface(data.versions, repr(store.place), store.describe()["version"], question)


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


def find_embed_version() -> str:
    """Return a text that is another one when anything changes that embeds are made from."""
    settings = get_settings()
    texts = sorted((settings.geodata / "labels").glob("*.toml"))
    parts = (
        settings,
        find_versions(settings.geodata),
        hash_council(settings.geodata / COUNCIL_FOLDER),
        _describe_readings(settings),
        [(path.name, path.stat().st_mtime_ns) for path in texts],
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _describe_readings(settings: Settings) -> str:
    """Return the state of the measured readings; what is simulated is never in an embed."""
    if settings.is_demo:
        return ""
    try:
        held = get_readings().describe()
    except (ReadError, StoreBusyError, StoreUnreachableError):
        return "unread"
    # Readings grow old: where there are any, they are judged anew as the pages do.
    moment = _floor_quarter(dt.datetime.now(tz=JST)) if held["n_readings"] else ""
    return f"{held['version']} {moment}"


def get_embed_languages() -> tuple[str, ...]:
    """Return the languages that there are embeds in, Japanese first."""
    return tuple(list_languages(get_settings().geodata))


def get_embed(layer: str, language: str, version: str) -> EmbedDocument:
    """Return the embed of a layer; `version` is from `find_embed_version`."""
    return _load_embed(layer, language, version)


def get_labels(language: str) -> Labels:
    """Return the texts of a language."""
    return _load_labels(str(get_settings().geodata), language)


def list_labels() -> list[Labels]:
    """Return the texts of every language, Japanese first."""
    return [get_labels(language) for language in list_languages(get_settings().geodata)]


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


@st.cache_resource(max_entries=SURFACES_KEPT, show_spinner=False)
def _load_surface(
    versions: Versions,  # noqa: ARG001
    place: str,  # noqa: ARG001
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
    return load_councils(Path(geodata), get_data())


@st.cache_resource(max_entries=8, show_spinner=False)
def _load_labels(geodata: str, language: str) -> Labels:
    return load_labels(Path(geodata), language)


@st.cache_resource(max_entries=len(EMBED_LAYERS) * len(LOCALES), show_spinner=False)
def _load_embed(layer: str, language: str, version: str) -> EmbedDocument:  # noqa: ARG001
    # The version is a part of the key: other data, readings or texts make another document.
    data, settings = get_data(), get_settings()
    languages = get_embed_languages()
    sources = EmbedSources(
        data=data,
        labels=get_labels(language),
        languages=languages,
        tiles=settings.tiles,
        water=None if settings.is_demo else get_water(data),
        councils=get_councils(data),
    )
    names = name_languages(get_labels(name) for name in languages)
    return build_document(layer, sources, ancestors=settings.frame_ancestors, names=names)
