"""The base map: pale sea, land, our own Leaflet, our own credits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import folium
from branca.element import MacroElement
from folium.template import Template
from jinja2.utils import htmlsafe_json_dumps

from layers.assets import SCRIPTS, STYLES

_TEMPLATE_MARK = re.compile(r"\{(?=[{%#])")

FeatureGroup = folium.FeatureGroup
Map = folium.Map

MAX_ZOOM: Final = 18
MIN_ZOOM: Final = 7
ZOOM_SNAP: Final = 0.25  # lets the prefecture fill any screen

LAND_COLOUR: Final = "#fbfaf6"
ASIDE_COLOUR: Final = "#e9e6df"  # land that is not the subject
EDGE_COLOUR: Final = "#8a8a8a"
ROAD_COLOUR: Final = "#d5d0c6"  # faint: roads for orientation
ACCENT: Final = "#0017c1"
COMPARED: Final = "#b0006d"


@dataclass(frozen=True)
class MapView:
    """Centre in degrees and zoom level of the web map (EPSG:3857 tiles)."""

    lon: float
    lat: float
    zoom: float


PREFECTURE_VIEW: Final = MapView(lon=130.72, lat=32.62, zoom=9)


@dataclass(frozen=True)
class Credit:
    """One credit on the map; `url` may be blank."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Outline:
    """A municipality to outline: solid for the chosen one, dashed for the one beside it."""

    code: str
    colour: str
    is_dashed: bool = False

    def to_option(self) -> dict[str, Any]:
        """Return it for the map script."""
        dash = "8 6" if self.is_dashed else None
        return {"code": self.code, "colour": self.colour, "dash": dash}


class BaseMap(folium.Map):
    """A folium map that loads Leaflet from us, may be zoomed by readers, and has no tiles."""

    # Folium's own header forbids zooming a page (WCAG 2.1, 1.4.4); this one does not.
    _template = Template(
        """
        {% macro header(this, kwargs) %}
            <meta name="viewport" content="width=device-width, initial-scale=1.0" />
        {% endmacro %}
        {% macro html(this, kwargs) %}
            <div class="folium-map" id={{ this.get_name()|tojson }} ></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.map(
                {{ this.get_name()|tojson }},
                { center: {{ this.location|tojson }}, ...{{ this.options|tojavascript }} }
            );
        {% endmacro %}
        """
    )

    def __init__(self, view: MapView) -> None:
        self.default_js = list(SCRIPTS)
        self.default_css = list(STYLES)
        super().__init__(
            location=(view.lat, view.lon),
            tiles=None,
            prefer_canvas=True,
            zoom_control=False,
            attribution_control=False,
            max_zoom=MAX_ZOOM,
            min_zoom=MIN_ZOOM,
        )
        # Folium passes these to tiles only, and this map has none.
        self.options |= {
            "maxZoom": MAX_ZOOM,
            "minZoom": MIN_ZOOM,
            "zoomSnap": ZOOM_SNAP,
            "zoom": view.zoom,
        }


class Call(MacroElement):
    """A call of one function of our own scripts with its parent and plain options."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            kumageo.{{ this.function }}({{ this._parent.get_name() }}, {{ this.json }});
        {% endmacro %}
        """
    )

    def __init__(self, function: str, options: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Call"
        self.function = function
        self.options = options

    @property
    def json(self) -> str:
        """The options as JSON that is safe in a script and in a template.

        Branca takes what is rendered for a template once more, so nothing in the options may
        open an expression; `{{`, `{%` and `{#` stand in JSON only inside of text.
        """
        return _TEMPLATE_MARK.sub(r"\\u007b", str(htmlsafe_json_dumps(self.options)))


def draw_ground(
    url: str,
    *,
    selected_code: str = "",
    inside: Sequence[str] = (),
    focus: dict[str, Any] | None = None,
) -> Call:
    """Return the element that draws the municipalities plainly, below a layer's own subject.

    Parameters
    ----------
    url
        Address of the areas (GeoJSON).
    selected_code
        The municipality to outline; blank for none.
    inside
        Codes of the municipalities in question; the others fade. None: all.
    focus
        From `to_focus`, where the map shall move.
    """
    options = {
        "url": url,
        "interactive": False,
        "isBackground": True,
        "fill": LAND_COLOUR,
        "asideFill": ASIDE_COLOUR,
        "stroke": EDGE_COLOUR,
        "colours": [],
        "classes": {},
        "names": {},
        "values": {},
        "selected": [Outline(selected_code, ACCENT).to_option()] if selected_code else [],
        "inside": list(inside) or None,
        "focus": focus,
    }
    return Call("addAreas", options)


def draw_credits(sources: Sequence[Credit]) -> Call:
    """Return the element that credits what a group shows beside the data of its map."""
    listed = [{"text": credit.text, "url": credit.url} for credit in sources]
    return Call("addCredits", {"credits": listed})


def to_focus(bounds: tuple[float, float, float, float], token: str) -> dict[str, Any]:
    """Return what makes a map show an extent once for each new token.

    Parameters
    ----------
    bounds
        lon_min, lat_min, lon_max, lat_max in degrees.
    token
        Names the reason; the same token does not move the map again.
    """
    return {"bounds": [round(number, 5) for number in bounds], "token": token}
