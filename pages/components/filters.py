"""Controls, and the way between them and the address of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import streamlit as st

from kumageo.facilities import KINDS, SHELTER, SITE
from kumageo.labels import Labels
from kumageo.municipalities import INDICATORS
from kumageo.schemas import HAZARDS, KUMAMOTO_BOUNDS
from layers.assets import HAZARD_ICONS
from layers.base import MapView, to_focus
from layers.content import PageData
from pages.components.frame import forget_view
from pages.components.state import MAX_TEXT, EvacuationState, OverviewState, Query
from pages.components.words import name_places

BOTH = "both"


@dataclass(frozen=True)
class Opening:
    """How a live map opens; it stays the same for the session, or the map would load anew."""

    view: MapView | None
    focus: dict[str, Any]


def remember_opening(key: str, view: MapView | None, focus: dict[str, Any]) -> Opening:
    """Keep the first opening of a session, and forget a view that another choice moves away."""
    opening: Opening = st.session_state.setdefault(f"{key}-opening", Opening(view, focus))
    if st.session_state.setdefault(f"{key}-focus", focus["token"]) != focus["token"]:
        st.session_state[f"{key}-focus"] = focus["token"]
        forget_view()
    return opening


def seed(page: str, values: dict[str, Any]) -> None:
    """Give controls the state of the link when a page is opened.

    Streamlit forgets the controls of the page that is left, so the chosen place is kept
    apart; a link that names a place comes first.
    """
    if st.session_state.get("page") == page:
        return
    carried = st.session_state.get("place", {})
    for key, value in values.items():
        st.session_state[key] = value or carried.get(key, value)
    for key in (f"{page}-opening", f"{page}-focus"):
        st.session_state.pop(key, None)
    st.session_state["page"] = page


def carry_place(region_id: str, code: str) -> None:
    """Keep the chosen place for the other pages."""
    st.session_state["place"] = {"region": region_id, "m": code}


def seed_overview(state: OverviewState) -> None:
    """Give the controls of the page 概要 the state of the link."""
    seed(
        "overview",
        {
            "indicator": state.indicator,
            "region": state.region_id,
            "m": state.municipality_code,
            "compare": state.compared_code,
            "raster": state.raster,
        },
    )


def seed_evacuation(state: EvacuationState) -> None:
    """Give the controls of the page 避難場所 the state of the link."""
    lon_lat = "" if state.point is None else "{:.6f}, {:.6f}".format(*state.point)
    seed(
        "evacuation",
        {
            "hazard": list(state.hazards),
            "mode": state.mode,
            "kind": state.kinds[0] if len(state.kinds) == 1 else BOTH,
            "region": state.region_id,
            "m": state.municipality_code,
            "q": state.text,
            "point": lon_lat,
            "restricted": state.include_restricted,
            "facility": state.facility_id,
        },
    )


def show_overview_controls(data: PageData, labels: Labels) -> OverviewState:
    """Show the choice of indicator and region above the map."""
    with st.container(key="controls"):
        title, left, right = st.columns([2, 6, 4], vertical_alignment="bottom")
        title.title(labels("overview.title"), anchor=False)
        indicator = left.selectbox(
            labels("overview.indicator"),
            [one.id for one in INDICATORS],
            format_func=lambda name: labels(f"indicator.{name}"),
            key="indicator",
        )
        with right:
            region_id = choose_region(data, labels)
    return OverviewState(
        indicator=indicator,
        region_id=region_id,
        municipality_code=st.session_state["m"],
        compared_code=st.session_state["compare"],
        raster=st.session_state.get("raster", ""),
    )


def show_overview_choice(state: OverviewState, data: PageData, labels: Labels) -> OverviewState:
    """Show the choice of municipalities beside the map."""
    left, right = st.columns(2)
    with left:
        code = choose_municipality(data, labels, "m", labels("overview.choose"))
    with right:
        compared = choose_municipality(data, labels, "compare", labels("overview.compare_none"))
    return replace(state, municipality_code=code, compared_code=compared)


def choose_region(data: PageData, labels: Labels) -> str:
    """Show the list of regions; blank is the whole prefecture."""
    names = data.regions["region_name"]
    return st.selectbox(
        labels("overview.region"),
        ["", *data.regions.index],
        format_func=lambda region_id: names.get(region_id, labels("overview.all_regions")),
        key="region",
    )


def choose_municipality(data: PageData, labels: Labels, key: str, blank: str) -> str:
    """Show the list of municipalities; blank is none."""
    label = labels("overview.municipality" if key == "m" else "overview.compare")
    names = name_places(data, labels)
    return st.selectbox(
        label,
        ["", *names],
        format_func=lambda code: names.get(code, blank),
        key=key,
    )


def show_evacuation_controls(labels: Labels) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """Show kinds and hazards above the map; return hazards, mode and kinds."""
    with st.container(key="controls", horizontal=True, vertical_alignment="center"):
        kinds_words = {
            **{kind: labels(f"kind.{kind}") for kind in KINDS},
            BOTH: labels("kind.both"),
        }
        kind = st.segmented_control(
            labels("evacuation.kinds"),
            [BOTH, SITE, SHELTER],
            format_func=kinds_words.__getitem__,
            key="kind",
            required=True,
            label_visibility="collapsed",
        )
        hazards = st.pills(
            labels("evacuation.hazard_filter"),
            HAZARDS,
            selection_mode="multi",
            format_func=lambda hazard: f"![]({HAZARD_ICONS[hazard]}) {labels(f'hazard.{hazard}')}",
            key="hazard",
            disabled=kind == SHELTER,
            label_visibility="collapsed",
            wrap=True,
        )
        mode = "any"
        if len(hazards) > 1:
            mode = st.radio(
                labels("evacuation.mode"),
                ["any", "all"],
                format_func=lambda name: labels(f"evacuation.mode_{name}"),
                key="mode",
                horizontal=True,
                label_visibility="collapsed",
            )
    kinds = KINDS if kind == BOTH else (kind,)
    chosen = () if kind == SHELTER else tuple(one for one in HAZARDS if one in hazards)
    return chosen, mode, kinds


def show_evacuation_choice(data: PageData, labels: Labels) -> tuple[str, str, str]:
    """Show region, municipality and search beside the map; return the three."""
    left, right = st.columns(2)
    with left:
        region_id = choose_region(data, labels)
    with right:
        blank = labels("overview.all_regions")
        if region_id:
            blank = labels("evacuation.all_of_region")
        code = choose_municipality(data, labels, "m", blank)
    text = st.text_input(
        labels("evacuation.search"),
        key="q",
        max_chars=MAX_TEXT,
        placeholder=labels("evacuation.search_hint"),
    )
    return region_id, code, text.strip()


def show_point_input(labels: Labels) -> None:
    """Show how to ask about a point by typing; the map takes clicks and the browser's place."""
    st.text_input(
        labels("evacuation.point_input"),
        key="point",
        max_chars=MAX_TEXT,
        placeholder=labels("evacuation.point_hint"),
    )


def parse_point(text: str) -> tuple[float, float] | None:
    """Return the point that is typed, if it can be used."""
    point = _to_query(text).read_lon_lat("point")
    return point if point is not None and is_in_extent(point) else None


def _to_query(text: str) -> Query:
    return Query({"point": text.replace("，", ",").replace("、", ",").strip()})


def read_point(labels: Labels, key: str = "point") -> tuple[float, float] | None:
    """Return the point that is asked about; say so where it cannot be used."""
    query = _to_query(st.session_state[key])
    point = query.read_lon_lat("point")
    if query.problems:
        is_swapped = _is_swapped(query.values["point"])
        st.warning(labels("error.point_swapped") if is_swapped else labels("error.point_format"))
    elif point is not None and not is_in_extent(point):
        st.warning(labels("error.point_outside"))
        return None
    return point


def _is_swapped(text: str) -> bool:
    """Tell whether a point makes sense with latitude first, as other services copy it."""
    turned = ",".join(reversed(text.split(",")))
    point = Query({"point": turned}).read_lon_lat("point")
    return point is not None and is_in_extent(point)


def is_in_extent(point: tuple[float, float]) -> bool:
    """Tell whether a point (lon, lat in degrees) lies in the extent of the prefecture."""
    lon_min, lat_min, lon_max, lat_max = KUMAMOTO_BOUNDS
    return lon_min <= point[0] <= lon_max and lat_min <= point[1] <= lat_max


def find_focus(region_id: str, chosen: Sequence[str], data: PageData) -> dict[str, Any]:
    """Return the extent that a choice of region or municipalities moves the map to."""
    profiles = data.profiles
    codes = [code for code in chosen if code]
    token = "/".join([region_id, *codes])
    if not codes:
        in_region = (profiles["region_id"] == region_id) | (not region_id)
        codes = list(profiles.index[in_region])
    extents = data.extents.loc[codes]
    lon_min, lat_min = extents[["minx", "miny"]].min()
    lon_max, lat_max = extents[["maxx", "maxy"]].max()
    return to_focus((lon_min, lat_min, lon_max, lat_max), token)


def list_inside(region_id: str, code: str, data: PageData) -> tuple[str, ...]:
    """Return the municipalities in question; none is all."""
    if code:
        return (code,)
    return tuple(data.profiles.index[data.profiles["region_id"] == region_id])


def find_evacuation_focus(
    state: EvacuationState, nearest: gpd.GeoDataFrame | None, data: PageData
) -> dict[str, Any]:
    """Return the extent of the point and what is near, else of the chosen place."""
    if state.point is None or nearest is None or not len(nearest):
        return find_focus(state.region_id, [state.municipality_code], data)
    lons, lats = [*nearest["lon"], state.point[0]], [*nearest["lat"], state.point[1]]
    token = "{:.6f},{:.6f}".format(*state.point)
    return to_focus((min(lons), min(lats), max(lons), max(lats)), token)
