"""What the part 水位の面 says in words: the surface, its error, its limits, and one place."""

from __future__ import annotations

import math

from kumageo.errors import SurfaceError
from kumageo.labels import Labels
from kumageo.surface import MIN_PLACES, Surface, sample_surface
from kumageo.well_levels import TOLERANCE_DAYS
from layers.water_surface import ShownSurface, SurfaceQuestion

M_PER_KM = 1000


def write_title(question: SurfaceQuestion, labels: Labels) -> str:
    """Name a surface: of levels, or of their change."""
    return labels("surface.legend" if question.minus is None else "surface.legend_change")


def describe_surface(shown: ShownSurface, *, is_demo: bool, labels: Labels) -> str:
    """Say what the map of a surface shows, how good it is, and what it is not."""
    question, surface = shown.question, shown.surface
    levels = surface.levels
    values = {
        "day": question.day,
        "mark": labels(f"surface_mark.{question.mark}"),
        "method": labels(f"surface_method.{question.method}"),
        "n_wells": levels.n_wells,
        "n_places": len(levels.ids),
        "tolerance": TOLERANCE_DAYS,
    }
    if question.minus is None:
        said = labels("surface.words", **values)
    else:
        said = labels("surface.words_change", **values, minus=question.minus)
    sentences = [
        labels("surface.words_demo") if is_demo else "",
        said,
        _write_error(surface, labels),
    ]
    if surface.variogram is not None:
        sentences.append(
            labels(
                "surface.words_variogram",
                nugget=surface.variogram.nugget_m2,
                sill=surface.variogram.sill_m2,
                km=surface.variogram.range_m / M_PER_KM,
            )
        )
    if question.mark == "unstated":
        sentences.append(labels("surface.words_unstated"))
    return labels.say([*sentences, labels("surface.words_limits")])


def describe_place(surface: Surface, point: tuple[float, float], labels: Labels) -> str:
    """Say what the surface says at a place, or that it says nothing there."""
    value, error = sample_surface(surface, *point)
    if math.isnan(value):
        return labels("surface.place_outside")
    if surface.levels.minus is None:
        said = labels("surface.place", value=value)
    else:
        said = labels("surface.place_change", value=value)
    if math.isnan(error):
        return labels.say([said, labels("surface.place_no_error")])
    return labels.say([said, labels("surface.place_error", error=error)])


def describe_refusal(error: SurfaceError, question: SurfaceQuestion, labels: Labels) -> str:
    """Say why there is no surface, and what to try."""
    if error.reason == "too_few":
        return labels(
            "surface.refused_too_few",
            mark=labels(f"surface_mark.{question.mark}"),
            day=question.day,
            n=error.n,
            n_wanted=MIN_PLACES,
            tolerance=TOLERANCE_DAYS,
        )
    return labels(f"surface.refused_{error.reason}")


def _write_error(surface: Surface, labels: Labels) -> str:
    return labels("surface.words_error", rmse=surface.judged.rmse_m, me=surface.judged.me_m)
