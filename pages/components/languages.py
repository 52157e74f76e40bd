"""The reader's language: from the address, kept from page to page, and changed by a link."""

from __future__ import annotations

import streamlit as st

from kumageo.labels import BASE_LANGUAGE, Labels, list_languages
from pages.components.data import get_labels, get_settings, list_labels
from pages.components.state import write_address
from pages.components.templates import TEMPLATES


def choose_language() -> tuple[Labels, bool]:
    """Return the texts of the language asked for, and whether it is one that we have.

    Streamlit drops the query when the reader goes to another page, so the session keeps it.
    """
    kept = st.session_state.get("lang", BASE_LANGUAGE)
    asked = st.query_params.get("lang", kept)
    is_known = asked in list_languages(get_settings().geodata)
    language = asked if is_known else kept
    st.session_state["lang"] = language
    if is_known and language not in (BASE_LANGUAGE, st.query_params.get("lang")):
        st.query_params["lang"] = language
    return get_labels(language), is_known


def show_languages(labels: Labels) -> None:
    """Show a link to the same screen in each language; the page is loaded anew by it."""
    query = {name: value for name, value in st.query_params.to_dict().items() if name != "lang"}
    languages = [
        {
            "lang": other.html_language,
            "name": other("language.name"),
            "address": write_address("", query, other) or "?",
            "is_chosen": other == labels,
        }
        for other in list_labels()
    ]
    template = TEMPLATES.get_template("languages.html")
    st.html(template.render(languages=languages, label=labels("frame.languages")))
