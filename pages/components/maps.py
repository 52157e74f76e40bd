"""The maps of the pages: which layer, which credits, and what a click means."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from kumageo.congestion import BufferSummary
from kumageo.crs import GEOGRAPHIC, METRIC
from kumageo.labels import Labels
from kumageo.municipalities import Indicator
from layers.base import ACCENT, COMPARED, MapView, Outline, to_focus
from layers.compose import build_map, list_credits
from layers.congestion import CongestionLayer, TrafficChoice
from layers.content import PageData
from layers.evacuation import EvacuationLayer
from layers.ground import describe_ground
from layers.municipalities import MunicipalitiesLayer
from layers.registry import list_layer_datasets
from pages.components import filters
from pages.components.buffers import BUFFER_DATASETS, list_inside_buffer
from pages.components.data import get_data, get_settings
from pages.components.map_panel import MapClick, show_map
from pages.components.road_state import CongestionState
from pages.components.state import EvacuationState, OverviewState
from pages.components.words import write_notice

EVACUATION_DATASETS = list_layer_datasets("evacuation")
CONGESTION_DATASETS = list_layer_datasets("congestion")
NEAR_DEG = 0.12  # about 12 km to each side of a station that lies elsewhere


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
        sources=list_credits(data.list_datasets(shown), settings.tiles),
        tiles=settings.tiles,
        ground=describe_ground(data, labels),
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
        sources=list_credits(data.list_datasets(EVACUATION_DATASETS), settings.tiles),
        tiles=settings.tiles,
        ground=describe_ground(data, labels),
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


def show_congestion_map(
    state: CongestionState,
    choice: TrafficChoice,
    buffer: BufferSummary | None,
    view: MapView | None,
    data: PageData,
    labels: Labels,
) -> None:
    """Show the roads; hour, day and measure are chosen on the map itself."""
    settings = get_settings()
    focus = _find_road_focus(state, buffer, data)
    opening = filters.remember_opening("congestion", view, focus)
    layer = CongestionLayer(
        labels=labels,
        data_urls=data.road_urls,
        choice=choice,
        selected_station=state.station,
        buffer=buffer.area if buffer else None,
        inside=list_inside_buffer(buffer, data) if buffer else None,
        focus=focus,
        has_speeds=bool(len(data.roads.speeds)),
        sources=tuple(list_credits(data.list_datasets(BUFFER_DATASETS), None)) if buffer else (),
    )
    base = build_map(
        opening.view,
        title=labels("congestion.title"),
        labels=labels,
        sources=list_credits(data.list_datasets(CONGESTION_DATASETS), settings.tiles),
        tiles=settings.tiles,
        ground=describe_ground(data, labels, has_roads=True),
        focus=opening.focus,
    )
    show_map(base, layer.to_folium(), key="congestion-map", on_click=_choose_station)


def _find_road_focus(
    state: CongestionState, buffer: BufferSummary | None, data: PageData
) -> dict[str, Any]:
    """Return the extent of the buffer, of the corridors, or of a station far from these."""
    roads = data.roads
    if buffer is not None:
        area = gpd.GeoSeries([buffer.area], crs=METRIC).to_crs(GEOGRAPHIC)
        return to_focus(tuple(area.total_bounds), f"{state.around}/{state.radius_m}")
    bounds = tuple(roads.corridors.total_bounds)
    station = roads.stations.loc[roads.stations["point_code"] == state.station]
    if station["corridor_id"].notna().any():
        return to_focus(bounds, "")
    lon, lat = station.geometry.iloc[0].coords[0]
    near = (lon - NEAR_DEG, lat - NEAR_DEG, lon + NEAR_DEG, lat + NEAR_DEG)
    return to_focus(near, state.station)


def _choose_station(click: MapClick) -> None:
    code = (click.properties or {}).get("point_code")
    if code in get_data().roads.summary.index:
        st.session_state["station"] = code
