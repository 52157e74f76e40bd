// Surfaces: a picture in classes, lines of equal level with their numbers, and the wells that it
// was made from. See map.js, labels.js, wells.js.
"use strict";

Object.assign(window.kumageo, (() => {
  const { draw, element, focus, stamp, addLabels } = window.kumageo;
  const LABEL_EVERY = [0.5, 0.25, 0.75]; // where along a line its number may stand

  function addSurface(group, options) {
    draw(group, [options.url, options.areasUrl], ([surface, areas], map) => {
      const pane = map.getPane("kg-surface") || map.createPane("kg-surface");
      pane.style.zIndex = 330; // above the land, below boundaries, lines and names
      group.addLayer(pictureOf(surface, options, map, group));
      const edges = { fill: false, color: options.stroke, weight: 0.9, interactive: false };
      group.addLayer(L.geoJSON(areas, { style: edges, interactive: false }));
      group.addLayer(linesOf(surface, options));
      const marks = options.wells.map((well) => markOf(well, options));
      for (const mark of marks) group.addLayer(mark);
      numberLines(group, map, surface.features, options.wells);
      stamp(map, options.stamp);
      map.getContainer().dataset.surface = JSON.stringify({
        contours: surface.features.length, wells: marks.length, version: options.url.split("v=")[1],
      });
      focus(map, options.focus);
    });
  }

  function pictureOf({ picture, bounds: [west, south, east, north] }, options, map, group) {
    const pane = "kg-surface";
    const image = L.imageOverlay(picture, [[south, west], [north, east]], { pane, alt: options.alt, className: "kg-picture" });
    const fade = () => image.setOpacity(map.kumageo.hasTiles ? 0.6 : 1);
    fade();
    map.on("kumageo:restyle", fade);
    group.on("remove", () => map.off("kumageo:restyle", fade));
    return image;
  }

  function linesOf(surface, options) {
    return L.layerGroup([{ color: "#ffffff", opacity: 0.55 }, { color: options.lineColour, opacity: 1 }].map((style, number) => (
      L.geoJSON(surface, {
        interactive: false,
        style: ({ properties }) => ({ ...style, fill: false, weight: (properties.is_zero ? 2.4 : 1.1) + (number ? 0 : 1.6) }),
      })
    )));
  }

  function markOf({ lat, lon, text }, options) {
    const mark = L.circleMarker([lat, lon], {
      radius: 4.5, fillColor: options.wellFill, fillOpacity: 1, color: options.lineColour, weight: 1.8,
    });
    return mark.bindTooltip(() => element("span", "", text));
  }

  // The longest line of a level first: its number says what the short ones are.
  function numberLines(group, map, features, wells) {
    const labels = features.map(({ properties, geometry }) => ({
      texts: [properties.label],
      rank: 50 - Math.min(geometry.coordinates.length, 4000) / 100,
      zoomMin: 0,
      className: "kg-contour",
      places: LABEL_EVERY.map((part) => {
        const [lon, lat] = geometry.coordinates[Math.floor((geometry.coordinates.length - 1) * part)];
        return { lat, lon };
      }),
    }));
    addLabels(group, map, labels, wells.map(({ lat, lon }) => ({ lat, lon, r: 6 })));
  }

  return { addSurface };
})());
