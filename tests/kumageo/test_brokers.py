"""The list of brokers: what is taken, and that every problem is named with its line."""

from __future__ import annotations

import re

import pytest

from kumageo.brokers import Attributes, find_broker, load_brokers, write_headers
from kumageo.errors import BrokerError, SettingError, UnknownDatasetError

PLATFORM = """
[[broker]]
name = "platform"
title = "データ連携基盤"
kind = "ngsi-v2"
url = "https://broker.example.jp"
auth = "api-key"
key_header = "X-Api-Key"
key_env = "PLATFORM_KEY"
service = "kumamoto"
service_path = "/water"
entity_type = "GroundwaterLevel"
attributes = { well = "id", time = "dateObserved", level_m = "waterLevel", unit = "cm" }
source = "熊本県"
licence = "CC BY 4.0"
"""
PORTAL = """
[[broker]]
name = "portal"
title = "ポータル"
kind = "ckan"
url = "https://portal.example.jp/data"
dataset = "levels"
resource = "levels.csv"
source = "熊本市"
licence = "CC BY 4.0"
"""


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        (tmp_path / "brokers.toml").write_text(text, encoding="utf-8")
        return load_brokers(tmp_path)

    return read_text


@pytest.fixture
def problems(read):
    """Read a text that is refused and give what is wrong with it."""

    def refuse(text):
        with pytest.raises(BrokerError, match=r"^brokers.toml: \d+ problem") as caught:
            read(text)
        return [line.strip(" -") for line in str(caught.value).splitlines()[1:]]

    return refuse


class TestGood:
    def test_two_kinds(self, read):
        brokers = read(PLATFORM + PORTAL)
        platform, portal = brokers["platform"], brokers["portal"]
        assert platform.attributes == Attributes("id", "dateObserved", "waterLevel", unit="cm")
        assert (platform.page, platform.credit) == (100, "熊本県 (CC BY 4.0)")
        assert (portal.auth, portal.dataset, portal.attributes) == ("none", "levels", None)
        assert find_broker(brokers, "portal") is portal

    def test_none(self, tmp_path, read):
        assert load_brokers(tmp_path) == {}
        assert read("# nothing live\n") == {}

    def test_the_shipped_file_has_examples_and_nothing_live(self, committed, read):
        assert load_brokers(committed) == {}
        text = (committed / "brokers.toml").read_text(encoding="utf-8")
        live = re.sub(r"^# (\[\[broker\]\]$|[a-z_]+ = )", r"\1", text, flags=re.MULTILINE)
        assert sorted(read(live)) == ["platform", "portal"]

    def test_an_unknown_name(self, read):
        with pytest.raises(UnknownDatasetError, match="expected one of platform; got 'x'"):
            find_broker(read(PLATFORM), "x")
        with pytest.raises(UnknownDatasetError, match="no entry is live"):
            find_broker({}, "x")


class TestBad:
    def test_all_problems_of_all_entries(self, problems):
        text = PLATFORM.replace("https:", "ftp:").replace('title = "データ連携基盤"\n', "")
        text += PORTAL.replace('"ckan"', '"soap"') + PORTAL + PORTAL
        found = problems(text)
        assert found[0] == "line 2, entry 1: title is missing"
        assert found[1].startswith("line 2, entry 1: url: expected http(s)://")
        assert found[2].startswith("line 16, entry 2: kind: expected ngsi-v2 or ckan, got 'soap'")
        assert [line[:17] for line in found[3:]] == ["line 26, entry 3:", "line 36, entry 4:"]
        assert "stands above" in found[3]

    @pytest.mark.parametrize(
        ("old", "new", "problem"),
        [
            ('"platform"', '"Platform 1"', "name: expected small letters"),
            ('"ngsi-v2"', "[]", "kind: expected"),
            ("broker.example.jp", "user:word@broker.example.jp", "url: expected"),
            ("broker.example.jp", "broker.example.jp/?a=1", "url: expected"),
            ("https:", "http:", "url: expected https, as a key is sent"),
            ('"api-key"', '"basic"', "auth: expected one of none, api-key, bearer"),
            ('"api-key"', '"bearer"', "key_header has no use with auth 'bearer'"),
            ('"api-key"', '"none"', "key_env has no use with auth 'none'"),
            ('key_header = "X-Api-Key"\n', "", "key_header is missing"),
            ('"X-Api-Key"', r'"X-Key\nA: b"', "key_header: expected the name of a header"),
            ('"kumamoto"', '"Kumamoto"', "service: expected"),
            ('"/water"', '"water"', "service_path: expected"),
            ('"GroundwaterLevel"', '"Ground water"', "entity_type: expected"),
            ('"熊本県"', '" "', "source: expected who measured"),
            ('"熊本県"', f'"{"県" * 195}"', "source and licence: expected at most"),
            ('licence = "CC BY 4.0"', "page = 1001", "page: expected 1 to 1000"),
            ('licence = "CC BY 4.0"', "page = true", "page: expected 1 to 1000"),
            ('licence = "CC BY 4.0"', 'colour = "red"', "colour is not a known field"),
            ('licence = "CC BY 4.0"', 'dataset = "a"', "dataset is not a known field"),
            ('licence = "CC BY 4.0"', "wells = { a = 1 }", "wells: expected a table"),
            ('"cm"', '"feet"', "attributes.unit: expected one of m, cm, mm"),
            ('"cm"', "[]", "attributes.unit: expected one of m, cm, mm"),
            ('level_m = "waterLevel"', 'depth_m = "a"', "expected level_m, or depth_m and"),
            ('level_m = "waterLevel"', 'ground_m = "a", level_m = "b"', "expected level_m, or"),
            ('time = "dateObserved", ', "", "attributes.time is missing"),
            ('"waterLevel"', "5", "attributes.level_m: expected the name of one"),
        ],
    )
    def test_one_problem(self, problems, old, new, problem):
        assert old in PLATFORM
        assert any(problem in line for line in problems(PLATFORM.replace(old, new)))

    def test_a_key_in_the_file_is_refused_and_not_repeated(self, problems):
        found = problems(PLATFORM.replace('"PLATFORM_KEY"', '"s3cret-key"'))
        assert len(found) == 1
        assert "never the key itself" in found[0]
        assert "s3cret" not in found[0]

    @pytest.mark.parametrize(
        "text", ["[broker]\nname = 'a'\n", "broker = 1\n", "[[broker]]\n[other]\na = 1\n"]
    )
    def test_another_form(self, problems, text):
        assert "expected [[broker]]" in problems(text)[0]

    def test_no_toml(self, read):
        with pytest.raises(BrokerError, match=r"expected a TOML file in UTF-8, got .*line 2"):
            read("[[broker]]\nname = \n")


class TestHeaders:
    def test_key_and_services(self, read):
        broker = read(PLATFORM)["platform"]
        assert write_headers(broker, {"PLATFORM_KEY": " s3cret "}) == {
            "Accept": "application/json",
            "Fiware-Service": "kumamoto",
            "Fiware-ServicePath": "/water",
            "X-Api-Key": "s3cret",
        }

    def test_bearer_and_none(self, read):
        text = PLATFORM.replace("api-key", "bearer").replace('key_header = "X-Api-Key"\n', "")
        headers = write_headers(read(text)["platform"], {"PLATFORM_KEY": "abc"})
        assert headers["Authorization"] == "Bearer abc"
        assert write_headers(read(PORTAL)["portal"], {}) == {}

    @pytest.mark.parametrize("key", ["", " ", "s3cret\nX: 1", "鍵s3cret", "s3cret key"])
    def test_a_key_that_is_missing_or_none(self, read, key):
        with pytest.raises(SettingError, match="PLATFORM_KEY: expected the key") as caught:
            write_headers(read(PLATFORM)["platform"], {"PLATFORM_KEY": key})
        assert "s3cret" not in str(caught.value)
