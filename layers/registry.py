"""What layers exist, and which datasets each shows. A plain tuple: nothing registers itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kumageo.errors import UnknownDatasetError
from layers.congestion import CongestionLayer
from layers.council import CouncilLayer
from layers.evacuation import EvacuationLayer
from layers.groundwater import GroundwaterLayer
from layers.municipalities import MunicipalitiesLayer


@dataclass(frozen=True)
class LayerEntry:
    """A thematic layer, its class and the datasets whose credits it carries."""

    id: str
    layer: type[
        CouncilLayer | CongestionLayer | EvacuationLayer | GroundwaterLayer | MunicipalitiesLayer
    ]
    datasets: tuple[str, ...]


LAYERS: Final = (
    LayerEntry(
        "municipalities",
        MunicipalitiesLayer,
        (
            "municipalities",
            "municipal_boundaries",
            "evacuation_sites",
            "evacuation_shelters",
            "background_land",
        ),
    ),
    LayerEntry(
        "evacuation",
        EvacuationLayer,
        ("evacuation_sites", "evacuation_shelters", "municipal_boundaries", "background_land"),
    ),
    LayerEntry(
        "congestion",
        CongestionLayer,
        (
            "traffic_hourly",
            "corridor_speeds",
            "traffic_stations",
            "corridors",
            "bottlenecks",
            "road_facts",
            "background_roads",
            "landmarks",
            "municipal_boundaries",
            "background_land",
        ),
    ),
    LayerEntry(
        "groundwater",
        GroundwaterLayer,
        ("observation_wells", "groundwater_facts", "municipal_boundaries", "background_land"),
    ),
    LayerEntry(
        "council",
        CouncilLayer,
        ("municipal_boundaries", "municipalities", "background_land"),
    ),
)


def list_layer_datasets(layer_id: str) -> tuple[str, ...]:
    """Return the datasets that a layer shows.

    Raises
    ------
    UnknownDatasetError
        If there is no such layer.
    """
    for entry in LAYERS:
        if entry.id == layer_id:
            return entry.datasets
    known = ", ".join(entry.id for entry in LAYERS)
    raise UnknownDatasetError(f"layer: expected one of {known}; got {layer_id[:40]!r}.")
