"""The page that lists the embeds of an export, and what a web server should say of each file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kumageo import __version__
from kumageo.labels import Labels
from layers.embed.code import write_embed_code
from layers.embed.document import EMBED_LAYERS, TEMPLATES, Written
from layers.embed.page import EmbedSources
from layers.publish.folder import MANIFEST
from layers.publish.options import ExportOptions

HEADERS: Final = "headers.txt"
FRAME_HEIGHT_PX: Final = 800
KEEP: Final = "Cache-Control: public, max-age=31536000, immutable"
ASK_AGAIN: Final = "Cache-Control: public, max-age=300"
COMMON: Final = (
    "X-Content-Type-Options: nosniff",
    "Referrer-Policy: strict-origin-when-cross-origin",
)
_TEXTS: Final = ("title", "words", "no_code", "files", "manifest", "headers")
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True)
class Overview:
    """What is said of an export: its options, texts by language, what was written, its style."""

    options: ExportOptions
    languages: Mapping[str, Labels]
    written: Mapping[tuple[str, str], Written]
    sources: EmbedSources
    style: str

    @property
    def labels(self) -> Labels:
        """Texts of the language of the page itself: the first one."""
        return self.languages[self.options.languages[0]]


def write_index(overview: Overview) -> str:
    """Write the page that lists the embeds by language, with the code to paste and the credits."""
    labels = overview.labels
    water = overview.sources.water
    pages = [overview.written[labels.language, layer].page for layer in EMBED_LAYERS]
    until = water.days[1] if water and water.days else None
    return TEMPLATES.get_template("publish.html").render(
        labels=labels,
        texts={name: labels.ruby(f"publish.{name}") for name in _TEXTS},
        credits_title=labels.ruby("embed.credits"),
        languages=[_list_embeds(overview, one) for one in overview.languages.values()],
        has_code=bool(overview.options.base_url),
        # Of the same dataset each embed says the same.
        credits=list(dict.fromkeys(credit for page in pages for credit in page.credits)),
        readings=labels.ruby("publish.readings_until", day=labels.day(until.isoformat()))
        if until
        else labels.ruby("groundwater.notice_none"),
        version=labels.ruby("publish.version", version=__version__),
        style=overview.style,
        manifest=MANIFEST,
        headers=HEADERS,
        policy=_POLICY.replace("'self'", "'self' file:"),
        canonical=overview.options.base_url and f"{overview.options.base_url}index.html",
    )


def _list_embeds(overview: Overview, labels: Labels) -> dict[str, Any]:
    base_url = overview.options.base_url
    embeds = []
    for layer in EMBED_LAYERS:
        path = f"{labels.language}/{layer}.html"
        code = write_embed_code(base_url + path, layer, FRAME_HEIGHT_PX, labels)
        embeds.append(
            {
                "path": path,
                "title": labels.ruby(f"builder.{layer}"),
                "code": code if base_url else "",
                "code_label": labels.ruby("publish.code", map=labels.ruby(f"builder.{layer}")),
            }
        )
    name = labels.ruby("language.name")
    return {"id": labels.language, "lang": labels.html_language, "name": name, "embeds": embeds}


def write_headers(overview: Overview) -> str:
    """Write in plain words which headers the web server should send with which file."""
    labels, ancestors = overview.labels, overview.options.ancestors
    groups = [
        (labels("publish.headers_all"), list(COMMON)),
        (labels("publish.headers_keep"), [KEEP]),
        (labels("publish.headers_pages"), [ASK_AGAIN]),
    ]
    policies = {"index.html": f"{_POLICY}; frame-ancestors {ancestors}"}
    for (language, layer), written in overview.written.items():
        policies[f"{language}/{layer}.html"] = written.policy
    groups += [(path, [f"Content-Security-Policy: {one}"]) for path, one in policies.items()]
    parts = ["\n".join((title, *(f"  {line}" for line in lines))) for title, lines in groups]
    words = [labels("publish.headers"), labels("publish.headers_words").replace("`", "")]
    return "\n\n".join((*words, *parts)) + "\n"
