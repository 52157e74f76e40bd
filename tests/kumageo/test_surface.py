"""The grid, its hull, what is refused, and a trial on 28 real series."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from numpy.testing import assert_allclose
from pyproj import Transformer

from kumageo.errors import ArgumentError, SurfaceError
from kumageo.interpolation import IDW, KRIGING, METHODS, Variogram, interpolate_idw, krige
from kumageo.surface import build_surface, cover_with_grid, sample_surface
from kumageo.well_levels import WellLevels

TRIAL = Path(__file__).resolve().parents[3] / "shared/data/groundwater"
DAY = dt.date(2026, 1, 10)
FIXED = Variogram(nugget_m2=0.5, psill_m2=9.0, range_m=8000.0)
# A ring of eight round a ninth, in EPSG:6670.
RING = np.array(
    [
        *[[-30_000, -22_000], [-28_000, -20_000], [-25_000, -19_100], [-22_000, -20_000]],
        *[[-20_000, -22_000], [-22_000, -24_000], [-25_000, -25_000], [-28_000, -24_000]],
        [-25_100, -22_100],
    ],
    dtype=float,
)


def make_levels(level_m=None, xy=RING, minus=None):
    level_m = 20 + np.arange(len(xy)) ** 1.5 if level_m is None else np.asarray(level_m, float)
    return WellLevels(tuple(map(str, range(len(xy)))), xy, level_m, len(xy), DAY, minus)


def to_degrees(x, y):
    return Transformer.from_crs("EPSG:6670", "EPSG:6668", always_xy=True).transform(x, y)


class TestGrid:
    def test_it_is_aligned_and_covers(self):
        grid = cover_with_grid(-30_000, -25_000, -20_000.0, -19_100)
        assert (grid.west_m, grid.north_m) == (-30_000, -19_000)
        assert (grid.n_columns, grid.n_rows) == (40, 24)
        moved = cover_with_grid(-29_999, -25_000, -20_001, -19_100)
        assert (moved.west_m, moved.north_m, moved.n_columns) == (-30_000, -19_000, 40)

    def test_centres_go_row_by_row_from_the_north_west(self):
        grid = cover_with_grid(0, 0, 500, 500)
        assert grid.list_centres().tolist() == [[125, 375], [375, 375], [125, 125], [375, 125]]

    def test_the_cell_of_a_place(self):
        grid = cover_with_grid(0, 0, 500, 500)
        assert grid.find_cell(0, 500) == (0, 0)
        assert grid.find_cell(250, 249) == (1, 1)
        assert [grid.find_cell(*one) for one in ((-1, 9), (501, 9), (9, 501), (9, 0))] == [None] * 4

    def test_too_many_cells_are_refused(self):
        with pytest.raises(SurfaceError, match=r"at most 200,000 cells of 250 m, got 320,000"):
            cover_with_grid(0, 0, 200_000, 100_000)


class TestSurface:
    @pytest.mark.parametrize("method", METHODS)
    def test_cells_within_the_hull_have_a_value_and_no_other(self, method):
        surface = build_surface(make_levels(), method, FIXED)
        hull = shapely.MultiPoint(RING).convex_hull
        for number, centre in enumerate(surface.grid.list_centres()):
            is_known = not np.isnan(surface.values_m.ravel()[number])
            assert is_known == hull.intersects(shapely.Point(centre)), centre
        assert 0 < np.isnan(surface.values_m).sum() < surface.values_m.size / 2

    def test_values_are_those_of_the_method_at_the_centres(self):
        levels = make_levels()
        centres = cover_with_grid(-30_000, -25_000, -20_000, -19_100).list_centres()
        idw, kriged = build_surface(levels, IDW), build_surface(levels, KRIGING, FIXED)
        known = ~np.isnan(idw.values_m.ravel())
        expected = interpolate_idw(RING, levels.level_m, centres[known])
        assert_allclose(idw.values_m.ravel()[known], expected)
        estimates, errors = krige(RING, levels.level_m, centres[known], FIXED)
        assert_allclose(kriged.values_m.ravel()[known], estimates)
        assert_allclose(kriged.errors_m.ravel()[known], errors)
        assert (idw.errors_m, idw.variogram, kriged.variogram) == (None, None, FIXED)

    @pytest.mark.parametrize("method", METHODS)
    def test_the_difference_of_two_days_is_that_of_their_surfaces(self, method):
        first, second = make_levels(), make_levels(25 + np.sin(np.arange(9.0)))
        both = make_levels(first.level_m - second.level_m, minus=dt.date(2025, 1, 10))
        one, other, change = (build_surface(x, method, FIXED) for x in (first, second, both))
        assert_allclose(change.values_m, one.values_m - other.values_m, atol=1e-9)

    @pytest.mark.parametrize("method", METHODS)
    def test_it_is_sampled_by_cell(self, method):
        surface = build_surface(make_levels(), method, FIXED)
        # The centre of row 12, column 20 is at (-24,875, -22,125).
        value, error = sample_surface(surface, *to_degrees(-24_800, -22_200))
        assert value == pytest.approx(surface.values_m[12, 20])
        assert np.isnan(error) == (method == IDW)
        corner = sample_surface(surface, *to_degrees(-29_900, -19_100))
        far = sample_surface(surface, 139.7, 35.7)
        nowhere = sample_surface(surface, 0.0, 90.0)
        assert np.isnan([*corner, *far, *nowhere]).all()

    def test_fewer_than_eight_places_are_refused(self):
        with pytest.raises(SurfaceError, match="8 places at least, got 7 with readings") as info:
            build_surface(make_levels(xy=RING[:7]), IDW)
        assert (info.value.reason, info.value.n) == ("too_few", 7)
        assert build_surface(make_levels(xy=RING[:8]), IDW).levels.n_wells == 8

    def test_wells_in_one_line_are_refused(self):
        line = np.column_stack([np.arange(8) * 500.0, np.arange(8) * 250.0])
        with pytest.raises(SurfaceError, match="surround an area") as info:
            build_surface(make_levels(xy=line), IDW)
        assert info.value.reason == "line"

    def test_equal_levels_are_a_plane_for_idw_and_refused_by_kriging(self):
        surface = build_surface(make_levels(np.full(9, 12.5)), IDW)
        assert_allclose(surface.values_m[~np.isnan(surface.values_m)], 12.5)
        assert (surface.judged.rmse_m, surface.judged.me_m) == pytest.approx((0, 0))
        with pytest.raises(SurfaceError) as info:
            build_surface(make_levels(np.full(9, 12.5)), KRIGING)
        assert info.value.reason == "equal"

    def test_an_unknown_method_is_refused(self):
        with pytest.raises(ArgumentError, match="expected one of idw, kriging; got 'tin'"):
            build_surface(make_levels(), "tin")


@pytest.mark.skipif(
    not TRIAL.is_dir(),
    reason="needs the 28 series of ../shared/data/groundwater, which are not part of the product: "
    "without them no real levels go through kriging with a fitted variogram",
)
class TestTrial:
    @pytest.fixture
    def levels(self):
        """Return depth to water of one day: levels of Swiss valleys differ by a kilometre."""
        wells = pd.read_csv(TRIAL / "wells.csv", index_col=0)
        heads = pd.read_csv(TRIAL / "heads_daily.csv.gz", index_col=0, parse_dates=True)
        day = heads.loc["2010-06-01"].dropna()
        wells = wells.loc[day.index]
        # 250 km of Switzerland are drawn together to 25 km.
        xy = (wells[["x", "y"]] - [2_600_000, 1_200_000]).to_numpy(float) / 10
        return make_levels(day.to_numpy() - wells["z"], xy=xy)

    @pytest.mark.parametrize("method", METHODS)
    def test_a_surface_with_its_error(self, levels, method):
        assert len(levels.level_m) > 20
        surface = build_surface(levels, method)
        known = surface.values_m[~np.isnan(surface.values_m)]
        assert len(known) > 1000
        spread = np.ptp(levels.level_m)
        assert known.min() > levels.level_m.min() - spread
        assert known.max() < levels.level_m.max() + spread
        assert 0 < surface.judged.rmse_m < spread
        assert abs(surface.judged.me_m) <= surface.judged.rmse_m
        if method == KRIGING:
            errors = surface.errors_m[~np.isnan(surface.errors_m)]
            assert 0 <= errors.min() < errors.max() < 2 * spread
