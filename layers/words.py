"""Sentences that several kinds of pages say: of which day data are, what places are called."""

from __future__ import annotations

from kumageo.labels import Labels
from layers.content import DATASET_OF, PageData


def write_notice(data: PageData, labels: Labels) -> str:
    """Say that this is a list of designations, not of what is open, and of which day."""
    sites, shelters = (write_day(data, name, labels) for name in DATASET_OF.values())
    if sites == shelters:
        return labels.ruby("evacuation.notice", day=sites)
    days = labels.join(
        labels.ruby("text.named", name=labels.ruby(f"kind.{kind}"), value=day)
        for kind, day in zip(DATASET_OF, (sites, shelters), strict=True)
    )
    return labels.ruby("evacuation.notice", day=days)


def write_day(data: PageData, dataset_id: str, labels: Labels) -> str:
    """Write the day of a dataset and what it means: of the data, or only of its import."""
    publication = data.publications[dataset_id]
    day = labels.day(publication.as_of)
    return labels.ruby(f"frame.as_of_{publication.as_of_basis}", date=day)


def name_place(data: PageData, code: str, labels: Labels) -> str:
    """Return the name of a municipality with its reading, where the language wants one."""
    row = data.profiles.loc[code]
    return labels.place(str(row["name"]), str(row["kana"]))


def name_region(name: str, labels: Labels) -> str:
    """Name the area of a regional council; 熊本市 is a city and an area at once."""
    return name if name.endswith("市") else labels.ruby("text.region", name=name)
