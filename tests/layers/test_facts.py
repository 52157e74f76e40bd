"""Published figures in words; the tables of them are tested with their pages."""

from __future__ import annotations

import pandas as pd
import pytest

from layers.facts import write_fact_date, write_figure


@pytest.mark.parametrize(
    ("value", "quantity", "bound", "text"),
    [
        (3000.0, "queue_m", None, "3,000 m"),
        (500.0, "queue_m", "at_least", "500 m以上"),
        (1057.5, "queue_m", "about", "約1,057.5 m"),
        (6.0, "n_lanes", "up_to", "最大 6 車線"),
        (0.0, "queue_m", None, "0 m"),
        (float("nan"), "queue_m", "about", "不明"),
        (pd.NA, "queue_m", pd.NA, "不明"),
        (15.5, "speed_kmh", pd.NA, "15.5 km/h"),
    ],
)
def test_a_figure_is_written_with_its_unit_and_its_exactness(value, quantity, bound, text, labels):
    assert write_figure(value, quantity, bound, labels) == text


@pytest.mark.parametrize(
    ("date", "text"),
    [
        ("2024", "2024年"),
        ("2024-12", "2024年12月"),
        ("2024-12-16", "2024年12月16日"),
        ("2024-04-22/2024-04-23", "2024年4月22日〜2024年4月23日"),
        ("2024-11/2025-02", "2024年11月〜2025年2月"),
        (None, "時点不明"),
        (pd.NA, "時点不明"),
    ],
)
def test_a_date_is_written_as_far_as_it_is_stated(date, text, labels):
    assert write_fact_date(date, labels) == text
