// Groundwater wells: one mark a place, its class by colour and shape. See map.js, features.js.
"use strict";

Object.assign(window.kumageo, (() => {
  const { draw, element, focus, Point, radiusAt, addLabels, around } = window.kumageo;
  const NAME_ZOOM = 11;

  function addWells(group, options) {
    draw(group, options.url, (data, map) => {
      const places = data.features.map((place) => withShown(place, options)).filter(({ shown }) => shown.length);
      // The unusual lie above the usual.
      places.sort((one, other) => other.rank - one.rank);
      const marks = places.map((place) => markOf(place, options, map));
      const points = L.featureGroup(marks);
      points.bindTooltip((mark) => element("span", "", mark.names));
      points.on("click", ({ layer }) => openWells(layer.shown, layer.getLatLng(), options, map));
      group.addLayer(points);
      nameWells(group, map, places);
      stamp(map, options.stamp);
      const resize = () => marks.forEach((mark) => mark.setRadius(radiusAt(map.getZoom()) + 2));
      resize();
      map.on("zoomend", resize);
      group.on("remove", () => map.off("zoomend", resize));
      map.getContainer().dataset.points = JSON.stringify({ places: places.length, wells: places.flatMap(({ shown }) => shown).length });
      focus(map, options.focus);
    });
  }

  function withShown(place, options) {
    const shown = place.properties.wells.filter(({ id }) => options.classes[id]);
    const ranks = shown.map(({ id }) => options.order.indexOf(options.classes[id]));
    return { place, shown, rank: Math.min(...ranks) };
  }

  function markOf({ place, shown, rank }, options) {
    const [lon, lat] = place.geometry.coordinates;
    const { shape, fill } = options.styles[options.order[rank]];
    const isSelected = place.properties.id === options.selectedId;
    const mark = new Point([lat, lon], {
      shape, fillColor: fill, fillOpacity: 1, bubblingMouseEvents: false,
      color: isSelected ? options.accent : shape === "hollow" ? "#404040" : "#ffffff",
      weight: isSelected ? 4 : shape === "hollow" ? 2 : 1.2,
    });
    mark.feature = { type: "Feature", properties: { id: place.properties.id }, geometry: place.geometry };
    mark.shown = shown;
    mark.names = shown.map(({ name }) => name).join("、");
    return mark;
  }

  function nameWells(group, map, places) {
    addLabels(group, map, places.map(({ place, shown, rank }) => {
      const [lon, lat] = place.geometry.coordinates;
      const [first] = shown;
      const text = shown.length > 1 ? `${first.name} +${shown.length - 1}` : first.name;
      return { texts: [text], rank, zoomMin: NAME_ZOOM, className: "", places: around({ lat, lon }, text, 4) };
    }), places.map(({ place: { geometry: { coordinates: [lon, lat] } } }) => ({ lat, lon, r: 6 })));
  }

  function openWells(shown, at, options, map) {
    const box = element("div", "kg-popup");
    if (shown.length > 1) box.append(element("p", "kg-kind", options.texts.same_place.replace("<n>", shown.length)));
    for (const well of shown) box.append(...describe(well, options));
    const { x, y } = map.getSize();
    L.popup({ minWidth: Math.min(260, x - 60), maxWidth: 320, maxHeight: y - 80 }).setLatLng(at).setContent(box).openOn(map);
  }

  function describe(well, options) {
    const owner = well.owner_inferred ? `${well.owner}${options.texts.inferred}` : well.owner;
    const facts = [owner, well.screen_mark, options.labels[options.classes[well.id]]].filter(Boolean);
    const lines = [element("h3", "", well.name), element("p", "kg-kind", facts.join("、"))];
    for (const text of [options.said[well.id], well.position_note]) {
      if (text) lines.push(element("p", "", text));
    }
    return lines;
  }

  // Simulated readings are never to be taken for measured ones, in a screenshot neither.
  function stamp(map, text) {
    const container = map.getContainer();
    container.querySelector(".kg-stamp")?.remove();
    if (text) container.append(element("div", "kg-stamp", text));
  }

  return { addWells, openWells, stamp };
})());
