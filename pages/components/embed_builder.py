"""The embed builder: what an editor pastes into a page of the prefecture's site."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import streamlit as st

from kumageo.labels import BASE_LANGUAGE, Labels
from pages.components.data import find_embed_version, get_embed, list_labels
from pages.components.frame import fragment
from pages.components.state import write_address
from pages.components.templates import TEMPLATES

HEIGHTS_PX = (480, 640, 800, 960)
USUAL_HEIGHT_PX = HEIGHTS_PX[1]
LOCATES = ("evacuation",)  # embeds that may ask where the reader is


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


def write_embed_code(address: str, layer: str, height_px: int, labels: Labels) -> str:
    """Return the frame and the link below it as HTML to paste.

    Parameters
    ----------
    address
        Of the embed, with its host.
    layer
        Names the map in the title.
    height_px
        Height of the frame.
    labels
        Texts of the reader's language.
    """
    return TEMPLATES.get_template("embed_code.html").render(
        address=address,
        title=labels("builder.frame_title", map=labels(f"builder.{layer}")),
        link=labels("builder.open", map=labels(f"builder.{layer}")),
        height_px=height_px,
        lang=labels.html_language,
        locates=layer in LOCATES,
    )


def _find_origin() -> str:
    """Return scheme and host of the page as the browser sees them."""
    parts = urlsplit(st.context.url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
