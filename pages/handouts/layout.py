"""The pages of a hand-out, laid out before they are drawn: nothing overlaps, nothing is cut."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from PIL import Image

from kumageo.errors import ArgumentError
from kumageo.labels import Labels
from pages.handouts.blocks import (
    LEADING,
    Column,
    Item,
    Paragraph,
    Script,
    TextBox,
    Words,
    fill_column,
)
from pages.handouts.deck import Deck, Figure, Slide
from pages.handouts.sheets import Sheet
from pages.handouts.wrapping import fit_text, shorten_text, wrap_text

TITLE_LEADING: Final = 1.25
TITLE_LINES: Final = 2  # the title shrinks until it needs no more
MOST_TITLE_LINES: Final = 6  # what is longer goes on in the text
MESSAGE_LINES: Final = 2
MOST_MESSAGE_LINES: Final = 4
FOOT_LINES: Final = 3  # of sources; more of them stand at the end of the text
SPACE: Final = 10.0
COLUMN_GAP: Final = 22.0
GROWTH: Final = (1.6, 1.4, 1.2, 1.0)  # little text is written larger
PAGE_EM: Final = 9.0  # room for the page number


def find_address(link: str) -> str:
    """Return the address if a reader can follow it; other links are shown as text only."""
    return link if link.startswith(("https://", "http://")) else ""


@dataclass(frozen=True)
class PictureBox:
    """A map in points from the upper left of the page, and what it shows in words."""

    x: float
    y: float
    width: float
    height: float
    png: bytes
    words: str


@dataclass(frozen=True)
class Page:
    """One page: its texts, its map, and the slide that it belongs to."""

    slide: Slide
    title: str
    texts: tuple[TextBox, ...]
    picture: PictureBox | None
    is_first: bool


def plan_pages(
    deck: Deck, pictures: Sequence[bytes | None], sheet: Sheet, labels: Labels, script: Script
) -> list[Page]:
    """Lay out a deck: each slide on a page, or on several if its text needs them.

    Parameters
    ----------
    deck
        What the hand-out says. A last page lists its credits.
    pictures
        PNG of the map of each slide, in their order; None for a slide without a map.
    sheet, labels, script
        The kind of page, the texts of the reader's language, and how text is written.

    Raises
    ------
    ArgumentError
        If there is nothing to show, or not one picture a slide.
    """
    if len(pictures) != len(deck.slides):
        raise ArgumentError(
            f"pictures: expected one for each of {len(deck.slides)} slides, got {len(pictures)}."
        )
    slides = [*deck.slides, *_list_credits(deck, labels)]
    if not slides:
        raise ArgumentError("deck: expected at least one slide or credit, got none.")
    builder = _Builder(clean_deck(deck, script), sheet, labels, script)
    pages: list[Page] = []
    for slide, png in zip(slides, [*pictures, None], strict=False):
        pages += builder.build(_clean_slide(slide, script), png)
    return [builder.number(page, number, len(pages)) for number, page in enumerate(pages, 1)]


def _list_credits(deck: Deck, labels: Labels) -> list[Slide]:
    if not deck.credits:
        return []
    return [
        Slide(
            id="credits",
            title=labels("handout.credits"),
            message="　".join(filter(None, (deck.title, deck.subtitle))),
            points=deck.credits,
            link=deck.link,
        )
    ]


def clean_deck(deck: Deck, script: Script) -> Deck:
    """Return the deck with the texts of its frame cleaned; slides are cleaned one by one."""
    credits_ = tuple(script.clean(one) for one in deck.credits)
    title, subtitle = script.clean(deck.title), script.clean(deck.subtitle)
    return replace(deck, title=title, subtitle=subtitle, credits=credits_)


def _clean_slide(slide: Slide, script: Script) -> Slide:
    clean = script.clean
    figures = [Figure(clean(f.label), clean(f.value), clean(f.source)) for f in slide.figures]
    return replace(
        slide,
        title=clean(slide.title),
        message=clean(slide.message),
        figures=tuple(one for one in figures if one.label or one.value or one.source),
        points=tuple(filter(None, map(clean, slide.points))),
        sources=tuple(dict.fromkeys(filter(None, map(clean, slide.sources)))),
    )


@dataclass(frozen=True)
class _Builder:
    deck: Deck
    sheet: Sheet
    labels: Labels
    script: Script

    def build(self, slide: Slide, png: bytes | None) -> list[Page]:
        """Return the pages of one slide; their numbers are not known yet."""
        foot, late_sources = self._write_foot(slide)
        bottom = min(box.y for box in foot) - SPACE
        head, more = self._write_head(slide)
        is_alone = not (more or slide.figures or slide.points or late_sources)
        top = max(box.y + box.height for box in head) + SPACE
        picture = self._place_picture(slide, png, top, bottom, is_alone=is_alone)
        for factor in GROWTH:
            sized = replace(self, sheet=self.sheet.grow(factor))
            items = sized.list_items(slide, more, late_sources)
            boxes, items = sized.flow(items, sized.list_columns(top, bottom, picture, items))
            if not items:
                break
        pages = [Page(slide, slide.title, (*head, *boxes, *foot), picture, is_first=True)]
        while items:
            head = self._repeat_head(slide)
            top = head[0].y + head[0].height + SPACE
            boxes, items = self.flow(items, self.list_columns(top, bottom, None, items))
            pages.append(Page(slide, slide.title, (*head, *boxes, *foot), None, is_first=False))
        return pages

    def list_items(
        self, slide: Slide, more: Sequence[str], late_sources: Sequence[str]
    ) -> list[Item]:
        """Return all text that flows, in the type sizes of the sheet."""
        sheet = self.sheet
        items: list[Item] = [Words("message", text, sheet.body) for text in more]
        items += [slide.figures] if slide.figures else []
        items += [Words("point", point, sheet.body) for point in slide.points]
        return items + [Words("source", text, sheet.source) for text in late_sources]

    def _write_head(self, slide: Slide) -> tuple[list[TextBox], list[str]]:
        """Return title and message, and what of them must flow with the other text."""
        sheet, measure = self.sheet, self.script.measure
        width, x, y = sheet.inner_width, sheet.margin, sheet.margin
        size, lines = fit_text(slide.title, width, sheet.title, TITLE_LINES, measure)
        kept, more = lines[:MOST_TITLE_LINES], lines[MOST_TITLE_LINES:]
        title = Paragraph("title", tuple(kept), size)
        head = [TextBox("title", x, y, width, TITLE_LEADING * size * len(kept), (title,))]
        flowing = ["".join(more)] if more else []
        size, lines = fit_text(slide.message, width, sheet.message, MESSAGE_LINES, measure)
        if len(lines) > MOST_MESSAGE_LINES:
            flowing.append(slide.message)
        elif slide.message:
            y = head[0].y + head[0].height + SPACE / 2
            message = Paragraph("message", tuple(lines), size)
            head.append(TextBox("message", x, y, width, message.height, (message,)))
        return head, flowing

    def _repeat_head(self, slide: Slide) -> list[TextBox]:
        """Return the title on one line, for a page that goes on."""
        sheet = self.sheet
        size = (sheet.title[0] + sheet.title[1]) / 2
        mark = self.labels("handout.continued")
        room = sheet.inner_width / size - self.script.measure(mark)
        text = shorten_text(slide.title, room, self.script.measure) + mark
        title = Paragraph("title", (text,), size)
        height = TITLE_LEADING * size
        return [TextBox("title", sheet.margin, sheet.margin, sheet.inner_width, height, (title,))]

    def _write_foot(self, slide: Slide) -> tuple[list[TextBox], list[str]]:
        """Return sources, link and name of the deck at the foot, and sources left over."""
        sheet, measure = self.sheet, self.script.measure
        width, line = sheet.inner_width, LEADING * sheet.foot
        texts, late = self._list_sources(slide)
        lines = [("source", one, "") for one in texts]
        link = slide.link or self.deck.link
        if link:
            shown = self.labels("handout.link", link=self.script.clean(link))
            lines.append(("link", shorten_text(shown, width / sheet.foot, measure), link))
        name = " ".join(filter(None, (self.deck.title, self.deck.subtitle)))
        lines.append(("foot", shorten_text(name, width / sheet.foot - PAGE_EM, measure), ""))
        top = sheet.height - sheet.margin - len(lines) * line
        boxes = []
        for number, (role, text, address) in enumerate(lines):
            wide = width - PAGE_EM * sheet.foot if role == "foot" else width
            paragraph = Paragraph(role, (text,), sheet.foot)
            y = top + number * line
            boxes.append(TextBox(role, sheet.margin, y, wide, line, (paragraph,), address))
        return boxes, late

    def _list_sources(self, slide: Slide) -> tuple[list[str], list[str]]:
        """Return the lines of as many sources as fit at the foot, and the other sources."""
        sources = list(slide.sources)
        if not sources and slide.id != "credits":
            sources = [one for one in self.deck.credits if one]
        width = self.sheet.inner_width / self.sheet.foot
        for n_kept in range(len(sources), 0, -1):
            more = self.labels("handout.more_sources") if n_kept < len(sources) else ""
            text = self.labels("handout.sources", sources=" ｜ ".join(sources[:n_kept])) + more
            lines = wrap_text(text, width, self.script.measure)
            if len(lines) <= FOOT_LINES:
                return lines, sources[n_kept:]
        return ([self.labels("handout.sources_below")], sources) if sources else ([], [])

    def _place_picture(
        self, slide: Slide, png: bytes | None, top: float, bottom: float, *, is_alone: bool
    ) -> PictureBox | None:
        if png is None:
            return None
        sheet = self.sheet
        width_px, height_px = Image.open(io.BytesIO(png)).size
        widest = sheet.wide_picture[0] if is_alone else sheet.picture[0]
        scale = min(widest / width_px, (bottom - top) / height_px)
        width, height = scale * width_px, scale * height_px
        x = sheet.margin + ((sheet.inner_width - width) / 2 if is_alone else 0)
        return PictureBox(x, top, width, height, png, self._describe_picture(slide))

    def _describe_picture(self, slide: Slide) -> str:
        words = self.labels("handout.picture", title=slide.title, message=slide.message)
        names = [name for *_, name in slide.view.places] if slide.view else []
        marked = self.labels("handout.places") + "：" + "、".join(names) if names else ""
        return self.script.clean(f"{words} {marked}")

    def list_columns(
        self, top: float, bottom: float, picture: PictureBox | None, items: Sequence[Item]
    ) -> list[Column]:
        """Return the columns of a page: beside the map, or one, or two where one is too short."""
        left, width = self.sheet.margin, self.sheet.inner_width
        if picture is not None:
            x = picture.x + picture.width + COLUMN_GAP
            return [Column(x, top, left + width - x, bottom)]
        whole = Column(left, top, width, bottom)
        if not fill_column(items, whole, self.sheet, self.script)[1]:
            return [whole]
        half = (width - COLUMN_GAP) / 2
        return [
            Column(left, top, half, bottom),
            Column(left + half + COLUMN_GAP, top, half, bottom),
        ]

    def flow(
        self, items: Sequence[Item], columns: Sequence[Column]
    ) -> tuple[list[TextBox], list[Item]]:
        boxes: list[TextBox] = []
        rest = list(items)
        for column in columns:
            placed, rest = fill_column(rest, column, self.sheet, self.script)
            boxes += placed
        return boxes, rest

    def number(self, page: Page, number: int, total: int) -> Page:
        """Add the number of the page."""
        sheet = self.sheet
        line, width = LEADING * sheet.foot, PAGE_EM * sheet.foot
        text = self.labels("handout.page", n=number, total=total)
        x, y = sheet.margin + sheet.inner_width - width, sheet.height - sheet.margin - line
        box = TextBox("page", x, y, width, line, (Paragraph("page", (text,), sheet.foot),))
        return replace(page, texts=(*page.texts, box))
