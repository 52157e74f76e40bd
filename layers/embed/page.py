"""What an embed consists of: its map, its controls, its texts, and what its script is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import folium

from kumageo.labels import Labels
from kumageo.settings import TileSource
from layers.base import Credit
from layers.compose import build_map, list_credits
from layers.content import PageData
from layers.councils import Councils
from layers.embed.addresses import Addresses
from layers.embed.query import Parameter
from layers.ground import Ground, list_readings
from layers.water import Water
from layers.words import write_day


@dataclass(frozen=True)
class EmbedSources:
    """What embeds are made from; `water` and `councils` are for those layers that show them."""

    data: PageData
    labels: Labels
    languages: tuple[str, ...]
    tiles: TileSource | None = None
    water: Water | None = None
    councils: Councils | None = None
    addresses: Addresses = field(default=Addresses())


@dataclass(frozen=True)
class Choice:
    """One value of a control, with its words; `icon` names a pictogram of a hazard."""

    value: str
    label: str
    icon: str = ""


@dataclass(frozen=True)
class Control:
    """A control of the form above the map; `kind` is "select", "checks", "check" or "search".

    Those with `is_more` stand behind a button, for people who look for more. Where the script knows
    names of places, it `fills` them in: "regions" or "municipalities".
    """

    name: str
    label: str
    kind: str
    choices: tuple[Choice, ...] = ()
    is_more: bool = False
    hint: str = ""
    fills: str = ""


@dataclass(frozen=True)
class CreditLine:
    """A dataset that is shown, as the page credits it."""

    title: str
    url: str
    day: str
    statement: str
    terms: str


@dataclass(frozen=True)
class Sheet:
    """A table that stands below the map whatever is chosen."""

    title: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class EmbedPage:
    """The embed of a layer in one language.

    Attributes
    ----------
    layer
        Its id in the address.
    title, notice
        What stands on top.
    page, table
        Path of the page of the dashboard and name of its table, for links.
    base, group
        The map, and what the layer draws on it while nothing is chosen.
    controls, parameters
        The form above the map, and what a query may hold.
    texts
        Sentences for the script, with <name> where it fills something in.
    options
        What else the script is told.
    preloads
        Addresses of data that the first view needs, but for the land around.
    credits
        The datasets that are shown.
    remarks
        Sentences that stand below the map whatever is chosen.
    sheets
        Tables that do.
    """

    layer: str
    title: str
    notice: str
    page: str
    table: str
    base: folium.Map
    group: folium.FeatureGroup
    controls: tuple[Control, ...]
    parameters: tuple[Parameter, ...]
    texts: Mapping[str, str]
    options: Mapping[str, Any]
    preloads: tuple[str, ...]
    credits: tuple[CreditLine, ...]
    remarks: tuple[str, ...] = field(default=())
    sheets: tuple[Sheet, ...] = field(default=())


class Blank(str):
    """A place in a sentence that the script fills in, however a number would be written there."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        """Return the mark as it is."""
        return str(self)


def leave_blank(*names: str) -> dict[str, Blank]:
    """Return for each name the mark <name> in place of a value."""
    return {name: Blank(f"<{name}>") for name in names}


AREAS: Final = "embed_boundaries"
LAND: Final = "embed_land"
START: Final = "/"  # names the extent that is shown while no place is chosen
DEGREE_DECIMALS: Final = 3  # of extents, to fit a map to


def build_base(
    sources: EmbedSources,
    title: str,
    credits_shown: Sequence[Credit],
    *,
    bounds: Sequence[float] = (),
    locates: bool = False,
    roads_url: str = "",
) -> folium.Map:
    """Build the map of an embed; left out, `bounds` are those of the prefecture."""
    extents = sources.data.extents
    low, high = extents[["minx", "miny"]].min(), extents[["maxx", "maxy"]].max()
    return build_map(
        None,
        title=title,
        labels=sources.labels,
        sources=credits_shown,
        tiles=sources.tiles,
        ground=Ground(
            sources.data.data_url(LAND),
            roads_url,
            list_readings(sources.data, sources.labels),
            is_flat=not roads_url,
        ),
        focus={
            "bounds": [round(float(end), DEGREE_DECIMALS) for end in bounds or (*low, *high)],
            "token": START,
        },
        locates=locates,
    )


def list_map_credits(sources: EmbedSources, dataset_ids: Sequence[str]) -> list[Credit]:
    """Return the credits of the datasets that a map shows."""
    return list_credits(sources.data.list_datasets(dataset_ids), sources.tiles)


def list_credit_lines(sources: EmbedSources, dataset_ids: Sequence[str]) -> tuple[CreditLine, ...]:
    """Return source, terms and day of each dataset that an embed shows."""
    data, labels = sources.data, sources.labels
    lines = [
        CreditLine(
            title=dataset.title,
            url=dataset.source_url,
            day=write_day(data, dataset.id, labels),
            statement=dataset.processed_statement,
            terms=dataset.licence,
        )
        for dataset in data.list_datasets(dataset_ids)
    ]
    tiles = sources.tiles
    if tiles is not None:
        lines.append(CreditLine(tiles.credit, tiles.credit_url, "", "", ""))
    return tuple(lines)
