"""The data behind the pages follows what is published, without a restart."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import brotli
import pandas as pd
import pytest

from kumageo.errors import UnknownDatasetError
from kumageo.optional import SPEEDS
from kumageo.store import Store
from layers.content import DATASETS, find_versions
from pages.components import data as page_data
from pages.components.data import get_data, get_labels, get_settings

MAP_DATASETS = (
    "municipal_boundaries",
    "evacuation_sites",
    "evacuation_shelters",
    "background_land",
    "observation_wells",
)


def publish(geodata, features, **changes):
    """Publish sites under the description of the current ones."""
    store = Store(geodata)
    publication = replace(store.describe("evacuation_sites"), **changes)
    return store.publish("evacuation_sites", features, pd.DataFrame(), publication)


def test_the_same_data_is_given_until_something_is_published(geodata):
    first = get_data()
    assert get_data() is first
    assert len(first.sites) == 1761
    publish(geodata, first.sites.head(1760), n_read=1760, n_kept=1760)
    second = get_data()
    assert second is not first
    assert len(second.sites) == 1760
    assert len(second.facilities) == 1760 + 1338
    assert second.data_url("evacuation_sites") != first.data_url("evacuation_sites")
    assert second.data_url("evacuation_shelters") == first.data_url("evacuation_shelters")
    assert len(json.loads(get_data().encoded["evacuation_sites"].plain)["features"]) == 1760
    Store(geodata).rollback("evacuation_sites")
    assert len(get_data().sites) == 1761
    assert get_data().data_url("evacuation_sites") == first.data_url("evacuation_sites")


def test_a_corrected_day_is_shown_without_a_restart(geodata):
    sites = get_data().sites
    publish(geodata, sites, as_of="2025-11-30", as_of_basis="stated")
    assert Store(geodata).describe("evacuation_sites").as_of == "2025-11-30"
    assert get_data().as_of("evacuation_sites") == "2025-11-30"


def test_data_published_during_a_load_is_not_taken_for_the_older_version(geodata):
    older = find_versions(geodata)
    publish(geodata, Store(geodata).load("evacuation_sites").head(1760))
    page_data._load_data(str(geodata), older)  # a visitor came just before the publication
    Store(geodata).rollback("evacuation_sites")
    assert len(get_data().sites) == 1761


def test_every_dataset_of_the_pages_is_in_the_catalogue_and_published():
    data = get_data()
    assert set(MAP_DATASETS) <= set(DATASETS)
    # Of what the pages do without, only speeds are not there.
    assert set(DATASETS) - set(data.publications) == {SPEEDS}
    for dataset_id in data.publications:
        assert data.catalog[dataset_id].status == "published"
        assert data.publications[dataset_id].n_quarantined == 0
        assert data.as_of(dataset_id) == str(data.catalog[dataset_id].as_of)


@pytest.mark.parametrize("dataset_id", MAP_DATASETS)
def test_the_three_encodings_hold_the_same(dataset_id):
    encoded = get_data().encoded[dataset_id]
    assert gzip.decompress(encoded.gzip) == encoded.plain
    assert brotli.decompress(encoded.brotli) == encoded.plain
    assert json.loads(encoded.plain)["features"]
    assert encoded.etag.startswith('"')
    assert encoded.etag.endswith('"')
    assert get_data().encoded[dataset_id] is encoded


def test_encodings_differ_by_their_tag():
    assert len({get_data().encoded[dataset_id].etag for dataset_id in MAP_DATASETS}) == len(
        MAP_DATASETS
    )


def test_sizes_as_sent():
    assert len(get_data().encoded["evacuation_sites"].gzip) < 70_000
    assert len(get_data().encoded["municipal_boundaries"].gzip) < 90_000


def test_texts_and_settings(geodata):
    assert get_labels("ja")("page.overview") == "概要"
    assert get_settings().geodata == geodata
    with pytest.raises(UnknownDatasetError):
        get_labels("../ja")
