"""Each check on few rows: what passes, what is found, in which row and column."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pandas as pd
import pytest
import shapely
from pyproj import Geod
from shapely import Polygon, box

from kumageo.checks import JAPAN_BOUNDS, References, check_cell, check_rows
from kumageo.schemas import (
    BOTTLENECKS,
    EVACUATION_SITES,
    MUNICIPAL_BOUNDARIES,
    MUNICIPALITIES,
    ROAD_FACTS,
    Column,
    FeatureSchema,
)

NAMES = {"43100": "熊本市", "43202": "八代市"}


@dataclass(frozen=True)
class Found:
    row: int
    column: str
    check: str
    severity: str


def found(issues):
    return [Found(i.source_row, i.column, i.check, i.severity) for i in issues]


def one(column, *cells):
    """Check cells of one column, in rows 2, 3, …; return the checks that found a row."""
    schema = FeatureSchema("test", "key", (Column("key", "code"), column), frozenset({"Point"}))
    keys = [f"k{i}" for i in range(len(cells))]
    rows = pd.DataFrame({"key": keys, column.name: list(cells)}, dtype="str")
    rows["source_row"] = range(2, len(cells) + 2)
    issues = check_rows(rows, schema, References())
    assert {issue.column for issue in issues} <= {column.name}
    return {cells[issue.source_row - 2]: issue.check for issue in issues}


def sites(*records):
    rows = pd.DataFrame(records, dtype="str")
    return rows.assign(source_row=range(2, len(rows) + 2))


def bottlenecks(**changes):
    cells = dict.fromkeys(BOTTLENECKS.column_names, "")
    cells |= {"id": "muro", "name": "室", "status": "confirmed", "publisher": "甲"}
    return sites({**cells, "as_of": "2024-12-16", "lon": "130.65", "lat": "32.76", **changes})


@pytest.fixture
def site(kawachi):
    """Make a row of a site in the western square."""

    def make(**changes):
        return {**kawachi, "lon": "130.65", "lat": "32.76", **changes}

    return make


class TestCells:
    def test_numbers(self):
        column = Column("x", "number", minimum=-10, maximum=10)
        good = ["0", "+1", "-1", "10", "-10", "1.5", "09.000000000000001"]
        bad = [
            *("１", "1,5", "1.", ".5", "1e1", "nan", "inf", "0x1", "1 0", "--1", "一", "1\u00a0"),
            *("1_0", "٣", "1" * 16, "1.5.5", "=1"),
        ]
        assert one(column, *good) == {}
        assert one(column, *bad) == dict.fromkeys(bad, "number")
        assert one(column, "10.1", "-10.1") == {"10.1": "range", "-10.1": "range"}

    def test_integers(self):
        column = Column("n", "integer", minimum=1, maximum=100)
        assert one(column, "1", "100", "007") == {}
        bad = ["-1", "+1", "1.0", "１０", "1e2", "a"]
        assert one(column, *bad) == dict.fromkeys(bad, "number")
        assert one(column, "0", "101") == {"0": "range", "101": "range"}

    def test_flags(self):
        assert one(Column("f", "flag"), "0", "1") == {}
        bad = ["2", "true", "True", "○", "１", "01", "-0"]
        assert one(Column("f", "flag"), *bad) == dict.fromkeys(bad, "flag")

    def test_dates(self):
        assert one(Column("d", "date"), "2026-01-31", "2024-02-29") == {}
        bad = ["2026-02-29", "2026/01/31", "20260131", "2026-1-31", "2026-W05-6", "令和8年", "R8"]
        assert one(Column("d", "date"), *bad) == dict.fromkeys(bad, "date")

    def test_spans(self):
        good = [
            *("2025", "2025-09", "2025-09-23", "2024-02-29", "2024-04-22/2024-04-23"),
            *("2025/2026-03", "2024-04-22/2024-05", "2025-09/2025-09-30", "2025-09-23/2025-09-23"),
        ]
        assert one(Column("d", "span"), *good) == {}
        bad = [
            # Days and months that there are not, one at a time and in either half.
            *("2025-13", "2025-00", "2025-02-30", "2023-02-29", "0000", "2025-09/2025-13"),
            *("2025-02-30/2026", "2025/2025-02-29"),
            # Other forms of a date.
            *("2025-9", "25-09-23", "20250923", "2025-09-2", "2025-W05-6", "2025-W05", "2025-266"),
            *("令和7年", "２０２５", "2025年9月", "2025-09-23T10:00", " 2025", "2025 ", "+2025"),
            # Other forms of a span: one half, three, the wrong way round.
            *("2025/", "/2025", "/", "//", "2025//2026", "2025/2026/2027", "2025-09-23/"),
            *("2025..2026", "2025-2026", "2026/2025", "2025-09-24/2025-09-23", "2025-10/2025-09"),
        ]
        assert one(Column("d", "span"), *bad) == dict.fromkeys(bad, "date")
        assert one(Column("d", "span", required=False), "") == {}
        assert one(Column("d", "span"), "") == {"": "blank"}

    def test_the_words_of_a_bad_span_say_what_is_good(self):
        schema = FeatureSchema(
            "t", "key", (Column("key", "code"), Column("d", "span")), frozenset()
        )
        rows = pd.DataFrame({"key": ["k"], "d": ["2025-13"], "source_row": [2]})
        (issue,) = check_rows(rows, schema, References())
        assert issue.expected == "a year, month or day, or two of them as 2024-04-22/2024-05"
        assert (issue.column, issue.severity) == ("d", "error")
        good = issue.expected.rsplit(" ", 1)[1]
        assert len(check_rows(rows.assign(d=good), schema, References())) == 0

    def test_blanks(self):
        assert one(Column("t", "text"), "", "a") == {"": "blank"}
        assert one(Column("t", "text", required=False), "", "a") == {}
        assert one(Column("x", "number"), "") == {"": "blank"}
        assert one(Column("x", "number", required=False), "") == {}

    def test_length_is_counted_in_bytes(self):
        column = Column("t", "text", max_bytes=9)
        assert one(column, "a" * 9, "熊本市") == {}
        assert one(column, "a" * 10, "熊本市a") == dict.fromkeys(["a" * 10, "熊本市a"], "too_long")

    def test_a_name_has_255_bytes_at_most(self):
        assert one(Column("name", "text"), "a" * 255, "熊" * 85) == {}
        assert one(Column("name", "text"), "a" * 300) == {"a" * 300: "too_long"}

    def test_control_characters(self):
        bad = ["a\0b", "a\tb", "a\rb", "a\x1b[31m", "a\x7f", "a\nb"]
        assert one(Column("t", "text"), *bad) == dict.fromkeys(bad, "control_character")
        several = Column("t", "text", multiline=True)
        assert one(several, *bad) == dict.fromkeys(bad[:-1], "control_character")

    def test_markup(self):
        bad = ["<script>alert(1)</script>", "a<b", "a>b"]
        assert one(Column("t", "text"), *bad, "a＜b＞", "A & B") == dict.fromkeys(bad, "markup")

    def test_formulas(self):
        bad = ['=HYPERLINK("http://a")', "+1", "-1", "@SUM(1)"]
        good = ["1-1", "a=b", "a@b"]
        assert one(Column("t", "text"), *bad, *good) == dict.fromkeys(bad, "formula")

    def test_the_pattern_must_match_the_whole_text(self):
        column = Column("code", "code", pattern=r"43[0-9]{3}")
        bad = ["4310", "431000", "13100", "４３１００", "43100 ", "43abc"]
        assert one(column, *bad, "43100") == dict.fromkeys(bad, "pattern")

    def test_one_finding_a_cell_is_enough(self):
        assert one(Column("t", "text", pattern="[a-z]+"), "=<\0" + "x" * 300) == {
            "=<\0" + "x" * 300: "too_long"
        }

    def test_a_website_is_an_address_of_the_web(self):
        (column,) = [column for column in MUNICIPALITIES.columns if column.name == "website"]
        bad = ["javascript:alert(1)", "ftp://a.example", "www.example.jp", "https://a b"]
        assert one(column, *bad, "https://www.city.kumamoto.jp/") == dict.fromkeys(bad, "pattern")


class TestRows:
    def test_a_sound_row_has_no_issue(self, site, squares):
        rows = sites(site(), site(id="E2", note="一行目\n二行目"))
        assert check_rows(rows, EVACUATION_SITES, References(NAMES, squares)) == []

    def test_input_is_not_changed(self, site, squares):
        rows = sites(site(lon="a", lat="b"), site())
        before, areas = rows.copy(deep=True), squares.copy(deep=True)
        check_rows(rows, EVACUATION_SITES, References(NAMES, squares))
        pd.testing.assert_frame_equal(rows, before)
        pd.testing.assert_frame_equal(pd.DataFrame(squares), pd.DataFrame(areas))

    def test_both_rows_of_a_repeated_key_are_found(self, site):
        rows = sites(site(id="A"), site(id="B"), site(id="A"))
        assert found(check_rows(rows, EVACUATION_SITES, References())) == [
            Found(2, "id", "duplicate_key", "error"),
            Found(4, "id", "duplicate_key", "error"),
        ]

    def test_blank_keys_are_blank_not_repeated(self, site):
        rows = sites(site(id=""), site(id=""))
        assert {f.check for f in found(check_rows(rows, EVACUATION_SITES, References()))} == {
            "blank"
        }

    def test_an_unknown_municipality(self, site):
        rows = sites(site(), site(id="B", municipality_code="43999"))
        (issue,) = check_rows(rows, EVACUATION_SITES, References(NAMES))
        assert (issue.source_row, issue.column, issue.got) == (3, "municipality_code", "43999")
        assert (issue.check, issue.expected[:12]) == ("unknown_municipality", "one of 2 cod")

    def test_a_ward_is_no_municipality(self, site):
        rows = sites(site(municipality_code="43101"))
        (issue,) = check_rows(rows, EVACUATION_SITES, References(NAMES))
        assert issue.check == "unknown_municipality"

    def test_no_rows(self, site):
        assert check_rows(sites(site()).iloc[:0], EVACUATION_SITES, References(NAMES)) == []


class TestPositions:
    @pytest.mark.parametrize(
        ("lon", "lat", "check"),
        [
            ("0", "0", "outside_japan"),
            ("-130.59", "32.82", "outside_japan"),
            ("121.9", "24.5", "outside_japan"),
            ("139.767", "35.681", "outside_extent"),
            ("130.65", "33.41", "outside_extent"),
            ("129.79", "32.76", "outside_extent"),
            ("130.3", "32.1", "not_on_land"),
        ],
    )
    def test_a_bad_position(self, site, squares, lon, lat, check):
        rows = sites(site(), site(id="B", lon=lon, lat=lat))
        (issue,) = check_rows(rows, EVACUATION_SITES, References(NAMES, squares))
        assert (issue.source_row, issue.column, issue.check) == (3, "position", check)
        assert issue.got == f"{lon}, {lat}"
        assert issue.severity == "error"

    def test_swapped_coordinates_are_named_as_such(self, site, squares):
        rows = sites(site(), site(id="B", lon="32.76", lat="130.65"))
        issues = check_rows(rows, EVACUATION_SITES, References(NAMES, squares))
        assert [(i.source_row, i.column, i.check, i.got) for i in issues] == [
            (3, "lat", "range", "130.65"),
            (3, "position", "swapped_lon_lat", "32.76, 130.65"),
        ]

    def test_degrees_out_of_range_are_found_too(self, site):
        rows = sites(site(lon="181", lat="-91"))
        issues = check_rows(rows, EVACUATION_SITES, References())
        assert [(i.column, i.check) for i in issues] == [
            ("lon", "range"),
            ("lat", "range"),
            ("position", "outside_japan"),
        ]

    def test_the_bounds_of_japan_hold_its_corners(self):
        # 与那国島 (西端), 南鳥島 (東端), 沖ノ鳥島 (南端), 択捉島 (北端): 国土地理院
        corners = [(122.93, 24.45), (153.98, 24.28), (136.08, 20.42), (148.75, 45.56)]
        land = box(*JAPAN_BOUNDS)
        assert all(land.contains(shapely.Point(corner)) for corner in corners)
        assert not land.contains(shapely.Point(121.56, 25.03))  # 台北

    def test_the_coast_has_a_tolerance_of_200_m(self, site, squares):
        west = [
            Geod(ellps="GRS80").fwd(130.6, 32.76, 270, distance_m) for distance_m in (150, 190, 210)
        ]
        rows = sites(
            *(
                site(id=f"W{i}", lon=f"{lon:.9f}", lat=f"{lat:.9f}")
                for i, (lon, lat, _) in enumerate(west)
            )
        )
        issues = check_rows(rows, EVACUATION_SITES, References(NAMES, squares))
        assert found(issues) == [Found(4, "position", "not_on_land", "error")]

    def test_outside_the_registering_municipality_is_a_warning(self, site, squares):
        rows = sites(site(), site(id="B", municipality_code="43202"), site(id="C", lon="130.75"))
        issues = check_rows(rows, EVACUATION_SITES, References(NAMES, squares))
        assert found(issues) == [
            Found(3, "position", "outside_municipality", "warning"),
            Found(4, "position", "outside_municipality", "warning"),
        ]

    @pytest.mark.parametrize(("lon", "lat"), [("130.65", ""), ("", "32.76")])
    def test_half_a_position(self, lon, lat):
        (issue,) = check_rows(bottlenecks(lon=lon, lat=lat), BOTTLENECKS, References())
        assert (issue.source_row, issue.column, issue.check) == (2, "position", "half_a_position")
        assert (issue.expected, issue.got) == ("both lon and lat, or neither", f"{lon}, {lat}")
        assert issue.severity == "error"

    def test_half_a_position_that_must_be_whole_is_blank_too(self, site):
        rows = sites(site(lat=""))
        assert found(check_rows(rows, EVACUATION_SITES, References())) == [
            Found(2, "lat", "blank", "error"),
            Found(2, "position", "half_a_position", "error"),
        ]

    def test_no_position_where_none_is_asked_for(self):
        assert check_rows(bottlenecks(lon="", lat=""), BOTTLENECKS, References()) == []

    def test_text_beside_a_blank_is_half_a_position(self):
        issues = check_rows(bottlenecks(lon="東経130度", lat=""), BOTTLENECKS, References())
        assert found(issues) == [
            Found(2, "lon", "number", "error"),
            Found(2, "position", "half_a_position", "error"),
        ]

    def test_a_position_that_is_given_is_checked_as_any(self):
        swapped = check_rows(bottlenecks(lon="32.76", lat="130.65"), BOTTLENECKS, References())
        assert found(swapped)[-1] == Found(2, "position", "swapped_lon_lat", "error")
        away = check_rows(bottlenecks(lon="139.7", lat="35.7"), BOTTLENECKS, References())
        assert found(away) == [Found(2, "position", "outside_extent", "error")]

    def test_text_in_a_coordinate_is_no_position(self, site, squares):
        rows = sites(site(), site(id="B", lon="東経130度"))
        issues = check_rows(rows, EVACUATION_SITES, References(NAMES, squares))
        assert found(issues) == [Found(3, "lon", "number", "error")]


class TestTablesWithoutPlaces:
    def test_no_position_is_looked_for(self):
        cells = dict.fromkeys(ROAD_FACTS.column_names, "")
        good = {**cells, "id": "a", "kind": "queue", "subject": "室", "publisher": "甲"}
        assert check_rows(sites(good), ROAD_FACTS, References()) == []
        bad = {**good, "value": "-1", "quantity": "Queue", "source_url": "javascript:alert(1)"}
        assert found(check_rows(sites(bad), ROAD_FACTS, References())) == [
            Found(2, "quantity", "pattern", "error"),
            Found(2, "value", "range", "error"),
            Found(2, "source_url", "pattern", "error"),
        ]


class TestAreas:
    def areas(self, *shapes):
        codes = [f"432{i:02}" for i in range(len(shapes))]
        return pd.DataFrame(
            {
                "code": codes,
                "name": "町",
                "municipality_code": codes,
                "source_row": range(1, len(shapes) + 1),
                "geometry": list(shapes),
            }
        )

    def check(self, *shapes):
        return check_rows(self.areas(*shapes), MUNICIPAL_BOUNDARIES, References())

    def test_neighbours_that_share_their_edge(self):
        assert self.check(box(130, 32, 131, 33), box(131, 32, 131.4, 33)) == []

    def test_areas_that_do_not_touch(self):
        assert self.check(box(130, 32, 130.4, 33), box(131, 32, 131.4, 33)) == []

    def test_a_bow_tie(self):
        bow_tie = Polygon([(130, 32), (131, 33), (131, 32), (130, 33)])
        (issue,) = self.check(box(131, 32, 131.4, 33), bow_tie)
        assert (issue.source_row, issue.column) == (2, "geometry")
        assert issue.check == "invalid_geometry"
        assert "130.5 32.5" in issue.got

    def test_outside_the_extent(self):
        (issue,) = self.check(box(130, 32, 131, 33), box(131, 32, 131.6, 33))
        assert (issue.source_row, issue.check) == (2, "outside_extent")

    def test_overlap(self):
        issues = self.check(box(130, 32, 130.6, 33), box(130.5, 32, 131, 33))
        assert [(i.source_row, i.check) for i in issues] == [
            (1, "broken_coverage"),
            (2, "broken_coverage"),
        ]

    def test_edges_with_different_vertices(self):
        right = Polygon([(131, 32), (131.4, 32), (131.4, 33), (131, 33), (131, 32.5)])
        issues = self.check(box(130, 32, 131, 33), right, box(130, 32, 130.1, 32.1))
        assert {(i.source_row, i.check) for i in issues} >= {
            (1, "broken_coverage"),
            (2, "broken_coverage"),
        }

    def test_a_gap_between_neighbours(self):
        notch = Polygon([(130, 32), (131, 32), (130.99995, 32.5), (131, 33), (130, 33)])
        right = Polygon([(131, 32), (131.4, 32), (131.4, 33), (131, 33), (131, 32.5)])
        issues = self.check(notch, right)
        assert {i.check for i in issues} == {"broken_coverage"}

    def test_an_overlap_beside_a_bow_tie(self):
        bow_tie = Polygon([(130, 31.95), (130.1, 31.99), (130.1, 31.95), (130, 31.99)])
        issues = self.check(bow_tie, box(130, 32, 130.6, 33), box(130.5, 32, 131, 33))
        assert {(i.source_row, i.check) for i in issues} == {
            (1, "invalid_geometry"),
            (2, "broken_coverage"),
            (3, "broken_coverage"),
        }

    def test_the_official_boundaries_pass(self, embedded):
        areas = embedded["municipal_boundaries"]
        rows = pd.DataFrame(areas).assign(geometry=areas.geometry.to_numpy())
        assert check_rows(rows, MUNICIPAL_BOUNDARIES, References()) == []


def test_issues_are_plain_values(site, squares):
    rows = sites(site(lon="0", lat="0"), site(municipality_code="43202"))
    issues = check_rows(rows, EVACUATION_SITES, References(NAMES, squares))
    assert len(json.dumps([issue.__dict__ for issue in issues], allow_nan=False)) > 100


@pytest.mark.parametrize(
    ("kind", "cell", "expected"),
    [
        ("text", "公共交通", ""),
        ("text", "<b>", "text without < or >"),
        ("text", "-1", "no = + - or @ at the start"),
        ("number", "-1.5", ""),
        ("number", "1e5", "a plain number in half-width digits"),
        ("number", "11", "None to 10"),
        ("date", "2025-02-28", ""),
        ("date", "2025-02-29", "a date such as 2026-01-31"),
    ],
)
def test_one_cell(kind, cell, expected):
    assert check_cell(cell, Column("cell", kind, maximum=10)) == expected
