"""One map from a view, credits and, where it is no live map, its layers."""

from __future__ import annotations

from collections.abc import Sequence

import folium

from kumageo.catalog import Dataset
from kumageo.labels import Labels
from kumageo.settings import TileSource
from layers.base import MAX_ZOOM, BaseMap, Call, Credit, MapView


def list_credits(datasets: Sequence[Dataset], tiles: TileSource | None) -> list[Credit]:
    """Return the credits of what a map shows, each once, the tile server's last."""
    credits = [Credit(dataset.processed_statement, dataset.source_url) for dataset in datasets]
    if tiles is not None:
        credits.append(Credit(tiles.credit, tiles.credit_url))
    return list(dict.fromkeys(credits))


def build_map(
    view: MapView,
    *,
    title: str,
    labels: Labels,
    credits: Sequence[Credit],
    tiles: TileSource | None = None,
    layers: Sequence[folium.FeatureGroup] = (),
    focus_token: str = "",
    sync_view: bool = False,
) -> folium.Map:
    """Build a new folium map.

    Parameters
    ----------
    view
        Centre and zoom to begin with.
    title
        What a screen reader says the map is.
    labels
        Texts of the reader's language.
    credits
        Shown below the map; a map without any is refused.
    tiles
        A tile server, if an administrator set one.
    layers
        Feature groups to draw. A live map gets its layers from the map panel instead.
    focus_token
        Focus that `view` already satisfies; it does not move the map again.
    sync_view
        Whether the address of the page keeps the view.

    Raises
    ------
    ValueError
        If there is no credit.
    """
    if not credits:
        raise ValueError("credits: expected at least one, got none. Name the source of each layer.")
    base = BaseMap(view)
    texts = {name: labels(f"map.{name}") for name in ("zoom_in", "zoom_out", "loading", "failed")}
    options = {
        "texts": {**texts, "map": title, "credits": labels("map.credits")},
        "credits": [{"text": credit.text, "url": credit.url} for credit in credits],
        "focusToken": focus_token,
        "syncView": sync_view,
    }
    base.add_child(Call("furnish", options))
    if tiles is not None:
        names = {"none": labels("map.no_tiles"), "tiles": tiles.credit}
        base.add_child(
            Call("addTiles", {"url": tiles.template, "maxZoom": MAX_ZOOM, "texts": names})
        )
    for layer in layers:
        base.add_child(layer)
    return base
