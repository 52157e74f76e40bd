"""A deck as PDF: A4 landscape, real text in an embedded Japanese typeface, maps as pictures."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Final

from fpdf import FPDF
from fpdf.enums import TextMode
from fpdf.prefs import ViewerPreferences

from kumageo.labels import Labels
from layers.base import ACCENT
from pages.handouts.blocks import INDENT, LEADING, Paragraph, Script, TextBox
from pages.handouts.deck import Deck
from pages.handouts.fonts import clean_text, load_typefaces, measure_text, write_printable
from pages.handouts.layout import TITLE_LEADING, Page, find_address, plan_pages
from pages.handouts.sheets import A4

SCRIPT: Final = Script(write_printable, measure_text)
# The file says when its data is from, not when it was made: the same deck, the same bytes.
UNDATED: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
LANGUAGES: Final = {"easy": "ja"}  # easy Japanese has no code of its own
MAIN, OTHER = "main", "other"
INK: Final = "#1a1a1a"
GREY: Final = "#595959"
RULE: Final = "#b0b0b0"
COLOURS: Final = {"label": GREY, "source": GREY, "foot": GREY, "page": GREY, "link": ACCENT}
BOLD: Final = frozenset({"title", "value"})
BOLD_WIDTH: Final = 0.022  # the typeface has one weight: letters get an outline, in parts of size
BULLET: Final = "・"


def build_pdf(
    deck: Deck,
    pictures: Sequence[bytes | None],
    labels: Labels,
    *,
    created: dt.datetime = UNDATED,
) -> bytes:
    """Build the PDF of a deck.

    Parameters
    ----------
    deck
        What it says.
    pictures
        PNG of the map of each slide, in their order; None for a slide without a map.
    labels
        Texts of the reader's language.
    created
        The date in the properties of the file.

    Raises
    ------
    ArgumentError
        If the deck is empty, or the pictures are not one a slide.
    """
    pages = plan_pages(deck, pictures, A4, labels, SCRIPT)
    pdf = _open_pdf(deck, labels, created)
    for page in pages:
        pdf.add_page()
        if page.is_first:
            pdf.start_section(page.title or deck.title)
        _draw_page(page, pdf)
    return bytes(pdf.output())


def _open_pdf(deck: Deck, labels: Labels, created: dt.datetime) -> FPDF:
    pdf = FPDF(orientation="landscape", unit="pt", format="A4")
    main, other = load_typefaces()
    pdf.add_font(MAIN, fname=main.path)
    pdf.add_font(OTHER, fname=other.path)
    pdf.set_fallback_fonts([OTHER])
    pdf.set_auto_page_break(auto=False)
    pdf.set_margin(0)
    pdf.c_margin = 0
    pdf.set_lang(LANGUAGES.get(labels.language, labels.language))
    pdf.set_title(clean_text(deck.title))
    pdf.set_subject(clean_text(deck.subtitle))
    pdf.set_producer(labels("app.title"))
    pdf.set_creation_date(created)
    pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
    return pdf


def _draw_page(page: Page, pdf: FPDF) -> None:
    picture = page.picture
    if picture is not None:
        size = {"w": picture.width, "h": picture.height}
        image = io.BytesIO(picture.png)
        pdf.image(image, x=picture.x, y=picture.y, **size, alt_text=picture.words)
    foot = min(box.y for box in page.texts if box.role in ("source", "link", "foot"))
    pdf.set_draw_color(RULE)
    pdf.set_line_width(0.5)
    pdf.line(A4.margin, foot - 3, A4.margin + A4.inner_width, foot - 3)
    for box in page.texts:
        _draw_box(box, pdf)


def _draw_box(box: TextBox, pdf: FPDF) -> None:
    y = box.y
    for paragraph in box.paragraphs:
        leading = TITLE_LEADING if paragraph.role == "title" else LEADING
        height = leading * paragraph.size
        indent = INDENT * paragraph.size if paragraph.role == "point" else 0.0
        _dress(paragraph, pdf)
        if indent and not paragraph.goes_on:
            pdf.set_xy(box.x, y)
            pdf.cell(indent, height, BULLET)
        for line in paragraph.lines:
            pdf.set_xy(box.x + indent, y)
            align = "R" if paragraph.role == "page" else "L"
            width = box.width - indent
            pdf.cell(width, height, line.strip(), align=align, link=find_address(box.link))
            y += height
        y += box.gap * paragraph.size


def _dress(paragraph: Paragraph, pdf: FPDF) -> None:
    colour = COLOURS.get(paragraph.role, INK)
    pdf.set_font(MAIN, size=paragraph.size)
    pdf.set_text_color(colour)
    is_bold = paragraph.role in BOLD
    pdf.text_mode = TextMode.FILL_STROKE if is_bold else TextMode.FILL
    pdf.set_draw_color(colour)
    pdf.set_line_width(BOLD_WIDTH * paragraph.size)
