"""The map of the page 地下水."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from kumageo.labels import Labels
from layers.base import Credit, MapView
from layers.compose import build_map, list_credits
from layers.content import PageData
from layers.ground import describe_ground
from layers.groundwater import GroundwaterLayer
from layers.registry import list_layer_datasets
from layers.water import Water
from pages.components import filters
from pages.components.data import get_data, get_settings, get_water
from pages.components.map_panel import MapClick, show_map
from pages.components.well_state import GroundwaterState
from pages.components.well_tables import describe_level, sort_wells

GROUNDWATER_DATASETS = list_layer_datasets("groundwater")


def show_groundwater_map(
    state: GroundwaterState,
    shown: pd.Index,
    water: Water,
    view: MapView | None,
    data: PageData,
    labels: Labels,
) -> None:
    """Show the wells by class."""
    settings = get_settings()
    focus = filters.find_focus(state.region_id, [state.municipality_code], data)
    opening = filters.remember_opening("groundwater", view, focus)
    places = data.wells.set_index("id")["place_id"]
    layer = GroundwaterLayer(
        labels=labels,
        data_urls=data.well_urls,
        selected_place=str(places.get(state.well_id, "")),
        inside=filters.list_inside(state.region_id, state.municipality_code, data),
        selected_code=state.municipality_code,
        stamp=labels("groundwater.stamp") if water.is_demo else "",
        focus=focus,
        sources=tuple(
            Credit(labels("groundwater.readings_of", source=source)) for source in water.sources
        ),
    )
    base = build_map(
        opening.view,
        title=labels("groundwater.title"),
        labels=labels,
        sources=list_credits(data.list_datasets(GROUNDWATER_DATASETS), settings.tiles),
        tiles=settings.tiles,
        ground=describe_ground(data, labels),
        focus=opening.focus,
    )
    placed = data.wells.loc[data.wells.geometry.notna(), "id"]
    summary = water.summary.loc[shown.intersection(placed, sort=False)]
    said = pd.Series([describe_level(row, labels) for _, row in summary.iterrows()], summary.index)
    group = layer.to_folium(summary["shown_class"], said)
    show_map(base, group, key="groundwater-map", on_click=_choose_place)


def _choose_place(click: MapClick) -> None:
    """Choose the most unusual well of the place that was clicked."""
    place_id = (click.properties or {}).get("id")
    data = get_data()
    of_place = data.wells.loc[data.wells["place_id"] == place_id, "id"]
    if len(of_place):
        ranked = sort_wells(get_water(data).summary.loc[of_place])
        st.session_state["well"] = str(ranked.index[0])
