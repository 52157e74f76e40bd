"""Which answer of the live map is a new click."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from pages.components import map_panel
from pages.components.map_panel import MapClick

EMPTY = {"last_clicked": None, "last_object_clicked": None, "last_active_drawing": None}
HERE = {"lat": 32.8, "lng": 130.7}
THERE = {"lat": 32.9, "lng": 130.8}


@pytest.fixture
def read(monkeypatch):
    monkeypatch.setattr(map_panel, "st", SimpleNamespace(session_state={}))
    return lambda **answer: map_panel._read_click({**EMPTY, **answer}, "map-handled")


def test_nothing_clicked(read):
    assert read() is None


def test_a_click_on_the_map_counts_once(read):
    assert read(last_clicked=HERE) == MapClick(130.7, 32.8, None)
    assert read(last_clicked=HERE) is None
    assert read(last_clicked=THERE) == MapClick(130.8, 32.9, None)


def test_a_click_on_a_feature_brings_its_properties(read):
    drawing = {"properties": {"id": "E1"}}
    answer = {"last_object_clicked": HERE, "last_active_drawing": drawing}
    assert read(**answer) == MapClick(130.7, 32.8, {"id": "E1"})
    assert read(**answer) is None
    assert read(**answer, last_clicked=THERE) == MapClick(130.8, 32.9, None)


def test_a_feature_counts_before_the_map_below_it(read):
    click = read(last_object_clicked=HERE, last_clicked=HERE, last_active_drawing=None)
    assert click == MapClick(130.7, 32.8, None)
    assert read(last_object_clicked=HERE, last_clicked=HERE) is None


def test_an_answer_without_anything_forgets_nothing_else(read):
    assert map_panel._read_click({}, "map-handled") is None
