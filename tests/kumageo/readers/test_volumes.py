"""Hourly counts: every check by hand, hostile files, and no row lost."""

from __future__ import annotations

import gzip

import pandas as pd
import pytest

from kumageo.errors import ReadError
from kumageo.readers import chunks, files, series, volumes
from kumageo.readers.volumes import COUNTS, LAYOUT, read_volumes

STATIONS = ("9310127", "9310130")
NOW = pd.Timestamp("2026-08-19T00:00:00+09:00")
HEADER = ",".join(LAYOUT.header)
GOOD = ("9310130", "2026-05-25 03:00:00", *("30.0", "40.0", "20.0", "10.0", "35.0", "5.0"))


def row(**changes):
    cells = dict(zip(LAYOUT.header, GOOD, strict=True))
    assert set(changes) <= set(cells)
    return ",".join({**cells, **changes}.values())


@pytest.fixture
def read(write):
    def read_rows(*rows, now=NOW):
        text = "\n".join([HEADER, *rows, ""])
        path = write("a.csv.gz", gzip.compress(text.encode()))
        return read_volumes(path, ["utf-8"], STATIONS, now=now)

    return read_rows


@pytest.fixture
def small(monkeypatch):
    """Cut after every few rows."""
    monkeypatch.setattr(chunks, "CHUNK_CHARS", 500)
    monkeypatch.setattr(files, "BLOCK_BYTES", 100)


def found(result):
    return [(issue.source_row, issue.column, issue.check) for issue in result.issues]


def test_by_hand(read):
    result = read(
        row(datetime="2026-05-25 04:00:00"),
        row(),
        row(point_code="9310127", traffic_up="3", traffic_up_small="2", traffic_up_large="1.0"),
        "9310130,2026-05-25T02:00,,,,,,",
    )
    assert result.issues == ()
    assert (result.n_read, result.n_kept, result.layout) == (4, 4, "hourly_volumes")
    table = result.table
    assert table.columns.tolist() == ["point_code", "time", *COUNTS, "source_row"]
    assert table.dtypes.astype(str).tolist() == [
        *("str", "datetime64[us, Asia/Tokyo]", *["Int32"] * 6, "int64"),
    ]
    assert table["source_row"].tolist() == [4, 5, 3, 2]
    assert table["time"].dt.tz_localize(None).astype(str).tolist() == [
        *("2026-05-25 03:00:00", "2026-05-25 02:00:00"),
        *("2026-05-25 03:00:00", "2026-05-25 04:00:00"),
    ]
    assert table.loc[0, list(COUNTS)].tolist() == [3, 40, 2, 1, 35, 5]
    assert table.loc[1, list(COUNTS)].isna().all()


@pytest.mark.parametrize(
    "time",
    ["2026-05-25 03:00:00", "2026-05-25T03:00:00", "2026-05-25 03:00", "2026-05-25T03:00+09:00"],
)
def test_times(read, time):
    (start,) = read(row(datetime=time)).table["time"]
    assert start == pd.Timestamp("2026-05-24T18:00:00Z")


@pytest.mark.parametrize(
    ("changes", "column", "check", "got"),
    [
        ({"point_code": "9999999"}, "point_code", "unknown_station", "9999999"),
        ({"point_code": ""}, "point_code", "unknown_station", ""),
        ({"point_code": "9310130.0"}, "point_code", "unknown_station", "9310130.0"),
        ({"datetime": "2026/5/25 3:00"}, "time", "time", "2026/5/25 3:00"),
        ({"datetime": ""}, "time", "time", ""),
        ({"datetime": "2026-02-30 03:00:00"}, "time", "time", "2026-02-30 03:00:00"),
        ({"datetime": "2026-05-25 24:00:00"}, "time", "hour_24", "2026-05-25 24:00:00"),
        ({"datetime": "2026-05-25T03:00:00Z"}, "time", "other_zone", "2026-05-25T03:00:00Z"),
        ({"datetime": "2026-05-25 03:30:00"}, "time", "not_full_hour", "2026-05-25 03:30:00"),
        ({"datetime": "2026-05-25 03:00:01"}, "time", "not_full_hour", "2026-05-25 03:00:01"),
        ({"datetime": "2026-08-19 01:00:00"}, "time", "future", "2026-08-19 01:00:00"),
        ({"datetime": "1970-01-01 09:00:00"}, "time", "too_early", "1970-01-01 09:00:00"),
        ({"traffic_up": "-1"}, "n_up", "negative", "-1"),
        ({"traffic_down": "20001"}, "n_down", "absurd", "20001"),
        ({"traffic_up_large": "9" * 15}, "n_up_large", "absurd", "9" * 15),
        ({"traffic_down": "40.5"}, "n_down", "not_whole", "40.5"),
        ({"traffic_up": "30台"}, "n_up", "number", "30台"),
        ({"traffic_up": "NA"}, "n_up", "number", "NA"),
        ({"traffic_up": "3e1"}, "n_up", "number", "3e1"),
        ({"traffic_down_small": ""}, "n_down_small", "partly_blank", ""),
    ],
)
def test_bad_cells(read, changes, column, check, got):
    good = row(datetime="2026-05-25 05:00:00")
    result = read(good, row(**changes))
    (issue,) = result.issues
    assert (issue.source_row, issue.column, issue.check, issue.got) == (3, column, check, got)
    assert (issue.severity, issue.feature_id) == ("error", changes.get("point_code", "9310130"))
    assert (result.n_read, result.n_kept) == (2, 1)
    assert result.table["source_row"].tolist() == [2]
    (kept_out,) = result.quarantine.to_dict("records")
    assert (kept_out["source_row"], kept_out["check"]) == (3, check)
    assert kept_out[f"raw_{column}"] == got


def test_as_many_as_a_road_can_carry(read):
    changes = {"traffic_up": "20000", "traffic_up_small": "0", "traffic_up_large": "20000.0"}
    assert read(row(**changes)).issues == ()


def test_each_error_of_a_row_is_reported(read):
    result = read(row(point_code="x", datetime="y", traffic_up="z", traffic_down="-1"))
    assert found(result) == [
        (2, "point_code", "unknown_station"),
        (2, "time", "time"),
        (2, "n_up", "number"),
        (2, "n_down", "negative"),
    ]
    assert (result.n_read, result.n_kept, len(result.quarantine)) == (1, 0, 4)


def test_three_blanks_are_three_findings(read):
    blanks = {"traffic_up": "", "traffic_up_small": "", "traffic_up_large": ""}
    assert [check for *_, check in found(read(row(**blanks)))] == ["partly_blank"] * 3


def test_parts_that_do_not_add_up_are_a_warning(read):
    # As the publisher has it for station 9310127 on 2026-07-30 00:00.
    result = read("9310127,2026-07-30 00:00:00,20.0,20.0,14.0,5.0,14.0,5.0", row())
    assert [(i.source_row, i.column, i.check, i.severity, i.got) for i in result.issues] == [
        (2, "n_up", "total", "warning", "20.0, 14.0, 5.0"),
        (2, "n_down", "total", "warning", "20.0, 14.0, 5.0"),
    ]
    assert (result.n_kept, len(result.table), len(result.quarantine)) == (2, 2, 0)


def test_all_copies_of_an_hour_are_errors(read):
    result = read(
        row(),
        row(datetime="2026-05-25T03:00+09:00"),
        row(point_code="9310127"),
        row(datetime="2026-05-25 04:00:00"),
        row(traffic_up="30"),
        row(datetime="2026-05-25 04:00:00", traffic_up="x"),
    )
    assert found(result) == [
        (7, "n_up", "number"),
        (2, "time", "duplicate_key"),
        (3, "time", "duplicate_key"),
        (6, "time", "duplicate_key"),
    ]
    assert (result.n_read, result.n_kept) == (6, 2)
    assert result.quarantine["raw_time"].tolist()[2] == "2026-05-25T03:00+09:00"


def test_copies_in_different_chunks(read, small):
    hours = [row(datetime=f"2026-05-{day:02}T03:00") for day in range(1, 25)]
    result = read(*hours, hours[0])
    assert found(result) == [(2, "time", "duplicate_key"), (26, "time", "duplicate_key")]
    assert (result.n_read, result.n_kept) == (25, 23)


def test_ragged_rows_are_counted(read):
    result = read(row() + ",1", "9310130,2026-05-25 04:00:00", row())
    assert [(n, check) for n, _, check in found(result)] == [(2, "cell_count"), (3, "cell_count")]
    assert result.quarantine["raw"].tolist() == [row() + ",1", "9310130,2026-05-25 04:00:00"]
    assert (result.n_read, result.n_kept) == (3, 1)


def test_no_row_is_lost(read, small):
    cells = ["", "x", "-1", "30", "30.0", "99999"]
    rows = [row(datetime=f"2026-05-25 {i % 26:02}:00", traffic_up=cells[i % 6]) for i in range(99)]
    rows[50] = "a,b"
    result = read(*rows)
    kept = set(result.table["source_row"])
    assert kept | set(result.quarantine["source_row"]) == set(range(2, 101))
    assert not kept & set(result.quarantine["source_row"])
    assert (result.n_read, result.n_kept) == (99, len(kept))


def test_by_default_now_is_now(read):
    late = (pd.Timestamp.now(tz="Asia/Tokyo") + pd.Timedelta(hours=2)).floor("h")
    early = late - pd.Timedelta(hours=3)
    rows = [row(datetime=f"{time:%Y-%m-%d %H:%M}") for time in (early, late)]
    assert found(read(*rows, now=None)) == [(3, "time", "future")]


def test_columns_in_any_order_and_cp932(write):
    header = ",".join(reversed(LAYOUT.header))
    text = header + "\n" + ",".join(reversed(GOOD)) + "\n" + ",,,,,,,局\n"
    result = read_volumes(write("a.csv", text.encode("cp932")), ["utf-8", "cp932"], STATIONS)
    assert result.encoding == "cp932"
    assert result.table["n_up"].tolist() == [30]
    assert [issue.check for issue in result.issues] == ["unknown_station", "time"]


def test_the_header_must_be_the_publishers(write):
    path = write("a.csv", HEADER.replace("traffic_up_small,", "") + "\n1\n")
    with pytest.raises(ReadError, match="columns of hourly_volumes; missing: traffic_up_small"):
        read_volumes(path, ["utf-8"], STATIONS)


def test_the_wrong_file_stops_the_reading(read, small, monkeypatch):
    monkeypatch.setattr(series, "MAX_ISSUES", 20)
    result = read(*(row(point_code="x") for _ in range(1000)))
    assert result.issues[0].check == "too_many_errors"
    assert len(result.issues) == 21
    assert result.n_read < 100
    assert result.n_kept == len(result.table) == 0


def test_the_number_of_rows_is_bounded(read, monkeypatch):
    monkeypatch.setattr(volumes, "MAX_ROWS", 2)
    assert read(row(), row(point_code="9310127")).n_read == 2
    with pytest.raises(ReadError, match="expected at most 2 rows, got more"):
        read(row(), row(), row())
