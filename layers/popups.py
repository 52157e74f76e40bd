"""What a popup shows of a feature: names of properties and their labels, in order.

The popup itself is built in the browser from text nodes, so no value can become HTML.
"""

from __future__ import annotations

from typing import Any

from kumageo.labels import Labels
from kumageo.schemas import HAZARDS
from layers.assets import OWN_URL, locate_icon

FACILITY_FIELDS = ("address", "municipality_code", "accepts", "note", "source_row")


def list_facility_fields(labels: Labels, names: dict[str, str]) -> list[dict[str, Any]]:
    """Return the fields of a facility's popup.

    Parameters
    ----------
    labels
        Texts of the reader's language.
    names
        Names of municipalities by code.
    """
    fields: list[dict[str, Any]] = []
    for name in FACILITY_FIELDS:
        field: dict[str, Any] = {"name": name, "label": labels(f"column.{name}")}
        if name == "municipality_code":
            field["values"] = names
        fields.append(field)
    return fields


def list_hazards(labels: Labels, own_url: str = OWN_URL) -> list[dict[str, str]]:
    """Return the eight hazards with labels and pictograms, in the order of the law.

    Parameters
    ----------
    labels
        Texts of the reader's language.
    own_url
        Folder of our own files.
    """
    return [
        {"name": name, "label": labels(f"hazard.{name}"), "icon": locate_icon(name, own_url)}
        for name in HAZARDS
    ]
