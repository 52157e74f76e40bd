"""Kumamoto geodata as a plain library: read, check, keep, join and count. No UI, no network."""

__version__ = "0.1.0"
