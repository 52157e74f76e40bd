"""Which sites and shelters are near, how far on foot, and how many there are."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from pyproj import Transformer

from kumageo.errors import ArgumentError, QueryError
from kumageo.evacuation import find_nearest, report_evacuation, summarise_facilities
from kumageo.facilities import build_facilities
from kumageo.schemas import HAZARDS


@pytest.fixture
def facilities(few_sites, few_shelters, squares):
    return build_facilities(few_sites, few_shelters, squares)


class TestNearest:
    def test_by_hand(self, facilities):
        # A hundredth of a degree north of S1: S1 and H1 are one place, H2 is restricted.
        found = find_nearest(130.65, 32.73, facilities)
        assert found["id"].tolist()[0] == "S1"
        assert found["kinds"].tolist() == [
            *(("site", "shelter"), ("site",), ("site",), ("site",), ("shelter",))
        ]
        assert found["id"].tolist() == ["S1", "S2", "S3", "S4", "H3"]
        assert found["rank"].tolist() == [1, 2, 3, 4, 5]
        # 0.01 degrees of latitude at 32.7 north is 1,109.0 m: 19 minutes at 1 m/s, 37 at 0.5.
        assert found["distance_m"].iloc[0] == pytest.approx(1109.0, abs=1)
        assert found["walk_min"].iloc[0] == 19
        assert found["walk_min_frail"].iloc[0] == 37

    def test_restricted_facilities_on_request(self, facilities):
        plain = find_nearest(130.66, 32.72, facilities)
        assert "H2" not in plain["id"].tolist()
        found = find_nearest(130.66, 32.72, facilities, include_restricted=True)
        first = found.iloc[0]
        assert (first["id"], first["distance_m"], first["walk_min"]) == ("H2", 0, 0)

    def test_the_number_of_places(self, facilities):
        assert len(find_nearest(130.65, 32.73, facilities, n=2)) == 2
        assert len(find_nearest(130.65, 32.73, facilities, n=50)) == 6
        with pytest.raises(ArgumentError):
            find_nearest(130.65, 32.73, facilities, n=0)

    def test_nothing_comes_into_question(self, facilities):
        assert len(find_nearest(130.65, 32.73, facilities.iloc[:0])) == 0
        assert len(find_nearest(130.65, 32.73, facilities[facilities["id"] == "H2"])) == 0

    @pytest.mark.parametrize(
        ("lon", "lat"),
        [(32.73, 130.65), (139.7, 35.7), (math.nan, 32.7), (130.7, math.inf), (131.6, 32.7)],
    )
    def test_outside_the_extent(self, facilities, lon, lat):
        with pytest.raises(QueryError, match=r"point: expected lon 129\.8 to 131\.5"):
            find_nearest(lon, lat, facilities)

    @pytest.mark.parametrize(
        ("lon", "lat"), [(130.741, 32.789), (130.1, 32.2), (131.2, 33.0), (130.0, 33.3)]
    )
    def test_the_official_lists_against_every_pair(self, embedded, lon, lat):
        names = ("evacuation_sites", "evacuation_shelters", "municipal_boundaries")
        facilities = build_facilities(*(embedded[name] for name in names))
        found = find_nearest(lon, lat, facilities)
        to_metres = Transformer.from_crs(6668, 6670, always_xy=True).transform
        x, y = to_metres(lon, lat)
        best = {}
        for kind in ("evacuation_sites", "evacuation_shelters"):
            for row in embedded[kind].to_dict("records"):
                if isinstance(row.get("accepts"), str):
                    continue
                place = to_metres(row["lon"], row["lat"])
                key = (row["name"], row["lon"], row["lat"])
                best[key] = math.dist((x, y), place)
        nearest = sorted(best.items(), key=lambda item: item[1])[:5]
        assert found["distance_m"].tolist() == pytest.approx([m for _, m in nearest], abs=1e-3)
        keys = list(zip(found["name"], found["lon"], found["lat"], strict=True))
        assert keys == [key for key, _ in nearest]
        assert found["walk_min"].tolist() == [math.ceil(m / 60) for _, m in nearest]
        assert found["walk_min_frail"].tolist() == [math.ceil(m / 30) for _, m in nearest]


class TestReport:
    def test_the_summary_by_hand(self, facilities):
        none = dict.fromkeys(HAZARDS, 0)
        assert summarise_facilities(facilities) == {
            "n_sites": 5,
            "n_shelters": 3,
            "n_sites_by_hazard": {
                **none,
                "flood": 3,
                "landslide": 1,
                "earthquake": 2,
                "volcano": 1,
            },
            "n_sites_outside": 2,
            "n_shelters_outside": 0,
            "n_shelters_restricted": 1,
        }

    def test_the_report_by_hand(self, facilities):
        municipalities = pd.DataFrame(
            {"code": ["43202", "43100", "43203"], "name": ["八代市", "熊本市", "人吉市"]}
        )
        report = report_evacuation(facilities, municipalities)
        assert report["by_municipality"] == [
            {"code": "43202", "name": "八代市", "n_sites": 2, "n_shelters": 1},
            {"code": "43100", "name": "熊本市", "n_sites": 3, "n_shelters": 2},
            {"code": "43203", "name": "人吉市", "n_sites": 0, "n_shelters": 0},
        ]
        # S1 and H1, H2 lie in 中央区, S2 in 東区.
        assert report["by_ward"] == [
            {"code": "43101", "n_sites": 1, "n_shelters": 2},
            {"code": "43102", "n_sites": 1, "n_shelters": 0},
            *({"code": f"4310{i}", "n_sites": 0, "n_shelters": 0} for i in (3, 4, 5)),
        ]
        first, second = report["outside"]
        assert first.pop("outside_m") == pytest.approx(937.2, abs=1)
        assert first == {
            "id": "S3",
            "kind": "site",
            "name": "三小",
            "registered": "43100",
            "located": "43202",
        }
        assert (second["id"], second["located"]) == ("S5", None)

    def test_a_municipality_without_area(self, few_sites, few_shelters, squares):
        facilities = build_facilities(few_sites, few_shelters, squares[:2])
        municipalities = pd.DataFrame({"code": ["43202"], "name": ["八代市"]})
        for row in report_evacuation(facilities, municipalities)["outside"]:
            assert row["outside_m"] is None or math.isfinite(row["outside_m"])
