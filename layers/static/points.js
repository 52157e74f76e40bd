// Points of facilities: drawn by shape and colour, named below the pointer, told of in a popup.
// See map.js.
"use strict";

Object.assign(window.kumageo, (() => {
  const { draw, load, element, focus } = window.kumageo;
  const REACH = 2.5; // no shape and no line goes farther than so many times its radius

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

  // A mark as a picture, to be put down at many places: to draw each anew takes far longer.
  function stampOf(radius, { shape, fillColor, fillOpacity }, { color, weight }) {
    const half = Math.ceil(REACH * radius);
    const scale = L.Browser.retina ? 2 : 1; // as Leaflet's canvas
    const picture = element("canvas");
    picture.width = picture.height = 2 * half * scale;
    const path = picture.getContext("2d");
    path.scale(scale, scale);
    outlines[shape](path, half, half, radius);
    Object.assign(path, { globalAlpha: fillOpacity, fillStyle: fillColor });
    path.fill();
    Object.assign(path, { globalAlpha: 1, strokeStyle: color, lineWidth: weight });
    path.stroke();
    return { picture, half };
  }

  // All points of one kind are one layer that finds what lies below the pointer itself: as a layer
  // each, with events each, three thousand of them cost more than all else of a map.
  const Points = L.Path.extend({
    options: { bubblingMouseEvents: false, fillOpacity: 0.9 },

    initialize(features, options) {
      L.setOptions(this, options);
      this.features = features;
    },

    _project() {
      this._radius = radiusAt(this._map.getZoom());
      this._places = this.features.map(({ geometry: { coordinates: [lon, lat] } }) => this._map.latLngToLayerPoint([lat, lon]));
      const reach = [REACH * this._radius, REACH * this._radius];
      const { min, max } = L.bounds(this._places);
      this._pxBounds = min && L.bounds(min.subtract(reach), max.add(reach));
    },

    _update() {
      this._updatePath();
    },

    _updatePath() {
      const { _drawing: drawing, _ctx: path } = this._renderer;
      if (!drawing) return;
      const stamps = new Map();
      path.globalAlpha = 1;
      this.features.forEach((feature, number) => {
        const line = this.options.lineOf(feature);
        if (!stamps.has(line)) stamps.set(line, stampOf(this._radius, this.options, line));
        const { picture, half } = stamps.get(line);
        const { x, y } = this._places[number];
        path.drawImage(picture, x - half, y - half, 2 * half, 2 * half);
      });
    },

    // The page is told of the point that was pressed.
    toGeoJSON() {
      return this.found ?? { type: "FeatureCollection", features: this.features };
    },

    // Of several the nearest; it is kept for the events that follow.
    _containsPoint(point) {
      let least = this._radius + this._clickTolerance();
      this.found = undefined;
      this._places.forEach((place, number) => {
        const distance = place.distanceTo(point);
        if (distance > least) return;
        least = distance;
        this.found = this.features[number];
      });
      return this.found !== undefined;
    },
  });

  function addPoints(group, options) {
    draw(group, options.url, (data, map) => {
      const [isShown, isMarked] = [bits(options.shown), bits(options.marked)];
      const drawn = data.features.filter((_, position) => isShown(position));
      const marked = new Set(data.features.filter((_, position) => isMarked(position)));
      const points = new Points(drawn, { shape: options.shape, fillColor: options.fill, lineOf: lineBy(marked, options) });
      points.on("click", () => openPopup(points.found, options, map));
      nameFound(points, map);
      group.addLayer(points);
      keepPopup(drawn, options, map);
      countDrawn(map, options.kind, drawn.length);
      focus(map, options.focus);
    });
  }

  function lineBy(marked, { selectedId, accent, markedStroke }) {
    const lines = {
      plain: { color: "#ffffff", weight: 1 }, marked: { color: markedStroke, weight: 3 }, selected: { color: accent, weight: 4 },
    };
    return (feature) => (feature.properties.id === selectedId ? lines.selected : marked.has(feature) ? lines.marked : lines.plain);
  }

  function nameFound(points, map) {
    const tip = L.tooltip();
    points.on("mousemove", () => {
      const { properties, geometry: { coordinates: [lon, lat] } } = points.found;
      tip.setContent(element("span", "", properties.name)).setLatLng([lat, lon]);
      if (!map.hasLayer(tip)) map.openTooltip(tip);
    });
    points.on("mouseout remove", () => map.closeTooltip(tip));
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
  function keepPopup(drawn, options, map) {
    const { popup: kept } = map.kumageo;
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

  return { addPoints, addDetails, openPopup, Point, popup, radiusAt };
})());
