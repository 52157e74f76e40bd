"""What the server does for the page 避難場所: the map in Python, and the bytes it sends."""

from __future__ import annotations

import statistics
import time

from benchmarks.table import Row, print_table
from kumageo.facilities import FacilityFilter, select_facilities
from layers.compose import build_map, list_credits
from layers.content import PageData
from layers.evacuation import EvacuationLayer
from layers.ground import describe_ground
from pages.components.data import get_data, get_labels
from pages.components.maps import EVACUATION_DATASETS
from pages.components.words import write_notice

RUNS = 21
MAX_BUILD_MS = 25
MAX_HTML_BYTES = 40_000
MAX_SITES_GZIP_BYTES = 70_000
MAX_AREAS_GZIP_BYTES = 90_000


def run() -> list[Row]:
    """Measure; return the rows of the table."""
    data = get_data()
    build_html(data)  # warms the templates
    taken_ms = []
    for _ in range(RUNS):
        started = time.perf_counter()
        html = build_html(data)
        taken_ms.append((time.perf_counter() - started) * 1000)
    sites, areas = data.encoded["evacuation_sites"], data.encoded["municipal_boundaries"]
    rows = [
        ("map in Python, warm, ms", statistics.median(taken_ms), MAX_BUILD_MS),
        ("map HTML, bytes", len(html.encode()), MAX_HTML_BYTES),
        ("1,761 sites, gzip, bytes", len(sites.gzip), MAX_SITES_GZIP_BYTES),
        ("boundaries for display, gzip, bytes", len(areas.gzip), MAX_AREAS_GZIP_BYTES),
    ]
    return [Row(what, ours, limit=limit) for what, ours, limit in rows]


def build_html(data: PageData) -> str:
    """Build the map of all sites and shelters and render it whole."""
    labels = get_labels("ja")
    shown = select_facilities(data.facilities, FacilityFilter(), data.profiles["region_id"])
    layer = EvacuationLayer(
        labels=labels,
        data_urls=data.facility_urls,
        names=data.names,
        notice=write_notice(data, labels),
    )
    base = build_map(
        None,
        title=labels("evacuation.title"),
        labels=labels,
        sources=list_credits([data.catalog[name] for name in EVACUATION_DATASETS], None),
        ground=describe_ground(data, labels),
    )
    base.add_child(layer.to_folium(data.facilities, shown))
    return str(base.get_root().render())


if __name__ == "__main__":
    print_table("The map of the page 避難場所", run())
