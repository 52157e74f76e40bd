"""The maps of the pages: which layer, which credits, and what a click means."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import streamlit as st

from kumageo.labels import Labels
from kumageo.municipalities import Indicator
from layers.base import ACCENT, COMPARED, MapView, Outline
from layers.compose import build_map, list_credits
from layers.evacuation import EvacuationLayer
from layers.municipalities import MunicipalitiesLayer
from layers.registry import list_layer_datasets
from pages.components import filters
from pages.components.data import PageData, get_data, get_settings
from pages.components.map_panel import MapClick, show_map
from pages.components.state import EvacuationState, OverviewState
from pages.components.words import write_notice

EVACUATION_DATASETS = list_layer_datasets("evacuation")


def show_overview_map(
    state: OverviewState,
    indicator: Indicator,
    view: MapView | None,
    data: PageData,
    labels: Labels,
) -> None:
    """Show the municipalities coloured by the indicator."""
    settings = get_settings()
    codes = [state.municipality_code, state.compared_code]
    focus = filters.find_focus(state.region_id, codes, data)
    opening = filters.remember_opening("overview", view, focus)
    layer = MunicipalitiesLayer(
        indicator=indicator,
        labels=labels,
        data_url=data.data_url("municipal_boundaries"),
        outlines=_list_outlines(state),
        inside=filters.list_inside(state.region_id, "", data),
        focus=focus,
    )
    shown = (*indicator.datasets, "municipal_boundaries", "background_land")
    base = build_map(
        opening.view,
        title=labels("overview.title"),
        labels=labels,
        sources=list_credits(
            [data.catalog[name] for name in shown],
            settings.tiles,
        ),
        tiles=settings.tiles,
        land_url=data.data_url("background_land"),
        focus=opening.focus,
    )
    show_map(
        base, layer.to_folium(data.profiles), key="overview-map", on_click=_choose_municipality
    )


def _list_outlines(state: OverviewState) -> tuple[Outline, ...]:
    chosen, compared = state.municipality_code, state.compared_code
    outlines = []
    if compared and compared != chosen:
        outlines.append(Outline(compared, COMPARED, is_dashed=True))
    if chosen:
        outlines.append(Outline(chosen, ACCENT))
    return tuple(outlines)


def _choose_municipality(click: MapClick) -> None:
    code = (click.properties or {}).get("municipality_code")
    if code in get_data().names:
        st.session_state["m"] = code


def show_evacuation_map(
    state: EvacuationState,
    shown: pd.Series,
    nearest: gpd.GeoDataFrame | None,
    view: MapView | None,
    data: PageData,
    labels: Labels,
) -> None:
    """Show sites and shelters, and what is near the point that is asked about."""
    settings = get_settings()
    focus = filters.find_evacuation_focus(state, nearest, data)
    opening = filters.remember_opening("evacuation", view, focus)
    layer = EvacuationLayer(
        labels=labels,
        data_urls=data.facility_urls,
        names=data.names,
        notice=write_notice(data, labels),
        selected_id=state.facility_id,
        inside=filters.list_inside(state.region_id, state.municipality_code, data),
        selected_code=state.municipality_code,
        point=state.point,
        focus=focus,
    )
    base = build_map(
        opening.view,
        title=labels("evacuation.title"),
        labels=labels,
        sources=list_credits([data.catalog[name] for name in EVACUATION_DATASETS], settings.tiles),
        tiles=settings.tiles,
        land_url=data.data_url("background_land"),
        focus=opening.focus,
        locates=True,
    )
    group = layer.to_folium(data.facilities, shown, nearest)
    show_map(base, group, key="evacuation-map", on_click=_choose_facility)


def _choose_facility(click: MapClick) -> None:
    if click.properties:
        facility_id = click.properties.get("id")
        if facility_id in get_data().facility_ids:
            st.session_state["facility"] = facility_id
    else:
        st.session_state["point"] = f"{click.lon:.6f}, {click.lat:.6f}"
