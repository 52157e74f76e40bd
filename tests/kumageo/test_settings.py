"""Settings: what is taken, what is refused, and that the message names the variable."""

from __future__ import annotations

import pytest

from kumageo.errors import SettingError
from kumageo.settings import TileSource, read_settings

GSI = "https://cyberjapandata.gsi.go.jp/xyz/pale/{z}/{x}/{y}.png"
OFFICE = "https://tiles.example.jp:8443/pale/{z}/{x}/{y}.png?style=1"


def read(**variables):
    return read_settings({f"KUMAGEO_{name}": value for name, value in variables.items()})


def test_nothing_set(committed):
    settings = read_settings({})
    assert settings.geodata == committed
    assert (settings.readings, settings.is_demo) == (committed / "readings.sqlite3", False)
    assert settings.tiles is None
    assert settings.frame_ancestors == "'self'"
    assert read(GEODATA="", TILES=" ", FRAME_ANCESTORS=" ") == settings


def test_another_geodata(geodata):
    assert read(GEODATA=str(geodata)).geodata == geodata


def test_geodata_without_a_catalogue(tmp_path):
    with pytest.raises(SettingError, match=r"KUMAGEO_GEODATA: expected a folder with catalog.toml"):
        read(GEODATA=str(tmp_path))


def test_tiles_of_gsi_are_credited_without_being_told():
    assert read(TILES=GSI).tiles == TileSource(
        template=GSI,
        credit="地理院タイル",
        credit_url="https://maps.gsi.go.jp/development/ichiran.html",
        origin="https://cyberjapandata.gsi.go.jp",
    )


def test_tiles_of_an_office():
    tiles = read(TILES=OFFICE, TILES_CREDIT="庁内地図", TILES_CREDIT_URL="http://a.example/").tiles
    origin = "https://tiles.example.jp:8443"
    assert tiles == TileSource(OFFICE, "庁内地図", "http://a.example/", origin)


def test_subdomains_become_a_wildcard():
    tiles = read(TILES="https://{s}.example.jp/{z}/{x}/{y}.png", TILES_CREDIT="a").tiles
    assert tiles.origin == "https://*.example.jp"


@pytest.mark.parametrize(
    "template",
    [
        "ftp://example.jp/{z}/{x}/{y}.png",
        "javascript:alert({z}{x}{y})",
        "//example.jp/{z}/{x}/{y}.png",
        "https://example.jp/{z}/{x}.png",
        "https://example.jp/{z}/{x}/{y}.png' onerror='a",
        'https://example.jp/{z}/{x}/{y}.png"',
        "https://example.jp/{z}/{x}/{y}.png<script>",
        "https://example.jp/{z}/{x}/{y}.png; script-src *",
        "https://example.jp/{z}/{x}/{y}.png\nhttps://b.example",
    ],
)
def test_a_bad_template_is_refused(template):
    with pytest.raises(SettingError, match="KUMAGEO_TILES: expected https://HOST"):
        read(TILES=template, TILES_CREDIT="a")


@pytest.mark.parametrize(
    "template",
    [
        pytest.param("https:///{z}/{x}/{y}.png"),
        pytest.param("https://[::1/{z}/{x}/{y}.png"),
    ],
)
def test_a_template_without_a_sound_host_is_refused(template):
    with pytest.raises(SettingError, match="KUMAGEO_TILES: expected"):
        read(TILES=template, TILES_CREDIT="a")


def test_tiles_without_credit_are_refused():
    with pytest.raises(SettingError, match=r"KUMAGEO_TILES_CREDIT: .*never shown without"):
        read(TILES=OFFICE)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,a", "www.example.jp"])
def test_a_bad_address_of_the_credit_is_refused(address):
    with pytest.raises(SettingError, match="KUMAGEO_TILES_CREDIT_URL: expected an http"):
        read(TILES=OFFICE, TILES_CREDIT="a", TILES_CREDIT_URL=address)


def test_a_broken_address_of_the_credit_is_refused():
    with pytest.raises(SettingError, match="KUMAGEO_TILES_CREDIT_URL"):
        read(TILES=OFFICE, TILES_CREDIT="a", TILES_CREDIT_URL="https://[::1/")


@pytest.mark.parametrize(
    "value",
    ["'self'", "'none'", "'self' https://www.pref.example.jp", "https://*.example.jp:8443", "*"],
)
def test_frame_ancestors(value):
    assert read(FRAME_ANCESTORS=value).frame_ancestors == value
    assert read(FRAME_ANCESTORS=f"  {value} ").frame_ancestors == value


@pytest.mark.parametrize(
    "value",
    [
        "'self'; script-src *",
        "https://a.example,https://b.example",
        "https://a.example/path",
        "'self'\nX-Header: 1",
        "'self'\thttps://a.example",
        "data:",
        "'unsafe-inline'",
    ],
)
def test_bad_frame_ancestors_are_refused(value):
    with pytest.raises(SettingError, match="KUMAGEO_FRAME_ANCESTORS: expected sources"):
        read(FRAME_ANCESTORS=value)


def test_readings_of_an_office(tmp_path):
    path = tmp_path / "level.db"
    assert read(READINGS=str(path)).readings == path
    assert read(READINGS=f" {path} ").readings == path


def test_readings_lie_in_the_geodata_that_is_set(geodata):
    assert read(GEODATA=str(geodata)).readings == geodata / "readings.sqlite3"


def test_simulated_readings_lie_apart(geodata, tmp_path):
    settings = read(GEODATA=str(geodata), DEMO="1")
    assert (settings.readings, settings.is_demo) == (geodata / "demo-readings.sqlite3", True)
    path = tmp_path / "level.db"
    assert read(READINGS=str(path), DEMO="1").readings == tmp_path / "demo-readings.sqlite3"
    assert read(DEMO="0").is_demo is False


@pytest.mark.parametrize("value", ["yes", "true", "2", "on", "１"])
def test_demo_is_never_switched_on_by_a_guess(value):
    with pytest.raises(SettingError, match="KUMAGEO_DEMO: expected 1"):
        read(DEMO=value)


def test_bad_places_of_readings(tmp_path):
    for path in (tmp_path, tmp_path / "none" / "a.db"):
        with pytest.raises(SettingError, match="KUMAGEO_READINGS: expected a file in a folder"):
            read(READINGS=str(path))
    with pytest.raises(SettingError, match="the name of the simulated ones"):
        read(READINGS=str(tmp_path / "demo-readings.sqlite3"))


def test_rasters_are_shown_from_a_folder_with_a_catalogue(tmp_path):
    assert read().rasters is None
    assert read(RASTERS=" ").rasters is None
    with pytest.raises(SettingError, match=r"KUMAGEO_RASTERS: expected a folder with rasters.toml"):
        read(RASTERS=str(tmp_path))
    (tmp_path / "rasters.toml").touch()
    assert read(RASTERS=str(tmp_path)).rasters == tmp_path
