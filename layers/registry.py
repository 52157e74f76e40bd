"""What layers exist, and which datasets each shows. A plain tuple: nothing registers itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from layers.evacuation import EvacuationLayer
from layers.municipalities import MunicipalitiesLayer


@dataclass(frozen=True)
class LayerEntry:
    """A thematic layer, its class and the datasets whose credits it carries."""

    id: str
    layer: type[EvacuationLayer | MunicipalitiesLayer]
    datasets: tuple[str, ...]


LAYERS: Final = (
    LayerEntry(
        "municipalities",
        MunicipalitiesLayer,
        ("municipalities", "municipal_boundaries", "evacuation_sites", "evacuation_shelters"),
    ),
    LayerEntry(
        "evacuation",
        EvacuationLayer,
        ("evacuation_sites", "evacuation_shelters", "municipal_boundaries"),
    ),
)
