"""`python -m kumageo readings`: exit codes, words, JSON, and the bar that a person sees."""

from __future__ import annotations

import json
import shutil

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from kumageo.readings.store import ReadingStore
from kumageo.store import Publication, Store

ONE = "kumamoto-01"
GOOD = f"{ONE},2026-01-01T00:00+09:00,8.25"
PUBLICATION = Publication("", "2024-02-28", "stated", "a.csv", "0" * 64, "a", "utf-8", 1, 1, 0, 0)


@pytest.fixture
def wells(geodata):
    """Publish a wells dataset of three ids."""
    ids = [ONE, "kumamoto-17", "yatsushiro-02"]
    frame = gpd.GeoDataFrame({"id": ids}, geometry=[Point(130.7, 32.8)] * 3, crs="EPSG:6668")
    Store(geodata).publish("observation_wells", frame, pd.DataFrame(), PUBLICATION)


@pytest.fixture
def import_file(run, wells):
    def run_import(path, *options):
        return run("readings", "import", path, "--source", "熊本県", *options)

    return run_import


class TestImport:
    def test_text(self, import_file, readings_file, geodata):
        answer = import_file(readings_file(GOOD, GOOD))
        assert (answer.code, answer.err) == (0, "")
        lines = answer.out.splitlines()
        assert lines[0] == (
            "readings (level above sea level, utf-8): read 2, kept 2, quarantined 0"
        )
        assert lines[1] == f"  [warning] repeated_row x 1: {ONE}"
        assert lines[-1] == (
            "published: new 1, changed 0, unchanged 0; "
            "2026-01-01T00:00:00+09:00 to 2026-01-01T00:00:00+09:00"
        )
        store = ReadingStore(geodata / "readings.sqlite3")
        assert store.describe()["n_readings"] == 1
        store.close()

    def test_json(self, import_file, readings_file):
        answer = import_file(readings_file(GOOD), "--json")
        assert (answer.code, answer.err) == (0, "")
        printed = json.loads(answer.out)
        assert (printed["published"], printed["n_new"]) == (True, 1)
        assert "error" not in printed

    def test_refused(self, import_file, readings_file, geodata):
        answer = import_file(readings_file(GOOD, f"{ONE},2026-01-01T24:00,8"))
        assert (answer.code, answer.out) == (2, "")
        assert f"  [error] hour_24 x 1: {ONE}" in answer.err
        assert "24時は使えません。翌日の0時にしてください。" in answer.err
        assert "row 3, column time: expected 00:00 of the next day, got" in answer.err
        assert "nothing was published" in answer.err
        assert "何も登録しません" in answer.err

    def test_refused_as_json(self, import_file, readings_file):
        answer = import_file(readings_file("x,2026-01-01T00:00Z,8"), "--json")
        assert (answer.code, answer.out) == (2, "")
        printed = json.loads(answer.err)
        assert (printed["error"], printed["published"]) == ("QuarantineError", False)
        assert printed["report"]["checks"][0]["check"] == "unknown_well"

    def test_held_and_accepted(self, import_file, readings_file):
        file = readings_file(GOOD, f"{ONE},2026-01-02T00:00Z,50")
        answer = import_file(file)
        assert answer.code == 2
        assert "--accept-held を付けてもう一度" in answer.err
        assert import_file(file, "--accept-held").code == 0

    def test_every_check_has_its_words(self, import_file, write):
        lines = [
            *(GOOD, f"{ONE},2025-12-31T15:00Z,9", f"{ONE},2026-01-02T00:00Z,90", "x"),
            *(f"{ONE},2026-01-02T24:00Z,8", f"{ONE},2026-01-02T00:00,8", f"{ONE},x,8"),
            *(f"{ONE},2999-01-01T00:00Z,8", f"{ONE},1800-01-01T00:00Z,8", f"{ONE},x,"),
            *(f"{ONE},x,y", f"{ONE},2026-01-02T00:00Z,5000", "x,2026-01-02T00:00Z,8"),
            *(f"{ONE},2026-01-03T00:00Z,8", f"{ONE},2026-01-03T00:00Z,8"),
        ]
        file = write("a.csv", "\n".join(["well,time,level_m", *lines]))
        answer = import_file(file, "--json")
        found = {row["check"] for row in json.loads(answer.err)["report"]["checks"]}
        assert found == {
            *("conflicting_time", "held", "cell_count", "hour_24", "no_zone", "time_format"),
            *("future", "too_early", "blank", "number", "range", "unknown_well"),
            *("repeated_row", "cut_off"),
        }
        assert import_file(file).code == 2  # a missing text would be an error of its own

    def test_wells_from_a_file(self, run, readings_file, write):
        file, wells = readings_file("w1,2026-01-01T00:00Z,8"), write("wells.csv", "id\nw1\n")
        answer = run("readings", "import", file, "--source", "a", "--wells", wells)
        assert answer.code == 0
        bad = run("readings", "import", file, "--source", "a", "--wells", file)
        assert "expected the columns of list of wells" in bad.err

    def test_no_wells_dataset(self, run, readings_file, geodata):
        shutil.rmtree(geodata / "processed" / "observation_wells")
        answer = run("readings", "import", readings_file(GOOD), "--source", "a")
        assert (answer.code, answer.out) == (2, "")
        assert "python -m kumageo ingest observation_wells FILE" in answer.err

    def test_no_source(self, run, readings_file):
        answer = run("readings", "import", readings_file(GOOD))
        assert (answer.code, answer.out) == (2, "")
        assert "--source" in answer.err

    def test_another_place(self, import_file, readings_file, tmp_path, monkeypatch, geodata):
        monkeypatch.setenv("KUMAGEO_READINGS", str(tmp_path / "elsewhere.sqlite3"))
        assert import_file(readings_file(GOOD)).code == 0
        assert (tmp_path / "elsewhere.sqlite3").is_file()
        assert not (geodata / "readings.sqlite3").exists()

    def test_not_while_readings_are_simulated(self, import_file, readings_file, monkeypatch):
        monkeypatch.setenv("KUMAGEO_DEMO", "1")
        answer = import_file(readings_file(GOOD))
        assert (answer.code, answer.out) == (2, "")
        assert "Unset KUMAGEO_DEMO" in answer.err

    def test_a_bar_for_a_person(self, import_file, readings_file, monkeypatch):
        file = readings_file(GOOD)
        assert "checking" not in import_file(file).err
        monkeypatch.setattr("sys.stderr.isatty", lambda: True)
        answer = import_file(file)
        assert "checking: 100%" in answer.err
        assert "writing: 100%" in answer.err
        assert import_file(file, "--json").err == ""


class TestExport:
    def test_there_and_back(self, import_file, run, readings_file, tmp_path):
        import_file(readings_file(GOOD, f"{ONE},2026-01-02T00:00+09:00,8.5"))
        out = tmp_path / "out.csv"
        answer = run("readings", "export", "--well", ONE, "--from", "2026-01-02", "--out", out)
        assert (answer.code, answer.out, answer.err) == (0, "n_wells 1, n_readings 1\n", "")
        assert out.read_text("utf-8-sig").splitlines()[1] == (
            f"{ONE},2026-01-02T00:00:00+09:00,8.5,imported,熊本県"
        )
        answer = run("readings", "export", "--to", "2026-01-01", "--out", out, "--json")
        assert json.loads(answer.out) == {"n_wells": 1, "n_readings": 1}

    def test_nothing(self, run, tmp_path):
        answer = run("readings", "export", "--out", tmp_path / "out.csv", "--json")
        assert (answer.code, answer.out) == (2, "")
        assert json.loads(answer.err)["error"] == "NotPublishedError"

    @pytest.mark.parametrize(
        "options", [[], ["--out", "a.csv", "--from", "2026/1/1"], ["--out", "a", "--to", "x"]]
    )
    def test_bad_arguments(self, run, options):
        answer = run("readings", "export", *options)
        assert (answer.code, answer.out) == (2, "")
        assert "usage:" in answer.err


def test_a_command_is_needed(run):
    answer = run("readings")
    assert (answer.code, answer.out) == (2, "")
