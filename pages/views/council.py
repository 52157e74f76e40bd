"""地域会議: the areas of the councils, their topics, and the evidence on the maps."""

from __future__ import annotations

import streamlit as st

from kumageo.labels import Labels
from layers.content import PageData
from pages.components import council_panels, filters
from pages.components.council_maps import COUNCIL_DATASETS, show_council_map
from pages.components.council_state import CouncilState
from pages.components.data import get_councils
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


def show(data: PageData, labels: Labels) -> None:
    """Show the page."""
    query, councils = Query(st.query_params.to_dict()), get_councils(data)
    themes = [theme.id for theme in councils.council.themes]
    topics = [topic.id for topic in councils.council.topics]
    known = (councils.profiles.index, themes, topics)
    council_panels.seed_council(CouncilState.from_query(query, *known))
    view = query.read_view()
    show_notice(labels("council.title"), council_panels.write_notice(councils, labels.with_ruby()))
    show_problems(query.problems, labels)
    wide, narrow = st.columns([3, 2], gap="medium")
    with narrow:
        left, right = st.columns(2)
        with left:
            region_id = filters.choose_region(data, labels)
        with right:
            theme_id = council_panels.choose_theme(councils, labels)
        panel = st.container()
    state = CouncilState(region_id, theme_id, tuple(st.session_state["topics"]))
    shown = council_panels.select_shown(state, councils)
    with wide:
        show_council_map(state, shown, councils, view, data, labels)
        show_words(council_panels.describe_council(state, shown, councils, labels.with_ruby()))
    with panel:
        council_panels.show_area(state, data, councils, labels)
    keep_link(state.to_query())
    filters.carry_place(region_id, st.session_state.get("place", {}).get("m", ""))
    council_panels.show_topics(state, shown, councils, labels)
    council_panels.show_briefing(state, shown, councils, labels)
    council_panels.show_context(councils, labels)
    show_embed_builder("council", st.query_params.to_dict(), labels)
    show_downloads({"topics": state.to_query()}, labels)
    show_credits(data, COUNCIL_DATASETS, labels)
    st.markdown(council_panels.list_sources(councils, labels))
