"""Where an embed finds its files and the pages beside it: on the dashboard, or in an export."""

from __future__ import annotations

from dataclasses import dataclass

from layers.assets import LEAFLET_URL, OWN_URL


@dataclass(frozen=True)
class Addresses:
    """The addresses that an embed names; those of the dashboard if nothing else is said.

    Attributes
    ----------
    leaflet, own
        Folders of Leaflet's files and of ours.
    dashboard
        What stands before the paths of the dashboard's pages; None: there is none to link to.
    others
        Form of the address of the same embed in another {language}; it may name the {layer}.
    public
        Form of the address under which all know the embed; blank where it is not known.
    is_export
        Whether the page is a file of its own for each language.
    """

    leaflet: str = LEAFLET_URL
    own: str = OWN_URL
    dashboard: str | None = ""
    others: str = "?lang={language}"
    public: str = ""
    is_export: bool = False

    def in_language(self, language: str, layer: str) -> str:
        """Return the address of an embed in another language, from one of the same layer."""
        return self.others.format(language=language, layer=layer)

    def in_public(self, language: str, layer: str) -> str:
        """Return the address of an embed that others may link to, blank if it is not known."""
        return self.public.format(language=language, layer=layer)

    def on_dashboard(self, path: str, language: str) -> str:
        """Return the address of a page of the dashboard, blank if there is none to link to."""
        if self.dashboard is None:
            return ""
        return f"{self.dashboard}{path}?lang={language}" if self.is_export else path
