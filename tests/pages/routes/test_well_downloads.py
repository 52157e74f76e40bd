"""The three tables of the page 地下水 as files, fetched as a browser fetches them."""

from __future__ import annotations

import csv
import io
import json

import pytest

FORMS = ("csv", "geojson", "xlsx")
EACH_FORM = pytest.mark.parametrize("form", FORMS)


def read_csv(answer):
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


@EACH_FORM
@pytest.mark.parametrize(
    ("address", "day"),
    [
        ("wells.{}", "2024-02-28"),
        ("groundwater_facts.{}", "2024-11-05"),
        ("levels.{}?well=w004", "2024-02-28"),
    ],
)
def test_a_file_has_the_day_of_its_dataset_in_its_name(client, use_readings, address, day, form):
    answer = client.get(f"/download/{address.format(form)}")
    assert answer.status_code == 200
    name = address.partition(".")[0]
    written = answer.headers["content-disposition"]
    assert written == f'attachment; filename="kumamoto-{name}-{day}.{form}"'
    # Readings change: nothing of them is kept.
    assert answer.headers["cache-control"] == "no-store"
    assert len(answer.content) > 500


@pytest.mark.parametrize(("query", "n_rows"), [("", 68), ("?m=43210", 2), ("?m=43511", 0)])
def test_the_wells_of_a_place(client, query, n_rows):
    assert len(read_csv(client.get(f"/download/wells.csv{query}"))) == n_rows


@EACH_FORM
@pytest.mark.parametrize("well", ["", "w006", "w999", "<script>", "{{9**(9**9)}}", "w001,w002"])
def test_levels_that_there_are_not_are_refused_in_one_sentence(client, use_readings, form, well):
    answer = client.get(f"/download/levels.{form}", params={"well": well})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.startswith("パラメーター「well")
    assert answer.text.endswith("」を読み取れませんでした。")
    assert not well or well not in answer.text


def test_what_cannot_be_read_is_named_once(client, use_readings):
    answer = client.get("/download/levels.csv?well=w999")
    assert answer.text == "パラメーター「well」を読み取れませんでした。"


def test_without_readings_there_are_no_levels(client):
    assert client.get("/download/levels.csv?well=w001").status_code == 400


def test_a_query_that_cannot_be_read_is_refused(client):
    answer = client.get("/download/wells.csv?m=13101&compared=w999")
    assert answer.status_code == 400
    for name in ("m", "compared"):
        assert name in answer.text
    assert "13101" not in answer.text


def test_simulated_levels_say_so_in_every_row_and_in_the_file(client, use_demo):
    rows = read_csv(client.get("/download/levels.csv?well=w067"))
    assert len(rows) > 4_000
    assert {row["測定"] for row in rows} == {"模擬データ"}
    assert {row["注意"] for row in rows} == {
        "模擬データを表示しています。実際の水位ではありません。"
    }
    collection = json.loads(client.get("/download/levels.geojson?well=w067").content)
    assert "模擬データ" in json.dumps(collection["metadata"], ensure_ascii=False)


def test_measured_levels_are_those_that_were_imported(client, use_readings):
    rows = read_csv(client.get("/download/levels.csv?well=w004"))
    assert {row["測定"] for row in rows} == {"熊本市"}
    levels = {}
    for row in rows:
        levels.setdefault(row["日"][:4], set()).add(float(row["日平均水位（標高 m）"]))
    # Four years of one level each, 0.1 m higher every year.
    assert list(levels.values()) == [{9.7}, {9.8}, {9.9}, {10.0}]
