"""The three coordinate reference systems of this project, and the checks at the door.

Degrees are EPSG:6668 (JGD2011), metres EPSG:6670 (JGD2011 / Japan Plane Rectangular CS II,
the zone of Kumamoto Prefecture by 国土交通省告示第九号, 2002), the web EPSG:4326.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
from pyproj import Transformer

from kumageo.errors import CrsError

if TYPE_CHECKING:
    from kumageo.cell_grid import Floats

GEOGRAPHIC: Final = "EPSG:6668"
METRIC: Final = "EPSG:6670"
WEB: Final = "EPSG:4326"


def require_crs(features: gpd.GeoDataFrame | gpd.GeoSeries, subject: str) -> None:
    """Refuse features whose coordinate reference system is unknown.

    Raises
    ------
    CrsError
        If `features.crs` is None. The CRS is never guessed.
    """
    if features.crs is None:
        raise CrsError(
            f"{subject}: expected a coordinate reference system, got none. "
            f"State it with set_crs, for example {GEOGRAPHIC} for degrees."
        )


def require_same_crs(
    left: gpd.GeoDataFrame, right: gpd.GeoDataFrame, left_name: str, right_name: str
) -> None:
    """Refuse two inputs that do not share one coordinate reference system.

    GeoPandas only warns here; a wrong join is worse than no join.

    Raises
    ------
    CrsError
        If either CRS is missing or the two differ.
    """
    require_crs(left, left_name)
    require_crs(right, right_name)
    if left.crs != right.crs:
        raise CrsError(
            f"{left_name} and {right_name}: expected one coordinate reference system, got "
            f"{left.crs.to_string()} and {right.crs.to_string()}. Convert one with to_crs first."
        )


def to_metric(features: gpd.GeoDataFrame, subject: str) -> gpd.GeoDataFrame:
    """Return the features in EPSG:6670, unit metre; the input stays as it is.

    Raises
    ------
    CrsError
        If the CRS of the input is unknown.
    """
    require_crs(features, subject)
    return features.to_crs(METRIC)


def project_degrees(lon: Floats, lat: Floats) -> Floats:
    """Return places in EPSG:6668 in metres of EPSG:6670, without making geometries of them.

    Parameters
    ----------
    lon, lat : ndarray of float, shape (n,)
        Degrees.

    Returns
    -------
    ndarray of float, shape (n, 2)
        x (east) and y (north); infinite where EPSG:6670 has no such place.
    """
    return np.column_stack(_degrees_to_metres().transform(lon, lat))


@cache
def _degrees_to_metres() -> Transformer:
    return Transformer.from_crs(GEOGRAPHIC, METRIC, always_xy=True)
