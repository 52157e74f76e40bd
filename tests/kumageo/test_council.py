"""Areas, profiles, topics and evidence of the councils, by hand on two squares."""

from __future__ import annotations

import datetime as dt
import json

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from shapely import LineString, Point, Polygon, box

from kumageo.council import (
    build_areas,
    compare_agreements,
    count_days_since,
    find_area,
    find_evidence,
    locate_topics,
    profile_areas,
    select_topics,
)
from kumageo.council_records import (
    Area,
    Council,
    CouncilSource,
    Meeting,
    Place,
    Statement,
    Theme,
    Topic,
)
from kumageo.council_report import report_council
from kumageo.errors import ArgumentError, CrsError, KeyColumnError, NotPublishedError, QueryError
from kumageo.reports import report_subject
from kumageo.schemas import HAZARDS
from kumageo.store import Store

DAY = dt.date(2025, 2, 18)
PLANT = Place("landmark:plant", "landmark", "工場", Point(130.65, 32.72))
ROAD = Place("corridor:road", "corridor", "道", LineString([(130.6, 32.7), (130.8, 32.7)]))
LOST = Place("well:w067", "well", "第17号", None)


def make_topic(topic_id, region_id, *themes, layer="", places=()):
    return Topic(
        id=topic_id,
        region_id=region_id,
        meeting_id=f"{region_id}_r6",
        date=DAY,
        title=topic_id,
        themes=themes,
        status="discussed",
        layer=layer,
        query={"region": region_id} if layer else {},
        places=places,
        note="",
        source="paper",
    )


@pytest.fixture
def topics():
    return (
        make_topic("water", "north", "water", layer="groundwater"),
        make_topic("factory", "north", "industry", "roads", places=(PLANT, LOST)),
        make_topic("lost", "north", "water", places=(LOST,)),
        make_topic("bus", "north", "roads"),
        make_topic("road", "north", "roads", layer="congestion", places=(ROAD, PLANT)),
    )


@pytest.fixture
def council(topics):
    frame = pd.DataFrame
    return Council(
        version="0123456789ab",
        sources={"paper": CouncilSource("paper", "県", "資料", "", "2025-03")},
        themes=(Theme("water", "水"), Theme("industry", "産業"), Theme("roads", "道路")),
        areas=(
            Area("south", "南", ("43202",), "planned_unconfirmed", "予定", "paper", "2025-03"),
            Area("north", "北", ("43100",), "held", "", "paper", "2025-03"),
        ),
        meetings=(
            Meeting("north_r6", "north", "held", DAY, "paper", ""),
            Meeting("south_r6", "south", "planned", None, "paper", "予定"),
        ),
        topics=topics,
        statements=(Statement("why", "purpose", "話し合う。", "paper", "2025-03"),),
        members=frame({"municipality": ["八代市"], "region_id": ["south"]}),
        agreements=frame({"municipality": ["八代市", "八代市"], "kind": ["mou", None]}),
        figures=frame(
            {
                "kind": ["taiwan_agreements"] * 3 + ["migration"],
                "unit": ["municipalities", "partners", "partners", "partners"],
                "value": [3.0, 4.0, 2.0, 100.0],
            }
        ),
        measures=frame({"id": ["zone"]}),
        projects=frame(
            {
                "name": ["橋", "橋", "道"],
                "region_ids": [("south",), ("south", "north"), ("south",)],
                "value": [1.5, float("nan"), 2.0],
            }
        ),
    )


@pytest.fixture
def municipalities():
    return pd.DataFrame(
        {
            "code": ["43202", "43100"],
            "name": ["八代市", "熊本市"],
            "region_id": ["south", "north"],
            "region_name": ["南", "北"],
        }
    )


@pytest.fixture
def profiles(municipalities):
    table = municipalities.set_index("code")
    counts = {"population": [20, 50], "area_km2": [1.5, 2.5], "n_sites": [3, 4]}
    counts |= {"n_shelters": [1, 2]} | {f"n_sites_{hazard}": [1, 0] for hazard in HAZARDS}
    return table.assign(**counts)


@pytest.fixture
def wells():
    return gpd.GeoDataFrame(
        {"region_id": ["north", "north", None]}, geometry=[None] * 3, crs="EPSG:6668"
    )


@pytest.fixture
def bottlenecks():
    rows = [
        ("confirmed", "八代市", Point(130.65, 32.72)),  # lies in the north, whatever it says
        ("confirmed", "熊本市", None),
        ("confirmed", None, None),
        ("released", "熊本市", Point(130.65, 32.72)),
        ("unconfirmed", "八代市", Point(130.75, 32.75)),
        ("confirmed", "", Point(131.0, 32.0)),  # in no area
    ]
    table = pd.DataFrame(rows, columns=["status", "municipality", "geometry"])
    return gpd.GeoDataFrame(table, crs="EPSG:6668")


class TestAreas:
    def test_wards_and_municipalities_are_merged(self, municipalities, squares):
        before = squares.copy()
        areas = build_areas(municipalities, squares)
        assert areas.index.tolist() == ["south", "north"]
        assert areas.index.name == "region_id"
        assert areas["region_name"].tolist() == ["南", "北"]
        assert areas.crs == squares.crs
        assert shapely.equals(areas.geometry["north"], box(130.6, 32.7, 130.7, 32.8))
        assert shapely.equals(areas.geometry["south"], box(130.7, 32.7, 130.8, 32.8))
        assert_geodataframe_equal(squares, before)

    def test_one_area_of_all(self, municipalities, squares):
        nodes = [(130.7, 32.7), (130.8, 32.7), (130.8, 32.8), (130.7, 32.8), (130.7, 32.75)]
        noded = squares.assign(geometry=[*squares.geometry[:2], Polygon(nodes)])
        areas = build_areas(municipalities.assign(region_id="all"), noded)
        assert areas.index.tolist() == ["all"]
        assert shapely.equals(areas.geometry["all"], box(130.6, 32.7, 130.8, 32.8))

    def test_a_municipality_in_two_areas(self, municipalities, squares):
        twice = pd.concat([municipalities, municipalities.tail(1).assign(region_id="south")])
        with pytest.raises(KeyColumnError, match="each municipality in one area, got twice: 43100"):
            build_areas(twice, squares)

    @pytest.mark.parametrize("code", ["43100", "43202"])
    def test_a_hole(self, municipalities, squares, code):
        with pytest.raises(KeyColumnError, match=f"only one of the two for {code}"):
            build_areas(municipalities, squares[squares["municipality_code"] != code])
        with pytest.raises(KeyColumnError, match=f"only one of the two for {code}"):
            build_areas(municipalities[municipalities["code"] != code], squares)


class TestProfile:
    def test_by_hand(self, council, profiles, wells, bottlenecks, squares):
        before = profiles.copy()
        table = profile_areas(council, profiles, wells, bottlenecks, squares)
        assert table.index.tolist() == ["south", "north"]
        expected = {
            "region_name": ["南", "北"],
            "state": ["planned_unconfirmed", "held"],
            "n_municipalities": [1, 1],
            "population": [20, 50],
            "area_km2": [1.5, 2.5],
            "n_sites": [3, 4],
            "n_sites_flood": [1, 0],
            "n_shelters": [1, 2],
            "n_wells": [0, 2],
            "n_members": [1, 0],
            "n_meetings_held": [0, 1],
            "n_meetings_planned": [1, 0],
            "n_topics": [0, 5],
            "n_bottlenecks": [pd.NA, 1],  # a list of a part of the prefecture: not 0
            "n_bottlenecks_unplaced": [pd.NA, 1],
            "n_projects": [2, 1],
        }
        for name, values in expected.items():
            assert table[name].astype("object").fillna("?").tolist() == [
                "?" if value is pd.NA else value for value in values
            ], name
        pd.testing.assert_frame_equal(profiles, before)

    def test_municipalities_are_added_up(self, council, profiles, wells, bottlenecks, squares):
        both = profiles.assign(region_id="north", region_name="北")
        table = profile_areas(council, both, wells, bottlenecks, squares)
        assert table.index.tolist() == ["north"]
        row = table.loc["north"]
        assert (row["n_municipalities"], row["population"], row["area_km2"]) == (2, 70, 4.0)
        assert (row["n_sites"], row["n_sites_flood"], row["n_shelters"]) == (7, 1, 3)

    def test_one_crs_or_an_error(self, council, profiles, wells, bottlenecks, squares):
        with pytest.raises(CrsError):
            profile_areas(council, profiles, wells, bottlenecks.to_crs("EPSG:4326"), squares)


class TestTopics:
    @pytest.mark.parametrize(
        ("region_id", "theme_id", "expected"),
        [
            ("", "", ["water", "factory", "lost", "bus", "road"]),
            ("north", "", ["water", "factory", "lost", "bus", "road"]),
            ("south", "", []),
            ("", "roads", ["factory", "bus", "road"]),
            ("north", "water", ["water", "lost"]),
            ("south", "water", []),
        ],
    )
    def test_by_area_and_theme(self, council, region_id, theme_id, expected):
        assert [topic.id for topic in select_topics(council, region_id, theme_id)] == expected

    def test_an_unknown_area_or_theme(self, council):
        with pytest.raises(QueryError, match="region: expected one of south, north; got 'west'"):
            select_topics(council, "west")
        with pytest.raises(QueryError, match="theme: expected one of water, industry, roads; got"):
            select_topics(council, "north", "Water")
        with pytest.raises(QueryError, match=r"got 'x{40}'\. Choose an area"):
            find_area(council, "x" * 1000)
        assert find_area(council, "north").name == "北"

    def test_evidence(self, topics):
        found = find_evidence(topics)
        assert found.index.tolist() == ["water", "factory", "lost", "bus", "road"]
        assert found["has_evidence"].tolist() == [True, True, False, False, True]
        assert found["n_places"].tolist() == [0, 2, 1, 0, 2]
        assert found["n_placed"].tolist() == [0, 1, 0, 0, 2]
        assert found["layer"].fillna("").tolist() == ["groundwater", "", "", "", "congestion"]

    def test_no_topics(self):
        assert len(find_evidence(())) == 0
        assert len(locate_topics(())) == 0
        assert locate_topics(()).crs == "EPSG:6668"

    def test_places(self, topics):
        located = locate_topics(topics)
        assert located["topic_id"].tolist() == ["factory", "road", "road"]
        assert located["place_name"].tolist() == ["工場", "道", "工場"]
        assert located.geometry.geom_type.unique().tolist() == ["Point"]
        assert located.geometry[0] == PLANT.geometry
        assert ROAD.geometry.distance(located.geometry[1]) == 0


class TestDays:
    @pytest.mark.parametrize(
        ("date", "today", "days"),
        [
            ("2025-03-13", (2025, 3, 13), 0),
            ("2025-03-13", (2025, 3, 15), 2),
            ("2025-03", (2025, 4, 1), 1),
            ("2025-03", (2025, 3, 15), 0),  # the month has not ended
            ("2025-03", (2026, 3, 31), 365),
            ("2024", (2025, 12, 31), 365),
        ],
    )
    def test_by_hand(self, date, today, days):
        assert count_days_since(date, dt.date(*today)) == days

    @pytest.mark.parametrize("date", ["2025-03-14", "2025-04", "2026", "yesterday", ""])
    def test_refused(self, date):
        with pytest.raises(ArgumentError, match="date: expected"):
            count_days_since(date, dt.date(2025, 3, 13))


def test_agreements_stated_and_named(council):
    assert compare_agreements(council) == {"n_stated": 6, "n_named": 2}


class TestReport:
    def test_by_hand(self, council, profiles, wells, bottlenecks, squares, municipalities):
        profile = profile_areas(council, profiles, wells, bottlenecks, squares)
        report = report_council(council, profile, municipalities, dt.date(2025, 4, 2))
        assert json.loads(json.dumps(report, allow_nan=False)) == report
        assert report["summary"] == {
            "version": "0123456789ab",
            "as_of": "2025-03",
            "days_since_update": 2,
            "n_areas": 2,
            "n_municipalities": 2,
            "n_areas_held": 1,
            "n_areas_planned_unconfirmed": 1,
            "n_areas_under_consideration": 0,
            "n_areas_without_topics": 1,
            "n_meetings_held": 1,
            "n_meetings_planned": 1,
            "n_topics": 5,
            "n_topics_with_evidence": 3,
            "n_topics_without_evidence": 2,
        }
        south, north = report["areas"]
        assert south["municipalities"] == [{"code": "43202", "name": "八代市"}]
        assert (south["state"], south["note"]) == ("planned_unconfirmed", "予定")
        assert south["profile"]["n_bottlenecks"] is None
        assert north["profile"]["n_topics"] == 5
        assert [m["date"] for m in report["meetings"]["held"]] == ["2025-02-18"]
        assert [m["date"] for m in report["meetings"]["planned"]] == [None]
        topics = report["topics"]
        assert [t["id"] for t in topics["with_evidence"]] == ["water", "factory", "road"]
        assert [t["id"] for t in topics["without_evidence"]] == ["lost", "bus"]
        assert topics["with_evidence"][0]["query"] == {"region": "north"}
        assert topics["with_evidence"][1]["places"] == [
            {"id": "landmark:plant", "name": "工場", "lon": 130.65, "lat": 32.72},
            {"id": "well:w067", "name": "第17号", "lon": None, "lat": None},
        ]
        assert report["context"]["agreement_counts"] == {"n_stated": 6, "n_named": 2}
        assert report["context"]["projects"][1] == {
            "name": "橋",
            "region_ids": ["south", "north"],
            "value": None,
        }

    def test_the_command(self, run):
        answer = run("report", "council", "--json")
        assert (answer.code, answer.err) == (0, "")
        report = json.loads(answer.out)
        assert report["subject"] == "council"
        assert report["as_of"]["observation_wells"] == "2024-02-28"
        text = run("report", "council").out
        assert "n_areas: 11\n" in text
        assert f"version: {report['summary']['version']}\n" in text

    def test_a_changed_file_changes_the_report(self, run, geodata):
        before = json.loads(run("report", "council", "--json").out)["summary"]
        path = geodata / "council" / "topics.toml"
        text = path.read_text("utf-8")
        path.write_text(text.replace('layer = "groundwater"\nquery = { region = "aso" }\n', ""))
        after = json.loads(run("report", "council", "--json").out)["summary"]
        assert after["n_topics_with_evidence"] == before["n_topics_with_evidence"] - 1
        assert after["version"] != before["version"]

    def test_the_command_refuses_bad_files(self, run, geodata):
        path = geodata / "council" / "topics.toml"
        text = path.read_text("utf-8").replace('"kikuchi"', '"kikuti"')
        path.write_text(text, "utf-8")
        line = text[: text.index('"kikuti"')].count("\n") + 1
        answer = run("report", "council", "--json")
        assert (answer.code, answer.out) == (2, "")
        failure = json.loads(answer.err)
        assert failure["error"] == "CouncilError"
        assert f"topics.toml, line {line}: region: expected a region among" in failure["message"]

    def test_nothing_published(self, tmp_path):
        with pytest.raises(NotPublishedError, match="python -m kumageo ingest municipalities FILE"):
            report_subject("council", Store(tmp_path))
