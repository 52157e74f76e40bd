"""From levels at wells to levels between them: inverse distance and ordinary kriging.

Points are in EPSG:6670, in metres; values in metres. Nothing here knows of wells, days or files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist, pdist

from kumageo.errors import SurfaceError

Array = NDArray[np.float64]

IDW, KRIGING = "idw", "kriging"
METHODS: Final = (IDW, KRIGING)
POWER: Final = 2
MODEL: Final = "spherical"
N_LAGS: Final = 8
N_RANGES: Final = 60
N_CELLS_AT_ONCE: Final = 20_000
# Levels are read to a centimetre: what differs by less is one level.
LEAST_SPREAD_M: Final = 0.005


@dataclass(frozen=True)
class Variogram:
    """A spherical variogram: γ(h) = nugget + psill (1.5 h/range - 0.5 (h/range)³).

    From `range_m` on γ is nugget + psill, the sill; γ(0) = 0. `psill_m2` is the part of the sill
    above the nugget. Journel and Huijbregts (1978), Mining Geostatistics, III.B.2.
    """

    nugget_m2: float
    psill_m2: float
    range_m: float

    @property
    def sill_m2(self) -> float:
        """What γ rises to, in m²."""
        return self.nugget_m2 + self.psill_m2

    def to_text(self) -> str:
        """Return the model and its numbers for a tag of a file."""
        return (
            f"{MODEL}; nugget {self.nugget_m2:.6g} m2; sill {self.sill_m2:.6g} m2; "
            f"range {self.range_m:.0f} m"
        )


@dataclass(frozen=True)
class LeaveOneOut:
    """How far an estimate without a point is off what was measured there, over all points.

    `rmse_m` is the root of the mean square, `me_m` the mean of estimate - measured.
    """

    rmse_m: float
    me_m: float


def fit_variogram(xy: Array, values: Array) -> Variogram:
    """Fit a spherical variogram by a rule that leaves nothing to choose.

    The experimental variogram of Matheron (1963), half the mean square difference of all pairs in
    a class of distance, in `N_LAGS` classes of equal width up to half of the greatest distance.
    To it nugget and partial sill, neither below 0, are fitted by least squares weighted with the
    number of pairs of a class, at each of `N_RANGES` ranges from the first class's mean distance
    to the greatest distance of all; the range with the least sum of squares is taken.

    Parameters
    ----------
    xy : ndarray of float, shape (n, 2)
        Places in EPSG:6670, in m, no two the same.
    values : ndarray of float, shape (n,)
        In m.

    Raises
    ------
    SurfaceError
        Reason "equal": if all values are the same, or those of near pairs, so that there is
        nothing to fit to.
    """
    from scipy.optimize import lsq_linear  # 20 MB, which rasters do without

    if np.ptp(values) < LEAST_SPREAD_M:
        raise SurfaceError(
            f"kriging: expected levels that differ, got {len(values)} that are the same to within "
            f"{LEAST_SPREAD_M} m; they have no variogram. Use the method idw.",
            "equal",
            len(values),
        )
    lags, gammas, weights = _measure_variogram(xy, values)
    greatest = float(pdist(xy).max())
    best: tuple[float, Variogram] | None = None
    for range_m in np.linspace(lags.min(), greatest, N_RANGES):
        rise = _rise(lags / range_m)
        terms = np.column_stack([np.ones_like(rise), rise]) * weights[:, None]
        found = lsq_linear(terms, gammas * weights, bounds=(0, np.inf))
        nugget, psill = (float(number) for number in found.x)
        if best is None or found.cost < best[0] * (1 - 1e-9):
            best = (float(found.cost), Variogram(nugget, psill, float(range_m)))
    if best is None or best[1].sill_m2 <= 0:
        raise SurfaceError(
            "kriging: expected levels that differ between near wells, got none that do; they have "
            "no variogram. Use the method idw.",
            "equal",
            len(values),
        )
    return best[1]


def interpolate_idw(xy: Array, values: Array, at: Array) -> Array:
    """Average the values, weighted by 1 / distance², over all points.

    Shepard (1968), A two-dimensional interpolation function for irregularly-spaced data. At a
    point itself the answer is its value.

    Parameters
    ----------
    xy : ndarray of float, shape (n, 2)
        Places of the values in EPSG:6670, in m.
    values : ndarray of float, shape (n,)
        In any unit.
    at : ndarray of float, shape (m, 2)
        Where to estimate, in EPSG:6670, in m.

    Returns
    -------
    ndarray of float, shape (m,)
        In the unit of the values.
    """
    answer = np.empty(len(at))
    for start in range(0, len(at), N_CELLS_AT_ONCE):
        part = slice(start, start + N_CELLS_AT_ONCE)
        squares = cdist(at[part], xy, "sqeuclidean")
        nearest = squares.argmin(axis=1)
        is_point = squares[np.arange(len(squares)), nearest] == 0
        squares[is_point] = 1.0  # any number: these rows are replaced below
        weights = 1.0 / squares ** (POWER / 2)
        estimated = weights @ values / weights.sum(axis=1)
        answer[part] = np.where(is_point, values[nearest], estimated)
    return answer


def krige(xy: Array, values: Array, at: Array, variogram: Variogram) -> tuple[Array, Array]:
    """Estimate by ordinary kriging (PyKrige), with the standard error of each estimate.

    Matheron (1963), Principles of geostatistics; Cressie (1993), Statistics for Spatial Data,
    3.2. The standard error is the root of the kriging variance; it holds if the variogram does.

    Parameters
    ----------
    xy, values, at
        As in `interpolate_idw`; values in m, no two places the same.
    variogram
        From `fit_variogram`, or given.

    Returns
    -------
    tuple of two ndarrays of float, shape (m,)
        Estimates and standard errors, in m.
    """
    model = _make_model(xy, values, variogram)
    estimates, variances = np.empty(len(at)), np.empty(len(at))
    for start in range(0, len(at), N_CELLS_AT_ONCE):
        part = slice(start, start + N_CELLS_AT_ONCE)
        found = model.execute("points", at[part, 0], at[part, 1], backend="vectorized")
        estimates[part], variances[part] = (np.ma.getdata(one) for one in found)
    return estimates, np.sqrt(np.maximum(variances, 0))  # rounding goes below 0 at the points


def judge_method(
    xy: Array, values: Array, method: str, variogram: Variogram | None = None
) -> LeaveOneOut:
    """Estimate each point from the others, and compare with what was measured.

    The variogram stays as it is; only the point is left out (Cressie 1993, 2.6.4).

    Parameters
    ----------
    xy, values
        As in `interpolate_idw`; values in m.
    method
        One of `METHODS`.
    variogram
        For kriging.
    """
    errors = np.empty(len(values))
    for left_out in range(len(values)):
        others = np.arange(len(values)) != left_out
        place = xy[left_out : left_out + 1]
        if method == KRIGING and variogram is not None:
            estimate = krige(xy[others], values[others], place, variogram)[0]
        else:
            estimate = interpolate_idw(xy[others], values[others], place)
        errors[left_out] = estimate[0] - values[left_out]
    return LeaveOneOut(float(np.sqrt(np.mean(errors**2))), float(np.mean(errors)))


def _rise(relative: Array) -> Array:
    """Return the spherical model between 0 and 1 at distances in parts of the range."""
    inside = np.minimum(relative, 1.0)
    return 1.5 * inside - 0.5 * inside**3


def _measure_variogram(xy: Array, values: Array) -> tuple[Array, Array, Array]:
    """Return mean distance, semivariance and root of the number of pairs of each class."""
    distances = pdist(xy)
    halves = pdist(values[:, None], "sqeuclidean") / 2
    width = distances.max() / 2 / N_LAGS
    classes = np.floor(distances / width).astype(int)
    counts, lags, gammas = (
        np.bincount(classes, weights=weights)[:N_LAGS] for weights in (None, distances, halves)
    )
    has_pairs = counts > 0
    n_pairs = counts[has_pairs]
    return lags[has_pairs] / n_pairs, gammas[has_pairs] / n_pairs, np.sqrt(n_pairs)


def _make_model(xy: Array, values: Array, variogram: Variogram) -> Any:
    from pykrige.ok import OrdinaryKriging  # takes a second to import

    return OrdinaryKriging(
        xy[:, 0],
        xy[:, 1],
        values,
        variogram_model=MODEL,
        variogram_parameters={
            "nugget": variogram.nugget_m2,
            "psill": variogram.psill_m2,
            "range": variogram.range_m,
        },
        exact_values=True,
    )
