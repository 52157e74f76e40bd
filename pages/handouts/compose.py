"""One hand-out from a deck and the published data: pictures first, then the file."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final, Literal

from kumageo.clock import JST
from kumageo.errors import ArgumentError
from kumageo.labels import Labels
from layers.content import PageData
from layers.water import Water
from pages.handouts.deck import Deck, MapView, Slide
from pages.handouts.ground import Ground
from pages.handouts.pdf import build_pdf
from pages.handouts.pictures import draw_view
from pages.handouts.sheets import A4, WIDE, Sheet
from pages.handouts.slides import build_pptx

Form = Literal["pdf", "pptx"]
FORMS: Final = {"pdf": (A4, build_pdf), "pptx": (WIDE, build_pptx)}
POINTS_AN_INCH: Final = 72


def build_handout(
    deck: Deck,
    form: Form,
    data: PageData,
    labels: Labels,
    *,
    water: Water | None = None,
    base_url: str = "",
) -> bytes:
    """Build the file of a deck; the same deck and data give the same bytes.

    Parameters
    ----------
    deck
        What it says.
    form
        "pdf" or "pptx".
    data, labels
        The published data and the texts of the reader's language.
    water
        Readings of groundwater, for maps of the wells; simulated ones are not shown.
    base_url
        Where the dashboard is, such as https://maps.example.jp; it goes before links that begin
        with a slash, which mean nothing on paper.

    Raises
    ------
    ArgumentError
        If there is no such form, or nothing in the deck, or a view that can't be drawn.
    UnknownDatasetError
        If a view names a layer that does not exist.
    """
    if form not in FORMS:
        raise ArgumentError(f"form: expected one of {', '.join(FORMS)}; got {str(form)[:20]!r}.")
    sheet, build = FORMS[form]
    album = _Album(data, labels, sheet, water, Ground(data), {})
    pictures = [album.draw(slide) for slide in deck.slides]
    return build(_complete_links(deck, base_url), pictures, labels, created=_find_day(data))


def _complete_links(deck: Deck, base_url: str) -> Deck:
    def complete(link: str) -> str:
        return base_url.rstrip("/") + link if link.startswith("/") else link

    slides = tuple(replace(slide, link=complete(slide.link)) for slide in deck.slides)
    return replace(deck, slides=slides, link=complete(deck.link))


def _find_day(data: PageData) -> dt.datetime:
    """Return the newest day that any of the data describes."""
    newest = max(publication.as_of for publication in data.publications.values())
    return dt.datetime.combine(dt.date.fromisoformat(newest), dt.time(), tzinfo=JST)


@dataclass(frozen=True)
class _Album:
    """The pictures of one hand-out: each view is drawn once."""

    data: PageData
    labels: Labels
    sheet: Sheet
    water: Water | None
    ground: Ground
    drawn: dict[tuple[object, ...], bytes]

    def draw(self, slide: Slide) -> bytes | None:
        """Return the map of a slide; alone on its page it is wide."""
        if slide.view is None:
            return None
        is_alone = not (slide.figures or slide.points)
        key = (is_alone, *_list_values(slide.view))
        if key not in self.drawn:
            self.drawn[key] = self._draw(slide.view, is_alone=is_alone)
        return self.drawn[key]

    def _draw(self, view: MapView, *, is_alone: bool) -> bytes:
        sheet = self.sheet
        size = sheet.wide_picture if is_alone else sheet.picture
        width_px, height_px = (round(one * sheet.dpi / POINTS_AN_INCH) for one in size)
        return draw_view(
            view,
            self.data,
            self.labels,
            width_px=width_px,
            height_px=height_px,
            dpi=sheet.dpi * sheet.scale,
            water=self.water,
            ground=self.ground,
        )


def _list_values(view: MapView) -> tuple[object, ...]:
    return view.layer, view.extent, view.codes, tuple(sorted(view.query.items())), view.places
