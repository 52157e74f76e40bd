"""The part 水位の面 of the page 地下水: what is chosen, its map, and what it says in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import streamlit as st

from kumageo.errors import SurfaceError
from kumageo.interpolation import IDW, KRIGING, METHODS
from kumageo.labels import Labels
from kumageo.surface import MIN_PLACES
from kumageo.well_levels import MARKS, collect_levels, select_wells
from layers.base import Credit, to_focus
from layers.compose import build_map, list_credits, set_aside
from layers.content import PageData
from layers.ground import describe_ground
from layers.registry import list_layer_datasets
from layers.surface import SurfaceLayer
from layers.water import Water
from layers.water_surface import ShownSurface, SurfaceQuestion
from pages.components import surface_words
from pages.components.data import get_settings, get_surface
from pages.components.filters import parse_point, read_point
from pages.components.frame import escape_markdown
from pages.components.state import MAX_TEXT
from pages.components.surface_files import ERRORS, LEVELS
from pages.components.surface_state import SurfaceState

if TYPE_CHECKING:
    from pages.components.map_panel import MapClick

KEYS = ("surface", "on", "method", "minus", "at")


def seed_surface(state: SurfaceState) -> dict[str, Any]:
    """Return what the controls get from the link."""
    point = "" if state.point is None else "{:.6f}, {:.6f}".format(*state.point)
    return {
        "surface": state.mark,
        "on": state.day,
        "method": state.method,
        "minus": state.minus,
        "at": point,
    }


def recall_surface() -> SurfaceState:
    """Return what is chosen now."""
    mark, day, method, minus, at = (st.session_state.get(key) for key in KEYS)
    return SurfaceState(mark or "", day, method or IDW, minus, parse_point(at or ""))


def show_surface(data: PageData, water: Water, labels: Labels) -> None:
    """Show the controls and the surface, or why there is none."""
    if water.days is None:
        st.info(labels("surface.refused_no_readings"))
        return
    question = _show_controls(data, water, labels)
    try:
        shown = get_surface(data, question)
    except SurfaceError as error:
        st.info(surface_words.describe_refusal(error, question, labels))
        return
    wide, narrow = st.columns([3, 2], gap="medium")
    with narrow:
        words = surface_words.describe_surface(shown, is_demo=water.is_demo, labels=labels)
        with st.container(key="surface-words"):
            st.markdown(escape_markdown(words))
        _show_place(shown, labels)
        _show_files(shown, labels)
    with wide:
        _show_map(shown, data, water, labels)


def _show_controls(data: PageData, water: Water, labels: Labels) -> SurfaceQuestion:
    first, last = water.days or (None, None)
    st.session_state["on"] = st.session_state.get("on") or last
    for key, value in (("method", IDW), ("at", ""), ("minus", None)):
        st.session_state.setdefault(key, value)
    if not st.session_state.get("surface"):
        st.session_state["surface"] = _choose_mark(data, water)
    days: dict[str, Any] = {"min_value": first, "max_value": last, "format": "YYYY-MM-DD"}
    with st.container(key="surface-controls", horizontal=True, vertical_alignment="bottom"):
        mark = st.segmented_control(
            labels("surface.mark"),
            list(MARKS),
            format_func=lambda name: labels(f"surface_mark.{name}"),
            key="surface",
            required=True,
        )
        method = st.segmented_control(
            labels("surface.method"),
            METHODS,
            format_func=lambda name: labels(f"surface_method.{name}"),
            key="method",
            required=True,
        )
        day = st.date_input(labels("surface.day"), None, key="on", width=160, **days)
        minus = st.date_input(labels("surface.minus"), None, key="minus", width=160, **days)
    return SurfaceQuestion(mark, day or last, method, None if minus == day else minus)


def _choose_mark(data: PageData, water: Water) -> str:
    """Return the first mark of which there are enough wells, else the first."""
    day = st.session_state["on"]
    for mark in MARKS:
        levels = collect_levels(select_wells(data.wells, mark), water.daily, day)
        if len(levels.ids) >= MIN_PLACES:
            return mark
    return next(iter(MARKS))


def _show_place(shown: ShownSurface, labels: Labels) -> None:
    st.text_input(
        labels("surface.at"),
        key="at",
        max_chars=MAX_TEXT,
        placeholder=labels("surface.at_hint"),
    )
    point = read_point(labels, "at")
    if point is not None:
        said = surface_words.describe_place(shown.surface, point, labels)
        with st.container(key="surface-place"):
            st.markdown(f"**{escape_markdown(said)}**")


def _show_files(shown: ShownSurface, labels: Labels) -> None:
    query = urlencode(list_query(shown.question))
    names = [LEVELS, *([ERRORS] if shown.question.method == KRIGING else [])]
    links = [f"[{labels(f'surface.file_{name}')}](/surface/{name}.tif?{query})" for name in names]
    st.markdown("　".join(links))


def list_query(question: SurfaceQuestion) -> dict[str, str]:
    """Return the question as the query of a file."""
    state = SurfaceState(question.mark, question.day, question.method, question.minus)
    return state.to_query()


def _show_map(shown: ShownSurface, data: PageData, water: Water, labels: Labels) -> None:
    # Its component must be declared in a session, and routes load this module, too.
    from pages.components.map_panel import show_map

    settings = get_settings()
    title = surface_words.write_title(shown.question, labels)
    wells = _list_wells(shown, data, labels)
    focus = _find_focus(shown, wells)
    query = {**list_query(shown.question), "v": shown.encoded.version}
    urls = {
        "areas": data.data_url("municipal_boundaries"),
        "surface": f"/surface/{LEVELS}.geojson?{urlencode(query)}",
    }
    layer = SurfaceLayer(
        labels=labels,
        data_urls=urls,
        title=title,
        stamp=labels("groundwater.stamp") if water.is_demo else "",
        point=recall_surface().point,
        focus=focus,
        sources=tuple(
            Credit(labels("groundwater.readings_of", source=source)) for source in water.sources
        ),
    )
    datasets = data.list_datasets(list_layer_datasets("groundwater"))
    base = build_map(
        None,
        title=labels("well_part.surface"),
        labels=labels,
        sources=list_credits(datasets, settings.tiles),
        tiles=settings.tiles,
        ground=describe_ground(data, labels),
        focus=st.session_state.setdefault("surface-opening", focus),
    )
    set_aside(base)
    entries = layer.list_surface_entries(shown.symbology, shown.surface.levels.n_wells)
    show_map(base, layer.to_folium(entries, wells), key="surface-map", on_click=_choose_point)


def _list_wells(shown: ShownSurface, data: PageData, labels: Labels) -> list[dict[str, Any]]:
    levels = shown.surface.levels
    form = "surface.well" if shown.question.minus is None else "surface.well_change"
    wells = data.wells.set_index("id").loc[list(levels.ids)]
    return [
        {
            "lon": round(place.x, 6),
            "lat": round(place.y, 6),
            "text": labels(form, name=name, value=float(value)),
        }
        for place, name, value in zip(wells.geometry, wells["name"], levels.level_m, strict=True)
    ]


def _find_focus(shown: ShownSurface, wells: list[dict[str, Any]]) -> dict[str, Any]:
    lons, lats = [one["lon"] for one in wells], [one["lat"] for one in wells]
    return to_focus((min(lons), min(lats), max(lons), max(lats)), shown.question.mark)


def _choose_point(click: MapClick) -> None:
    st.session_state["at"] = f"{click.lon:.6f}, {click.lat:.6f}"
