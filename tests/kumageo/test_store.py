"""The store: one step from the old version to the new, one earlier version kept, no halves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from filelock import FileLock
from geopandas.testing import assert_geodataframe_equal
from shapely import Point

from kumageo import store as store_module
from kumageo.errors import NotPublishedError, ReadError
from kumageo.store import Publication, Store

WELLS = "wells"
SITES = "evacuation_sites"
SECONDS = 120
PUBLICATION = Publication(
    version="ignored",
    as_of="2024-02-28",
    as_of_basis="stated",
    source_file="井戸.csv",
    source_sha256="0" * 64,
    layout="wells",
    encoding="utf-8",
    n_read=2,
    n_kept=1,
    n_quarantined=1,
    n_warnings=0,
)


def wells(*names):
    places = [Point(130.7 + i / 100, 32.8) for i in range(len(names))]
    return gpd.GeoDataFrame({"name": list(names)}, geometry=places, crs="EPSG:6668")


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "processed" / WELLS


def publish(store, *names, quarantine=None):
    rows = pd.DataFrame() if quarantine is None else quarantine
    return store.publish(WELLS, wells(*names), rows, PUBLICATION)


def versions(folder):
    return {path.name for path in folder.iterdir() if path.is_dir()}


class TestPublish:
    def test_round_trip(self, store):
        features = wells("健軍", "水前寺")
        before = features.copy()
        published = store.publish(WELLS, features, pd.DataFrame(), PUBLICATION)
        assert_geodataframe_equal(store.load(WELLS), before)
        assert_geodataframe_equal(features, before)
        assert store.describe(WELLS) == published
        assert len(published.version) == 12
        assert published.version != "ignored"
        assert (published.as_of, published.source_file) == ("2024-02-28", "井戸.csv")

    def test_the_version_follows_from_the_content(self, store, tmp_path):
        first = publish(store, "a").version
        assert publish(store, "b").version != first
        assert publish(Store(tmp_path / "elsewhere"), "a").version == first
        kept_out = pd.DataFrame({"got": ["x"]})
        assert publish(Store(tmp_path / "third"), "a", quarantine=kept_out).version != first

    def test_what_was_kept_out_is_written_beside(self, store, folder):
        version = publish(store, "a", quarantine=pd.DataFrame({"got": ["x,y"], "row": [3]})).version
        text = (folder / version / "quarantine.csv").read_text("utf-8-sig")
        assert text == 'got,row\n"x,y",3\n'

    def test_one_earlier_version_is_kept(self, store, folder):
        first, second, third = (publish(store, name).version for name in "abc")
        assert versions(folder) == {second, third}
        assert first not in {second, third}
        pointer = json.loads((folder / "published.json").read_text("utf-8"))
        assert pointer["current"]["version"] == third
        assert pointer["previous"]["version"] == second

    def test_the_same_content_again_keeps_the_earlier_version(self, store, folder):
        first, second = publish(store, "a").version, publish(store, "b").version
        assert publish(store, "b").version == second
        assert versions(folder) == {first, second}
        assert store.rollback(WELLS).version == first

    def test_the_earlier_content_again(self, store, folder):
        first, second = publish(store, "a").version, publish(store, "b").version
        assert publish(store, "a").version == first
        assert versions(folder) == {first, second}
        assert store.load(WELLS)["name"].tolist() == ["a"]
        assert store.rollback(WELLS).version == second

    def test_anyone_may_read_what_is_published(self, store, folder):
        version = publish(store, "a").version
        assert (folder / version).stat().st_mode & 0o777 == 0o755
        for path in (folder / version / "features.parquet", folder / "published.json"):
            assert path.stat().st_mode & 0o444 == 0o444, path.name


class TestRead:
    def test_nothing_published(self, store, folder):
        for ask in (store.load, store.describe, store.rollback):
            with pytest.raises(NotPublishedError, match="python -m kumageo ingest wells FILE"):
                ask(WELLS)
        assert not folder.exists()

    @pytest.mark.parametrize("content", [b"", b"{", b'{"current": ', b"\xff\xfe"])
    def test_a_damaged_pointer(self, store, folder, content):
        publish(store, "a")
        (folder / "published.json").write_bytes(content)
        with pytest.raises(ReadError, match=r"wells/published\.json: expected JSON"):
            store.load(WELLS)

    def test_a_file_that_is_cut_off(self, store, folder):
        version = publish(store, "a").version
        (folder / version / "features.parquet").write_bytes(b"PAR1")
        with pytest.raises(ReadError):
            store.load(WELLS)

    def test_a_reader_that_is_overtaken_twice(self, store, monkeypatch):
        publish(store, "a")
        describe = Store.describe
        answers = []

        def describe_and_fall_behind(self, dataset_id):
            answer = describe(self, dataset_id)
            if not answers:
                answers.append(answer)
                publish(store, "b")
                publish(store, "c")
            return answer

        monkeypatch.setattr(Store, "describe", describe_and_fall_behind)
        assert store.load(WELLS)["name"].tolist() == ["c"]


class TestRollback:
    def test_versions_change_places_and_back(self, store):
        first, second = publish(store, "a"), publish(store, "b")
        assert store.rollback(WELLS) == first
        assert store.load(WELLS)["name"].tolist() == ["a"]
        assert store.rollback(WELLS) == second
        assert store.load(WELLS)["name"].tolist() == ["b"]

    def test_without_an_earlier_version(self, store, folder, snapshot):
        publish(store, "a")
        before = snapshot(folder)
        with pytest.raises(NotPublishedError, match="expected an earlier version to return to"):
            store.rollback(WELLS)
        assert snapshot(folder) == before

    def test_publishing_after_it_forgets_the_other(self, store, folder):
        first = publish(store, "a").version
        publish(store, "b")
        store.rollback(WELLS)
        third = publish(store, "c").version
        assert versions(folder) == {first, third}


class TestCrash:
    """Whatever breaks while publishing, the old version stays whole and current."""

    def crash(self, *_arguments, **_keywords):
        raise OSError(28, "No space left on device")

    @pytest.mark.parametrize(
        ("place", "name"),
        [
            (Path, "replace"),
            (Path, "rename"),
            (Path, "chmod"),
            (gpd.GeoDataFrame, "to_parquet"),
            (os, "fsync"),
        ],
    )
    def test_the_old_version_stays(self, store, folder, monkeypatch, place, name):
        publish(store, "a")
        publish(store, "b")
        pointer = (folder / "published.json").read_bytes()
        with monkeypatch.context() as patch:
            patch.setattr(place, name, self.crash)
            with pytest.raises(OSError, match="No space left"):
                publish(store, "c")
        assert (folder / "published.json").read_bytes() == pointer
        assert store.load(WELLS)["name"].tolist() == ["b"]
        store.rollback(WELLS)
        assert store.load(WELLS)["name"].tolist() == ["a"]

    def test_the_next_publication_clears_up(self, store, folder, monkeypatch):
        first = publish(store, "a").version
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", self.crash)
            with pytest.raises(OSError, match="No space left"):
                publish(store, "b")
        third = publish(store, "c").version
        assert versions(folder) == {first, third}
        assert store.load(WELLS)["name"].tolist() == ["c"]

    def test_nothing_is_left_behind(self, store, folder, monkeypatch):
        version = publish(store, "a").version
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", self.crash)
            with pytest.raises(OSError, match="No space left"):
                publish(store, "b")
        assert publish(store, "a").version == version
        assert {path.name for path in folder.iterdir()} <= {version, "published.json", ".lock"}

    @pytest.mark.parametrize("step", ["rename", "replace"])
    def test_a_command_that_is_killed(self, geodata, run, sites_file, root, step):
        store = Store(geodata)
        before = store.load(SITES)
        program = (
            "import os, sys, pathlib; from kumageo.__main__ import main; "
            f"pathlib.Path.{step} = lambda *_: os._exit(9); main(sys.argv[1:])"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, "ingest", SITES, sites_file()],
            check=False,
            cwd=root,
            env={**os.environ, "KUMAGEO_GEODATA": str(geodata)},
            timeout=SECONDS,
        )
        assert done.returncode == 9
        assert_geodataframe_equal(store.load(SITES), before)
        # The lock went with the process, and the next import works.
        assert run("ingest", SITES, sites_file()).code == 0
        assert len(store.load(SITES)) == 3
        folder = geodata / "processed" / SITES
        pointer = json.loads((folder / "published.json").read_text("utf-8"))
        assert versions(folder) == {entry["version"] for entry in pointer.values()}


class TestAtOnce:
    def test_a_second_import_waits_and_then_says_so(self, store, folder, monkeypatch, snapshot):
        publish(store, "a")
        publish(store, "b")
        before = snapshot(folder)
        monkeypatch.setattr(store_module, "LOCK_TIMEOUT_S", 0.05)
        with FileLock(folder / ".lock"):
            for ask in (lambda: publish(store, "c"), lambda: store.rollback(WELLS)):
                with pytest.raises(NotPublishedError, match="wells: another import is running"):
                    ask()
        assert snapshot(folder) == before
        publish(store, "c")

    def test_reading_needs_no_lock(self, store, folder):
        publish(store, "a")
        with FileLock(folder / ".lock"):
            assert store.load(WELLS)["name"].tolist() == ["a"]

    def test_two_commands(self, geodata, root, write, csv_text, kawachi, nishise, oginokusa):
        files = [
            write("one.csv", csv_text([kawachi])),
            write("two.csv", csv_text([nishise, oginokusa])),
        ]
        environment = {**os.environ, "KUMAGEO_GEODATA": str(geodata)}
        command = [sys.executable, "-m", "kumageo", "ingest", SITES]
        processes = [
            subprocess.Popen([*command, path], cwd=root, env=environment, stdout=subprocess.DEVNULL)
            for path in files
        ]
        assert [process.wait(SECONDS) for process in processes] == [0, 0]
        store = Store(geodata)
        folder = geodata / "processed" / SITES
        pointer = json.loads((folder / "published.json").read_text("utf-8"))
        # Whichever came last is current, and the other one is the earlier version.
        assert {entry["n_kept"] for entry in pointer.values()} == {1, 2}
        assert versions(folder) == {entry["version"] for entry in pointer.values()}
        assert len(store.load(SITES)) == pointer["current"]["n_kept"]
        store.rollback(SITES)
        assert len(store.load(SITES)) == pointer["previous"]["n_kept"]
