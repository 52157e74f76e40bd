"""What the printed map of the roads says: title, legend and the sentence of the hour."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from kumageo.labels import Labels
from layers.congestion import BREAKS, SPEED, STATUSES, TrafficChoice
from layers.content import PageData
from layers.symbology import BOTTLENECK_COLOUR, SEQUENTIAL
from pages.handouts.scene import INK, WHITE, Entry

CASING: Final = "#4d4d4d"
UNMEASURED: Final = "#7d7d7d"
RELEASED: Final = "#595959"
_VALUE: Final = re.compile(r"<(\w+)>")


def write_title(choice: TrafficChoice, labels: Labels) -> str:
    """Say which hour of which days is shown."""
    return labels(
        "handout.hour",
        measure=labels(f"measure.{choice.measure}"),
        unit=name_unit(choice, labels),
        period=labels(f"period.{choice.period}"),
        day=labels(f"day.{choice.day}"),
        hour=choice.hour,
    )


def name_unit(choice: TrafficChoice, labels: Labels) -> str:
    """Return the unit of the measure."""
    if choice.measure == SPEED:
        return labels("unit.speed_kmh")
    return labels("unit.percent" if choice.measure.endswith("pct") else "unit.per_hour")


def list_entries(choice: TrafficChoice, data: PageData, labels: Labels) -> list[Entry]:
    """Return the legend: the classes of the measure, and the marks that are drawn."""
    breaks = BREAKS[choice.measure]
    entries = []
    for low, high in zip(breaks, (*breaks[1:], None), strict=True):
        more = fill_form(labels("traffic.legend_more"), {"low": write_count(low)})
        label = more if high is None else f"{write_count(low)}–{write_count(high)}"
        number = breaks.index(low)
        colour = SEQUENTIAL[-1 - number if choice.measure == SPEED else number]
        entries.append(Entry(label, "road", colour, CASING))
    entries.append(Entry(labels("traffic.not_measured"), "gap", UNMEASURED))
    entries.append(Entry(labels("traffic.legend_station"), "diamond", WHITE, INK))
    placed = data.roads.bottlenecks[data.roads.bottlenecks.geometry.notna()]
    for status in STATUSES:
        if (placed["status"] == status).any():
            fill, stroke, _ = style_bottleneck(status)
            stroke = BOTTLENECK_COLOUR if fill == BOTTLENECK_COLOUR else stroke
            entries.append(Entry(labels(f"status.{status}"), "triangle", fill, stroke))
    entries.append(Entry(labels("traffic.legend_works"), "dots", INK))
    return entries


def write_sentence(roads: list[dict[str, Any]], choice: TrafficChoice, labels: Labels) -> str:
    """Say what the live map says below it."""
    common = {
        "period": labels(f"period.{choice.period}"),
        "day": labels(f"day.{choice.day}"),
        "hour": choice.hour,
    }
    measured = [road for road in roads if road["hour"]]
    said = []
    for road in measured:
        hour = road["hour"]
        if "both" in hour:
            counts = {name: write_count(hour[name]) for name in ("both", "up", "down", "n_days")}
            large = f"{hour.get('large_pct', 0):.1f}"
            values = {**common, **counts, "name": road["name"], "large": large}
            said.append(fill_form(labels("traffic.sentence"), values))
        if SPEED in hour:
            values = {**common, "name": road["name"], "speed": hour[SPEED]}
            said.append(fill_form(labels("traffic.sentence_speed"), values))
    if not said:
        said.append(fill_form(labels("traffic.no_days"), common))
    rest = fill_form(labels("traffic.sentence_rest"), {"n": len(roads) - len(measured)})
    return "".join([*said, rest])


def fill_form(form: str, values: Mapping[str, object]) -> str:
    """Fill in a form of the live map, which has its values in angle brackets."""
    return _VALUE.sub(lambda found: str(values.get(found[1], "")), form)


def write_count(number: float) -> str:
    """Write a number of vehicles, rounded as the browser does: halves go up."""
    return f"{np.floor(number + 0.5):,.0f}"


def style_bottleneck(status: str) -> tuple[str, str, float]:
    """Return fill, stroke and its width (1/96 inch) of a bottleneck."""
    if status == "confirmed":
        return BOTTLENECK_COLOUR, WHITE, 1.5
    return WHITE, RELEASED if status == "released" else BOTTLENECK_COLOUR, 2.5
