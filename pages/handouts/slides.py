"""A deck as PowerPoint: 16:9, native text that can be edited, maps as pictures with words."""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
import zipfile
from collections.abc import Sequence
from copy import deepcopy
from itertools import pairwise
from typing import Any, Final

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.oxml.xmlchemy import OxmlElement
from pptx.util import Emu, Pt

from kumageo.labels import Labels
from layers.base import ACCENT
from pages.handouts.blocks import INDENT, LEADING, Paragraph, Script, TextBox
from pages.handouts.deck import Deck
from pages.handouts.fonts import clean_text
from pages.handouts.layout import TITLE_LEADING, Page, PictureBox, find_address, plan_pages
from pages.handouts.sheets import WIDE

# On every Windows since 2018; other systems take their own typeface for Japanese.
TYPEFACE: Final = "BIZ UDPGothic"
INK: Final = "#1a1a1a"
GREY: Final = "#595959"
COLOURS: Final = {"label": GREY, "source": GREY, "foot": GREY, "page": GREY, "link": ACCENT}
BOLD: Final = frozenset({"title", "value"})
BULLET: Final = "•"
BULLET_TYPEFACE: Final = "Arial"
UNDATED: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)
TITLE_ONLY: Final = 5  # layout of the template
# Widths in parts of the type size: of a Latin letter (a wide one takes 1), and of the space
# that some programs leave between Latin words and Japanese.
NARROW: Final = 0.66
WORD_SPACE: Final = 0.3
LANGUAGES: Final = {"ja": "ja-JP", "easy": "ja-JP", "en": "en-US", "vi": "vi-VN"}
FIELD_ID: Final = "{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}"  # any, the same for all


def _estimate_width(text: str) -> float:
    """Return the width of a text in a typeface that is not known here, rather too much."""
    is_wide = [unicodedata.east_asian_width(letter) in "WFA" for letter in text]
    n_words = sum(not now and before for before, now in pairwise([True, *is_wide]))
    return sum(is_wide) + NARROW * (len(text) - sum(is_wide)) + WORD_SPACE * n_words


SCRIPT: Final = Script(clean_text, _estimate_width)


def build_pptx(
    deck: Deck,
    pictures: Sequence[bytes | None],
    labels: Labels,
    *,
    created: dt.datetime = UNDATED,
) -> bytes:
    """Build the PowerPoint file of a deck.

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
    pages = plan_pages(deck, pictures, WIDE, labels, SCRIPT)
    presentation = _open_presentation(deck, labels, created)
    for page in pages:
        _add_slide(presentation, page, deck, labels)
    written = io.BytesIO()
    presentation.save(written)
    return _undate(written.getvalue())


def _open_presentation(deck: Deck, labels: Labels, created: dt.datetime) -> Any:
    presentation = Presentation()
    stretch = Pt(WIDE.width) / presentation.slide_width
    presentation.slide_width, presentation.slide_height = Pt(WIDE.width), Pt(WIDE.height)
    master = presentation.slide_master
    for sheet in (master, *master.slide_layouts):
        for shape in sheet.shapes:
            shape.left, shape.width = (Emu(int(e * stretch)) for e in (shape.left, shape.width))
    properties = presentation.core_properties
    properties.title, properties.subject = clean_text(deck.title), clean_text(deck.subtitle)
    properties.author = properties.last_modified_by = labels("app.title")
    properties.language = labels.language
    properties.created = properties.modified = created
    return presentation


def _add_slide(presentation: Any, page: Page, deck: Deck, labels: Labels) -> None:
    slide = presentation.slides.add_slide(presentation.slide_layouts[TITLE_ONLY])
    if page.picture is not None:
        _add_picture(slide, page.picture)
    for box in page.texts:
        if box.role == "title":  # a real title: outline and screen readers look for it
            shape = slide.shapes.title
        else:
            shape = slide.shapes.add_textbox(0, 0, 0, 0)
            shape.name = box.role
        _fill_shape(shape, box, labels)
    slide.notes_slide.notes_text_frame.text = _write_notes(page, deck, labels)


def _add_picture(slide: Any, picture: PictureBox) -> None:
    place = (Pt(one) for one in (picture.x, picture.y, picture.width, picture.height))
    shape = slide.shapes.add_picture(io.BytesIO(picture.png), *place)
    shape.name = "map"
    shape._element._nvXxPr.cNvPr.set("descr", picture.words)  # noqa: SLF001 no other way to it


def _fill_shape(shape: Any, box: TextBox, labels: Labels) -> None:
    place = (Pt(one) for one in (box.x, box.y, box.width, box.height))
    shape.left, shape.top, shape.width, shape.height = place
    frame = shape.text_frame
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    frame.vertical_anchor = MSO_ANCHOR.TOP
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for number, paragraph in enumerate(box.paragraphs):
        line = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        _set_paragraph(line, paragraph)
        line.space_after = Pt(box.gap * paragraph.size)
        line.add_run().text = paragraph.text
        _set_run(line.runs[0], paragraph, labels)
        if paragraph.role == "page":
            _number_field(line, paragraph.text)
        address = find_address(box.link)
        if address:
            line.runs[0].hyperlink.address = address


def _set_paragraph(line: Any, paragraph: Paragraph) -> None:
    leading = TITLE_LEADING if paragraph.role == "title" else LEADING
    line.line_spacing = Pt(leading * paragraph.size)
    line.alignment = PP_ALIGN.RIGHT if paragraph.role == "page" else PP_ALIGN.LEFT
    line.space_before = Pt(0)
    if paragraph.role == "point":
        indent = Pt(INDENT * paragraph.size)
        properties = line._p.get_or_add_pPr()  # noqa: SLF001 bullets are not in the interface
        properties.set("marL", str(indent))
        properties.set("indent", str(0 if paragraph.goes_on else -indent))
        if paragraph.goes_on:
            _append(properties, "a:buNone")
        else:
            _append(properties, "a:buFont", typeface=BULLET_TYPEFACE)
            _append(properties, "a:buChar", char=BULLET)


def _append(parent: Any, tag: str, **attributes: str) -> Any:
    """Append an element that the interface of the package does not have."""
    child = OxmlElement(tag)
    for name, value in attributes.items():
        child.set(name, value)
    parent.append(child)
    return child


def _set_run(run: Any, paragraph: Paragraph, labels: Labels) -> None:
    font = run.font
    font.size, font.bold = Pt(paragraph.size), paragraph.role in BOLD
    font.color.rgb = RGBColor.from_string(COLOURS.get(paragraph.role, INK).removeprefix("#"))
    font.name = TYPEFACE
    properties = run._r.get_or_add_rPr()  # noqa: SLF001 only Latin letters are in the interface
    properties.set("lang", LANGUAGES.get(labels.language, labels.language))
    _append(properties, "a:ea", typeface=TYPEFACE)


def _number_field(line: Any, text: str) -> None:
    """Make the number a field: it stays right when slides are moved."""
    run = line.runs[0]._r  # noqa: SLF001 fields are not in the interface
    number = text.split(" ", maxsplit=1)[0]
    field = OxmlElement("a:fld")
    field.set("id", FIELD_ID)
    field.set("type", "slidenum")
    field.append(deepcopy(run.rPr))
    _append(field, "a:t").text = number
    run.addprevious(field)
    line.runs[0].text = text.removeprefix(number)


def _write_notes(page: Page, deck: Deck, labels: Labels) -> str:
    slide = page.slide
    sources = slide.sources or tuple(map(clean_text, deck.credits))
    figures = [f"{one.label} {one.value}（{one.source}）" for one in slide.figures]
    link = clean_text(slide.link or deck.link)
    lines = [slide.message, *figures, labels("handout.sources", sources=" ｜ ".join(sources))]
    return "\n".join(filter(None, [*lines, labels("handout.link", link=link) if link else ""]))


def _undate(content: bytes) -> bytes:
    """Return the file with one date on all its parts: the same deck, the same bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            part = zipfile.ZipInfo(name, ZIP_DATE)
            part.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(part, old.read(name))
    return written.getvalue()
