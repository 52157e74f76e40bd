"""The maps of a briefing: one base, and for each slide the group that it shows."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from kumageo.facilities import select_facilities
from kumageo.labels import Labels
from kumageo.municipalities import INDICATORS
from layers.base import Credit, FeatureGroup, Map, draw_credits
from layers.compose import build_map
from layers.congestion import CongestionLayer
from layers.content import PageData
from layers.council import CouncilLayer
from layers.councils import Councils
from layers.evacuation import EvacuationLayer
from layers.ground import describe_ground
from layers.groundwater import GroundwaterLayer
from layers.municipalities import MunicipalitiesLayer
from layers.registry import list_layer_datasets
from layers.water import Water
from pages.components.road_state import read_choice
from pages.components.state import EvacuationState, OverviewState, Query
from pages.components.well_tables import describe_level
from pages.components.words import write_notice
from pages.handouts.deck import Deck, MapView

# What draws the group of a slide.
Drawer = Callable[[MapView, PageData, Councils, Water, Labels], FeatureGroup]


def build_maps(
    deck: Deck, data: PageData, councils: Councils, water: Water, labels: Labels
) -> tuple[Map, list[FeatureGroup]]:
    """Return the base map with all groups on it, hidden, and the group of each slide.

    Slides that show the same in the same state share a group.
    """
    base_publishers = _list_publishers("council", data)
    base = build_map(
        None,
        title=deck.title,
        labels=labels,
        sources=[_credit(base_publishers, labels)],
        ground=describe_ground(data, labels, has_roads=True),
        focus={"bounds": list(deck.slides[0].view.extent), "token": ""},
    )
    groups: dict[tuple[object, ...], FeatureGroup] = {}
    steps = []
    for slide in deck.slides:
        view = slide.view
        key = (view.layer, view.codes, tuple(sorted(view.query.items())), view.places)
        if key not in groups:
            group = DRAWERS[view.layer](view, data, councils, water, labels)
            publishers = _list_publishers(view.layer, data)
            added = [one for one in publishers if one not in base_publishers]
            sources = [_credit(added, labels)] if added else []
            if view.layer == "groundwater" and not water.is_demo:
                sources += [
                    Credit(labels("groundwater.readings_of", source=one)) for one in water.sources
                ]
            group.add_child(draw_credits(sources))
            group.show = False
            base.add_child(group)
            groups[key] = group
        steps.append(groups[key])
    return base, steps


def _list_publishers(layer: str, data: PageData) -> list[str]:
    """Return whose data a layer shows, each once."""
    datasets = data.list_datasets(list_layer_datasets(layer))
    names = [name for one in datasets for name in one.publisher.split("、")]
    return list(dict.fromkeys(names))


def _credit(publishers: list[str], labels: Labels) -> Credit:
    """Credit in one short line: the slide names documents and days, the type is large."""
    return Credit(labels("briefing.credits", publishers="、".join(publishers)))


def _draw_council(
    view: MapView, data: PageData, councils: Councils, _water: Water, labels: Labels
) -> FeatureGroup:
    region_id = str(data.profiles.loc[view.codes[0], "region_id"])
    layer = CouncilLayer(labels, data.data_url("council_areas"), selected=region_id)
    places = pd.DataFrame(view.places, columns=["lon", "lat", "name"]).assign(text="")
    return layer.to_folium(councils.profiles, places)


def _draw_municipalities(
    view: MapView, data: PageData, _councils: Councils, _water: Water, labels: Labels
) -> FeatureGroup:
    state = OverviewState.from_query(Query(view.query), data.names, data.regions.index)
    indicator = next(one for one in INDICATORS if one.id == state.indicator)
    url = data.data_url("municipal_boundaries")
    layer = MunicipalitiesLayer(indicator, labels, url, inside=view.codes)
    return layer.to_folium(data.profiles)


def _draw_evacuation(
    view: MapView, data: PageData, _councils: Councils, _water: Water, labels: Labels
) -> FeatureGroup:
    known = (data.names, data.regions.index, data.facility_ids)
    state = EvacuationState.from_query(Query(view.query), *known)
    shown = select_facilities(data.facilities, state.to_filter(), data.profiles["region_id"])
    layer = EvacuationLayer(
        labels, data.facility_urls, data.names, write_notice(data, labels), inside=view.codes
    )
    return layer.to_folium(data.facilities, shown)


def _draw_congestion(
    view: MapView, data: PageData, _councils: Councils, _water: Water, labels: Labels
) -> FeatureGroup:
    has_speeds = bool(len(data.roads.speeds))
    choice = read_choice(Query(view.query), has_speeds=has_speeds)
    layer = CongestionLayer(labels, data.road_urls, choice, has_speeds=has_speeds)
    return layer.to_folium()


def _draw_groundwater(
    view: MapView, data: PageData, _councils: Councils, water: Water, labels: Labels
) -> FeatureGroup:
    """Draw the wells; simulated readings are never in a briefing."""
    placed = data.wells[data.wells.geometry.notna()]
    ids = placed.loc[placed["municipality_code"].isin(view.codes), "id"]
    classes = pd.Series("none", index=pd.Index(ids))
    said = pd.Series("", index=classes.index)
    if not water.is_demo:
        summary = water.summary.loc[ids]
        classes = summary["shown_class"]
        said = pd.Series([describe_level(row, labels) for _, row in summary.iterrows()], ids)
    layer = GroundwaterLayer(labels, data.well_urls, inside=view.codes)
    return layer.to_folium(classes, said)


DRAWERS: dict[str, Drawer] = {
    "council": _draw_council,
    "municipalities": _draw_municipalities,
    "evacuation": _draw_evacuation,
    "congestion": _draw_congestion,
    "groundwater": _draw_groundwater,
}
