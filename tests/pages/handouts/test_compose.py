"""A hand-out from a deck to the file, with the maps of the published data."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from pptx import Presentation
from pypdf import PdfReader

from kumageo.errors import ArgumentError, KumageoError, UnknownDatasetError
from pages.handouts import compose
from pages.handouts.compose import build_handout
from pages.handouts.deck import MapView

FORMS = pytest.mark.parametrize("form", ["pdf", "pptx"])


@pytest.fixture
def drawn(monkeypatch, png):
    """Count the pictures that are drawn."""
    views = []

    def draw(view, _data, _labels, **size):
        views.append((view, size["width_px"], size["height_px"]))
        return png

    monkeypatch.setattr(compose, "draw_view", draw)
    return views


@FORMS
def test_a_view_is_drawn_once(make_deck, make_slide, data, labels, drawn, form):
    other = MapView("municipalities", (130.7, 32.8, 131.1, 33.1))
    deck = make_deck(
        make_slide(), make_slide(id="two"), make_slide(view=other), make_slide(view=None)
    )
    assert build_handout(deck, form, data, labels)
    assert [view.layer for view, *_ in drawn] == ["council", "municipalities"]


@FORMS
def test_a_map_alone_on_its_page_is_wide(make_deck, make_slide, data, labels, drawn, form):
    deck = make_deck(make_slide(), make_slide(figures=(), points=()))
    build_handout(deck, form, data, labels)
    (_, beside, _), (_, alone, _) = drawn
    assert alone > 1.5 * beside


def test_the_pdf_holds_the_map_at_print_size(make_deck, data, labels):
    content = build_handout(make_deck(), "pdf", data, labels)
    reader = PdfReader(io.BytesIO(content))
    (image,) = reader.pages[0].images
    assert image.image.size == (1461, 1216)  # 478 x 398 points at 220 dots an inch
    assert "菊池地域のすがた" in reader.pages[0].extract_text()
    assert reader.metadata.creation_date_raw.startswith(
        "D:" + max(one.as_of for one in data.publications.values()).replace("-", "")
    )
    assert build_handout(make_deck(), "pdf", data, labels) == content


def test_the_slides_hold_the_map(make_deck, data, labels):
    content = build_handout(make_deck(), "pptx", data, labels)
    slide = Presentation(io.BytesIO(content)).slides[0]
    (picture,) = [shape for shape in slide.shapes if hasattr(shape, "image")]
    assert picture.image.size == (1433, 917)  # 516 x 330 points at 200 dots an inch
    assert build_handout(make_deck(), "pptx", data, labels) == content


@FORMS
def test_links_are_completed(make_deck, make_slide, data, labels, drawn, form):
    deck = make_deck(make_slide(link="/council?region=kikuchi"), link="/briefing?region=kikuchi")
    content = build_handout(deck, form, data, labels, base_url="https://maps.example.jp/")
    if form == "pdf":
        texts = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    else:
        slides = Presentation(io.BytesIO(content)).slides
        texts = [
            "\n".join(one.text_frame.text for one in slide.shapes if one.has_text_frame)
            for slide in slides
        ]
    assert "https://maps.example.jp/council?region=kikuchi" in texts[0]
    assert "https://maps.example.jp/briefing?region=kikuchi" in texts[1]


def test_an_unknown_form_is_refused(make_deck, data, labels):
    with pytest.raises(ArgumentError, match="form: expected one of pdf, pptx; got 'docx'"):
        build_handout(make_deck(), "docx", data, labels)


@FORMS
def test_an_unknown_layer_is_refused(make_deck, make_slide, view, data, labels, form):
    deck = make_deck(make_slide(view=replace(view, layer="nowhere")))
    with pytest.raises(UnknownDatasetError, match="'nowhere'"):
        build_handout(deck, form, data, labels)
    assert issubclass(UnknownDatasetError, KumageoError)
