"""The command `ingest` from file to publication: what is taken, and what is refused untouched.

Every refusal is checked to the end: exit code 2, nothing on stdout, a report on stderr that
names the place and what was expected, and the published files the same byte for byte.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import os
import shutil
import zipfile
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from shapely import Point
from shapely.geometry import shape

from kumageo.errors import QuarantineError
from kumageo.ingest import check_file, publish_file
from kumageo.store import Store

SITES = "evacuation_sites"
AREAS = "municipal_boundaries"
BOUND = 64 * 1024 * 1024


@pytest.fixture
def refuse(run, geodata, snapshot):
    """Ingest a file that must be refused; return the report."""

    def refuse_file(dataset, path, *arguments):
        before = snapshot(geodata)
        answer = run("ingest", dataset, path, *arguments)
        assert snapshot(geodata) == before
        assert (answer.code, answer.out) == (2, "")
        return answer.err

    return refuse_file


@pytest.fixture
def store(geodata):
    return Store(geodata)


@pytest.fixture(scope="module")
def collection(committed):
    """Give the official boundaries as text; a test parses and changes its own."""
    return (committed / "raw" / "municipal_boundaries.geojson").read_text("utf-8")


def gsi_feature(**changes):
    names = ["NO", "共通ID", "都道府県名及び市町村名", "施設・場所名", "住所", "洪水"]
    names += ["崖崩れ、土石流及び地滑り", "高潮", "地震", "津波", "大規模な火事", "内水氾濫"]
    names += ["火山現象", "指定避難所との住所同一", "備考"]
    values = ["1", "E4310000002201", "熊本県熊本市", "河内中学校", "熊本市西区河内町船津2470-1"]
    values += ["1", "", "1", "1", "1", "1", "1", "1", "1", ""]
    properties = dict(zip(names, values, strict=True))
    geometry = {"type": "Point", "coordinates": [130.590585, 32.828426]}
    return {"type": "Feature", "properties": properties, "geometry": geometry, **changes}


def as_collection(*features):
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


class TestBadRows:
    """The second of three rows is bad: it's row 3 in a spreadsheet."""

    @pytest.mark.parametrize(
        ("changes", "column", "expected", "got"),
        [
            (
                {"lon": "32.207001", "lat": "130.73616"},
                "position",
                "lon, lat in this order",
                "32.207001, 130.73616",
            ),
            (
                {"lon": "129.9", "lat": "32.0"},
                "position",
                "a place within 200 m of a municipality",
                "129.9, 32.0",
            ),
            (  # 大牟田市 in 福岡県: within the extent, outside the prefecture
                {"lon": "130.446", "lat": "33.03"},
                "position",
                "a place within 200 m of a municipality",
                "130.446, 33.03",
            ),
            (
                {"lon": "139.767", "lat": "35.681"},
                "position",
                "a place in lon 129.8 to 131.5, lat 31.9 to 33.4",
                "139.767, 35.681",
            ),
            ({"lon": "-0.13", "lat": "51.5"}, "position", "a place in Japan", "-0.13, 51.5"),
            (
                {"lon": "東経130度"},
                "lon",
                "a plain number in half-width digits",
                "東経130度",
            ),
            (
                {"lat": "３２.２０７"},
                "lat",
                "a plain number in half-width digits",
                "３２.２０７",
            ),
            ({"lon": "nan"}, "lon", "a plain number in half-width digits", "nan"),
            ({"lon": ""}, "lon", "a value", ""),
            ({"id": "E4310000002201"}, "id", "an id that stands once", "E4310000002201"),
            (
                {"municipality_code": "43999"},
                "municipality_code",
                "one of 45 codes of the municipalities dataset",
                "43999",
            ),
            ({"municipality_code": "43101"}, "municipality_code", "one of 45 codes", "43101"),
            ({"municipality_code": "4320"}, "municipality_code", "the form 43[0-9]{3}", "4320"),
            ({"name": "あ" * 100}, "name", "at most 255 bytes", "あ" * 80 + "…"),
            (
                {"name": "<script>alert(1)</script>"},
                "name",
                "text without < or >",
                "<script>alert(1)</script>",
            ),
            (
                {"name": '=HYPERLINK("http://a.example")'},
                "name",
                "no = + - or @ at the start",
                '=HYPERLINK("http://a.example")',
            ),
            ({"name": "公民\0館"}, "name", "printable text", "公民\0館"),
            ({"name": "公民\n館"}, "name", "printable text", "公民\n館"),
            ({"name": ""}, "name", "a value", ""),
            ({"flood": "○"}, "flood", "0 or 1", "○"),
            ({"id": "../../etc/passwd"}, "id", "the form ", "../../etc/passwd"),
        ],
        ids=lambda value: str(value)[:24].replace("\0", "NUL") if isinstance(value, dict) else "",
    )
    def test_a_bad_cell(self, refuse, sites_file, changes, column, expected, got):
        report = refuse(SITES, sites_file(**changes))
        line = f"row 3, column {column}: expected {expected}"
        (found,) = [text for text in report.splitlines() if text.strip().startswith(line)]
        assert found.endswith(f", got {got!r}")
        assert f"{SITES} (kumageo evacuation_sites, utf-8): read 3, kept " in report
        assert "nothing was published" in report

    @pytest.mark.parametrize(
        ("row", "got"),
        [("E1,43203,西瀬", "3 cells: E1,43203,西瀬"), (",".join("x" * 17), "17 cells: x,x")],
    )
    def test_a_row_with_too_few_or_too_many_cells(self, refuse, write, sites_file, row, got):
        lines = sites_file().read_text("utf-8").splitlines()
        report = refuse(SITES, write("a.csv", "\n".join([*lines[:2], row, *lines[3:]])))
        assert f"row 3, column -: expected 16 cells, got '{got}" in report
        assert "read 3, kept 2, quarantined 1" in report

    def test_all_bad_rows_are_listed_in_json(self, refuse, sites_file):
        path = sites_file(name="<b>", lon="0", municipality_code="43999")
        answer = json.loads(refuse(SITES, path, "--json"))
        assert (answer["published"], answer["error"]) == (False, "QuarantineError")
        report = answer["report"]
        assert (report["n_read"], report["n_kept"], report["n_quarantined"]) == (3, 2, 1)
        errors = [issue for issue in report["issues"] if issue["severity"] == "error"]
        assert {(i["source_row"], i["column"], i["check"]) for i in errors} == {
            (3, "name", "markup"),
            (3, "position", "outside_japan"),
            (3, "municipality_code", "unknown_municipality"),
        }

    def test_a_long_list_is_cut_for_people(self, refuse, write, sites_file):
        lines = sites_file(flood="x").read_text("utf-8").splitlines()
        bad = [lines[2].replace("E43203", f"E{i:03}") for i in range(80)]
        report = refuse(SITES, write("a.csv", "\n".join([lines[0], *bad])))
        assert report.count("column flood: expected 0 or 1, got 'x'") == 50
        assert "--json lists all" in report

    def test_no_good_row_is_refused_even_where_quarantine_is_accepted(
        self, refuse, write, csv_text, kawachi
    ):
        path = write("a.csv", csv_text([{**kawachi, "lon": "0"}]))
        report = refuse(SITES, path, "--accept-quarantine")
        assert "expected at least one good row, got '0 of 1'" in report

    def test_no_row_fits_the_header(self, refuse, write, sites_file):
        header = sites_file().read_text("utf-8").splitlines()[0]
        report = refuse(SITES, write("a.csv", f"{header}\na,b,c\n"))
        assert "row 2, column -: expected 16 cells, got '3 cells: a,b,c'" in report

    def test_the_report_holds_no_control_characters(self, refuse, sites_file):
        report = refuse(SITES, sites_file(id="E\x1b[2J\x07"))
        assert "row 3, column id: expected printable text" in report
        assert set(report) & {"\x1b", "\x07"} == set()


class TestBadFiles:
    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            (
                lambda text: text.replace("name,", "", 1),
                "columns of kumageo evacuation_sites; missing: name; extra: none",
            ),
            (
                lambda text: text.replace("note\n", "note,収容人数\n", 1),
                "missing: none; extra: 収容人数",
            ),
            (lambda text: text.replace("note\n", "name\n", 1), "got twice: name. Remove one"),
            (lambda _text: "", "sites.csv: expected a header line and rows, got an empty file"),
            (lambda _text: "\n \n", "got an empty file"),
            (lambda text: text.splitlines()[0], "expected rows below the header, got none"),
            (
                lambda text: text.replace("西瀬コミュ", '"西瀬コミュ'),
                "sites.csv, line 4: expected CSV, got unexpected end of data",
            ),
            (lambda text: text.replace(",", "\t"), "expected the columns of 国土地理院"),
            (lambda _text: "<html>\n<b>404</b>\n</html>", "extra: <html>. Give the file as its"),
            (
                lambda _text: '{"features":' + "[" * 100_000 + "]" * 100_000 + "}",
                "expected a GeoJSON FeatureCollection, got RecursionError",
            ),
            (lambda text: text.encode("utf-16"), "got UTF-16. Save the file as 「CSV UTF-8」"),
            (lambda text: b"\xfe\xff" + text.encode("utf-16-be"), "got UTF-16"),
            (lambda text: text.encode("utf-16-le"), "utf-8 fails in line "),
            (
                lambda text: text.replace("西瀬", "萩尾").encode("euc_jp"),
                "expected text in utf-8 or cp932, got bytes that are neither: utf-8 fails in line",
            ),
            (
                lambda text: text.encode()[: text.encode().rindex("阿".encode()) + 2],
                "utf-8 fails in line 4",
            ),
            (lambda text: b"\xef\xbb\xbf" + text.encode("cp932"), "utf-8-sig fails in line 2"),
        ],
        ids=[
            *("missing_column", "extra_column", "repeated_column", "empty", "blank"),
            *("header_only", "unclosed_quote", "tabs", "html", "nested", "utf_16", "utf_16_be"),
            *("utf_16_le", "euc_jp", "utf_8_cut", "mark_and_cp932"),
        ],
    )
    def test_a_bad_text(self, refuse, write, sites_file, change, expected):
        path = write("sites.csv", change(sites_file().read_text("utf-8")))
        report = refuse(SITES, path)
        assert report.startswith("ReadError: sites.csv")
        assert expected in report

    def test_no_file(self, refuse, tmp_path):
        (tmp_path / "folder.csv").mkdir()
        for name in ("folder.csv", "missing.csv"):
            report = refuse(SITES, tmp_path / name)
            assert report == (
                f"ReadError: {name}: expected a file, got none there. Check the path.\n"
            )

    def test_a_name_of_300_bytes(self, refuse, tmp_path):
        report = refuse(SITES, tmp_path / ("x" * 296 + ".csv"))
        assert "expected a readable file" in report

    @pytest.mark.parametrize("packing", ["gz", "zip"])
    def test_a_bomb(self, refuse, write, packing):
        if packing == "gz":
            bomb = gzip.compress(bytes(BOUND + 1), 1)
        else:
            content = io.BytesIO()
            with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                archive.writestr("sites.csv", bytes(BOUND + 1))
            bomb = content.getvalue()
        assert len(bomb) < 1024 * 1024
        report = refuse(SITES, write("sites.csv", bomb))
        assert report.startswith("FileTooLargeError: sites.csv: expected at most 64 MiB (unpacked)")

    def test_two_gigabytes(self, spawn, snapshot, geodata, tmp_path):
        path = tmp_path / "huge.csv"
        path.touch()
        os.truncate(path, 2 * 1024**3)
        before = snapshot(geodata)
        answer = spawn("ingest", SITES, path)
        assert (answer.code, answer.out) == (2, "")
        assert answer.err == (
            "FileTooLargeError: huge.csv: expected at most 64 MiB (unpacked), got more. "
            "Cut the file to Kumamoto Prefecture.\n"
        )
        assert snapshot(geodata) == before

    def test_an_archive_of_two_files(self, refuse, write, sites_file):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.write(sites_file(), "a.csv")
            archive.write(sites_file(), "b.csv")
        report = refuse(SITES, write("sites.zip", content.getvalue()))
        assert "expected an archive with one file, got 2" in report

    def test_an_unknown_dataset(self, refuse, sites_file):
        report = refuse("../evacuation_sites", sites_file())
        assert "UnknownDatasetError: dataset: expected one of municipalities, " in report

    def test_the_data_that_rows_are_checked_against_is_missing(self, refuse, geodata, sites_file):
        shutil.rmtree(geodata / "processed" / "municipal_boundaries")
        report = refuse(SITES, sites_file())
        assert "evacuation_sites is checked against other data" in report
        assert "python -m kumageo ingest municipal_boundaries FILE" in report

    def test_euc_jp_that_decodes_as_cp932(self, refuse, write, csv_text, kawachi):
        refuse(SITES, write("a.csv", csv_text([kawachi]).encode("euc_jp")))

    def test_cut_utf_8_that_decodes_as_cp932(self, refuse, write, csv_text, nishise):
        content = csv_text([{**nishise, "note": "備"}]).encode()
        cut = content[: content.rindex("備".encode()) + 2]
        refuse(SITES, write("a.csv", cut))

    def test_an_encoding_that_does_not_exist(self, refuse, sites_file):
        report = refuse(SITES, sites_file(), "--encoding", "klingon")
        assert "klingon" in report

    def test_a_damaged_zip_packed_with_lzma(self, refuse, write):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_LZMA) as archive:
            archive.writestr("a.csv", "id,name\n" * 50)
        damaged = bytearray(content.getvalue())
        damaged[52] ^= 0xFF
        assert "expected a whole archive" in refuse(SITES, write("a.zip", bytes(damaged)))

    def test_a_file_name_in_cp932(self, run, sites_file, tmp_path):
        name = os.fsdecode("避難場所.csv".encode("cp932"))
        answer = run("ingest", SITES, sites_file().rename(tmp_path / name))
        assert answer.code == 0
        assert answer.out.encode()


class TestBadGeojsonOfSites:
    def test_nan(self, refuse, write):
        bad = gsi_feature(geometry={"type": "Point", "coordinates": [float("nan"), 32.8]})
        report = refuse(SITES, write("a.geojson", as_collection(bad)))
        assert "row 1" in report

    def test_nan_beside_a_good_feature(self, refuse, write):
        bad = gsi_feature(geometry={"type": "Point", "coordinates": [float("nan"), 32.8]})
        report = refuse(SITES, write("a.geojson", as_collection(gsi_feature(), bad)))
        assert "row 2, column -: expected a Point with 15 known properties" in report

    @pytest.mark.parametrize("value", [float("nan"), {"ja": "河内中学校"}, ["河内中学校"]])
    def test_a_name_that_is_no_text(self, refuse, write, value):
        feature = gsi_feature()
        feature["properties"] |= {"共通ID": "E4310000009201", "施設・場所名": value}
        refuse(SITES, write("a.geojson", as_collection(gsi_feature(), feature)))

    def test_a_geometry_that_is_no_object(self, refuse, write):
        bad = as_collection(gsi_feature(), gsi_feature(geometry="Point"))
        assert "row 2" in refuse(SITES, write("a.geojson", bad))

    def test_an_infinite_coordinate(self, refuse, write):
        text = as_collection(gsi_feature()).replace("130.590585", "1e999")
        report = refuse(SITES, write("a.geojson", text))
        assert "row 1, column lon: expected a plain number in half-width digits, got '1e999'" in (
            report
        )


class TestBadAreas:
    """合志市 is inland, feature 18 of 49."""

    ROW = 18

    @pytest.fixture
    def change(self, collection, write):
        def change_areas(edit):
            document = json.loads(collection)
            feature = document["features"][self.ROW - 1]
            assert feature["properties"] == {"code": "43216", "name": "合志市"}
            edit(document["features"], feature)
            return write("areas.geojson", json.dumps(document, ensure_ascii=False))

        return change_areas

    def outer_ring(self, feature):
        return feature["geometry"]["coordinates"][0][0]

    def test_a_bow_tie(self, refuse, change):
        def edit(_features, feature):
            bow_tie = [[130.7, 32.8], [130.8, 32.9], [130.8, 32.8], [130.7, 32.9], [130.7, 32.8]]
            feature["geometry"] = {"type": "Polygon", "coordinates": [bow_tie]}

        report = refuse(AREAS, change(edit))
        assert f"row {self.ROW}, column geometry: expected a simple shape" in report
        assert "got 'Self-intersection[130.75 32.85" in report

    def test_an_unclosed_ring(self, refuse, change):
        report = refuse(AREAS, change(lambda _, feature: self.outer_ring(feature).pop()))
        assert f"row {self.ROW}, column geometry: expected a last position equal to the fi" in (
            report
        )

    def test_an_overlap(self, refuse, change):
        def edit(features, _feature):
            ring = [[130.7, 32.8], [130.8, 32.8], [130.8, 32.9], [130.7, 32.9], [130.7, 32.8]]
            features.append(
                {
                    "type": "Feature",
                    "properties": {"code": "43207", "name": "重なり"},
                    "geometry": {"type": "Polygon", "coordinates": [ring]},
                }
            )

        report = refuse(AREAS, change(edit))
        assert "row 50, column geometry: expected edges shared with the neighbours" in report

    def move_vertex(self, feature, step):
        """Move one vertex by some metres, towards the middle of the area or (below 0) away."""
        ring = self.outer_ring(feature)
        centre = shape(feature["geometry"]).centroid
        x, y = ring[5]
        ring[5] = [x + (step if centre.x > x else -step), y + (step if centre.y > y else -step)]
        assert shape(feature["geometry"]).is_valid

    def test_an_overlap_of_metres(self, refuse, change):
        report = refuse(AREAS, change(lambda _, feature: self.move_vertex(feature, -5e-5)))
        assert f"row {self.ROW}, column geometry: expected edges shared with the nei" in report

    def test_a_gap_of_metres(self, refuse, change):
        refuse(AREAS, change(lambda _, feature: self.move_vertex(feature, 5e-5)))

    def test_nan(self, refuse, collection, write):
        report = refuse(AREAS, write("a.geojson", collection.replace("130.74744", "NaN", 1)))
        assert report.startswith("ReadError: a.geojson: expected GeoJSON, got number NaN")

    def test_infinity(self, refuse, collection, write):
        report = refuse(AREAS, write("a.geojson", collection.replace("130.74744", "1e999")))
        assert "row 1, column geometry: expected " in report
        assert "inf" in report

    def test_nested_json(self, refuse, write):
        report = refuse(AREAS, write("a.geojson", "[" * 100_000 + "]" * 100_000))
        assert "expected GeoJSON, got maximum recursion depth" in report

    def test_swapped_coordinates(self, refuse, change):
        def edit(_features, feature):
            for ring in feature["geometry"]["coordinates"][0]:
                ring[:] = [position[::-1] for position in ring]

        report = refuse(AREAS, change(edit))
        assert f"row {self.ROW}, column geometry: expected a shape in lon 129.8 to 131.5" in report

    def test_a_repeated_code(self, refuse, change):
        path = change(lambda _, feature: feature["properties"].update(code="43101"))
        report = refuse(AREAS, path)
        assert "row 1, column code: expected an id that stands once, got '43101'" in report
        assert f"row {self.ROW}, column code: expected an id that stands once" in report

    def test_a_point_among_areas(self, refuse, change):
        point = {"type": "Point", "coordinates": [130.7, 32.8]}
        report = refuse(AREAS, change(lambda _, feature: feature.update(geometry=point)))
        assert f"row {self.ROW}, column geometry: expected Polygon or MultiPolygon, got 'Po" in (
            report
        )

    def test_markup_in_a_name(self, refuse, change):
        path = change(lambda _, feature: feature["properties"].update(name="<script>"))
        assert f"row {self.ROW}, column name: expected text without < or >" in refuse(AREAS, path)

    def test_a_municipality_without_area(self, refuse, change):
        refuse(AREAS, change(lambda features, _: features.__delitem__(self.ROW - 1)))

    def test_an_unknown_municipality(self, refuse, change):
        refuse(AREAS, change(lambda _, feature: feature["properties"].update(code="43999")))

    def test_accepting_quarantine_leaves_no_hole(self, refuse, change):
        path = change(lambda _, feature: self.outer_ring(feature).pop())
        refuse(AREAS, path, "--accept-quarantine")

    def test_accepting_a_bow_tie_does_not_accept_an_overlap(self, refuse, change):
        def edit(features, feature):
            bow_tie = [[130.7, 32.8], [130.8, 32.9], [130.8, 32.8], [130.7, 32.9], [130.7, 32.8]]
            feature["geometry"] = {"type": "Polygon", "coordinates": [bow_tie]}
            ring = [[131, 32.8], [131.1, 32.8], [131.1, 32.9], [131, 32.9], [131, 32.8]]
            overlap = {"type": "Polygon", "coordinates": [ring]}
            properties = {"code": "43207", "name": "重なり"}
            features.append({"type": "Feature", "properties": properties, "geometry": overlap})

        report = refuse(AREAS, change(edit), "--json")
        checks = {check["check"] for check in json.loads(report)["report"]["checks"]}
        assert checks >= {"invalid_geometry", "broken_coverage"}

    def test_an_empty_polygon(self, refuse, change):
        path = change(lambda _, feature: feature["geometry"]["coordinates"].append([]))
        assert f"row {self.ROW}" in refuse(AREAS, path)

    def test_a_huge_integer(self, refuse, change):
        path = change(lambda _, feature: self.outer_ring(feature).insert(1, [10**400, 32]))
        assert f"row {self.ROW}" in refuse(AREAS, path)


class TestBadMunicipalities:
    @pytest.mark.parametrize(
        ("change", "column", "expected"),
        [
            (("728700", "約73万"), "population", "a plain integer in half-width digits"),
            (("728700", "７２８７００"), "population", "a plain integer in half-width digits"),
            (("728700", "-1"), "population", "a plain integer in half-width digits"),
            (("728700", "0"), "population", "1 to 5000000 persons, got '0'"),
            (("390.44", "39044000"), "area_km2", "0.1 to 7409 km2, got '39044000'"),
            (("2026-01-01", "令和8年1月1日"), "population_as_of", "a date such as 2026-01-31"),
            (
                ("https://www.city.kumamoto.jp/", "javascript:alert(1)"),
                "website",
                "the form https?",
            ),
            (
                ("130.7080556,32.80333333", "32.80333333,130.7080556"),
                "position",
                "lon, lat in this order",
            ),
            (("43100,", "43202,"), "code", "an id that stands once, got '43202'"),
        ],
        ids=lambda value: value[1] if isinstance(value, tuple) else "",
    )
    def test_a_bad_cell(self, refuse, write, committed, change, column, expected):
        text = (committed / "raw" / "municipalities.csv").read_text("utf-8")
        report = refuse("municipalities", write("a.csv", text.replace(*change, 1)))
        assert f"row 2, column {column}: expected {expected}" in report

    def test_cp932_is_not_declared_for_this_dataset(self, refuse, write, committed):
        text = (committed / "raw" / "municipalities.csv").read_text("utf-8")
        report = refuse("municipalities", write("a.csv", text.encode("cp932")))
        assert "expected text in utf-8, got bytes" in report


class TestGoodFiles:
    @pytest.mark.parametrize(
        ("encoding", "found"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("cp932", "cp932")]
    )
    def test_three_rows(self, run, store, sites_file, encoding, found):
        answer = run("ingest", SITES, sites_file(encoding=encoding), "--json")
        assert (answer.code, answer.err) == (0, "")
        printed = json.loads(answer.out)
        assert (printed["published"], printed["encoding"]) == (True, found)
        sites = store.load(SITES)
        assert sites["name"].tolist() == ["河内中学校", "西瀬コミュニティセンター", "荻の草公民館"]
        assert sites.geometry[1] == Point(130.73616, 32.207001)
        assert sites["flood"].tolist() == [True, False, True]
        assert sites["source_row"].tolist() == [2, 3, 4]
        assert store.describe(SITES).version == printed["version"]

    def test_sites_of_gsi_in_cp932(self, run, store, write):
        feature = gsi_feature()
        lon, lat = feature["geometry"]["coordinates"]
        values = list(feature["properties"].values())
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([*list(feature["properties"])[:-1], "緯度", "経度", "備考"])
        writer.writerow([*values[:-1], lat, lon, "①髙台～"])
        answer = run("ingest", SITES, write("43000_2.csv", text.getvalue().encode("cp932")))
        assert answer.code == 0
        assert "国土地理院 指定緊急避難場所 CSV, cp932" in answer.out
        (site,) = store.load(SITES).to_dict("records")
        assert (site["id"], site["municipality_code"]) == ("E4310000002201", "43100")
        assert (site["name"], site["note"]) == ("河内中学校", "①髙台～")
        assert site["geometry"] == Point(130.590585, 32.828426)
        assert (site["flood"], site["landslide"], site["also_shelter"]) == (True, False, True)

    @pytest.mark.parametrize("form", [3, 4], ids=["standard", "kumamoto_city"])
    @pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
    def test_forms_of_municipalities(self, run, store, root, write, form, encoding):
        path = root / "tests" / "fixtures" / "evac_column_definitions.csv"
        with path.open(encoding="utf-8", newline="") as file:
            header = list(csv.DictReader(file))[form]["columns"].split(",")
        assert len(header) == 39
        row = dict.fromkeys(header, "")
        code, number, name = header[:3]
        row |= {code: "431001", number: "0002", name: "河内中学校", "備考": "①髙台～"}
        row |= {header[7]: "熊本県熊本市西区河内町船津2470-1"}
        row |= {"緯度": "32.828426", "経度": "130.590585", "指定避難所との重複": "1"}
        row |= dict(zip(header[24:32], ["1", "", "1", "1", "1", "1", "1", "1"], strict=True))
        text = f"{','.join(header)}\r\n{','.join(row.values())}\r\n"
        answer = run("ingest", SITES, write("a.csv", text.encode(encoding)))
        assert (answer.code, answer.err) == (0, "")
        (site,) = store.load(SITES).to_dict("records")
        assert (site["id"], site["municipality_code"]) == ("431001-0002", "43100")
        assert (site["name"], site["note"]) == ("河内中学校", "①髙台～")
        assert site["address"] == "熊本県熊本市西区河内町船津2470-1"
        assert site["geometry"] == Point(130.590585, 32.828426)
        assert (site["flood"], site["landslide"], site["volcano"]) == (True, False, True)
        assert site["also_shelter"]

    def test_geojson_of_gsi(self, run, store, write):
        answer = run("ingest", SITES, write("a.geojson", as_collection(gsi_feature())))
        assert answer.code == 0
        (site,) = store.load(SITES).to_dict("records")
        assert site["name"] == "河内中学校"
        assert site["geometry"] == Point(130.590585, 32.828426)
        assert pd.isna(site["note"])

    def test_shelters_of_gsi_with_a_mark(self, run, store, write):
        header = "NO,共通ID,都道府県名及び市町村名,施設・場所名,住所,指定緊急避難場所との住所同一,"
        header += "その他市町村長が必要と認める事項,受入対象者,緯度,経度,備考"
        row = (
            "1,E4340300006121,熊本県大津町,熊本県立大津支援学校,熊本県大津町大字室1381,,,要配慮者,"
        )
        row += '32.885732,130.85697,"一行目\n二行目"'
        path = write("43000_1.csv", f"{header}\r\n{row}\r\n".encode("utf-8-sig"))
        assert run("ingest", "evacuation_shelters", path).code == 0
        (shelter,) = store.load("evacuation_shelters").to_dict("records")
        assert (shelter["name"], shelter["accepts"]) == ("熊本県立大津支援学校", "要配慮者")
        assert shelter["note"] == "一行目\n二行目"
        assert not shelter["also_emergency_site"]
        assert shelter["geometry"] == Point(130.85697, 32.885732)

    @pytest.mark.parametrize("ending", ["gz", "zip"])
    def test_packed(self, run, store, write, sites_file, ending):
        content = sites_file().read_bytes()
        if ending == "gz":
            packed = gzip.compress(content)
        else:
            archive = io.BytesIO()
            with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as members:
                members.writestr("sites.csv", content)
            packed = archive.getvalue()
        assert run("ingest", SITES, write(f"sites.{ending}", packed)).code == 0
        assert len(store.load(SITES)) == 3

    def test_a_stated_encoding(self, run, store, sites_file):
        path = sites_file(encoding="euc_jp")
        assert run("ingest", SITES, path, "--encoding", "euc_jp").code == 0
        assert store.load(SITES)["name"][1] == "西瀬コミュニティセンター"
        assert store.describe(SITES).encoding == "euc_jp"

    def test_a_warning_is_published_and_counted(self, run, store, sites_file):
        answer = run("ingest", SITES, sites_file(municipality_code="43100"))
        assert answer.code == 0
        assert "[warning] outside_municipality x 1: E4320300003202" in answer.out
        assert "row 3, column position: expected a place in the municipality" in answer.out
        publication = store.describe(SITES)
        # the second: the file holds 3 of the 1,761 sites, so most municipalities lose theirs
        assert (publication.n_kept, publication.n_warnings) == (3, 2)

    def test_a_dry_run_changes_nothing(self, run, geodata, snapshot, sites_file):
        before = snapshot(geodata)
        answer = run("ingest", SITES, sites_file(), "--dry-run")
        assert (answer.code, answer.err) == (0, "")
        assert "read 3, kept 3, quarantined 0" in answer.out
        assert "nothing was published" in answer.out
        assert snapshot(geodata) == before
        printed = json.loads(run("ingest", SITES, sites_file(), "--dry-run", "--json").out)
        assert (printed["published"], printed["version"]) == (False, "")

    def test_a_dry_run_refuses_bad_rows_too(self, refuse, sites_file):
        assert "row 3" in refuse(SITES, sites_file(lon="0"), "--dry-run")

    def test_the_order_and_form_of_the_input_do_not_change(self, run, sites_file):
        path = sites_file()
        before = path.read_bytes()
        assert run("ingest", SITES, path).code == 0
        assert path.read_bytes() == before


class TestQuarantine:
    def accept(self, run, path):
        answer = run("ingest", SITES, path, "--accept-quarantine")
        assert (answer.code, answer.err) == (0, "")
        return answer.out

    def quarantine(self, geodata, version):
        path = geodata / "processed" / SITES / version / "quarantine.csv"
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def test_the_good_rows_are_published_and_the_rest_is_recorded(
        self, run, geodata, store, sites_file
    ):
        out = self.accept(run, sites_file(lon="139.767", lat="35.681", flood="x"))
        assert "read 3, kept 2, quarantined 1" in out
        assert store.load(SITES)["id"].tolist() == ["E4310000002201", "E4321400001201"]
        assert store.load(SITES)["source_row"].tolist() == [2, 4]
        publication = store.describe(SITES)
        assert (publication.n_read, publication.n_kept, publication.n_quarantined) == (3, 2, 1)
        first, second = self.quarantine(geodata, publication.version)
        assert {name: first[name] for name in ("source_row", "feature_id", "column", "check")} == {
            "source_row": "3",
            "feature_id": "E4320300003202",
            "column": "flood",
            "check": "flag",
        }
        assert (first["expected"], first["got"]) == ("0 or 1", "x")
        assert (second["check"], second["got"]) == ("outside_extent", "139.767, 35.681")
        for row in (first, second):
            assert row["raw_name"] == "西瀬コミュニティセンター"
            assert (row["raw_lon"], row["raw_flood"], row["raw_note"]) == ("139.767", "x", "")

    def test_both_rows_of_a_repeated_key_are_kept_out(self, run, store, sites_file):
        self.accept(run, sites_file(id="E4310000002201"))
        assert store.load(SITES)["id"].tolist() == ["E4321400001201"]

    def test_rows_that_do_not_fit_the_header_are_recorded(
        self, run, geodata, store, write, sites_file
    ):
        lines = sites_file().read_text("utf-8").splitlines()
        self.accept(run, write("a.csv", "\n".join([*lines[:2], "E9,43203,名無し", *lines[3:]])))
        assert store.describe(SITES).n_quarantined == 1
        (row,) = self.quarantine(geodata, store.describe(SITES).version)
        assert (row["source_row"], row["check"]) == ("3", "cell_count")
        assert "E9,43203,名無し" in row["got"]

    def test_nothing_of_a_kept_out_row_is_lost(self, run, geodata, store, write, sites_file):
        lines = sites_file().read_text("utf-8").splitlines()
        long = lines[2].rsplit(",", 1)[0] + "余り" * 40
        self.accept(run, write("a.csv", "\n".join([*lines[:2], long, *lines[3:]])))
        (row,) = self.quarantine(geodata, store.describe(SITES).version)
        assert "余り" * 40 in "".join(row.values())

    def test_the_record_is_safe_to_open_in_a_spreadsheet(self, run, geodata, store, sites_file):
        self.accept(run, sites_file(name='=HYPERLINK("http://a.example")'))
        version = store.describe(SITES).version
        (row,) = self.quarantine(geodata, version)
        assert "HYPERLINK" in row["raw_name"]
        assert [name for name, cell in row.items() if cell.startswith(("=", "+", "-", "@"))] == []

    def test_a_file_without_bad_rows_has_no_record(self, run, geodata, store, sites_file):
        self.accept(run, sites_file())
        version = store.describe(SITES).version
        files = sorted(path.name for path in (geodata / "processed" / SITES / version).iterdir())
        assert files == ["features.parquet"]

    def test_publish_file_refuses_what_the_command_refuses(
        self, geodata, store, catalog, sites_file, snapshot
    ):
        checked = check_file(catalog, store, SITES, sites_file(lon="0"))
        before = snapshot(geodata)
        with pytest.raises(QuarantineError, match=r"got 1 of 3 rows with errors.*--accept-q"):
            publish_file(store, checked, accept_quarantine=False)
        assert snapshot(geodata) == before
        assert publish_file(store, checked, accept_quarantine=True).n_kept == 2


class TestAsOf:
    def test_the_file_of_the_catalogue_has_its_day(self, run, store, committed):
        path = committed / "raw" / "evacuation_shelters.csv"
        assert run("ingest", "evacuation_shelters", path).code == 0
        publication = store.describe("evacuation_shelters")
        assert (publication.as_of, publication.as_of_basis) == ("2025-10-27", "catalogue")

    def test_a_stated_day(self, run, store, sites_file):
        assert run("ingest", SITES, sites_file(), "--as-of", "2024-02-29").code == 0
        publication = store.describe(SITES)
        assert (publication.as_of, publication.as_of_basis) == ("2024-02-29", "stated")

    def test_a_stated_day_goes_before_the_catalogue(self, run, store, committed):
        path = committed / "raw" / "evacuation_shelters.csv"
        assert run("ingest", "evacuation_shelters", path, "--as-of", "2026-01-01").code == 0
        publication = store.describe("evacuation_shelters")
        assert (publication.as_of, publication.as_of_basis) == ("2026-01-01", "stated")

    def test_any_other_file_has_the_day_of_its_import(self, run, store, sites_file):
        def today():
            return dt.datetime.now(tz=ZoneInfo("Asia/Tokyo")).date().isoformat()

        days = [today()]
        assert run("ingest", SITES, sites_file()).code == 0
        days.append(today())
        publication = store.describe(SITES)
        assert publication.as_of in days
        assert publication.as_of_basis == "ingested"

    @pytest.mark.parametrize("day", ["2026-02-30", "yesterday", "2026/01/31", ""])
    def test_a_day_that_is_none(self, refuse, sites_file, day):
        assert "argument --as-of: expected a day such as 2026-01-31" in refuse(
            SITES, sites_file(), "--as-of", day
        )


def test_what_is_recorded_of_a_file(run, store, write, sites_file):
    content = sites_file().read_bytes()
    name = "n" * 150 + ".csv"
    assert run("ingest", SITES, write(name, content)).code == 0
    publication = store.describe(SITES)
    assert publication.source_file == "n" * 120
    assert len(publication.source_sha256) == 64
    assert publication.layout == "kumageo evacuation_sites"


def test_a_folder_of_catalogue_and_processed_is_enough(run, geodata, sites_file):
    # settings.py documents KUMAGEO_GEODATA as "folder with catalog.toml and processed/"
    shutil.rmtree(geodata / "labels")
    answer = run("ingest", SITES, sites_file())
    published = len(Store(geodata).load(SITES)) == 3
    assert (answer.code == 0) is published
