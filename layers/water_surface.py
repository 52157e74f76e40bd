"""The surface behind the page 地下水: what was asked for, and what is shown of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from kumageo.surface import Surface, build_surface
from kumageo.well_levels import collect_levels, select_wells
from layers.encoded import Encoded, encode_answer
from layers.surface import encode_surface, symbolise
from layers.symbology import Symbology


@dataclass(frozen=True)
class SurfaceQuestion:
    """Which wells (a name of `well_levels.MARKS`), which day, how, and which day to take off."""

    mark: str
    day: dt.date
    method: str
    minus: dt.date | None = None


@dataclass(frozen=True)
class ShownSurface:
    """A surface with its classes, and what browsers get of it."""

    question: SurfaceQuestion
    surface: Surface
    symbology: Symbology
    encoded: Encoded


def build_shown_surface(
    wells: gpd.GeoDataFrame, daily: pd.DataFrame, question: SurfaceQuestion
) -> ShownSurface:
    """Build a surface and encode it.

    Parameters
    ----------
    wells
        From `kumageo.wells.locate_wells`.
    daily
        Daily means of all wells.
    question
        What is asked for.

    Raises
    ------
    SurfaceError
        If there is no such surface: see `kumageo.surface.build_surface`.
    """
    chosen = select_wells(wells, question.mark)
    levels = collect_levels(chosen, daily, question.day, question.minus)
    surface = build_surface(levels, question.method)
    encoded = encode_answer(encode_surface(surface))
    return ShownSurface(question, surface, symbolise(surface), encoded)
