"""Data for the maps: what is sent, how long it is kept, and what is refused."""

from __future__ import annotations

import gzip
import hashlib
import json

import brotli
import pandas as pd
import pytest

from kumageo.store import Store
from pages.components.data import get_data

MAP_DATASETS = (
    "municipal_boundaries",
    "evacuation_sites",
    "evacuation_shelters",
    "background_land",
)

SITES = "/data/evacuation_sites.geojson"
NOT_FOUND = "そのデータはありません。"
OUTDATED = "そのデータは新しいものに替わりました。ページを開き直してください。"


@pytest.mark.parametrize("dataset", MAP_DATASETS)
def test_a_dataset_is_geojson_in_any_encoding(fetch_raw, dataset):
    address = f"/data/{dataset}.geojson"
    status, headers, plain = fetch_raw(address)
    assert status == 200
    assert headers["content-type"] == "application/geo+json"
    assert "content-encoding" not in headers
    assert int(headers["content-length"]) == len(plain)
    document = json.loads(plain)
    assert document["type"] == "FeatureCollection"
    assert document["features"]
    for encoding, decode in (("gzip", gzip.decompress), ("br", brotli.decompress)):
        status, packed_headers, packed = fetch_raw(address, accept_encoding=encoding)
        assert status == 200
        assert packed_headers["content-encoding"] == encoding
        assert int(packed_headers["content-length"]) == len(packed) < len(plain)
        assert json.loads(decode(packed)) == document
        assert packed_headers["etag"] == headers["etag"]


def test_every_site_is_sent_in_the_official_order(fetch_raw, figures):
    document = json.loads(fetch_raw(SITES)[2])
    ids = [feature["properties"]["id"] for feature in document["features"]]
    assert ids == [row["id"] for row in figures.sites]


@pytest.mark.parametrize(
    ("asked", "encoding"),
    [
        ("br, gzip", "br"),
        ("gzip, deflate", "gzip"),
        ("gzip;q=1.0, br;q=0.5", "br"),
        ("BR", "br"),
        ("br;q=0, gzip", "gzip"),
        ("gzip, br; q=0.0", "gzip"),
        ("br;q=0.000,gzip;q=0.001", "gzip"),
        ("gzip;q=0", None),
        ("gzip;q=0,br ; q=0", None),
        ("brotli, xgzip", None),
        ("deflate", None),
        ("identity", None),
        ("", None),
    ],
)
def test_the_encoding_is_one_that_was_asked_for(fetch_raw, asked, encoding):
    _, headers, _ = fetch_raw(SITES, accept_encoding=asked)
    assert headers.get("content-encoding") == encoding
    assert headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("asked", ["br;q=0, gzip", "gzip;q=0"])
def test_an_encoding_that_was_declined_is_not_sent(fetch_raw, asked):
    _, headers, _ = fetch_raw(SITES, accept_encoding=asked)
    declined = asked.split(";", maxsplit=1)[0]
    assert headers.get("content-encoding") != declined


def test_a_browser_asks_again_and_gets_304(fetch_raw, client):
    _, headers, _ = fetch_raw(SITES)
    assert headers["cache-control"] == "public, max-age=0, must-revalidate"
    for known in (headers["etag"], f'"other", {headers["etag"]}', f"W/{headers['etag']}"):
        answer = client.get(SITES, headers={"if-none-match": known})
        assert answer.status_code == 304
        assert answer.content == b""
        assert answer.headers["etag"] == headers["etag"]
        assert answer.headers["vary"] == "Accept-Encoding"
    assert client.get(SITES, headers={"if-none-match": '"other"'}).status_code == 200


def test_an_address_with_its_version_is_kept(client, data):
    answer = client.get(data.data_url("evacuation_sites"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("version", ["000000000000", "", "<script>", "{{9**(9**9)}}", "x" * 2000])
def test_data_at_the_address_of_another_version_is_refused_in_a_sentence(client, data, version):
    answer = client.get(SITES, params={"v": version})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == OUTDATED
    assert "immutable" not in answer.headers.get("cache-control", "")
    assert "etag" not in answer.headers
    # the version of another dataset and the beginning of the right one are others too
    own, other = (data.encoded[name].version for name in ("evacuation_sites", "background_land"))
    for wrong in (other, own[:11], own.upper() + "0"):
        assert client.get(SITES, params={"v": wrong}).status_code == 404
    assert client.get(SITES, params={"v": own}).status_code == 200


def test_the_version_is_that_of_the_content(fetch_raw, data):
    for dataset in MAP_DATASETS:
        plain = fetch_raw(f"/data/{dataset}.geojson")[2]
        version = hashlib.sha256(plain).hexdigest()[:12]
        assert data.data_url(dataset) == f"/data/{dataset}.geojson?v={version}"


def test_the_address_of_a_list_that_was_replaced_is_refused(geodata, client):
    from pages.components.data import get_data

    before = get_data().data_url("evacuation_sites")
    assert client.get(before).status_code == 200
    store = Store(geodata)
    publication = store.describe("evacuation_sites")
    sites = store.load("evacuation_sites").head(1000)
    store.publish("evacuation_sites", sites, pd.DataFrame(), publication)
    # A page that was open keeps what its own address names, until another asks for the new list.
    assert len(client.get(before).json()["features"]) == 1761
    after = get_data().data_url("evacuation_sites")
    assert len(client.get(after).json()["features"]) == 1000
    answer = client.get(before)
    assert (answer.status_code, answer.text) == (404, OUTDATED)


def test_the_address_of_the_areas_changes_with_the_names_in_them(geodata, client):
    from pages.components.data import get_data

    before = get_data().data_url("municipal_boundaries")
    body = client.get(before).content
    store = Store(geodata)
    towns = store.load("municipalities")
    towns.loc[0, "name"] = "新しい名"
    publication = store.describe("municipalities")
    store.publish("municipalities", towns, pd.DataFrame(), publication)
    after = get_data().data_url("municipal_boundaries")
    assert client.get(after).content != body
    assert after != before


def test_head_has_the_headers_and_no_body(client, fetch_raw):
    _, headers, _ = fetch_raw(SITES)
    answer = client.head(SITES, headers={"accept-encoding": ""})
    assert answer.status_code == 200
    for name in ("etag", "cache-control", "content-length", "content-type"):
        assert answer.headers[name] == headers[name]


@pytest.mark.parametrize(
    "path",
    [
        "/data/unknown.geojson",
        "/data/municipalities.geojson",  # published, but no map data
        "/data/EVACUATION_SITES.geojson",
        "/data/.geojson",
        "/data/..%2fcatalog.geojson",
        "/data/..%2f..%2fgeodata%2fcatalog.geojson",
        "/data/%2e%2e/%2e%2e/app.geojson",
        "/data/..%5c..%5capp.geojson",
        "/data/evacuation_sites%00.geojson",
        "/data/evacuation_sites/.geojson",
        "/data/evacuation_sites.geojson.geojson",
        "/data/%3Cscript%3E.geojson",
        f"/data/{'x' * 5000}.geojson",
    ],
)
def test_what_does_not_exist_is_not_found(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text in {NOT_FOUND, "Not Found"}


def test_nothing_can_be_written(client):
    for method in ("post", "put", "delete", "patch"):
        assert getattr(client, method)(SITES).status_code == 405


def test_a_version_that_was_just_given_needs_no_look_at_the_disk(client, monkeypatch):
    address = "/data/evacuation_sites.geojson"
    version = get_data().encoded["evacuation_sites"].version
    assert client.get(f"{address}?v={version}").status_code == 200
    looks = []
    monkeypatch.setattr("pages.routes.data.get_data", lambda: looks.append(1) or get_data())
    assert client.get(f"{address}?v={version}").status_code == 200
    assert looks == []
    assert client.get(address).status_code == 200
    assert client.get(f"{address}?v=0").status_code == 404
    assert len(looks) == 2
