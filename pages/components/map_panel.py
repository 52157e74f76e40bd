"""The live map: the only call of st_folium."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit_folium import st_folium

from layers.base import FeatureGroup, Map

HEIGHT_PX = 600  # a first guess for the frame; the style sheet makes it 62 % of the window


@dataclass(frozen=True)
class MapClick:
    """A click on the map: where, in degrees, and the properties of what was hit, if anything."""

    lon: float
    lat: float
    properties: dict[str, Any] | None


def show_map(
    base: Map,
    group: FeatureGroup,
    *,
    key: str,
    on_click: Callable[[MapClick], None],
) -> None:
    """Show a live map; a click calls `on_click` before the page runs again.

    Parameters
    ----------
    base
        From `layers.compose.build_map`, the same at every run: another one would load the
        map anew and lose the view.
    group
        What is drawn on it; it may differ at every run.
    key
        Names the map within the session.
    on_click
        May set the state of widgets.
    """

    def handle_change() -> None:
        click = _read_click(st.session_state.get(key) or {}, f"{key}-handled")
        if click is not None:
            on_click(click)

    st_folium(
        base,
        key=key,
        height=HEIGHT_PX,
        use_container_width=True,
        returned_objects=["last_clicked", "last_object_clicked", "last_active_drawing"],
        feature_group_to_add=group,
        on_change=handle_change,
    )


def _read_click(answer: dict[str, Any], handled_key: str) -> MapClick | None:
    """Return the click that is new in the component's answer, if there is one."""
    handled = st.session_state.get(handled_key, {})
    st.session_state[handled_key] = answer
    hit = answer.get("last_object_clicked")
    if hit and hit != handled.get("last_object_clicked"):
        drawing = answer.get("last_active_drawing") or {}
        return MapClick(hit["lng"], hit["lat"], drawing.get("properties"))
    clicked = answer.get("last_clicked")
    if clicked and clicked != handled.get("last_clicked"):
        return MapClick(clicked["lng"], clicked["lat"], None)
    return None
