"""Bad files of the roads through the command: every bad row reported, nothing published.

As in test_ingest.py a refusal is checked to the end: exit code 2, nothing on stdout, the report
on stderr, and the published files the same byte for byte.
"""

from __future__ import annotations

import csv
import gzip
import json
import shutil

import pandas as pd
import pytest

from kumageo.store import Store

VOLUMES = "traffic_hourly"
HEADER = (
    *("point_code", "datetime", "traffic_up", "traffic_down"),
    *("traffic_up_small", "traffic_up_large", "traffic_down_small", "traffic_down_large"),
)
GOOD = dict(
    zip(
        HEADER,
        [
            *("9310130", "2026-05-25 03:00:00", "30.0", "40.0"),
            *("20.0", "10.0", "35.0", "5.0"),
        ],
        strict=True,
    )
)
# What is wrong with a row, the column that is named, and the check.
BAD_ROWS = [
    ({"datetime": "2026-05-25 24:00:00"}, "time", "hour_24"),
    ({"datetime": "2026-05-25 04:30:00"}, "time", "not_full_hour"),
    ({"datetime": "2026-05-25T05:00:00Z"}, "time", "other_zone"),
    ({"datetime": "2026-05-25T05:00:00+00:00"}, "time", "other_zone"),
    ({"datetime": "2026/5/25 6:00"}, "time", "time"),
    ({"datetime": "2999-05-25 06:00:00"}, "time", "future"),
    ({"datetime": "1970-01-01 00:00:00"}, "time", "too_early"),
    ({"datetime": "2026-05-25 07:00:00", "traffic_up": "-30"}, "n_up", "negative"),
    ({"datetime": "2026-05-25 08:00:00", "traffic_down": "999999"}, "n_down", "absurd"),
    ({"datetime": "2026-05-25 09:00:00", "traffic_up": "30.5"}, "n_up", "not_whole"),
    ({"datetime": "2026-05-25 10:00:00", "traffic_up": "30 km/h"}, "n_up", "number"),
    ({"datetime": "2026-05-25 11:00:00", "traffic_up": "３０"}, "n_up", "number"),
    ({"datetime": "2026-05-25 12:00:00", "traffic_down": ""}, "n_down", "partly_blank"),
    ({"datetime": "2026-05-25 13:00:00", "point_code": "9999999"}, "point_code", "unknown_station"),
]
WORDS = {
    "hour_24": "24時は使えません。",
    "not_full_hour": "毎時0分の日時にしてください",
    "other_zone": "日本時間の日時にしてください",
    "negative": "負の値は使えません。",
    "absurd": "1時間の台数として多すぎます。",
    "unknown_station": "観測点の番号が一覧にありません。",
}


@pytest.fixture
def refuse(run, geodata, snapshot):
    def refuse_file(dataset, path, *arguments):
        before = snapshot(geodata)
        answer = run("ingest", dataset, path, *arguments)
        assert snapshot(geodata) == before
        assert (answer.code, answer.out) == (2, "")
        return answer.err

    return refuse_file


@pytest.fixture
def volumes(write):
    """Write a file of one good row and others; a change to None leaves the row out."""

    def write_volumes(*changes, name="volumes.csv.gz"):
        rows = [GOOD, *({**GOOD, **change} for change in changes)]
        text = "\n".join([",".join(HEADER), *(",".join(row.values()) for row in rows), ""])
        content = text.encode()
        return write(name, gzip.compress(content) if name.endswith("gz") else content)

    return write_volumes


@pytest.fixture
def corridors(committed, write):
    """Write the official corridors with an edit of the third, 国道57号."""

    def write_corridors(edit):
        document = json.loads((committed / "raw" / "corridors.geojson").read_text("utf-8"))
        feature = document["features"][2]
        assert feature["properties"]["id"] == "r57"
        edit(feature)
        return write("corridors.geojson", json.dumps(document, ensure_ascii=False))

    return write_corridors


def change_line(change):
    def edit(feature):
        feature["geometry"]["coordinates"] = change(feature["geometry"]["coordinates"])

    return edit


class TestVolumes:
    @pytest.mark.parametrize(
        ("changes", "column", "check"), BAD_ROWS, ids=[check for _, _, check in BAD_ROWS]
    )
    def test_a_bad_row(self, refuse, volumes, changes, column, check):
        report = refuse(VOLUMES, volumes(changes))
        assert f"{VOLUMES} (hourly_volumes, utf-8): read 2, kept 1, quarantined 1" in report
        assert f"[error] {check} x 1: {changes.get('point_code', '9310130')}" in report
        assert f"row 3, column {column}: expected " in report
        assert WORDS.get(check, "") in report
        assert "nothing was published" in report

    def test_every_bad_row_is_reported_in_a_process_of_its_own(
        self, spawn, geodata, snapshot, volumes
    ):
        before = snapshot(geodata)
        answer = spawn("ingest", VOLUMES, volumes(*(row for row, _, _ in BAD_ROWS)), "--json")
        assert (answer.code, answer.out) == (2, "")
        assert snapshot(geodata) == before
        failure = json.loads(answer.err)
        assert (failure["published"], failure["error"]) == (False, "QuarantineError")
        report = failure["report"]
        n_rows = len(BAD_ROWS) + 1
        assert (report["n_read"], report["n_kept"]) == (n_rows, 1)
        found = [(i["source_row"], i["column"], i["check"]) for i in report["issues"]]
        expected = [(n, column, check) for n, (_, column, check) in enumerate(BAD_ROWS, start=3)]
        assert sorted(found) == sorted(expected)

    def test_an_hour_that_stands_twice(self, refuse, volumes):
        report = refuse(VOLUMES, volumes({}, {"datetime": "2026-05-25 04:00:00"}))
        assert "[error] duplicate_key x 2: 9310130" in report
        assert "read 3, kept 1, quarantined 2" in report

    def test_rows_that_do_not_fit_the_header(self, refuse, write):
        row = ",".join(GOOD.values())
        path = write("a.csv", "\n".join([",".join(HEADER), row, "9310130,x", f"{row},1"]))
        report = refuse(VOLUMES, path)
        assert "[error] cell_count x 2: row 3, row 4" in report

    def test_no_good_row_is_refused_even_where_quarantine_is_accepted(self, refuse, write):
        row = ",".join({**GOOD, "traffic_up": "-1"}.values())
        path = write("a.csv", "\n".join([",".join(HEADER), row]))
        report = refuse(VOLUMES, path, "--accept-quarantine")
        assert "expected at least one good row, got '0 of 1'" in report

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", "expected a header line, got none"),
            (",".join(HEADER), "expected rows below the header, got none"),
            ("station,hour,n\n1,2,3\n", "expected the columns of hourly_volumes"),
            ("<html></html>\n<b></b>\n", "expected the columns of hourly_volumes"),
        ],
        ids=["empty", "header_only", "another_table", "html"],
    )
    def test_another_file(self, refuse, write, text, expected):
        report = refuse(VOLUMES, write("a.csv", text))
        assert report.startswith("ReadError: a.csv")
        assert expected in report

    def test_a_damaged_archive(self, refuse, volumes, write):
        content = volumes().read_bytes()
        assert "ReadError" in refuse(VOLUMES, write("a.csv.gz", content[: len(content) // 2]))

    def test_the_stations_are_missing(self, refuse, geodata, volumes):
        shutil.rmtree(geodata / "processed" / "traffic_stations")
        report = refuse(VOLUMES, volumes())
        assert "python -m kumageo ingest traffic_stations FILE" in report

    def test_a_dry_run_changes_nothing(self, run, geodata, snapshot, volumes):
        before = snapshot(geodata)
        answer = run("ingest", VOLUMES, volumes(), "--dry-run")
        assert (answer.code, answer.err) == (0, "")
        assert "read 1, kept 1, quarantined 0" in answer.out
        assert snapshot(geodata) == before

    def test_good_rows_are_published(self, run, geodata, volumes):
        blanks = dict.fromkeys(HEADER[2:], "")
        path = volumes({"datetime": "2026-05-25T02:00", **blanks})
        answer = run("ingest", VOLUMES, path, "--as-of", "2026-05-25", "--json")
        assert (answer.code, answer.err) == (0, "")
        table = Store(geodata).load_table(VOLUMES)
        assert table["n_up"].fillna(-1).tolist() == [-1, 30]
        assert table["time"].dt.hour.tolist() == [2, 3]
        assert table["source_row"].tolist() == [3, 2]
        publication = Store(geodata).describe(VOLUMES)
        assert (publication.layout, publication.n_kept) == ("hourly_volumes", 2)
        assert (publication.as_of, publication.as_of_basis) == ("2026-05-25", "stated")
        assert run("rollback", VOLUMES).code == 0
        assert len(Store(geodata).load_table(VOLUMES)) == 22_425

    def test_accepting_quarantine_publishes_the_others_and_records_each(
        self, run, geodata, volumes
    ):
        path = volumes(*(row for row, _, _ in BAD_ROWS))
        answer = run("ingest", VOLUMES, path, "--accept-quarantine")
        assert (answer.code, answer.err) == (0, "")
        assert Store(geodata).load_table(VOLUMES)["source_row"].tolist() == [2]
        publication = Store(geodata).describe(VOLUMES)
        assert publication.n_quarantined == len(BAD_ROWS)
        path = geodata / "processed" / VOLUMES / publication.version / "quarantine.csv"
        with path.open(encoding="utf-8-sig", newline="") as file:
            kept_out = list(csv.DictReader(file))
        assert {int(row["source_row"]) for row in kept_out} == set(range(3, len(BAD_ROWS) + 3))
        (negative,) = [row for row in kept_out if row["check"] == "negative"]
        assert negative["raw_n_up"].lstrip("'") == "-30"

    def test_a_total_that_does_not_add_up_is_published_with_a_warning(self, run, geodata, volumes):
        answer = run(
            "ingest", VOLUMES, volumes({"datetime": "2026-05-25 04:00:00", "traffic_up": "31"})
        )
        assert (answer.code, answer.err) == (0, "")
        assert "[warning] total x 1: 9310130" in answer.out
        assert Store(geodata).describe(VOLUMES).n_warnings == 1

    def test_a_report_of_the_new_rows(self, run, volumes):
        hours = [{"datetime": f"2026-05-25 {hour:02}:00:00"} for hour in range(24) if hour != 3]
        assert run("ingest", VOLUMES, volumes(*hours)).code == 0
        report = json.loads(run("report", "congestion", "--json").out)
        rows = {row["point_code"]: row for row in report["stations"]}
        assert rows["9310130"]["weekday_24h"] == 24 * 70
        assert rows["9310130"]["n_days"] == 1
        assert rows["9310127"]["n_days"] == 0
        assert rows["9310127"]["weekday_24h"] is None

    def test_more_warnings_than_are_listed(self, run, geodata, snapshot, volumes):
        before = snapshot(geodata)
        hours = pd.date_range("2020-01-01", periods=5_001, freq="h")
        wrong = {"traffic_up": "31", "traffic_down": "41"}
        path = volumes(*({"datetime": f"{hour:%Y-%m-%d %H:%M:%S}", **wrong} for hour in hours))
        answer = run("ingest", VOLUMES, path)
        if snapshot(geodata) != before:
            assert (answer.code, answer.err) == (0, "")
        assert answer.code in (0, 2)
        assert "Unknown" not in answer.err


class TestCorridors:
    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            (lambda line: line[:1], "at least 2 places, got '1'"),
            (lambda line: [line[0], line[0]], "at least 2 places, got '1'"),
            (lambda _line: [], "at least 2 places, got '0'"),
            (lambda line: [place[::-1] for place in line], "a shape in lon 129.8 to 131.5"),
            (lambda line: [*line, [139.7, 35.7]], "a shape in lon 129.8 to 131.5"),
            (lambda line: [*line, [130.8]], "positions of two numbers"),
            (lambda line: [*line, ["130.8", "32.9"]], "positions of two numbers"),
            (lambda _line: None, "arrays of positions"),
        ],
        ids=[
            *("one_vertex", "two_equal", "no_vertex", "swapped", "far_away", "one_number"),
            *("text", "none"),
        ],
    )
    def test_a_line_that_is_none(self, refuse, corridors, change, expected):
        report = refuse("corridors", corridors(change_line(change)))
        assert "corridors (GeoJSON of lines, utf-8): read 5, kept 4, quarantined 1" in report
        assert f"row 3, column geometry: expected {expected}" in report
        assert "nothing was published" in report

    def test_the_words_for_one_vertex(self, refuse, corridors):
        report = refuse("corridors", corridors(change_line(lambda line: line[:1])))
        assert "[error] line_length x 1: r57" in report
        assert "線の点が足りません（2点以上）。" in report

    @pytest.mark.parametrize("number", ["NaN", "Infinity"])
    def test_not_a_number(self, refuse, committed, write, number):
        text = (committed / "raw" / "corridors.geojson").read_text("utf-8")
        report = refuse("corridors", write("a.geojson", text.replace("130.86523", number, 1)))
        assert report.startswith(f"ReadError: a.geojson: expected GeoJSON, got number {number}")

    def test_another_type(self, refuse, corridors):
        def edit(feature):
            ring = feature["geometry"]["coordinates"]
            feature["geometry"] = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}

        report = refuse("corridors", corridors(edit))
        assert "row 3, column geometry: expected LineString or MultiLineString, got 'Poly" in report

    def test_an_id_that_stands_twice(self, refuse, corridors):
        report = refuse("corridors", corridors(lambda one: one["properties"].update(id="r325")))
        assert "row 2, column id: expected an id that stands once, got 'r325'" in report
        assert "row 3, column id: expected an id that stands once, got 'r325'" in report

    def test_markup_in_a_name(self, refuse, corridors):
        path = corridors(lambda one: one["properties"].update(name="</script><img onerror=x>"))
        assert "row 3, column name: expected text without < or >" in refuse("corridors", path)

    def test_areas_instead_of_lines(self, refuse, committed):
        report = refuse("corridors", committed / "raw" / "municipal_boundaries.geojson")
        assert "read 49, kept 0, quarantined 49" in report

    def test_in_a_process_of_its_own(self, spawn, geodata, snapshot, corridors):
        before = snapshot(geodata)
        answer = spawn("ingest", "corridors", corridors(change_line(lambda line: line[:1])))
        assert (answer.code, answer.out) == (2, "")
        assert "row 3, column geometry: expected at least 2 places, got '1'" in answer.err
        assert "Traceback" not in answer.err
        assert snapshot(geodata) == before

    def test_a_line_of_several_parts_is_published(self, run, geodata, corridors):
        def edit(feature):
            line = feature["geometry"]["coordinates"]
            halves = [line[:3], line[3:]]
            feature["geometry"] = {"type": "MultiLineString", "coordinates": halves}

        assert run("ingest", "corridors", corridors(edit)).code == 0
        assert len(Store(geodata).load("corridors").geometry[2].geoms) == 2
        report = json.loads(run("report", "congestion", "--json").out)
        assert report["summary"]["n_stations_on_corridors"] in (0, 1)


class TestTables:
    @pytest.fixture
    def edit(self, committed, write):
        """Write an official table with changes of its first row."""

        def write_table(dataset, **changes):
            with (committed / "raw" / f"{dataset}.csv").open(encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            rows[0] |= changes
            text = pd.DataFrame(rows).to_csv(index=False)
            return write(f"{dataset}.csv", text)

        return write_table

    @pytest.mark.parametrize(
        ("dataset", "changes", "column", "expected"),
        [
            ("bottlenecks", {"lon": "130.8"}, "position", "both lon and lat, or neither"),
            ("bottlenecks", {"lat": "32.9"}, "position", "both lon and lat, or neither"),
            ("bottlenecks", {"status": "added"}, "status", "the form confirmed|released|unconf"),
            ("bottlenecks", {"listed_on": "2024年12月"}, "listed_on", "a date such as"),
            ("bottlenecks", {"lon": "32.9", "lat": "130.8"}, "position", "lon, lat in this order"),
            ("traffic_stations", {"lon": "", "lat": ""}, "lon", "a value"),
            ("traffic_stations", {"point_code": "931013"}, "point_code", "the form [0-9]{7}"),
            ("traffic_stations", {"point_code": "9310130"}, "point_code", "an id that stands once"),
            ("road_facts", {"value": "三百"}, "value", "a plain number in half-width digits"),
            ("road_facts", {"value": "-1"}, "value", "0 to 10000000"),
            ("road_facts", {"kind": "rumour"}, "kind", "the form list|criterion"),
            ("road_facts", {"fact_date": "2025年9月"}, "fact_date", "a year, month or day, or two"),
            ("road_facts", {"fact_date": "2025-02-30"}, "fact_date", "a year, month or day, or"),
            ("groundwater_facts", {"quantity": "level_m"}, "quantity", "the form n_wells|share"),
            ("groundwater_facts", {"well_id": "1"}, "well_id", "the form w[0-9]{3}"),
            ("groundwater_facts", {"fact_date": "2024/2023"}, "fact_date", "a year, month or day"),
            ("road_facts", {"source_url": "javascript:x"}, "source_url", "the form https?"),
            ("road_facts", {"bound": "maybe"}, "bound", "the form about|at_least|up_to"),
            ("landmarks", {"kind": "shop"}, "kind", "the form station|plant|office"),
            ("observation_wells", {"lat": ""}, "position", "both lon and lat, or neither"),
        ],
        ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
    )
    def test_a_bad_cell(self, refuse, edit, dataset, changes, column, expected):
        report = refuse(dataset, edit(dataset, **changes))
        assert f"row 2, column {column}: expected {expected}" in report

    def test_a_bottleneck_gets_a_place_when_one_is_known(self, run, geodata, edit):
        changes = {"lon": "130.8478", "lat": "32.8797"}
        assert run("ingest", "bottlenecks", edit("bottlenecks", **changes)).code == 0
        summary = json.loads(run("report", "congestion", "--json").out)["summary"]
        assert summary["n_bottlenecks_placed"] == 4
        assert summary["n_bottlenecks_unplaced"] == 3
