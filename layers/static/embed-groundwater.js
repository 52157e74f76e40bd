// The embed of the groundwater wells: those of a place, by class.
"use strict";

Object.assign(window.kumageo, (() => {
  const { load, write, number, openPlace, openWells, changeAreas, listInside, say } = window.kumageo;

  async function prepare(scene) {
    scene.wellOptions = scene.calls.find(([name]) => name === "addWells")[1];
    scene.places = (await load(scene.wellOptions.url)).features;
    scene.classOf = scene.wellOptions.classes;
    scene.legend = scene.calls.find(([name]) => name === "setLegend")[1];
  }

  // Wells without a municipality are among those of the whole prefecture only.
  function select(scene) {
    const codes = listInside(scene);
    scene.shown = scene.config.wells.filter(({ m }) => !codes.length || codes.includes(m));
  }

  function change(name, options, scene) {
    if (name === "addAreas") return changeAreas(options, scene);
    const placed = scene.shown.filter(({ place }) => place);
    if (name === "setLegend") return { ...options, entries: listEntries(options.entries, placed, scene) };
    const ofWell = scene.config.wells.find(({ id }) => id === scene.values.well);
    const classes = Object.fromEntries(placed.map(({ id }) => [id, scene.classOf[id]]));
    return { ...options, classes, selectedId: ofWell?.place ?? "" };
  }

  function listEntries(entries, placed, { config, classOf, texts }) {
    return entries.map((entry) => {
      const n = placed.filter(({ id }) => config.classes[classOf[id]] === entry.label).length;
      return { ...entry, n, count: write(texts.count, { n: number(n) }) };
    }).filter(({ n }) => n > 0);
  }

  function describe({ shown, texts, config, classOf }) {
    const placed = shown.filter(({ place }) => place);
    const unplaced = shown.filter(({ place }) => !place).map(({ name }) => name);
    const sentences = [write(texts.words, { n: number(shown.length), n_placed: number(placed.length), n_places: number(new Set(placed.map(({ place }) => place)).size) })];
    if (unplaced.length) sentences.push(write(texts.unplaced, { names: unplaced.join(texts.list) }));
    if (texts.none) return say([...sentences, texts.none]);
    const counts = new Map();
    for (const { id } of shown) counts.set(classOf[id], (counts.get(classOf[id]) ?? 0) + 1);
    const listed = [...counts].filter(([name]) => name && name !== "none").map(([name, n]) => write(texts.class, { name: config.classes[name], n: number(n) }));
    const nKnown = [...counts].filter(([name]) => name && name !== "none" && name !== "position").reduce((sum, [, n]) => sum + n, 0);
    return say([...sentences, write(texts.known, { n: number(nKnown), listed: listed.join(texts.list) || "—" })]);
  }

  function table(scene) {
    const { shown, texts, config, classOf } = scene;
    const columns = ["name", "owner", "place", "municipality", "level_class", "reason"].map((name) => ({ label: texts[`column_${name}`] }));
    const rows = shown.map((well) => ({
      cells: [well.name, well.owner, well.at, config.places.municipalities[well.m]?.name ?? texts.unknown, config.classes[classOf[well.id] ?? "none"], well.said],
      open: well.place && ((opener) => open(scene, well, opener)),
    }));
    return { columns, rows };
  }

  function open({ places, map, wellOptions }, { place: placeId }, opener) {
    const place = places.find(({ properties }) => properties.id === placeId);
    const [lon, lat] = place.geometry.coordinates;
    openPlace(map, { lat, lon }, opener, () => openWells(place.properties.wells, [lat, lon], wellOptions, map), 13);
  }

  // A link to a well opens it.
  function add(group, scene) {
    const well = scene.config.wells.find(({ id }) => id === scene.values.well);
    if (!well?.place || scene.hasOpened) return;
    scene.hasOpened = true;
    const place = scene.places.find(({ properties }) => properties.id === well.place);
    const [lon, lat] = place.geometry.coordinates;
    group.once("add", () => openWells(place.properties.wells, [lat, lon], scene.wellOptions, scene.map));
  }

  return { embed: { prepare, select, change, add, say: describe, table } };
})());
