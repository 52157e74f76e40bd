"""Numbers and times from text, each form by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from kumageo.readers.cells import read_japanese_times, read_numbers, read_times
from kumageo.readers.series import Findings, Sieve

NOW = pd.Timestamp("2026-06-01T00:00:00+09:00")


def judge(read, cell, *arguments):
    """Return what a cell is read as, and what was found in it."""
    findings = Findings("")
    rows = pd.DataFrame({"cell": pd.array([cell], dtype="str"), "source_row": [2]})
    sieve = Sieve(rows, findings)
    (value,) = read(sieve, "cell", *arguments)
    checks = [issue.check for issue in findings.finish(rows, n_kept=0).issues]
    assert list(sieve.good) == [not checks]
    return value, checks


@pytest.mark.parametrize(
    ("cell", "number"),
    [("0", 0), ("12", 12), ("+12.5", 12.5), ("-0.25", -0.25), ("007", 7), ("1331.0", 1331)],
)
def test_numbers(cell, number):
    assert judge(read_numbers, cell) == (number, [])


@pytest.mark.parametrize(
    "cell",
    [
        *("12 km/h", "１２", "1,000", "1e3", "1.", ".5", "--1", "0x1", "1_000", "nan", "inf"),
        *("NA", "null", "-", "1 2", "1\n", "٣", "9" * 16),
    ],
)
def test_no_numbers(cell):
    value, checks = judge(read_numbers, cell)
    assert math.isnan(value)
    assert checks == ["number"]


def test_a_blank_is_for_the_caller():
    value, checks = judge(read_numbers, "")
    assert math.isnan(value)
    assert checks == []


@pytest.mark.parametrize(
    ("cell", "in_japan"),
    [
        ("2026-05-25T03:00:00+09:00", "2026-05-25 03:00:00"),
        ("2026-05-25 03:00:00+09:00", "2026-05-25 03:00:00"),
        ("2026-05-25T03:00+09:00", "2026-05-25 03:00:00"),
        ("2026-05-25T03:00:00+0900", "2026-05-25 03:00:00"),
        ("2026-05-25T03:00:00+09", "2026-05-25 03:00:00"),
        ("2026-05-25T18:30:00Z", "2026-05-26 03:30:00"),
        ("2026-05-25T15:00:00-03:30", "2026-05-26 03:30:00"),
        ("2026-05-25T03:00:00.25+09:00", "2026-05-25 03:00:00.250"),
        ("2024-02-29T23:59:59+09:00", "2024-02-29 23:59:59"),
        ("2000-01-01T00:00:00+09:00", "2000-01-01 00:00:00"),
        ("2026-05-31T15:00:00Z", "2026-06-01 00:00:00"),
    ],
)
def test_times(cell, in_japan):
    assert judge(read_times, cell, NOW) == (pd.Timestamp(in_japan, tz="Asia/Tokyo"), [])


FORMS = [
    *("", "x", "2026-05-25", "2026/05/25 03:00:00", "2026-5-25 03:00:00", "20260525T030000"),
    *("03:00:00", "2026-05-25T3:00:00", "2026-02-30T03:00:00", "2026-13-01T03:00:00"),
    *("2026-05-25T25:00:00", "2026-05-25T03:60:00", "2026-05-25T03:00:60", "1779646800"),
    *(
        "２０２６-05-25T03:00:00",
        "2026-05-25T03",
        "令和8年5月25日 03:00",
        "2026-05-25T03:00:00 JST",
    ),
]


@pytest.mark.parametrize(
    ("cell", "check"),
    [
        *((form + zone, "time") for form in FORMS if form for zone in ("Z", "+09:00")),
        ("", "time"),
        ("2026-05-25T03:00:00", "no_zone"),
        ("2026-05-25 03:00", "no_zone"),
        ("2026-05-25T24:00:00+09:00", "hour_24"),
        ("2026-05-25T24:30Z", "hour_24"),
        ("2026-05-25T03:00:00+15:00", "time"),
        ("2026-05-25T03:00:00+09:60", "time"),
        ("2026-05-25T03:00:00z", "time"),
        ("2026-06-01T00:00:01+09:00", "future"),
        ("9999-12-31T23:59:59Z", "future"),
        ("1970-01-01T00:00:00Z", "too_early"),
        ("1999-12-31T23:59:59+09:00", "too_early"),
        ("0000-01-01T00:00:00Z", "too_early"),
    ],
)
def test_no_times(cell, check):
    value, checks = judge(read_times, cell, NOW)
    assert value is pd.NaT
    assert checks == [check]


@pytest.mark.parametrize(
    "cell",
    [
        *("2026-05-25 03:00:00", "2026-05-25T03:00:00", "2026-05-25 03:00"),
        *("2026-05-25 03:00:00+09:00", "2026-05-25T03:00+0900", "2026-05-25T03:00:00+09"),
    ],
)
def test_japanese_times(cell):
    expected = pd.Timestamp("2026-05-25 03:00", tz="Asia/Tokyo")
    assert judge(read_japanese_times, cell, NOW) == (expected, [])


@pytest.mark.parametrize(
    ("cell", "check"),
    [
        *((form, "time") for form in FORMS),
        ("2026-05-25T03:00:00Z", "other_zone"),
        ("2026-05-25 03:00:00+00:00", "other_zone"),
        ("2026-05-25 03:00:00-09:00", "other_zone"),
        ("2026-05-25 24:00:00", "hour_24"),
        ("2026-05-25 24:00:00+09:00", "hour_24"),
        ("2026-06-01 00:00:01", "future"),
        ("1970-01-01 09:00:00", "too_early"),
    ],
)
def test_no_japanese_times(cell, check):
    value, checks = judge(read_japanese_times, cell, NOW)
    assert value is pd.NaT
    assert checks == [check]


def test_forms_may_be_mixed():
    cells = ["2026-05-25T03:00:00Z", "x", "2026-05-25T03:00:00.5Z", "2026-05-25 03:00+09"]
    rows = pd.DataFrame({"t": pd.array(cells, dtype="str"), "source_row": range(2, 6)})
    times = read_times(Sieve(rows, Findings("")), "t", NOW)
    assert str(times.dtype) == "datetime64[us, Asia/Tokyo]"
    assert [time.hour for time in times.dropna()] == [12, 12, 3]
    assert times.isna().tolist() == [False, True, False, False]
