"""The grid under the areas: what it decides without geometry, and its borders."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import box

from kumageo.cell_grid import build_grid


def grid_of(*shapes, levels, groups=None):
    shapes = np.array(shapes, dtype=object)
    shapely.prepare(shapes)
    groups = np.arange(len(shapes)) if groups is None else np.array(groups)
    return build_grid(shapes, groups, levels)


def test_only_cells_on_edges_ask_geometries():
    # 16 x 16 cells over the square, and one row and column more for its upper edges.
    grid = grid_of(box(0, 0, 16, 16), levels=4)
    assert grid.cell == 1
    assert grid.answers.shape == (17, 17)
    assert (grid.answers[1:15, 1:15] == 0).all()
    assert (grid.answers < -1).sum() == 17**2 - 14**2
    assert grid.members.tolist() == [0] * (17**2 - 14**2)


def test_overlaps_are_decided_too():
    grid = grid_of(box(0, 0, 16, 16), box(0, 0, 16, 16), levels=4)
    assert (grid.answers[1:15, 1:15] == 1).all()  # group 0, tie
    same = grid_of(box(0, 0, 16, 16), box(0, 0, 16, 16), levels=4, groups=[1, 1])
    assert (same.answers[1:15, 1:15] == 2).all()  # group 1, no tie


def test_cells_have_a_power_of_two_and_cover_the_bounds():
    grid = grid_of(box(-0.3, 129.94, 0.1, 130.2), levels=6)
    assert np.log2(grid.cell) % 1 == 0
    rows, columns = grid.answers.shape
    assert grid.column * grid.cell <= -0.3 < (grid.column + 1) * grid.cell
    assert (grid.row + rows - 1) * grid.cell <= 130.2 < (grid.row + rows) * grid.cell
    assert (grid.column + columns) * grid.cell > 0.1


@pytest.mark.parametrize("levels", [0, 1, 5, 9])
def test_points_a_rounding_error_beside_cell_borders(levels):
    shape = shapely.Point(0.1, 0.3).buffer(1.7)
    grid = grid_of(shape, levels=levels)
    borders = np.arange(-2, 2.1, 0.25)
    near = np.concatenate([np.nextafter(borders, -9), borders, np.nextafter(borders, 9)])
    x, y = (axis.ravel() for axis in np.meshgrid(near, near))
    group, tie = grid.locate(x, y)
    np.testing.assert_array_equal(group == 0, shapely.contains_xy(shape, x, y))
    assert not tie.any()


def test_arrays_are_read_only():
    grid = grid_of(box(0, 0, 1, 1), levels=2)
    for array in (grid.shapes, grid.groups, grid.answers, grid.first, grid.members):
        assert not array.flags.writeable
