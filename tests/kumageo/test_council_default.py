"""The embedded council data against what the two papers say, read here by other means.

The expected values were taken from the papers by hand; the files are read with tomllib and csv.
"""

from __future__ import annotations

import csv
import tomllib

import pytest
import shapely

from kumageo.council import build_areas, compare_agreements, find_evidence, read_council
from kumageo.store import Store

# Area: day and weekday (Monday is 0) as the paper of March 2025 prints them, topics it lists.
HELD = {
    "aso": ("2024-12-20", 4, 5),
    "amakusa": ("2025-01-14", 1, 6),
    "hitoyoshi_kuma": ("2025-01-17", 4, 9),
    "kamimashiki": ("2025-01-23", 3, 5),
    "yatsushiro": ("2025-02-05", 2, 4),
    "arao_tamana": ("2025-02-12", 2, 5),
    "kikuchi": ("2025-02-18", 1, 4),
}
PLANNED = {"kamoto": "2025-03-13", "uki": "2025-03-18", "ashikita": "2025-03-24"}
MEMBERS = [
    *("熊本市", "八代市", "人吉市", "荒尾市", "上天草市", "天草市", "合志市", "玉東町"),
    *("南小国町", "小国町", "南阿蘇村", "山都町", "苓北町"),
]
# 在留外国人統計, June 2024, and the net migration of each year: men + women as the paper has them.
FOREIGN = {"計": 27407, "ベトナム": 6779, "フィリピン": 3952, "中国": 3394}
FOREIGN |= {"インドネシア": 3062, "台湾": 1753}
MEN = [-1545, -2031, -2879, -1217, -1376, -1822, -1485, 66, 409, -538, -363]
WOMEN = [-1457, -2087, -4056, -2191, -2199, -2078, -1908, -716, -786, -1086, -1179]


@pytest.fixture(scope="module")
def folder(committed):
    return committed / "council"


@pytest.fixture(scope="module")
def read(folder):
    def read_file(name):
        text = (folder / name).read_text("utf-8")
        if name.endswith(".toml"):
            (entries,) = tomllib.loads(text).values()
            return entries
        return list(csv.DictReader(text.splitlines()))

    return read_file


@pytest.fixture(scope="module")
def council(committed):
    return read_council(Store(committed))


@pytest.fixture(scope="module")
def regions(committed):
    """Map each region to the names of its municipalities, from the raw file."""
    with (committed / "raw" / "municipalities.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {}
    for row in rows:
        names.setdefault(row["region_id"], []).append(row["name"])
    return names


class TestCouncils:
    def test_areas(self, council, read, regions):
        assert len(council.areas) == len(regions) == 11
        assert sum(len(area.municipality_codes) for area in council.areas) == 45
        assert {entry["id"]: entry["municipalities"] for entry in read("areas.toml")} == regions
        states = {area.id: area.state for area in council.areas}
        assert {region for region, state in states.items() if state == "held"} == set(HELD)
        planned = {r for r, state in states.items() if state == "planned_unconfirmed"}
        assert planned == set(PLANNED)
        assert states["kumamoto"] == "under_consideration"

    def test_seven_meetings_held(self, council):
        held = {m.region_id: m for m in council.meetings if m.state == "held"}
        assert held.keys() == HELD.keys()
        for region_id, (day, weekday, _) in HELD.items():
            assert held[region_id].date.isoformat() == day
            assert held[region_id].date.weekday() == weekday

    def test_three_meetings_planned(self, council):
        planned = {m.region_id: m for m in council.meetings if m.state == "planned"}
        assert {region: m.date.isoformat() for region, m in planned.items()} == PLANNED
        assert {m.note for m in planned.values()} == {"令和7年3月時点の予定・結果未確認"}

    def test_topics_of_seven_areas(self, council):
        counts = {area.id: 0 for area in council.areas}
        for topic in council.topics:
            counts[topic.region_id] += 1
        assert {r: n for r, n in counts.items() if n} == {r: n for r, (*_, n) in HELD.items()}
        for area in council.areas:
            assert bool(area.note) == (counts[area.id] == 0)

    def test_titles_are_short_and_their_own(self, council):
        titles = [(topic.region_id, topic.title) for topic in council.topics]
        assert len(set(titles)) == len(titles) == 38
        assert max(len(title) for _, title in titles) <= 60

    def test_only_what_the_papers_know(self, council):
        assert {topic.status for topic in council.topics} == {"discussed"}
        assert {topic.source for topic in council.topics} == {"r7_03"}

    def test_themes_and_sources_are_used(self, council, read):
        used = {theme for topic in council.topics for theme in topic.themes}
        assert used == {theme.id for theme in council.themes}
        files = ("areas.toml", "meetings.csv", "topics.toml", "council.toml", "agreements.csv")
        files += ("figures.csv", "measures.csv", "projects.csv", "platform_members.csv")
        rows = [row for name in files for row in read(name)]
        assert {row["source"] for row in rows} == council.sources.keys()
        assert all(row.get("date") or row.get("meeting") for row in rows)

    def test_evidence(self, council):
        found = find_evidence(council.topics)
        assert found.index[found["has_evidence"]].tolist() == [
            "aso_grassland_water",
            "amakusa_settlement",
            "hitoyoshi_kuma_river_basin",
            "kamimashiki_population",
            "yatsushiro_disaster",
            "arao_tamana_tsmc",
            "arao_tamana_smart_city",
            "kikuchi_science_park",
            "kikuchi_groundwater",
            "kikuchi_town",
        ]
        for topic in council.topics:  # a linked area is the area of the topic
            assert topic.query.get("region", topic.region_id) == topic.region_id


class TestGeometry:
    def test_areas_are_the_whole_without_gap_or_overlap(self, embedded):
        boundaries = embedded["municipal_boundaries"]
        areas = build_areas(embedded["municipalities"], boundaries)
        assert len(areas) == 11
        assert areas.crs == "EPSG:6668"
        assert areas.is_valid.all()
        assert shapely.coverage_is_valid(areas.geometry.to_numpy())
        metric = areas.to_crs("EPSG:6670")
        parts = boundaries.to_crs("EPSG:6670")
        codes = dict(
            zip(
                embedded["municipalities"]["code"],
                embedded["municipalities"]["region_id"],
                strict=True,
            )
        )
        summed = parts.area.groupby(parts["municipality_code"].map(codes)).sum()
        for region_id, area_m2 in metric.area.items():
            assert area_m2 == pytest.approx(summed[region_id], rel=1e-9)
        whole = shapely.union_all(parts.geometry.to_numpy()).area
        assert metric.area.sum() == pytest.approx(whole, rel=1e-9)


class TestContext:
    def test_members(self, council):
        assert sorted(council.members["municipality"]) == sorted(MEMBERS)
        assert len(council.members) == 13

    def test_foreign_residents(self, council):
        figures = council.figures
        june = figures[(figures["kind"] == "foreign_residents") & (figures["date"] == "2024-06")]
        persons = june[june["unit"] == "persons"].set_index("subject")["value"]
        assert persons.to_dict() == FOREIGN
        assert june.loc[june["unit"] == "percent", "value"].tolist() == [1.61]
        assert len(figures[figures["kind"] == "foreign_residents"]) == 6 * 7

    def test_migration(self, council):
        figures = council.figures[council.figures["kind"] == "migration"]
        net = figures[figures["id"].str.startswith("net_migration")]
        assert net["date"].tolist() == [str(year) for year in range(2014, 2025)]
        assert net["value"].tolist() == [m + w for m, w in zip(MEN, WOMEN, strict=True)]
        by_id = figures.set_index("id")["value"]
        assert by_id["moved_in_2024"] - by_id["moved_out_2024"] == by_id["net_migration_2024"]
        assert set(council.figures["scope"]) == {"prefecture"}

    def test_settlers(self, council):
        by_id = council.figures.set_index("id")["value"]
        years = [by_id[f"settlers_fy{year}"] for year in range(2020, 2024)]
        assert years == [1620, 2025, 2315, 2749]
        assert sum(years) == by_id["settlers_fy2020_2023"] == 8709

    def test_agreements_stated_and_named(self, council):
        assert compare_agreements(council) == {"n_stated": 12, "n_named": 9}
        kinds = council.agreements["kind"].fillna("unknown").value_counts()
        assert kinds.to_dict() == {"friendship": 5, "mou": 2, "unknown": 2}
        stated = council.figures[council.figures["kind"] == "taiwan_agreements"]
        assert stated["value"].tolist() == [7, 8, 4, 4]

    def test_measures_and_requests(self, council):
        kinds = council.measures["kind"].value_counts()
        assert kinds.to_dict() == {"special_zone": 4, "infrastructure_request": 4}
        started = council.measures[council.measures["state"] == "started"]
        assert set(started["date"]) == {"2025-01-22"}

    def test_projects_name_areas_and_topics_that_fit(self, council):
        region_of = {topic.id: topic.region_id for topic in council.topics}
        for row in council.projects.dropna(subset=["topic_id"]).itertuples():
            assert region_of[row.topic_id] in row.region_ids
        lengths = council.projects[council.projects["unit"] == "km"].set_index("id")["value"]
        assert lengths.to_dict() == {
            "ariake_coastal_road": 2.7,
            "oyano_road": 3.4,
            "kyushu_chuo_expressway": 10.4,
        }

    def test_what_the_council_is(self, council):
        kinds = {statement.kind for statement in council.statements}
        assert kinds == {"purpose", "role", "process", "follow_up", "outlook"}
        assert max(len(statement.text) for statement in council.statements) <= 60
