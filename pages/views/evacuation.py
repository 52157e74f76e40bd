"""避難場所: sites and shelters by hazard and place, and the nearest to a point."""

from __future__ import annotations

import geopandas as gpd
import streamlit as st

from kumageo.evacuation import find_nearest
from kumageo.facilities import select_facilities
from kumageo.labels import Labels
from layers.content import PageData
from pages.components import filters
from pages.components.embed_builder import show_embed_builder
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
    show_notice,
    show_problems,
    show_words,
)
from pages.components.maps import EVACUATION_DATASETS, show_evacuation_map
from pages.components.state import EvacuationState, Query
from pages.components.words import describe_evacuation, write_earthquake_note, write_notice


def show(data: PageData, labels: Labels) -> None:
    """Show the page."""
    query = Query(st.query_params.to_dict())
    known = (data.names, data.regions.index, data.facility_ids)
    filters.seed_evacuation(EvacuationState.from_query(query, *known))
    view = query.read_view()
    show_notice(labels("evacuation.title"), write_notice(data, labels.with_ruby()))
    show_problems(query.problems, labels)
    hazards, mode, kinds = filters.show_evacuation_controls(labels)
    wide, narrow = st.columns([3, 2], gap="medium")
    with narrow:
        region_id, code, text = filters.show_evacuation_choice(data, labels)
        filters.show_point_input(labels)
        point = filters.read_point(labels)
    kept = (st.session_state["restricted"], st.session_state["facility"])
    state = EvacuationState(hazards, mode, kinds, region_id, code, text, point, *kept)
    shown = select_facilities(data.facilities, state.to_filter(), data.profiles["region_id"])
    drawn = data.facilities[shown]
    nearest = _find_nearest(state, drawn)
    with wide:
        show_evacuation_map(state, shown, nearest, view, data, labels)
        show_words(describe_evacuation(state, drawn, data, labels.with_ruby()))
        st.caption(write_earthquake_note(data, labels))
    with narrow:
        show_nearest(state, nearest, labels)
        show_selected(state.facility_id, drawn, data, labels)
    keep_link(state.to_query())
    filters.carry_place(region_id, code)
    show_facility_table(drawn, data, labels)
    show_outside(data, labels)
    show_embed_builder("evacuation", st.query_params.to_dict(), labels)
    show_downloads({"evacuation": state.to_query()}, labels)
    st.caption(labels("evacuation.difference"))
    show_credits(data, EVACUATION_DATASETS, labels)


def _find_nearest(state: EvacuationState, drawn: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    if state.point is None:
        return None
    lon, lat = state.point
    return find_nearest(lon, lat, drawn, include_restricted=state.include_restricted)
