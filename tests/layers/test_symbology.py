"""Class breaks: worked out by hand on short series."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from layers.symbology import SEQUENTIAL, Symbology, break_by_quantiles


def series(*values):
    return pd.Series(values, dtype="float64")


@pytest.mark.parametrize(
    ("values", "decimals", "breaks"),
    [
        # quintiles at positions 1, 2, 3, 4 of six numbers
        ((1, 2, 3, 4, 5, 6), 0, (1, 2, 3, 4, 5, 6)),
        ((6, 1, 4, 3, 5, 2), 0, (1, 2, 3, 4, 5, 6)),
        # 0 to 100: quintiles 20, 40, 60, 80
        ((0, 100), 0, (0, 20, 40, 60, 80, 100)),
        # 1234 -> 1200, 2468 -> 2500, 3702 -> 3700, 4936 -> 4900
        ((0, 1234, 2468, 3702, 4936, 6170), 0, (0, 1200, 2500, 3700, 4900, 6170)),
        # lowest rounded down and highest up to the decimals shown
        ((1.26, 10.04), 1, (1.2, 3.0, 4.8, 6.5, 8.3, 10.1)),
        # quintiles 0, 0, 0 and 2: only the last lies between the ends
        ((0, 0, 0, 0, 10), 0, (0, 2, 10)),
        ((-5, -3, -1, 1, 3, 5), 0, (-5, -3, -1, 1, 3, 5)),
    ],
)
def test_breaks(values, decimals, breaks):
    symbology = break_by_quantiles(series(*values), decimals=decimals)
    assert symbology.breaks == pytest.approx(breaks, abs=1e-9)
    assert len(symbology.colours) == len(breaks) - 1
    assert symbology.decimals == decimals


@pytest.mark.parametrize("values", [(5, 5, 5), (5,)])
def test_equal_values_make_one_class_of_the_middle_colour(values):
    symbology = break_by_quantiles(series(*values), decimals=0)
    assert symbology == Symbology((5.0, 5.0), (SEQUENTIAL[2],), 0)
    assert symbology.classify(series(*values)).tolist() == [0] * len(values)


def test_fewer_classes_keep_the_ends_of_the_ramp():
    two = break_by_quantiles(series(0, 0, 0, 0, 10), decimals=0)
    assert two.colours == (SEQUENTIAL[0], SEQUENTIAL[4])
    five = break_by_quantiles(series(1, 2, 3, 4, 5, 6), decimals=0)
    assert five.colours == SEQUENTIAL


def test_unknown_values_are_passed_over():
    values = pd.Series([1, pd.NA, 2, 3, 4, 5, 6, pd.NA], dtype="Int64", index=list("abcdefgh"))
    symbology = break_by_quantiles(values, decimals=0)
    assert symbology.breaks == (1, 2, 3, 4, 5, 6)
    classes = symbology.classify(values)
    assert classes.index.tolist() == list("abcdefgh")
    assert classes.isna().tolist() == [False, True, *[False] * 5, True]
    assert classes.dropna().tolist() == [0, 1, 2, 3, 4, 4]


def test_no_value_at_all_is_refused():
    with pytest.raises(ValueError, match="expected at least one number"):
        break_by_quantiles(series(float("nan")), decimals=0)
    with pytest.raises(ValueError, match="expected at least one number"):
        break_by_quantiles(series(), decimals=0)


def test_a_class_holds_its_lower_break_and_the_last_class_both():
    symbology = Symbology((0.0, 10.0, 20.0), ("#000000", "#ffffff"), 0)
    values = series(0, 9.999, 10, 19.999, 20)
    assert symbology.classify(values).tolist() == [0, 0, 1, 1, 1]


def test_the_input_is_not_changed():
    values = series(3, 1, 2)
    break_by_quantiles(values, decimals=0).classify(values)
    pd.testing.assert_series_equal(values, series(3, 1, 2))


def test_the_classes_of_the_real_indicators_hold_every_municipality(profiles):
    from kumageo.municipalities import INDICATORS

    for indicator in INDICATORS:
        if indicator.kind == "flag":
            continue
        values = profiles[indicator.id]
        symbology = break_by_quantiles(values, decimals=indicator.decimals)
        assert list(symbology.breaks) == sorted(set(symbology.breaks))
        assert symbology.breaks[0] <= values.min()
        assert values.max() <= symbology.breaks[-1]
        for number, value in zip(symbology.classify(values), values, strict=True):
            low, high = symbology.breaks[number : number + 2]
            is_last = number == len(symbology.colours) - 1
            assert low <= value < high or (is_last and value == high), indicator.id
        assert set(symbology.classify(values)) == set(range(len(symbology.colours)))


@pytest.mark.parametrize(
    ("values", "decimals", "lowest"), [((0.3, 0.5, 0.9), 1, 0.3), ((0.29, 0.57), 2, 0.29)]
)
def test_the_lowest_break_is_the_lowest_value_where_that_is_round(values, decimals, lowest):
    assert break_by_quantiles(series(*values), decimals=decimals).breaks[0] == lowest


def luminance(colour):
    """Relative luminance (WCAG 2.1)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_colours_run_from_light_to_dark_so_that_colour_alone_is_not_needed():
    levels = [luminance(colour) for colour in SEQUENTIAL]
    for lighter, darker in itertools.pairwise(levels):
        assert (lighter + 0.05) / (darker + 0.05) > 1.2
