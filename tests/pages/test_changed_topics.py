"""A changed topics file is followed everywhere: report, page, briefing, download and hand-outs."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pptx import Presentation
from pypdf import PdfReader
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from pages.routes.briefing import answer_briefing, answer_handout
from pages.routes.download import answer_download

ROOT = Path(__file__).resolve().parents[2]
OLD, NEW = "地下水の保全", "水循環の見える化と涵養"
ADDED = """
[[topic]]
id = "kikuchi_added"
region = "kikuchi"
meeting = "kikuchi_r6"
title = "{title}"
themes = ["water"]
status = "discussed"
source = "{source}"
"""
N_KIKUCHI = 4  # topics of the area in the committed file
ADDED_TITLE = "湧き水めぐりの案内板"


@pytest.fixture
def geodata(tmp_path, monkeypatch):
    """Give a copy in which one topic has another title and one more is added."""
    copy = tmp_path / "geodata"
    shutil.copytree(ROOT / "geodata", copy, ignore=shutil.ignore_patterns(".lock", "raw"))
    path = copy / "council" / "topics.toml"
    text = path.read_text(encoding="utf-8")
    source = re.search(r'^source = "(.*)"', text, re.MULTILINE)[1]
    assert text.count(f'title = "{OLD}"') == 1
    text = text.replace(f'title = "{OLD}"', f'title = "{NEW}"')
    text += ADDED.format(title=ADDED_TITLE, source=source)
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("KUMAGEO_GEODATA", str(copy))
    return copy


@pytest.fixture
def client():
    routes = {
        "/briefing": answer_briefing,
        "/handout/briefing.{form}": answer_handout,
        "/download/{page}.{form}": answer_download,
    }
    return TestClient(Starlette(routes=[Route(*pair) for pair in routes.items()]))


def squeeze(text):
    return re.sub(r"\s", "", text)


def test_the_report_follows(geodata):
    command = [sys.executable, "-m", "kumageo", "report", "council", "--json"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    report = json.loads(done.stdout)
    assert NEW in done.stdout
    assert OLD not in done.stdout
    (area,) = [one for one in report["areas"] if one["region_id"] == "kikuchi"]
    assert area["profile"]["n_topics"] == N_KIKUCHI + 1


def test_the_page_follows(geodata, visit):
    page = visit("council")
    assert NEW in page.text
    assert ADDED_TITLE in page.text
    assert OLD not in page.text


def test_briefing_and_download_follow(geodata, client):
    kikuchi = client.get("/briefing?region=kikuchi").text
    assert f"<h1>{NEW}</h1>" in kikuchi
    assert OLD not in kikuchi
    assert f"<h1>{ADDED_TITLE}</h1>" in kikuchi
    table = client.get("/download/topics.csv").content.decode("utf-8-sig")
    assert NEW in table
    assert ADDED_TITLE in table


def test_the_hand_outs_follow(geodata, client):
    query = "region=kikuchi&topics=kikuchi_groundwater,kikuchi_added"
    pdf = PdfReader(io.BytesIO(client.get(f"/handout/briefing.pdf?{query}").content))
    printed = squeeze("".join(page.extract_text() for page in pdf.pages))
    deck = Presentation(io.BytesIO(client.get(f"/handout/briefing.pptx?{query}").content))
    shown = squeeze(
        "".join(s.text_frame.text for one in deck.slides for s in one.shapes if s.has_text_frame)
    )
    for text in (printed, shown):
        assert NEW in text
        assert ADDED_TITLE in text
        assert OLD not in text
