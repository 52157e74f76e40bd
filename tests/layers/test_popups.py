"""The fields of a facility's popup."""

from __future__ import annotations

from kumageo.schemas import HAZARDS
from layers.assets import HAZARD_ICONS
from layers.evacuation import SHELTER_COLUMNS, SITE_COLUMNS
from layers.popups import list_facility_fields, list_hazards


def test_fields_in_order_with_their_labels(labels):
    assert list_facility_fields(labels, {"43100": "熊本市"}) == [
        {"name": "address", "label": "住所"},
        {"name": "municipality_code", "label": "登録した市町村", "values": {"43100": "熊本市"}},
        {"name": "accepts", "label": "受入対象"},
        {"name": "note", "label": "備考"},
        {"name": "source_row", "label": "元データの行"},
    ]


def test_every_field_is_sent_to_the_browser(labels):
    fields = {field["name"] for field in list_facility_fields(labels, {})}
    assert fields - {"accepts"} <= set(SITE_COLUMNS)
    assert fields <= set(SHELTER_COLUMNS)
    assert {hazard["name"] for hazard in list_hazards(labels)} <= set(SITE_COLUMNS)


def test_hazards_in_the_order_of_the_law(labels):
    listed = list_hazards(labels)
    assert [hazard["name"] for hazard in listed] == list(HAZARDS)
    assert [hazard["icon"] for hazard in listed] == [HAZARD_ICONS[hazard] for hazard in HAZARDS]
    assert [hazard["label"] for hazard in listed] == [
        *("洪水", "土砂災害", "高潮", "地震", "津波", "大規模な火事", "内水氾濫", "火山現象")
    ]
