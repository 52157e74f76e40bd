"""The map of the page 地域会議, and the places that topics name."""

from __future__ import annotations

import streamlit as st

from kumageo.council_records import Topic
from kumageo.labels import Labels
from layers.base import Credit, MapView
from layers.compose import build_map, list_credits
from layers.content import PageData
from layers.council import CouncilLayer
from layers.councils import Councils, list_places
from layers.ground import describe_ground
from layers.registry import list_layer_datasets
from pages.components import filters
from pages.components.council_state import CouncilState
from pages.components.data import get_data, get_settings
from pages.components.map_panel import MapClick, show_map

COUNCIL_DATASETS = list_layer_datasets("council")


def show_council_map(
    state: CouncilState,
    shown: tuple[Topic, ...],
    councils: Councils,
    view: MapView | None,
    data: PageData,
    labels: Labels,
) -> None:
    """Show the areas of the councils, and the places that the topics name."""
    settings = get_settings()
    focus = filters.find_focus(state.region_id, [], data)
    opening = filters.remember_opening("council", view, focus)
    papers = councils.council.sources.values()
    layer = CouncilLayer(
        labels=labels,
        data_url=data.data_url("council_areas"),
        selected=state.region_id,
        focus=focus,
        sources=tuple(
            Credit(f"{one.publisher}「{one.title}」", one.url)
            for one in papers
            if one.id in {topic.source for topic in shown}
        ),
    )
    base = build_map(
        opening.view,
        title=labels("council.title"),
        labels=labels,
        sources=list_credits(data.list_datasets(COUNCIL_DATASETS), settings.tiles),
        tiles=settings.tiles,
        ground=describe_ground(data, labels),
        focus=opening.focus,
    )
    group = layer.to_folium(councils.profiles, list_places(shown))
    show_map(base, group, key="council-map", on_click=_choose_area)


def _choose_area(click: MapClick) -> None:
    region_id = (click.properties or {}).get("code")
    if region_id in get_data().regions.index:
        st.session_state["region"] = region_id
