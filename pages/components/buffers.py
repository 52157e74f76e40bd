"""What lies near Semicon Techno Park or a road: the choice, the numbers, the places."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely
import streamlit as st

from kumageo.congestion import BufferSummary, summarise_buffer
from kumageo.crs import METRIC
from kumageo.labels import Labels
from layers.content import PageData
from pages.components.frame import escape_markdown
from pages.components.road_state import RADII, SEMICON, CongestionState
from pages.components.words import name_places, write_day

# What is counted in a buffer, and whose it is.
BUFFER_DATASETS = ("evacuation_sites", "evacuation_shelters", "observation_wells", "municipalities")


def show_buffer_controls(data: PageData, labels: Labels) -> tuple[str, int]:
    """Show the choice of place and distance; return both."""
    names = dict(zip(data.roads.corridors["id"], data.roads.corridors["name"], strict=True))
    names |= {"": labels("buffer.none"), SEMICON: labels("buffer.semicon")}
    left, right = st.columns(2)
    around = left.selectbox(
        labels("buffer.around"),
        ["", SEMICON, *data.roads.corridors["id"]],
        format_func=names.__getitem__,
        key="around",
    )
    radius = right.selectbox(
        labels("buffer.radius"),
        RADII,
        format_func=lambda metres: labels("buffer.metres", n=int(metres)),
        key="radius",
        disabled=not around,
    )
    return around, int(radius)


def measure_buffer(state: CongestionState, data: PageData) -> BufferSummary | None:
    """Return what lies within the chosen distance, None where no place is chosen."""
    if not state.around:
        return None
    return summarise_buffer(
        data.roads.centre(state.around),
        state.radius_m,
        data.facilities,
        data.wells,
        data.municipalities,
        data.boundaries,
    )


def list_inside_buffer(buffer: BufferSummary, data: PageData) -> gpd.GeoDataFrame:
    """Return facilities and wells within: kind, lon, lat, name."""
    names = ["kind", "lon", "lat", "name", "geometry"]
    places = pd.concat([data.facilities[names], data.wells.assign(kind="well")[names]])
    metric = places.geometry.to_crs(METRIC).to_numpy()
    return gpd.GeoDataFrame(places[shapely.covers(buffer.area, metric)])


def show_buffer(
    buffer: BufferSummary | None, state: CongestionState, data: PageData, labels: Labels
) -> None:
    """Say what lies within, and how the residents are reckoned."""
    if buffer is None:
        st.caption(labels("buffer.help"))
        return
    counts = {
        labels("column.n_sites"): labels.number(buffer.n_sites),
        labels("column.n_shelters"): labels.number(buffer.n_shelters),
        labels("column.n_wells"): labels.number(buffer.n_wells),
        labels("buffer.population"): labels("buffer.about", n=round(buffer.population, -2)),
    }
    with st.container(horizontal=True, key="buffer"):
        for name, value in counts.items():
            st.metric(name, value, width="content")
    places = name_places(data, labels)
    parts = labels.join(
        labels(
            "buffer.share",
            name=escape_markdown(places[code]),
            share=row["share_pct"],
            population=round(row["population"]),
        )
        for code, row in buffer.shares.iterrows()
    )
    st.caption(labels("buffer.words", area_km2=buffer.area_km2, parts=parts))
    st.caption(labels.say([_name_centre(state, labels), _name_sources(data, labels)]))


def _name_centre(state: CongestionState, labels: Labels) -> str:
    return labels("buffer.centre_semicon" if state.around == SEMICON else "buffer.centre_road")


def _name_sources(data: PageData, labels: Labels) -> str:
    listed = [
        labels.named(
            escape_markdown(one.title),
            labels.noted(escape_markdown(one.publisher), write_day(data, one.id, labels)),
        )
        for one in data.list_datasets(BUFFER_DATASETS)
    ]
    return labels("buffer.sources", sources=labels.join(listed))
