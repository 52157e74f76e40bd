"""The wells on a printed map: classes where levels were measured, places alone otherwise."""

from __future__ import annotations

from typing import Final

import pandas as pd

from kumageo.crs import METRIC
from kumageo.labels import Labels
from layers.base import ACCENT
from layers.content import PageData
from layers.groundwater import STYLES, GroundwaterLayer
from layers.water import Water
from pages.components.state import Query
from pages.components.well_panels import select_wells
from pages.components.well_state import GroundwaterState
from pages.handouts.deck import MapView
from pages.handouts.frames import Frame
from pages.handouts.names import surround
from pages.handouts.scene import NAME_PT, WHITE, Entry, Marks, Name, Scene

DATASETS: Final = ("observation_wells", "municipal_boundaries", "background_land")
HOLLOW_STROKE: Final = "#404040"
NAME_ZOOM: Final = 11
NO_CLASS: Final = "none"


def build_wells(
    view: MapView,
    frame: Frame,
    data: PageData,
    labels: Labels,
    water: Water | None,
    radius: float,
) -> Scene:
    """Return the wells of the chosen place; simulated readings give no class.

    The municipalities in question choose as the query does: a briefing names only them.
    """
    known = (data.names, data.regions.index, data.wells["id"].to_list())
    state = GroundwaterState.from_query(Query(view.query), *known)
    measured = water if water and not water.is_demo and water.read_wells else None
    wells = data.wells[data.wells.geometry.notna()].set_index("id")
    wells = wells.loc[select_wells(state, data).intersection(wells.index, sort=False)]
    if view.codes:
        wells = wells[wells["municipality_code"].isin(view.codes)]
    classes = pd.Series(NO_CLASS, index=wells.index)
    if measured:
        classes = measured.summary["shown_class"].reindex(wells.index)
    places = _group_places(wells, classes)
    return Scene(
        datasets=DATASETS,
        parts=_mark_places(places, state, data, radius + 2),
        names=_name_places(places) if frame.zoom >= NAME_ZOOM else [],
        title=labels("groundwater.legend") if measured else "",
        entries=_list_entries(classes, labels, is_measured=measured is not None),
        notes=[] if measured else [labels("groundwater.words_none")],
        credits=[labels("groundwater.readings_of", source=one) for one in measured.sources]
        if measured
        else [],
    )


def _group_places(wells: pd.DataFrame, classes: pd.Series) -> pd.DataFrame:
    """Return each place with its most unusual class and its name; the usual ones first."""
    xy = wells.geometry.to_crs(METRIC).get_coordinates()
    ranks = classes.map(list(STYLES).index)
    table = pd.DataFrame(
        {"place_id": wells["place_id"], "name": wells["name"], "rank": ranks, **xy}
    )
    grouped = table.groupby("place_id", sort=False)
    places = grouped.agg(
        name=("name", "first"), n=("name", "size"), rank=("rank", "min"), x=("x", "first"),
        y=("y", "first"),
    )  # fmt: skip
    return places.sort_values("rank", ascending=False, kind="stable")


def _mark_places(
    places: pd.DataFrame, state: GroundwaterState, data: PageData, radius: float
) -> list[Marks]:
    selected = data.wells.loc[data.wells["id"] == state.well_id, "place_id"]
    marks = []
    for place_id, place in places.iterrows():
        name = list(STYLES)[place["rank"]]
        shape, fill = STYLES[name]
        is_hollow = shape == "hollow"
        stroke, width = (HOLLOW_STROKE, 2.0) if is_hollow else (WHITE, 1.2)
        if place_id in set(selected):
            stroke, width = ACCENT, 4.0
        xy = place[["x", "y"]].to_numpy(dtype=float)[None]
        marks.append(Marks(xy, shape, radius, fill, stroke, width))
    return marks


def _name_places(places: pd.DataFrame) -> list[Name]:
    names = []
    for place in places.to_dict("records"):
        others = f" +{place['n'] - 1}" if place["n"] > 1 else ""
        text = place["name"] + others
        spots = surround(place["x"], place["y"], text, NAME_PT, 4.0)
        names.append(Name((text,), spots, place["rank"]))
    return names


def _list_entries(classes: pd.Series, labels: Labels, *, is_measured: bool) -> list[Entry]:
    entries = []
    for entry in GroundwaterLayer(labels, {}).list_entries(classes):
        label = entry.label if is_measured else labels("handout.well")
        is_hollow = entry.shape == "hollow"
        stroke = HOLLOW_STROKE if is_hollow else entry.colour
        entries.append(Entry(f"{label}（{entry.count}）", entry.shape, entry.colour, stroke))
    return entries
