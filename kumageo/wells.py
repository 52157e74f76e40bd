"""Groundwater observation wells: where each lies, and which stand at one place."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from kumageo.crs import METRIC, require_same_crs
from kumageo.joins import assign_area

# The catalogue spreads wells of one place by 0.00002 degrees, about 2 m each.
SAME_PLACE_M: Final = 10.0
# Of 菊池市 only the former 旭志村 and 泗水町 belong to 熊本地域.
PARTLY_INSIDE: Final = ("43210",)
INSIDE, PARTLY, OUTSIDE = "inside", "partly", "outside"


def locate_wells(
    wells: gpd.GeoDataFrame, municipalities: pd.DataFrame, boundaries: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Find municipality, council region and groundwater area of each well by its coordinate.

    Parameters
    ----------
    wells
        Points of `schemas.OBSERVATION_WELLS`; some have no place.
    municipalities
        With code, name, region_id, groundwater_area.
    boundaries
        Areas with code and municipality_code, in the CRS of the wells.

    Returns
    -------
    geopandas.GeoDataFrame
        The wells with `municipality_code`, `region_id`, `area` (熊本地域: "inside", "outside",
        or "partly" in 菊池市, of which only a part belongs), all NA without a coordinate, and
        `place_id`, the id of the first well of the same place.

    Raises
    ------
    CrsError
        If the two CRS differ.
    """
    require_same_crs(wells, boundaries, "wells", "boundaries")
    located = assign_area(wells, boundaries, parent="municipality_code")["municipality_code"]
    by_code = municipalities.set_index("code")
    is_inside = located.map(by_code["groundwater_area"])
    area = is_inside.map({True: INSIDE, False: OUTSIDE})
    return wells.assign(
        municipality_code=located,
        region_id=located.map(by_code["region_id"]),
        area=area.mask(located.isin(PARTLY_INSIDE), PARTLY),
        place_id=find_places(wells),
    )


def find_places(wells: gpd.GeoDataFrame, distance_m: float = SAME_PLACE_M) -> pd.Series:
    """Tell which wells stand at one place: chains of neighbours within the distance.

    Names take no part in it: equal names are no proof of anything.

    Returns
    -------
    pandas.Series
        Id of the first well of the place, with the index of `wells`; a well without a
        coordinate is a place of its own.
    """
    placed = np.flatnonzero(wells.geometry.notna())
    xy = wells.geometry.iloc[placed].to_crs(METRIC).get_coordinates().to_numpy()
    pairs = cKDTree(xy).query_pairs(distance_m, output_type="ndarray")
    n_placed = len(placed)
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n_placed,) * 2)
    _, group = connected_components(graph, directed=False)
    ids = wells["id"].iloc[placed]
    first: pd.Series = ids.groupby(group).transform("first")
    return first.reindex(wells.index).fillna(wells["id"])
