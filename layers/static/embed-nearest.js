// The places nearest to a point, worked out in the browser: the point never leaves it.
"use strict";

Object.assign(window.kumageo, (() => {
  const { element, write, number, button, openerOf, addNearest, openFacility, listHazards, say } = window.kumageo;
  const RADIUS_M = 6378137; // GRS80
  const ECCENTRICITY_2 = 0.006694380022901;
  const ACCENT = "#0017c1";
  const panel = document.getElementById("embed-near");

  // Straight lines of a few kilometres: by the two radii of the ellipsoid in the middle.
  function measure([lon, lat], [otherLon, otherLat]) {
    const radians = Math.PI / 180;
    const middle = ((lat + otherLat) / 2) * radians;
    const part = 1 - ECCENTRICITY_2 * Math.sin(middle) ** 2;
    const north = (RADIUS_M * (1 - ECCENTRICITY_2)) / part ** 1.5;
    const east = (RADIUS_M / Math.sqrt(part)) * Math.cos(middle);
    return Math.hypot((otherLon - lon) * radians * east, (otherLat - lat) * radians * north);
  }

  function startNearest(scene) {
    scene.map.on("click", ({ latlng, originalEvent }) => {
      const point = `${latlng.lng.toFixed(4)},${latlng.lat.toFixed(4)}`;
      setPoint(scene, point, Boolean(originalEvent));
    });
  }

  // A place that was pressed becomes part of the link; where the reader is does not.
  function setPoint(scene, point, isKept) {
    scene.point = point;
    const address = new URL(window.location.href);
    address.searchParams.delete("point");
    delete scene.values.point;
    address.hash = point && isKept ? `point=${point}` : "";
    try {
      window.history.replaceState(window.history.state, "", address);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error; // a page in a file keeps its address
    }
    scene.update("point");
  }

  // A site and a shelter of one name at one position are one place.
  function find(scene) {
    const at = scene.point.split(",").map(Number);
    const places = new Map();
    for (const feature of scene.shown) {
      const { properties, geometry: { coordinates } } = feature;
      if (properties.restricted && scene.values.restricted !== "1") continue;
      const key = [properties.name, ...coordinates].join("\n");
      if (places.has(key)) places.get(key).features.push(feature);
      else places.set(key, { features: [feature], metres: measure(at, coordinates) });
    }
    return [...places.values()].sort((one, other) => one.metres - other.metres).slice(0, scene.config.nNearest);
  }

  function isInside(scene) {
    const [lon, lat] = scene.point.split(",").map(Number);
    const [west, south, east, north] = scene.config.bounds;
    return west <= lon && lon <= east && south <= lat && lat <= north;
  }

  function focusNearest(scene) {
    scene.nearest = scene.point && isInside(scene) ? find(scene) : [];
    if (!scene.nearest.length) return undefined;
    const all = [scene.point.split(",").map(Number), ...scene.nearest.map(({ features }) => features[0].geometry.coordinates)];
    const sides = [0, 1].map((axis) => all.map((one) => one[axis]));
    const bounds = [...sides.map((side) => Math.min(...side)), ...sides.map((side) => Math.max(...side))];
    return { bounds, token: scene.point };
  }

  function drawNearest(group, scene) {
    const { point, nearest, focus, texts } = scene;
    showPanel(scene);
    scene.map.getContainer().dataset.nearest = nearest.length;
    if (!point || !isInside(scene)) return;
    const [lon, lat] = point.split(",").map(Number);
    const places = nearest.map(({ features: [{ properties, geometry }] }, rank) => (
      { rank: rank + 1, name: properties.name, lon: geometry.coordinates[0], lat: geometry.coordinates[1] }
    ));
    addNearest(group, { point: { lon, lat }, label: texts.point, places, accent: ACCENT, focus });
  }

  // ---- in words ---------------------------------------------------------------------------------

  function showPanel(scene) {
    const { texts, point, nearest, choice, values } = scene;
    if (!point) {
      panel.replaceChildren(element("p", "embed-remark", texts.point_help), centreButton(scene));
      return;
    }
    const parts = [element("h2", "", write(texts.nearest, { n: number(nearest.length) }))];
    if (!isInside(scene)) parts.splice(0, 1, element("p", "embed-alert", texts.outside));
    else if (!nearest.length) parts.push(element("p", "embed-alert", texts.nearest_none));
    if (nearest.length && !choice.hazards.length && choice.kinds.includes("site")) parts.push(element("p", "embed-alert", texts.nearest_no_hazard));
    const list = element("ol");
    list.append(...nearest.map((place) => itemOf(place, scene)));
    if (nearest.length) parts.push(list);
    const isNarrowed = values.region || values.m || choice.text;
    const caution = [texts.nearest_caution, isNarrowed && texts.nearest_narrowed, values.restricted !== "1" && texts.restricted_left_out];
    if (nearest.length) parts.push(element("p", "embed-remark", say(caution)));
    parts.push(button(texts.clear_point, () => setPoint(scene, "", false)), centreButton(scene));
    panel.replaceChildren(...parts);
  }

  // For those who move the map by keys and can't press on it.
  function centreButton(scene) {
    return button(scene.texts.from_centre, () => {
      const { lng, lat } = scene.map.getCenter();
      setPoint(scene, `${lng.toFixed(4)},${lat.toFixed(4)}`, true);
      panel.querySelector("button")?.focus();
    });
  }

  function itemOf({ features, metres }, scene) {
    const { texts, config } = scene;
    const [{ properties }] = features;
    const item = element("li");
    const opener = openerOf(properties.name, () => openFacility(scene, features[0], opener), texts);
    const kinds = [...new Set(features.map((one) => one.properties.kind))].map((kind) => config.kinds[kind]).join(texts.joint);
    const [minutes, frail] = config.speeds.map((speed) => number(Math.ceil(metres / speed / 60)));
    item.append(opener, element("span", "embed-kind", kinds), element("span", "embed-far", write(texts.nearest_item, { metres: number(Math.round(metres)), minutes, frail })));
    const served = listHazards(scene, properties);
    if (served) item.append(element("span", "embed-serves", write(texts.serves, { value: served })));
    if (properties.accepts) item.append(element("span", "embed-serves", write(texts.restricted_mark, { accepts: properties.accepts })));
    return item;
  }

  return { startNearest, drawNearest, focusNearest, measure };
})());
