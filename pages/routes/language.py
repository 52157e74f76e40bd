"""The language of an answer, from the query of its request."""

from __future__ import annotations

from kumageo.labels import BASE_LANGUAGE, Labels, list_languages
from pages.components.data import get_labels, get_settings
from pages.components.state import Query


def choose_labels(query: Query) -> Labels:
    """Return the texts of the language asked for; an unknown one is noted in `query.problems`."""
    return get_labels(query.choose("lang", list_languages(get_settings().geodata), BASE_LANGUAGE))
