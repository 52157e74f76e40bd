"""Expected values by hand, and by a small kriging of our own with numpy.linalg."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from kumageo.errors import SurfaceError
from kumageo.interpolation import (
    IDW,
    KRIGING,
    Variogram,
    fit_variogram,
    interpolate_idw,
    judge_method,
    krige,
)

SQUARE = np.array([[0.0, 0.0], [1000.0, 0.0], [0.0, 1000.0], [1000.0, 1000.0]])
LEVELS = np.array([10.0, 12.0, 14.0, 20.0])
FIXED = Variogram(nugget_m2=0.5, psill_m2=4.0, range_m=3000.0)


@pytest.fixture
def scattered():
    rng = np.random.default_rng(7)
    xy = rng.uniform(0, 20_000, (12, 2)) + np.array([-20_000, -25_000])
    return xy, 30 + xy[:, 0] / 2000 + rng.normal(0, 1, 12)


def solve_by_hand(xy, values, place, variogram):
    """Solve the ordinary kriging system [Γ 1; 1 0] [w; μ] = [γ; 1]; the variance is wᵀγ + μ."""

    def gamma(h):
        h = np.asarray(h, dtype=float)
        part = np.where(h < variogram.range_m, h / variogram.range_m, 1.0)
        rise = variogram.nugget_m2 + variogram.psill_m2 * (1.5 * part - 0.5 * part**3)
        return np.where(h == 0, 0.0, rise)

    n = len(values)
    system = np.ones((n + 1, n + 1))
    system[-1, -1] = 0
    for i in range(n):
        for j in range(n):
            system[i, j] = gamma(np.hypot(*(xy[i] - xy[j])))
    right = np.append(gamma([np.hypot(*(one - place)) for one in xy]), 1.0)
    solved = np.linalg.solve(system, right)
    return solved[:n] @ values, np.sqrt(max(solved @ right, 0.0))


class TestIdw:
    def test_by_hand(self):
        # Squares of the distances from (250, 0): 62,500, 562,500, 1,062,500, 1,562,500.
        weights = np.array([1 / 625, 1 / 5625, 1 / 10625, 1 / 15625])
        expected = (weights * LEVELS).sum() / weights.sum()
        assert interpolate_idw(SQUARE, LEVELS, np.array([[250.0, 0.0]])) == pytest.approx(expected)
        # In the middle all weigh the same: (10 + 12 + 14 + 20) / 4.
        assert interpolate_idw(SQUARE, LEVELS, np.array([[500.0, 500.0]])) == pytest.approx(14.0)

    def test_a_point_keeps_its_value(self):
        assert_allclose(interpolate_idw(SQUARE, LEVELS, SQUARE), LEVELS)

    def test_it_never_leaves_the_range_and_parts_join(self, monkeypatch, scattered):
        xy, values = scattered
        at = np.random.default_rng(1).uniform(-30_000, 0, (500, 2))
        whole = interpolate_idw(xy, values, at)
        assert values.min() <= whole.min() <= whole.max() <= values.max()
        monkeypatch.setattr("kumageo.interpolation.N_CELLS_AT_ONCE", 7)
        assert_allclose(interpolate_idw(xy, values, at), whole)

    def test_equal_levels_give_that_level(self):
        at = np.array([[123.0, 456.0], [0.0, 0.0]])
        assert_allclose(interpolate_idw(SQUARE, np.full(4, 7.5), at), 7.5)


class TestKriging:
    def test_in_the_middle_of_a_square_all_weigh_the_same(self):
        estimate, error = krige(SQUARE, LEVELS, np.array([[500.0, 500.0]]), FIXED)
        assert estimate == pytest.approx(14.0)
        # By symmetry w = 1/4; μ = γ(h0) - mean row of Γ; variance = γ(h0) + μ.

        def gamma(h):
            return 0.5 + 4 * (1.5 * h / 3000 - 0.5 * (h / 3000) ** 3)

        at_centre = gamma(np.sqrt(500_000))
        row = (0 + gamma(1000) + gamma(1000) + gamma(np.sqrt(2e6))) / 4
        assert error**2 == pytest.approx(2 * at_centre - row)

    @pytest.mark.parametrize("n", [3, 5, 12])
    @pytest.mark.parametrize("variogram", [FIXED, Variogram(0.0, 9.0, 15_000.0)])
    def test_as_an_independent_solution(self, scattered, n, variogram):
        xy, values = scattered[0][:n], scattered[1][:n]
        places = np.array([[-10_000.0, -15_000.0], [-3000.0, -8000.0], [-18_500.0, -24_000.0]])
        estimates, errors = krige(xy, values, places, variogram)
        for place, estimate, error in zip(places, estimates, errors, strict=True):
            expected = solve_by_hand(xy, values, place, variogram)
            assert (estimate, error) == pytest.approx(expected, rel=1e-8)

    def test_a_point_keeps_its_value_without_error(self, scattered):
        estimates, errors = krige(*scattered, scattered[0], FIXED)
        assert_allclose(estimates, scattered[1])
        assert_allclose(errors, 0, atol=1e-6)


class TestVariogram:
    def test_a_known_field_is_found_again(self):
        # A field drawn with a spherical covariance: sill 4, range 6 km, no nugget.
        rng = np.random.default_rng(2)
        xy = rng.uniform(0, 30_000, (400, 2))
        h = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
        part = np.minimum(h / 6000, 1)
        covariance = 4 * (1 - 1.5 * part + 0.5 * part**3) + 1e-9 * np.eye(400)
        found = fit_variogram(xy, np.linalg.cholesky(covariance) @ rng.normal(size=400))
        assert found.sill_m2 == pytest.approx(4, rel=0.35)
        assert 3500 < found.range_m < 10_000
        assert found.nugget_m2 < 1

    def test_it_is_the_best_of_a_plain_search(self, scattered):
        """Classes, weights and sum of squares made anew, over a grid of nuggets and sills."""
        xy, values = scattered
        pairs = [(i, j) for i in range(12) for j in range(i)]
        h = np.array([np.hypot(*(xy[i] - xy[j])) for i, j in pairs])
        half = np.array([(values[i] - values[j]) ** 2 / 2 for i, j in pairs])
        classes = [(h >= h.max() / 16 * k) & (h < h.max() / 16 * (k + 1)) for k in range(8)]
        classes = [mask for mask in classes if mask.any()]
        lag = np.array([h[mask].mean() for mask in classes])
        gamma = np.array([half[mask].mean() for mask in classes])
        n = np.array([mask.sum() for mask in classes])

        def cost(one):
            part = np.minimum(lag / one.range_m, 1)
            rise = one.nugget_m2 + one.psill_m2 * (1.5 * part - 0.5 * part**3)
            return (n * (gamma - rise) ** 2).sum()

        found = fit_variogram(xy, values)
        top = gamma.max() * 2
        tried = [
            Variogram(nugget, psill, range_m)
            for nugget in np.linspace(0, top, 25)
            for psill in np.linspace(0, top, 25)
            for range_m in np.linspace(lag.min(), h.max(), 60)
        ]
        assert cost(found) <= min(cost(one) for one in tried) * (1 + 1e-6)

    def test_the_same_points_give_the_same_variogram(self, scattered):
        assert fit_variogram(*scattered) == fit_variogram(*scattered)

    def test_equal_levels_have_none(self):
        with pytest.raises(SurfaceError, match=r"levels that differ, got 4 .* method idw") as info:
            fit_variogram(SQUARE, np.array([7.5, 7.5, 7.503, 7.5]))
        assert (info.value.reason, info.value.n) == ("equal", 4)

    def test_it_is_written_with_units(self):
        expected = "spherical; nugget 0.5 m2; sill 4.5 m2; range 3000 m"
        assert FIXED.to_text() == expected


class TestLeaveOneOut:
    def test_idw_by_hand(self):
        # Each corner from its two neighbours at 1000 m (weight 2) and the one across (weight 1).
        estimates = np.array(
            [
                (2 * 12 + 2 * 14 + 20) / 5,
                (2 * 10 + 2 * 20 + 14) / 5,
                (2 * 10 + 2 * 20 + 12) / 5,
                (2 * 12 + 2 * 14 + 10) / 5,
            ]
        )
        errors = estimates - LEVELS
        judged = judge_method(SQUARE, LEVELS, IDW)
        assert judged.me_m == pytest.approx(errors.mean())
        assert judged.rmse_m == pytest.approx(np.sqrt((errors**2).mean()))

    def test_kriging_as_an_independent_solution_with_the_variogram_kept(self, scattered):
        xy, values = scattered
        errors = [
            solve_by_hand(np.delete(xy, i, 0), np.delete(values, i), xy[i], FIXED)[0] - values[i]
            for i in range(len(values))
        ]
        judged = judge_method(xy, values, KRIGING, FIXED)
        assert judged.me_m == pytest.approx(np.mean(errors))
        assert judged.rmse_m == pytest.approx(np.sqrt(np.mean(np.square(errors))))
