"""Not yet."""

from layers.embed.page import EmbedPage, EmbedSources


def build_page(sources: EmbedSources) -> EmbedPage:
    """Build the embed."""
    raise NotImplementedError
