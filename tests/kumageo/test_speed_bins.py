"""Bins: their edges, centres, and how far a speed can be from its own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kumageo import speed_bins
from kumageo.speed_bins import BIN_RATIO, SpeedCounts, from_bin, to_bin


@pytest.mark.parametrize(
    ("speed", "expected"),
    # ln 2 / ln 1.01 = 69.66, ln 60 / ln 1.01 = 411.47, ln 180 / ln 1.01 = 521.88
    [(1.0, 0), (1.009, 0), (1.011, 1), (2.0, 69), (60.0, 411), (180.0, 521), (0.995, -1)],
)
def test_bins_by_hand(speed, expected):
    assert to_bin([speed]).tolist() == [expected]


def test_centres_by_hand():
    assert from_bin([0, 1]).tolist() == pytest.approx([1.004987562, 1.015037438])
    # exp(411.5 × 0.009950331) = exp(4.0945612)
    assert from_bin(411) == pytest.approx(60.0130, abs=1e-3)


def test_centres_stay_in_their_bins():
    bins = np.arange(-100, 600)
    assert (to_bin(from_bin(bins)) == bins).all()
    assert BIN_RATIO == 1.01


@settings(deadline=None)
@given(st.floats(1.0, 180.0))
def test_a_speed_is_within_half_a_percent_of_its_centre(speed):
    centre = from_bin(to_bin(speed))
    assert abs(centre / speed - 1) < 0.005
    assert abs(speed / centre - 1) < 0.005  # and so is its travel time


def in_japan(*texts):
    return (
        pd.Series(pd.to_datetime(texts, format="ISO8601"))
        .dt.tz_localize("Asia/Tokyo")
        .dt.as_unit("us")
    )


@pytest.mark.parametrize("max_pending", [0, 1_000_000])
def test_counts_by_hand(monkeypatch, max_pending):
    monkeypatch.setattr(speed_bins, "_MAX_PENDING", max_pending)
    counts = SpeedCounts()
    times = in_japan("2026-05-25 00:00", "2026-05-24 23:59:59.9", "2026-05-25 00:59", "2026-05-25")
    speeds = np.array([1.0, 180.0, 1.0, 1.0])
    counts.add(np.array([1, 0, 1, 0]), times, speeds)
    counts.add(np.array([1]), times[:1], speeds[:1])
    counts.add(np.array([], dtype=int), times[:0], speeds[:0])
    table = counts.to_table(pd.Series(["b", "a"]))
    assert table.drop(columns="date").to_numpy().tolist() == [
        ["a", 0, 0, 3],
        ["b", 23, 521, 1],
        ["b", 0, 0, 1],
    ]
    assert table["date"].astype(str).tolist() == ["2026-05-25", "2026-05-24", "2026-05-25"]


def test_no_counts():
    table = SpeedCounts().to_table(pd.Series(["a"]))
    assert len(table) == 0
    assert table.dtypes.astype(str).tolist() == [
        *("str", "datetime64[us]", "int64", "int64", "int64"),
    ]
