"""What a briefing says, slide by slide: the screen and the hand-outs show the same."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """A number that stands large, with its unit in the text, and source and day below it."""

    label: str
    value: str
    source: str


@dataclass(frozen=True)
class MapView:
    """The map of a slide: which layer in which state, and where.

    `layer` is the id of a layer of `layers.registry`; `query` the state of its page; `codes` the
    municipalities in question; `extent` is lon_min, lat_min, lon_max, lat_max in degrees;
    `places` are marked points: lon, lat and name.
    """

    layer: str
    extent: tuple[float, float, float, float]
    codes: tuple[str, ...] = ()
    query: dict[str, str] = field(default_factory=dict)
    places: tuple[tuple[float, float, str], ...] = ()


@dataclass(frozen=True)
class Slide:
    """One message, what supports it, and where that comes from."""

    id: str
    title: str
    message: str
    figures: tuple[Figure, ...] = ()
    points: tuple[str, ...] = ()
    view: MapView | None = None
    link: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deck:
    """A briefing: its slides in their order, and the link that reproduces it."""

    title: str
    subtitle: str
    slides: tuple[Slide, ...]
    link: str
    credits: tuple[str, ...]
