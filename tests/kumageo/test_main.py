"""The commands: exit codes, what goes to stdout and what to stderr, text and JSON."""

from __future__ import annotations

import json
import shutil

import pytest

from kumageo.store import Store

SITES = "evacuation_sites"
IDS = ["municipalities", "municipal_boundaries", SITES, "evacuation_shelters"]


class TestCatalog:
    def test_text(self, run):
        answer = run("catalog")
        assert (answer.code, answer.err) == (0, "")
        lines = answer.out.splitlines()
        start = lines.index("evacuation_sites: 指定緊急避難場所")
        assert lines[start + 1 : start + 6] == [
            "  rows: 1761",
            "  as_of: 2025-10-27",
            "  licence: 国土地理院コンテンツ利用規約",
            "  attribution: 国土地理院「指定緊急避難場所データ」",
            "  status: published",
        ]

    def test_json(self, run):
        answer = run("catalog", "--json")
        assert (answer.code, answer.err) == (0, "")
        datasets = {entry["id"]: entry for entry in json.loads(answer.out)["datasets"]}
        assert list(datasets)[:4] == IDS
        rows = [datasets[name]["rows"] for name in IDS]
        assert rows == [45, 49, 1761, 1338]
        for entry in datasets.values():
            assert entry["licence"]
            assert entry["attribution"]
            assert entry["status"] == "published"
            assert entry["sources"][0]["as_of"]

    def test_what_is_published_goes_before_the_catalogue(self, run, sites_file):
        assert run("ingest", SITES, sites_file(), "--as-of", "2026-03-01").code == 0
        datasets = json.loads(run("catalog", "--json").out)["datasets"]
        (entry,) = [entry for entry in datasets if entry["id"] == SITES]
        assert (entry["rows"], entry["as_of"], entry["as_of_basis"]) == (3, "2026-03-01", "stated")

    def test_a_dataset_that_is_not_published(self, run, geodata):
        shutil.rmtree(geodata / "processed" / SITES)
        datasets = json.loads(run("catalog", "--json").out)["datasets"]
        (entry,) = [entry for entry in datasets if entry["id"] == SITES]
        assert (entry["rows"], entry["status"]) == (None, "not published")
        assert "status: not published" in run("catalog").out


class TestIngest:
    def test_text(self, run, sites_file):
        answer = run("ingest", SITES, sites_file(), "--as-of", "2026-03-01")
        assert (answer.code, answer.err) == (0, "")
        first, *warning, last = answer.out.splitlines()
        assert first == (
            "evacuation_sites (kumageo evacuation_sites, utf-8): read 3, kept 3, quarantined 0"
        )
        assert last == "published; as of 2026-03-01 (stated)"
        assert len(warning) == 3
        assert warning[0] == "  [warning] emptied_municipality x 1: row 0"
        assert (
            "the whole file, column municipality_code: expected features of 45 munici" in warning[2]
        )

    def test_json(self, run, sites_file):
        answer = run("ingest", SITES, sites_file(), "--as-of", "2026-03-01", "--json")
        printed = json.loads(answer.out)
        assert printed["dataset"] == SITES
        assert printed["published"] is True
        assert len(printed["version"]) == 12
        assert printed["source_file"] == "sites.csv"
        assert (printed["n_read"], printed["n_kept"], printed["n_quarantined"]) == (3, 3, 0)
        (issue,) = printed["report"]["issues"]
        assert (issue["check"], issue["severity"]) == ("emptied_municipality", "warning")
        assert "error" not in printed

    def test_a_failure_as_json_goes_to_stderr(self, run, tmp_path):
        answer = run("ingest", SITES, tmp_path / "missing.csv", "--json")
        assert (answer.code, answer.out) == (2, "")
        assert json.loads(answer.err) == {
            "error": "ReadError",
            "message": "missing.csv: expected a file, got none there. Check the path.",
        }

    def test_a_process_of_its_own(self, spawn, sites_file, geodata):
        good = spawn("ingest", SITES, sites_file())
        assert (good.code, good.err) == (0, "")
        bad = spawn("ingest", SITES, sites_file(name='=HYPERLINK("http://a.example")'))
        assert (bad.code, bad.out) == (2, "")
        assert "row 3, column name: expected no = + - or @ at the start, got" in bad.err
        assert "Traceback" not in bad.err
        assert len(Store(geodata).load(SITES)) == 3

    def test_on_a_console_in_cp932(self, spawn, sites_file):
        answer = spawn("ingest", SITES, sites_file(name="髙台～"), PYTHONIOENCODING="cp932")
        assert (answer.code, answer.err) == (0, "")
        bad = spawn("ingest", SITES, sites_file(flood="○"), PYTHONIOENCODING="cp932")
        assert bad.code == 2
        assert "0 か 1 で入れてください。" in bad.err
        assert "row 3, column flood: expected 0 or 1, got '○'" in bad.err


class TestRollback:
    def test_there_and_back(self, run, geodata, sites_file):
        store = Store(geodata)
        assert run("ingest", SITES, sites_file(), "--as-of", "2026-03-01").code == 0
        answer = run("rollback", SITES)
        assert (answer.code, answer.err) == (0, "")
        assert answer.out == "evacuation_sites: back to evacuation_sites.csv of 2025-10-27\n"
        assert len(store.load(SITES)) == 1761
        printed = json.loads(run("rollback", SITES, "--json").out)
        assert (printed["dataset"], printed["as_of"]) == (SITES, "2026-03-01")
        assert len(store.load(SITES)) == 3

    def test_no_earlier_version(self, run, geodata, snapshot):
        before = snapshot(geodata)
        answer = run("rollback", SITES)
        assert (answer.code, answer.out) == (2, "")
        assert answer.err == (
            "NotPublishedError: dataset evacuation_sites: expected an earlier version to return "
            "to, got none. Nothing was changed.\n"
        )
        assert snapshot(geodata) == before

    def test_nothing_published(self, run, geodata):
        shutil.rmtree(geodata / "processed" / SITES)
        answer = run("rollback", SITES)
        assert answer.code == 2
        assert "expected a published version, got none" in answer.err

    @pytest.mark.parametrize("dataset", ["wells", "..", "../processed/evacuation_sites"])
    def test_an_unknown_dataset(self, run, dataset):
        answer = run("rollback", dataset)
        assert (answer.code, answer.out) == (2, "")
        assert "UnknownDatasetError: dataset: expected one of municipalities" in answer.err


class TestReport:
    def test_text(self, run):
        answer = run("report", "municipalities")
        assert (answer.code, answer.err) == (0, "")
        assert answer.out.splitlines()[0] == "n_municipalities: 45"
        assert "n_sites: 1761" in answer.out.splitlines()

    @pytest.mark.parametrize("subject", ["municipalities", "evacuation"])
    def test_json(self, run, subject):
        answer = run("report", subject, "--json")
        assert (answer.code, answer.err) == (0, "")
        assert json.loads(answer.out)["subject"] == subject

    def test_a_dataset_is_missing(self, run, geodata):
        shutil.rmtree(geodata / "processed" / "municipal_boundaries")
        answer = run("report", "evacuation")
        assert (answer.code, answer.out) == (2, "")
        assert "python -m kumageo ingest municipal_boundaries FILE" in answer.err

    def test_a_file_of_a_dataset_is_missing(self, run, geodata):
        (path,) = (geodata / "processed" / SITES).glob("*/features.parquet")
        path.unlink()
        assert run("report", "evacuation").code == 2


class TestUse:
    @pytest.mark.parametrize(
        "arguments",
        [
            [],
            ["publish"],
            ["ingest"],
            ["ingest", SITES],
            ["report", "wells"],
            ["catalog", "--xml"],
            ["assign", "--points", "a.csv"],
        ],
    )
    def test_a_command_that_is_none(self, run, arguments):
        answer = run(*arguments)
        assert (answer.code, answer.out) == (2, "")
        assert "usage: python -m kumageo" in answer.err

    def test_help_names_the_commands(self, run):
        answer = run("--help")
        assert answer.code == 0
        for name in ("catalog", "ingest", "rollback", "assign", "readings", "raster", "report"):
            assert f"    {name} " in answer.out

    def test_a_bad_setting(self, run, monkeypatch):
        monkeypatch.setenv("KUMAGEO_TILES", "http://a.example/tiles")
        answer = run("catalog")
        assert (answer.code, answer.out) == (2, "")
        assert answer.err.startswith("SettingError: KUMAGEO_TILES: expected https://HOST/PATH/")

    def test_a_broken_catalogue(self, run, geodata):
        path = geodata / "catalog.toml"
        path.write_text(path.read_text("utf-8").replace("licence =", "license =", 1), "utf-8")
        answer = run("catalog", "--json")
        assert (answer.code, answer.out) == (2, "")
        failure = json.loads(answer.err)
        assert failure["error"] == "CatalogError"
        assert "municipalities: licence is missing" in failure["message"]
        assert "municipalities: license is not a known field" in failure["message"]

    def test_a_damaged_pointer(self, run, geodata):
        (geodata / "processed" / SITES / "published.json").write_text("{")
        answer = run("catalog")
        assert (answer.code, answer.out) == (2, "")
        assert "ReadError: evacuation_sites/published.json: expected JSON" in answer.err

    @pytest.mark.parametrize(
        "change", [{"reader": "wells"}, {"schema": "wells"}], ids=["reader", "schema"]
    )
    def test_a_catalogue_that_names_what_does_not_exist(self, run, geodata, sites_file, change):
        path = geodata / "catalog.toml"
        ((field, value),) = change.items()
        text = path.read_text("utf-8")
        path.write_text(text.replace(f'{field} = "{SITES}"', f'{field} = "{value}"'), "utf-8")
        answer = run("ingest", SITES, sites_file())
        assert (answer.code, answer.out) == (2, "")
        assert f"{field}" in answer.err
        assert "Correct geodata/catalog.toml" in answer.err

    def test_a_process_of_its_own(self, spawn):
        answer = spawn("catalog", "--json", LC_ALL="C")
        assert (answer.code, answer.err) == (0, "")
        assert json.loads(answer.out)["datasets"][2]["title"] == "指定緊急避難場所"
