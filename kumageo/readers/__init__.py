"""One reader for each official format; what exists is listed here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from kumageo.readers.boundaries import read_boundaries, read_land
from kumageo.readers.evacuation import read_shelters, read_sites
from kumageo.readers.lines import read_background_roads, read_corridors
from kumageo.readers.own_tables import read_own_table
from kumageo.readers.tables import RawTable
from kumageo.schemas import (
    BOTTLENECKS,
    GROUNDWATER_FACTS,
    LANDMARKS,
    MUNICIPALITIES,
    OBSERVATION_WELLS,
    ROAD_FACTS,
    TRAFFIC_STATIONS,
)

Reader = Callable[[Path, Sequence[str]], RawTable]

READERS: Final[Mapping[str, Reader]] = {
    "municipalities": read_own_table(MUNICIPALITIES),
    "boundaries": read_boundaries,
    "land": read_land,
    "evacuation_sites": read_sites,
    "evacuation_shelters": read_shelters,
    "corridors": read_corridors,
    "background_roads": read_background_roads,
    "bottlenecks": read_own_table(BOTTLENECKS),
    "traffic_stations": read_own_table(TRAFFIC_STATIONS),
    "road_facts": read_own_table(ROAD_FACTS),
    "landmarks": read_own_table(LANDMARKS),
    "groundwater_facts": read_own_table(GROUNDWATER_FACTS),
    "observation_wells": read_own_table(OBSERVATION_WELLS),
}

__all__ = ["READERS", "RawTable", "Reader"]
