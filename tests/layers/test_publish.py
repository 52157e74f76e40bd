"""The static export: whole, checksummed, repeatable, without outside hosts, and safe to rerun."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from filelock import FileLock

from kumageo import __version__
from kumageo.clock import JST
from kumageo.demo import fill_demo_store
from kumageo.errors import ArgumentError, ExportError, UnknownDatasetError
from kumageo.labels import list_languages, load_labels
from kumageo.readings.imports import import_readings
from kumageo.readings.store import ReadingStore
from kumageo.readings.tables import MEASURED, SIMULATED
from layers.content import find_versions, load_content
from layers.councils import load_councils
from layers.embed.document import EMBED_LAYERS
from layers.embed.page import EmbedSources
from layers.publish import __main__ as command
from layers.publish.folder import MANIFEST, claim_folder, replace_folder, write_manifest
from layers.publish.options import read_options
from layers.publish.site import Site, build_files
from layers.water import freeze_water

ROOT = Path(__file__).resolve().parents[2]
BASE_URL = "https://map.example.jp/kumamoto"
OUTSIDE = re.compile(r"(?:https?:|wss?:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
NAMES = {"http://www.w3.org"}  # of XML, which no browser asks
NAMED_BY_LEAFLET = {"https://leafletjs.com", "https://bugzilla.mozilla.org"}  # in comments
OLD = {"a/one.html": b"old one", "b.txt": b"old two"}
NEW = {"a/one.html": b"new one", "c/d.txt": b"new two", "e.txt": b"new three"}


def run(*arguments, seed="0", **environment):
    return subprocess.run(
        [sys.executable, "-m", "layers.publish", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def read_files(folder):
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


class Links(HTMLParser):
    """What a page refers to, and what it loads by itself."""

    def __init__(self, html):
        super().__init__()
        self.named, self.credits = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        for name in ("href", "src"):
            if found.get(name):
                is_credit = tag == "a" and found.get("target") == "_blank"
                (self.credits if is_credit else self.named).append(found[name])


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Export twice at once: into two folders, with other seeds; without addresses."""
    folder = tmp_path_factory.mktemp("export")
    script = [sys.executable, "-m", "layers.publish"]
    runs = [
        subprocess.Popen(
            [*script, str(folder / name)], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}
        )
        for name, seed in (("one", "1"), ("two", "77"))
    ]
    assert [one.wait() for one in runs] == [0, 0]
    return folder


@pytest.fixture(scope="module")
def files(exported):
    return read_files(exported / "one")


@pytest.fixture(scope="module")
def sources(geodata, data_of_export):
    return EmbedSources(
        data=data_of_export,
        labels=load_labels(geodata, "ja"),
        languages=("ja",),
        councils=load_councils(geodata, data_of_export),
    )


@pytest.fixture(scope="module")
def data_of_export(geodata):
    return load_content(geodata, find_versions(geodata))


def build(sources, geodata, **asked):
    options = read_options(geodata, **asked)
    languages = {name: load_labels(geodata, name) for name in options.languages}
    sources = dataclasses.replace(sources, languages=options.languages)
    site = build_files(sources, languages, options)
    return {name: content.decode(errors="replace") for name, content in site.files.items()}


# ---- what is written ----------------------------------------------------------------------------


def test_every_embed_is_there_in_every_language(files, geodata):
    languages = list_languages(geodata)
    pages = {name for name in files if name.endswith(".html")}
    wanted = {f"{language}/{layer}.html" for language in languages for layer in EMBED_LAYERS}
    assert pages == {"index.html", *wanted}
    assert len(EMBED_LAYERS) == 5


def test_the_manifest_names_every_file_with_its_checksum(files, geodata):
    manifest = json.loads(files[MANIFEST])
    assert set(manifest["files"]) == set(files) - {MANIFEST}
    for name, said in manifest["files"].items():
        assert said["sha256"] == hashlib.sha256(files[name]).hexdigest(), name
        assert said["size"] == len(files[name]), name
    assert manifest["version"] == __version__
    assert manifest["languages"] == list_languages(geodata)
    assert manifest["datasets"]["evacuation_sites"]["as_of"] == "2025-10-27"
    assert manifest["readings"] is None


def test_two_runs_give_the_same_bytes(exported, files):
    assert read_files(exported / "two") == files


def test_nothing_is_left_beside_an_export(exported):
    assert sorted(path.name for path in exported.iterdir() if path.is_dir()) == ["one", "two"]


def test_files_can_be_read_by_a_web_server(exported):
    modes = {path.stat().st_mode & 0o444 for path in (exported / "one").rglob("*")}
    assert modes == {0o444}


def test_every_address_in_a_page_is_relative_and_leads_to_a_file(exported, files):
    root, seen = exported / "one", set()
    for name in (name for name in files if name.endswith(".html")):
        named = [one for one in Links(files[name].decode()).named if one != "data:,"]
        assert named
        for address in named:
            if address.startswith("#"):
                assert f'id="{address[1:]}"' in files[name].decode()
                continue
            assert not re.match(r"[a-z]+:|/", address), (name, address)
            path = ((root / name).parent / address).resolve()
            assert path.is_file(), (name, address)
            seen.add(path.relative_to(root.resolve()).as_posix())
    # Data that come later, pictograms and pictures of a style are named elsewhere.
    unseen = set(files) - seen - {"index.html"}
    text = b"".join(files.values()).decode(errors="replace")
    assert [name for name in unseen if Path(name).name not in text] == []


def test_no_file_names_another_host_but_in_credits(files):
    pages = {name: text.decode() for name, text in files.items() if name.endswith(".html")}
    # Sources are listed in a page, and once more for its map.
    links = [link for page in pages.values() for link in Links(page).credits]
    credited = set(OUTSIDE.findall(" ".join(links)))
    for name, content in files.items():
        if Path(name).suffix == ".png":
            continue
        found = set(OUTSIDE.findall(content.decode())) - NAMES
        if name.endswith(".html"):
            found -= credited
        if name.endswith("leaflet.js"):
            found -= NAMED_BY_LEAFLET
        assert found == set(), name


def test_the_data_hand_themselves_over_under_their_file_name(files):
    scripts = {name: text.decode() for name, text in files.items() if name.startswith("data/")}
    assert any(name.startswith("data/embed_facilities.") for name in scripts)
    for name, text in scripts.items():
        found = re.fullmatch(r'kumageo\.keep\("([\w.]+)",(.*)\);\n', text, re.DOTALL)
        assert f"data/{found[1]}" == name
        assert json.loads(found[2])


def test_an_export_without_a_dashboard_has_no_dead_links(files):
    page = files["ja/evacuation.html"].decode()
    for dead in ("/download/", 'id="embed-full"', 'href="/', '"/data', '"/assets', "?v="):
        assert dead not in page
    index = files["index.html"].decode()
    assert "iframe" not in index
    assert "--base-url" in index


def test_a_page_says_its_policy_and_the_list_of_headers_says_more(files):
    page, headers = files["ja/council.html"].decode(), files["headers.txt"].decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    assert "frame-ancestors" not in policy  # a browser would complain
    assert "unsafe" not in policy
    said = re.search(r"^ja/council\.html\n  Content-Security-Policy: (.+)$", headers, re.MULTILINE)
    assert said[1].endswith("; frame-ancestors 'self'")
    plain = policy.replace("&#39;", "'").replace(" file:", "")
    assert said[1].removesuffix("; frame-ancestors 'self'") == plain
    assert headers.count("Content-Security-Policy:") == sum(n.endswith(".html") for n in files)


# ---- with addresses --------------------------------------------------------------------------


def test_addresses_are_absolute_where_others_need_them(sources, geodata):
    files = build(sources, geodata, languages=["ja,easy", "en"], base_url=BASE_URL)
    page = files["easy/evacuation.html"]
    assert f'<link rel="canonical" href="{BASE_URL}/easy/evacuation.html">' in page
    alternates = re.findall(r'rel="alternate" hreflang="([\w-]+)" href="([^"]+)"', page)
    assert alternates == [
        ("ja", f"{BASE_URL}/ja/evacuation.html"),
        ("en", f"{BASE_URL}/en/evacuation.html"),
    ]
    assert 'href="../en/evacuation.html"' in page
    index = files["index.html"]
    assert f"&lt;iframe src=&#34;{BASE_URL}/ja/evacuation.html&#34;" in index
    assert index.count("allow=&#34;geolocation&#34;") == 3


def test_the_dashboard_is_linked_where_it_is_known(sources, geodata):
    url = "https://dash.example.jp"
    files = build(sources, geodata, languages=["ja"], dashboard_url=f"{url}/")
    page = files["ja/evacuation.html"]
    assert f'href="{url}/evacuation?lang=ja"' in page
    assert f'href="{url}/download/evacuation.csv?lang=ja"' in page
    assert "embed-language" not in page


def test_messages_and_frames_keep_to_the_allowed_sites(sources, geodata):
    site = "https://www.example.jp"
    files = build(sources, geodata, languages=["ja"], allowed_origins=[f"{site}/"])
    told = re.search(r'id="embed-config">(.*?)</script>', files["ja/council.html"])[1]
    assert json.loads(told)["ancestors"] == ["'self'", site]
    assert f"frame-ancestors 'self' {site}\n" in files["headers.txt"]


def test_hostile_names_stay_text(sources, geodata, hostile, structure):
    data = sources.data
    profiles = data.profiles.assign(
        name=[hostile[n % len(hostile)] for n in range(len(data.profiles))]
    )
    entries = [
        dataclasses.replace(one, title=hostile[n % len(hostile)], licence=hostile[0])
        for n, one in enumerate(data.catalog)
    ]
    catalog = type(data.catalog)(tuple(entries))
    evil = dataclasses.replace(data, profiles=profiles, catalog=catalog)
    plain = build(sources, geodata, languages=["ja"])
    files = build(dataclasses.replace(sources, data=evil), geodata, languages=["ja"])
    for name in (name for name in files if name.endswith(".html")):
        elements = [tag for tag, _ in structure(files[name])[0]]
        assert elements == [tag for tag, _ in structure(plain[name])[0]], name
        assert not re.search(r"<img|<script>alert", files[name]), name


# ---- groundwater ----------------------------------------------------------------------------


def test_simulated_readings_and_no_store_are_no_readings(sources, tmp_path):
    wells = sources.data.wells
    assert freeze_water(ReadingStore(tmp_path / "none.sqlite3", MEASURED), wells) is None
    store = ReadingStore(tmp_path / "demo.sqlite3", SIMULATED)
    fill_demo_store(store, wells.head(2), dt.datetime(2026, 3, 4, 12, tzinfo=JST))
    assert store.describe()["n_readings"]
    assert freeze_water(store, wells) is None


def test_measured_readings_come_with_their_last_day(sources, geodata, tmp_path):
    wells = sources.data.wells
    times = [f"2026-03-{day:02d}T09:00+09:00" for day in range(1, 5)]
    rows = [f"{wells['id'].iloc[0]},{time},12.5" for time in times]
    path = tmp_path / "levels.csv"
    path.write_text("\n".join(["well,time,level_m", *rows, ""]), encoding="utf-8")
    store = ReadingStore(tmp_path / "measured.sqlite3", MEASURED)
    now = dt.datetime(2026, 3, 5, tzinfo=JST)
    import_readings(store, path, source="試験の測定", known_wells=set(wells["id"]), now=now)
    water = freeze_water(store, wells)
    assert water.days[1] == dt.date(2026, 3, 4)
    files = build(dataclasses.replace(sources, water=water), geodata, languages=["ja"])
    assert "水位の記録は2026年3月4日までです。" in files["ja/groundwater.html"]
    assert "水位の記録は2026年3月4日までです。" in files["index.html"]
    assert json.loads(files[MANIFEST])["readings"] == {
        "until": "2026-03-04",
        "n_readings": 4,
        "sources": ["試験の測定"],
    }


# ---- bad input -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"languages": ["xx"]}, UnknownDatasetError),
        ({"languages": ["ja,"]}, UnknownDatasetError),
        ({"languages": ["../../etc"]}, UnknownDatasetError),
        ({"base_url": "ftp://example.jp"}, ArgumentError),
        ({"base_url": "https://example.jp/?a=1"}, ArgumentError),
        ({"base_url": "https://example.jp/{layer}"}, ArgumentError),
        ({"base_url": 'https://example.jp/"><script>'}, ArgumentError),
        ({"dashboard_url": "javascript:alert(1)"}, ArgumentError),
        ({"base_url": "https://example.jp:99999/"}, ArgumentError),
        ({"allowed_origins": ["https://example.jp/path"]}, ArgumentError),
        ({"allowed_origins": ["https://a.jp; script-src *"]}, ArgumentError),
        ({"allowed_origins": ["*"]}, ArgumentError),
    ],
)
def test_what_cannot_be_used_is_refused(geodata, asked, error):
    with pytest.raises(error):
        read_options(geodata, **asked)


def test_the_command_ends_with_2_and_changes_nothing(tmp_path, capsys):
    assert command.main([str(tmp_path / "new"), "--lang", "xx", "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["error"] == "UnknownDatasetError"
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "mine.txt").write_text("mine")
    assert command.main([str(foreign)]) == 2
    assert "mine.txt" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["foreign", "mine.txt"]


def test_the_command_prints_what_it_did(tmp_path, capsys, monkeypatch):
    made = Site({"a": b"123"}, {"languages": ["ja"]})
    monkeypatch.setattr(command, "build_site", lambda _settings, _options: made)
    assert command.main([str(tmp_path / "new"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n_bytes"] == 3
    assert (tmp_path / "new" / "a").read_bytes() == b"123"


def export(folder, files):
    with claim_folder(folder):
        replace_folder(folder, {**files, MANIFEST: write_manifest(files, {})})


@pytest.mark.parametrize("held", ["file", "manifest", "extra", "link", "folder"])
def test_a_folder_that_is_not_ours_is_refused(tmp_path, held):
    folder = tmp_path / "out"
    if held == "file":
        folder.write_text("mine")
    elif held == "manifest":
        folder.mkdir()
        (folder / MANIFEST).write_text('{"product": "other", "files": []}')
    elif held == "folder":
        (folder / "empty").mkdir(parents=True)
    else:
        export(folder, OLD)
        extra = folder / "a" / "mine"
        extra.symlink_to(tmp_path) if held == "link" else extra.write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ExportError):
        export(folder, NEW)
    assert sorted(tmp_path.rglob("*")) == before


def test_an_empty_folder_a_new_one_and_an_export_are_taken(tmp_path):
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "deep" / "new"):
        export(folder, OLD)
        export(folder, NEW)
        assert set(read_files(folder)) == {*NEW, MANIFEST}


def test_a_second_run_at_the_same_time_is_refused(tmp_path):
    folder = tmp_path / "out"
    export(folder, OLD)
    with FileLock(tmp_path / ".out.export-lock"), pytest.raises(ExportError, match="running"):
        export(folder, NEW)
    assert (folder / "b.txt").read_bytes() == b"old two"


# ---- killed ------------------------------------------------------------------------------------


def kill_at(folder, owner, name, n_calls):
    """Export in a process that kills itself at a call of a function, before it is made."""
    script = f"""
import os, pathlib, shutil, signal
from layers.publish import folder as module
left = {n_calls}
real = {owner}.{name}
def call(*arguments, **options):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **options)
files = {NEW!r}
folder = pathlib.Path({str(folder)!r})
with module.claim_folder(folder):
    {owner}.{name} = call
    module.replace_folder(folder, {{**files, module.MANIFEST: module.write_manifest(files, {{}})}})
"""
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode


@pytest.mark.parametrize(
    ("owner", "name", "n_calls", "is_new"),
    [
        ("os", "fsync", 0, False),
        ("os", "fsync", 2, False),
        ("pathlib.Path", "replace", 0, False),
        ("shutil", "rmtree", 0, True),
        ("os", "rmdir", 0, True),
    ],
)
def test_a_killed_run_leaves_one_export_whole(tmp_path, owner, name, n_calls, is_new):
    folder = tmp_path / "out"
    export(folder, OLD)
    assert kill_at(folder, owner, name, n_calls) == -signal.SIGKILL
    wanted = NEW if is_new else OLD
    assert read_files(folder) == {**wanted, MANIFEST: write_manifest(wanted, {})}
    export(folder, NEW)  # and the next run works and clears away what was left
    assert read_files(folder) == {**NEW, MANIFEST: write_manifest(NEW, {})}
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["out"]


def test_a_run_killed_between_both_renamings_is_put_right_by_the_next(tmp_path):
    folder = tmp_path / "out"
    export(folder, OLD)
    assert kill_at(folder, "pathlib.Path", "replace", 1) == -signal.SIGKILL
    assert not folder.exists()
    with claim_folder(folder):
        assert read_files(folder) == {**OLD, MANIFEST: write_manifest(OLD, {})}


def test_a_run_that_fails_leaves_the_old_export(tmp_path, monkeypatch):
    folder = tmp_path / "out"
    export(folder, OLD)

    def fail(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        export(folder, NEW)
    assert read_files(folder) == {**OLD, MANIFEST: write_manifest(OLD, {})}
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["out"]
