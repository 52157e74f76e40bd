// Light data come in columns of whole numbers: here they become features. See layers/compact.py.
"use strict";

Object.assign(window.kumageo, (() => {
  const STEPS = 100000; // of a degree
  const AREA_STEPS = 10000;

  // Each number is the difference to the one before.
  function add(steps) {
    let sum = 0;
    return steps.map((step) => { sum += step; return sum; });
  }

  function unpack(data) {
    return data.shapes ? unpackAreas(data) : unpackFacilities(data);
  }

  function unpackAreas({ codes, shapes, labels }) {
    const features = shapes.map((polygons, number) => ({
      type: "Feature",
      properties: { code: codes[number], municipality_code: codes[number] },
      geometry: { type: "MultiPolygon", coordinates: polygons.map((rings) => rings.map(unpackRing)) },
    }));
    return { type: "FeatureCollection", isLight: true, labels, outlines: {}, features };
  }

  function unpackRing(steps) {
    const points = [];
    let [x, y] = [0, 0];
    for (let at = 0; at < steps.length; at += 2) {
      x += steps[at];
      y += steps[at + 1];
      points.push([x / AREA_STEPS, y / AREA_STEPS]);
    }
    points.push(points[0]);
    return points;
  }

  function unpackFacilities({ codes, hazards, names, kinds }) {
    const unpacked = Object.entries(kinds).map(([kind, columns]) => [kind, unpackKind(kind, columns, { codes, hazards, names })]);
    return Object.fromEntries(unpacked);
  }

  function unpackKind(kind, columns, { codes, hazards, names }) {
    const [name, municipality, lon, lat] = ["name", "municipality", "lon", "lat"].map((column) => add(columns[column]));
    const [outside, restricted] = [new Set(columns.outside), new Set(columns.restricted)];
    const features = name.map((_, position) => {
      const properties = {
        id: `${kind}-${position}`, kind, position, name: names[name[position]],
        municipality_code: codes[municipality[position]],
        outside: outside.has(position), restricted: restricted.has(position),
      };
      const bits = columns.hazards?.[position] ?? 0;
      hazards.forEach((hazard, number) => { properties[hazard] = (bits >> number) & 1; });
      const geometry = { type: "Point", coordinates: [lon[position] / STEPS, lat[position] / STEPS] };
      return { type: "Feature", properties, geometry };
    });
    return { type: "FeatureCollection", features };
  }

  return { unpack };
})());
