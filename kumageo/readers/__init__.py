"""One reader for each official format; what exists is listed here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from kumageo.readers.boundaries import read_boundaries, read_land
from kumageo.readers.evacuation import read_shelters, read_sites
from kumageo.readers.municipalities import read_municipalities
from kumageo.readers.tables import RawTable

Reader = Callable[[Path, Sequence[str]], RawTable]

READERS: Final[Mapping[str, Reader]] = {
    "municipalities": read_municipalities,
    "boundaries": read_boundaries,
    "land": read_land,
    "evacuation_sites": read_sites,
    "evacuation_shelters": read_shelters,
}

__all__ = ["READERS", "RawTable", "Reader"]
