"""Tables as plain rows: what JSON has, and nothing else."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from kumageo.records import to_records


def test_rows_by_hand():
    table = pd.DataFrame(
        {"name": ["甲", None], "n": [1, 2], "share": [0.125, 12.3456]}, index=[7, 3]
    )
    assert to_records(table) == [
        {"name": "甲", "n": 1, "share": 0.12},
        {"name": None, "n": 2, "share": 12.35},
    ]


@pytest.mark.parametrize(
    "values",
    [
        pd.array([1, None], dtype="Int64"),
        pd.array([True, None], dtype="boolean"),
        pd.array([1.5, None], dtype="Float64"),
        pd.array(["a", None], dtype="str"),
        np.array([1.5, np.nan]),
        pd.to_timedelta([None, None]),
        [None, float("nan")],
    ],
    ids=lambda values: str(getattr(values, "dtype", "object")),
)
def test_unknown_is_null_in_every_column(values):
    rows = to_records(pd.DataFrame({"x": values}))
    assert rows[1] == {"x": None}
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.004, 0.0), (0.006, 0.01), (-1.238, -1.24), (1e9, 1e9), (3, 3), ("0.126", "0.126")],
)
def test_at_most_two_decimals(value, written):
    (row,) = to_records(pd.DataFrame({"x": [value]}))
    assert row == {"x": written}
    assert type(row["x"]) is type(written)


def test_whole_numbers_and_flags_stay_so():
    table = pd.DataFrame({"n": pd.array([3, None], dtype="Int64"), "is_it": [True, False]})
    (first, second) = to_records(table)
    assert json.dumps(first) == '{"n": 3, "is_it": true}'
    assert second == {"n": None, "is_it": False}


def test_names_of_columns_are_text():
    assert to_records(pd.DataFrame({2024: [1], 2025: [2]})) == [{"2024": 1, "2025": 2}]


def test_a_column_of_a_place_is_a_plain_table_without_it():
    places = gpd.GeoDataFrame({"id": ["a"]}, geometry=gpd.points_from_xy([1], [2]), crs=6668)
    assert to_records(places[["id"]]) == [{"id": "a"}]


def test_no_rows():
    assert to_records(pd.DataFrame({"a": []})) == []
    assert to_records(pd.DataFrame()) == []


def test_input_is_not_changed():
    table = pd.DataFrame({"x": [0.126, None], "y": ["a", None]})
    before = table.copy(deep=True)
    to_records(table)
    pd.testing.assert_frame_equal(table, before)


def test_several_values_are_a_list():
    records = to_records(pd.DataFrame({"ids": [("x", "y"), ()]}))
    assert records == [{"ids": ["x", "y"]}, {"ids": []}]
