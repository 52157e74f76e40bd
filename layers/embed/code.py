"""What an editor pastes into a page to show an embed there."""

from __future__ import annotations

from typing import Final

from kumageo.labels import Labels
from layers.embed.document import TEMPLATES

LOCATES: Final = ("evacuation",)  # embeds that may ask where the reader is


def write_embed_code(address: str, layer: str, height_px: int, labels: Labels) -> str:
    """Return the frame and the link below it as HTML to paste.

    Parameters
    ----------
    address
        Of the embed, with its host.
    layer
        Names the map in the title.
    height_px
        Height of the frame.
    labels
        Texts of the reader's language.
    """
    return TEMPLATES.get_template("embed_code.html").render(
        address=address,
        title=labels("builder.frame_title", map=labels(f"builder.{layer}")),
        link=labels("builder.open", map=labels(f"builder.{layer}")),
        height_px=height_px,
        lang=labels.html_language,
        locates=layer in LOCATES,
    )
