"""避難場所: sites and shelters by hazard and place, and the nearest to a point."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import streamlit as st

from kumageo.evacuation import find_nearest
from kumageo.facilities import select_facilities
from kumageo.labels import Labels
from layers.base import MapView
from layers.compose import build_map, list_credits
from layers.evacuation import EvacuationLayer
from pages.components import filters
from pages.components.data import PageData, get_settings
from pages.components.facilities import (
    show_facility_table,
    show_nearest,
    show_outside,
    show_selected,
)
from pages.components.frame import (
    keep_link,
    show_credits,
    show_downloads,
    show_problems,
    show_words,
)
from pages.components.map_panel import MapClick, show_map
from pages.components.state import EvacuationState, Query
from pages.components.words import describe_evacuation, write_earthquake_note, write_notice

DATASETS = ("evacuation_sites", "evacuation_shelters", "municipal_boundaries", "background_land")


def show(data: PageData, labels: Labels) -> None:
    """Show the page."""
    query = Query(st.query_params.to_dict())
    filters.seed_evacuation(EvacuationState.from_query(query, data.names, data.regions.index))
    view = query.read_view()
    with st.container(key="notice", horizontal=True, vertical_alignment="bottom"):
        st.title(labels("evacuation.title"), anchor=False, width="content")
        st.markdown(write_notice(data, labels), width="content")
    show_problems(query.problems, labels)
    hazards, mode, kinds = filters.show_evacuation_controls(labels)
    wide, narrow = st.columns([3, 2], gap="medium")
    with narrow:
        region_id, code, text = filters.show_evacuation_choice(data, labels)
        filters.show_point_input(labels)
        point = filters.read_point(labels)
    restricted = st.session_state["restricted"]
    state = EvacuationState(hazards, mode, kinds, region_id, code, text, point, restricted)
    shown = select_facilities(data.facilities, state.to_filter(), data.profiles["region_id"])
    drawn = data.facilities[shown]
    nearest = _find_nearest(state, drawn)
    with wide:
        _show_map(state, shown, nearest, view, data, labels)
        show_words(describe_evacuation(state, drawn, data, labels))
    with narrow:
        show_nearest(state, nearest, labels)
        show_selected(st.session_state.get("facility", ""), data, labels)
    keep_link(state.to_query())
    show_facility_table(drawn, data, labels)
    show_outside(data, labels)
    show_downloads("evacuation", state.to_query(), labels)
    st.caption(labels("evacuation.difference") + write_earthquake_note(data, labels))
    show_credits(data, DATASETS, labels)


def _find_nearest(state: EvacuationState, drawn: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    if state.point is None:
        return None
    lon, lat = state.point
    return find_nearest(lon, lat, drawn, include_restricted=state.include_restricted)


def _show_map(
    state: EvacuationState,
    shown: pd.Series,
    nearest: gpd.GeoDataFrame | None,
    view: MapView | None,
    data: PageData,
    labels: Labels,
) -> None:
    settings = get_settings()
    focus = filters.find_evacuation_focus(state, nearest, data)
    opening = filters.remember_opening("evacuation", view, focus)
    layer = EvacuationLayer(
        labels=labels,
        data_urls={
            "areas": data.data_url("municipal_boundaries"),
            "site": data.data_url("evacuation_sites"),
            "shelter": data.data_url("evacuation_shelters"),
        },
        names=data.names,
        notice=write_notice(data, labels),
        selected_id=st.session_state.get("facility", ""),
        inside=filters.list_inside(state.region_id, state.municipality_code, data),
        selected_code=state.municipality_code,
        point=state.point,
        focus=focus,
    )
    base = build_map(
        opening.view,
        title=labels("evacuation.title"),
        labels=labels,
        sources=list_credits([data.catalog[name] for name in DATASETS], settings.tiles),
        tiles=settings.tiles,
        land_url=data.data_url("background_land"),
        focus=opening.focus,
        locates=True,
    )
    group = layer.to_folium(data.facilities, shown, nearest)
    show_map(base, group, key="evacuation-map", on_click=_choose)


def _choose(click: MapClick) -> None:
    if click.properties and "id" in click.properties:
        st.session_state["facility"] = click.properties["id"]
    else:
        st.session_state["point"] = f"{click.lon:.6f}, {click.lat:.6f}"
