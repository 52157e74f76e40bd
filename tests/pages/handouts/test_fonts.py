"""What is left of a text, and what the typefaces can write."""

from __future__ import annotations

import importlib.util

import pytest

from kumageo.errors import KumageoError
from pages.handouts import fonts
from pages.handouts.fonts import clean_text, load_typefaces, write_printable


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("  a \n b\t", "a b"),
        ("甲\u3000乙", "甲\u3000乙"),
        ("\x00甲\x07\u202e乙\u200b", "甲乙"),
        ("が", "が"),
        ("葛\U000e0100城", "葛城"),
        ("\ud800x\ufffe", "x"),
        ("=cmd() <b>&amp;", "=cmd() <b>&amp;"),
    ],
)
def test_unseen_letters_are_left_out(text, left):
    assert clean_text(text) == left


def test_what_no_typeface_has_becomes_a_geta():
    assert write_printable("🚗 𠮷野 ạế 髙﨑①㎡") == "〓 〓野 ạế 髙﨑①㎡"


def test_every_name_of_the_data_can_be_printed(data):
    texts = {*data.facilities["name"], *data.facilities["address"], *data.wells["name"]}
    texts |= {*data.names.values(), *data.roads.bottlenecks["name"]}
    assert {text for text in texts if fonts.GETA in write_printable(text)} == set()


def test_every_text_of_the_pages_can_be_printed(labels):
    lost = {name for name, text in labels.texts.items() if fonts.GETA in write_printable(text)}
    assert lost == set()


def test_the_font_lies_in_its_package_with_its_licence():
    main, _ = load_typefaces()
    assert main.path.name == "ipaexg.ttf"
    assert any("License" in path.name for path in main.path.parent.iterdir())


def test_a_missing_font_says_what_to_do(monkeypatch):
    monkeypatch.setattr(fonts, "find_spec", lambda _name: None)
    load_typefaces.cache_clear()
    with pytest.raises(KumageoError, match="make setup"):
        load_typefaces()
    monkeypatch.setattr(fonts, "find_spec", importlib.util.find_spec)
    load_typefaces.cache_clear()
    assert load_typefaces()
