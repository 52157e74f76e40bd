"""What the files of the page 渋滞 hold when the figures are hostile or missing."""

from __future__ import annotations

import csv
import io
import json

import openpyxl
import pytest

from kumageo.exports import FORMULA_STARTS, to_csv_bytes, to_geojson_bytes, to_xlsx_bytes
from kumageo.store import Store
from pages.components.downloads import DOWNLOADS, write_notes
from pages.components.state import Query

FORMULAS = ('=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "＝1+1")
MARKUP = ("<img src=x onerror=alert(1)>", "a | b", "[x](https://y.example)", "</script>")
ROADS = ("stations", "hours", "bottlenecks", "road_facts")


def build(name, data, labels, **query):
    features, words = DOWNLOADS[name].build(Query(query), data, labels)
    return features, words | write_notes(DOWNLOADS[name], data, labels)


def read_csv(features):
    content = to_csv_bytes(features.drop(columns="geometry")).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content, newline="")))


def read_xlsx(features, notes):
    book = openpyxl.load_workbook(
        io.BytesIO(to_xlsx_bytes(features.drop(columns="geometry"), notes))
    )
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
    return [cell.value for cell in cells if cell.value is not None]


def make_hostile(frames, text):
    """Put a text into every free text of the datasets."""
    facts = frames["road_facts"].copy()
    for column in ("subject", "note", "work", "publisher", "surveyor", "period", "state"):
        facts[column] = facts[column].where(facts[column].isna(), text)
    texts = ("name", "road", "municipality", "position_method", "position_note", "publisher")
    bottlenecks = frames["bottlenecks"].assign(**dict.fromkeys(texts, text))
    stations = frames["traffic_stations"].assign(muni_n03=text, road_type=text)
    corridors = frames["corridors"].assign(name=text)
    return {
        "road_facts": facts,
        "bottlenecks": bottlenecks,
        "traffic_stations": stations,
        "corridors": corridors,
    }


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_of_a_dataset_is_run_by_a_spreadsheet(data_with, road_frames, labels, text):
    built = data_with(**make_hostile(road_frames, text))
    for name in ("stations", "bottlenecks", "road_facts"):
        features, notes = build(name, built, labels)
        cells = [cell for row in read_csv(features) for cell in row]
        assert f"'{text}" in cells
        assert not [cell for cell in cells if cell.startswith(FORMULA_STARTS)]
        assert f"'{text}" in read_xlsx(features, notes)


@pytest.mark.parametrize("text", [*FORMULAS, *MARKUP])
def test_every_text_stays_itself_in_geojson(data_with, road_frames, labels, text):
    built = data_with(**make_hostile(road_frames, text))
    for name in ("stations", "bottlenecks", "road_facts"):
        collection = json.loads(to_geojson_bytes(*build(name, built, labels)))
        values = {v for f in collection["features"] for v in f["properties"].values()}
        assert text in values


@pytest.mark.parametrize("text", MARKUP)
def test_markup_is_plain_text_in_tables(data_with, road_frames, labels, text):
    built = data_with(**make_hostile(road_frames, text))
    for name in ("stations", "bottlenecks", "road_facts"):
        features, notes = build(name, built, labels)
        assert text in [cell for row in read_csv(features) for cell in row]
        assert text in read_xlsx(features, notes)


@pytest.mark.parametrize("name", ROADS)
def test_without_facts_every_table_can_still_be_fetched(data, data_with, labels, name):
    built = data_with(road_facts=None)
    features, notes = build(name, built, labels)
    full, _ = build(name, data, labels)
    assert list(features) == list(full)
    assert len(features) == (0 if name == "road_facts" else len(full))
    assert data.catalog["road_facts"].title not in notes
    assert read_csv(features)[0][-4:] == ["出典", "時点", "加工", "注意"]
    assert read_xlsx(features, notes)
    json.loads(to_geojson_bytes(features, notes))


def test_without_facts_no_bottleneck_names_them_as_its_source(data_with, labels):
    header, *rows = read_csv(build("bottlenecks", data_with(road_facts=None), labels)[0])
    for row in rows:
        assert "道路の計画・試算・実測" not in row[header.index("時点")]
        assert "主要渋滞箇所" in row[header.index("時点")]


def test_with_speeds_the_caution_no_longer_denies_them(data_with, labels, geodata, publish_speeds):
    publish_speeds(geodata)
    speeds = Store(geodata).load_table("corridor_speeds")
    features, notes = build("stations", data_with(corridor_speeds=speeds), labels)
    wanted = "交通量は台数で、速度ではありません。速度は、測った区間だけ示しています。"
    assert set(features["注意"]) == {wanted}
    assert notes["注意"] == wanted
