// Roads by volume and hour. The hour, the day and the measure change here, in the browser:
// no page is run again for them. See map.js and features.js.
"use strict";

Object.assign(window.kumageo, (() => {
  const { draw, element, setText, plain, write, number, button, keepInLink, showLegend } = window.kumageo;
  const { Point, popup, radiusAt, addLabels, arrangeLabels, around } = window.kumageo;
  const N_HOURS = 24;
  const STEP_MS = 1200;
  const ROAD_RANK = 0;
  const LANDMARK_RANK = 50;
  const LANDMARK_ZOOM = 11;

  const count = (value) => (value === undefined ? "" : number(value));
  const figure = (value, { id }) => number(value, id === "speed_kmh" ? 1 : 0);

  // ---- what is shown, kept while the page draws the group anew --------------------------------

  function addTraffic(group, options) {
    draw(group, options.urls, ([corridors, stations, bottlenecks, landmarks], map) => {
      map.kumageo.choice ??= { ...options.choice };
      const byCode = new Map(stations.features.map((one) => [one.properties.point_code, one.properties]));
      const scene = { map, group, options, byCode, roads: [], marks: [] };
      const stationPlaces = stations.features.concat(bottlenecks.features).map((one) => placeOf(one, 8));
      corridors.features.forEach((road) => addCorridor(scene, road));
      landmarks.features.forEach((place) => addLandmark(scene, place));
      bottlenecks.features.forEach((place) => addBottleneck(scene, place));
      stations.features.forEach((station) => addStation(scene, station));
      map.kumageo.scene = scene;
      labelRoads(scene, landmarks, stationPlaces);
      const resize = () => scene.marks.forEach(({ mark }) => mark.setRadius(radiusAt(map.getZoom()) + 1));
      map.on("zoomend", resize);
      if (!map.kumageo.hourInput) addControls(map, options);
      map.kumageo.controls.hidden = false;
      group.on("remove", () => { map.off("zoomend", resize); map.kumageo.controls.hidden = true; });
      group.on("add", () => { map.on("zoomend", resize); map.kumageo.controls.hidden = false; map.kumageo.scene = scene; show(scene); resize(); });
      show(scene);
      resize();
      const counts = { corridors: scene.roads.length, stations: stations.features.length, bottlenecks: bottlenecks.features.length };
      map.getContainer().dataset.points = JSON.stringify(counts);
    });
  }

  function readHour(properties, { period, day, hour }) {
    const mean = properties?.profiles[period]?.[day];
    if (!mean) return null;
    const [up, down] = [mean.up[hour], mean.down[hour]];
    const both = up + down;
    const large = mean.up_large[hour] + mean.down_large[hour];
    return {
      up, down, both, n_days: mean.n_days,
      large_pct: both ? (100 * large) / both : null,
      split_pct: both ? (100 * Math.max(up, down)) / both : null,
      heavier: up >= down ? "up" : "down",
    };
  }

  // What is known of a road at the hour: of its station, and speeds of its own.
  function readRoad({ properties }, byCode, choice) {
    const hour = readHour(byCode.get(properties.point_code), choice);
    const speed = properties.speeds[choice.period]?.[choice.day]?.[choice.hour];
    return hour || speed ? { ...hour, speed_kmh: speed ?? null } : null;
  }

  function classOf(value, { breaks, isReversed }) {
    return breaks.reduce((found, low, number) => ((isReversed ? value > low : value >= low) ? number : found), 0);
  }

  function pick(list, value, measure) {
    const number = classOf(value, measure);
    return list[measure.isReversed ? list.length - 1 - number : number];
  }

  // ---- drawing ------------------------------------------------------------------------------

  function addCorridor(scene, road) {
    const { group, options } = scene;
    const properties = road.properties;
    const casing = L.geoJSON(road, { style: { color: "#4d4d4d" }, interactive: false });
    const line = L.geoJSON(road, { style: {}, bubblingMouseEvents: false });
    line.bindTooltip(() => element("span", "", properties.name), { sticky: true });
    line.on("click", ({ latlng }) => openAt(scene.map, latlng, popup(properties, options.popups.corridor)));
    group.addLayer(casing).addLayer(line);
    if (properties.works) {
      group.addLayer(L.geoJSON(road, { style: { color: "#1a1a1a", weight: 2, dashArray: "2 9" }, interactive: false }));
    }
    scene.roads.push({ properties, casing, line });
  }

  function labelRoads(scene, landmarks, marks) {
    const roads = scene.roads.map(({ properties }) => (
      { texts: [properties.name], rank: ROAD_RANK, zoomMin: 0, className: "kg-road-name", places: listPlaces(properties) }
    ));
    const places = landmarks.features.map((one) => {
      const { name: text, kind } = one.properties;
      const rank = kind === "plant" ? LANDMARK_RANK : LANDMARK_RANK + 1;
      return { texts: [text], rank, zoomMin: LANDMARK_ZOOM, className: "", places: around(placeOf(one), text, 6) };
    });
    const squares = landmarks.features.map((one) => placeOf(one, 5));
    const labels = addLabels(scene.group, scene.map, [...roads, ...places], [...marks, ...squares]);
    scene.roads.forEach((road, number) => { road.label = labels[number]; });
  }

  function placeOf({ geometry: { coordinates: [lon, lat] } }, r) {
    return { lat, lon, r };
  }

  function listPlaces({ label_places: places }) {
    return places.flatMap(([lon, lat]) => [0, -24, 24].map((dy) => ({ lat, lon, dx: 0, dy })));
  }

  function addStation(scene, { properties, geometry }) {
    const isSelected = properties.point_code === scene.options.selectedStation;
    const mark = pointOf(geometry, "diamond", { color: isSelected ? scene.options.accent : "#1a1a1a", weight: isSelected ? 4 : 1.5 });
    mark.feature = { type: "Feature", properties, geometry };
    mark.bindTooltip(() => element("span", "", describe(scene, properties)));
    scene.group.addLayer(mark);
    scene.marks.push({ mark, properties });
  }

  function addBottleneck(scene, { properties, geometry }) {
    const isConfirmed = properties.status === "confirmed";
    const colour = properties.status === "released" ? "#595959" : scene.options.bottleneckColour;
    const mark = pointOf(geometry, "triangle", { color: isConfirmed ? "#ffffff" : colour, weight: isConfirmed ? 1.5 : 2.5, fillColor: isConfirmed ? colour : "#ffffff" });
    mark.bindTooltip(() => element("span", "", properties.name));
    mark.on("click", ({ latlng }) => openAt(scene.map, latlng, popup(properties, scene.options.popups.bottleneck)));
    scene.group.addLayer(mark);
    scene.marks.push({ mark });
  }

  function addLandmark(scene, { properties, geometry }) {
    const [lon, lat] = geometry.coordinates;
    const html = element("span", `kg-landmark kg-${properties.kind}`);
    const icon = L.divIcon({ className: "kg-place", html, iconSize: [0, 0] });
    scene.group.addLayer(L.marker([lat, lon], { icon, interactive: false, keyboard: false, pane: "kg-labels" }));
  }

  function pointOf({ coordinates: [lon, lat] }, shape, style) {
    return new Point([lat, lon], { shape, fillOpacity: 1, bubblingMouseEvents: false, ...style });
  }

  function openAt(map, latlng, content) {
    const { x, y } = map.getSize();
    L.popup({ minWidth: Math.min(300, x - 60), maxWidth: 320, maxHeight: y - 80 }).setLatLng(latlng).setContent(content).openOn(map);
  }

  // ---- the chosen hour -----------------------------------------------------------------------

  function show(scene) {
    const { map, options, roads, marks, byCode } = scene;
    const { choice } = map.kumageo;
    const measure = options.measures.find(({ id }) => id === choice.measure);
    for (const road of roads) styleRoad(road, readRoad(road, byCode, choice), measure, options);
    for (const { mark, properties } of marks) {
      if (properties) mark.setStyle({ fillColor: colourOf(readHour(properties, choice), measure, options) });
    }
    arrangeLabels(map);
    setText(map.kumageo.sentence, sentence(scene));
    showLegend(map, { title: write(options.texts.head, measure), entries: listEntries(measure, options) });
    const container = map.getContainer();
    container.dataset.hour = choice.hour;
    container.dataset.measured = roads.filter(({ isMeasured }) => isMeasured).length;
  }

  function colourOf(hour, measure, options) {
    const value = hour?.[measure.id] ?? null;
    return value === null ? options.unknown : pick(options.colours, value, measure);
  }

  function styleRoad(road, hour, measure, options) {
    const value = hour?.[measure.id] ?? null;
    const width = value === null ? 4 : pick(options.widths, value, measure);
    road.isMeasured = value !== null;
    road.casing.setStyle({ weight: width + 2.5, opacity: value === null ? 0 : 1 });
    road.line.setStyle({
      color: value === null ? "#7d7d7d" : colourOf(hour, measure, options),
      weight: width, opacity: 1, dashArray: value === null ? "7 7" : null,
    });
    const { name } = road.properties;
    const said = { name, value: value === null ? "" : figure(value, measure), unit: measure.unit, up: count(hour?.up), down: count(hour?.down) };
    const short = write(options.texts.label_short, said);
    if (value === null) road.label.texts = [`${name} ${options.texts.not_measured}`];
    else road.label.texts = hour.up === undefined ? [short] : [write(options.texts.label, said), short];
    road.label.isNeeded = value !== null;
    road.label.rank = ROAD_RANK + (value === null ? 1 : 0);
    road.label.node.className = `kg-road-name${value === null ? " kg-unmeasured" : ""}`;
  }

  function nameChoice({ kumageo: { choice } }, options) {
    const name = (list, id) => options[list].find((one) => one.id === id).label;
    return { day: name("days", choice.day), period: name("periods", choice.period), hour: choice.hour };
  }

  function describe({ map, options }, properties) {
    const hour = readHour(properties, map.kumageo.choice);
    if (!hour) return `${properties.name}：${write(options.texts.no_days, nameChoice(map, options))}`;
    const values = { name: properties.name, value: count(hour.both), unit: options.measures[0].unit, up: count(hour.up), down: count(hour.down) };
    const place = properties.corridor_id ? "" : options.texts.reference;
    return write(options.texts.label, values) + place;
  }

  function sentence({ map, options, roads, byCode }) {
    const { choice } = map.kumageo;
    const { texts } = options;
    const common = nameChoice(map, options);
    const hours = roads.map((road) => [road.properties, readRoad(road, byCode, choice)]).filter(([, hour]) => hour);
    const said = hours.map(([properties, hour]) => {
      const speed = hour.speed_kmh === null ? "" : write(texts.sentence_speed, { name: properties.name, hour: choice.hour, speed: hour.speed_kmh });
      if (hour.up === undefined) return speed;
      const values = { ...common, name: properties.name, both: count(hour.both), up: count(hour.up), down: count(hour.down), n_days: hour.n_days };
      return write(texts.sentence, { ...values, large: number(hour.large_pct ?? 0, 1) }) + speed;
    });
    if (!said.length) said.push(write(texts.no_days, common));
    said.push(write(texts.sentence_rest, { n: roads.filter((road) => !road.properties.point_code && !readRoad(road, byCode, choice)).length }));
    return said.filter(Boolean).join(texts.between);
  }

  function listEntries(measure, options) {
    const entries = measure.breaks.map((low, number) => {
      const high = measure.breaks[number + 1];
      const label = high === undefined ? write(options.texts.legend_more, { low: count(low) }) : `${count(low)}–${count(high)}`;
      const position = measure.isReversed ? options.colours.length - 1 - number : number;
      return { label, colour: options.colours[position], shape: "road" };
    });
    entries.push({ label: options.texts.not_measured, colour: "#7d7d7d", shape: "gap" });
    entries.push({ label: options.texts.legend_station, colour: "#ffffff", shape: "diamond" });
    for (const { id, label } of options.statuses) entries.push({ label, colour: options.bottleneckColour, shape: `triangle kg-${id}` });
    entries.push({ label: options.texts.legend_works, colour: "#1a1a1a", shape: "dots" });
    return entries.concat(options.bufferEntries);
  }

  // ---- the controls, below the map -------------------------------------------------------------

  function addControls(map, options) {
    const { texts } = options;
    const { choice, controls } = map.kumageo;
    const shown = element("output", "kg-hour");
    const slider = element("input");
    Object.assign(slider, { type: "range", min: 0, max: N_HOURS - 1, step: 1, value: choice.hour });
    map.kumageo.hourInput = slider;
    const own = document.getElementById("embed-words"); // an embed has a place for its sentence
    map.kumageo.sentence = own ?? element("p", "kg-sentence");
    map.kumageo.sentence.setAttribute("role", "status");
    const update = () => {
      choice.hour = Number(slider.value);
      tellHour(shown, slider, choice, texts);
      show(map.kumageo.scene);
      keepInLink({ hour: choice.hour, day: choice.day, period: choice.period, measure: choice.measure });
    };
    slider.addEventListener("input", update);
    const hours = element("label", "kg-slider");
    hours.append(element("span", "", texts.hour), slider, shown);
    const choices = ["day", "period", "measure"].map((name) => choiceOf(name, options, choice, update));
    controls.append(playButton(map, slider, update, texts), hours, ...choices);
    if (!own) controls.append(map.kumageo.sentence);
    tellHour(shown, slider, choice, texts);
  }

  function tellHour(shown, slider, { hour }, texts) {
    const text = write(texts.hour_of, { hour });
    setText(shown, text);
    slider.setAttribute("aria-valuetext", plain(text));
  }

  function choiceOf(name, options, choice, update) {
    const label = element("label");
    const list = element("select");
    for (const one of options[`${name}s`]) {
      const item = element("option", "", one.label);
      item.value = one.id;
      list.append(item);
    }
    list.value = choice[name];
    list.addEventListener("change", () => { choice[name] = list.value; update(); });
    label.append(element("span", "", options.texts[name]), list);
    return label;
  }

  // While it plays, the sentence changes but is not read out.
  function playButton(map, slider, update, texts) {
    let timer = null;
    const play = button(texts.play, () => {
      const isPlaying = timer !== null;
      window.clearInterval(timer);
      timer = isPlaying ? null : window.setInterval(() => {
        slider.value = (Number(slider.value) + 1) % N_HOURS;
        update();
      }, STEP_MS);
      setText(play, isPlaying ? texts.play : texts.stop);
      play.setAttribute("aria-pressed", String(!isPlaying));
      map.kumageo.sentence.setAttribute("aria-live", isPlaying ? "polite" : "off");
    });
    play.setAttribute("aria-pressed", "false");
    return play;
  }

  return { addTraffic, readHour, describeStation: describe };
})());
