// The thematic layers: areas, places, and what is near a point. See map.js, points.js.
"use strict";

Object.assign(window.kumageo, (() => {
  const { draw, element, plain, focus, detailOf, addLabels, around, Point, radiusAt } = window.kumageo;

  // ---- areas ----------------------------------------------------------------------------

  function areaStyle(options, properties, map) {
    const number = options.classes[properties.municipality_code];
    const isAside = options.inside && !options.inside.includes(properties.municipality_code);
    const colour = number === undefined ? options.fill : options.colours[number];
    return {
      fillColor: isAside ? options.asideFill : colour,
      fillOpacity: map.kumageo.hasTiles ? 0.55 : 1,
      color: options.stroke,
      weight: properties.code === properties.municipality_code ? 0.9 : 0.4,
    };
  }

  function addAreas(group, options) {
    draw(group, options.url, (data, map) => {
      const layer = L.geoJSON(data, {
        pane: options.isBackground ? "kg-areas" : "overlayPane",
        ...(options.isBackground ? { renderer: map.kumageo.ground } : {}),
        interactive: options.interactive,
        ...detailOf(data),
        style: (feature) => areaStyle(options, feature.properties, map),
      });
      const restyle = () => layer.resetStyle();
      map.on("kumageo:restyle", restyle);
      group.on("remove", () => map.off("kumageo:restyle", restyle));
      if (options.interactive) layer.bindTooltip((area) => areaTip(area, options), { sticky: true });
      group.addLayer(layer);
      outline(group, data, options);
      nameAreas(group, map, data.labels);
      focus(map, options.focus);
      map.getContainer().dataset.areas = data.features.length;
    });
  }

  function areaTip(area, options) {
    const { municipality_code: code } = area.feature.properties;
    const tip = element("div", "kg-tip");
    tip.append(element("strong", "", options.names[code]));
    if (options.values[code] !== undefined) tip.append(element("div", "", options.values[code]));
    return tip;
  }

  function outline(group, data, options) {
    for (const { code, colour, dash } of options.selected) {
      const ofCode = data.features.filter((f) => f.properties.municipality_code === code);
      const features = data.outlines[code] || ofCode;
      // A white casing keeps the line apart from any colour below it.
      for (const style of [{ color: "#ffffff", weight: 7 }, { color: colour, weight: 3, dashArray: dash }]) {
        group.addLayer(L.geoJSON(features, { style: { fill: false, ...style }, interactive: false }));
      }
    }
  }

  // The larger area first; its name comes after those of the layer's own subject.
  function nameAreas(group, map, names) {
    const { readings } = map.kumageo;
    addLabels(group, map, names.map(({ name, lat, lon, zoom_min: zoomMin }, number) => (
      { texts: [readings[name] ?? name], rank: 100 + number, zoomMin, className: "", places: [{ lat, lon }] }
    )));
  }

  // ---- a point that was asked about, and what is near -------------------------------------

  function addNearest(group, options) {
    const start = [options.point.lat, options.point.lon];
    draw(group, null, (_, map) => {
      for (const place of options.places) {
        const line = { color: options.accent, weight: 2, dashArray: "4 5", interactive: false };
        group.addLayer(L.polyline([start, [place.lat, place.lon]], line));
        group.addLayer(badge([place.lat, place.lon], "kg-rank", String(place.rank), place.name));
      }
      group.addLayer(badge(start, "kg-here", "", options.label));
      focus(map, options.focus);
    });
  }

  function badge(at, className, text, title) {
    const icon = L.divIcon({ className, html: element("span", "", text), iconSize: [22, 22] });
    return L.marker(at, { icon, title: plain(title), alt: plain(title), keyboard: false, interactive: false });
  }

  // ---- what lies near --------------------------------------------------------------------------

  function addBuffer(group, options) {
    draw(group, null, (_, map) => {
      const style = { color: options.accent, weight: 2.5, dashArray: "10 6", fillColor: options.accent, fillOpacity: 0.06 };
      group.addLayer(L.geoJSON(options.geometry, { style, interactive: false }));
      for (const { kind, lon, lat, name } of options.places) {
        const { shape, fill } = options.styles[kind];
        const mark = new Point([lat, lon], { shape, radius: radiusAt(map.getZoom()), fillColor: fill, fillOpacity: 0.9, color: "#ffffff", weight: 1, bubblingMouseEvents: false });
        group.addLayer(mark.bindTooltip(() => element("span", "", name)));
      }
    });
  }

  // ---- places that are named -----------------------------------------------------------------

  function addPlaces(group, { places, fill }) {
    draw(group, null, (_, map) => {
      for (const { lon, lat, name, text } of places) {
        const mark = new Point([lat, lon], { shape: "diamond", radius: 7, fillColor: fill, fillOpacity: 1, color: "#ffffff", weight: 2, bubblingMouseEvents: false });
        const box = element("div", "kg-popup");
        box.append(element("h3", "", name), element("p", "", text));
        group.addLayer(mark.bindTooltip(() => element("span", "", name)).bindPopup(box));
      }
      const labels = places.map((place) => ({ texts: [place.name], rank: 10, zoomMin: 0, className: "", places: around(place, place.name, 8) }));
      addLabels(group, map, labels, places.map(({ lon, lat }) => ({ lat, lon, r: 9 })));
      map.getContainer().dataset.places = places.length;
    });
  }

  return { addPlaces, addAreas, addNearest, addBuffer };
})());
