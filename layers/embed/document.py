"""An embed as the bytes that are sent: HTML, its policy, and both compressed forms."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from kumageo.labels import LOCALES, Labels, spell_ruby
from layers.assets import LEAFLET_URL, OWN_FOLDER, OWN_URL
from layers.compose import render_map
from layers.embed import congestion, council, evacuation, groundwater, municipalities
from layers.embed.bundle import STYLE_FILE, name_script
from layers.embed.page import EmbedPage, EmbedSources
from layers.embed.query import Parameter
from layers.encoded import Encoded, encode_answer
from layers.ruby import draw_ruby

BUILDERS: Final[Mapping[str, Callable[[EmbedSources], EmbedPage]]] = {
    "municipalities": municipalities.build_page,
    "evacuation": evacuation.build_page,
    "congestion": congestion.build_page,
    "groundwater": groundwater.build_page,
    "council": council.build_page,
}
EMBED_LAYERS: Final = tuple(BUILDERS)
_TEXTS: Final = (
    *("skip", "controls", "more_filters", "table", "more_rows", "show_on_map", "close", "credits"),
    *("languages", "full_page", "no_script", "download"),
)
_INLINE: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_PICTOGRAM: Final = re.compile(r"<svg ")

TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters |= {"ruby": draw_ruby, "spelled": spell_ruby}


@dataclass(frozen=True)
class EmbedDocument:
    """One embed in one language, ready to be sent.

    Attributes
    ----------
    content
        The HTML in all encodings; the same data give the same bytes.
    policy
        Its Content-Security-Policy.
    parameters
        What a query may hold.
    """

    content: Encoded
    policy: str
    parameters: tuple[Parameter, ...]


def build_document(
    layer: str, sources: EmbedSources, *, ancestors: str, names: Mapping[str, str]
) -> EmbedDocument:
    """Build an embed.

    Parameters
    ----------
    layer
        One of `EMBED_LAYERS`.
    sources
        What is shown, and in which language.
    ancestors
        The sites that may frame it, as in Content-Security-Policy.
    names
        Name of each language, in that language.
    """
    page = BUILDERS[layer](sources)
    html = write_html(page, sources.labels, ancestors=ancestors, names=names)
    origin = sources.tiles.origin if sources.tiles else ""
    return EmbedDocument(
        encode_answer(html.encode()), write_policy(html, ancestors, origin), page.parameters
    )


def write_html(page: EmbedPage, labels: Labels, *, ancestors: str, names: Mapping[str, str]) -> str:
    """Write an embed as HTML with one script of its own; all others are files.

    Parameters
    ----------
    page
        What it shows.
    labels
        Texts of its language.
    ancestors
        The sites that may frame it; messages go to these only.
    names
        Name of each language, in that language.
    """
    # The page loads what its layer needs, at its end; folium would load everything at once.
    page.base.default_js, page.base.default_css = [], []
    page.base.add_child(page.group)
    parts = render_map(page.base)
    texts = {name: labels.ruby(f"embed.{name}") for name in _TEXTS}
    return TEMPLATES.get_template("embed.html").render(
        page=page,
        language=labels.html_language,
        texts=texts,
        names=names,
        locales=LOCALES,
        own=labels.language,
        pictograms=_read_pictograms(page),
        # Rendered by folium from our own layers, which escape what comes from data.
        map={"body": Markup(parts.body), "script": Markup(parts.script), "name": parts.name},  # noqa: S704
        group=page.group.get_name(),
        config=_write_config(page, labels, ancestors, texts),
        styles=[f"{LEAFLET_URL}/leaflet.css", f"{OWN_URL}/{STYLE_FILE}"],
        scripts=[f"{LEAFLET_URL}/leaflet.js", f"{OWN_URL}/{name_script(page.layer)}"],
    )


def _write_config(
    page: EmbedPage, labels: Labels, ancestors: str, texts: Mapping[str, str]
) -> Markup:
    """Return what the script is told, as JSON that is safe in HTML."""
    told: dict[str, Any] = {
        "layer": page.layer,
        "page": page.page,
        "ancestors": ancestors.split(" "),
        "parameters": [parameter.to_option() for parameter in page.parameters],
        "texts": {
            **page.texts,
            **{name: texts[name] for name in ("more_rows", "show_on_map", "close")},
            "list": labels("text.list"),
            "sentence": labels("text.sentence"),
        },
        **page.options,
    }
    return htmlsafe_json_dumps(told, dumps=_dump)


def _dump(value: Any, **_options: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _read_pictograms(page: EmbedPage) -> dict[str, Markup]:
    """Return the pictograms of the controls: in the page, as each file would be a request."""
    icons = {choice.icon for control in page.controls for choice in control.choices if choice.icon}
    return {
        icon: Markup(  # noqa: S704  # our own drawings
            _PICTOGRAM.sub(
                '<svg aria-hidden="true" ',
                (OWN_FOLDER / "hazards" / f"{icon}.svg").read_text(encoding="utf-8").strip(),
                count=1,
            )
        )
        for icon in sorted(icons)
    }


def write_policy(html: str, ancestors: str, tile_origin: str = "") -> str:
    """Return the Content-Security-Policy of a page: its own files, and its script by hash.

    Parameters
    ----------
    html
        The page.
    ancestors
        The sites that may frame it; blank leaves the directive out, for a page in a file.
    tile_origin
        Origin of the tile server, if one is set.
    """
    hashes = [
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        for script in _INLINE.findall(html)
    ]
    directives = [
        "default-src 'none'",
        " ".join(["script-src 'self'", *(f"'sha256-{digest}'" for digest in hashes)]),
        "style-src 'self'",
        f"img-src 'self' data: {tile_origin}".strip(),
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    if ancestors:
        directives.append(f"frame-ancestors {ancestors}")
    return "; ".join(directives)
