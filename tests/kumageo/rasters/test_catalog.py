"""No raster without its entry, and no entry without all it must say."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from kumageo.errors import CatalogError, UnknownDatasetError
from kumageo.rasters.catalog import get_entry, load_raster_catalog

GOOD = (Path(__file__).parents[2] / "fixtures" / "rasters.toml").read_text(encoding="utf-8")


@pytest.fixture
def load(tmp_path, make_raster):
    make_raster()

    def load(text):
        (tmp_path / "rasters.toml").write_text(text, encoding="utf-8")
        return load_raster_catalog(tmp_path)

    return load


def test_an_entry_says_all(load, tmp_path):
    (entry,) = load(GOOD).values()
    assert (entry.id, entry.path, entry.as_of) == (
        "depth",
        tmp_path / "a.tif",
        dt.date(2026, 1, 31),
    )
    assert (entry.title, entry.unit, entry.is_continuous) == ("浸水の深さ", "m", True)
    assert entry.classes.breaks == (0.0, 3.0, 6.0, 10.0)
    assert entry.classes.colours[0] == "#ffffb2"
    codes = GOOD.replace("continuous", "classes").replace("[0, 3, 6, 10]", "[1, 2, 3]")
    assert not load(codes)["depth"].is_continuous


@pytest.mark.parametrize(
    "name",
    [
        *("file", "title", "unit", "as_of", "publisher", "licence", "attribution", "source_url"),
        *("kind", "breaks", "class_names", "colours"),
    ],
)
def test_every_field_is_mandatory(load, name):
    text = "\n".join(line for line in GOOD.splitlines() if not line.startswith(f"{name} ="))
    with pytest.raises(CatalogError, match=rf"1 problem.*\n  - depth: {name} is missing$"):
        load(text)


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ('"浸水の深さ"', '" "', "title: expected a text"),
        ('"a.tif"', '"../a.tif"', "file: expected a name in the folder"),
        ('"a.tif"', '"b.tif"', "file: raster b.tif: expected a file, got none"),
        ('"a.tif"', '"rasters.toml"', "file: raster rasters.toml: expected a whole GeoTIFF"),
        ("2026-01-31", '"2026"', "as_of: expected a day"),
        ("https:", "ftp:", "source_url: expected http"),
        ("continuous", "ramp", "kind: expected one of continuous, classes; got 'ramp'"),
        ("[0, 3, 6, 10]", "[0, 3, 6]", "breaks: expected 4 for 3 names, got 3"),
        ("[0, 3, 6, 10]", "[0, 6, 3, 10]", "breaks: expected rising numbers"),
        ("[0, 3, 6, 10]", '[0, 3, 6, "a"]', "breaks: expected numbers"),
        ("[0, 3, 6, 10]", "3", "breaks: expected a list"),
        ("#bd0026", "red", "colours: expected such as #1b5b73"),
        (', "#bd0026"', "", "as many of the other, got 3 and 2"),
        ('"6 m以上"', "6", "class_names: expected texts"),
        ("[depth]", "[Depth]", "expected an id of small letters"),
        ("[depth]", "[depth]\nmore = 1", "more is not a known field"),
        (GOOD, "", "no raster at all"),
        (GOOD, "depth = 1", "expected a table, got int"),
        ("[depth]", "[depth", "expected a TOML file in UTF-8"),
    ],
)
def test_what_is_wrong_is_said(load, old, new, match):
    with pytest.raises(CatalogError, match=match):
        load(GOOD.replace(old, new))


def test_all_problems_are_listed_at_once(load):
    other = GOOD.replace("depth", "other").replace("a.tif", "none.tif")
    with pytest.raises(CatalogError) as info:
        load(GOOD.replace("https", "ftp").replace("2026-01-31", "1") + other)
    assert "3 problem(s)" in str(info.value)
    assert [line.split(":")[0] for line in str(info.value).splitlines()[1:]] == [
        "  - depth",
        "  - depth",
        "  - other",
    ]


def test_a_folder_without_a_catalogue_shows_nothing(tmp_path):
    with pytest.raises(CatalogError, match="No such file") as info:
        load_raster_catalog(tmp_path)
    assert str(tmp_path) not in str(info.value)


def test_an_unknown_raster_is_named(load):
    with pytest.raises(UnknownDatasetError, match="expected one of depth; got 'flood'"):
        get_entry(load(GOOD), "flood")
