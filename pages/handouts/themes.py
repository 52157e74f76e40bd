"""What each layer brings to a printed map, in the colours and shapes of the live one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import geopandas as gpd
import shapely

from kumageo.crs import METRIC
from kumageo.errors import UnknownDatasetError
from kumageo.facilities import SHELTER, SITE, select_facilities
from kumageo.labels import Labels
from kumageo.municipalities import INDICATORS
from layers.base import ACCENT, ASIDE_COLOUR, LAND_COLOUR
from layers.content import DATASET_OF
from layers.evacuation import MARKED_STROKE, STYLES, EvacuationLayer
from layers.legend import LegendEntry
from layers.municipalities import MunicipalitiesLayer
from layers.symbology import UNKNOWN_COLOUR
from layers.water import Water
from pages.components.state import EvacuationState, OverviewState, Query
from pages.components.words import write_earthquake_note, write_notice
from pages.handouts.deck import MapView
from pages.handouts.frames import Frame
from pages.handouts.ground import Ground
from pages.handouts.scene import WHITE, Entry, Fill, Marks, Scene, Stroke
from pages.handouts.traffic import build_traffic
from pages.handouts.wells import build_wells

BASE: Final = ("municipal_boundaries", "background_land")
REGION_EDGE: Final = "#4d4d4d"
REGION_WIDTH: Final = 2.0
CHOSEN_COLOUR: Final = "#dfe3f7"  # a tint of the accent
MARKED_WIDTH: Final = 3.0
# Radius of points by zoom level, as on the live map.
_RADII: Final = ((10, 3.2), (12, 4.5), (14, 6.0))
_LARGEST: Final = 8.0

Build = Callable[[MapView, Frame, Ground, Labels, Water | None], Scene]


def build_scene(
    view: MapView, frame: Frame, ground: Ground, labels: Labels, water: Water | None
) -> Scene:
    """Return what the layer of a view shows.

    Raises
    ------
    UnknownDatasetError
        If there is no such layer.
    """
    build = _BUILDERS.get(view.layer)
    if build is None:
        known = ", ".join(_BUILDERS)
        raise UnknownDatasetError(f"layer: expected one of {known}; got {view.layer[:40]!r}.")
    return build(view, frame, ground, labels, water)


def find_radius(zoom: float) -> float:
    """Return the radius of a point at a zoom level, in 1/96 inch."""
    return next((radius for below, radius in _RADII if zoom < below), _LARGEST)


def outline_codes(codes: list[str], ground: Ground) -> list[Stroke]:
    """Return the outline of municipalities as one, apart from any colour below it."""
    shapes = ground.municipalities[ground.municipalities.index.isin(codes)].to_numpy()
    if not len(shapes):
        return []
    whole = shapely.coverage_union_all(shapes)
    return [Stroke(whole, WHITE, 7.0), Stroke(whole, ACCENT, 3.0)]


def draw_subject(view: MapView, ground: Ground, colour: str = LAND_COLOUR) -> list[Fill | Stroke]:
    """Return the areas: light in question, the others faded; none in question is all."""
    fills = dict.fromkeys(view.codes, colour)
    return ground.draw_areas(fills, ASIDE_COLOUR if view.codes else LAND_COLOUR)


def _build_council(
    view: MapView, frame: Frame, ground: Ground, labels: Labels, _water: Water | None
) -> Scene:
    borders = Stroke(ground.region_borders, REGION_EDGE, REGION_WIDTH)
    entries = [Entry(labels("handout.region_border"), "line", REGION_EDGE)]
    if view.codes:
        entries.insert(0, Entry(labels("handout.chosen"), "square", CHOSEN_COLOUR, ACCENT))
    names = ground.name_areas(frame, view.codes, is_context=True)
    if not view.codes:
        names += ground.name_regions(frame)
    return Scene(
        datasets=("municipalities", *BASE),
        parts=[
            *draw_subject(view, ground, CHOSEN_COLOUR),
            borders,
            *outline_codes(list(view.codes), ground),
        ],
        names=names,
        entries=entries,
    )


def _build_municipalities(
    view: MapView, frame: Frame, ground: Ground, labels: Labels, _water: Water | None
) -> Scene:
    data = ground.data
    state = OverviewState.from_query(Query(view.query), data.names, data.regions.index)
    (indicator,) = [one for one in INDICATORS if one.id == state.indicator]
    layer = MunicipalitiesLayer(indicator, labels, data_url="", inside=view.codes)
    colours, classes, entries = layer.symbolise(data.profiles[indicator.id])
    fills = {str(code): colours[number] for code, number in classes.dropna().items()}
    faded = set(fills) - set(view.codes) if view.codes else set()
    fills |= dict.fromkeys(faded, ASIDE_COLOUR)
    title = labels(f"indicator.{indicator.id}")
    unit = f"（{labels(f'unit.{indicator.unit}')}）" if indicator.unit else ""
    return Scene(
        datasets=tuple(dict.fromkeys((*indicator.datasets, *BASE))),
        parts=[
            *ground.draw_areas(fills, UNKNOWN_COLOUR),
            *outline_codes([state.municipality_code], ground),
        ],
        names=ground.name_areas(frame, view.codes),
        title=title + unit,
        entries=[read_entry(entry) for entry in entries],
    )


def _build_evacuation(
    view: MapView, frame: Frame, ground: Ground, labels: Labels, _water: Water | None
) -> Scene:
    data = ground.data
    known = (data.names, data.regions.index, data.facility_ids)
    state = EvacuationState.from_query(Query(view.query), *known)
    shown = select_facilities(data.facilities, state.to_filter(), data.profiles["region_id"])
    layer = EvacuationLayer(labels, {}, data.names, notice="")
    entries = layer.list_entries(data.facilities, shown)
    return Scene(
        datasets=(*DATASET_OF.values(), *BASE),
        parts=[
            *draw_subject(view, ground),
            *outline_codes([state.municipality_code], ground),
            *_mark_facilities(data.facilities[shown], frame),
        ],
        names=ground.name_areas(frame, view.codes),
        title=_title_facilities(state, labels),
        entries=[read_entry(entry) for entry in entries],
        notes=[write_notice(data, labels), write_earthquake_note(data, labels)],
    )


def _title_facilities(state: EvacuationState, labels: Labels) -> str:
    if not state.hazards:
        return labels("evacuation.legend")
    joint = labels("evacuation.words_any" if state.mode == "any" else "evacuation.words_all_of")
    hazards = joint.join(labels(f"hazard.{hazard}") for hazard in state.hazards)
    if state.mode == "all" and len(state.hazards) > 1:
        hazards += labels("evacuation.words_all_suffix")
    return labels("handout.hazards", hazards=hazards)


def _mark_facilities(shown: gpd.GeoDataFrame, frame: Frame) -> list[Marks]:
    """Mark shelters, sites above them, and last those outside of their municipality."""
    xy = shown.geometry.to_crs(METRIC).get_coordinates().to_numpy()
    outside = shown["outside"].to_numpy()
    radius = find_radius(frame.zoom)
    marks = []
    for is_outside in (False, True):
        stroke, width = (MARKED_STROKE, MARKED_WIDTH) if is_outside else (WHITE, 1.0)
        for kind in (SHELTER, SITE):
            chosen = (shown["kind"] == kind).to_numpy() & (outside == is_outside)
            shape, colour = STYLES[kind]
            style = (shape, radius, colour, stroke, width)
            marks.append(Marks(xy[chosen], *style, solid=False))
    return [group for group in marks if len(group.xy)]


def read_entry(entry: LegendEntry) -> Entry:
    """Take an entry of the live legend, with its count."""
    fill, stroke = entry.colour, "#666666"
    if entry.shape == "ring":
        stroke = MARKED_STROKE
    label = f"{entry.label}（{entry.count}）" if entry.count else entry.label
    return Entry(label, entry.shape, fill, stroke)


def _build_congestion(
    view: MapView, frame: Frame, ground: Ground, labels: Labels, _water: Water | None
) -> Scene:
    traffic = build_traffic(view.query, frame, ground.data, labels, find_radius(frame.zoom))
    below = [*draw_subject(view, ground), ground.draw_roads()]
    traffic.parts[:0] = below
    traffic.names.extend(ground.name_areas(frame, view.codes))
    return traffic


def _build_groundwater(
    view: MapView, frame: Frame, ground: Ground, labels: Labels, water: Water | None
) -> Scene:
    wells = build_wells(view, frame, ground.data, labels, water, find_radius(frame.zoom))
    state_code = view.query.get("m", "")
    wells.parts[:0] = [*draw_subject(view, ground), *outline_codes([state_code], ground)]
    wells.names.extend(ground.name_areas(frame, view.codes))
    return wells


_BUILDERS: Final[dict[str, Build]] = {
    "council": _build_council,
    "municipalities": _build_municipalities,
    "evacuation": _build_evacuation,
    "congestion": _build_congestion,
    "groundwater": _build_groundwater,
}
