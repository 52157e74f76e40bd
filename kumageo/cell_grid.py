"""A grid of square cells over polygons, to tell quickly and exactly which polygon holds a point.

Most cells lie wholly inside one polygon or wholly outside all of them: a point there is answered
by looking its cell up. The few cells that an edge crosses keep the list of their polygons, and
only points in those are tested against geometries. The grid changes the speed, never the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

NOWHERE: Final = -1

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class CellGrid:
    """Square cells over polygons, each with its answer or its list of polygons.

    The cell size is a power of two and cell borders are multiples of it. Dividing by it is
    exact, so a point on a border, or a rounding error away from one, is in the right cell.

    An answer is -1 for no polygon, 2 * group + tie for a decided cell, and -2 - i for the
    undecided cell i, whose polygons are ``members[first[i]:first[i + 1]]``.

    Attributes
    ----------
    shapes : ndarray of Polygon or MultiPolygon, shape (m,)
        Valid and prepared; their predicates have run once, so that threads find all parts built.
    groups : ndarray of int64, shape (m,)
        Group of each polygon, from 0. Where several groups claim a point, the smallest has it.
    cell : float
        Side of a cell in the unit of the coordinates.
    column, row : int
        Number of the first cell, counted from coordinate 0.
    answers : ndarray of int32, shape (rows, columns)
    first, members : ndarray of int64
        Polygons of the undecided cells.
    """

    shapes: Shapes
    groups: Ints
    cell: float
    column: int
    row: int
    answers: NDArray[np.int32]
    first: Ints
    members: Ints

    def locate(self, x: Floats, y: Floats) -> tuple[Ints, Bools]:
        """Return the group of each point, -1 for none, and whether several groups claim it.

        A point inside a polygon belongs to its group. A point inside none, but on the edge of two
        polygons or more, belongs to one of theirs.
        """
        answer = self._look_up(x, y)
        unsure = np.flatnonzero(answer < NOWHERE)
        answer[unsure] = self._test(x[unsure], y[unsure], -2 - answer[unsure])
        return answer >> 1, (answer >= 0) & (answer & 1 == 1)

    def _look_up(self, x: Floats, y: Floats) -> Ints:
        """Return the answer of the cell of each point; -1 outside the grid and for NaN."""
        with np.errstate(over="ignore", invalid="ignore"):
            column = np.floor(x / self.cell) - self.column
            row = np.floor(y / self.cell) - self.row
            rows, columns = self.answers.shape
            covered = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
            flat = np.where(covered, row * columns + column, 0).astype(np.int64)
        return np.where(covered, self.answers.ravel()[flat], NOWHERE).astype(np.int64)

    def _test(self, x: Floats, y: Floats, cell: Ints) -> Ints:
        """Answer points in undecided cells by their geometry: inside first, then on an edge."""
        answer = self._claims(x, y, cell, on_edge=False)
        several = self.first[cell + 1] - self.first[cell] > 1
        rest = np.flatnonzero((answer == NOWHERE) & several)
        answer[rest] = self._claims(x[rest], y[rest], cell[rest], on_edge=True)
        return answer

    def _claims(self, x: Floats, y: Floats, cell: Ints, *, on_edge: bool) -> Ints:
        """Test each point against every polygon of its cell and encode who claims it."""
        if not len(cell):
            return np.empty(0, dtype=np.int64)
        count = self.first[cell + 1] - self.first[cell]
        start = np.cumsum(count) - count
        shift = np.repeat(self.first[cell] - start, count)
        member = self.members[np.arange(len(shift)) + shift]
        predicate = shapely.intersects_xy if on_edge else shapely.contains_xy
        hit = predicate(self.shapes[member], np.repeat(x, count), np.repeat(y, count))
        group = self.groups[member]
        smallest = np.minimum.reduceat(np.where(hit, group, np.iinfo(np.int64).max), start)
        largest = np.maximum.reduceat(np.where(hit, group, NOWHERE), start)
        claims = np.add.reduceat(hit, start, dtype=np.int64)
        # The edge of one polygon alone is not within it: a shared edge has two.
        return np.where(claims >= (2 if on_edge else 1), _encode(smallest, largest), NOWHERE)


def build_grid(shapes: Shapes, groups: Ints, levels: int) -> CellGrid:
    """Lay a grid under polygons, splitting cells level by level while an edge crosses them.

    Parameters
    ----------
    shapes, groups
        As in `CellGrid`; at least one polygon, none of them empty.
    levels : int
        How often the root cell, as wide as all polygons, is halved.
    """
    bounds = shapely.total_bounds(shapes)
    cell, levels = _cell_size(bounds, levels)
    low, high = _cell_range(bounds, cell * 2**levels)
    pairs = _every_pair(low, high, len(shapes))
    answers = np.full((high - low)[::-1], NOWHERE, dtype=np.int32)
    for level in range(levels, -1, -1):
        if level < levels:
            finer_low, finer_high = _cell_range(bounds, cell * 2**level)
            answers = _finer(answers, finer_low - 2 * low, finer_high - finer_low)
            low = finer_low
            pairs = pairs.split()
        # A cell left of or below the range can touch a polygon, but no point is looked up there.
        pairs = pairs.where((pairs.column >= low[0]) & (pairs.row >= low[1]))
        pairs = _meeting(pairs, shapes, cell * 2**level)
        pairs = _decide(answers, pairs, low, groups)
    flat = _flat(pairs, low, answers)
    ids, count = np.unique(flat, return_counts=True)
    answers.ravel()[ids] = -2 - np.arange(len(ids))
    first = np.concatenate([[0], np.cumsum(count)])
    members = pairs.member[np.argsort(flat, kind="stable")]
    for array in (shapes, groups, answers, first, members):
        array.setflags(write=False)
    return CellGrid(shapes, groups, cell, int(low[0]), int(low[1]), answers, first, members)


class _Pairs(NamedTuple):
    """Pairs of a cell (numbered in units of its size) and a polygon; `full`: cell lies inside."""

    column: Ints
    row: Ints
    member: Ints
    full: Bools

    def where(self, mask: Bools) -> _Pairs:
        """Keep some of the pairs."""
        return _Pairs(self.column[mask], self.row[mask], self.member[mask], self.full[mask])

    def split(self) -> _Pairs:
        """Halve each cell both ways; its four children keep its polygon."""
        n = len(self.column)
        column = 2 * np.repeat(self.column, 4) + np.tile([0, 1, 0, 1], n)
        row = 2 * np.repeat(self.row, 4) + np.tile([0, 0, 1, 1], n)
        return _Pairs(column, row, np.repeat(self.member, 4), np.repeat(self.full, 4))


def _cell_size(bounds: Floats, levels: int) -> tuple[float, int]:
    """Return the finest cell size, a power of two, and how often the root cell is halved."""
    root = 2.0 ** np.ceil(np.log2(max(bounds[2] - bounds[0], bounds[3] - bounds[1])))
    # Cell numbers have to stay below 2**53, or borders would no longer be exact.
    cell = max(root / 2**levels, 2 * np.spacing(np.abs(bounds).max()))
    return float(cell), max(0, int(np.log2(root / cell)))


def _cell_range(bounds: Floats, size: float) -> tuple[Ints, Ints]:
    """Return the first (column, row) over the bounds and the one after the last."""
    low, high = np.floor(bounds.reshape(2, 2) / size).astype(np.int64)
    return low, high + 1


def _every_pair(low: Ints, high: Ints, n_shapes: int) -> _Pairs:
    """Pair every cell of the range with every polygon."""
    axes = (np.arange(low[0], high[0]), np.arange(low[1], high[1]), np.arange(n_shapes))
    column, row, member = (axis.ravel() for axis in np.meshgrid(*axes))
    return _Pairs(column, row, member, np.zeros(len(member), dtype=bool))


def _finer(answers: NDArray[np.int32], skip: Ints, size: Ints) -> NDArray[np.int32]:
    """Give each answer to the four children of its cell, cut to the finer range."""
    (left, bottom), (columns, rows) = skip, size
    fine = answers.repeat(2, axis=0).repeat(2, axis=1)
    return np.ascontiguousarray(fine[bottom : bottom + rows, left : left + columns])


def _meeting(pairs: _Pairs, shapes: Shapes, size: float) -> _Pairs:
    """Keep the pairs whose cell meets the polygon, and mark the cells that lie inside it."""
    unknown = np.flatnonzero(~pairs.full)
    left, bottom = pairs.column[unknown], pairs.row[unknown]
    boxes = shapely.box(left * size, bottom * size, (left + 1) * size, (bottom + 1) * size)
    shape = shapes[pairs.member[unknown]]
    meets = shapely.intersects(shape, boxes)
    full, keep = pairs.full.copy(), np.ones(len(pairs.full), dtype=bool)
    full[unknown[meets]] = shapely.contains_properly(shape[meets], boxes[meets])
    keep[unknown] = meets
    return pairs._replace(full=full).where(keep)


def _decide(answers: NDArray[np.int32], pairs: _Pairs, low: Ints, groups: Ints) -> _Pairs:
    """Write the answers of cells inside all polygons that they meet; return the other pairs."""
    ids, cell = np.unique(_flat(pairs, low, answers), return_inverse=True)
    undecided = np.zeros(len(ids), dtype=bool)
    undecided[cell[~pairs.full]] = True
    group = groups[pairs.member]
    smallest = np.full(len(ids), np.iinfo(np.int64).max)
    largest = np.full(len(ids), NOWHERE, dtype=np.int64)
    np.minimum.at(smallest, cell, group)
    np.maximum.at(largest, cell, group)
    answers.ravel()[ids[~undecided]] = _encode(smallest, largest)[~undecided]
    return pairs.where(undecided[cell])


def _flat(pairs: _Pairs, low: Ints, answers: NDArray[np.int32]) -> Ints:
    """Return the position of each pair's cell in the flattened answers."""
    width = int(answers.shape[1])
    flat: Ints = (pairs.row - low[1]) * width + pairs.column - low[0]
    return flat


def _encode(smallest: Ints, largest: Ints) -> Ints:
    """Put the smallest group and whether there are others into one number."""
    code: Ints = 2 * smallest + (smallest != largest)
    return code
