"""All benchmarks: `make bench`. Both sides in one run; medians of five or more; ratios."""

from __future__ import annotations

import os

from benchmarks import (
    area_index,
    briefing,
    embed_page,
    live_page,
    load,
    map_build,
    probe_speeds,
    readings,
    surface,
)
from benchmarks.table import print_table

print(f"{os.cpu_count()} cores; the machine is shared, so only ratios within this run mean much.")
print_table("Joins: a million points against the areas (other: geopandas.sjoin)", area_index.run())
print_table("Readings: ten years of 35 wells, hourly", readings.run())
print_table("Surfaces between wells, and a raster of 10^5 x 10^5 cells", surface.run())
print_table("Probe speeds (other: read_csv, sjoin_nearest, groupby; no checks)", probe_speeds.run())
print_table("Server: the map of the page 避難場所", map_build.run())
print_table("Browser: the page 避難場所 (other: a page that loops folium.Marker)", live_page.run())
print_table(
    "Browser: the embed of sites (other: a Folium page saved as static HTML)", embed_page.run()
)
print_table("Browser: slides of the briefing of all topics", briefing.run())
print_table("Load: the embeds on one core, 50 connections (limits at rest)", load.run())
