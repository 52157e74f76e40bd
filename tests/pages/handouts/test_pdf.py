"""The PDF, read back with pypdf, and every box that is drawn in it."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass, field

import fpdf
import pytest
from pypdf import PdfReader

from kumageo.errors import ArgumentError
from pages.handouts.deck import Figure
from pages.handouts.fonts import write_printable
from pages.handouts.pdf import build_pdf
from pages.handouts.sheets import A4

A4_POINTS = (842, 595)
SECONDS_FOR_200 = 30


def read(content):
    return PdfReader(io.BytesIO(content))


def read_pages(content, squeeze):
    return [squeeze(page.extract_text()) for page in read(content).pages]


@dataclass
class Drawn:
    """The boxes of each page, in the order in which they are drawn."""

    pages: list = field(default_factory=list)

    def add(self, pdf, name, box):
        while len(self.pages) < pdf.page:
            self.pages.append([])
        self.pages[pdf.page - 1].append((name, box))


@pytest.fixture
def drawn(monkeypatch):
    """Record where text and pictures are put: left, top, right, bottom."""
    record = Drawn()
    cell, image = fpdf.FPDF.cell, fpdf.FPDF.image

    def draw_cell(pdf, w, h, text, **options):
        x, y, wide = pdf.x, pdf.y, pdf.get_string_width(text)
        left = x + w - wide if options.get("align") == "R" else x
        record.add(pdf, text, (left, y, left + wide, y + h))
        return cell(pdf, w, h, text, **options)

    def draw_image(pdf, name, **options):
        x, y = options["x"], options["y"]
        record.add(pdf, "map", (x, y, x + options["w"], y + options["h"]))
        return image(pdf, name, **options)

    monkeypatch.setattr(fpdf.FPDF, "cell", draw_cell)
    monkeypatch.setattr(fpdf.FPDF, "image", draw_image)
    return record


def check_boxes(drawn, find_overlaps):
    margin = A4.margin - 1
    for boxes in drawn.pages:
        # A line is higher than its letters: what counts is the room between the base lines.
        assert find_overlaps(boxes) == []
        for name, (left, top, right, bottom) in boxes:
            assert left >= margin, name
            assert top >= margin, name
            assert right <= A4.width - margin, name
            assert bottom <= A4.height - margin, name


def test_all_texts_are_in_the_file(make_deck, make_slide, illustrate, labels, squeeze):
    deck = make_deck()
    pages = read_pages(build_pdf(deck, illustrate(deck), labels), squeeze)
    assert len(pages) == 2
    slide, wanted = make_slide(), pages[0]
    figures = [text for one in slide.figures for text in (one.label, one.value, one.source)]
    texts = [slide.title, slide.message, *figures, *slide.points, *slide.sources, slide.link]
    for text in (*texts, deck.title, deck.subtitle, "1 / 2"):
        assert squeeze(text) in wanted, text
    for text in ("出典と加工", *deck.credits, deck.link, "2 / 2"):
        assert squeeze(text) in pages[1], text


@pytest.fixture(scope="module")
def hostile_pages(hostile_deck, illustrate, labels, squeeze):
    return read_pages(build_pdf(hostile_deck, illustrate(hostile_deck), labels), squeeze)


def test_every_page_names_sources_link_and_number(hostile_pages, squeeze, make_slide):
    for number, text in enumerate(hostile_pages, start=1):
        assert f"{number}/{len(hostile_pages)}" in text
        assert "この画面：" in text
        if number < len(hostile_pages):
            assert "出典" in text, number
    assert squeeze(make_slide().link) in hostile_pages[0]


def test_nothing_is_cut(hostile_pages, hostile_deck, squeeze):
    """The letters of all texts are there; those of a continued title are there again."""
    found = "".join(hostile_pages)
    for slide in hostile_deck.slides:
        for text in (slide.title, slide.message, *slide.points, *slide.sources):
            printed = squeeze(write_printable(text))
            assert all(found.count(letter) >= printed.count(letter) for letter in set(printed))
        for point in slide.points:
            assert squeeze(write_printable(point))[:12] in found


def test_nothing_overlaps_and_nothing_leaves_the_page(
    hostile_deck, illustrate, labels, drawn, find_overlaps
):
    build_pdf(hostile_deck, illustrate(hostile_deck), labels)
    assert len(drawn.pages) > len(hostile_deck.slides)
    check_boxes(drawn, find_overlaps)


def test_this_check_can_fail(drawn, find_overlaps):
    drawn.pages = [[("a", (40, 40, 90, 60)), ("b", (80, 50, 99, 70))]]
    with pytest.raises(AssertionError):
        check_boxes(drawn, find_overlaps)
    drawn.pages = [[("a", (40, 40, 900, 60))]]
    with pytest.raises(AssertionError):
        check_boxes(drawn, find_overlaps)


def test_the_map_takes_most_of_the_page(make_deck, illustrate, labels, drawn):
    deck = make_deck()
    build_pdf(deck, illustrate(deck), labels)
    (box,) = [box for name, box in drawn.pages[0] if name == "map"]
    assert (box[2] - box[0]) * (box[3] - box[1]) > 0.3 * A4.width * A4.height


def test_little_text_is_large_and_numbers_are_larger(make_deck, make_slide, labels):
    sizes = {}

    def visit(text, _cm, _tm, _font, size):
        sizes.setdefault(text.strip(), round(size, 1))

    deck = make_deck(make_slide(view=None, title="題", message="文", points=("論点",)))
    read(build_pdf(deck, [None], labels)).pages[0].extract_text(visitor_text=visit)
    assert sizes["論点"] > 14
    assert sizes["192,246人"] > 1.5 * sizes["論点"] > sizes["人口"]


def test_the_file_describes_itself(make_deck, illustrate, labels):
    deck = make_deck()
    reader = read(build_pdf(deck, illustrate(deck), labels))
    assert reader.metadata.title == deck.title
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "ja"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert root["/MarkInfo"]["/Marked"]
    assert [entry.title for entry in reader.outline] == [deck.slides[0].title, "出典と加工"]
    assert {(round(p.mediabox.width), round(p.mediabox.height)) for p in reader.pages} == {
        A4_POINTS
    }
    kinds = _list_structure(root["/StructTreeRoot"])
    alts = [element.get("/Alt") for element in kinds if element.get("/S") == "/Figure"]
    assert len(alts) == 1
    assert alts[0].startswith("地図：菊池地域のすがた。")


def _list_structure(element):
    found = [element]
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        one = kid.get_object()
        if hasattr(one, "get"):
            found += _list_structure(one)
    return found


def test_the_japanese_typeface_is_in_the_file(make_deck, illustrate, labels):
    deck = make_deck()
    page = read(build_pdf(deck, illustrate(deck), labels)).pages[0]
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    main = [font for font in fonts if "IPAexGothic" in font["/BaseFont"]]
    assert main
    descriptor = main[0]["/DescendantFonts"][0].get_object()["/FontDescriptor"]
    assert "/FontFile2" in descriptor
    assert len(descriptor["/FontFile2"].get_data()) < 300_000  # only the letters that are used


@pytest.mark.parametrize(
    ("link", "is_live"),
    [("https://maps.example.jp/x", True), ("javascript:alert(1)", False), ("/council", False)],
)
def test_only_web_addresses_can_be_followed(make_deck, make_slide, labels, squeeze, link, is_live):
    deck = make_deck(make_slide(link=link, view=None), credits=())
    page = read(build_pdf(deck, [None], labels)).pages[0]
    live = [one.get_object()["/A"]["/URI"] for one in page.get("/Annots", [])]
    assert live == ([link] if is_live else [])
    assert squeeze(link) in squeeze(page.extract_text())


def test_the_same_deck_gives_the_same_bytes(make_deck, illustrate, labels):
    deck = make_deck()
    assert build_pdf(deck, illustrate(deck), labels) == build_pdf(deck, illustrate(deck), labels)


def test_200_slides_are_made_in_time(make_deck, make_slide, illustrate, labels):
    slides = [make_slide(id=str(n), title=f"議題その{n}の題") for n in range(200)]
    deck = make_deck(*slides)
    started = time.perf_counter()
    content = build_pdf(deck, illustrate(deck), labels)
    assert time.perf_counter() - started < SECONDS_FOR_200
    reader = read(content)
    assert len(reader.pages) == 201
    assert "議題その199の題" in reader.pages[199].extract_text()
    assert len(reader.outline) == 201


def test_a_deck_without_anything_is_refused(make_deck, labels):
    empty = make_deck(slides=(), credits=())
    with pytest.raises(ArgumentError, match="at least one slide"):
        build_pdf(empty, [], labels)
    with pytest.raises(ArgumentError, match="one for each of 1 slides, got 0"):
        build_pdf(make_deck(), [], labels)


def test_a_blank_figure_leaves_no_gap(make_deck, make_slide, labels, squeeze):
    deck = make_deck(make_slide(figures=(Figure("", "", ""), Figure("人口", "1人", "")), view=None))
    (text, _) = read_pages(build_pdf(deck, [None], labels), squeeze)
    assert "人口1人" in text
