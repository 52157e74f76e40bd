"""地下水: every observation well, what is known of its level and what is not."""

from __future__ import annotations

import streamlit as st

from kumageo.labels import Labels
from layers.content import PageData
from pages.components import filters, surface_panels, well_panels
from pages.components.data import get_water
from pages.components.embed_builder import show_embed_builder
from pages.components.frame import (
    keep_link,
    show_credits,
    show_downloads,
    show_notice,
    show_problems,
    show_words,
)
from pages.components.state import Query
from pages.components.well_maps import GROUNDWATER_DATASETS, show_groundwater_map
from pages.components.well_notices import show_notices
from pages.components.well_state import GroundwaterState


def show(data: PageData, labels: Labels) -> None:
    """Show the page."""
    query, water = Query(st.query_params.to_dict()), get_water(data)
    known = (data.names, data.regions.index, data.wells["id"].to_list())
    well_panels.seed_groundwater(GroundwaterState.from_query(query, *known, water.days))
    view = query.read_view()
    texts = labels.with_ruby()
    said = [well_panels.write_notice(water, texts), well_panels.write_links(water, texts)]
    show_notice(labels("groundwater.title"), labels.say(said))
    show_problems(query.problems, labels)
    wide, narrow = st.columns([3, 2], gap="medium")
    with narrow:
        left, right = st.columns(2)
        with left:
            region_id = filters.choose_region(data, labels)
        with right:
            code = filters.choose_municipality(data, labels, "m", labels("overview.all_regions"))
        well_id = well_panels.choose_well(region_id, code, data, water, labels)
        panel = st.container()
    state = GroundwaterState(
        region_id,
        code,
        well_id,
        tuple(st.session_state.get("compared", ())),
        st.session_state["part"],
        surface_panels.recall_surface(),
    )
    shown = well_panels.select_wells(state, data)
    with wide:
        show_groundwater_map(state, shown, water, view, data, labels)
        show_words(well_panels.describe_groundwater(shown, data, water, texts))
    with panel:
        well_panels.show_well(state, data, water, labels)
        show_notices(shown, water, data, labels)
    keep_link(state.to_query())
    filters.carry_place(region_id, code)
    well_panels.show_parts(state, shown, data, water, labels)
    show_embed_builder("groundwater", st.query_params.to_dict(), labels)
    show_downloads(well_panels.list_downloads(state, water), labels)
    show_credits(data, GROUNDWATER_DATASETS, labels)
