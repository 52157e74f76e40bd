// Names on the map: they stand where they fit, the more important first, none over another or
// over a mark. See map.js.
"use strict";

Object.assign(window.kumageo, (() => {
  const { element, setText, plain } = window.kumageo;
  const LINE_PX = 18;
  const READING_PX = 9; // furigana above the line
  const FIRST_WIDE_LETTER = 0x2e80; // Japanese letters are about twice as wide as Latin ones

  // A label is { texts, rank, zoomMin, className, places: [{ lat, lon, dx, dy }] }, dx and dy in
  // pixels. The first text that is free at one of the places is written, the longest first; one
  // that isNeeded may cover a mark in the end, but no other name.
  function addLabels(group, map, labels, marks = []) {
    const set = { labels: labels.map(withNode), marks };
    map.kumageo.names ??= startArranging(map);
    const change = (act) => () => {
      map.kumageo.names.sets[act](set);
      arrangeLabels(map);
    };
    change("add")();
    group.on("add", change("add"));
    group.on("remove", change("delete"));
    return set.labels;
  }

  // All names stand in one node: as a marker each, the browser makes each a layer of its own.
  function startArranging(map) {
    const place = element("div", "kg-names leaflet-zoom-hide");
    map.getPane("kg-labels").append(place);
    map.on("zoomend moveend resize", () => arrangeLabels(map));
    map.on("zoom viewreset", () => map.kumageo.names.standing.forEach((label) => put(map, label)));
    return { sets: new Set(), place, standing: [] };
  }

  function withNode(label) {
    const [box, node] = [element("div", "kg-name"), element("span", label.className)];
    box.append(node);
    return { ...label, box, node };
  }

  // Where the type is larger, as on a screen in a hall, so are the labels' boxes.
  function scaleOf(map) {
    return Number(getComputedStyle(map.getContainer()).getPropertyValue("--kg-label-scale")) || 1;
  }

  function widthOf(text) {
    return [...plain(text)].reduce((sum, letter) => sum + (letter.codePointAt(0) >= FIRST_WIDE_LETTER ? 13.5 : 7.5), 14);
  }

  function heightOf(text) {
    return text.includes("《") ? LINE_PX + READING_PX : LINE_PX;
  }

  // The four sides of a mark, for places of a label.
  function around({ lat, lon }, text, gap) {
    const side = widthOf(text) / 2 + gap;
    const line = heightOf(text);
    return [[side, 0], [-side, 0], [0, -line], [0, line]].map(([dx, dy]) => ({ lat, lon, dx, dy }));
  }

  // Once a frame, however often the map has moved and names have come.
  function arrangeLabels(map) {
    map.kumageo.arranging ??= requestAnimationFrame(() => {
      map.kumageo.arranging = undefined;
      arrangeNow(map);
    });
  }

  function arrangeNow(map) {
    const { names } = map.kumageo;
    names.standing = chooseLabels(map, [...names.sets]);
    names.place.replaceChildren(...names.standing.map(({ box }) => box));
  }

  // Those that stand, each where it fits.
  function chooseLabels(map, sets) {
    const taken = sets.flatMap(({ marks }) => marks.map(({ lat, lon, r }) => boxOf(map, { lat, lon }, r, r)));
    taken.push(...listControls(map));
    const labels = sets.flatMap((set) => set.labels).sort((one, other) => one.rank - other.rank);
    const zoom = map.getZoom();
    const scale = scaleOf(map);
    const [names, standing] = [[], []];
    for (const label of labels) {
      if (zoom < label.zoomMin) continue;
      for (const text of label.texts) {
        const [width, height] = [scale * widthOf(text), scale * heightOf(text)];
        const boxOfText = (place) => boxOf(map, place, width / 2, height / 2);
        const near = label.places.filter((place) => isInside(boxOfText(place), map.getSize()));
        const isLast = label.isNeeded && text === label.texts.at(-1);
        const found = near.find((place) => isFree(boxOfText(place), taken))
          ?? (isLast ? near.find((place) => isFree(boxOfText(place), names)) : undefined);
        if (!found) continue;
        taken.push(boxOfText(found));
        names.push(boxOfText(found));
        write(map, label, text, found);
        standing.push(label);
        break;
      }
    }
    return standing;
  }

  function write(map, label, text, place) {
    const { dx = 0, dy = 0 } = place;
    setText(label.node, text);
    label.node.style.left = `${dx}px`;
    label.node.style.top = `${dy}px`;
    label.place = place;
    put(map, label);
  }

  function put(map, { box, place: { lat, lon } }) {
    const { x, y } = map.latLngToLayerPoint([lat, lon]);
    box.style.left = `${x}px`;
    box.style.top = `${y}px`;
  }

  function boxOf(map, { lat, lon, dx = 0, dy = 0 }, halfWidth, halfHeight) {
    const at = map.latLngToContainerPoint([lat, lon]);
    const [x, y] = [at.x + dx, at.y + dy];
    return [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight];
  }

  // Where the buttons of the zoom and the scale stand.
  function listControls(map) {
    const frame = map.getContainer().getBoundingClientRect();
    return [...map.getContainer().querySelectorAll(".leaflet-control")].map((control) => {
      const { left, top, right, bottom } = control.getBoundingClientRect();
      return [left - frame.left, top - frame.top, right - frame.left, bottom - frame.top];
    });
  }

  // A name that is cut off by the edge of the map is worse than none.
  function isInside([left, top, right, bottom], size) {
    return left >= 0 && top >= 0 && right <= size.x && bottom <= size.y;
  }

  function isFree(box, taken) {
    return taken.every((other) => other[2] < box[0] || box[2] < other[0] || other[3] < box[1] || box[3] < other[1]);
  }

  return { addLabels, arrangeLabels, around };
})());
