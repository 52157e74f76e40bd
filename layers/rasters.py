"""An administrator's raster as the page 概要 shows it: picture, table of municipalities, sites."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from kumageo.errors import RasterError
from kumageo.rasters.catalog import RasterEntry
from kumageo.rasters.pictures import picture_raster
from kumageo.rasters.zones import sample_points, zonal_statistics
from kumageo.schemas import KUMAMOTO_BOUNDS
from layers.encoded import Encoded, encode_answer
from layers.legend import LegendEntry
from layers.surface import encode_picture

# Some ten seconds of a core; more is for the command.
MAX_CELLS: Final = 10**8


@dataclass(frozen=True)
class ShownRaster:
    """A raster and what is made of it.

    `zones` are of `kumageo.rasters.zones.zonal_statistics`, None where the raster has too many
    cells for a page. `n_sites` are the evacuation sites in each class, `n_sites_other` those in
    none or without a value.
    """

    entry: RasterEntry
    encoded: Encoded
    zones: pd.DataFrame | None
    n_sites: tuple[int, ...]
    n_sites_other: int

    def list_entries(self) -> list[LegendEntry]:
        """Return the legend: the classes as the catalogue names them."""
        classes = self.entry.classes
        pairs = zip(classes.names, classes.colours, strict=True)
        return [LegendEntry(name, colour, "square") for name, colour in pairs]


def build_shown_raster(
    entry: RasterEntry, boundaries: gpd.GeoDataFrame, sites: gpd.GeoDataFrame
) -> ShownRaster:
    """Draw and summarise a raster.

    Raises
    ------
    CrsError, RasterError, ReadError
        If it cannot be shown: see `kumageo.rasters.files.open_raster`.
    """
    classes = entry.classes
    picture = picture_raster(entry.path, KUMAMOTO_BOUNDS)
    encoded = encode_picture(picture, classes.classify(picture.values), classes.colours)
    zones = None
    with suppress(RasterError):  # it was drawn before: only its size is left to be refused
        zones = zonal_statistics(entry.path, boundaries, classes=classes, max_cells=MAX_CELLS)
    values = sample_points(entry.path, sites).to_numpy(dtype=float, na_value=np.nan)
    counts = np.bincount(classes.classify(values) + 1, minlength=len(classes.names) + 1)
    return ShownRaster(
        entry=entry,
        encoded=encode_answer(encoded),
        zones=zones,
        n_sites=tuple(int(count) for count in counts[1:]),
        n_sites_other=int(counts[0]),
    )
