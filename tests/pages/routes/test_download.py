"""The tables as files: complete, sourced, safe to open, and deaf to hostile queries."""

from __future__ import annotations

import csv
import io
import json

import openpyxl
import pandas as pd
import pytest

from kumageo.store import Store

CSV, GEOJSON, XLSX = (f"/download/evacuation.{form}" for form in ("csv", "geojson", "xlsx"))
FEW = {"m": "43404"}
HEADER = [
    *("種類", "名称", "登録した市町村", "対応する災害", "受入対象", "住所", "備考"),
    *("座標が指す市町村", "区域からの距離 (m)", "経度", "緯度", "ID", "元データの行"),
    *("出典", "時点", "加工", "注意"),
]
NOTICE = "指定の一覧です。開設状況ではありません（2025年10月27日時点）。"
EARTHQUAKE = (
    "この一覧は2026年7月28日の地震（M7.1、気象庁）より前のものです。"
    "被災した施設が含まれることがあります。"
)
FORMULAS = ('=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1")


def read_csv(content):
    assert content.startswith(b"\xef\xbb\xbf")
    assert not content.startswith(b"\xef\xbb\xbf\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_xlsx(content):
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" and cell.hyperlink is None for cell in row)
    return book


@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        ({}, {}),
        ({"hazard": "flood"}, {"hazards": ("flood",)}),
        (
            {"hazard": "flood,tsunami", "mode": "all"},
            {"hazards": ("flood", "tsunami"), "mode": "all"},
        ),
        ({"kind": "shelter", "m": "43202"}, {"kind": "shelter", "m": "43202"}),
        ({"region": "aso", "kind": "site"}, {"region": "aso", "kind": "site"}),
        ({"q": "小学校"}, {"q": "小学校"}),
        ({"q": "存在しない"}, {"q": "存在しない"}),
    ],
)
def test_each_form_holds_the_rows_of_the_choice(client, figures, query, chosen):
    rows = figures.select(**chosen)
    ids = [row["id"] for row in rows]
    answer = client.get(CSV, params=query)
    assert answer.status_code == 200
    header, *records = read_csv(answer.content)
    assert header == HEADER
    assert [record[header.index("ID")] for record in records] == ids
    names = [record[header.index("名称")] for record in records]
    assert names == [row["name"].strip() for row in rows]
    collection = json.loads(client.get(GEOJSON, params=query).content)
    assert [feature["properties"]["ID"] for feature in collection["features"]] == ids
    coordinates = [feature["geometry"]["coordinates"] for feature in collection["features"]]
    assert coordinates == [
        pytest.approx([float(row["lon"]), float(row["lat"])], abs=1e-6) for row in rows
    ]
    book = read_xlsx(client.get(XLSX, params=query).content)
    table = list(book["データ"].values)
    assert list(table[0]) == HEADER
    assert [row[HEADER.index("ID")] for row in table[1:]] == ids


@pytest.mark.parametrize(
    ("form", "media_type"),
    [
        ("csv", "text/csv; charset=utf-8"),
        ("geojson", "application/geo+json"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
@pytest.mark.parametrize(
    ("page", "day"), [("evacuation", "2025-10-27"), ("overview", "2026-01-01")]
)
def test_a_download_is_a_file_with_the_day_in_its_name(client, page, day, form, media_type):
    answer = client.get(f"/download/{page}.{form}", params=FEW)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.headers["cache-control"] == "no-store"
    named = f'attachment; filename="kumamoto-{page}-{day}.{form}"'
    assert answer.headers["content-disposition"] == named


def test_every_row_names_source_day_and_processing(client):
    header, *records = read_csv(client.get(CSV).content)
    named = [header.index(name) for name in ("種類", "出典", "時点", "加工", "注意")]
    by_kind = {tuple(record[at] for at in named) for record in records}
    assert by_kind == {
        (
            kind,
            f"国土地理院「{kind}データ」、「国土数値情報（行政区域データ）」（国土交通省）",
            f"{kind} 2025年10月27日時点、市町村の区域（境界） 2022年1月1日時点",
            (
                f"国土地理院「{kind}データ」を加工して作成、"
                "「国土数値情報（行政区域データ）」（国土交通省）を加工して作成"
            ),
            NOTICE,
        )
        for kind in ("指定緊急避難場所", "指定避難所")
    }


@pytest.mark.parametrize("page", ["evacuation", "overview"])
def test_workbook_and_geojson_name_every_dataset_they_are_made_of(client, data, page, in_words):
    names = ["evacuation_sites", "evacuation_shelters", "municipal_boundaries"]
    few = {"m": "43404", "region": "kikuchi"}
    names += ["municipalities"] if page == "overview" else []
    book = read_xlsx(client.get(f"/download/{page}.xlsx", params=few).content)
    listed = dict(list(book["出典"].values))
    metadata = json.loads(client.get(f"/download/{page}.geojson", params=few).content)["metadata"]
    for name in names:
        dataset = data.catalog[name]
        for notes in (listed, metadata):
            day = in_words(str(dataset.as_of))
            assert notes[dataset.title] == (
                f"{dataset.processed_statement}（{day}時点） {dataset.licence} {dataset.source_url}"
            )


def test_the_notice_stands_in_workbook_and_geojson(client):
    book = read_xlsx(client.get(XLSX, params={"hazard": "flood"}).content)
    listed = dict(list(book["出典"].values))
    assert listed["注意"] == NOTICE + EARTHQUAKE
    assert "洪水に対応する1,212か所" in listed["条件"]
    assert json.loads(client.get(GEOJSON, params=FEW).content)["metadata"]["注意"] == (
        NOTICE + EARTHQUAKE
    )


def test_the_csv_of_the_overview_names_every_dataset_it_is_made_of(client, data, in_words):
    header, *records = read_csv(client.get("/download/overview.csv").content)
    names = ("municipalities", "municipal_boundaries", "evacuation_sites", "evacuation_shelters")
    assert header[-4:] == ["出典", "時点", "加工", "注意"]
    for record in records:
        sources, days, processed, notice = record[-4:]
        for name in names:
            dataset = data.catalog[name]
            assert dataset.attribution in sources, name
            assert f"{dataset.title} {in_words(str(dataset.as_of))}時点" in days, name
            assert dataset.processed_statement in processed, name
        assert notice == NOTICE


def test_the_overview_holds_the_sites_of_each_hazard(client, figures, located, hazard_names):
    header, *records = read_csv(client.get("/download/overview.csv").content)
    for row, record in zip(figures.municipalities, records, strict=True):
        for hazard, word in hazard_names.items():
            n = sum(site[hazard] == "1" for site in located[row["code"]]["sites"])
            assert record[header.index(f"指定緊急避難場所（か所）：{word}")] == str(n)
            rate = float(record[header.index(f"指定緊急避難場所（か所/1万人）：{word}")])
            assert rate == pytest.approx(n / int(row["population"]) * 10_000, abs=0.0051)


@pytest.mark.parametrize("form", ["csv", "geojson"])
def test_the_boundaries_are_credited_where_they_were_used(client, data, form):
    text = client.get(f"/download/evacuation.{form}", params=FEW).content.decode("utf-8-sig")
    assert "国土数値情報（行政区域データ）" in text


def test_a_csv_carries_the_notice_in_every_row(client):
    header, *records = read_csv(client.get(CSV, params=FEW).content)
    assert records
    for record in records:
        assert "開設状況ではありません" in record[header.index("注意")]


def test_the_overview_has_the_municipalities_of_the_region(client, figures):
    for query in ({}, {"region": "aso"}):
        rows = [
            row
            for row in figures.municipalities
            if query.get("region", row["region_id"]) == row["region_id"]
        ]
        header, *records = read_csv(client.get("/download/overview.csv", params=query).content)
        codes = [record[header.index("市町村コード")] for record in records]
        assert codes == [row["code"] for row in rows]
        people = [record[header.index("人口（人）")] for record in records]
        assert people == [row["population"] for row in rows]
        answer = client.get("/download/overview.geojson", params=query)
        features = json.loads(answer.content)["features"]
        assert [feature["properties"]["市町村コード"] for feature in features] == codes
        assert {feature["geometry"]["type"] for feature in features} <= {"Polygon", "MultiPolygon"}


def test_names_like_formulas_are_text_in_a_spreadsheet(client, geodata):
    store = Store(geodata)
    sites = store.load("evacuation_sites").head(len(FORMULAS)).copy()
    sites["name"], sites["note"] = FORMULAS, FORMULAS
    publication = store.describe("evacuation_sites")
    store.publish("evacuation_sites", sites, pd.DataFrame(), publication)
    header, *records = read_csv(client.get(CSV, params={"kind": "site"}).content)
    for column in ("名称", "備考"):
        cells = [record[header.index(column)] for record in records]
        assert cells == [f"'{text}" for text in FORMULAS]
    assert not [cell for record in records for cell in record if cell[:1] in tuple("=+-@\t\r\n")]
    table = list(read_xlsx(client.get(XLSX, params={"kind": "site"}).content)["データ"].values)
    names = [row[HEADER.index("名称")] for row in table[1:]]
    assert all(name.startswith("'") for name in names)
    features = json.loads(client.get(GEOJSON, params={"kind": "site"}).content)["features"]
    assert [feature["properties"]["名称"] for feature in features] == list(FORMULAS)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("hazard=meteor", "hazard"),
        ("hazard=flood,<script>alert(1)</script>", "hazard"),
        ("m=99999", "m"),
        ("m=43101", "m"),
        ("region=%3Cscript%3Ealert(1)%3C/script%3E", "region"),
        ("kind=castle", "kind"),
        ("mode=some", "mode"),
        ("point=130.741", "point"),
        ("restricted=yes", "restricted"),
        ("facility=E0", "facility"),
        ("facility={{9**(9**9)}}", "facility"),
        ("kind=shelter&hazard=meteor", "hazard"),
        (f"q={'x' * 51}", "q"),
        ("m=43100&m=99999", "m"),
        ("hazard=%00", "hazard"),
    ],
)
@pytest.mark.parametrize("address", [CSV, XLSX])
def test_what_is_unknown_is_refused_in_one_plain_sentence(client, address, query, named):
    answer = client.get(f"{address}?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == f"パラメーター「{named}」を読み取れませんでした。"


@pytest.mark.parametrize("part", ["x", "x=1&", "%E3%81%82"])
def test_a_very_long_query_is_refused_without_being_repeated(ask, part):
    status, body = ask(CSV, "q=" + part * (100_000 // len(part)))
    assert status == 400
    assert len(body) < 100
    assert body.decode().startswith("パラメーター「")


@pytest.mark.parametrize(
    "query",
    [
        "q==cmd|' /C calc'!A0",
        "q=%2B1",
        "q=%00%01%02",
        "q=%ED%A0%80",  # half a surrogate
        "q=%FF%FE",
        "q=%0D%0ASet-Cookie:%20a=b",
        "q=%1b%5b31m",
        "unknown=<script>",
        "region=",
        "&&&===",
        "q=%%%",
        "hazard=,,,",
    ],
)
@pytest.mark.parametrize("address", [CSV, XLSX, GEOJSON])
def test_strange_but_possible_queries_give_a_safe_file(client, address, query):
    answer = client.get(f"{address}?m=43404&{query}")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    if address == CSV:
        rows = read_csv(answer.content)
        assert rows[0] == HEADER
        assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+@\t\r\n")]
    elif address == XLSX:
        read_xlsx(answer.content)
    else:
        assert json.loads(answer.content)["type"] == "FeatureCollection"


@pytest.mark.parametrize(
    "path",
    ["unknown.csv", "evacuation.pdf", "evacuation.CSV", "..%2fapp.csv", "%3Cscript%3E.csv", ".csv"],
)
def test_what_does_not_exist_is_not_found(client, path):
    answer = client.get(f"/download/{path}")
    assert answer.status_code == 404
    assert answer.text in {"そのデータはありません。", "Not Found"}


def test_head_and_other_methods(client):
    answer = client.head(CSV, params=FEW)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert client.post(CSV).status_code == 405


def test_a_link_and_its_download_mean_the_same(client, visit, figures):
    query = {"kind": "shelter", "hazard": "flood"}
    n_rows = len(read_csv(client.get(CSV, params=query).content)) - 1
    assert n_rows == len(figures.shelters)
    assert f"{n_rows:,}か所" in visit("evacuation", query).words
