"""Groundwater readings: the store, the files that are imported into it, and exports from it."""
