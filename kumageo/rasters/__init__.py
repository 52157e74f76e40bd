"""Rasters: our surfaces as Cloud Optimized GeoTIFF, and any administrator's GeoTIFF."""
