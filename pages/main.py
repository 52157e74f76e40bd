"""The one script that Streamlit runs: page config, navigation, and the frame round each page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from kumageo.labels import Labels
from layers.content import PageData
from pages.components.data import get_data
from pages.components.frame import guard_page, show_brand, show_problems
from pages.components.languages import choose_language, show_languages
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


labels, is_known = choose_language()
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
show_languages(labels)
if not is_known:
    show_problems(["lang"], labels)
page.run()
