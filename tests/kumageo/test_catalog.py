"""The catalogue: every field mandatory, all problems listed at once."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

import pytest

from kumageo.catalog import load_catalog
from kumageo.errors import CatalogError, UnknownDatasetError

IDS = ["municipalities", "municipal_boundaries", "evacuation_sites", "evacuation_shelters"]
OTHERS = [
    *("background_land", "corridors", "background_roads", "bottlenecks", "traffic_stations"),
    *("traffic_hourly", "road_facts", "landmarks", "observation_wells", "groundwater_facts"),
]
FIELDS = {
    "title": '"井戸"',
    "title_en": '"Wells"',
    "publisher": '"熊本県"',
    "sources": '[{publisher="熊本県", title="井戸", url="https://a.example", as_of=2024-02-28}]',
    "source_url": '"https://a.example"',
    "licence": '"CC BY 4.0"',
    "licence_processed": '"MIT"',
    "attribution": '"熊本県「井戸」"',
    "processed_statement": '"熊本県「井戸」を加工して作成"',
    "as_of": "2024-02-28",
    "encodings": '["utf-8", "cp932"]',
    "crs": '"EPSG:6668"',
    "reader": '"evacuation_sites"',
    "schema": '"evacuation_sites"',
    "raw": '"wells.csv"',
    "sha256": f'"{"0123456789abcdef" * 4}"',
    "status": '"published"',
}


def entry(name="wells", **changes):
    """Return one table of the catalogue as TOML; a change to None leaves the field out."""
    values = {**FIELDS, **changes}
    lines = [f"{field} = {value}" for field, value in values.items() if value is not None]
    return "\n".join([f"[{name}]", *lines, ""])


@pytest.fixture
def load(tmp_path):
    def load_text(text):
        path = tmp_path / "catalog.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_catalog(path)

    return load_text


def problems_of(load, text):
    with pytest.raises(CatalogError) as caught:
        load(text)
    return [line.removeprefix("  - ") for line in str(caught.value).splitlines()[1:]]


def test_an_entry_by_hand(load):
    (dataset,) = load(entry())
    assert dataset.id == "wells"
    assert dataset.licence == "CC BY 4.0"
    assert dataset.as_of == dt.date(2024, 2, 28)
    assert dataset.encodings == ("utf-8", "cp932")
    (source,) = dataset.sources
    assert (source.publisher, source.as_of) == ("熊本県", dt.date(2024, 2, 28))
    with pytest.raises(dataclasses.FrozenInstanceError):
        dataset.licence = "none"


def test_the_embedded_catalogue(catalog):
    assert [dataset.id for dataset in catalog] == [*IDS, *OTHERS]
    assert catalog["evacuation_sites"].publisher == "国土地理院"
    for dataset in catalog:
        assert re.search("加工|整理して作成", dataset.processed_statement), dataset.id
        assert dataset.crs == "EPSG:6668"
        assert dataset.status == "published"


def test_an_unknown_dataset_is_refused_with_the_list(catalog):
    with pytest.raises(UnknownDatasetError, match=rf"expected one of {', '.join(IDS)}.*; got 'wel"):
        catalog["wells"]


def test_a_long_name_is_cut_in_the_message(catalog):
    with pytest.raises(UnknownDatasetError) as caught:
        catalog["x" * 10_000]
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("field", FIELDS)
def test_a_missing_field_is_named(load, field):
    assert problems_of(load, entry(**{field: None})) == [f"wells: {field} is missing"]


@pytest.mark.parametrize("field", [name for name in FIELDS if name != "as_of"])
def test_a_blank_field_is_named(load, field):
    blank = "[]" if field in ("sources", "encodings") else '""'
    assert problems_of(load, entry(**{field: blank})) == [f"wells: {field} is blank"]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"colour": '"red"'}, "colour is not a known field"),
        ({"status": '"draft"'}, "status: expected one of ('published', 'withdrawn'), got 'draft'"),
        ({"sha256": f'"{"0" * 63}"'}, "sha256: expected 64 hexadecimal digits"),
        ({"sha256": f'"{"G" * 64}"'}, "sha256: expected 64 hexadecimal digits"),
        ({"crs": '"EPSG:999999"'}, "crs: expected a code such as EPSG:6668, got 'EPSG:999999'"),
        ({"as_of": '"2024-02-28"'}, "as_of: expected date, got '2024-02-28'"),
        ({"licence": "5"}, "licence: expected str, got 5"),
        ({"encodings": '"utf-8"'}, "encodings: expected list, got 'utf-8'"),
        ({"sources": '[{publisher="a"}]'}, "sources: expected publisher, title, url, as_of"),
        ({"sources": '["a"]'}, "sources: expected publisher, title, url, as_of, none but url bla"),
    ],
)
def test_a_bad_value_is_named(load, changes, text):
    (problem,) = problems_of(load, entry(**changes))
    assert problem.startswith(f"wells: {text}")


def test_all_problems_of_all_entries_are_listed_at_once(load):
    text = entry("a", licence=None, attribution='""') + entry("b", status='"x"', crs='"y"')
    assert [line[:12] for line in problems_of(load, text)] == [
        "a: licence i",
        "a: attributi",
        "b: crs: expe",
        "b: status: e",
    ]


@pytest.mark.parametrize(
    "text", ["", "a = 1\n", "[a\n", entry() + entry(), "[熊本]".encode("cp932")]
)
def test_no_catalogue_at_all(load, text):
    with pytest.raises(CatalogError, match=r"catalogue catalog\.toml"):
        load(text)


def test_a_missing_file(tmp_path):
    with pytest.raises(CatalogError, match="expected a TOML file in UTF-8"):
        load_catalog(tmp_path / "catalog.toml")


def test_all_problems_of_one_entry_are_listed_at_once(load):
    found = problems_of(load, entry(licence=None, status='"x"', crs='"y"'))
    assert [line.split()[1] for line in found] == ["licence", "crs:", "status:"]


SOURCE = FIELDS["sources"].strip("[]{}")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"sources": f"[{{{SOURCE}, page=5}}]"}),
        pytest.param({"sources": "[5]"}),
        pytest.param({"sources": FIELDS["sources"].replace("熊本県", "")}),
        pytest.param({"sources": FIELDS["sources"].replace("井戸", " ")}),
        pytest.param({"sources": FIELDS["sources"].replace("2024-02-28", '"2024-02-28"')}),
        pytest.param({"licence": '"  "'}),
    ],
    ids=[
        *("source_field", "source_number", "source_publisher", "source_title", "source_day"),
        "licence",
    ],
)
def test_a_bad_value_is_a_catalogue_error(load, changes):
    with pytest.raises(CatalogError, match="wells: "):
        load(entry(**changes))


def test_a_source_may_have_no_page(load):
    (dataset,) = load(entry(sources=FIELDS["sources"].replace("https://a.example", "")))
    assert dataset.sources[0].url == ""


def test_the_terms_of_the_volumes_are_those_of_the_publisher(catalog):
    for name in ("traffic_hourly", "traffic_stations"):
        credited = "国土交通省API機能による交通量（参考値）を加工"
        assert catalog[name].processed_statement == credited
