"""The part 面のデータ of the page 概要: an administrator's raster on a map and in tables."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from kumageo.errors import CatalogError, KumageoError
from kumageo.labels import Labels
from layers.base import Credit
from layers.compose import build_map, list_credits, set_aside
from layers.content import PageData
from layers.ground import describe_ground
from layers.rasters import ShownRaster
from layers.surface import SurfaceLayer
from pages.components import filters
from pages.components.data import get_raster, get_raster_entries, get_settings
from pages.components.frame import escape_markdown, fragment, keep_link, show_plain_table
from pages.components.state import OverviewState
from pages.components.words import write_notice

if TYPE_CHECKING:
    from pages.components.map_panel import MapClick

LOGGER = logging.getLogger("kumamoto.pages")
DRAWN = ("evacuation_sites", "municipal_boundaries", "background_land")


def list_raster_ids() -> tuple[str, ...]:
    """Return the ids of the rasters that can be shown; none where their catalogue is wrong."""
    try:
        return tuple(get_raster_entries())
    except CatalogError:
        return ()


@fragment
def show_rasters(state: OverviewState, data: PageData, labels: Labels) -> None:
    """Show the choice of rasters, if an administrator has any, and the chosen one."""
    if get_settings().rasters is None:
        return
    st.header(labels("raster.title"), anchor=False)
    try:
        entries = get_raster_entries()
    except CatalogError:
        LOGGER.exception("rasters are not shown")
        st.warning(labels("raster.refused_catalogue"))
        return
    raster_id = st.selectbox(
        labels("raster.choose"),
        ["", *entries],
        format_func=lambda name: entries[name].title if name else labels("raster.none"),
        key="raster",
    )
    keep_link(replace(state, raster=raster_id).to_query())
    if not raster_id:
        return
    try:
        with st.spinner(labels("raster.loading")):
            shown = get_raster(data, raster_id)
    except KumageoError:
        LOGGER.exception("raster %s is not shown", raster_id)
        st.warning(labels("raster.refused"))
        return
    wide, narrow = st.columns([3, 2], gap="medium")
    with narrow:
        _show_facts(shown, data, labels)
    with wide:
        _show_map(shown, data, labels)
    _show_zones(shown, data, labels)


def tabulate_zones(shown: ShownRaster, data: PageData, labels: Labels) -> pd.DataFrame:
    """Return the summary of each municipality, in the order of their codes."""
    zones = shown.zones
    if zones is None:
        return pd.DataFrame()
    n_cells = zones["n_cells"] + zones["n_nodata"]
    known = zones["n_cells"] / n_cells.where(n_cells > 0)
    columns = {
        labels("column.name"): zones.index.map(data.names),
        labels("raster.area_km2"): zones["area_km2"].round(2),
        labels("raster.known"): (100 * known).round(1),
    }
    if shown.entry.is_continuous:
        for name in ("min", "mean", "max"):
            column = labels(f"raster.{name}", unit=shown.entry.unit)
            columns[column] = zones[name].round(2)
    for number, name in enumerate(shown.entry.classes.names):
        column = labels("raster.share", name=name)
        columns[column] = (100 * zones[f"share_{number}"]).round(1)
    return pd.DataFrame(columns).reset_index(drop=True)


def _show_facts(shown: ShownRaster, data: PageData, labels: Labels) -> None:
    entry = shown.entry
    said = labels(
        "raster.words",
        title=entry.title,
        day=entry.as_of,
        publisher=entry.publisher,
        unit=entry.unit,
    )
    with st.container(key="surface-words"):
        st.markdown(escape_markdown(said))
    st.markdown(f"**{escape_markdown(labels('raster.sites'))}**")
    names = [*entry.classes.names, labels("raster.no_class")]
    counts = [f"{n:,}" for n in (*shown.n_sites, shown.n_sites_other)]
    show_plain_table(
        pd.DataFrame({labels("raster.class"): names, labels("raster.n_sites"): counts})
    )
    source = f"[{escape_markdown(entry.attribution)}]({_escape_url(entry.source_url)})"
    st.caption(escape_markdown(write_notice(data, labels)))
    st.caption(f"{source}。{labels('frame.licence')}：{escape_markdown(entry.licence)}")


def _escape_url(url: str) -> str:
    return url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")


def _show_map(shown: ShownRaster, data: PageData, labels: Labels) -> None:
    # Its component must be declared in a session, and routes load this module, too.
    from pages.components.map_panel import show_map

    settings, entry = get_settings(), shown.entry
    query = urlencode({"raster": entry.id, "v": shown.encoded.version})
    title = labels("raster.legend", title=entry.title, unit=entry.unit)
    focus = filters.find_focus("", [], data)
    layer = SurfaceLayer(
        labels=labels,
        data_urls={
            "areas": data.data_url("municipal_boundaries"),
            "surface": f"/surface/raster.geojson?{query}",
        },
        title=title,
        focus=focus,
        sources=(Credit(entry.attribution, entry.source_url),),
    )
    base = build_map(
        None,
        title=labels("raster.title"),
        labels=labels,
        sources=list_credits(data.list_datasets(DRAWN[1:]), settings.tiles),
        tiles=settings.tiles,
        ground=describe_ground(data, labels),
        focus=focus,
    )
    set_aside(base)
    show_map(base, layer.to_folium(shown.list_entries()), key="raster-map", on_click=_ignore)


def _ignore(_click: MapClick) -> None:
    """Let a click be: the tables say what a raster says."""


def _show_zones(shown: ShownRaster, data: PageData, labels: Labels) -> None:
    if shown.zones is None:
        st.info(labels("raster.too_large", id=shown.entry.id))
        return
    st.caption(labels("raster.zones_words"))
    st.dataframe(tabulate_zones(shown, data, labels), hide_index=True)
