// The thematic layers: areas, points, and what is near a point. See map.js.
"use strict";

Object.assign(window.kumageo, (() => {
  const { draw, load, element, plain, focus, addLabels, around } = window.kumageo;

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
        interactive: options.interactive,
        style: (feature) => areaStyle(options, feature.properties, map),
      });
      const restyle = () => layer.resetStyle();
      map.on("kumageo:restyle", restyle);
      group.on("remove", () => map.off("kumageo:restyle", restyle));
      if (options.interactive) layer.bindTooltip((area) => areaTip(area, options), { sticky: true });
      group.addLayer(layer);
      outline(group, data, options);
      nameAreas(group, map, data.labels, options.readings ?? {});
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
  function nameAreas(group, map, names, readings) {
    addLabels(group, map, names.map(({ name, lat, lon, zoom_min: zoomMin }, number) => (
      { texts: [readings[name] ?? name], rank: 100 + number, zoomMin, className: "", places: [{ lat, lon }] }
    )));
  }

  // ---- points ---------------------------------------------------------------------------

  function corners(path, places) {
    places.forEach(([x, y], number) => (number ? path.lineTo(x, y) : path.moveTo(x, y)));
    path.closePath();
  }

  const outlines = {
    circle: (path, x, y, r) => path.arc(x, y, r, 0, Math.PI * 2),
    square: (path, x, y, r) => path.rect(x - r * 1.15, y - r * 1.15, r * 2.3, r * 2.3),
    diamond: (path, x, y, r) => corners(path, [[x, y - r * 1.5], [x + r * 1.5, y], [x, y + r * 1.5], [x - r * 1.5, y]]),
    up: (path, x, y, r) => corners(path, [[x, y - r * 1.3], [x + r * 1.2, y + r], [x - r * 1.2, y + r]]),
    down: (path, x, y, r) => corners(path, [[x, y + r * 1.3], [x + r * 1.2, y - r], [x - r * 1.2, y - r]]),
    hollow: (path, x, y, r) => path.arc(x, y, r * 0.8, 0, Math.PI * 2),
    triangle: (path, x, y, r) => corners(path, [[x, y - r * 1.5], [x + r * 1.4, y + r], [x - r * 1.4, y + r]]),
  };

  const Point = L.CircleMarker.extend({
    _updatePath() {
      const { _drawing: drawing, _ctx: path } = this._renderer;
      if (!drawing || this._empty()) return;
      path.beginPath();
      outlines[this.options.shape](path, this._point.x, this._point.y, Math.max(this._radius, 1));
      this._renderer._fillStroke(path, this);
    },
  });

  function radiusAt(zoom) {
    return zoom < 10 ? 3.2 : zoom < 12 ? 4.5 : zoom < 14 ? 6 : 8;
  }

  // A mask comes packed from a page, or as a list of flags from a script of ours.
  function bits(encoded) {
    if (Array.isArray(encoded)) return (position) => encoded[position];
    const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
    return (position) => (bytes[position >> 3] >> (7 - (position & 7))) & 1;
  }

  function addPoints(group, options) {
    draw(group, options.url, (data, map) => {
      const isShown = bits(options.shown);
      const isMarked = bits(options.marked);
      const points = L.featureGroup();
      data.features.forEach((feature, position) => {
        if (isShown(position)) points.addLayer(pointOf(feature, options, isMarked(position), map));
      });
      points.bindTooltip((point) => element("span", "", point.feature.properties.name));
      points.on("click", ({ layer }) => openPopup(layer.feature, options, map));
      group.addLayer(points);
      keepPopup(points, options, map);
      const resize = () => points.eachLayer((point) => point.setRadius(radiusAt(map.getZoom())));
      map.on("zoomend", resize);
      group.on("remove", () => map.off("zoomend", resize));
      countDrawn(map, options.kind, points.getLayers().length);
      focus(map, options.focus);
    });
  }

  function pointOf(feature, options, isMarked, map) {
    const [lon, lat] = feature.geometry.coordinates;
    const isSelected = feature.properties.id === options.selectedId;
    const point = new Point([lat, lon], {
      shape: options.shape,
      radius: radiusAt(map.getZoom()),
      fillColor: options.fill,
      fillOpacity: 0.9,
      color: isSelected ? options.accent : isMarked ? options.markedStroke : "#ffffff",
      weight: isSelected ? 4 : isMarked ? 3 : 1,
      bubblingMouseEvents: false,
    });
    point.feature = feature;
    return point;
  }

  // The popup belongs to the map, not to the points, and so outlives a redraw.
  function openPopup(feature, options, map) {
    const [lon, lat] = feature.geometry.coordinates;
    const opened = L.popup({ maxWidth: 320 }).setLatLng([lat, lon]);
    opened.setContent(popup(feature.properties, options)).openOn(map);
    const { id } = feature.properties;
    map.kumageo.popup = { id, kind: options.kind, opened, isChosen: id === options.selectedId };
    if (options.detailsUrl) addDetails([feature], options).then(() => opened.setContent(popup(feature.properties, options)));
  }

  // Light data leave out what only popups and tables show; it is fetched once for all.
  async function addDetails(features, { detailsUrl }) {
    const columns = Object.entries(await load(detailsUrl));
    for (const { properties } of features) {
      for (const [name, values] of columns) properties[name] = values[properties.position];
    }
  }

  // A link opens what was chosen; a filter closes the popup of what it hides.
  function keepPopup(points, options, map) {
    const { popup: kept } = map.kumageo;
    const drawn = points.getLayers().map((point) => point.feature);
    const selected = drawn.find((feature) => feature.properties.id === options.selectedId);
    if (!kept && selected) openPopup(selected, options, map);
    if (!kept || kept.kind !== options.kind) return;
    const isHidden = !drawn.some((feature) => feature.properties.id === kept.id);
    const isLetGo = kept.isChosen && options.selectedId !== kept.id;
    kept.isChosen = options.selectedId === kept.id;
    if (isHidden || isLetGo) kept.opened.remove();
  }

  function countDrawn(map, kind, count) {
    const counts = { ...JSON.parse(map.getContainer().dataset.points || "{}"), [kind]: count };
    map.getContainer().dataset.points = JSON.stringify(counts);
  }

  function popup(properties, options) {
    const box = element("div", "kg-popup");
    const name = element("h3", "", properties.name);
    name.lang = "ja"; // names are as they are in every language
    box.append(name, element("p", "kg-kind", options.kindLabel));
    const list = element("dl");
    for (const { name: column, label, values } of options.fields) {
      const value = properties[column];
      if (value === undefined || value === "") continue;
      const shown = values ? values[value] ?? value : value;
      list.append(element("dt", "", label), element("dd", "", shown));
    }
    if (options.hazards.length) {
      const served = options.hazards.filter(({ name }) => properties[name] === 1);
      list.append(element("dt", "", options.hazardsLabel));
      const words = element("dd", "kg-hazards", served.length ? undefined : options.noHazard);
      words.append(...served.map(hazardWord));
      list.append(words);
    }
    box.append(list, element("p", "kg-notice", options.notice));
    return box;
  }

  function hazardWord({ label, icon }) {
    const word = element("span");
    const picture = element("img");
    Object.assign(picture, { src: icon, alt: "", width: 18, height: 18 });
    word.append(picture, element("span", "", label));
    return word;
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

  return { addPlaces, addAreas, addPoints, addNearest, addBuffer, addDetails, openPopup, Point, popup, radiusAt };
})());
