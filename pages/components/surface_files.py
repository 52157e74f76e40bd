"""A surface as a file: its name, and what it says of itself."""

from __future__ import annotations

from kumageo.interpolation import MODEL
from kumageo.labels import Labels
from kumageo.rasters.cog import encode_cog
from layers.content import PageData
from layers.water import Water
from layers.water_surface import ShownSurface, SurfaceQuestion
from pages.components.surface_words import describe_surface

LEVELS, ERRORS = "levels", "errors"
FILES = (LEVELS, ERRORS)
CREDITED = ("observation_wells",)


def name_file(question: SurfaceQuestion, kind: str, *, is_demo: bool) -> str:
    """Return the name of a file; that of simulated readings says so first."""
    parts = ["kumamoto", kind, question.mark, question.day.isoformat()]
    if question.minus is not None:
        parts += ["minus", question.minus.isoformat()]
    return "-".join([*(["simulated"] if is_demo else []), *parts, question.method]) + ".tif"


def encode_file(
    shown: ShownSurface, kind: str, data: PageData, water: Water, labels: Labels
) -> bytes | None:
    """Return values, or kriging's standard errors, as GeoTIFF; None where there are none."""
    surface = shown.surface
    values = surface.values_m if kind == LEVELS else surface.errors_m
    if values is None:
        return None
    return encode_cog(values, surface.grid, list_tags(shown, kind, data, water, labels))


def list_tags(
    shown: ShownSurface, kind: str, data: PageData, water: Water, labels: Labels
) -> dict[str, str]:
    """Return the tags of a file."""
    question, surface = shown.question, shown.surface
    datasets = data.list_datasets(CREDITED)
    readings = [labels("groundwater.readings_of", source=source) for source in water.sources]
    tags = {
        "UNITS": "m",
        "QUANTITY": _name_quantity(question, kind),
        "DATE": question.day.isoformat(),
        "METHOD": "ordinary kriging" if surface.variogram else "inverse distance, power 2",
        "VARIOGRAM": surface.variogram.to_text() if surface.variogram else "none",
        "SCREEN_MARK": labels(f"surface_mark.{question.mark}"),
        "N_WELLS": str(surface.levels.n_wells),
        "N_PLACES": str(len(surface.levels.ids)),
        "LEAVE_ONE_OUT": f"RMSE {surface.judged.rmse_m:.4f} m; ME {surface.judged.me_m:.4f} m",
        "CREDITS": labels.join([*(one.processed_statement for one in datasets), *readings]),
        "LICENCE": labels.join(dict.fromkeys(one.licence_processed for one in datasets)),
        "DESCRIPTION": describe_surface(shown, is_demo=water.is_demo, labels=labels),
    }
    if question.minus is not None:
        tags["MINUS"] = question.minus.isoformat()
    if water.is_demo:
        tags["SIMULATED"] = labels("groundwater.stamp")
    return tags


def _name_quantity(question: SurfaceQuestion, kind: str) -> str:
    if kind == ERRORS:
        return f"standard error of kriging ({MODEL} variogram)"
    if question.minus is not None:
        return "change of groundwater level"
    return "groundwater level above sea level (T.P.)"
