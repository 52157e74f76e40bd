"""Legends: the words, the counts, and what is left out."""

from __future__ import annotations

import pandas as pd

from layers.legend import LegendEntry, draw_legend, list_class_entries
from layers.symbology import UNKNOWN_COLOUR, Symbology

TWO = Symbology((0.0, 1500.0, 20000.0), ("#aaaaaa", "#bbbbbb"), 0)


def entries(classes, symbology=TWO):
    numbers = pd.Series(classes, dtype="Int64")
    return list_class_entries(symbology, numbers, count_form="{n}市町村", unknown="不明")


def test_each_class_states_its_range_and_count():
    assert entries([0, 1, 1, 1]) == [
        LegendEntry("0–1,500", "#aaaaaa", "square", "1市町村"),
        LegendEntry("1,500–20,000", "#bbbbbb", "square", "3市町村"),
    ]


def test_an_empty_class_is_listed_with_zero():
    assert [entry.count for entry in entries([1])] == ["0市町村", "1市町村"]


def test_unknown_is_listed_only_where_there_is_any():
    assert entries([0, None, None])[-1] == LegendEntry("不明", UNKNOWN_COLOUR, "square", "2市町村")
    assert "不明" not in [entry.label for entry in entries([0, 1])]


def test_decimals_of_the_indicator_are_used():
    symbology = Symbology((1.1, 7.8, 280.0), ("#aaaaaa", "#bbbbbb"), 1)
    assert [entry.label for entry in entries([0], symbology)] == ["1.1–7.8", "7.8–280.0"]


def test_the_drawn_legend_leaves_out_blank_counts(render, calls):
    import folium

    group = folium.FeatureGroup()
    group.add_child(
        draw_legend(
            "凡例", [LegendEntry("a", "#111111", "circle", "3か所"), LegendEntry("b", "#2", "line")]
        )
    )
    (options,) = [options for name, options in calls(render(group)) if name == "setLegend"]
    assert options == {
        "title": "凡例",
        "entries": [
            {"label": "a", "colour": "#111111", "shape": "circle", "count": "3か所"},
            {"label": "b", "colour": "#2", "shape": "line"},
        ],
    }
