"""Published figures: forecasts beside what was measured since, and the works, by hand."""

from __future__ import annotations

import csv

import pandas as pd
import pytest

from kumageo.checks import References, check_rows
from kumageo.normalise import build_features, empty_features
from kumageo.road_facts import (
    FORECAST_COLUMNS,
    WORK_QUANTITIES,
    compare_forecasts,
    list_works,
    select_facts,
)
from kumageo.schemas import ROAD_FACTS

FORECAST = {
    "id": "forecast_a",
    "kind": "forecast",
    "subject": "大津植木線×国道325号",
    "place_id": "otsu_ueki_r325",
    "quantity": "queue_m",
    "value": "3000",
    "value_after": "500",
    "period": "朝のピーク",
    "fact_date": "2025-09-23",
    "target_fy": "2028",
    "work": "県道大津植木線 多車線化",
    "surveyor": "熊本県（試算）",
    "publisher": "テレビ熊本",
}
QUEUE = {
    "id": "queue_a",
    "kind": "queue",
    "subject": "大津植木線×国道325号",
    "place_id": "otsu_ueki_r325",
    "quantity": "queue_m",
    "value": "800",
    "fact_date": "2026-04-01",
    "publisher": "熊本日日新聞",
}
WORK = {
    "id": "work_a",
    "kind": "work",
    "subject": "大津植木線",
    "quantity": "length_km",
    "value": "4.7",
    "publisher": "甲",
}


def facts_of(*records):
    """Make facts as they are published, from text cells."""
    blank = dict.fromkeys(ROAD_FACTS.column_names, "")
    rows = pd.DataFrame([{**blank, **record} for record in records], dtype="str")
    rows = rows.assign(source_row=range(2, len(records) + 2))
    return pd.DataFrame(build_features(rows, ROAD_FACTS, "EPSG:6668"))


def compare(*records):
    return compare_forecasts(facts_of(*records))


def state_of(**changes):
    """Return state, value, day and publisher beside the forecast, with one measurement."""
    (row,) = compare(FORECAST, {**QUEUE, **changes}).to_dict("records")
    known = {name: None if pd.isna(row[name]) else row[name] for name in row}
    names = ("state", "measured_value", "measured_on", "measured_by")
    return tuple(known[name] for name in names)


NOT_MEASURED = ("not_measured", None, None, None)


class TestForecasts:
    def test_a_measurement_since_makes_it_measured(self):
        assert state_of() == ("measured", 800.0, "2026-04-01", "熊本日日新聞")

    def test_what_is_forecast_stays_as_published(self):
        (row,) = compare(QUEUE, FORECAST).to_dict("records")
        for column in set(FORECAST) & set(FORECAST_COLUMNS):
            value = row[column]
            assert (value if isinstance(value, str) else f"{value:g}") == FORECAST[column]

    @pytest.mark.parametrize("date", ["2025-09-22", "2024-12-31", "2025-08", "2024"])
    def test_one_before_does_not(self, date):
        assert state_of(fact_date=date) == NOT_MEASURED

    @pytest.mark.parametrize("date", ["2025-09", "2025", "2025-09-22/2025-09-24", "2025/2026"])
    def test_one_that_may_have_been_before_does_not(self, date):
        # 2025-09 may be a day before 2025-09-23.
        assert state_of(fact_date=date) == NOT_MEASURED

    @pytest.mark.parametrize(
        "date", ["2025-09-23", "2025-10", "2026", "2025-09-24/2025-09-30", "2025-10/2026"]
    )
    def test_one_that_is_certainly_since_does(self, date):
        assert state_of(fact_date=date) == ("measured", 800.0, date, "熊本日日新聞")

    @pytest.mark.parametrize(
        "changes",
        [
            {"place_id": "otsu_ueki_west"},
            {"place_id": ""},
            {"quantity": "travel_time_min"},
            {"quantity": "", "value": ""},
            {"kind": "survey"},
            {"kind": "work"},
            {"kind": "list"},
        ],
        ids=str,
    )
    def test_another_place_quantity_or_kind_does_not(self, changes):
        assert state_of(**changes) == NOT_MEASURED

    def test_counts_of_vehicles_are_measurements_too(self):
        assert state_of(kind="traffic")[0] == "measured"

    def test_what_states_no_place_or_quantity_is_never_measured(self):
        for gap in ({"place_id": ""}, {"quantity": ""}):
            (row,) = compare({**FORECAST, **gap}, {**QUEUE, **gap}).to_dict("records")
            assert row["state"] == "not_measured"

    def test_what_states_no_day_is_never_measured(self):
        dated = [{**FORECAST, "id": "f2", "place_id": "x"}, {**QUEUE, "id": "q2", "place_id": "x"}]
        for gaps in (
            (FORECAST, {**QUEUE, "fact_date": ""}),
            ({**FORECAST, "fact_date": ""}, QUEUE),
        ):
            assert compare(*gaps, *dated)["state"].tolist() == ["not_measured", "measured"]

    @pytest.mark.parametrize("undated", [FORECAST, QUEUE], ids=lambda fact: fact["kind"])
    def test_no_day_at_all(self, undated):
        # As of now all three forecasts have one; nothing asks for it.
        facts = [
            {**fact, "fact_date": ""} if fact is undated else fact for fact in (FORECAST, QUEUE)
        ]
        assert compare(*facts)["state"].tolist() == ["not_measured"]

    def test_a_forecast_is_no_measurement_of_another(self):
        later = {**FORECAST, "id": "forecast_b", "fact_date": "2026-05-01"}
        assert set(compare(FORECAST, later)["state"]) == {"not_measured"}

    def test_the_latest_is_shown(self):
        days = {"2026-04-01": "800", "2026-06": "600", "2026-05-31": "700", "2024-01-01": "5"}
        queues = [
            {**QUEUE, "id": f"q{n}", "fact_date": day, "value": value}
            for n, (day, value) in enumerate(days.items())
        ]
        (row,) = compare(FORECAST, *queues).to_dict("records")
        assert (row["measured_on"], row["measured_value"]) == ("2026-06", 600.0)

    @pytest.mark.parametrize("bound", ["about", "at_least", "up_to", ""])
    def test_how_exact_the_measurement_is_comes_with_it(self, bound):
        # The forecast is an about; the measurement beside it need not be one.
        (row,) = compare({**FORECAST, "bound": "about"}, {**QUEUE, "bound": bound}).to_dict(
            "records"
        )
        known = None if pd.isna(row["measured_bound"]) else row["measured_bound"]
        assert (row["bound"], known) == ("about", bound or None)

    def test_each_forecast_has_its_own(self):
        west = {**FORECAST, "id": "forecast_b", "place_id": "otsu_ueki_west"}
        table = compare(west, QUEUE, FORECAST)
        assert table["id"].tolist() == ["forecast_b", "forecast_a"]
        assert table["state"].tolist() == ["not_measured", "measured"]
        assert table.index.tolist() == [0, 1]

    def test_no_facts_at_all(self):
        for facts in (pd.DataFrame(empty_features(ROAD_FACTS)), facts_of(QUEUE)):
            table = compare_forecasts(facts)
            assert len(table) == 0
            added = ["state", "measured_value", "measured_bound", "measured_on", "measured_by"]
            assert table.columns.tolist() == [*FORECAST_COLUMNS, *added]

    @pytest.mark.parametrize(("said", "measured"), [("2025", "2025-03-01"), ("2025-09", "2025-09")])
    def test_a_forecast_of_some_day_of_a_year(self, said, measured):
        # The forecast may be of December: what was measured in March is not certainly since.
        table = compare({**FORECAST, "fact_date": said}, {**QUEUE, "fact_date": measured})
        assert table["state"].tolist() == ["not_measured"]

    def test_a_measurement_without_a_number_measures_nothing(self):
        assert state_of(value="") == NOT_MEASURED

    def test_input_is_not_changed(self):
        facts = facts_of(FORECAST, QUEUE, WORK)
        before = facts.copy(deep=True)
        compare_forecasts(facts)
        list_works(facts)
        pd.testing.assert_frame_equal(facts, before)


class TestDates:
    def check(self, date):
        cells = {**dict.fromkeys(ROAD_FACTS.column_names, ""), **QUEUE, "fact_date": date}
        rows = pd.DataFrame([cells], dtype="str").assign(source_row=2)
        return [issue.column for issue in check_rows(rows, ROAD_FACTS, References())]

    @pytest.mark.parametrize("date", ["2025", "2025-09", "2024-02-29", "2025-09/2025-12-31", ""])
    def test_good_ones(self, date):
        assert self.check(date) == []

    @pytest.mark.parametrize("date", ["令和7年", "2025-9", "2025/", "25-09-23", "2025-09-23T10:00"])
    def test_bad_ones(self, date):
        assert self.check(date) == ["fact_date"]

    @pytest.mark.parametrize("date", ["2025-13", "2025-02-30", "2026/2025", "2025-09/0000"])
    def test_ones_that_do_not_exist(self, date):
        assert self.check(date) == ["fact_date"]


class TestWorks:
    def test_figures_of_one_work_stand_side_by_side(self):
        cost = {"quantity": "cost_oku_yen", "value": "195", "bound": "about"}
        table = list_works(
            facts_of(
                {**WORK, "place_id": "pref30", "state": "着工", "note": "三つを立体に"},
                {**WORK, "quantity": "n_lanes", "value": "6", "publisher": "乙", "note": "34 m"},
                {**WORK, **cost, "fact_date": "2025-09-23"},
                {**WORK, "quantity": "", "value": "", "target_fy": "2028", "fact_date": "2025"},
            )
        )
        assert table.index.tolist() == ["大津植木線"]
        row = table.iloc[0]
        assert [row[name] for name in WORK_QUANTITIES] == [4.7, 6, 195]
        # 約195億円, as against 4.7 km and 6 lanes.
        bounds = [row[f"{name}_bound"] for name in WORK_QUANTITIES]
        assert [None if pd.isna(bound) else bound for bound in bounds] == [None, None, "about"]
        assert (row["place_id"], row["state"], row["target_fy"]) == ("pref30", "着工", 2028)
        assert row["fact_date"] == "2025-09-23"
        assert (row["publishers"], row["notes"]) == ("甲、乙", "三つを立体に。34 m")

    def test_works_stand_in_the_order_of_the_file_and_gaps_stay(self):
        table = list_works(
            facts_of({**WORK, "subject": "乙線"}, QUEUE, {**WORK, "subject": "甲線", "value": ""})
        )
        assert table.index.tolist() == ["乙線", "甲線"]
        assert table["length_km"].tolist()[0] == 4.7
        gaps = table.loc["甲線", ["length_km", "n_lanes", "cost_oku_yen", "fact_date", "state"]]
        assert gaps.isna().all()
        assert table["notes"].tolist() == ["", ""]

    def test_no_works(self):
        for facts in (pd.DataFrame(empty_features(ROAD_FACTS)), facts_of(QUEUE)):
            table = list_works(facts)
            assert len(table) == 0
            bounds = [f"{quantity}_bound" for quantity in WORK_QUANTITIES]
            columns = ("place_id", "state", "target_fy", *WORK_QUANTITIES, *bounds, "fact_date")
            assert set(table.columns) == {*columns, "publishers", "notes"}


class TestRealFacts:
    @pytest.fixture
    def raw(self, committed):
        path = committed / "raw" / "road_facts.csv"
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def test_the_forecasts(self, roads, raw):
        table = compare_forecasts(roads["road_facts"])
        expected = [row for row in raw if row["kind"] == "forecast"]
        assert table["id"].tolist() == [row["id"] for row in expected]
        # Of none of the three places anything was published since.
        assert table["state"].tolist() == ["not_measured"] * len(expected)
        places = {(row["place_id"], row["quantity"]) for row in expected}
        measured = [row for row in raw if row["kind"] in ("queue", "traffic")]
        assert not [row for row in measured if (row["place_id"], row["quantity"]) in places]

    def test_the_works(self, roads, raw):
        table = list_works(roads["road_facts"])
        subjects = dict.fromkeys(row["subject"] for row in raw if row["kind"] == "work")
        assert table.index.tolist() == list(subjects)
        for row in raw:
            if row["kind"] == "work" and row["quantity"] in WORK_QUANTITIES:
                assert table.loc[row["subject"], row["quantity"]] == float(row["value"])
        row = table.loc["県道大津植木線 多車線化"]
        assert (row["length_km"], row["n_lanes"], row["cost_oku_yen"]) == (4.7, 6, 195)
        assert (row["target_fy"], row["state"], row["place_id"]) == (
            *(2028, "着工"),
            "pref30_otsu_ueki",
        )

    def test_every_kind_is_shown_somewhere(self, roads):
        facts = roads["road_facts"]
        kinds = ("list", "criterion", "queue", "survey", "forecast", "work", "traffic", "bus_trial")
        assert len(select_facts(facts, *kinds)) == len(facts) == 40
        assert select_facts(facts, "queue", "survey")["source_row"].is_monotonic_increasing
