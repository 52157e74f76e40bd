"""Levels of a day at the places of wells, from a small table by hand."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from kumageo.errors import ArgumentError, CrsError
from kumageo.well_levels import collect_levels, read_day, select_wells

DAY, BEFORE = dt.date(2026, 1, 10), dt.date(2025, 1, 10)


@pytest.fixture
def wells():
    """Six wells; b stands 2 m from a, d has no place, e lies outside of 熊本地域."""
    lon = [130.70, 130.70002, 130.75, None, 130.2, 130.8]
    table = pd.DataFrame(
        {
            "id": list("abcdef"),
            "screen_mark": pd.array(["浅", "浅", "浅", "浅", "浅", None], dtype="object"),
            "area": ["inside", "inside", "partly", None, "outside", "inside"],
        }
    )
    places = [Point(x, 32.8) if x else None for x in lon]
    return gpd.GeoDataFrame(table, geometry=places, crs="EPSG:6668")


def make_daily(*rows):
    table = pd.DataFrame(rows, columns=["well_id", "day", "mean_m"])
    table["day"] = pd.to_datetime(table["day"])
    table["well_id"] = table["well_id"].astype("category")
    return table


def test_wells_of_a_mark_lie_in_the_area_and_have_a_place(wells):
    assert select_wells(wells, "shallow")["id"].tolist() == ["a", "b", "c"]
    assert select_wells(wells, "unstated")["id"].tolist() == ["f"]
    assert select_wells(wells, "deep")["id"].tolist() == []
    with pytest.raises(ArgumentError, match="expected one of shallow, deep"):
        select_wells(wells, "浅")


def test_the_nearest_day_counts_and_of_two_the_earlier():
    daily = make_daily(
        ("a", "2026-01-10", 1.0),
        ("a", "2026-01-09", 9.0),
        ("b", "2026-01-12", 3.0),
        ("b", "2026-01-08", 2.0),
        ("c", "2026-01-13", 4.0),
        ("d", "2026-01-14", 5.0),
    )
    assert read_day(daily, DAY).to_dict() == {"a": 1.0, "b": 2.0, "c": 4.0}
    assert read_day(daily, DAY, tolerance_days=0).to_dict() == {"a": 1.0}
    assert read_day(daily[:0], DAY).to_dict() == {}


def test_wells_of_one_place_are_averaged_and_counted(wells):
    daily = make_daily(("a", DAY, 10.0), ("b", DAY, 14.0), ("c", DAY, 20.0))
    levels = collect_levels(wells, daily, DAY)
    assert levels.ids == ("a", "c")
    assert levels.level_m.tolist() == [12.0, 20.0]
    assert levels.n_wells == 3
    # EPSG:6670 begins at 131 E, 33 N: to the west and south of it all is negative.
    assert levels.xy[0] == pytest.approx([-28_098, -22_150], abs=30)
    # 0.05 degrees of longitude at 32.8 N are 4,684 m.
    assert levels.xy[1, 0] - levels.xy[0, 0] == pytest.approx(4_683, abs=5)


def test_a_difference_is_of_the_wells_that_have_both(wells):
    daily = make_daily(
        *[("a", DAY, 10.0), ("b", DAY, 14.0), ("c", DAY, 20.0)],
        *[("b", BEFORE, 13.5), ("c", BEFORE, 22.0), ("f", BEFORE, 1.0)],
    )
    levels = collect_levels(wells, daily, DAY, BEFORE)
    assert (levels.ids, levels.n_wells, levels.minus) == (("b", "c"), 2, BEFORE)
    assert levels.level_m == pytest.approx([0.5, -2.0])


def test_without_readings_there_is_nothing(wells):
    levels = collect_levels(wells, make_daily(), DAY)
    assert (levels.ids, levels.n_wells, levels.xy.shape) == ((), 0, (0, 2))
    assert levels.level_m.dtype == np.float64


def test_without_a_crs_it_is_refused(wells):
    bare = gpd.GeoDataFrame(wells.drop(columns="geometry"), geometry=list(wells.geometry))
    with pytest.raises(CrsError, match="wells: expected a coordinate reference system"):
        collect_levels(bare, make_daily(("a", DAY, 1.0)), DAY)
