"""概要: the 45 municipalities by one indicator, with the profile of each and a comparison."""

from __future__ import annotations

import streamlit as st

from kumageo.labels import Labels
from kumageo.municipalities import INDICATORS
from layers.content import OVERVIEW_DATASETS, PageData
from pages.components import filters
from pages.components.embed_builder import show_embed_builder
from pages.components.frame import (
    fragment,
    keep_link,
    show_credits,
    show_downloads,
    show_problems,
    show_words,
)
from pages.components.maps import show_overview_map
from pages.components.profile import show_profiles
from pages.components.raster_panels import list_raster_ids, show_rasters
from pages.components.state import OverviewState, Query
from pages.components.tables import tabulate_profiles
from pages.components.words import describe_overview


def show(data: PageData, labels: Labels) -> None:
    """Show the page."""
    query = Query(st.query_params.to_dict())
    linked = OverviewState.from_query(query, data.names, data.regions.index, list_raster_ids())
    view = query.read_view()
    filters.seed_overview(linked)
    state = filters.show_overview_controls(data, labels)
    show_problems(query.problems, labels)
    indicator = next(one for one in INDICATORS if one.id == state.indicator)
    wide, narrow = st.columns([3, 2], gap="medium")
    with wide:
        show_overview_map(state, indicator, view, data, labels)
        show_words(describe_overview(state, indicator, data, labels.with_ruby()))
    with narrow:
        state = filters.show_overview_choice(state, data, labels)
        show_profiles(state, data, labels)
    keep_link(state.to_query())
    filters.carry_place(state.region_id, state.municipality_code)
    _show_table(state, data, labels)
    show_rasters(state, data, labels)
    show_embed_builder("municipalities", st.query_params.to_dict(), labels)
    show_downloads({"overview": state.to_query()}, labels)
    show_credits(data, OVERVIEW_DATASETS, labels)


@fragment
def _show_table(state: OverviewState, data: PageData, labels: Labels) -> None:
    if not st.toggle(labels("overview.table"), key="overview-table"):
        return
    profiles = data.profiles
    if state.region_id:
        profiles = profiles[profiles["region_id"] == state.region_id]
    st.caption(labels("overview.not_ranking"))
    with_commas = st.column_config.NumberColumn(format="localized")
    st.dataframe(
        tabulate_profiles(profiles, labels),
        hide_index=True,
        column_config={labels("column.population"): with_commas},
    )
