"""A year, a month or a day, and nothing else."""

from __future__ import annotations

import datetime as dt

import pytest

from kumageo.errors import ArgumentError
from kumageo.partial_dates import DaySpan, parse_partial_date


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025", (2025, 1, 1), (2025, 12, 31)),
        ("2025-03", (2025, 3, 1), (2025, 3, 31)),
        ("2024-02", (2024, 2, 1), (2024, 2, 29)),
        ("2023-02", (2023, 2, 1), (2023, 2, 28)),
        ("2025-03-13", (2025, 3, 13), (2025, 3, 13)),
    ],
)
def test_the_days_that_are_meant(text, first, last):
    assert parse_partial_date(text) == DaySpan(dt.date(*first), dt.date(*last))


@pytest.mark.parametrize(
    "text",
    [
        *("", "25", "2025-3", "2025-13", "2025-00", "2025-02-29", "0000", "2025-03-13T00"),
        *("20250313", "2025-W01", "２０２５", " 2025", "令和7年3月"),
    ],
)
def test_what_is_no_date(text):
    with pytest.raises(ArgumentError, match="date: expected 2025, 2025-03 or 2025-03-13, got '"):
        parse_partial_date(text)
