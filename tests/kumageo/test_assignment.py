"""`assign`: any table of points in, the same rows out, in order, with their area."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point, Polygon, box

from kumageo.assignment import assign_file
from kumageo.errors import CrsError, KeyColumnError, ReadError

# Two squares that share the edge x = 131; the last point lies on it, the one before in no area.
PLACES = [(130.5, 32.5), (131.5, 32.5), (130.2, 32.9), (135.0, 35.0), (131.0, 32.5)]
CODES = ["A", "B", "A", "", "A"]
TIES = [False, False, False, False, True]
CSV = "id,lon,lat,名称\n" + "".join(
    f"{number},{lon},{lat},地点{i}\n"
    for i, (number, (lon, lat)) in enumerate(
        zip(["007", "01", "01", "", "NA"], PLACES, strict=True)
    )
)


@pytest.fixture
def areas():
    shapes = [box(130, 32, 131, 33), box(131, 32, 132, 33)]
    return gpd.GeoDataFrame({"code": ["A", "B"], "n": [1, 2]}, geometry=shapes, crs="EPSG:6668")


@pytest.fixture
def points():
    shapes = [*[Point(place) for place in PLACES], None]
    columns = {
        "id": ["007", "01", "01", "", "NA", "last"],
        "n": [3, 1, 2, 5, 4, 6],
        "名称": [f"地点{i}" for i in range(6)],
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:6668")


@pytest.fixture
def areas_path(areas, tmp_path):
    path = tmp_path / "areas.parquet"
    areas.to_parquet(path)
    return path


@pytest.fixture
def assign(run, write, areas_path, tmp_path):
    """Assign the points of a CSV; return the answer and the rows of the output."""

    def assign_points(content, *arguments, areas=areas_path):
        out = tmp_path / "out.csv"
        answer = run(
            "assign", "--points", write("points.csv", content), "--areas", areas, "--out", out,
            *arguments,
        )  # fmt: skip
        return answer, read_rows(out) if out.is_file() else None

    return assign_points


@pytest.fixture
def refuse(assign, tmp_path):
    """Assign what must be refused: exit code 2, nothing written, the old output untouched."""

    def refuse_points(content, *arguments, **keywords):
        (tmp_path / "out.csv").write_text("old\n")
        answer, rows = assign(content, *arguments, **keywords)
        assert (answer.code, answer.out, rows) == (2, "", [["old"]])
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
        return answer.err

    return refuse_points


def read_rows(path):
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def save(features, path):
    if path.suffix == ".parquet":
        features.to_parquet(path)
    else:
        features.to_file(path)
    return path


class TestCsv:
    def test_the_same_rows_in_order_with_their_area(self, assign):
        answer, (header, *rows) = assign(CSV)
        assert header == ["id", "lon", "lat", "名称", "area_code", "tie"]
        given = [line.split(",") for line in CSV.splitlines()[1:]]
        assert [row[:4] for row in rows] == given
        assert [row[4] for row in rows] == CODES
        assert [row[5] for row in rows] == [str(tie) for tie in TIES]
        assert answer.code == 0
        assert answer.out.startswith("rows 5, matched 4, unmatched 1, ties 1, seconds ")

    def test_the_counts_as_json(self, assign):
        answer, _ = assign(CSV, "--json")
        found = json.loads(answer.out)
        assert found.pop("seconds") >= 0
        assert found == {"rows": 5, "matched": 4, "unmatched": 1, "ties": 1}

    @pytest.mark.parametrize(
        "header",
        ["経度,緯度", "lon,lat", "LON,Lat", "longitude,latitude", "lng,lat", " 経度 ,\u3000緯度"],
    )
    def test_names_of_the_coordinates(self, assign, header):
        _, rows = assign(f"{header}\n130.5,32.5\n")
        assert rows[1] == ["130.5", "32.5", "A", "False"]
        assert rows[0][:2] == header.split(",")

    def test_latitude_may_stand_first(self, assign):
        _, rows = assign("緯度,経度\n32.5,131.5\n")
        assert rows[1][2] == "B"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
    def test_encodings(self, assign, encoding):
        _, rows = assign(CSV.encode(encoding))
        assert rows[0][3] == "名称"
        assert rows[1][3] == "地点0"

    def test_blank_coordinates_stay_unmatched(self, assign):
        answer, rows = assign("id,lon,lat\na,,\nb,130.5,\nc,,32.5\nd, ,\t\ne,130.5,32.5\n")
        assert [row[3] for row in rows[1:]] == ["", "", "", "", "A"]
        assert answer.out.startswith("rows 5, matched 1, unmatched 4, ties 0")

    def test_cells_stay_as_they_are_written(self, assign):
        text = 'id,lon,lat,note\n=1+1,130.50,+32.5,"a, ""b""\n二行目"\n1e5,1.305e2,32.5,TRUE\n'
        _, rows = assign(text)
        assert [row[:4] for row in rows] == list(csv.reader(io.StringIO(text)))
        assert [row[4] for row in rows[1:]] == ["A", "A"]

    def test_a_header_only(self, assign):
        answer, rows = assign("id,lon,lat\n")
        assert rows == [["id", "lon", "lat", "area_code", "tie"]]
        assert answer.out.startswith("rows 0, matched 0")

    def test_areas_in_metres(self, assign, areas, tmp_path):
        path = save(areas.to_crs("EPSG:6670"), tmp_path / "metres.parquet")
        _, rows = assign("lon,lat\n130.5,32.5\n131.5,32.5\n", areas=path)
        assert [row[2] for row in rows[1:]] == ["A", "B"]

    @pytest.mark.parametrize("ending", ["geojson", "gpkg"])
    def test_areas_in_other_formats(self, assign, areas, tmp_path, ending):
        path = save(areas.to_crs("EPSG:4326"), tmp_path / f"areas.{ending}")
        _, rows = assign(CSV, areas=path)
        assert [row[4] for row in rows[1:]] == CODES

    def test_another_key_of_the_areas(self, assign, areas, tmp_path):
        path = save(areas.rename(columns={"code": "町丁字コード"}), tmp_path / "a.parquet")
        _, rows = assign(CSV, "--area-key", "町丁字コード", areas=path)
        assert [row[4] for row in rows[1:]] == CODES

    def test_the_official_boundaries(self, assign, committed, csv_text, kawachi, nishise):
        areas = committed / "raw" / "municipal_boundaries.geojson"
        answer, rows = assign(csv_text([kawachi, nishise]), "--id-key", "id", areas=areas)
        assert answer.code == 0
        # 河内中学校 is in 西区 of 熊本市, 西瀬コミュニティセンター in 人吉市.
        assert [row[-2] for row in rows[1:]] == ["43103", "43203"]

    def test_a_process_of_its_own(self, spawn, write, areas_path, tmp_path):
        out = tmp_path / "結果.csv"
        answer = spawn("assign", "--points", write("点.csv", CSV), "--areas", areas_path, "--out",
                       out, "--json")  # fmt: skip
        assert (answer.code, answer.err) == (0, "")
        assert json.loads(answer.out)["matched"] == 4
        assert [row[4] for row in read_rows(out)[1:]] == CODES

    def test_a_column_named_geometry_is_kept(self, assign):
        _, rows = assign("id,lon,lat,geometry\na,130.5,32.5,POINT (1 2)\n")
        assert "geometry" in rows[0]

    def test_a_repeated_column_is_kept_or_refused(self, assign):
        answer, rows = assign("id,id,lon,lat\na,b,130.5,32.5\n")
        assert answer.code == 2 or rows[0][:2] == ["id", "id"]

    def test_a_blank_line_at_the_end_is_no_row(self, assign):
        answer, rows = assign("id,lon,lat\na,130.5,32.5\n\n")
        assert len(rows) == 2
        assert answer.out.startswith("rows 1,")

    def test_what_a_csv_cannot_be(self, run, write, tmp_path):
        areas = write("areas.csv", CSV)
        answer = run("assign", "--points", areas, "--areas", areas, "--out", tmp_path / "o.csv")
        assert answer.code == 2
        assert "expected .csv (points), .geojson, .gpkg or .parquet, got '.csv'" in answer.err


class TestRefused:
    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            ("id,lon,lat\na,１３０.5,32.5\n", "row 2, column lon: expected degrees from -180 to"),
            ("id,lon,lat\na,130.5,32.5\nb,x,32.5\n", "row 3, column lon: expected degrees"),
            ("id,lon,lat\na,130.5,32.5\nb,130.5,nan\n", "row 3, column lat: expected degrees"),
            ("id,lon,lat\na,inf,32.5\n", "row 2, column lon: expected degrees"),
            ("id,lon,lat\na,32.5,130.5\n", "got '130.5' (1 such rows). Mend them; lon and lat may"),
            ("id,lon,lat\na,130.5,32.5,x\n", "as many cells in each row as in the header line"),
            ("id,lon,lat\na,130.5,32.5\nb,130.5,32.5,x\n", "got 4 instead of 3 in line 3"),
            ('id,lon,lat\n"a,130.5,32.5\n', "as many cells in each row as in the header line"),
            ("id,lon\na,130.5\n", "expected one column among lat, latitude, 緯度, got 0"),
            ("id,x,y\na,130.5,32.5\n", "expected one column among lon, longitude, lng, 経度"),
            ("lon,経度,lat\n1,2,3\n", "got 2 of them in lon, 経度, lat"),
            ("area_code,lon,lat\na,130.5,32.5\n", "expected no column named area_code"),
            ("tie,lon,lat\na,130.5,32.5\n", "expected no column named tie"),
            ("", "expected a header line and rows, got an empty file"),
            ("\n\n", "got an empty file"),
            (CSV.encode("utf-16"), "got UTF-16"),
            (CSV.replace("地点", "萩尾").encode("euc_jp"), "utf-8 fails in line 1"),
            (CSV.replace("地点", "阿蘇").encode() + b"\xff\xff", "utf-8 fails in line 7"),
        ],
    )
    def test_bad_points(self, refuse, content, expected):
        assert expected in refuse(content)

    @pytest.mark.parametrize("content", [CSV.encode("euc_jp"), CSV.encode() + b"\xff\xff"])
    def test_other_encodings_that_decode_as_cp932(self, refuse, content):
        assert "utf-8 fails in line" in refuse(content)

    @pytest.mark.parametrize("row", ["b,130.5", "b"])
    def test_a_row_with_too_few_cells(self, refuse, row):
        assert "line 3" in refuse(f"id,lon,lat\na,130.5,32.5\n{row}\n")

    def test_a_repeated_id(self, refuse):
        report = refuse(CSV, "--id-key", "id")
        assert "points, column id: expected each value once, got '01' 2 times" in report

    def test_an_unknown_id_column(self, refuse):
        assert "points: expected the column 'nr', got id, lon, lat" in refuse(CSV, "--id-key", "nr")

    def test_an_unknown_area_column(self, refuse):
        assert "expected one column 'nr', got the columns code" in refuse(CSV, "--area-key", "nr")

    def test_an_area_column_of_numbers(self, refuse):
        assert "expected non-blank strings, got 1 in row 0" in refuse(CSV, "--area-key", "n")

    @pytest.mark.parametrize("ending", ["parquet", "gpkg"])
    @pytest.mark.filterwarnings("ignore:'crs' was not provided")
    def test_areas_without_crs(self, refuse, areas, tmp_path, ending):
        path = save(areas.set_crs(None, allow_override=True), tmp_path / f"none.{ending}")
        report = refuse(CSV, areas=path)
        assert report.startswith(f"CrsError: none.{ending}: expected a coordinate reference system")

    def test_areas_that_are_none(self, refuse, areas, tmp_path):
        for name in ("a.geojson", "a.gpkg", "a.parquet"):
            (tmp_path / name).write_text("no areas")
            assert f"ReadError: {name}: expected " in refuse(CSV, areas=tmp_path / name)
        (tmp_path / "table.parquet").write_bytes(pd.DataFrame({"code": ["A"]}).to_parquet())
        assert "ReadError: table.parquet: expected" in refuse(CSV, areas=tmp_path / "table.parquet")
        save(areas.iloc[:0], tmp_path / "empty.parquet")
        assert "expected areas, got none" in refuse(CSV, areas=tmp_path / "empty.parquet")
        assert "ReadError: missing.gpkg" in refuse(CSV, areas=tmp_path / "missing.gpkg")
        (tmp_path / "folder.gpkg").mkdir()
        assert "ReadError: folder.gpkg" in refuse(CSV, areas=tmp_path / "folder.gpkg")

    def test_a_bow_tie_among_the_areas(self, refuse, areas, tmp_path):
        bow_tie = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
        path = save(areas.assign(geometry=[areas.geometry[0], bow_tie]), tmp_path / "b.parquet")
        assert "got row 1: Self-intersection[0.5 0.5]" in refuse(CSV, areas=path)

    def test_points_among_the_areas(self, refuse, points, tmp_path):
        path = save(points.assign(code="A"), tmp_path / "p.parquet")
        assert "expected Polygon or MultiPolygon geometries, got Point" in refuse(CSV, areas=path)

    def test_two_gigabytes(self, refuse, tmp_path):
        for name in ("huge.geojson", "huge.parquet"):
            path = tmp_path / name
            path.touch()
            os.truncate(path, 2 * 1024**3)
            assert f"ReadError: {name}: expected a file of 1 byte to 1024 MiB" in refuse(
                CSV, areas=path
            )

    def test_a_sqlite_file_that_is_no_geopackage(self, spawn, write, tmp_path):
        path = tmp_path / "a.gpkg"
        with sqlite3.connect(path) as database:
            database.execute("CREATE TABLE a (b)")
        database.close()
        out = tmp_path / "out.csv"
        answer = spawn("assign", "--points", write("p.csv", CSV), "--areas", path, "--out", out)
        assert answer.code == 2
        assert "ReadError: a.gpkg: expected gpkg with geometries" in answer.err
        assert not out.exists()

    @pytest.mark.parametrize("name", ["out.txt", "out", "no/folder/out.csv", "out.shp"])
    def test_an_output_that_cannot_be(self, run, write, areas_path, tmp_path, name):
        out = tmp_path / name
        points = write("points.csv", CSV)
        answer = run("assign", "--points", points, "--areas", areas_path, "--out", out)
        assert answer.code == 2
        assert "expected an output in a folder that exists, ending in .csv, .geojson" in answer.err
        assert not out.exists()

    def test_an_output_that_is_a_folder(self, run, write, areas_path, tmp_path):
        out = tmp_path / "out.csv"
        out.mkdir()
        points = write("points.csv", CSV)
        assert run("assign", "--points", points, "--areas", areas_path, "--out", out).code == 2

    @pytest.mark.filterwarnings("ignore:More than one layer found")
    def test_areas_in_several_layers(self, refuse, areas, tmp_path):
        path = tmp_path / "two.gpkg"
        areas.to_file(path, layer="old")
        areas.iloc[:1].to_file(path, layer="new")
        assert "old, new" in refuse(CSV, areas=path)


class TestFeatures:
    """Points with a geometry of their own, in and out."""

    @pytest.fixture
    def assign_features(self, run, areas_path, tmp_path):
        def assign_points(path, ending="parquet"):
            out = tmp_path / f"out.{ending}"
            answer = run("assign", "--points", path, "--areas", areas_path, "--out", out)
            assert (answer.code, answer.err) == (0, "")
            return gpd.read_parquet(out) if ending == "parquet" else gpd.read_file(out)

        return assign_points

    @pytest.mark.parametrize("ending", ["parquet", "geojson", "gpkg"])
    def test_the_same_rows_in_order(self, assign_features, points, tmp_path, ending):
        found = assign_features(save(points, tmp_path / f"points.{ending}"))
        assert found["id"].tolist() == points["id"].tolist()
        assert found["n"].tolist() == points["n"].tolist()
        assert found["名称"].tolist() == points["名称"].tolist()
        assert found["area_code"].fillna("").tolist() == [*CODES, ""]
        assert found["tie"].tolist() == [*TIES, False]
        assert found.geometry.is_empty.tolist()[:5] == [False] * 5
        assert found.geometry[:5].tolist() == points.geometry[:5].tolist()
        assert found.geometry[5] is None

    def test_points_in_another_crs(self, assign_features, points, tmp_path):
        path = save(points.to_crs("EPSG:6670"), tmp_path / "points.parquet")
        found = assign_features(path)
        assert found["area_code"].fillna("").tolist()[:4] == CODES[:4]
        assert found.crs == "EPSG:6670"

    def test_a_csv_from_points_in_metres_has_degrees(self, run, points, areas_path, tmp_path):
        path = save(points.to_crs("EPSG:6670"), tmp_path / "points.parquet")
        out = tmp_path / "out.csv"
        assert run("assign", "--points", path, "--areas", areas_path, "--out", out).code == 0
        header, first, *_ = read_rows(out)
        assert float(first[header.index("lon")]) == pytest.approx(130.5, abs=1e-6)
        assert float(first[header.index("lat")]) == pytest.approx(32.5, abs=1e-6)

    def test_an_index_with_a_name_is_kept(self, assign_features, points, tmp_path):
        path = save(points.set_index("id"), tmp_path / "points.parquet")
        assert assign_features(path).reset_index()["id"].tolist() == points["id"].tolist()

    @pytest.mark.parametrize(
        ("ending", "geometry"), [("geojson", box(0, 0, 1, 1)), ("parquet", box(0, 0, 1, 1))]
    )
    def test_areas_in_place_of_points(self, run, areas_path, tmp_path, ending, geometry):
        features = gpd.GeoDataFrame({"a": [1]}, geometry=[geometry], crs="EPSG:4326")
        path = save(features, tmp_path / f"points.{ending}")
        out = tmp_path / "out.csv"
        answer = run("assign", "--points", path, "--areas", areas_path, "--out", out)
        assert answer.code == 2
        assert "expected Point geometries, got Polygon" in answer.err

    def test_properties_keep_their_values(self, run, write, areas_path, tmp_path):
        kept = {"n": 2**53 + 1, "flag": True, "day": "2026/01/31", "list": [1, 2], "code": "007"}
        point = {"type": "Point", "coordinates": [130.5, 32.5]}
        features = [
            {"type": "Feature", "properties": properties, "geometry": point}
            for properties in (kept, dict.fromkeys(kept))
        ]
        path = write(
            "points.geojson", json.dumps({"type": "FeatureCollection", "features": features})
        )
        out = tmp_path / "out.geojson"
        assert run("assign", "--points", path, "--areas", areas_path, "--out", out).code == 0
        found = json.loads(out.read_text("utf-8"))["features"]
        added = {"area_code": "A", "tie": False}
        assert found[0]["properties"] == {**kept, **added}
        assert found[1]["properties"] == {**dict.fromkeys(kept), **added}

    @pytest.mark.parametrize("header", ["fid", "geom", "ID,id"])
    def test_columns_that_a_geopackage_cannot_have(self, run, write, areas_path, tmp_path, header):
        cells = ",".join("x" for _ in header.split(","))
        path = write("points.csv", f"{header},lon,lat\n{cells},130.5,32.5\n")
        out = tmp_path / "out.gpkg"
        answer = run("assign", "--points", path, "--areas", areas_path, "--out", out)
        assert (answer.code == 0) is out.exists()
        assert answer.code in (0, 2)

    def test_points_without_crs(self, points, areas_path, tmp_path):
        path = save(points.set_crs(None, allow_override=True), tmp_path / "points.parquet")
        with pytest.raises(CrsError, match=r"points\.parquet: expected a coordinate reference"):
            assign_file(path, areas_path, tmp_path / "out.csv")

    @pytest.mark.parametrize("ending", ["parquet", "geojson", pytest.param("gpkg")])
    def test_features_from_a_csv(self, assign_features, write, ending):
        found = assign_features(write("points.csv", CSV + "x,,,無し\n"), ending)
        assert found["id"].tolist() == ["007", "01", "01", "", "NA", "x"]
        assert found["lon"].tolist() == [*(str(lon) for lon, _ in PLACES), ""]
        assert found["area_code"].fillna("").tolist() == [*CODES, ""]
        assert found["tie"].tolist() == [*TIES, False]
        assert [(shape.x, shape.y) for shape in found.geometry[:5]] == PLACES
        assert found.geometry[5] is None

    def test_geojson_has_lon_before_lat(self, assign_features, write, tmp_path):
        assign_features(write("points.csv", CSV), "geojson")
        document = json.loads((tmp_path / "out.geojson").read_text("utf-8"))
        assert document["features"][0]["geometry"]["coordinates"] == [130.5, 32.5]

    def test_the_output_is_the_same_at_every_run(self, assign_features, write, tmp_path):
        contents = set()
        for _ in range(2):
            assign_features(write("points.csv", CSV), "geojson")
            contents.add((tmp_path / "out.geojson").read_bytes())
        assert len(contents) == 1


class TestOutput:
    @pytest.fixture
    def paths(self, write, areas_path, tmp_path):
        return write("points.csv", CSV), areas_path, tmp_path / "out.csv"

    def test_replaced_in_one_step(self, paths, tmp_path, monkeypatch):
        out = paths[2]
        out.write_text("old\n")

        def crash(*_arguments):
            assert out.read_text() == "old\n"
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", crash)
            with pytest.raises(OSError, match="No space left"):
                assign_file(*paths)
        assert out.read_text() == "old\n"
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
        assign_file(*paths)
        assert len(read_rows(out)) == 6

    def test_it_may_be_the_input(self, paths):
        points, areas, _ = paths
        assert assign_file(points, areas, points)["rows"] == 5
        assert [row[4] for row in read_rows(points)[1:]] == CODES
        with pytest.raises(KeyColumnError, match="expected no column named area_code, tie"):
            assign_file(points, areas, points)

    def test_the_inputs_stay_as_they_are(self, paths):
        before = [path.read_bytes() for path in paths[:2]]
        assign_file(*paths)
        assert [path.read_bytes() for path in paths[:2]] == before

    def test_others_may_read_it_as_any_new_file(self, paths, tmp_path):
        plain = tmp_path / "plain"
        plain.touch()
        assign_file(*paths)
        assert paths[2].stat().st_mode == plain.stat().st_mode

    def test_errors_are_those_documented(self, paths):
        points, areas, out = paths
        with pytest.raises(ReadError, match="expected an output in a folder that exists"):
            assign_file(points, areas, out.with_suffix(".txt"))
        with pytest.raises(KeyColumnError, match="expected each value once"):
            assign_file(points, areas, out, id_key="id")
