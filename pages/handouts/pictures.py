"""A map as a picture at print size, drawn on the server without a browser and a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from kumageo.errors import ArgumentError
from kumageo.labels import Labels
from layers.content import PageData
from layers.water import Water
from pages.handouts import places as marked
from pages.handouts.canvas import Canvas
from pages.handouts.deck import MapView
from pages.handouts.frames import Box, Frame, fit_frame
from pages.handouts.ground import Ground
from pages.handouts.names import Written, arrange_names
from pages.handouts.scalebar import draw_scale_bar, reserve_scale_bar
from pages.handouts.scene import WHITE, Entry, Fill, Marks, Scene
from pages.handouts.shapes import outline_shape
from pages.handouts.strip import CREDIT_COLOUR, CREDIT_PT, PAD, Strip
from pages.handouts.themes import build_scene

SEA_COLOUR: Final = "#e3edf3"
BORDER_COLOUR: Final = "#b0b0b0"
SMALLEST_PX: Final = 240
LARGEST_PX: Final = 6000
GUESSED_STRIP: Final = 0.25  # of the height: the scene is built before the strip is known
LARGEST_STRIP: Final = 0.5
CREDIT_JOINT: Final = " ｜ "


@dataclass(frozen=True)
class Plan:
    """What stands where in a picture, in pixels.

    With `is_numbered`, places have numbers on the map and names below it.
    """

    frame: Frame
    scene: Scene
    strip: Strip
    places: list[marked.Place]
    is_numbered: bool
    written: list[Written]


def draw_view(
    view: MapView,
    data: PageData,
    labels: Labels,
    *,
    width_px: int,
    height_px: int,
    dpi: float,
    water: Water | None = None,
    ground: Ground | None = None,
) -> bytes:
    """Draw a view as PNG; the same input gives the same bytes.

    Parameters
    ----------
    view
        What to show and where.
    data, labels
        The published data and the texts of the reader's language.
    width_px, height_px, dpi
        Size of the picture; type and marks keep their size in points.
    water
        Readings of groundwater; with None, or simulated ones, wells get no class.
    ground
        From an earlier picture of the same data, to save its preparation.

    Raises
    ------
    ArgumentError
        If the size or the extent cannot be drawn.
    UnknownDatasetError
        If there is no such layer.
    """
    canvas = Canvas(width_px, height_px, dpi)
    plan = plan_picture(view, ground or Ground(data), labels, canvas, water)
    _paint(plan, canvas)
    return canvas.to_png()


def plan_picture(
    view: MapView, ground: Ground, labels: Labels, canvas: Canvas, water: Water | None = None
) -> Plan:
    """Decide what stands where; see `draw_view`."""
    sides = sorted((canvas.width, canvas.height))
    if not SMALLEST_PX <= sides[0] <= sides[1] <= LARGEST_PX:
        raise ArgumentError(
            f"picture: expected {SMALLEST_PX} to {LARGEST_PX} pixels a side, got "
            f"{canvas.width} x {canvas.height}. Choose another size."
        )
    guessed = fit_frame(view.extent, _map_box(canvas, GUESSED_STRIP * canvas.height), canvas.dpi)
    scene = build_scene(view, guessed, ground, labels, water)
    places = marked.locate_places(view, guessed)
    named = _plan(view, scene, places, canvas, ground.data, labels, is_numbered=False)
    n_named = sum(one.name.rank == marked.RANK for one in named.written)
    if n_named == sum(bool(place.name) for place in places):
        return named
    return _plan(view, scene, places, canvas, ground.data, labels, is_numbered=True)


def _plan(
    view: MapView,
    scene: Scene,
    places: list[marked.Place],
    canvas: Canvas,
    data: PageData,
    labels: Labels,
    *,
    is_numbered: bool,
) -> Plan:
    listed = places if is_numbered else []
    strip = _fill_strip(scene, listed, canvas, data, labels)
    frame = fit_frame(view.extent, _map_box(canvas, strip.height + PAD * canvas.px), canvas.dpi)
    write = marked.number_places if is_numbered else marked.name_places
    names = [*write(places), *scene.names]
    taken = [reserve_scale_bar(frame, canvas.dpi), *_list_boxes(scene, frame, is_solid=True)]
    avoided = _list_boxes(scene, frame, is_solid=False)
    if not is_numbered:
        radius = marked.EXTENT * canvas.px
        taken += [_surround(frame.place(np.array([[one.x, one.y]]))[0], radius) for one in places]
    written = arrange_names(names, frame, taken, avoided, canvas.dpi)
    return Plan(frame, scene, strip, places, is_numbered, written)


def _map_box(canvas: Canvas, strip_height: float) -> Box:
    height = canvas.height - strip_height
    if height < (1 - LARGEST_STRIP) * canvas.height:
        raise ArgumentError(
            f"picture: {canvas.width} x {canvas.height} pixels at {canvas.dpi:g} dpi leave no "
            "room for the map above its legend and credits. Choose a larger size."
        )
    return 0.5, 0.5, canvas.width - 0.5, height


def _fill_strip(
    scene: Scene,
    places: Sequence[marked.Place],
    canvas: Canvas,
    data: PageData,
    labels: Labels,
) -> Strip:
    """Lay out the strip; of more places than there is room for, the rest is counted."""
    entries = marked.list_places(places)
    kept = len(entries)
    while True:
        rest = [Entry(labels("handout.more_places", n=len(entries) - kept), "blank", WHITE)]
        shown = entries[:kept] + (rest if kept < len(entries) else [])
        strip = _lay_out(scene, shown, canvas, data, labels)
        if kept == 0 or strip.height + PAD * canvas.px <= LARGEST_STRIP * canvas.height:
            return strip
        kept -= max(1, kept // 8)


def _lay_out(
    scene: Scene, places: Sequence[Entry], canvas: Canvas, data: PageData, labels: Labels
) -> Strip:
    pad = PAD * canvas.px
    strip = Strip(canvas.width - 2 * pad, canvas.dpi, height=pad)
    if scene.title or scene.entries:
        strip.add_entries(scene.title, scene.entries)
    if places:
        strip.add_entries(labels("handout.places"), places)
    for note in filter(None, scene.notes):
        strip.add_note(note)
    statements = [one.processed_statement for one in data.list_datasets(scene.datasets)]
    listed = CREDIT_JOINT.join(dict.fromkeys([*statements, *scene.credits]))
    strip.add_text(f"{labels('map.credits')}：{listed}", CREDIT_PT, CREDIT_COLOUR)
    return strip


def _list_boxes(scene: Scene, frame: Frame, *, is_solid: bool) -> list[Box]:
    """Return the boxes of marks, in pixels."""
    return [
        _surround(xy, 1.3 * part.radius * frame.px)
        for part in scene.parts
        if isinstance(part, Marks) and part.solid == is_solid
        for xy in frame.place(part.xy)
    ]


def _surround(xy: np.ndarray, radius: float) -> Box:
    x, y = map(float, xy)
    return x - radius, y - radius, x + radius, y + radius


def _paint(plan: Plan, canvas: Canvas) -> None:
    frame = plan.frame
    canvas.fill_box(frame.box, SEA_COLOUR)
    for part in plan.scene.parts:
        if isinstance(part, Marks):
            style = (part.shape, part.radius, part.fill, part.stroke, part.width)
            canvas.draw_marks(frame.place(part.xy), *style, frame.box)
        elif isinstance(part, Fill):
            canvas.fill_path(outline_shape(part.shape, frame), part.colour, frame.box)
        else:
            line = (part.colour, part.width, part.dash, frame.box)
            canvas.draw_path(outline_shape(part.shape, frame), *line)
    if plan.is_numbered:
        marked.draw_leaders(canvas, plan.places, plan.written, frame)
    else:
        marked.draw_places(canvas, plan.places, frame)
    for written in reversed(plan.written):
        _write_name(written, canvas)
    draw_scale_bar(canvas, frame)
    canvas.draw_box(frame.box, BORDER_COLOUR)
    plan.strip.draw(canvas, PAD * canvas.px, frame.box[3])


def _write_name(written: Written, canvas: Canvas) -> None:
    name = written.name
    if name.frame:
        canvas.fill_box(written.box, name.fill, name.frame)
    style = {"align": "center", "halo": not name.frame}
    canvas.write(written.text, written.centre, name.size, name.colour, **style)
