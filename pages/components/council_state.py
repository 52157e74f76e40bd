"""The state of the page 地域会議 and of a briefing, from the address and back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pages.components.state import Query

MAX_TOPICS = 200


@dataclass(frozen=True)
class CouncilState:
    """What the page 地域会議 shows, and which topics a briefing has, in their order."""

    region_id: str = ""
    theme_id: str = ""
    topic_ids: tuple[str, ...] = ()

    @classmethod
    def from_query(
        cls,
        query: Query,
        regions: Collection[str],
        themes: Collection[str],
        topics: Collection[str],
    ) -> CouncilState:
        """Read the state; what is unknown is noted in `query.problems`."""
        asked = [name for name in query.values.get("topics", "").split(",") if name]
        known = tuple(dict.fromkeys(name for name in asked if name in topics))
        if len(known) < len(asked) or len(known) > MAX_TOPICS:
            query.problems.append("topics")
        return cls(
            region_id=query.choose("region", regions, ""),
            theme_id=query.choose("theme", themes, ""),
            topic_ids=known[:MAX_TOPICS],
        )

    def to_query(self) -> dict[str, str]:
        """Return the parameters that differ from the default."""
        values = {
            "region": self.region_id,
            "theme": self.theme_id,
            "topics": ",".join(self.topic_ids),
        }
        return {name: value for name, value in values.items() if value}
