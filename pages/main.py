"""The one script that Streamlit runs: page config, navigation, and the frame round each page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from kumageo.labels import Labels, list_languages
from layers.content import PageData
from pages.components.data import get_data, get_labels, get_settings
from pages.components.frame import guard_page, show_brand, show_problems
from pages.views import congestion, council, evacuation, groundwater, overview

VIEWS = (
    ("overview", overview.show),
    ("evacuation", evacuation.show),
    ("congestion", congestion.show),
    ("groundwater", groundwater.show),
    ("council", council.show),
)


def _show(view: Callable[[PageData, Labels], None], labels: Labels) -> None:
    guard_page(lambda: view(get_data(), labels), labels)


asked = st.query_params.get("lang", "ja")
languages = list_languages(get_settings().geodata)
labels = get_labels(asked if asked in languages else "ja")
st.set_page_config(page_title=labels("app.title"), layout="wide")
show_brand(labels)
pages = [
    st.Page(
        partial(_show, view, labels),
        title=labels(f"page.{name}"),
        url_path=name,
        default=name == "overview",
    )
    for name, view in VIEWS
]
page = st.navigation(pages, position="top")
if asked not in languages:
    show_problems(["lang"], labels)
page.run()
