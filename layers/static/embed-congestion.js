// The embed of the roads: the map's own controls choose hour, day, period and measure.
"use strict";

Object.assign(window.kumageo, (() => {
  const { element, write, number, readHour, describeStation, openPlace, changeAreas, load } = window.kumageo;
  const OWN = ["hour", "day", "period", "measure"]; // written into the address by the map

  async function prepare(scene) {
    scene.traffic = scene.calls.find(([name]) => name === "addTraffic")[1];
    scene.stations = (await load(scene.traffic.urls[1])).features;
    window.addEventListener("kumageo:link", () => { if (scene.group) scene.refresh(); });
  }

  // What the reader chose on the map is kept; what a parent page chose takes its place.
  function select(scene, reason) {
    const { map, values } = scene;
    const { choice } = map.kumageo;
    if (reason === "query" && choice) {
      map.kumageo.choice = undefined;
      map.kumageo.hourInput = undefined;
      map.kumageo.controls.replaceChildren();
    } else if (choice) {
      for (const name of OWN) values[name] = String(choice[name]);
    }
  }

  function change(name, options, scene) {
    if (name === "addAreas") return changeAreas(options, scene);
    const { values } = scene;
    const chosen = Object.fromEntries(OWN.filter((one) => values[one]).map((one) => [one, one === "hour" ? Number(values[one]) : values[one]]));
    return { ...options, choice: { ...options.choice, ...chosen }, selectedStation: values.station ?? "" };
  }

  function focus({ values, config }) {
    return values.region || values.m ? undefined : { bounds: config.bounds, token: "/" };
  }

  function table(scene) {
    const { texts, traffic, stations, map } = scene;
    const choice = map.kumageo.choice ?? traffic.choice;
    const label = (list, id) => traffic[list].find((one) => one.id === id).label;
    const caption = write(texts.caption, { period: label("periods", choice.period), day: label("days", choice.day), hour: choice.hour });
    const columns = ["name", "both", "n_up", "n_down", "large_pct", "n_days"].map((name) => ({ label: texts[`column_${name}`], isNumber: name !== "name" }));
    const rows = stations.map((station) => {
      const { properties } = station;
      const hour = readHour(properties, choice);
      const figures = hour ? [number(hour.both), number(hour.up), number(hour.down), hour.large_pct === null ? "" : number(hour.large_pct, 1), number(hour.n_days)] : [texts.unknown, "", "", "", ""];
      return { cells: [properties.name, ...figures], open: (opener) => open(scene, station, opener) };
    });
    return { columns, rows, caption };
  }

  function open({ map }, { properties, geometry: { coordinates: [lon, lat] } }, opener) {
    const box = element("div", "kg-popup");
    box.append(element("p", "", describeStation(map.kumageo.scene, properties)));
    openPlace(map, { lat, lon }, opener, () => L.popup({ maxWidth: 300 }).setLatLng([lat, lon]).setContent(box).openOn(map), 12);
  }

  return { embed: { prepare, select, change, focus, table } };
})());
