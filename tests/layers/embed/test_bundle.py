"""The scripts and styles of an embed in one file each."""

from __future__ import annotations

import posixpath
import re
from pathlib import PurePosixPath

from layers.assets import LEAFLET_FOLDER, LEAFLET_URL, OWN_FOLDER, OWN_URL
from layers.embed.bundle import LAYER_SCRIPTS, STYLE_FILE, bundle_files, name_script
from layers.embed.document import EMBED_LAYERS


def test_there_is_one_for_each_embed_and_one_of_styles():
    assert set(LAYER_SCRIPTS) == set(EMBED_LAYERS)
    assert set(bundle_files()) == {*map(name_script, EMBED_LAYERS), "embed.bundle.css"}


def test_a_bundle_keeps_every_line_that_does_something():
    files = bundle_files()
    text = files[name_script("evacuation")].decode()
    for name in ("text.js", "map.js", "columns.js", "embed.js", "embed-nearest.js"):
        lines = [line.strip() for line in (OWN_FOLDER / name).read_text("utf-8").splitlines()]
        wanted = "\n".join(line for line in lines if not line.startswith("//"))
        assert wanted.strip() in text
    assert not re.search(r"^\s*//", text, re.MULTILINE)
    assert text.startswith('"use strict";')


def test_a_bundle_holds_what_its_layer_draws_with_and_no_other():
    files = bundle_files()
    assert b"addTraffic" in files[name_script("congestion")]
    assert b"function addTraffic" not in files[name_script("evacuation")]
    assert b"function addWells" in files[name_script("groundwater")]


def test_the_styles_are_those_of_leaflet_and_ours_and_find_their_pictures():
    text = bundle_files()[STYLE_FILE].decode()
    assert text.index(".leaflet-pane") < text.index("#embed-form")
    assert "/*" not in text.split("/* The map fills its frame")[0]
    pictures = re.findall(r"url\((.*?)\)", text)
    own = PurePosixPath(OWN_URL.removeprefix("/"))
    assert "../leaflet-1.9.3.0/images/layers.png" in pictures
    for name in pictures:
        if name.startswith("#"):
            continue  # a mark of very old browsers
        folder, file = posixpath.normpath(own / name).removeprefix("assets/").split("/", 1)
        assert f"/assets/{folder}" == LEAFLET_URL
        assert (LEAFLET_FOLDER / file).is_file()


def test_no_text_spans_lines():
    """Margins are cut off, which would change a text of several lines."""
    for names in LAYER_SCRIPTS.values():
        for name in (one for part in names for one in part):
            for line in (OWN_FOLDER / name).read_text("utf-8").splitlines():
                assert line.count("`") % 2 == 0, (name, line)
