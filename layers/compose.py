"""The map that layers are drawn on, with its view, tiles and credits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import folium

from kumageo.catalog import Dataset
from kumageo.labels import Labels
from kumageo.settings import TileSource
from layers.base import (
    ASIDE_COLOUR,
    MAX_ZOOM,
    PREFECTURE_VIEW,
    ROAD_COLOUR,
    BaseMap,
    Call,
    Credit,
    MapView,
)
from layers.ground import Ground

TEXTS: Final = (
    "zoom_in",
    "zoom_out",
    "loading",
    "failed",
    "copy_link",
    "copied",
    "copy_failed",
    "here",
    "here_denied",
    "here_unsupported",
)


@dataclass(frozen=True)
class MapParts:
    """A rendered map in the parts that a page of its own puts together; `name` is its variable."""

    head: str
    body: str
    script: str
    name: str


def render_map(base: folium.Map) -> MapParts:
    """Render a map, with all that was added to it, for a plain page.

    Parameters
    ----------
    base
        From `build_map`; groups that are added with `show` false wait for the page's script.
    """
    figure: Any = base.get_root()
    _number_elements(figure)
    figure.render()
    parts = (figure.header.render(), figure.html.render(), figure.script.render())
    return MapParts(*parts, base.get_name())


def _number_elements(figure: Any) -> None:
    """Give all elements names by their place, so that the same map is the same text."""
    waiting, number = [figure], 0
    while waiting:
        element = waiting.pop(0)
        element._id, number = f"{number:x}", number + 1  # noqa: SLF001  # folium's are random
        waiting += element._children.values()  # noqa: SLF001


def list_credits(datasets: Sequence[Dataset], tiles: TileSource | None) -> list[Credit]:
    """Return the credits of what a map shows, each once, the tile server's last."""
    listed = [Credit(dataset.processed_statement, dataset.source_url) for dataset in datasets]
    if tiles is not None:
        listed.append(Credit(tiles.credit, tiles.credit_url))
    return list(dict.fromkeys(listed))


def build_map(
    view: MapView | None,
    *,
    title: str,
    labels: Labels,
    sources: Sequence[Credit],
    tiles: TileSource | None = None,
    ground: Ground | None = None,
    focus: dict[str, Any] | None = None,
    locates: bool = False,
) -> folium.Map:
    """Build a new folium map.

    Parameters
    ----------
    view
        Centre and zoom to begin with; None: the extent of `focus`, or the prefecture.
    title
        What a screen reader says the map is.
    labels
        Texts of the reader's language.
    sources
        Credits shown below the map; a map without any is refused.
    tiles
        A tile server, if an administrator set one.
    ground
        What lies below the subject; None: nothing.
    focus
        From `to_focus`: what the map shows first. It does not move the map again.
    locates
        Whether the reader can ask the browser for its place, which counts as a click there.

    Raises
    ------
    ValueError
        If there is no credit.
    """
    if not sources:
        raise ValueError("sources: expected at least one, got none. Name the source of each layer.")
    base = BaseMap(view or PREFECTURE_VIEW)
    options = {
        "locates": locates,
        "isFlat": ground is not None and ground.is_flat,
        "readings": dict(ground.readings) if ground else {},
        "language": labels.html_language,
        "marks": labels.number_marks,
        "texts": {**_list_texts(labels), "map": title},
        "credits": [{"text": credit.text, "url": credit.url} for credit in sources],
        "focusToken": focus["token"] if focus else "",
        "extent": focus["bounds"] if focus and view is None else None,
    }
    base.add_child(Call("furnish", options))
    if ground is not None:
        base.add_child(Call("addLand", {"url": ground.land_url, "fill": ASIDE_COLOUR}))
    if ground is not None and ground.roads_url:
        base.add_child(Call("addRoads", {"url": ground.roads_url, "colour": ROAD_COLOUR}))
    if tiles is not None:
        names = {"none": labels.ruby("map.no_tiles"), "tiles": tiles.credit}
        base.add_child(
            Call("addTiles", {"url": tiles.template, "maxZoom": MAX_ZOOM, "texts": names})
        )
    return base


def _list_texts(labels: Labels) -> dict[str, str]:
    texts = {name: labels.ruby(f"map.{name}") for name in (*TEXTS, "credits")}
    return {**texts, "close": labels.ruby("embed.close")}


def set_aside(base: folium.Map) -> None:
    """Keep the view of a map out of the link: of two maps on a page the first is the link's."""
    base.add_child(Call("setAside", {}))
