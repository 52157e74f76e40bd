// What lies below a map's subject: land, roads for orientation, tiles that are chosen. See map.js.
"use strict";

Object.assign(window.kumageo, (() => {
  const { element, load, showFailure } = window.kumageo;

  function addLand(map, { url, fill }) {
    const style = { stroke: false, fillColor: fill, fillOpacity: 1 };
    addBackground(map, url, { style, renderer: map.kumageo.ground });
  }

  // Roads for orientation lie above the areas, below all that is a subject.
  function addRoads(map, { url, colour }) {
    map.createPane("kg-roads").style.zIndex = 350;
    const style = { color: colour, weight: 1.2, opacity: 1 };
    addBackground(map, url, { style, renderer: L.canvas({ pane: "kg-roads" }) });
  }

  // Tiles show land and roads themselves.
  function addBackground(map, url, options) {
    load(url).then((data) => {
      const layer = L.geoJSON(data, { interactive: false, ...detailOf(data), ...options });
      const show = () => (map.kumageo.hasTiles ? layer.remove() : layer.addTo(map).bringToBack());
      show();
      map.on("kumageo:restyle", show);
    }, () => showFailure(map));
  }

  // Light data have no more points than a screen shows: Leaflet need not search for those to drop.
  function detailOf({ isLight }) {
    return isLight ? { smoothFactor: 0, noClip: true } : {};
  }

  // A tile server that an administrator set is offered, not shown unasked.
  function addTiles(map, options) {
    const tiles = L.tileLayer(options.url, { maxZoom: options.maxZoom });
    const none = L.layerGroup().addTo(map);
    // Leaflet takes these names for HTML.
    const names = Object.fromEntries([
      [element("span", "", options.texts.none).innerHTML, none],
      [element("span", "", options.texts.tiles).innerHTML, tiles],
    ]);
    L.control.layers(names, {}, { collapsed: false }).addTo(map);
    map.on("baselayerchange", ({ layer }) => {
      map.kumageo.hasTiles = layer === tiles;
      map.fire("kumageo:restyle");
    });
  }

  return { addLand, addRoads, addTiles, detailOf };
})());
