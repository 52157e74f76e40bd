"""The tables of the page 地域会議 beside the rows of the council files."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest

from pages.components.council_tables import (
    name_source,
    tabulate_agreements,
    tabulate_figures,
    tabulate_measures,
    tabulate_projects,
    tabulate_topics,
)
from pages.components.data import get_councils

GEODATA = Path(__file__).resolve().parents[3] / "geodata"
COUNCIL = GEODATA / "council"
TOPICS = tomllib.loads((COUNCIL / "topics.toml").read_text(encoding="utf-8"))["topic"]


def read_csv(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


SOURCES = {
    row["id"]: f"{row['publisher']}「{row['title']}」" for row in read_csv(COUNCIL / "sources.csv")
}
THEMES = {row["id"]: row["name"] for row in read_csv(COUNCIL / "themes.csv")}
DATES = {row["id"]: row["date"] for row in read_csv(COUNCIL / "meetings.csv")}
REGION_NAMES = {
    row["region_id"]: row["region_name"] for row in read_csv(GEODATA / "raw/municipalities.csv")
}


@pytest.fixture(scope="module")
def councils(data):
    return get_councils(data)


def test_sources_are_named_by_publisher_and_title(councils):
    for source_id, named in SOURCES.items():
        assert name_source(councils, source_id) == named
    with pytest.raises(KeyError):
        name_source(councils, "nothing")


def test_topics_are_those_of_the_file(councils, labels):
    table = tabulate_topics(councils.council.topics, councils, labels)
    assert len(table) == len(TOPICS)
    for record, topic in zip(table.to_dict("records"), TOPICS, strict=True):
        assert list(record.values())[-1] == topic["id"]
        assert record["議題"] == topic["title"]
        assert record["地域"] == REGION_NAMES[topic["region"]]
        assert record["テーマ"] == "、".join(THEMES[one] for one in topic["themes"])
        assert DATES[topic["meeting"]] in record.values()
        assert SOURCES[topic["source"]] in record.values()
        assert topic.get("note", "") in record.values()
        has = "layer" in topic or "places" in topic
        assert ("あり" in record.values()) == has
        assert ("地図に資料なし" in record.values()) == (not has)


def test_no_topics_are_a_table_with_the_same_columns(councils, labels):
    none = tabulate_topics((), councils, labels)
    assert len(none) == 0
    full = tabulate_topics(councils.council.topics, councils, labels)
    assert list(none.columns) == list(full.columns)
    assert len(set(full.columns)) == len(full.columns) == 10


def test_agreements_name_all_partners_and_say_where_the_kind_is_unknown(councils, labels):
    rows = read_csv(COUNCIL / "agreements.csv")
    records = tabulate_agreements(councils, labels).to_dict("records")
    words = {"friendship": "友好提携", "mou": "覚書（MOU）", "": "不明"}
    assert len(records) == len(rows)
    for record, row in zip(records, rows, strict=True):
        values = list(record.values())
        assert values == [
            row["municipality"],
            row["partner"],
            words[row["kind"]],
            row["period"],
            row["note"],
            SOURCES[row["source"]],
        ]


@pytest.mark.parametrize(
    "kinds", [("foreign_residents",), ("migration", "settlement"), ("nothing",)]
)
def test_figures_stand_with_unit_and_source_the_newest_first(councils, labels, kinds):
    rows = [row for row in read_csv(COUNCIL / "figures.csv") if row["kind"] in kinds][::-1]
    records = tabulate_figures(councils, kinds, labels).to_dict("records")
    assert len(records) == len(rows)
    assert bool(rows) == (kinds != ("nothing",))
    for record, row in zip(records, rows, strict=True):
        subject, period, number, note, paper = record.values()
        assert (subject, period, note) == (row["subject"], row["period"], row["note"])
        assert paper == SOURCES[row["source"]]
        figure, unit = number.split(" ", 1)
        assert float(figure.replace(",", "")) == float(row["value"])
        assert unit


def test_a_figure_by_hand(councils, labels):
    records = tabulate_figures(councils, ("foreign_residents",), labels).to_dict("records")
    numbers = [list(record.values())[2] for record in records]
    assert "17,942 人" in numbers  # 令和元年12月, in all


def test_measures_and_projects_are_those_of_the_files(councils, labels, in_words):
    rows = read_csv(COUNCIL / "measures.csv")
    records = tabulate_measures(councils, labels).to_dict("records")
    assert len(records) == len(rows)
    for record, row in zip(records, rows, strict=True):
        _, measure, _, date, note, paper = record.values()
        expected = (row["title"], in_words(row["date"]), row["note"], SOURCES[row["source"]])
        assert (measure, date, note, paper) == expected
    rows = read_csv(COUNCIL / "projects.csv")
    records = tabulate_projects(councils, labels).to_dict("records")
    assert len(records) == len(rows)
    for record, row in zip(records, rows, strict=True):
        regions = "、".join(REGION_NAMES[one] for one in row["region_ids"].split(";"))
        values = [row["name"], regions, row["fact"], in_words(row["date"]), SOURCES[row["source"]]]
        written = list(record.values())
        figure = written.pop(3)
        assert written == values
        assert row["value"] in figure
        assert (figure == "") == (row["value"] == "")


def test_a_project_says_its_number(councils, labels):
    """About 450 people came to the rally of 令和6年度."""
    text = " ".join(map(str, tabulate_projects(councils, labels).iloc[0]))
    assert "450" in text
