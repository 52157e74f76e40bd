"""Shared by the tests of the embeds: what they are made from, as it is published."""

from __future__ import annotations

import pytest

from kumageo.store import Store
from layers.content import find_versions, load_content
from layers.councils import build_councils
from layers.embed.document import build_document
from layers.embed.page import EmbedSources


@pytest.fixture(scope="session")
def content(geodata):
    return load_content(geodata, find_versions(geodata))


@pytest.fixture(scope="session")
def sources(content, labels, geodata):
    tables = (content.profiles, content.wells, content.roads.bottlenecks)
    councils = build_councils(Store(geodata), content.municipalities, content.boundaries, *tables)
    return EmbedSources(content, labels, ("ja", "vi"), councils=councils)


@pytest.fixture(scope="session")
def build(sources):
    """Build the document of a layer, from other sources if given."""

    def build_layer(layer, changed=None, ancestors="'self'"):
        names = {"ja": "日本語", "vi": "Tiếng Việt"}
        return build_document(layer, changed or sources, ancestors=ancestors, names=names)

    return build_layer
