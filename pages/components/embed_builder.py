"""The embed builder: what an editor pastes into a page of the prefecture's site."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import streamlit as st

from kumageo.labels import BASE_LANGUAGE, Labels
from layers.embed.code import write_embed_code
from pages.components.data import find_embed_version, get_embed, list_labels
from pages.components.frame import fragment
from pages.components.state import write_address

HEIGHTS_PX = (480, 640, 800, 960)
USUAL_HEIGHT_PX = HEIGHTS_PX[1]


@fragment
def show_embed_builder(layer: str, state: Mapping[str, str], labels: Labels) -> None:
    """Show how to put the map into another page: what is shown, height, language, and the code.

    `state` is the query of the page; what the embed does not know of it is left out.
    """
    if not st.toggle(labels("builder.title"), key="embed-builder"):
        return
    languages = {one.language: one for one in list_labels()}
    known = get_embed(layer, BASE_LANGUAGE, find_embed_version()).parameters
    query = {one.name: state[one.name] for one in known if state.get(one.name)}
    columns = st.columns(3, vertical_alignment="bottom")
    language = columns[0].selectbox(
        labels("builder.language"),
        list(languages),
        format_func=lambda name: languages[name]("language.name"),
        index=list(languages).index(labels.language),
        key="embed-language",
    )
    height_px = columns[1].selectbox(
        labels("builder.height"),
        HEIGHTS_PX,
        format_func=lambda pixels: labels("builder.pixels", n=pixels),
        index=HEIGHTS_PX.index(USUAL_HEIGHT_PX),
        key="embed-height",
    )
    with_state = columns[2].checkbox(
        labels("builder.with_state"), value=bool(query), disabled=not query, key="embed-state"
    )
    other = languages[language]
    address = write_address(f"/embed/{layer}", query if with_state else {}, other)
    code = write_embed_code(_find_origin() + address, layer, height_px, other)
    st.caption(labels("builder.words"))
    st.code(code, language="html", wrap_lines=True)
    st.caption(labels("builder.preview"))
    st.iframe(address, height=height_px)


def _find_origin() -> str:
    """Return scheme and host of the page as the browser sees them."""
    parts = urlsplit(st.context.url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
