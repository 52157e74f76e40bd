"""The PowerPoint file, read back with python-pptx, and opened by an office program."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import time
import zipfile
from xml.etree import ElementTree as ET

import pytest
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER
from pptx.util import Pt
from pypdf import PdfReader

from kumageo.errors import ArgumentError
from pages.handouts.deck import MapView
from pages.handouts.fonts import clean_text
from pages.handouts.slides import TYPEFACE, build_pptx

SMALLEST_PT = 12
SECONDS_FOR_200 = 60
OFFICE_SECONDS = 180
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
# What PowerPoint may be told of a run, in the order of its schema.
RUN_PARTS = ("solidFill", "latin", "ea", "hlinkClick")


def read(content):
    return Presentation(io.BytesIO(content))


def list_texts(slide):
    return [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]


def list_boxes(slide):
    return [
        (
            f"{shape.name}: {shape.text_frame.text[:20] if shape.has_text_frame else ''}",
            (
                shape.left.pt,
                shape.top.pt,
                shape.left.pt + shape.width.pt,
                shape.top.pt + shape.height.pt,
            ),
        )
        for shape in slide.shapes
    ]


def list_runs(presentation):
    for slide in presentation.slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                for paragraph in shape.text_frame.paragraphs:
                    yield from paragraph._p.findall(f"{DRAWING}r")


@pytest.fixture(scope="module")
def hostile(hostile_deck, illustrate, labels):
    return read(build_pptx(hostile_deck, illustrate(hostile_deck), labels))


def test_all_texts_are_native_text(make_deck, make_slide, illustrate, labels):
    deck = make_deck()
    presentation = read(build_pptx(deck, illustrate(deck), labels))
    first, last = ("\n".join(list_texts(slide)) for slide in presentation.slides)
    slide = make_slide()
    figures = [text for one in slide.figures for text in (one.label, one.value, one.source)]
    texts = [slide.title, slide.message, *figures, *slide.points, *slide.sources, slide.link]
    for text in (*texts, deck.title, deck.subtitle, "1 / 2"):
        assert text in first, text
    for text in ("出典と加工", *deck.credits, deck.link, "2 / 2"):
        assert text in last, text


def test_a_slide_has_a_title_a_map_with_words_and_notes(make_deck, make_slide, labels, png):
    places = ((130.81, 32.98, "菊池市役所"),)
    view = MapView("council", (130.7, 32.8, 131.1, 33.1), places=places)
    deck = make_deck(make_slide(view=view))
    slide = read(build_pptx(deck, [png], labels)).slides[0]
    assert slide.shapes.title.text_frame.text == deck.slides[0].title
    assert slide.shapes.title.placeholder_format.type == PP_PLACEHOLDER.TITLE
    (picture,) = [one for one in slide.shapes if one.shape_type == MSO_SHAPE_TYPE.PICTURE]
    assert picture.image.blob == png
    alt = picture._element.nvPicPr.cNvPr.get("descr")
    assert alt.startswith("地図：菊池地域のすがた。4市町に19万人")
    assert "菊池市役所" in alt
    notes = slide.notes_slide.notes_text_frame.text
    for text in (*deck.slides[0].sources, deck.slides[0].link, deck.slides[0].message):
        assert text in notes
    assert all("菊池" not in shape.name for shape in slide.shapes)


def test_the_sheet_is_wide(make_deck, illustrate, labels):
    deck = make_deck()
    presentation = read(build_pptx(deck, illustrate(deck), labels))
    assert presentation.slide_width * 9 == presentation.slide_height * 16
    for shape in presentation.slide_master.shapes:
        assert shape.left + shape.width <= presentation.slide_width


def test_every_letter_has_the_japanese_typeface_and_can_be_read(hostile):
    runs = list(list_runs(hostile))
    assert len(runs) > 100
    for run in runs:
        properties = run.find(f"{DRAWING}rPr")
        names = [part.tag.removeprefix(DRAWING) for part in properties]
        assert names == [name for name in RUN_PARTS if name in names]
        assert properties.find(f"{DRAWING}ea").get("typeface") == TYPEFACE
        assert properties.get("lang") == "ja-JP"
        assert int(properties.get("sz")) >= 100 * SMALLEST_PT


def test_the_number_is_a_field(hostile):
    for number, slide in enumerate(hostile.slides, start=1):
        fields = [
            field
            for shape in slide.shapes
            if shape.has_text_frame
            for field in shape._element.iter(f"{DRAWING}fld")
        ]
        assert [field.get("type") for field in fields] == ["slidenum"]
        assert fields[0].findtext(f"{DRAWING}t") == str(number)


def test_nothing_overlaps_and_nothing_leaves_the_slide(hostile, hostile_deck, find_overlaps):
    assert len(hostile.slides) > len(hostile_deck.slides)
    for slide in hostile.slides:
        boxes = list_boxes(slide)
        assert find_overlaps(boxes) == []
        for name, (left, top, right, bottom) in boxes:
            assert min(left, top) >= 30, name
            assert right <= hostile.slide_width.pt - 30, name
            assert bottom <= hostile.slide_height.pt - 30, name


def test_the_text_of_each_box_fits_it(hostile):
    """Counted apart from the layout: wide letters take 1, others 0.6 of the type size."""
    for slide in hostile.slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                needed = sum(_measure(one, shape.width.pt) for one in shape.text_frame.paragraphs)
                assert needed <= shape.height.pt + 1, shape.text_frame.text[:40]


def _measure(paragraph, width):
    sizes = [run.font.size.pt for run in paragraph.runs]
    if not sizes:
        return 0
    text = paragraph.text
    indent = int(paragraph._p.pPr.get("marL", 0)) / Pt(1)
    letters = sum(1.0 if ord(letter) > 0x2E80 else 0.6 for letter in text) * sizes[0]
    lines = max(1, -(-letters // (width - indent)))
    return lines * paragraph.line_spacing.pt


def test_nothing_is_lost(hostile, hostile_deck, squeeze):
    found = squeeze("".join(text for slide in hostile.slides for text in list_texts(slide)))
    for slide in hostile_deck.slides:
        for text in (slide.title, slide.message, *slide.points, *slide.sources):
            cleaned = squeeze(clean_text(text))
            assert all(found.count(letter) >= cleaned.count(letter) for letter in set(cleaned))


def test_hostile_text_stays_text(hostile):
    texts = [text for slide in hostile.slides for text in list_texts(slide)]
    assert "<b>太字</b> & =cmd() $x^2$ {{7*7}}" in texts
    assert any("-1+cmd|' /C calc'!A0" in text for text in texts)
    for slide in hostile.slides:
        links = [rel.target_ref for rel in slide.part.rels.values() if rel.is_external]
        assert all(link.startswith("https://") for link in links)


def test_every_part_is_sound_xml(hostile_deck, illustrate, labels):
    content = build_pptx(hostile_deck, illustrate(hostile_deck), labels)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                text = archive.read(name).decode()
                ET.fromstring(text)  # noqa: S314 made here
                assert not re.search(r"_x00[01][0-9A-F]_", text), name


def test_the_same_deck_gives_the_same_bytes(make_deck, illustrate, labels):
    deck = make_deck()
    first = build_pptx(deck, illustrate(deck), labels)
    assert build_pptx(deck, illustrate(deck), labels) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {part.date_time[0] for part in archive.infolist()} == {1980}


def test_200_slides_are_made_in_time(make_deck, make_slide, illustrate, labels):
    deck = make_deck(*[make_slide(id=str(n), title=f"議題その{n}の題") for n in range(200)])
    started = time.perf_counter()
    content = build_pptx(deck, illustrate(deck), labels)
    assert time.perf_counter() - started < SECONDS_FOR_200
    presentation = read(content)
    assert len(presentation.slides) == 201
    assert presentation.slides[199].shapes.title.text_frame.text == "議題その199の題"


def test_a_deck_without_anything_is_refused(make_deck, labels):
    with pytest.raises(ArgumentError, match="at least one slide"):
        build_pptx(make_deck(slides=(), credits=()), [], labels)


@pytest.mark.slow
def test_an_office_program_opens_it(hostile_deck, hostile, illustrate, labels, tmp_path):
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("soffice (LibreOffice) is not installed: the slides were not opened")
    path = tmp_path / "deck.pptx"
    path.write_bytes(build_pptx(hostile_deck, illustrate(hostile_deck), labels))
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    command = [office, "--headless", home, "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(path)], check=True, capture_output=True, timeout=OFFICE_SECONDS)
    pages = PdfReader(tmp_path / "deck.pdf").pages
    assert len(pages) == len(hostile.slides)
    assert "出典と加工" in pages[-1].extract_text()
