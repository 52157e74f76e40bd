"""The four tables of the page 渋滞 as files: complete, sourced row by row, deaf to bad queries."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest

RAW = Path(__file__).resolve().parents[3] / "geodata" / "raw"
FORMS = ("csv", "geojson", "xlsx")
CAUTION = "交通量は台数で、速度ではありません。速度が分かる資料はまだありません。"
# Rows, day in the name of the file, and the datasets whose sources each row names.
TABLES = {
    "stations": (13, "2026-08-18", ("traffic_hourly", "traffic_stations", "corridors")),
    "hours": (None, "2026-08-18", ("traffic_hourly", "traffic_stations")),
    "bottlenecks": (12, "2024-12-16", ("bottlenecks", "road_facts")),
    "road_facts": (40, "2026-05-13", ("road_facts",)),
}
SOURCES = ["出典", "時点", "加工", "注意"]
EACH_TABLE = pytest.mark.parametrize("table", TABLES)


def read_raw(name):
    with (RAW / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def fetch(client):
    """Fetch a table in a form, once; return header, rows as text, notes and the bare answer."""
    fetched = {}

    def read(table, form, **query):
        key = (table, form, *query.items())
        if key not in fetched:
            fetched[key] = read_now(table, form, **query)
        return fetched[key]

    def read_now(table, form, **query):
        answer = client.get(f"/download/{table}.{form}", params=query)
        assert answer.status_code == 200, answer.text
        content = answer.content
        if form == "csv":
            header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
            return header, rows, {}, answer
        if form == "geojson":
            collection = json.loads(content)
            records = [feature["properties"] for feature in collection["features"]]
            header = list(records[0]) if records else []
            rows = [list(record.values()) for record in records]
            return header, rows, collection["metadata"], answer
        book = openpyxl.load_workbook(io.BytesIO(content))
        for sheet in book:
            for row in sheet.iter_rows():
                assert all(cell.data_type != "f" and cell.hyperlink is None for cell in row)
        header, *rows = (list(row) for row in book["データ"].values)
        return header, rows, dict(book["出典"].values), answer

    return read


def to_text(value):
    """Return a cell as all forms have it in common."""
    if value is None or value == "":
        return ""
    return f"{float(value):g}" if isinstance(value, int | float) else str(value)


@EACH_TABLE
def test_the_three_forms_hold_the_same_rows(fetch, table):
    n_rows, _, _ = TABLES[table]
    header, rows, _, _ = fetch(table, "csv")
    assert len(rows) == n_rows or n_rows is None
    assert rows
    assert header[-4:] == SOURCES
    for form in ("geojson", "xlsx"):
        other_header, others, _, _ = fetch(table, form)
        assert other_header == header
        for row, other in zip(rows, others, strict=True):
            for cell, value in zip(row, other, strict=True):
                same = cell == to_text(value)
                assert same or float(cell) == float(value), (form, cell, value)


@EACH_TABLE
@pytest.mark.parametrize("form", FORMS)
def test_every_row_names_sources_days_and_caution(fetch, data, table, form, in_words):
    _, day, datasets = TABLES[table]
    header, rows, _, answer = fetch(table, form)
    named = f'attachment; filename="kumamoto-{table}-{day}.{form}"'
    assert answer.headers["content-disposition"] == named
    assert answer.headers["cache-control"] == "no-store"
    for row in rows:
        sources, days, processed, caution = (row[header.index(name)] for name in SOURCES)
        for name in datasets:
            dataset = data.catalog[name]
            assert dataset.attribution in sources
            assert f"{dataset.title} {in_words(str(dataset.as_of))}時点" in days
            assert dataset.processed_statement in processed
        wanted = "公表・報道された数値です。" if table == "road_facts" else CAUTION
        assert wanted in caution


@EACH_TABLE
@pytest.mark.parametrize("form", ["geojson", "xlsx"])
def test_the_notes_name_terms_and_address_of_each_dataset(fetch, data, table, form, in_words):
    _, _, notes, _ = fetch(table, form)
    assert notes["注意"]
    for name in TABLES[table][2]:
        dataset = data.catalog[name]
        day = in_words(str(dataset.as_of))
        assert notes[dataset.title] == (
            f"{dataset.processed_statement}（{day}時点） {dataset.licence} {dataset.source_url}"
        )


def test_the_credit_of_the_volumes_is_the_one_that_is_asked_for(fetch):
    header, rows, _, _ = fetch("stations", "csv")
    for row in rows:
        assert "国土交通省API機能による交通量（参考値）を加工" in row[header.index("加工")]


def test_stations_lie_where_they_were_published(fetch):
    _, _, _, answer = fetch("stations", "geojson")
    for row, feature in zip(
        read_raw("traffic_stations"), json.loads(answer.content)["features"], strict=True
    ):
        assert feature["properties"]["観測点"] == row["point_code"]
        place = [float(row["lon"]), float(row["lat"])]
        assert feature["geometry"]["coordinates"] == pytest.approx(place, abs=1e-6)


def test_hours_lie_at_their_station(fetch):
    places = {
        row["point_code"]: [float(row["lon"]), float(row["lat"])]
        for row in read_raw("traffic_stations")
    }
    _, _, _, answer = fetch("hours", "geojson")
    for feature in json.loads(answer.content)["features"]:
        wanted = places[feature["properties"]["観測点"]]
        assert feature["geometry"]["coordinates"] == pytest.approx(wanted, abs=1e-6)


def test_a_bottleneck_without_a_place_is_listed_and_nowhere(fetch):
    raw = {row["name"]: row for row in read_raw("bottlenecks")}
    _, _, _, answer = fetch("bottlenecks", "geojson")
    features = json.loads(answer.content)["features"]
    assert {feature["properties"]["名称"] for feature in features} == set(raw)
    for feature in features:
        row = raw[feature["properties"]["名称"]]
        if not row["lon"]:
            assert feature["geometry"] is None
            assert feature["properties"]["位置の決め方"] == "位置不明（地図になし）"
            continue
        place = [float(row["lon"]), float(row["lat"])]
        assert feature["geometry"]["coordinates"] == pytest.approx(place, abs=1e-6)
    assert sum(feature["geometry"] is None for feature in features) == 6


def test_published_figures_are_nowhere_on_the_map(fetch):
    _, _, _, answer = fetch("road_facts", "geojson")
    features = json.loads(answer.content)["features"]
    assert [feature["geometry"] for feature in features] == [None] * 40


def test_the_periods_of_the_link_reach_the_table_of_hours(fetch):
    header, rows, _, _ = fetch(
        "hours", "csv", before="2026-06-15..2026-06-19", after="2026-08-03..2026-08-07"
    )
    at = [header.index(name) for name in ("観測点", "期間", "曜日", "日数")]
    found = {tuple(row[place] for place in at) for row in rows}
    assert {row[1:] for row in found if row[0] == "9310130"} == {
        ("前の期間 2026-06-15〜2026-06-19", "平日", "5"),
        ("後の期間 2026-08-03〜2026-08-07", "平日", "5"),
    }


def test_without_a_period_the_usual_ones_are_named(fetch):
    header, rows, _, _ = fetch("hours", "csv")
    assert {row[header.index("期間")] for row in rows} == {
        "前の期間 2026-05-25〜2026-07-27",
        "後の期間 2026-07-29〜2026-08-18",
    }


@pytest.mark.parametrize("form", FORMS)
def test_periods_without_readings_give_an_empty_file(fetch, form):
    _, rows, _, _ = fetch(
        "hours", form, before="2020-01-01..2020-01-02", after="2020-01-03..2020-01-04"
    )
    assert rows == []


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("before=garbage", "before"),
        ("before=2026-05-25", "before"),
        ("after=2026-08-01..2026-07-01", "after"),
        ("before=%3Cscript%3Ealert(1)%3C/script%3E", "before"),
        ("station=0000000", "station"),
        ("around=<script>", "around"),
        ("radius=7", "radius"),
        ("chart=monday", "chart"),
        ("before=x&after=y", "before、after"),
        ("before={{9**(9**9)}}", "before"),
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_what_is_unknown_is_refused_in_one_plain_sentence(client, form, query, named):
    answer = client.get(f"/download/hours.{form}?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == f"パラメーター「{named}」を読み取れませんでした。"


def test_the_last_day_of_all_is_no_failure(client):
    answer = client.get("/download/hours.csv?before=2026-05-25..9999-12-31")
    assert answer.status_code == 400
    assert "「before」" in answer.text


@pytest.mark.parametrize("name", ["speeds", "corridors", "forecasts", "station", "hours2", ""])
@pytest.mark.parametrize("form", FORMS)
def test_an_unknown_table_is_not_found(client, name, form):
    assert client.get(f"/download/{name}.{form}").status_code == 404


@EACH_TABLE
@pytest.mark.parametrize("form", ["pdf", "CSV", "json"])
def test_an_unknown_form_is_not_found(client, table, form):
    assert client.get(f"/download/{table}.{form}").status_code == 404


@EACH_TABLE
def test_strange_but_possible_queries_give_the_same_file(client, table):
    plain = client.get(f"/download/{table}.csv").content
    for query in ("unknown=<script>", "&&&===", "hour=99", "lang=", "before=&after="):
        answer = client.get(f"/download/{table}.csv?{query}")
        assert (answer.status_code, answer.content) == (200, plain)


@pytest.mark.parametrize("language", ["xx", "%00", "../../etc", "%3Cscript%3E"])
def test_an_unknown_language_is_refused_in_japanese(client, language):
    answer = client.get(f"/download/stations.csv?lang={language}")
    assert (answer.status_code, answer.text) == (
        400,
        "パラメーター「lang」を読み取れませんでした。",
    )


def test_a_file_is_in_the_language_asked_for(client):
    header = client.get("/download/stations.csv?lang=en").text.splitlines()[0]
    assert "Station" in header
    assert "観測点" not in header


def test_no_row_of_a_speed_says_that_there_are_no_speeds(fetch):
    header, rows, _, _ = fetch("road_facts", "csv")
    speeds = [row for row in rows if row[header.index("項目")] == "平均速度"]
    assert len(speeds) == 2
    for row in speeds:
        assert "速度が分かる資料はまだありません" not in row[header.index("注意")]


def test_whole_numbers_are_written_whole(fetch):
    header, rows, _, _ = fetch("road_facts", "csv")
    numbers = {row[0]: row[header.index("数値")] for row in rows}
    assert numbers["list_2013"] == "309"
    header, rows, _, _ = fetch("stations", "csv")
    day = {row[0]: row[header.index("平日24時間（台）")] for row in rows}
    assert day["9310130"] == "29796"
