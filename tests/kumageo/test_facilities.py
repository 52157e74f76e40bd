"""Sites and shelters in one table: where they lie, and which a filter means."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal

from kumageo.errors import CrsError, QueryError
from kumageo.facilities import FacilityFilter, build_facilities, select_facilities

REGIONS = pd.Series({"43100": "kumamoto", "43202": "yatsushiro"})


@pytest.fixture
def facilities(few_sites, few_shelters, squares):
    return build_facilities(few_sites, few_shelters, squares)


class TestBuild:
    def test_by_hand(self, few_sites, few_shelters, squares):
        before = [frame.copy() for frame in (few_sites, few_shelters, squares)]
        found = build_facilities(few_sites, few_shelters, squares)
        assert found["id"].tolist() == ["S1", "S2", "S3", "S4", "S5", "H1", "H2", "H3"]
        assert found.index.equals(pd.RangeIndex(8))
        assert found["kind"].tolist() == ["site"] * 5 + ["shelter"] * 3
        assert found["position_in_dataset"].tolist() == [0, 1, 2, 3, 4, 0, 1, 2]
        assert found["area_code"].fillna("").tolist() == [
            *("43101", "43102", "43202", "43202", ""),
            *("43101", "43101", "43202"),
        ]
        assert found["located_code"].fillna("").tolist() == [
            *("43100", "43100", "43202", "43202", ""),
            *("43100", "43100", "43202"),
        ]
        outside = [False, False, True, False, True, False, False, False]
        assert found["outside"].tolist() == outside
        assert found["outside_m"].notna().tolist() == outside
        assert found.loc[5:, "flood"].isna().all()
        for frame, old in zip((few_sites, few_shelters, squares), before, strict=True):
            assert_geodataframe_equal(frame, old)

    def test_the_distance_to_the_registering_municipality(self, facilities):
        # A hundredth of a degree of longitude at 32.75 north is 936.7 m on GRS 80;
        # S3 lies one outside its municipality in the east, S5 lies five of them.
        one = math.cos(math.radians(32.75)) * 6378137 * math.pi / 180 / 100
        one /= math.sqrt(1 - 0.00669438 * math.sin(math.radians(32.75)) ** 2)
        assert facilities["outside_m"][2] == pytest.approx(one, rel=2e-4)
        assert facilities["outside_m"][4] == pytest.approx(5 * one, rel=2e-4)

    def test_one_crs_or_an_error(self, few_sites, few_shelters, squares):
        with pytest.raises(CrsError, match="sites and shelters"):
            build_facilities(few_sites, few_shelters.to_crs("EPSG:4326"), squares)
        with pytest.raises(CrsError):
            build_facilities(few_sites, few_shelters, squares.to_crs("EPSG:6670"))


class TestSelect:
    @pytest.mark.parametrize(
        ("chosen", "ids"),
        [
            (FacilityFilter(), "S1 S2 S3 S4 S5 H1 H2 H3"),
            (FacilityFilter(kinds=("site",)), "S1 S2 S3 S4 S5"),
            (FacilityFilter(kinds=("shelter",)), "H1 H2 H3"),
            (FacilityFilter(kinds=()), ""),
            (FacilityFilter(hazards=("flood",)), "S1 S2 S5"),
            (FacilityFilter(hazards=("flood", "earthquake")), "S1 S2 S3 S5"),
            (FacilityFilter(hazards=("flood", "earthquake"), mode="all"), "S2"),
            (FacilityFilter(hazards=("tsunami",)), ""),
            (FacilityFilter(hazards=("flood",), kinds=("shelter",)), ""),
            (FacilityFilter(region_id="yatsushiro"), "S4 S5 H3"),
            (FacilityFilter(municipality_code="43100"), "S1 S2 S3 H1 H2"),
            (FacilityFilter(municipality_code="43100", hazards=("earthquake",)), "S2 S3"),
            (FacilityFilter(municipality_code="43999"), ""),
            (FacilityFilter(text="一小"), "S1 H1"),
            (FacilityFilter(text="熊本県五"), "H3"),
            (FacilityFilter(text="c棟"), "H2"),
            (FacilityFilter(text=" C棟\u3000福祉 "), "H2"),
            (FacilityFilter(text="."), ""),
            (FacilityFilter(text="小", kinds=("shelter",)), "H1 H3"),
        ],
    )
    def test_by_hand(self, facilities, chosen, ids):
        mask = select_facilities(facilities, chosen, REGIONS)
        assert facilities.loc[mask, "id"].tolist() == ids.split()
        assert mask.index.equals(facilities.index)
        assert mask.dtype == bool

    @pytest.mark.parametrize(
        ("chosen", "text"),
        [
            (FacilityFilter(hazards=("flood", "meteor")), "hazard: expected among flood"),
            (FacilityFilter(kinds=("site", "hotel")), "kind: expected among site, shelter"),
        ],
    )
    def test_an_unknown_value(self, facilities, chosen, text):
        with pytest.raises(QueryError, match=text):
            select_facilities(facilities, chosen, REGIONS)
