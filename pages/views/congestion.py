"""渋滞: volumes by hour on the roads round Semicon Techno Park, forecasts and what was measured."""

from __future__ import annotations

import streamlit as st

from kumageo.labels import Labels
from layers.content import PageData
from pages.components import roads_text
from pages.components.buffers import (
    BUFFER_DATASETS,
    measure_buffer,
    show_buffer,
    show_buffer_controls,
)
from pages.components.embed_builder import show_embed_builder
from pages.components.frame import (
    keep_link,
    show_credits,
    show_downloads,
    show_notice,
    show_problems,
    show_words,
)
from pages.components.maps import CONGESTION_DATASETS, show_congestion_map
from pages.components.road_state import MAP_NAMES, CongestionState, read_choice
from pages.components.state import Query
from pages.components.stations import (
    choose_station,
    find_usual,
    read_periods,
    seed_congestion,
    show_comparison,
    show_station,
)


def show(data: PageData, labels: Labels) -> None:
    """Show the page."""
    query, usual = Query(st.query_params.to_dict()), find_usual(data)
    known = (data.roads.summary.index, data.roads.corridors["id"].to_list())
    seed_congestion(CongestionState.from_query(query, *known, usual))
    choice = read_choice(query, has_speeds=bool(len(data.roads.speeds)))
    view = query.read_view()
    show_notice(labels("congestion.title"), roads_text.write_caution(data, labels.with_ruby()))
    show_problems(query.problems, labels)
    wide, narrow = st.columns([3, 2], gap="medium")
    with narrow:
        station = choose_station(data, labels)
        figures = st.container()
        comparison = st.container()
        around, radius_m = show_buffer_controls(data, labels)
    periods = read_periods(usual)
    state = CongestionState(station, *periods, st.session_state["chart_day"], around, radius_m)
    buffer = measure_buffer(state, data)
    with wide:
        show_congestion_map(state, choice, buffer, view, data, labels)
        show_words(roads_text.describe_congestion(data, labels.with_ruby()))
    with narrow:
        show_buffer(buffer, state, data, labels)
    with figures:
        show_station(state, data, labels)
    with comparison:
        show_comparison(state, usual, data, labels)
    keep_link(state.to_query(usual), [name for name in MAP_NAMES if name not in query.problems])
    roads_text.show_speeds(data, labels)
    roads_text.show_forecasts(data, labels)
    roads_text.show_bottlenecks(data, labels)
    roads_text.show_tables(data, labels)
    show_embed_builder("congestion", st.query_params.to_dict(), labels)
    show_downloads(roads_text.list_downloads(state, usual), labels)
    show_credits(data, (*CONGESTION_DATASETS, *(BUFFER_DATASETS if buffer else ())), labels)
