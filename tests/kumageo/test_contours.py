"""Lines of equal level on planes and across gaps."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from kumageo.contours import draw_contours
from kumageo.surface import Grid

GRID = Grid(-30_000, -20_000, 20, 30)


def make_plane():
    return GRID.list_centres()[:, 0].reshape(20, 30)


def test_on_a_plane_a_line_is_straight_and_where_the_level_is():
    found = draw_contours(make_plane(), GRID, [-28_000, -26_123, 0])
    assert found["level"].tolist() == [-28_000, -26_123]
    assert found.crs.to_string() == "EPSG:6670"
    for level, line in zip(found["level"], found.geometry, strict=True):
        x, y = np.array(line.coords).T
        assert x == pytest.approx(level)
        # From the centre of the first row to that of the last.
        assert (y.max(), y.min()) == (-20_125, -24_875)


def test_a_line_ends_where_there_is_no_value():
    values = make_plane()
    values[8:12] = np.nan
    found = draw_contours(values, GRID, [-27_000])
    assert len(found) == 2
    gap = shapely.box(-30_000, -22_800, -20_000, -22_200)
    assert not found.intersects(gap).any()


def test_specks_are_left_out():
    values = np.zeros((20, 30))
    values[5, 5] = 1
    assert len(draw_contours(values, GRID, [0.9])) == 0
    assert len(draw_contours(np.full((20, 30), np.nan), GRID, [0.5])) == 0
