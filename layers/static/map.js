// What the maps do in the browser. Folium elements call these functions with plain options;
// all text from data goes through textContent, so nothing in a dataset can become HTML.
"use strict";

window.kumageo = (() => {
  const documents = new Map();

  function load(url) {
    if (!documents.has(url)) {
      const answer = fetch(url).then((response) => {
        if (!response.ok) throw new Error(`${response.status} ${url}`);
        return response.json();
      });
      answer.catch(() => documents.delete(url)); // the next try asks again
      documents.set(url, answer);
    }
    return documents.get(url);
  }

  function element(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  function link(text, url) {
    const node = element("a", "", text);
    node.href = url;
    node.target = "_blank";
    node.rel = "noopener noreferrer";
    return node;
  }

  // ---- the map itself -------------------------------------------------------------------

  function furnish(map, options) {
    const { texts, credits } = options;
    map.kumageo = { texts, focusToken: options.focusToken, quiet: true, hasTiles: false };
    const container = map.getContainer();
    container.setAttribute("role", "region");
    container.setAttribute("aria-label", texts.map);
    L.control.zoom({ zoomInTitle: texts.zoom_in, zoomOutTitle: texts.zoom_out }).addTo(map);
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
    map.createPane("kg-labels").style.zIndex = 450;
    const host = document.getElementById("root") || container.parentNode;
    const footer = element("div", "kg-footer");
    map.kumageo.legend = element("div", "kg-legend");
    footer.append(map.kumageo.legend, tools(map, options), creditLine(credits, texts));
    host.append(footer);
    map.kumageo.status = element("div", "kg-status", texts.loading);
    map.kumageo.status.setAttribute("role", "status");
    container.append(map.kumageo.status);
    followSize(map, options.extent);
    map.on("moveend", () => map.kumageo.quiet || keepView(map, true));
  }

  function tools(map, { texts, locates }) {
    const row = element("div", "kg-tools");
    const said = element("span", "kg-said");
    said.setAttribute("role", "status");
    if (locates) row.append(button(texts.here, () => locate(map, said)));
    row.append(button(texts.copy_link, () => copyLink(texts, said)), said);
    return row;
  }

  function button(text, press) {
    const node = element("button", "", text);
    node.type = "button";
    node.addEventListener("click", press);
    return node;
  }

  // To be somewhere is to click there: the page then asks what is near.
  function locate(map, said) {
    const { texts } = map.kumageo;
    said.textContent = "";
    if (!window.isSecureContext || !navigator.geolocation) {
      said.textContent = texts.here_unsupported;
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => map.fire("click", { latlng: L.latLng(coords.latitude, coords.longitude) }),
      () => { said.textContent = texts.here_denied; },
      { timeout: 15000, maximumAge: 60000 },
    );
  }

  // A plain http address has no clipboard: then the text is selected for copying by hand.
  async function copyLink(texts, said) {
    const address = window.parent.location.href;
    try {
      await navigator.clipboard.writeText(address);
      said.textContent = texts.copied;
    } catch {
      const field = element("input");
      Object.assign(field, { readOnly: true, value: address });
      field.setAttribute("aria-label", texts.copy_link);
      said.replaceChildren(texts.copy_failed, field);
      field.select();
    }
  }

  function creditLine(credits, texts) {
    const line = element("p", "kg-credits", `${texts.credits}: `);
    credits.forEach((credit, number) => {
      if (number) line.append(" ｜ ");
      line.append(credit.url ? link(credit.text, credit.url) : credit.text);
    });
    return line;
  }

  function quietly(map, move) {
    map.kumageo.quiet = true;
    move();
    map.kumageo.quiet = false;
  }

  // Until a reader moves the map, it keeps showing its extent whole, whatever size it gets.
  function followSize(map, extent) {
    map.kumageo.extent = extent;
    const leave = () => { map.kumageo.extent = null; };
    for (const name of ["pointerdown", "wheel", "keydown"]) map.getContainer().addEventListener(name, leave);
    new ResizeObserver(() => quietly(map, () => {
      map.invalidateSize({ animate: false });
      if (map.kumageo.extent && map.getSize().y > 0) fit(map, map.kumageo.extent);
    })).observe(map.getContainer());
  }

  function fit(map, [west, south, east, north]) {
    map.fitBounds([[south, west], [north, east]], { animate: false, padding: [24, 24], maxZoom: 15 });
  }

  // The address of the page keeps the view, so that a copied link reproduces the screen.
  function keepView(map, isKept) {
    const page = window.parent;
    try {
      const address = new URL(page.location.href);
      const { lng, lat } = map.getCenter();
      const values = { z: map.getZoom(), lon: lng.toFixed(5), lat: lat.toFixed(5) };
      for (const [name, value] of Object.entries(values)) {
        if (isKept) address.searchParams.set(name, value);
        else address.searchParams.delete(name);
      }
      page.history.replaceState(page.history.state, "", address);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error; // a page of another origin keeps its own
    }
  }

  function focus(map, target) {
    if (!target || map.kumageo.focusToken === target.token) return;
    map.kumageo.focusToken = target.token;
    map.kumageo.extent = target.bounds;
    quietly(map, () => fit(map, target.bounds));
    keepView(map, false);
  }

  // Layers are drawn in the order in which they were asked for, whatever arrives first.
  function draw(group, url, add) {
    const before = group.kumageoQueue || Promise.resolve();
    group.kumageoQueue = Promise.all([url && load(url), before]).then(([data]) => {
      if (!group._map) return; // another group has taken its place meanwhile
      add(data, group._map);
      group._map.kumageo.status.hidden = true;
    });
    group.kumageoQueue.catch((error) => {
      console.error(error);
      if (group._map) showFailure(group._map);
    });
  }

  function showFailure(map) {
    map.kumageo.status.textContent = map.kumageo.texts.failed;
    map.kumageo.status.classList.add("kg-failed");
    map.kumageo.status.hidden = false;
  }

  function addLand(map, options) {
    const pane = map.createPane("kg-land");
    pane.style.zIndex = 300;
    const style = { stroke: false, fillColor: options.fill, fillOpacity: 1 };
    const renderer = L.canvas({ pane: "kg-land" });
    load(options.url).then((data) => {
      L.geoJSON(data, { pane: "kg-land", renderer, style, interactive: false }).addTo(map);
    }, () => showFailure(map));
    map.on("kumageo:restyle", () => { pane.hidden = map.kumageo.hasTiles; });
  }

  // A tile server that an administrator set is offered, not shown unasked.
  function addTiles(map, options) {
    const tiles = L.tileLayer(options.url, { maxZoom: options.maxZoom });
    const none = L.layerGroup().addTo(map);
    const names = { [options.texts.none]: none, [options.texts.tiles]: tiles };
    L.control.layers(names, {}, { collapsed: false }).addTo(map);
    map.on("baselayerchange", ({ layer }) => {
      map.kumageo.hasTiles = layer === tiles;
      map.fire("kumageo:restyle");
    });
  }

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
        interactive: options.interactive,
        style: (feature) => areaStyle(options, feature.properties, map),
      });
      const restyle = () => layer.resetStyle();
      map.on("kumageo:restyle", restyle);
      group.on("remove", () => map.off("kumageo:restyle", restyle));
      if (options.interactive) layer.bindTooltip((area) => areaTip(area, options), { sticky: true });
      group.addLayer(layer);
      outline(group, data, options);
      placeLabels(group, map, data.labels, options);
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
    for (const { code, colour } of options.selected) {
      const features = data.features.filter((f) => f.properties.municipality_code === code);
      const style = { fill: false, color: colour, weight: 3, interactive: false };
      group.addLayer(L.geoJSON(features, { style, interactive: false }));
    }
  }

  // Names stand where they fit: the larger area first, none over another.
  function placeLabels(group, map, labels, options) {
    const written = L.layerGroup();
    const write = () => {
      written.clearLayers();
      const taken = [];
      for (const label of labels.filter((one) => one.zoom_min <= map.getZoom())) {
        const at = map.latLngToContainerPoint([label.lat, label.lon]);
        const half = [label.name.length * 6.5 + 3, 9];
        const box = [at.x - half[0], at.y - half[1], at.x + half[0], at.y + half[1]];
        const free = taken.every((t) => t[2] < box[0] || box[2] < t[0] || t[3] < box[1] || box[3] < t[1]);
        if (!free || !map.getSize() || !map.getBounds().pad(0.1).contains([label.lat, label.lon])) continue;
        taken.push(box);
        written.addLayer(nameMarker(label));
      }
    };
    group.addLayer(written);
    write();
    map.on("zoomend moveend resize", write);
    group.on("remove", () => map.off("zoomend moveend resize", write));
  }

  function nameMarker(label) {
    const icon = L.divIcon({ className: "kg-name", html: element("span", "", label.name), iconSize: [0, 0] });
    return L.marker([label.lat, label.lon], { icon, interactive: false, keyboard: false, pane: "kg-labels" });
  }

  // ---- points ---------------------------------------------------------------------------

  const outlines = {
    circle: (path, x, y, r) => path.arc(x, y, r, 0, Math.PI * 2),
    square: (path, x, y, r) => path.rect(x - r * 1.15, y - r * 1.15, r * 2.3, r * 2.3),
    diamond: (path, x, y, r) => {
      path.moveTo(x, y - r * 1.4);
      path.lineTo(x + r * 1.4, y);
      path.lineTo(x, y + r * 1.4);
      path.lineTo(x - r * 1.4, y);
      path.closePath();
    },
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

  function bits(encoded) {
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
      points.bindPopup((point) => popup(point.feature.properties, options), { maxWidth: 320 });
      group.addLayer(points);
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
      shape: isMarked ? "diamond" : options.shape,
      radius: radiusAt(map.getZoom()),
      fillColor: options.fill,
      fillOpacity: 0.9,
      color: isSelected ? options.accent : isMarked ? options.markedStroke : "#ffffff",
      weight: isSelected ? 4 : isMarked ? 2 : 1,
      bubblingMouseEvents: false,
    });
    point.feature = feature;
    return point;
  }

  function countDrawn(map, kind, count) {
    const counts = { ...JSON.parse(map.getContainer().dataset.points || "{}"), [kind]: count };
    map.getContainer().dataset.points = JSON.stringify(counts);
  }

  function popup(properties, options) {
    const box = element("div", "kg-popup");
    box.append(element("h3", "", properties.name), element("p", "kg-kind", options.kindLabel));
    const list = element("dl");
    for (const { name, label, values } of options.fields) {
      const value = properties[name];
      if (value === undefined || value === "") continue;
      const shown = values ? values[value] ?? value : value;
      list.append(element("dt", "", label), element("dd", "", shown));
    }
    if (options.hazards.length) {
      const served = options.hazards.filter(({ name }) => properties[name] === 1);
      list.append(element("dt", "", options.hazardsLabel));
      list.append(element("dd", "", served.map(({ label }) => label).join("、") || options.noHazard));
    }
    box.append(list, element("p", "kg-notice", options.notice));
    return box;
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
    return L.marker(at, { icon, title, alt: title, keyboard: false, interactive: false });
  }

  // ---- the legend, below the map so that it never covers it --------------------------------

  function setLegend(group, options) {
    group.on("add", () => {
      const legend = group._map.kumageo.legend;
      legend.replaceChildren(element("strong", "", options.title));
      const list = element("ul");
      for (const entry of options.entries) {
        const item = element("li");
        const mark = element("span", `kg-mark kg-${entry.shape}`);
        mark.style.backgroundColor = entry.colour;
        item.append(mark, entry.label);
        if (entry.count !== undefined) item.append(element("span", "kg-count", entry.count));
        list.append(item);
      }
      legend.append(list);
    });
  }

  return { furnish, addLand, addTiles, addAreas, addPoints, addNearest, setLegend };
})();
