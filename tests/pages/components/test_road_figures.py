"""Published figures that an import takes are figures that the page can write."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from kumageo.ingest import check_file
from kumageo.road_facts import compare_forecasts, list_works
from kumageo.store import Store
from pages.components.downloads import DOWNLOADS
from pages.components.road_tables import tabulate_facts, tabulate_forecasts, tabulate_works
from pages.components.roads_text import FACT_TABLES
from pages.components.state import Query

GEODATA = Path(__file__).resolve().parents[3] / "geodata"
JASM = "県道30号 大津植木線（JASM工場前）"


@pytest.fixture
def take(data, tmp_path):
    """Check the official facts with changes of one; give the page's data, None if refused."""

    def take_facts(fact_id, **changes):
        with (GEODATA / "raw" / "road_facts.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        (row,) = [row for row in rows if row["id"] == fact_id]
        row |= changes
        path = tmp_path / "facts.csv"
        path.write_text(pd.DataFrame(rows).to_csv(index=False), encoding="utf-8")
        checked = check_file(data.catalog, Store(GEODATA), "road_facts", path)
        if checked.report.has_blocking_errors(accept_quarantine=False):
            return None
        facts = pd.DataFrame(checked.features)
        made = {"forecasts": compare_forecasts(facts), "works": list_works(facts)}
        return replace(data, roads=replace(data.roads, facts=facts, **made))

    return take_facts


def write_all(data, labels):
    """Build every table of the facts, on the page and as a file."""
    tables = [tabulate_facts(data, kinds, labels) for kinds in FACT_TABLES.values()]
    download, _ = DOWNLOADS["road_facts"].build(Query({}), data, labels)
    return [tabulate_forecasts(data, labels), tabulate_works(data, labels), *tables, download]


def test_a_figure_that_is_known_is_written(take, labels):
    data = take("queue_jasm_2024", value="1200", fact_date="2026-05")
    queues = tabulate_facts(data, FACT_TABLES["queues"], labels).set_index("場所")
    assert queues.loc[JASM, "数値"] == "1,200 m"
    assert queues.loc[JASM, "出典"] == "菊陽町、熊本日日新聞（2026年5月）"
    assert all(len(table) for table in write_all(data, labels))


def test_a_forecast_that_was_measured_since(take, labels):
    changes = {"place_id": "otsu_ueki_r325", "fact_date": "2026-04-01", "value": "800"}
    data = take("queue_semicon_2024", **changes)
    measured = tabulate_forecasts(data, labels).set_index("場所")["その後の実測"]
    assert measured["大津植木線×国道325号"] == "約800 m（2026年4月1日、熊本県民テレビ）"
    assert set(measured.drop("大津植木線×国道325号")) == {"未計測"}


@pytest.mark.parametrize(
    ("fact_id", "quantity", "is_taken"),
    [
        ("queue_jasm_2024", "noise_db", False),
        ("queue_jasm_2024", "", True),
        ("forecast_r325", "", True),
    ],
    ids=["unknown_quantity", "value_of_nothing", "forecast_of_nothing"],
)
def test_what_the_page_cannot_write_is_not_taken(take, labels, fact_id, quantity, is_taken):
    data = take(fact_id, quantity=quantity)
    assert (data is not None) == is_taken
    assert data is None or all(len(table) for table in write_all(data, labels))


def test_a_number_of_nothing_is_written_without_a_unit(take, labels):
    data = take("queue_jasm_2024", quantity="")
    queues = tabulate_facts(data, FACT_TABLES["queues"], labels).set_index("場所")
    assert (queues.loc[JASM, "項目"], queues.loc[JASM, "数値"]) == ("", "1,057")
